"""The reader on passages of our own: it finds the words that answer, and knows when there are none."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.read.reader import WEIGHTS, Reader
from index.errors import OnrecordError

BRIDGE = (
    "The swing bridge at Hallow Point will reopen to lorries on 28 May, the harbour master, Ines Roth, told the "
    "council on Tuesday. Repairs have cost 4.2 million crowns, twice what was planned, because the piers had rotted "
    "below the water line."
)
FERRY = (
    "The old ferry smelled of tar and coffee in winter. It crossed the sound eleven times a day until 1974, when its "
    "last captain, Olof Brandt, retired to a farm near Lindby."
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.mark.parametrize(
    ("question", "passage", "answer"),
    [
        ("who told the council about the bridge?", BRIDGE, "the harbour master, Ines Roth"),
        ("How much have the repairs of the bridge cost?", BRIDGE, "4.2 million crowns"),
        ("when does the bridge open for lorries again", BRIDGE, "28 May"),
        ("who was the last captain of the ferry", FERRY, "Olof Brandt"),
        ("How many times a day did the ferry cross the sound?", FERRY, "eleven"),
        ("where did the ferry's captain retire to?", FERRY, "a farm near Lindby"),
    ],
)
def test_the_words_that_answer_are_found(reader: Reader, question: str, passage: str, answer: str) -> None:
    (reading,) = reader.read([(question, passage)])
    best = reading.found[0]
    said = passage[best.start : best.end]
    assert answer in said or said in answer
    assert len(said) <= 2 * len(answer) + 10


@pytest.mark.parametrize(
    ("question", "answering", "other"),
    [
        ("How much have the repairs of the bridge cost?", BRIDGE, FERRY),
        ("who was the last captain of the ferry?", FERRY, BRIDGE),
    ],
)
def test_the_passage_that_answers_scores_higher_than_one_that_does_not(
    reader: Reader, question: str, answering: str, other: str
) -> None:
    right, wrong = reader.read([(question, answering), (question, other)])
    assert right.found[0].score > wrong.found[0].score + 1
    assert right.relevance > wrong.relevance


def test_a_question_that_is_not_answered_scores_below_the_line(reader: Reader) -> None:
    (reading,) = reader.read([("What did the minister of finance think of the new tax on sugar?", FERRY)])
    assert reading.found[0].score < 0


def test_an_answer_far_down_a_long_passage_is_found_where_it_stands(reader: Reader) -> None:
    filler = "The wind had dropped by noon and nobody was in a hurry. " * 60
    passage = filler + BRIDGE + " " + filler
    (reading,) = reader.read([("How much have the repairs of the bridge cost?", passage)])
    best = reading.found[0]
    assert "4.2 million" in passage[best.start : best.end]
    assert len(filler) < best.start < len(filler) + len(BRIDGE)


def test_readings_come_in_the_order_of_the_pairs_whatever_their_length(reader: Reader) -> None:
    question = "who was the last captain of the ferry?"
    passages = [
        f"{text} {'The wind had dropped by noon. ' * number}" for number, text in enumerate([BRIDGE, FERRY] * 6)
    ]
    forwards = reader.read([(question, one) for one in passages])
    backwards = reader.read([(question, one) for one in passages[::-1]])[::-1]
    for one, other in zip(forwards, backwards, strict=True):
        # Eight bits are scaled by what else is in a batch, so scores shift a little with their company.
        assert one.relevance == pytest.approx(other.relevance, abs=1.0)


def test_answers_of_one_passage_do_not_overlap_and_come_best_first(reader: Reader) -> None:
    (reading,) = reader.read([("When was it?", BRIDGE + " " + FERRY)], best=5)
    assert len(reading.found) == 5
    assert [one.score for one in reading.found] == sorted((one.score for one in reading.found), reverse=True)
    ordered = sorted(reading.found)
    assert all(one.end <= other.start for one, other in pairwise(ordered))


@settings(max_examples=25, deadline=None)
@given(question=st.text(max_size=80), passage=st.text(max_size=300))
def test_any_texts_give_spans_within_the_passage(reader: Reader, question: str, passage: str) -> None:
    (reading,) = reader.read([(question, passage)])
    for one in reading.found:
        assert 0 <= one.start < one.end <= len(passage)
        assert passage[one.start : one.end].strip()


def test_nothing_to_read_and_texts_of_any_length(reader: Reader) -> None:
    assert reader.read([]) == []
    empty, long = reader.read([("who said so?", ""), ("why " * 900, "so it goes on and on, " * 900)])
    assert empty.found == ()
    assert len(long.found) == 3


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    for name in ("reader.json", "reader.onnx"):
        shutil.copy(WEIGHTS / name, tmp_path / name)
    with (tmp_path / "reader.onnx").open("r+b") as file:
        file.seek(-100, 2)
        byte = file.read(1)
        file.seek(-100, 2)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(OnrecordError, match="damaged"):
        Reader(tmp_path).read([("who said so?", "she said so")])


def test_the_card_that_is_shipped_names_what_it_was_trained_on() -> None:
    card = json.loads((WEIGHTS / "reader.json").read_text("utf-8"))
    assert card["sha256"] in (WEIGHTS / "reader.md").read_text("utf-8")
