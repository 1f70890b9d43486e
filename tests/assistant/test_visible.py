"""What is shown has the length of what is stored, and nothing in it acts on a terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assistant.visible import one_line, visible

ANY = st.text(alphabet=st.characters(), max_size=200)


@given(ANY)
def test_length_is_kept_so_that_offsets_hold(text: str) -> None:
    assert len(visible(text)) == len(text)


@given(ANY)
def test_no_control_character_but_line_feed_and_tab_is_left(text: str) -> None:
    kinds = {unicodedata.category(character) for character in visible(text) if character not in "\n\t"}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}


@given(ANY)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_plain_text_in_any_script_is_left_alone() -> None:
    text = "Mayor Ine\u0301s Döring 🌊: “الحشد” said\n\tعليكم 会议。[sic] [/bold]"
    assert visible(text) == text


def test_an_escape_sequence_is_shown() -> None:
    assert visible("\x1b[31mred\x07") == "␛[31mred␇"


def test_every_kind_of_line_break_breaks_a_line() -> None:
    assert visible("a\r\nb\rc\u2028d\x85e") == "a \nb\nc\nd\ne"


def test_a_bidi_override_cannot_turn_a_quotation_round() -> None:
    assert "\u202e" not in visible("not \u202ereversed\u202c")
