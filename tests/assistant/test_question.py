"""Questions and filters as people write them."""

from __future__ import annotations

import pytest

from assistant.kinds import by_vector
from assistant.question import LONGEST, filters_of, understand
from index.encoder.question import QuestionEncoder
from index.errors import UnusableQuestion
from index.model import Filters


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("who said the factions would attack?", "who_said"),
        ("Which official warned that the ferry was unsafe?", "who_said"),
        ("what did the mayor say about the bridge?", "what_said"),
        ("Who denied that Tern Bridge would open in May?", "disagree"),
        ("When does the bridge reopen?", "fact"),
        ("How many people signed the petition?", "fact"),
        ("Why was the bridge closed?", "open"),
        ("What did she say?", "what_said"),
        ("did the mayor say the bridge will reopen?", "who_said"),
        ("Did anyone say the bridge would fall?", "who_said"),
        ("who sed the bridge wud fall", "who_said"),
        ("Who declined to say whether anybody would be charged?", "who_said"),
        ("Who voted against the resolution?", "fact"),
        ("which party won the council", "fact"),
    ],
)
def test_the_kind_of_a_question(text: str, kind: str) -> None:
    assert understand(text, Filters()).kind == kind


@pytest.mark.parametrize(
    ("text", "subject", "topic"),
    [
        ("what did the mayor say about the bridge?", "the mayor", "the bridge"),
        ("What does Shcherbakov think?", "Shcherbakov", None),
        ("Did Mahmoud al-Rubaie say that the factions are ready?", "Mahmoud al-Rubaie", "the factions are ready"),
        ("What did Jim Clyburn have to say about dog whistles?", "Jim Clyburn", "dog whistles"),
        ("Who said the bridge would open?", None, None),
        ("Who denied that the bridge would open?", None, "the bridge would open"),
    ],
)
def test_whom_and_what_a_question_is_about(text: str, subject: str | None, topic: str | None) -> None:
    question = understand(text, Filters())
    assert (question.subject, question.topic) == (subject, topic)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Who declined to comment on the strike?", "the strike"),
        ("who wouldn't say whether the bridge is safe", "the bridge is safe"),
        ("Who else refused to speculate?", None),
    ],
)
def test_those_who_would_not_say_can_be_asked_for(text: str, topic: str | None) -> None:
    question = understand(text, Filters())
    assert (question.declining, question.topic) == (True, topic)


@pytest.mark.parametrize("text", ["Who refused to close the bridge?", "Who said the mayor declined to comment?"])
def test_to_refuse_something_else_is_no_silence(text: str) -> None:
    assert not understand(text, Filters()).declining


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Who griped that ordinary people would simply have their computers seized?", "who_said"),
        ("Who commands the Nujaba movement?", "fact"),
        ("Which two bases north of Baghdad were hit by rockets?", "fact"),
    ],
)
def test_where_the_words_do_not_tell_the_vector_does(text: str, kind: str, question_encoder: QuestionEncoder) -> None:
    question = understand(text, Filters())
    assert question.kind is None
    assert by_vector(question.text, question_encoder.encode([question.text])[0]) == kind


@pytest.mark.parametrize("text", ["", "  \n", "?!", "…", "\u200b"])
def test_nothing_to_ask_is_refused(text: str) -> None:
    with pytest.raises(UnusableQuestion, match="empty"):
        understand(text, Filters())


def test_a_question_of_a_hundred_thousand_characters_is_refused_with_the_limit() -> None:
    with pytest.raises(UnusableQuestion, match=f"100,000 characters, more than {LONGEST:,}"):
        understand("x" * 100_000, Filters())


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(UnusableQuestion, match="Unicode"):
        understand("who said \ud800?", Filters())


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2020", "2020", "2020-01-01", "2020-12-31"),
        ("2020-02", "2020-02", "2020-02-01", "2020-02-29"),
        ("2021-03-04", "2021-03-04", "2021-03-04", "2021-03-04"),
    ],
)
def test_a_year_or_a_month_means_all_of_it(since: str, until: str, first: str, last: str) -> None:
    assert filters_of(since=since, until=until) == Filters(since=first, until=last)


@pytest.mark.parametrize("date", ["yesterday", "2020-13", "2021-02-30", "20200124", "2020-1-2", "٢٠٢٠"])
def test_what_is_no_date_is_refused_by_name(date: str) -> None:
    with pytest.raises(UnusableQuestion, match=r"since.*not a date"):
        filters_of(since=date)


def test_since_after_until_is_refused() -> None:
    with pytest.raises(UnusableQuestion, match="after"):
        filters_of(since="2021", until="2020")


@pytest.mark.parametrize(
    ("text", "topic", "claimant"),
    [
        ("Who disputes the mayor's claim that the bridge is safe?", "the bridge is safe", "the mayor"),
        ("who rejects the idea that ferries are too slow", "ferries are too slow", None),
        ("Who denies the harbour office warning that the quay will sink?", "the quay will sink", None),
        ("Who disputes that the quay will sink?", "the quay will sink", None),
    ],
)
def test_what_is_disputed_is_the_claim_and_not_that_somebody_made_it(
    text: str, topic: str, claimant: str | None
) -> None:
    question = understand(text, Filters())
    assert (question.kind, question.topic, question.claimant) == ("disagree", topic, claimant)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Which retired pilot likened the quay to a sinking ship?", "who_said"),
        ("what survey found that most people want the ferry back?", "who_said"),
        ("Who complained about the price of diesel?", "who_said"),
        ("Which bridge is called the Old Lady?", None),
        ("who was blamed for the fire?", None),
        ("What is the ferry called?", "fact"),
        ("which economist blamed a backlash in wealthy nations on trade", "who_said"),
    ],
)
def test_rarer_words_for_telling_ask_who_said_it_and_passives_do_not(text: str, kind: str | None) -> None:
    assert understand(text, Filters()).kind == kind
