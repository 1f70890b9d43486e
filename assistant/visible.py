"""Where text meets a screen: characters that act on a terminal are shown instead, one for one, so offsets hold."""

from __future__ import annotations

_SHOWN_CONTROL = 0x2400  # the Control Pictures block: U+2400 shows U+0000, and so on
_SUBSTITUTE = "\u2426"
_BREAKS = dict.fromkeys((0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n")
# Overrides and embeddings can make a quotation read as another one; plain marks (U+200E, U+200F) cannot.
_BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), _SUBSTITUTE)
_TABLE: dict[int, str] = (
    {code: chr(_SHOWN_CONTROL + code) for code in range(0x20) if chr(code) not in "\n\t"}
    | {0x7F: "\u2421"}
    | dict.fromkeys(range(0x80, 0xA0), _SUBSTITUTE)
    | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
    | _BIDI
    | _BREAKS
)


def visible(text: str) -> str:
    """`text` with every control character, bidi override and lone surrogate replaced by a visible one.

    The result has the length of `text`. Line feeds and tabs stay; every other kind of line break becomes a line feed,
    the carriage return of CR LF a space.
    """
    return text.replace("\r\n", " \n").translate(_TABLE)


def one_line(text: str) -> str:
    """`text` for a place that has one line: visible, and white space of any kind folded to single spaces."""
    return " ".join(visible(text).split())
