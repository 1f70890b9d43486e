"""Articles into passages: runs of whole sentences, sized to the encoder's window, as offsets into the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.encoder.tokens import Counter
from index.model import Span
from index.sentences import sentences

# Long enough to hold a statement with its speaker, short enough that one vector still says what it is about.
TARGET_TOKENS = 128
# No piece of a sentence and no passage has more characters: to the encoder the longest "word" is one unknown token.
_MOST_CHARACTERS = 4000

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n|\r\n[^\S\n]*\r\n|[\u2029\f]")
_OPENING, _CLOSING = "“«„", "”»"


def split(text: str, *, body: int = 0, tokens: Counter, limit: int, target: int = TARGET_TOKENS) -> list[Span]:
    """Cut `text[body:]` into passages: ascending, not overlapping, without whitespace at an edge, together all else.

    A passage holds whole sentences of at most `limit` tokens together; it is closed at about `target` tokens, rather at
    the end of a paragraph, and not while a quotation is open if there is room. A sentence longer than `limit` is cut at
    whitespace, or anywhere if it has none.
    """
    units = [unit for sentence in sentences(text, body) for unit in _pieces(text, sentence)]
    sizes = tokens([text[unit.start : unit.end] for unit in units])
    fitting = [one for unit, size in zip(units, sizes, strict=True) for one in _fitted(text, unit, size, tokens, limit)]
    return list(_grouped(text, fitting, limit=limit, target=min(target, limit)))


def _grouped(text: str, units: Sequence[tuple[Span, int]], *, limit: int, target: int) -> Iterator[Span]:
    start = end = -1
    size = 0
    quoting = False
    for unit, tokens in units:
        if start >= 0 and (
            unit.end - start > _MOST_CHARACTERS
            or _closes(text, end, unit.start, size, tokens, limit=limit, target=target, quoting=quoting)
        ):
            yield Span(start, end)
            start, size, quoting = -1, 0, False
        if start < 0:
            start = unit.start
        quoting = _open_quotation(text[unit.start : unit.end], quoting)
        end = unit.end
        size += tokens
    if start >= 0:
        yield Span(start, end)


def _closes(
    text: str, end: int, following: int, size: int, more: int, *, limit: int, target: int, quoting: bool
) -> bool:
    """Whether the passage that ends at `end` is done before the next unit (`more` tokens) is taken in."""
    # Two texts joined can have a token or two more than apart: the space, and a word that meets a mark.
    if size + more + 2 > limit:
        return True
    if quoting:
        return False
    new_paragraph = _PARAGRAPH.search(text, end, following) is not None
    if new_paragraph and size >= target // 2:
        return True
    return size + more > target


def _open_quotation(piece: str, before: bool) -> bool:
    """Whether a quotation is open at the end of `piece`. Only marks that tell opening from closing are believed."""
    last_open = max(piece.rfind(mark) for mark in _OPENING)
    last_close = max(piece.rfind(mark) for mark in _CLOSING)
    if last_open == last_close == -1:
        return before
    return last_open > last_close


def _pieces(text: str, sentence: Span) -> Iterator[Span]:
    """The sentence, or, if it is enormous, pieces of it cut at whitespace where there is any."""
    start, end = sentence
    while end - start > _MOST_CHARACTERS:
        cut = _last_space(text, start, start + _MOST_CHARACTERS) or start + _MOST_CHARACTERS
        yield _stripped(text, start, cut)
        start = cut + _leading(text, cut, end)
    if start < end:
        yield _stripped(text, start, end)


def _fitted(text: str, unit: Span, size: int, tokens: Counter, limit: int) -> Iterator[tuple[Span, int]]:
    """The unit with its number of tokens, halved until every part fits."""
    if size <= limit or unit.end - unit.start < 2:
        yield unit, size
        return
    middle = (unit.start + unit.end) // 2
    cut = _last_space(text, unit.start, middle) or middle
    halves = [_stripped(text, unit.start, cut), _stripped(text, cut, unit.end)]
    for half, own in zip(halves, tokens([text[half.start : half.end] for half in halves]), strict=True):
        yield from _fitted(text, half, own, tokens, limit)


def _last_space(text: str, start: int, stop: int) -> int | None:
    """Where the last whitespace in `text[start:stop]` is, if a fair part of it lies before."""
    for at in range(stop - 1, start + (stop - start) // 2, -1):
        if text[at].isspace():
            return at
    return None


def _leading(text: str, start: int, end: int) -> int:
    return len(text[start:end]) - len(text[start:end].lstrip())


def _stripped(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    bare = piece.strip()
    first = start + len(piece) - len(piece.lstrip())
    return Span(first, first + len(bare))
