"""Encoding questions: the passage encoder's own weights in ONNX Runtime, so that asking never waits for torch."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from index import pointer
from index.encoder.bulk import child, last_line
from index.encoder.weights import EncoderIdentity, cache_dir
from index.errors import WrongEncoder
from index.model import Frozen
from index.sessions import open_session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FILE = "question.onnx"
_POINTER = "question.json"
_THREADS = 2
_BATCH = 16


class _Exported(Frozen):
    bytes: int
    mtime_ns: int
    sha256: str


class QuestionEncoder:
    """Text to unit vectors, for questions and for the sentences read with them."""

    def __init__(self, session: Any, tokenizer: Any) -> None:
        self._session = session
        self._tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (n, dimension); a text longer than the window is cut there."""
        import numpy as np

        encoded = [one.ids for one in self._tokenizer.encode_batch_fast([*texts])]
        vectors = np.zeros((len(encoded), self._session.get_outputs()[0].shape[-1]), dtype=np.float32)
        # Texts of like length together: padding costs as much as words do.
        order = sorted(range(len(encoded)), key=lambda number: len(encoded[number]))
        for at in range(0, len(order), _BATCH):
            batch = order[at : at + _BATCH]
            shape = (len(batch), len(encoded[batch[-1]]))
            ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
            for row, number in enumerate(batch):
                ids[row, : len(encoded[number])] = encoded[number]
                mask[row, : len(encoded[number])] = 1
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            vectors[batch] = self._session.run(None, inputs)[0]
        return vectors


def load(model: Path, identity: EncoderIdentity, *, notify: Callable[[str], None] | None = None) -> QuestionEncoder:
    """The question encoder of a model, exported into the user's cache the first time (`notify` is told).

    Raises `WrongEncoder` when the export fails or does not agree with the model (cosine below .9999).
    """
    folder = cache_dir() / "encoders" / identity.sha256
    if not _sound(folder):
        _export(model, folder, notify)
    return open_encoder(folder / _FILE, model / "tokenizer.json", window=identity.window)


def open_encoder(weights: Path, vocabulary: Path, *, window: int) -> QuestionEncoder:
    """An encoder from an ONNX graph and a `tokenizer.json`; a text of more tokens than `window` is cut there."""
    from tokenizers import Tokenizer

    session = open_session(str(weights), min(_THREADS, os.cpu_count() or 1))
    tokenizer = Tokenizer.from_file(str(vocabulary))
    tokenizer.enable_truncation(max_length=window)
    tokenizer.no_padding()
    return QuestionEncoder(session, tokenizer)


def _sound(folder: Path) -> bool:
    """Whether the exported file is there with the size and time it was written with; else its bytes are compared."""
    written = pointer.read(folder / _POINTER, _Exported)
    try:
        state = (folder / _FILE).stat()
    except OSError:
        return False
    if written is None or state.st_size != written.bytes:
        return False
    return state.st_mtime_ns == written.mtime_ns or _sha256(folder / _FILE) == written.sha256


def _export(model: Path, folder: Path, notify: Callable[[str], None] | None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "export.lock"):
            if _sound(folder):  # another process was faster
                return
            if notify is not None:
                notify("preparing the question encoder (once, about 15 seconds) …")
            beside = folder / f"{_FILE}.{os.getpid()}.new"
            try:
                _run_export(model, beside)
                sha256 = _sha256(beside)
                beside.replace(folder / _FILE)
            finally:
                beside.unlink(missing_ok=True)
            state = (folder / _FILE).stat()
            written = _Exported(bytes=state.st_size, mtime_ns=state.st_mtime_ns, sha256=sha256)
            pointer.write(folder / _POINTER, written)
    except OSError as error:
        raise WrongEncoder(
            f"the question encoder cannot be kept in {folder} ({error.strerror})",
            "see to the disk, or set ONRECORD_CACHE to another folder",
        ) from None


def _run_export(model: Path, file: Path) -> None:
    with tempfile.TemporaryFile() as log:
        process = child("export", str(model), str(file), log=log.fileno())
        try:
            status = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        if status:
            raise WrongEncoder(f"the question encoder could not be prepared: {last_line(log)}", "see the README")
    with file.open("rb+") as exported:
        os.fsync(exported.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
