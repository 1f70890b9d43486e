"""Text → what the tagger reads: word pieces with offsets, what an uncased vocabulary cannot see, windows of paragraphs.

Training (`benchmarks/training/tagger.py`) and the running program both prepare their input here: they cannot drift
apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from index.model import Span
from index.sentences import NARROWEST_WRAP, WIDEST_WRAP, WRAPPED_SHARE, sentences

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

# Tokens of one window, [CLS] and [SEP] included.
WINDOW = 256
# The last paragraph of a window is shown again before the next one, unless it is longer than this.
CONTEXT = 64
# WordPiece drops line ends; this token, never seen in pre-training, stands for the end of a paragraph.
PARAGRAPH_TOKEN = "[unused0]"
# token_type_ids: 4 × in a quotation + the case of the whole word.
LOWER, CAPITALISED, CAPITALS, OTHER = range(4)
TOKEN_TYPES = 8

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_MARK = re.compile(r"[\"“”«»]|(?<!\w)['‘](?=\w)|(?<=[\w.,!?…;:—-])['’](?!\w)")
# After one of these a small letter may begin a paragraph.
_ENDS = ".!?…:;{}"
_CLOSES = {'"': '"”', "“": '”"', "«": "»", "‘": "’", "'": "'’"}


class Windows(NamedTuple):
    """One text as the tagger reads it. Arrays are over the tokens of the whole text, paragraph tokens included.

    `start:end` is a token's span in the text (empty for a paragraph token). `window` lists token ranges that each fit
    the model together with its special tokens; `owner` is the window whose verdict counts for a token, one for a
    whole paragraph.
    """

    ids: NDArray[np.int64]
    types: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    owner: NDArray[np.int64]
    window: tuple[Span, ...]
    paragraphs: tuple[Span, ...]


@cache
def tokenizer(file: Path) -> Any:
    """The word-piece tokenizer in a `tokenizer.json`, without padding or truncation."""
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(file))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def paragraphs(text: str, start: int = 0) -> list[Span]:
    """The paragraphs of `text[start:]`: ascending spans without whitespace at their edges.

    A blank line parts them. So does every other line end, except where lines were wrapped (then a line of less than
    half the width ends one) and where the sentence visibly goes on.
    """
    lines = [span for match in _LINE.finditer(text, start) if (span := _trim(text, *match.span()))]
    width = _wrap_width([line.end - line.start for line in lines])
    found = lines[:1]
    for before, line in pairwise(lines):
        wrapped = 2 * (before.end - before.start) >= width > 0
        goes_on = text[line.start].islower() and text[before.end - 1] not in _ENDS
        if not _blank(text[before.end : line.start]) and (wrapped or goes_on):
            found[-1] = Span(found[-1].start, line.end)
        else:
            found.append(line)
    return found


def _wrap_width(sizes: list[int]) -> int:
    """The column that nearly all of a text's lines keep to, or 0 where lines are paragraphs."""
    narrow = [size for size in sizes if size <= WIDEST_WRAP]
    width = max(narrow, default=0)
    return width if sum(narrow) >= WRAPPED_SHARE * sum(sizes) and width >= NARROWEST_WRAP else 0


def quoted(text: str, spans: list[Span]) -> NDArray[np.bool_]:
    """For each character of `text`, whether it stands in quotation marks (they included), span by span.

    A double mark that is never closed runs to the end of its span, as in a quotation of several paragraphs.
    """
    import numpy as np

    inside = np.zeros(len(text), dtype=np.bool_)
    for span in spans:
        opened = None
        for match in _MARK.finditer(text, span.start, span.end):
            mark = match[0]
            if opened is None:
                follows_word = match.start() > span.start and text[match.start() - 1].isalnum()
                if mark in _CLOSES and not (mark in "'‘" and follows_word):
                    opened = match.start()
            elif mark in _CLOSES[text[opened]]:
                inside[opened : match.end()] = True
                opened = None
        if opened is not None and text[opened] in '"“«':
            inside[opened : span.end] = True
    return inside


