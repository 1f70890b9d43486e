"""The two streams of the command line: stdout carries what was asked for, stderr everything said about it."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Iterable
from shutil import get_terminal_size
from typing import TextIO

from assistant.present import Line
from assistant.visible import one_line

_STYLES = {"heading": "1", "quote": "", "source": "2", "note": "2", "plain": ""}
_RESET = "\x1b[0m"
_WIDEST = 100
_SECONDS_BETWEEN_LINES = 15.0


def out(text: str) -> None:
    """One line on stdout."""
    sys.stdout.write(text + "\n")


def say(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(one_line(text) + "\n")
    sys.stderr.flush()


def show(lines: Iterable[Line]) -> None:
    """Text for people on stdout: wrapped and styled on a terminal, a line as it is elsewhere."""
    if not sys.stdout.isatty():
        for line in lines:
            out(_indented(line.text, line.indent))
        return
    width = min(get_terminal_size().columns, _WIDEST)
    styled = _styled(sys.stdout)
    for line in lines:
        code = _STYLES[line.role] if styled else ""
        for row in _wrapped(line, width):
            out(f"\x1b[{code}m{row}{_RESET}" if code and row else row)


class Progress:
    """How far something long has come, on stderr: one line that changes on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()
        self._shown = False

    def update(self, text: str) -> None:
        """Show `text` in place of what was shown before."""
        now = time.monotonic()
        if self._live:
            width = get_terminal_size().columns - 1
            sys.stderr.write("\r\x1b[K" + one_line(text)[:width])
            sys.stderr.flush()
            self._shown = True
        elif now - self._last >= _SECONDS_BETWEEN_LINES:
            say(text)
            self._last = now

    def say(self, text: str) -> None:
        """A line that stays, above the one that changes."""
        self.close()
        say(text)

    def close(self) -> None:
        """Take the changing line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


def _wrapped(line: Line, width: int) -> list[str]:
    rows: list[str] = []
    hanging = " " * (line.indent + _mark_width(line.text))
    for number, part in enumerate(line.text.split("\n")):
        first = " " * line.indent if number == 0 else hanging
        rows += textwrap.wrap(
            part, max(width, 30), initial_indent=first, subsequent_indent=hanging,
            break_on_hyphens=False, break_long_words=False, drop_whitespace=True,
        ) or [""]  # fmt: skip
    return rows


def _mark_width(text: str) -> int:
    """The width of a leading "[1] " or "1. ", so that what follows hangs behind it."""
    head, space, _ = text.partition(" ")
    numbered = (head.startswith("[") and head.endswith("]")) or head.endswith(".")
    return len(head) + 1 if space and numbered and head.strip("[].").isdigit() else 0


def _indented(text: str, indent: int) -> str:
    return "\n".join(" " * indent + part for part in text.split("\n")) if indent else text


def _styled(stream: TextIO) -> bool:
    """Whether to colour: on a terminal that can, unless NO_COLOR is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
