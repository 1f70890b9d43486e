"""Which reader reads which format. A new format joins with one line in FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from index.model import Draft
from index.readers.decoding import unknown_encoding
from index.readers.jsonl import read_jsonl
from index.readers.opening import Opened, open_source
from index.readers.plain import read_plain
from index.readers.refusal import Refusal, shown, system_refusal

Reader = Callable[[Opened], Iterator[Draft | Refusal]]

FORMATS: Mapping[str, Reader] = MappingProxyType(
    {
        ".txt": read_plain,
        ".md": read_plain,
        ".jsonl": read_jsonl,
        ".ndjson": read_jsonl,
    }
)


def known(path: Path) -> bool:
    """Whether there is a reader for files named like `path`."""
    return path.suffix.lower() in FORMATS


def known_formats() -> str:
    """The formats as a person would list them."""
    return ", ".join(FORMATS)


def read(path: Path, *, encoding: str | None = None) -> Iterator[Draft | Refusal]:
    """The articles of one file, one after another, and a refusal for each that cannot be used.

    `encoding` is what the text is in, used strictly; None is UTF-8, or what a byte-order mark says. Holds one article
    at a time. Never raises for what the file holds or for a file that cannot be read: that is one refusal.
    """
    where = shown(path)
    if not known(path):
        yield Refusal(where=where, why="not a known format", hint=f"known formats are {known_formats()}")
        return
    if encoding is not None and (problem := unknown_encoding(encoding)):
        yield Refusal(where=where, why=problem.why, hint=problem.hint)
        return
    if "\0" in str(path):
        yield Refusal(where=where, why="not a possible file name", hint="check the name")
        return
    try:
        opened = open_source(path, encoding=encoding)
        if isinstance(opened, Refusal):
            yield opened
            return
        with opened.file:
            yield from FORMATS[path.suffix.lower()](opened)
    except OSError as error:
        yield system_refusal(where, error)