def prepare(text: str, words: Any, start: int = 0) -> Windows:
    """`text[start:]` as the tagger reads it; `words` comes from `tokenizer`. Nothing before `start` has a token."""
    import numpy as np

    spans = paragraphs(text, start)
    encoded = words.encode_batch([text[a:b] for a, b in spans], add_special_tokens=False)
    inside = quoted(text, spans)
    break_id = words.token_to_id(PARAGRAPH_TOKEN)
    ids: list[int] = []
    types: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    units: list[Span] = []
    for paragraph, one in zip(spans, encoded, strict=True):
        first = len(ids)
        ids += one.ids
        shift = paragraph.start
        starts += [shift + a for a, _ in one.offsets]
        ends += [shift + b for _, b in one.offsets]
        types += _cases(text, starts[first:], ends[first:], one.word_ids)
        ids.append(break_id)
        starts.append(paragraph.end)
        ends.append(paragraph.end)
        types.append(OTHER)
        units.append(Span(first, len(ids)))
    start_array = np.asarray(starts, dtype=np.int64)
    type_array = np.asarray(types, dtype=np.int64)
    end_array = np.asarray(ends, dtype=np.int64)
    real = end_array > start_array
    type_array[real] += 4 * inside[start_array[real]].astype(np.int64)
    pieces = [piece for span, unit in zip(spans, units, strict=True) for piece in _pieces(text, span, unit, starts)]
    window, owner = _pack(pieces, len(ids))
    return Windows(
        np.asarray(ids, dtype=np.int64), type_array, start_array, end_array, owner, tuple(window), tuple(spans)
    )


def _cases(text: str, starts: list[int], ends: list[int], word_ids: list[int | None]) -> Iterator[int]:
    """The case of the word each token belongs to: pieces of one word share it."""
    first = 0
    for last in range(1, len(word_ids) + 1):
        if last < len(word_ids) and word_ids[last] == word_ids[first]:
            continue
        word = text[starts[first] : ends[last - 1]]
        yield from [_case(word)] * (last - first)
        first = last


def _case(word: str) -> int:
    if not word[:1].isalpha():
        return OTHER
    if len(word) > 1 and word.isupper():
        return CAPITALS
    return CAPITALISED if word[0].isupper() else LOWER


def _pieces(text: str, paragraph: Span, unit: Span, starts: list[int]) -> Iterator[Span]:
    """A paragraph's token range, cut between sentences (failing that, anywhere) where it would not fit a window."""
    room = WINDOW - 2
    if unit.end - unit.start <= room:
        yield unit
        return
    begins = {span.start for span in sentences(text, *paragraph)}
    first = unit.start
    while unit.end - first > room:
        fits = [token for token in range(first + 1, first + room + 1) if starts[token] in begins]
        cut = fits[-1] if fits else first + room
        yield Span(first, cut)
        first = cut
    yield Span(first, unit.end)


def _pack(pieces: list[Span], tokens: int) -> tuple[list[Span], NDArray[np.int64]]:
    """Windows over consecutive pieces, most with the piece before them as context; and each token's owner."""
    import numpy as np

    owner = np.zeros(tokens, dtype=np.int64)
    windows: list[Span] = []
    position = 0
    while position < len(pieces):
        before = pieces[position - 1] if position else pieces[0]
        shown = before.end - before.start
        fits = shown <= CONTEXT and pieces[position].end - before.start <= WINDOW - 2
        first = before.start if position and fits else pieces[position].start
        begin = position
        while position < len(pieces) and pieces[position].end - first <= WINDOW - 2:
            position += 1
        last = pieces[position - 1].end
        owner[pieces[begin].start : last] = len(windows)
        windows.append(Span(first, last))
    return windows, owner


def _blank(gap: str) -> bool:
    return sum(gap.replace("\r\n", "\n").count(mark) for mark in "\n\r\x85") > 1 or any(
        m in gap for m in "\v\f\u2028\u2029"
    )


def _trim(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    if not (bare := piece.strip()):
        return None
    first = start + len(piece) - len(piece.lstrip())
    return Span(first, first + len(bare))
