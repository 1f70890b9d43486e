"""Whose words: the right speaker first, the other side apart, nobody's words under the wrong name."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from assistant.answer import Citation, Claim, Reported
from assistant.compose import cited, compose_what_said, leading, short_answer
from assistant.engine import Assistant
from assistant.present import answer_json
from assistant.read.judge import Verdict
from assistant.read.statements import Said
from index.archive import Archive
from index.errors import UnusableQuestion
from index.model import Filters, Span, Speaker, Statement

EXAMPLE = "who said the factions would attack?"


def speakers(assistant: Assistant, question: str, *stances: str) -> list[str]:
    answer = assistant.ask(question)
    chosen = [claim for claim in answer.claims if not stances or claim.stance in stances]
    return [claim.reported.label or "" for claim in chosen if claim.reported is not None]


def test_the_example_question_names_who_confirmed_it_first(seeds: Assistant) -> None:
    answer = seeds.ask(EXAMPLE)
    assert answer.answer is not None
    assert answer.answer.split("; ")[0] == "Mahmoud al-Rubaie"
    assert not {"Fadhel Abu Ragheef", "Ziyad al-Ani"} & set(answer.answer.split("; "))


def test_who_refuses_to_speculate_is_shown_as_that_and_never_as_support(seeds: Assistant) -> None:
    answer = seeds.ask(EXAMPLE)
    sides = {
        claim.reported.label: claim.stance
        for claim in answer.claims
        if claim.reported is not None and claim.reported.label is not None
    }
    assert sides.get("Fadhel Abu Ragheef", "declines") != "supports"
    assert sides.get("Ziyad al-Ani", "disputes") != "supports"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who said Tern Bridge would reopen in May?", "Henrike van der Meulen"),
        ("Who denied that Tern Bridge would open in May?", "Anatoly Shcherbakov"),
        ("Who said that an armed fight with the Americans might come at any moment?", "Hezbollah Brigades"),
    ],
)
def test_the_right_speaker_is_among_those_listed(seeds: Assistant, question: str, name: str) -> None:
    assert name in speakers(seeds, question)


def test_what_somebody_said_is_theirs_alone(seeds: Assistant) -> None:
    answer = seeds.ask("What did Ziyad al-Ani say about the military option?")
    assert answer.kind == "what_said"
    assert {claim.reported.label for claim in answer.claims if claim.reported is not None} == {"Ziyad al-Ani"}
    assert all(claim.stance is None for claim in answer.claims)
    assert any("military option" in claim.text for claim in answer.claims[:3])


@pytest.mark.parametrize(
    "question",
    [
        "What did Napoleon say about the bridge?",
        "What did Ziyad Shcherbakowski say about the bridge?",
        "What did she say about the bridge?",
        "Did Napoleon say that the bridge would reopen in May?",
    ],
)
def test_what_nobody_here_said_is_not_answered_with_the_words_of_others(seeds: Assistant, question: str) -> None:
    answer = seeds.ask(question)
    assert (answer.outcome, answer.claims) == ("abstained", ())


def test_an_office_stands_for_whoever_holds_it(seeds: Assistant) -> None:
    answer = seeds.ask("What did the chief bridge engineer say about the bridge?")
    labels = {claim.reported.label or "" for claim in answer.claims if claim.reported is not None}
    assert "Anatoly Shcherbakov" in labels
    assert all("Shcherbakov" in label or "engineer" in label for label in labels)


def test_who_would_not_say_stands_alone(seeds: Assistant) -> None:
    answer = seeds.ask("Who would not say whether anybody would be charged?")
    assert answer.answer == "Grace Ndiaye"
    assert {claim.stance for claim in answer.claims} == {"declines"}


def test_those_who_dispute_it_do_not_answer_an_idle_question(seeds: Assistant) -> None:
    answer = seeds.ask("Who said the dinosaurs were wiped out by a comet?")
    assert answer.outcome == "abstained"


def test_a_speaker_filter_takes_a_surname_and_refuses_who_never_speaks(seeds: Assistant) -> None:
    answer = seeds.ask("What about the bridge?", filters=Filters(speaker=("shcherbakov",)))
    assert {claim.reported.label for claim in answer.claims if claim.reported is not None} == {"Anatoly Shcherbakov"}
    with pytest.raises(UnusableQuestion, match="nobody called Napoleon"):
        seeds.ask("What about the bridge?", filters=Filters(speaker=("Napoleon",)))


def test_the_name_is_printed_where_the_answer_says(seeds: Assistant) -> None:
    claims = [claim for claim in seeds.ask(EXAMPLE).claims if claim.reported is not None]
    assert claims
    for claim in claims:
        assert claim.reported is not None
        line = json.loads(json.dumps(answer_json(seeds.ask(EXAMPLE))))["claims"][0]
        text = claim.citations[0].article.text
        speaker = claim.reported.speaker
        if speaker is not None and speaker.name is not None and speaker.named_at is not None:
            assert speaker.name in " ".join(text[speaker.named_at.start : speaker.named_at.end].split())
        assert text[claim.reported.statement.cue.start : claim.reported.statement.cue.end] == claim.reported.cue
        assert line["speaker"]["mention"]


def test_a_dateline_says_nothing(make_archive: Callable[..., Archive]) -> None:
    text = "BAGHDAD: The minister Ali Saleh said that the talks had ended. Nobody else was asked about them.\n"
    with make_archive({"a.txt": text}).snapshot() as snapshot:
        found = [stored.statement for _, stored in snapshot.all_statements(Filters())]
    mentions = {text[one.speaker.mention.start : one.speaker.mention.end] for one in found if one.speaker is not None}
    assert "BAGHDAD" not in mentions
    assert any("Ali Saleh" in mention for mention in mentions)


TEXT = "The road is closed. “It will open in May,” the mayor, Ann Doe, said on Monday. “Perhaps.” Nobody asked why.\n"


def statement(content: str, cue: str, mention: str) -> Statement:
    def at(words: str) -> Span:
        return Span(TEXT.index(words), TEXT.index(words) + len(words))

    return Statement(
        content=(at(content),), cue=at(cue), kind="direct", probability=0.9,
        speaker=Speaker(mention=at(mention), resolved="unresolved"),
    )  # fmt: skip


def test_a_statement_is_quoted_in_whole_sentences_with_its_cue_and_speaker() -> None:
    (span,) = cited(TEXT, statement("“It will open in May,”", "said", "Ann Doe"), body=0)
    assert TEXT[span.start : span.end] == "“It will open in May,” the mayor, Ann Doe, said on Monday."


def test_a_statement_that_stretches_far_is_quoted_in_its_parts() -> None:
    text = TEXT + "It rained for days. " * 60 + "He said so."
    one = statement("“It will open in May,”", "said", "Ann Doe")
    far = one.model_copy(update={"cue": Span(len(text) - 8, len(text) - 4)})
    parts = cited(text, far, body=0)
    assert [text[span.start : span.end] for span in parts] == ["“It will open in May,”", "Ann Doe", "said"]


def test_what_lies_within_an_earlier_quotation_is_not_quoted_again(make_archive: Callable[..., Archive]) -> None:
    with make_archive({"a.txt": TEXT}).snapshot() as snapshot:
        (listed,) = snapshot.listed(Filters())
    whole = statement("“It will open in May,”", "said", "Ann Doe")
    part = whole.model_copy(update={"content": (Span(TEXT.index("It will"), TEXT.index(" in May")),)})
    said = [Said((listed.article,), one, 0.9, 0.5, Verdict(1.0, 1.0), "supports", 2.0) for one in (whole, part)]
    assert len(compose_what_said(said)) == 1


def test_a_mention_that_names_nobody_is_no_answer(make_archive: Callable[..., Archive]) -> None:
    text = "She read the report, which said that the bridge was safe.\n"
    with make_archive({"a.txt": text}).snapshot() as snapshot:
        (listed,) = snapshot.listed(Filters())

    def at(words: str) -> Span:
        return Span(text.index(words), text.index(words) + len(words))

    speaker = Speaker(mention=at("which"), resolved="unresolved")
    one = Statement(
        content=(at("that the bridge was safe"),), cue=at("said"), kind="indirect", probability=0.9, speaker=speaker
    )
    claim = Claim(
        citations=(Citation(article=listed.article, start=0, end=len(text) - 1),),
        reported=Reported(article=listed.article, statement=one), stance="supports",
    )  # fmt: skip
    assert short_answer("who_said", [claim], leading("who_said")) is None
