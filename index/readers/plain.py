"""Plain text and Markdown, with or without YAML front matter. The text is the file's, character for character."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import yaml

from index.model import Draft
from index.readers.decoding import decode
from index.readers.metadata import FieldError, metadata
from index.readers.opening import Opened
from index.readers.refusal import Refusal, shown

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_FRONT_MATTER = 64 * 1024

_BREAK = r"(?:\r\n|\n|\r)"
_OPENING = re.compile(rf"---[ \t]*{_BREAK}")
_CLOSING = re.compile(rf"(?:^|(?<=[\r\n]))(?:---|\.\.\.)[ \t]*(?:{_BREAK}|\Z)")
_KEY = re.compile(r"(?:^|(?<=[\r\n]))\w[\w-]*:(?=[ \t\r\n]|\Z)")
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """SafeLoader that knows no anchors and reads every scalar but null as the string it is.

    With YAML's own rules `published: 2021-02-30` fails, `title: 0123` is 83 and `language: no` is false. An alias can
    make a kilobyte of YAML gigabytes of objects, and front matter needs none.
    """

    def compose_node(self, parent: object, index: object) -> object:
        event = self.peek_event()
        if getattr(event, "anchor", None) is not None:  # an alias event carries the anchor it stands for
            raise yaml.MarkedYAMLError(problem="anchors and aliases are not allowed", problem_mark=event.start_mark)
        return super().compose_node(parent, index)


for _type in ("bool", "int", "float", "binary", "timestamp", "value"):
    _Loader.add_constructor(_TAG + _type, yaml.SafeLoader.construct_yaml_str)


class _Broken(NamedTuple):
    line: int
    why: str


class _FrontMatter(NamedTuple):
    fields: Mapping[str, object]
    end: int


def read_plain(opened: Opened) -> Iterator[Draft | Refusal]:
    """One draft, or one refusal. `body` is past the byte-order mark and the front matter. May raise OSError."""
    yield _read(opened)


def _read(opened: Opened) -> Draft | Refusal:
    data = b"" if opened.size > MAX_FILE_BYTES else opened.file.read(MAX_FILE_BYTES + 1)
    size = max(opened.size, len(data))  # it may grow while it is read
    if size > MAX_FILE_BYTES:
        why = f"{size:,} bytes, more than the {MAX_FILE_BYTES:,} that an article may have"
        return opened.refuse(why, "split it, or put the articles into a JSON Lines file")
    text = decode(data, encoding=opened.encoding)
    if not isinstance(text, str):
        return opened.refuse(text.why, text.hint)
    body = 1 if text.startswith("\ufeff") else 0
    front = _front_matter(text, body)
    if isinstance(front, _Broken):
        hint = 'correct it (a value that holds ": " needs quotes), or remove the --- at the start if it is text'
        return opened.refuse(f"broken front matter ({front.why})", hint, line=front.line)
    fields: Mapping[str, object] = {}
    if front:
        fields, body = front
    if not text[body:].strip():
        after = " after the front matter" if front else ""
        return opened.refuse(f"empty: no text{after}", "leave it out, or save it with its text")
    try:
        known = metadata(fields)
    except FieldError as error:
        return opened.refuse(f"half a surrogate pair in {error}", "correct the front matter", line=2)
    return Draft(text=text, source=opened.source, body=body, **dict(known))


def _front_matter(text: str, start: int) -> _FrontMatter | _Broken | None:
    """The front matter that begins at `start`; None where there is only text, with a rule at its top or without."""
    opening = _OPENING.match(text, start)
    if opening is None:
        return None
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        return None
    if closing.start() - opening.end() > MAX_FRONT_MATTER:
        # Two rules far apart are only rules, unless what follows the first says otherwise.
        begins_with_key = _KEY.match(text, opening.end())
        return _Broken(1, f"longer than {MAX_FRONT_MATTER:,} characters") if begins_with_key else None
    block = text[opening.end() : closing.start()]
    try:
        loaded = yaml.load(block, _Loader)
    except yaml.YAMLError as error:
        return _Broken(2 + _line(error, block), _reason(error)) if _KEY.search(block) else None
    except (ValueError, OverflowError, RecursionError):  # escapes beyond Unicode; a thousand brackets
        return _Broken(2, "not readable as YAML") if _KEY.search(block) else None
    if not isinstance(loaded, dict):
        return None
    return _FrontMatter({str(key): value for key, value in loaded.items()}, closing.end())


def _line(error: yaml.YAMLError, block: str) -> int:
    """The line of `block`, from 0, that `error` is about."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return int(error.problem_mark.line)
    return len(re.findall(_BREAK, block[: getattr(error, "position", 0)]))


def _reason(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    return shown(" ".join(str(problem).split()))[:120]
