"""Bytes → text, strictly: the text a file says, or a reason why not; never replacement characters."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from index.readers.refusal import is_unicode, shown

_UTF8_BOM = codecs.BOM_UTF8
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 64 * 1024
# Of several encodings that read the bytes alike, the one people know by name.
_FAMILIAR = ("cp1252", "cp1251", "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949")
# The detector has no letter statistics for these; being well-formed in them is evidence enough.
_WELL_FORMED_IS_ENOUGH = {"cp932", "euc_jp", "gb18030", "big5", "cp949"}
_GENERAL_HINT = "convert it to UTF-8, or name its encoding with --encoding NAME (Western text from Windows: cp1252)"


class Undecodable(NamedTuple):
    """Why bytes are not text, and what to do."""

    why: str
    hint: str


def unknown_encoding(name: str) -> Undecodable | None:
    """None if `name` is an encoding of text that Python knows, else why not."""
    try:
        # One byte, as empty input is never handed to the codec; 'hex', 'rot13' and the like fail as unknown here.
        b" ".decode(name)
    except UnicodeDecodeError:
        return None
    except (LookupError, ValueError):
        return Undecodable(f'"{shown(name)[:80]}" is not an encoding of text', "name one such as utf-8, cp1252, utf-16")
    return None


def wide_encoding(head: bytes) -> str | None:
    """The UTF-16 or UTF-32 that a byte-order mark at the start of `head` announces."""
    return next((name for mark, name in _WIDE_BOMS if head.startswith(mark)), None)


def ascii_compatible(encoding: str | None) -> bool:
    """Whether lines can be split as bytes before they are decoded. Expects a known encoding or None (UTF-8)."""
    if encoding is None:
        return True
    sample = b'{"text": "a"}\n'
    try:
        return sample.decode(encoding) == sample.decode("ascii")
    except UnicodeError:
        return False


def decode(data: bytes, *, encoding: str | None = None) -> str | Undecodable:
    """All of `data` as text, a byte-order mark kept as U+FEFF at index 0.

    Without `encoding`: UTF-8, or UTF-16 or UTF-32 where a byte-order mark says so. With it: that and nothing else.
    """
    name = _without_losing_the_mark(encoding, data) if encoding else (wide_encoding(data) or "utf-8")
    wide = name.startswith(("utf-16", "utf-32"))
    if not wide and b"\0" in data:
        return _binary(f"NUL byte at offset {data.find(0):,}")
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        return _undecodable(data, error, name=name, guess=encoding is None and not wide)
    except ValueError:
        return Undecodable(f"not {_label(name)}", "name another encoding with --encoding NAME, or convert it to UTF-8")
    if not is_unicode(text):  # UTF-7 and the escape codecs let halves of characters through.
        return Undecodable(f"not {_label(name)} (half a surrogate pair)", "convert it to UTF-8")
    if wide and (nul := text.find("\0")) >= 0:
        return _binary(f"NUL as character {nul:,}")
    return text


def _without_losing_the_mark(encoding: str, data: bytes) -> str:
    """The codec for `encoding` that decodes a byte-order mark as a character instead of eating it."""
    name = codecs.lookup(encoding).name
    if name == "utf-8-sig":
        return "utf-8"
    if name in ("utf-16", "utf-32"):
        announced = wide_encoding(data)
        return announced if announced and announced.startswith(name) else name
    return name


def _binary(evidence: str) -> Undecodable:
    return Undecodable(f"a binary file ({evidence})", "leave it out, or name its encoding with --encoding, if text")


def _undecodable(data: bytes, error: UnicodeDecodeError, *, name: str, guess: bool) -> Undecodable:
    why = f"not {_label(name)} (byte 0x{data[error.start]:02x} at offset {error.start:,})"
    if not guess:
        return Undecodable(why, "name another encoding with --encoding NAME, or convert it to UTF-8")
    likely = _likely_encoding(data, around=error.start)
    return Undecodable(why, f"it looks like {likely}: add --encoding {likely}" if likely else _GENERAL_HINT)


def _label(name: str) -> str:
    return name.upper() if name.startswith("utf") else name


def _likely_encoding(data: bytes, *, around: int) -> str | None:
    """The encoding of `data`, if one stands out; None where a guess would risk mangled names."""
    from charset_normalizer import from_bytes  # slow to import, and only ever needed here

    start = max(0, around - _SAMPLE_BYTES // 2)
    matches = list(from_bytes(data[start : start + _SAMPLE_BYTES]))
    if not matches:
        return None
    best = matches[0]
    rivals = [m for m in matches[1:] if m.percent_chaos <= best.percent_chaos + 1]
    if any(rival.percent_coherence > best.percent_coherence - 3 for rival in rivals):
        return None
    alike = [best.encoding, *best.could_be_from_charset]
    # Of a few accented letters the detector makes code pages of MS-DOS or the Baltic: no name is better than those.
    name = next((familiar for familiar in _FAMILIAR if familiar in alike), None)
    if name is None:
        return None
    sure = best.percent_chaos <= 5 and (best.percent_coherence >= 50 or name in _WELL_FORMED_IS_ENOUGH)
    if not sure:
        return None
    try:
        data.decode(name)
    except ValueError:
        return None
    return name
