"""Passages: runs of whole sentences within the encoder's window, by offsets that never leave the text behind."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoder.tokens import Counter, counter
from index.model import Span
from index.passages import split
from index.sentences import sentences
from tests.index.texts import articles

LIMIT = 254


@pytest.fixture(scope="module")
def tokens(model: Path) -> Counter:
    return counter(model)


def check(text: str, spans: list[Span], tokens: Counter, *, body: int, limit: int) -> None:
    pieces = [text[start:end] for start, end in spans]
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(piece and piece == piece.strip() for piece in pieces)
    assert all(span.start >= body for span in spans)
    assert "".join("".join(pieces).split()) == "".join(text[body:].split())
    # One character can be several tokens to the encoder; it is not cut further.
    assert all(size <= limit or len(piece) == 1 for piece, size in zip(pieces, tokens(pieces), strict=True))


@given(text=articles, limit=st.integers(3, 60))
@settings(deadline=None)
def test_any_text_is_cut_without_loss_and_within_the_limit(text: str, limit: int, tokens: Counter) -> None:
    check(text, split(text, tokens=tokens, limit=limit), tokens, body=0, limit=limit)


@given(front=articles, text=articles)
@settings(deadline=None)
def test_nothing_of_the_front_matter_gets_into_a_passage(front: str, text: str, tokens: Counter) -> None:
    whole = front + text
    check(whole, split(whole, body=len(front), tokens=tokens, limit=LIMIT), tokens, body=len(front), limit=LIMIT)


@given(text=articles)
@settings(deadline=None)
def test_a_sentence_that_fits_is_never_cut(text: str, tokens: Counter) -> None:
    edges = {span.start for span in split(text, tokens=tokens, limit=LIMIT)}
    inside = [
        edge
        for start, end in sentences(text)
        for edge in edges
        if start < edge < end and tokens([text[start:end]]) <= [LIMIT]
    ]
    assert inside == []


def test_an_article_is_cut_at_its_paragraphs(tokens: Counter) -> None:
    paragraph = "The ferry closed on Tuesday, and its owner said that ticket sales had fallen by half. " * 5
    text = f"{paragraph}\n\n{paragraph}\n\n{paragraph}\n"
    assert [text[start:end] for start, end in split(text, tokens=tokens, limit=LIMIT)] == [paragraph.strip()] * 3


def test_short_paragraphs_share_a_passage(tokens: Counter) -> None:
    text = "The ferry closed.\r\n\r\nThe bridge opened.\r\n\r\nNobody was hurt."
    assert split(text, tokens=tokens, limit=LIMIT) == [Span(0, len(text))]


def test_a_quotation_is_kept_whole_where_there_is_room(tokens: Counter) -> None:
    before = "The harbour office gave no reason for the delay on any of the three days. " * 7
    quotation = "“" + "We shall run the ferry until the bridge is open to everybody. " * 4 + "That is all,” she said."
    text = f"{before}{quotation} Nobody else spoke."
    pieces = [text[start:end] for start, end in split(text, tokens=tokens, limit=LIMIT)]
    assert any(quotation in piece for piece in pieces)


def test_a_sentence_without_end_is_cut_at_whitespace(tokens: Counter) -> None:
    text = "and then the ferry went back to the harbour " * 400
    pieces = [text[start:end] for start, end in split(text, tokens=tokens, limit=LIMIT)]
    assert " ".join(pieces) == text.strip()
    assert len(pieces) < 60


def test_a_word_without_end_is_cut_somewhere(tokens: Counter) -> None:
    text = "ab" * 50_000
    pieces = [text[start:end] for start, end in split(text, tokens=tokens, limit=LIMIT)]
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 4000


def test_nothing_but_whitespace_has_no_passages(tokens: Counter) -> None:
    assert split(" \r\n\xa0\u2028", tokens=tokens, limit=LIMIT) == []
