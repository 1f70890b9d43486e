"""Whole sentences by offset. sentencex judges the full stops; why it, and what the rules here add: docs/sentences.md.

The way of a text: lines → units (lines that one paragraph was wrapped into) → sentencex on each unit, quotation marks
hidden → offsets. Nothing is normalised: every replacement below is one character by one character, so an offset stays
an offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from index.model import Span

# sentencex falls back to English for languages it lacks; its English rules know full stops of other scripts (。।؟).
LANGUAGE = "en"

# Editors and mail wrap at 72 to 80, some at 100; a longer line is a paragraph in one line, as on the web.
WIDEST_WRAP = 110
# Below this a "column" is a list or a poem, not wrapped prose.
NARROWEST_WRAP = 40
# Share of the characters that must stand in lines no wider than WIDEST_WRAP before line ends may be mere wrapping.
WRAPPED_SHARE = 0.9

_LINE = re.compile("[^\n\r\v\f\x85\u2028\u2029]+")
_LINE_BREAK = str.maketrans(dict.fromkeys("\n\r\v\f\x85\u2028\u2029", " "))
_LIST_ITEM = re.compile(r"\s*(?:[-*+•·‣▪◦–—―>#|]|\(?\d{1,3}[.)]|\(?[a-z][.)])(?:\s|$)")

# Marks of quotation and brackets; apostrophes between two letters or digits are none.
_MARKS = '"“”„‟«»‹›()[]「」『』'
_MARK = re.compile(rf"[{re.escape(_MARKS)}]|(?<![^\W_])['‘’‚‛]|['‘’‚‛](?![^\W_])")
_CLOSING = "\"”»›)]」』’'"

# Words that sentencex takes for abbreviations whatever follows; before a number ("No. 2") they are.
_WHOLE_WORD = re.compile(r"\b(?:May|[Nn]o)(?=\.\s+[^\s\d])")

# `“Why?” Trump asked`: the quotation's own question mark does not end the sentence that reports it.
_SPEECH = (
    "added admitted announced answered argued asked asserted began bellowed boasted called claimed complained "
    "concluded continued cried declared demanded exclaimed explained inquired insisted joked joking laughed mused "
    "noted observed pleaded pressed quipped recalled remarked repeated replied responded said says screamed shouted "
    "stated tells told tweeted urged wondered writes wrote yelled"
)
_NOT_A_NAME = (
    "A An And As At But He Her His How I If In It Its My No Nobody She So Some That The Then There They This We What "
    "When Who Why You Yes"
)
_ATTRIBUTION = re.compile(
    rf"(?!(?:{_NOT_A_NAME.replace(' ', '|')})\b)(?:[^\W\d_][\w.’'-]*[ \xa0]+){{1,4}}(?:{_SPEECH.replace(' ', '|')})\b"
)


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The sentences of `text[start:end]`, as ascending spans into `text` that do not overlap.

    No span is empty or has whitespace at an edge, and every other character is in exactly one. A blank line, a line or
    paragraph separator and the end of a headline or list item always end a sentence; a line end that only wraps a
    paragraph never does. Time is linear in the length. Any `str` will do; nothing is raised.
    """
    stop = len(text) if end is None else min(end, len(text))
    return [span for unit in _units(text, start, stop) for span in _split(text, unit)]


def _units(text: str, start: int, end: int) -> Iterator[Span]:
    """Runs of lines that belong to one paragraph: what may be segmented without looking at line ends."""
    lines = [line for m in _LINE.finditer(text, start, end) if (line := _trim(text, Span(*m.span())))]
    if not lines:
        return
    width = _wrap_width(lines)
    first, last = lines[0]
    for line in lines[1:]:
        if _continues(text, Span(first, last), line, width):
            last = line.end
        else:
            yield Span(first, last)
            first, last = line
    yield Span(first, last)


def _wrap_width(lines: list[Span]) -> int:
    """The column a text is hard-wrapped at, or 0 where its lines are paragraphs."""
    sizes = [line.end - line.start for line in lines]
    narrow = [size for size in sizes if size <= WIDEST_WRAP]
    if len(narrow) < 2 or sum(narrow) < WRAPPED_SHARE * sum(sizes):
        return 0
    width = max(narrow)
    return width if width >= NARROWEST_WRAP else 0


