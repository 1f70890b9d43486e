"""Sentences by offset: for every text in order, apart and complete; for real ones where a reader would end them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from index.sentences import sentences
from tests.index.texts import articles


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@given(articles)
def test_sentences_ascend_apart_and_hold_all_that_is_not_whitespace(text: str) -> None:
    spans = sentences(text)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(piece and piece == piece.strip() for piece in cut(text))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


@given(articles, articles)
def test_a_part_is_cut_within_its_bounds(before: str, text: str) -> None:
    spans = sentences(before + text, len(before))
    assert [(start - len(before), end - len(before)) for start, end in spans] == sentences(text)


@pytest.mark.parametrize(
    "expected",
    [
        ["He met the U.S. president in Washington, D.C. on Monday.", "Nobody else did."],
        ["He works for the U.S.", "Then he left."],
        ["al-Rubaie said: “We are ready.”", "Gen. H.R. McMaster doubted it.", "Mr. Ali al-Lami, 44, did not."],
        ["“Why?” Trump asked.", "“I don’t know.”", "She left at 5 p.m. and the U.S. Army followed."],
        ["The price rose by 4.5 percent to $1.2 billion.", "Acme Corp. and others agreed, e.g. on the date."],
        ["It opens in May.", "He said no.", "No. 2 on the list is the U.N. envoy."],
        ["Sen. Ted Cruz (R-Texas) said “no.”", "Rep. Smith, R-Mich., agreed."],
        ["She left (it was Jan. 5).", "He did not."],
        ['"We have not decided," the minister said.', '"A vote is weeks away."'],
    ],
    ids=lambda sentences: sentences[0],
)
def test_full_stops_are_told_from_abbreviations(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


def test_a_blank_line_ends_a_headline() -> None:
    text = "Ferry line closes\r\n\r\nThe ferry closed on Tuesday. Its owner left."
    assert cut(text) == ["Ferry line closes", "The ferry closed on Tuesday.", "Its owner left."]


def test_a_line_end_that_only_wraps_ends_nothing() -> None:
    text = (
        "The ferry line between the two harbours closed on Tuesday after its\n"
        "owner, Marta Quill, said that ticket sales had fallen by half since\n"
        "the bridge was opened. Nobody was dismissed.\n"
    )
    first, second = sentences(text)
    assert text[first.start : first.end].endswith("was opened.")
    assert text[second.start : second.end] == "Nobody was dismissed."


def test_list_items_stand_alone() -> None:
    assert cut("They want:\n- a bridge\n- a ferry\n") == ["They want:", "- a bridge", "- a ferry"]
