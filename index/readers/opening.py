"""Opens a source file without ever blocking on it or touching what is not a regular file."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, NamedTuple

from index.readers.refusal import Refusal, is_unicode, shown


class Opened(NamedTuple):
    """A regular file, open for reading in binary at its start; whoever got it closes `file`.

    `source` is the absolute path that drafts carry, `where` the path as refusals show it, `size` in bytes, `encoding`
    what the user said the text is in (a known text encoding) or None.
    """

    file: BinaryIO
    source: str
    where: str
    size: int
    encoding: str | None

    def refuse(self, why: str, hint: str, *, line: int | None = None) -> Refusal:
        """A refusal of this file, or of its line `line` (from 1)."""
        return Refusal(where=self.where if line is None else f"{self.where}:{line}", why=why, hint=hint)


def open_source(path: Path, *, encoding: str | None) -> Opened | Refusal:
    """`path` opened, or why it cannot be. A link's own name is kept. Raises OSError where the system says no."""
    where = shown(path)
    # abspath, not resolve: the article keeps the name that the user knows, also when it is a link.
    source = os.path.abspath(path)  # noqa: PTH100
    if not is_unicode(source):
        return Refusal(where=where, why="the file name is not valid UTF-8", hint="rename it")
    if refusal := _irregular(path.stat().st_mode, where):
        return refusal
    # Without waiting: between the check and the opening, a pipe may take the file's place.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    file = os.fdopen(descriptor, "rb")
    status = os.fstat(descriptor)
    if refusal := _irregular(status.st_mode, where):
        file.close()
        return refusal
    return Opened(file=file, source=source, where=where, size=status.st_size, encoding=encoding)


def _irregular(mode: int, where: str) -> Refusal | None:
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISDIR(mode):
        return Refusal(where=where, why="is a folder, not a file", hint="add the folder to take in what it holds")
    return Refusal(where=where, why="is a pipe, socket or device, not a file", hint="save its content as a file")
