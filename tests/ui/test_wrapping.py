"""Rows are slices of the text, in order, and fit."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len, split_graphemes

from assistant.tui.wrapping import row_of, wrap

TEXTS = st.text(st.sampled_from("ab  \n-港灯e\u0301م👩\u200d🚒\ufe0f\u00a0[é"), max_size=200)


@given(TEXTS, st.integers(1, 30))
@example("\u0301\u0301a b", 1)
@example("   indented", 4)
def test_rows_hold_every_character_but_spaces_at_their_ends(text: str, width: int) -> None:
    rows = wrap(text, width)
    at = 0
    for row in rows:
        assert at <= row.start <= row.end
        assert set(text[at : row.start]) <= {" ", "\n"}
        at = row.end
    assert set(text[at:]) <= {" ", "\n"}


@given(TEXTS, st.integers(1, 30))
def test_rows_fit_unless_one_grapheme_does_not(text: str, width: int) -> None:
    for row in wrap(text, width):
        shown = text[row.start : row.end]
        assert "\n" not in shown
        assert cell_len(shown) <= width or len(split_graphemes(shown)[0]) == 1


@given(TEXTS, st.integers(1, 30))
def test_the_row_of_a_character_holds_it(text: str, width: int) -> None:
    rows = wrap(text, width)
    for offset, character in enumerate(text):
        if character not in " \n":
            row = rows[row_of(rows, offset)]
            assert row.start <= offset < row.end


def test_a_row_ends_at_a_space_where_there_is_one() -> None:
    text = "The ferry will cost four crowns"
    assert [text[row.start : row.end] for row in wrap(text, 12)] == ["The ferry", "will cost", "four crowns"]


def test_scripts_without_spaces_fill_their_rows() -> None:
    text = "the 港湾の灯台は夜明けまで消えなかった"
    assert [cell_len(text[row.start : row.end]) for row in wrap(text, 12)] == [12, 12, 12, 2]


def test_every_line_end_begins_a_row_and_the_start_is_where_it_was_asked_for() -> None:
    text = "head\n\nfirst\n\nsecond\n"
    assert [text[row.start : row.end] for row in wrap(text, 40, start=6)] == ["first", "", "second", ""]


def test_a_line_of_a_million_characters_is_cut_whole() -> None:
    text = "word 港 " * 150_000
    rows = wrap(text, 80)
    assert rows[-1].end == len(text.rstrip())
    assert max(cell_len(text[row.start : row.end]) for row in rows) <= 80
