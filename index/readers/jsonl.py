"""JSON Lines of articles, one object a line, read as a stream: a file of any size needs the memory of one line."""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from index.model import Draft
from index.readers.decoding import ascii_compatible, decode, wide_encoding
from index.readers.metadata import FieldError, metadata
from index.readers.opening import Opened
from index.readers.refusal import Refusal, is_unicode, shown

MAX_LINE_BYTES = 16 * 1024 * 1024
MAX_RECORD_ID = 200

_DRAIN_BYTES = 1024 * 1024
_OBJECT_HINT = 'write one JSON object a line, each with its article in "text"'
_TEXT_HINT = 'put the article into "text"'


class _Problem(NamedTuple):
    why: str
    hint: str


class _Line(NamedTuple):
    """A line that is not blank: its number from 1, and its bytes or None where it is too long to hold."""

    number: int
    data: bytes | None


def read_jsonl(opened: Opened) -> Iterator[Draft | Refusal]:
    """A draft or a refusal a record, in the order of the file; one refusal if no record has `text`. May raise OSError.

    The file is read twice up to the first record with `text`, which is mostly the first line: so nothing needs to be
    held back until it is known whether the file is one of articles.
    """
    if refusal := _unsplittable(opened) or _without_text(opened):
        yield refusal
        return
    first_lines: dict[str, int] = {}
    for line in _lines(opened):
        result = _draft(line, opened)
        if isinstance(result, _Problem):
            yield opened.refuse(*result, line=line.number)
            continue
        # Without an id of its own, a record is known by its text.
        name = result.id if result.record is None else f"id {result.record}"
        first = first_lines.setdefault(name, line.number)
        if first == line.number:
            yield result
            continue
        what = "the article" if result.record is None else f'the id "{shown(result.record)}"'
        yield opened.refuse(f"{what} is that of line {first}", "give each record an id of its own", line=line.number)


def _unsplittable(opened: Opened) -> Refusal | None:
    wide = wide_encoding(opened.file.read(4)) if opened.encoding is None else None
    if wide is None and ascii_compatible(opened.encoding):
        return None
    name = wide or opened.encoding
    hint = f"convert it to UTF-8, for example: iconv -f {name} -t utf-8"
    return opened.refuse(f"JSON Lines in {name}, which cannot be read line by line", hint)


def _without_text(opened: Opened) -> Refusal | None:
    first: tuple[int, _Problem] | None = None
    for line in _lines(opened):
        record = _record(line, opened.encoding)
        if isinstance(record, dict):
            if "text" in record:
                return None
            record = _no_text(record)
        first = first or (line.number, record)
    if first is None:
        return opened.refuse("empty: no records", _OBJECT_HINT)
    number, problem = first
    return opened.refuse(f'no record has "text" (line {number}: {problem.why})', problem.hint)


def _lines(opened: Opened) -> Iterator[_Line]:
    """The lines that are not blank, from the start of the file. Only a line feed ends a line, as JSON Lines has it."""
    opened.file.seek(0)
    number = 0
    while data := opened.file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(data) > MAX_LINE_BYTES and not data.endswith(b"\n"):
            while (rest := opened.file.readline(_DRAIN_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield _Line(number, None)
            continue
        if number == 1:
            data = data.removeprefix(codecs.BOM_UTF8)
        if data and not data.isspace():
            yield _Line(number, data)


def _record(line: _Line, encoding: str | None) -> dict[str, object] | _Problem:
    if line.data is None:
        return _Problem(f"longer than {MAX_LINE_BYTES:,} bytes", "split the article, or " + _OBJECT_HINT)
    text = decode(line.data, encoding=encoding or "utf-8")
    if not isinstance(text, str):
        return _Problem(text.why, "convert the file to UTF-8, or name its encoding with --encoding NAME")
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        return _Problem(f"not JSON ({error.msg.lower()}, column {error.colno:,})", _OBJECT_HINT)
    except RecursionError:
        return _Problem("JSON nested too deeply", _OBJECT_HINT)
    except ValueError:  # Python refuses whole numbers of more than 4,300 digits
        return _Problem("a number with thousands of digits", "write it as a string, or leave it out")
    if isinstance(record, dict):
        return record
    return _Problem(f"{_kind(record)}, not an object", _OBJECT_HINT)


def _draft(line: _Line, opened: Opened) -> Draft | _Problem:
    record = _record(line, opened.encoding)
    if isinstance(record, _Problem):
        return record
    if "text" not in record:
        return _no_text(record)
    text, identifier = record["text"], record.get("id")
    if not isinstance(text, str):
        return _Problem(f'"text" is {_kind(text)}, not a string', _TEXT_HINT)
    body = 1 if text.startswith("\ufeff") else 0
    if not text[body:].strip():
        return _Problem('"text" is empty', _TEXT_HINT + ", or remove the record")
    if not is_unicode(text):
        return _Problem('half a surrogate pair in "text"', "write the character whole, as UTF-8")
    if problem := _bad_id(identifier):
        return problem
    try:
        known = metadata(record)
    except FieldError as error:
        return _Problem(f'half a surrogate pair in "{error}"', "write the character whole, as UTF-8")
    name = None if identifier is None else str(identifier)
    return Draft(text=text, source=opened.source, record=name, line=line.number, body=body, **dict(known))


def _bad_id(identifier: object) -> _Problem | None:
    if identifier is None:
        return None
    if isinstance(identifier, bool) or not isinstance(identifier, str | int):
        return _Problem(f'"id" is {_kind(identifier)}', "make it a string or a whole number, or leave it out")
    name = str(identifier)
    if not name.strip():
        return _Problem('"id" is empty', "fill it, or leave it out")
    if len(name) > MAX_RECORD_ID:
        return _Problem(f'"id" has {len(name):,} characters', f"use at most {MAX_RECORD_ID}, or leave it out")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        return _Problem('"id" holds a control character or line break', "remove it from the id")
    return None


def _no_text(record: dict[str, object]) -> _Problem:
    near = next((key for key in ("body", "content", "article", "Text", "TEXT") if key in record), None)
    return _Problem('no "text"', f'rename "{near}" to "text"' if near else _TEXT_HINT)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "an object"
