"""Encoding many passages: sentence-transformers in a child process, so that torch never enters ours.

The child starts at once and loads while the caller reads files; a batch is encoded while the next is prepared.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from index.errors import OnrecordError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GRACE_SECONDS = 5.0
# The folder that holds the package `index`: the child finds it wherever it is started from.
_ROOT = Path(__file__).parents[2]


def child(*arguments: str, log: int, stdin: int | None = None, stdout: int | None = None) -> subprocess.Popen[bytes]:
    """Start the encoder's child process; `log` is the file descriptor that takes what it prints."""
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-m", "index.encoder.worker", *arguments],
        stdin=stdin if stdin is not None else subprocess.DEVNULL,
        stdout=stdout if stdout is not None else log,
        stderr=log,
        env={**os.environ, "PYTHONPATH": path},
    )


class BulkEncoder:
    """A child process that encodes. `seconds` is the time it has spent encoding, start-up not counted."""

    def __init__(self, model: Path) -> None:
        self.seconds = 0.0
        self._dtype: str | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the encoder
        self._process = child(
            "encode", str(model), log=self._log.fileno(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._sending = Connection(os.dup(self._process.stdin.fileno()), readable=False)
        self._receiving = Connection(os.dup(self._process.stdout.fileno()), writable=False)
        self._process.stdin.close()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def dtype(self) -> str:
        """`bfloat16` or `float32`: what the child found faster here. Waits until it is ready."""
        if self._dtype is None:
            self._dtype = str(self._receive())
        return self._dtype

    def submit(self, texts: Sequence[str]) -> None:
        """Hand over texts to be encoded; their vectors come from `receive`, in the order of submission."""
        try:
            self._sending.send(list(texts))
        except OSError:
            raise self._died() from None

    def receive(self) -> NDArray[np.float32]:
        """The unit vectors (n, dimension) of the oldest texts handed over. Raises `OnrecordError` if the child died."""
        assert self.dtype
        vectors, seconds = self._receive()
        self.seconds += seconds
        received: NDArray[np.float32] = vectors
        return received

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (n, dimension) of `texts`, for callers who have nothing else to do meanwhile."""
        self.submit(texts)
        return self.receive()

    def close(self) -> None:
        """End the child; it stops by itself when its input ends, and is stopped when it is in the middle of a batch."""
        self._sending.close()
        self._receiving.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    def _receive(self) -> tuple[NDArray[np.float32], float]:
        try:
            message: tuple[NDArray[np.float32], float] = self._receiving.recv()
        except (EOFError, OSError):
            raise self._died() from None
        return message

    def _died(self) -> OnrecordError:
        code = self._process.wait()
        return OnrecordError(
            f"the encoder's process ended unexpectedly (status {code}): {last_line(self._log)}",
            "what was added before is in; run the command again",
        )


def last_line(log: IO[bytes]) -> str:
    """The last thing a child printed: for a traceback, the error itself."""
    log.seek(0)
    lines = [line.strip() for line in log.read()[-4000:].decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it printed nothing"
