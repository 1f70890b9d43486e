"""The child process that runs torch: encodes in bulk, or exports the question encoder. Never imported elsewhere.

Run as `python -m index.encoder.worker encode MODEL` or `... export MODEL FILE`. Messages travel over stdin and stdout
as pickles (`multiprocessing.connection`); everything libraries print goes to stderr, which the parent keeps in a file.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from contextlib import nullcontext
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Small batches of equal length keep activations in the cache: 16 was the fastest of 8, 16, 32 and 64 on two cores.
_BATCH = 16
_AGREEMENT = 0.9999
_TRIAL_TEXTS = 32
_TRIAL = (
    "The spokesman confirmed on Friday that the talks had ended without an agreement.",
    '"We have not decided anything yet," the minister told reporters, adding that a vote was weeks away.',
    "Shares of the company fell 4.5 per cent. " * 8,
    "Who said the bridge would reopen in May?",
    "According to officials, 1,200 people were moved to higher ground after the river rose overnight. " * 12,
)


def _load(model: str) -> Any:
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="true")
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(model, device="cpu", local_files_only=True)


def _encode(model: Any, texts: list[str], *, half: bool) -> NDArray[np.float32]:
    """Unit vectors (n, dimension). With `half`, matrix products run in bfloat16 and the rest in float32 (autocast)."""
    import torch

    with torch.autocast("cpu", dtype=torch.bfloat16) if half else nullcontext():
        vectors = model.encode(texts, batch_size=_BATCH, convert_to_tensor=True, show_progress_bar=False)
    normalised: NDArray[np.float32] = torch.nn.functional.normalize(vectors.float(), dim=1).numpy()
    return normalised


def _halved(model: Any) -> Any:
    """A copy whose matrices are in bfloat16 already: autocast alone would convert them anew for every batch."""
    import copy

    import torch

    halved = copy.deepcopy(model)
    for module in halved.modules():
        if isinstance(module, torch.nn.Linear):
            module.to(torch.bfloat16)
    return halved


def _half_pays(model: Any, halved: Any) -> bool:
    """Whether bfloat16 is faster here and agrees: measured, since processor flags do not tell (some emulate it)."""
    texts = [_TRIAL[number % len(_TRIAL)] for number in range(_TRIAL_TEXTS)]
    seconds = {}
    vectors = {}
    for half, one in ((False, model), (True, halved)):
        _encode(one, texts[: len(_TRIAL)], half=half)
        start = time.perf_counter()
        vectors[half] = _encode(one, texts, half=half)
        seconds[half] = time.perf_counter() - start
    agreement = (vectors[False] * vectors[True]).sum(axis=1).min()
    return bool(seconds[True] < seconds[False] and agreement >= _AGREEMENT)


def _serve(model_folder: str, reading: Connection, writing: Connection) -> None:
    waiting: queue.Queue[list[str] | None] = queue.Queue()

    # Taken in by a thread, so that a parent who sends never waits for one who is sending.
    def take_in() -> None:
        try:
            while True:
                waiting.put(reading.recv())
        except (EOFError, OSError):
            waiting.put(None)

    threading.Thread(target=take_in, daemon=True).start()
    model = _load(model_folder)
    halved = _halved(model)
    if half := _half_pays(model, halved):
        model = halved
    writing.send("bfloat16" if half else "float32")
    while (texts := waiting.get()) is not None:
        start = time.perf_counter()
        vectors = _encode(model, texts, half=half)
        writing.send((vectors, time.perf_counter() - start))


def _export(model_folder: str, file: str) -> None:
    """Write the whole encoder (transformer, pooling, normalisation) as one ONNX graph, checked against torch."""
    import numpy as np
    import onnxruntime
    import torch

    model = _load(model_folder).eval()
    names = ["input_ids", "attention_mask", "token_type_ids"]

    class Whole(torch.nn.Module):  # type: ignore[misc]  # mypy skips torch, so its classes are Any
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            embedding: torch.Tensor = self.model(dict(zip(names, tensors, strict=True)))["sentence_embedding"]
            return embedding

    features = model.preprocess([*_TRIAL])
    given = tuple(features[name] for name in names)
    axes = {name: {0: "texts", 1: "tokens"} for name in names} | {"embedding": {0: "texts"}}
    torch.onnx.export(
        Whole(), given, file, input_names=names, output_names=["embedding"], dynamic_axes=axes, opset_version=17,
        dynamo=False,
    )  # fmt: skip
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    ours = session.run(None, {name: features[name].numpy() for name in names})[0]
    theirs = _encode(model, [*_TRIAL], half=False)
    agreement = float(np.min((ours * theirs).sum(axis=1)))
    if agreement < _AGREEMENT:
        sys.exit(f"the exported question encoder agrees with its source only to {agreement:.5f}")


def main() -> None:
    """Do what the command line says; end quietly when the parent is gone."""
    # Ctrl+C is the parent's to handle: it closes the pipe when it is done with us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task, model, *rest = sys.argv[1:]
    if task == "export":
        _export(model, rest[0])
        return
    reading, writing = Connection(os.dup(0), writable=False), Connection(os.dup(1), readable=False)
    # From here on, what a library prints cannot fall between the messages.
    os.dup2(2, 1)
    try:
        _serve(model, reading, writing)
    except BrokenPipeError:
        return


if __name__ == "__main__":
    main()