def _continues(text: str, so_far: Span, line: Span, width: int) -> bool:
    """Whether `line` goes on with the paragraph whose last line ends at `so_far.end`.

    Wrapped: the first word of `line` would not have fitted behind the line before it. Else a line end was meant, unless
    the sentence visibly goes on: no full stop before it and a small letter after it.
    """
    gap = text[so_far.end : line.start].replace("\r\n", "\n")
    if sum(gap.count(mark) for mark in "\n\r\x85") != 1 or any(mark in gap for mark in "\v\f\u2028\u2029"):
        return False
    if _LIST_ITEM.match(text, line.start, line.end):
        return False
    if text[line.start].islower() and text[so_far.end - 1] not in ".!?…:;{}":
        return True
    if not width:
        return False
    begin = max(text.rfind("\n", so_far.start, so_far.end), text.rfind("\r", so_far.start, so_far.end)) + 1
    before = so_far.end - max(begin, so_far.start)
    word = re.compile(r"\S+").match(text, line.start, line.end)
    return word is not None and before + 1 + len(word[0]) > width


def _split(text: str, unit: Span) -> Iterator[Span]:
    piece = text[unit.start : unit.end]
    cuts = [0, *_cuts(piece), len(piece)]
    for a, b in pairwise(cuts):
        if span := _trim(text, Span(unit.start + a, unit.start + b)):
            yield span


def _cuts(piece: str) -> Iterator[int]:
    """Where sentences begin inside one unit, ascending, without 0."""
    # Imported here: the module is read by commands that segment nothing.
    from sentencex import get_sentence_boundaries

    # sentencex holds a quotation or a bracket together whatever full stops it has inside, and stumbles over a lone
    # quotation mark. It judges better when it sees none; the marks are dealt out to the sentences afterwards.
    hidden = _WHOLE_WORD.sub(lambda word: "x" * len(word[0]), _MARK.sub(" ", piece).translate(_LINE_BREAK))
    try:
        found = get_sentence_boundaries(LANGUAGE, hidden)
    except UnicodeEncodeError:  # lone surrogates: no article has them, but a caller's string may
        found = get_sentence_boundaries(LANGUAGE, hidden.encode("utf-8", "replace").decode("utf-8"))
    last = 0
    for boundary in found:
        cut = _between(piece, hidden, boundary["start_index"])
        if last < cut < len(piece) and not _goes_on(piece, last, cut):
            yield cut
            last = cut


def _between(piece: str, hidden: str, cut: int) -> int:
    """`cut`, moved so that closing marks stay with the sentence before it and opening ones with the sentence after."""
    left = len(hidden[:cut].rstrip())
    if not left:
        return 0
    right = len(hidden) - len(hidden[cut:].lstrip())
    gap = piece[left:right]
    space = re.search(r"\s+", gap)
    return left + (space.end() if space else len(gap) - len(gap.lstrip(_CLOSING)))


def _goes_on(piece: str, last: int, cut: int) -> bool:
    """Whether the mark before `cut` ends a name, a quotation or a bracket, not the sentence that began at `last`."""
    before = piece[last:cut].rstrip()
    bare = before.rstrip(_CLOSING)
    if before.endswith((")", "]")):
        opened = max(before.rfind("("), before.rfind("["))
        if opened > 0 and before[:opened].strip(_MARKS + " ")[-1:] not in (".", "!", "?", ":", ""):
            return True  # "Sen. Bernie Sanders (I-Vt.) has": the bracket stands inside the sentence
    if bare == before and bare[-1:] not in ("?", "!"):
        return False
    after = piece[cut : cut + 80]
    return after[:1].islower() or (bare[-1:] in ("?", "!") and bare != before and _ATTRIBUTION.match(after) is not None)


def _trim(text: str, span: Span) -> Span | None:
    """The span without whitespace at its edges; None if nothing is left."""
    piece = text[span.start : span.end]
    if not (bare := piece.strip()):
        return None
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, start + len(bare))
