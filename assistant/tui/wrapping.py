"""Text into rows that fit a width, by offsets: every row is a slice of the text it came from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import get_character_cell_size, split_graphemes


class Row(NamedTuple):
    """`start:end` of the text, in code points: what stands on one row of the screen."""

    start: int
    end: int


def wrap(text: str, width: int, *, start: int = 0) -> list[Row]:
    """Cut `text` from `start` on into rows of at most `width` cells, at spaces where there are any.

    The text has line feeds for line ends and no other character that moves the cursor. Only white space at the end of
    a row is left out; a grapheme wider than `width` has a row to itself.
    """
    rows: list[Row] = []
    while True:
        found = text.find("\n", start)
        end = len(text) if found < 0 else found
        rows += _paragraph(text, start, end, max(width, 1))
        if found < 0:
            return rows
        start = found + 1


def row_of(rows: Sequence[Row], offset: int) -> int:
    """The number of the row on which the character at `offset` stands, or after which it was left out."""
    return max(bisect_right(rows, offset, key=lambda row: row.start) - 1, 0)


def _paragraph(text: str, start: int, end: int, width: int) -> list[Row]:
    end = _before_spaces(text, start, end)
    reach = _reach(text, start, end, width)
    rows: list[Row] = []
    while (furthest := reach(start)) < end:
        space = text.rfind(" ", start, furthest + 1)
        stop = furthest if space < 0 or _between_wide(text, furthest) else _before_spaces(text, start, space)
        if stop == start:  # nothing but an indentation stands before the space
            stop = furthest
        rows.append(Row(start, stop))
        start = stop
        while start < end and text[start] == " ":
            start += 1
    rows.append(Row(start, end))
    return rows


def _before_spaces(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] == " ":
        end -= 1
    return end


def _reach(text: str, start: int, end: int, width: int) -> Callable[[int], int]:
    """How far a row that begins at a given offset can go."""
    if text[start:end].isascii():
        return lambda at: at + width
    graphemes, _ = split_graphemes(text[start:end])
    begins = [start + begin for begin, _, _ in graphemes] + [end]
    cells = [0]
    for _, _, size in graphemes:
        cells.append(cells[-1] + size)

    def reach(at: int) -> int:
        first = bisect_left(begins, at)
        return begins[max(bisect_right(cells, cells[first] + width) - 1, min(first + 1, len(graphemes)))]

    return reach


def _between_wide(text: str, offset: int) -> bool:
    """Whether a row may end here without a space: next to a character of a script that is written without them."""
    return any(get_character_cell_size(character) == 2 for character in text[offset - 1 : offset + 1])
