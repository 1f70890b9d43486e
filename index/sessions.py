"""Opening a model's graph in ONNX Runtime: the same threads and checks for all of ours."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from index.errors import OnrecordError


def open_session(graph: str | bytes, threads: int) -> Any:
    """An ONNX Runtime session of a file's path or of its bytes, on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin between questions would take a core from the chat.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def open_checked(file: Path, sha256: str, threads: int) -> Any:
    """As `open_session`, of shipped weights NAME.onnx. Raises `OnrecordError` where their checksum differs."""
    graph = file.read_bytes()
    if hashlib.sha256(graph).hexdigest() != sha256:
        raise OnrecordError(
            f"the {file.stem}'s weights in {file.parent} are damaged (SHA-256 differs)", "install onrecord again"
        )
    return open_session(graph, threads)
