"""The chat in a real terminal: it asks and answers, and leaves the terminal as it found it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

from assistant.engine import Assistant

_PROGRAM = "import sys; from pathlib import Path; from assistant.tui.app import run; sys.exit(run(Path(sys.argv[1])))"
_PATIENCE = 60
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_asking_and_quitting_in_a_terminal(assistant: Assistant) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(theirs)
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(assistant.archive.directory)],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm-256color"},
    )  # fmt: skip
    terminal = Terminal(ours)
    try:
        terminal.read_until("4 articles")
        terminal.send(b"How much will the ferry to Saltmere cost a day?\r")
        terminal.read_until("four crowns a day")
        terminal.send(b"\x03")
        terminal.read_until("quits")
        assert process.poll() is None
        terminal.send(b"\x11")
        terminal.read_until("\x1b[?1049l")
        assert process.wait(_PATIENCE) == 0
        terminal.read_rest()
        assert termios.tcgetattr(theirs) == before
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
    assert "Traceback" not in terminal.seen
    # The other screen, mouse reports and bracketed paste are off again, the cursor is back.
    assert [terminal.last_mode(number) for number in (1049, 1000, 1006, 2004, 25)] == ["l", "l", "l", "l", "h"]


class Terminal:
    """Our end of a pseudo-terminal, and everything that was seen there."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.seen = ""

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self._descriptor, keys)

    def read_until(self, text: str) -> None:
        """Read until `text` appears in what is new, with its styles or without them."""
        start, until = len(self.seen), time.monotonic() + _PATIENCE
        while text not in (new := self.seen[start:]) and text not in _STYLE.sub("", new):
            self._read(0.2)
            assert time.monotonic() < until, f"never saw {text!r}"

    def read_rest(self) -> None:
        """Read what there is."""
        while self._read(0.2):
            pass

    def last_mode(self, number: int) -> str | None:
        """Whether a terminal mode was set (h) or reset (l) last."""
        found = re.findall(rf"\x1b\[\?{number}([hl])", self.seen)
        return found[-1] if found else None

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if ready:
            self.seen += os.read(self._descriptor, 65536).decode(errors="replace")
        return bool(ready)
