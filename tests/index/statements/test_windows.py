"""What the tagger reads: tokens that point into the text, windows that miss nothing, quotation marks of every style."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoder.weights import locate
from index.model import Span
from index.statements.windows import (
    CAPITALISED,
    CAPITALS,
    LOWER,
    OTHER,
    TOKEN_TYPES,
    WINDOW,
    Windows,
    paragraphs,
    prepare,
    quoted,
    tokenizer,
)

NEWS = (
    "Ferry line cut\n\n"
    "“We cannot run empty boats,” Mayor Ana de la Cruz said on Monday. “Not every day.”\n\n"
    "The NGO HarborWatch, which had asked for more time, declined to comment.\n"
)
WRAPPED = "The ferry did not sail on Monday, the\nHarbour master said, and would not sail before\nOn Tuesday."
words = st.sampled_from(
    ["Harbour", "“We", "go,”", "said", "Ōta", "NGO", "résumé", '"No."', "it’s", "\n\n", "\n", "\t", "日本", "😀"]
)
texts = st.one_of(st.text(max_size=300), st.lists(words, max_size=400).map(" ".join))


def prepared(text: str, start: int = 0) -> Windows:
    return prepare(text, tokenizer(locate() / "tokenizer.json"), start)


@settings(deadline=None)
@given(texts, st.integers(0, 40))
def test_every_token_points_into_the_text_in_order_and_not_before_the_start(text: str, start: int) -> None:
    one = prepared(text, start)
    assert all(start <= a <= b <= len(text) for a, b in zip(one.start, one.end, strict=True))
    assert all(a <= b for a, b in zip(one.start[:-1], one.start[1:], strict=True))
    assert ((one.types >= 0) & (one.types < TOKEN_TYPES)).all()


@settings(deadline=None)
@given(texts)
def test_windows_fit_the_model_and_each_token_belongs_to_one_that_shows_it(text: str) -> None:
    one = prepared(text)
    assert all(0 < end - start <= WINDOW - 2 for start, end in one.window)
    assert all(one.window[owner].start <= token < one.window[owner].end for token, owner in enumerate(one.owner))
    assert len(one.owner) == len(one.ids)


@settings(deadline=None)
@given(texts)
def test_no_letter_outside_whitespace_is_left_out_of_the_paragraphs(text: str) -> None:
    inside = {position for a, b in paragraphs(text) for position in range(a, b)}
    assert all(text[position].isspace() for position in range(len(text)) if position not in inside)


def test_a_paragraph_longer_than_a_window_is_cut_between_sentences() -> None:
    sentence = "The harbour master said that the ferry would not sail before the storm had passed. "
    one = prepared(sentence * 60)
    assert len(one.window) > 1
    assert all(
        sentence.startswith("The") and (sentence * 60)[one.start[start] :].startswith("The harbour")
        for start, _ in one.window
    )


def test_case_is_given_by_whole_words() -> None:
    one = prepared(NEWS)
    cases = {NEWS[a:b]: kind % 4 for a, b, kind in zip(one.start, one.end, one.types, strict=True)}
    assert [cases[word] for word in ("Ana", "said", ".", "NGO")] == [CAPITALISED, LOWER, OTHER, CAPITALS]
    split = [
        kind % 4
        for a, kind in zip(one.start, one.types, strict=True)
        if NEWS.index("HarborWatch") <= a < NEWS.index(", which")
    ]
    assert len(split) > 1
    assert set(split) == {CAPITALISED}


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("He said “we go” today", "“we go”"),
        ('He said "we go" today', '"we go"'),
        ("He said ‘we won’t go,’ and left", "‘we won’t go,’"),
        ("He said 'we won't go,' and left", "'we won't go,'"),
        ("He said «we go» today", "«we go»"),
        ("He said “we go and go", "“we go and go"),
        ("The workers’ union didn't agree", ""),
    ],
)
def test_quotation_marks_of_every_style(text: str, inside: str) -> None:
    flags = quoted(text, [Span(0, len(text))])
    assert "".join(char for char, flag in zip(text, flags, strict=True) if flag) == inside


def test_a_mark_left_open_ends_with_its_paragraph() -> None:
    text = "“We go.\n\nThey stayed."
    assert not quoted(text, paragraphs(text))[text.index("They") :].any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("One.\nTwo.", ["One.", "Two."]),
        ("A line that never ends\nfor no reason goes on.", ["A line that never ends\nfor no reason goes on."]),
        (f"{WRAPPED}\n\nNext.", [WRAPPED, "Next."]),
        (
            f"Heading\n{'Long words follow here. ' * 20}\nEnd.",
            ["Heading", ("Long words follow here. " * 20).strip(), "End."],
        ),
        ("One.\r\n \r\nTwo.\r\n", ["One.", "Two."]),
        (" \n ", []),
    ],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in paragraphs(text)] == expected
