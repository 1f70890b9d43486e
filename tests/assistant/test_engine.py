"""Questions over the seeds: golden answers, silence, filters, and an archive that changes between two questions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.engine import Assistant
from index import adding
from index.archive import Archive
from index.encoder.bulk import BulkEncoder
from index.errors import Interrupted, UnusableQuestion
from index.model import Filters

EXAMPLE = "who said the factions would attack?"
FERRY = "The ferry line closed on Tuesday. Its owner, Marta Quill, said that ticket sales had fallen by half.\n"
BAKERY = "The bakery on Mill Street burned down on Sunday night. Nobody was hurt, the fire service said.\n"


def quoted(assistant: Assistant, words: str) -> bool:
    """Whether the answer, or a passage near it, has these words."""
    answer = assistant.ask("Who owns the ferry line?")
    texts = [claim.text for claim in answer.claims] + [found.citation.quote for found in answer.passages]
    return any(words in text for text in texts)


def test_the_example_question_leads_with_the_one_who_confirmed_it(seeds: Assistant) -> None:
    answer = seeds.ask(EXAMPLE)
    assert answer.outcome == "answered"
    assert "al-Rubaie also confirmed that the factions stand ready to attack" in answer.claims[0].text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who leads the Nujaba movement?", "Akram al-Kaabi"),
        ("How much does the free ferry cost a day?", "2,300 euros"),
        ("How far was the pier pushed out of place?", "11 centimetres"),
        ("How much will Northmoor Mutual pay towards the repair?", "1.9 million euros"),
        ("What did Captain Bridget Lowe say about the time before the bridge?", "1979"),
    ],
)
def test_the_first_quotations_hold_the_answer(seeds: Assistant, question: str, words: str) -> None:
    answer = seeds.ask(question)
    assert answer.outcome == "answered"
    assert any(words in claim.text for claim in answer.claims[:3])


@pytest.mark.parametrize(
    "question",
    [
        "What is the boiling point of tungsten?",
        "Which team won the 1998 World Cup final?",
        "How do I bake sourdough bread?",
    ],
)
def test_without_evidence_it_is_silent_and_shows_what_is_nearest(seeds: Assistant, question: str) -> None:
    answer = seeds.ask(question)
    assert (answer.outcome, answer.answer, answer.claims) == ("abstained", None, ())
    assert answer.confidence < 0.5
    assert len(answer.passages) == 10


def test_an_empty_archive_abstains(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    answer = assistant_over(make_archive({})).ask("Who owns the ferry line?")
    assert (answer.outcome, answer.confidence, answer.passages) == ("abstained", 0.0, ())


def test_a_wire_copy_is_one_claim_with_both_outlets(seeds: Assistant) -> None:
    answer = seeds.ask("How far was the pier pushed out of place?")
    claim = next(claim for claim in answer.claims if "11 centimetres" in claim.text)
    assert len({citation.article.outlet for citation in claim.citations}) == 2
    texts = [found.citation.quote for found in answer.passages]
    assert len(texts) == len(set(texts))


def test_filters_limit_what_is_quoted(seeds: Assistant) -> None:
    filters = Filters(since="2021-03-01", until="2021-03-31")
    answer = seeds.ask("What does the ferry cost?", filters=filters)
    dates = [found.citation.article.published for found in answer.passages]
    assert dates
    assert all(date is not None and date.startswith("2021-03") for date in dates)
    outlet = Filters(outlet=("onrecord starter desk",))
    assert {one.citation.article.outlet for one in seeds.search(EXAMPLE, filters=outlet)} == {"Onrecord Starter Desk"}


def test_articles_without_a_date_are_left_out_and_counted(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    assistant = assistant_over(make_archive({"ferry.txt": FERRY}))
    answer = assistant.ask("Who owns the ferry line?", filters=Filters(since="2000-01-01"))
    assert answer.outcome == "abstained"
    assert "1 article without a date was left out" in answer.notes


def test_removing_and_adding_change_the_next_answer_in_the_same_process(
    make_archive: Callable[..., Archive],
    assistant_over: Callable[..., Assistant],
    add_files: Callable[..., object],
) -> None:
    archive = make_archive({"ferry.txt": FERRY, "bakery.txt": BAKERY})
    source = archive.directory.parent / "files" / "ferry.txt"
    assistant = assistant_over(archive)
    assert quoted(assistant, "Marta Quill")
    archive.remove(str(source))
    assert not quoted(assistant, "Quill")
    source.write_text(FERRY.replace("Marta Quill", "Jonas Adeyemi"), encoding="utf-8")
    add_files(archive, source)
    assert quoted(assistant, "Jonas Adeyemi")


def test_what_another_process_removes_is_gone_at_the_next_question(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    archive = make_archive({"ferry.txt": FERRY, "bakery.txt": BAKERY})
    source = archive.directory.parent / "files" / "ferry.txt"
    assistant = assistant_over(archive)
    assert assistant.ask("Who owns the ferry line?").outcome == "answered"
    command = [sys.executable, "-m", "assistant.cli", "--archive", str(archive.directory), "remove", str(source)]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2], capture_output=True)
    after = assistant.ask("Who owns the ferry line?")
    assert not any("Quill" in found.citation.quote for found in after.passages)
    assert after.archive.generation > 1


def test_a_source_that_has_changed_is_said(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    archive = make_archive({"ferry.txt": FERRY})
    assistant = assistant_over(archive)
    assert assistant.ask("Who owns the ferry line?").notes == ()
    (archive.directory.parent / "files" / "ferry.txt").write_text(FERRY + "It reopened.\n", encoding="utf-8")
    assert any("1 file has changed" in note for note in assistant.ask("Who owns the ferry line?").notes)


def test_a_source_that_is_still_being_read_is_not_said_to_have_changed(
    make_archive: Callable[..., Archive],
    assistant_over: Callable[..., Assistant],
    model: Path,
    bulk_encoder: BulkEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    archive = make_archive({"bakery.txt": BAKERY})
    source = archive.directory.parent / "files" / "town.jsonl"
    lines = [json.dumps({"id": str(number), "text": f"{FERRY} Report {number}."}) for number in range(4)]
    source.write_text("\n".join(lines), encoding="utf-8")
    assistant = assistant_over(archive)
    notes: list[tuple[str, ...]] = []
    monkeypatch.setattr(adding, "_BATCH_PASSAGES", 1)
    adding.add(
        archive, [source], model, encoder=bulk_encoder, refused=pytest.fail,
        progress=lambda _: notes.append(assistant.ask("Who owns the ferry line?").notes),
    )  # fmt: skip
    said = [note for one in notes for note in one]
    assert any("1 file is not in to the end" in note for note in said)
    assert not any("changed" in note for note in said)
    assert assistant.ask("Who owns the ferry line?").notes == ()
    assert archive.check() == []


def test_an_archive_without_articles_says_so(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    answer = assistant_over(make_archive({})).ask("Who owns the ferry line?")
    assert answer.outcome == "abstained"
    assert any("no articles yet" in note for note in answer.notes)


def test_a_question_can_be_cancelled_between_two_steps(seeds: Assistant) -> None:
    with pytest.raises(Interrupted):
        seeds.ask(EXAMPLE, stopped=lambda: True)


def test_a_question_that_cannot_be_asked_is_refused(seeds: Assistant) -> None:
    with pytest.raises(UnusableQuestion):
        seeds.ask("   ")
