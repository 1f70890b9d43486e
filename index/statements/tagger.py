"""Finds reported speech in running text: our tagger in ONNX Runtime, then `linking`.

Token roles anchored at a cue follow Dozat and Manning's biaffine attention (2017), reduced to a product of projections.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.encoder.weights import locate
from index.model import Frozen
from index.sessions import open_checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.statements.linking import Found
    from index.statements.windows import Windows

WEIGHTS = Path(__file__).parent / "weights"


class TaggerCard(Frozen):
    """`tagger.json`. `distance` is that of `linking.Roles`; the numbers before it are `linking.Settings`."""

    sha256: str
    version: str
    window: int
    outside_bias: tuple[float, float, float]
    link: float
    source: float
    role: float
    statement: tuple[float, float, float, float]
    distance: tuple[tuple[float, float], ...]


class Tagger:
    """Texts → statements. Loading takes a fraction of a second and happens at the first text."""

    def __init__(self, folder: Path = WEIGHTS, *, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads or min(2, os.cpu_count() or 1)
        self.card = TaggerCard.model_validate_json((folder / "tagger.json").read_bytes())

    @cached_property
    def _words(self) -> Any:
        from index.statements.windows import tokenizer

        return tokenizer(locate() / "tokenizer.json")

    @cached_property
    def _session(self) -> Any:
        return open_checked(self._folder / "tagger.onnx", self.card.sha256, self._threads)

    def tag(self, texts: Sequence[str], starts: Sequence[int] | None = None) -> list[list[Found]]:
        """The statements of each text, in reading order; nothing before a text's start (0 if not given) is looked at.

        Raises `OnrecordError` when the weights are damaged.
        """
        import numpy as np

        from index.statements.linking import Roles, Settings, link
        from index.statements.windows import prepare

        distance = np.asarray(self.card.distance, dtype=np.float32)
        settings = Settings(**self.card.model_dump(include=set(Settings._fields)))
        found = []
        for text, start in zip(texts, starts or [0] * len(texts), strict=True):
            one = prepare(text, self._words, start)
            outputs = self._outputs(one)
            logits = np.zeros((len(one.ids), 9), dtype=np.float32)
            for number, (span, (window_logits, _, _)) in enumerate(zip(one.window, outputs, strict=True)):
                mine = one.owner[span.start : span.end] == number
                logits[span.start : span.end][mine] = window_logits[mine]
            roles = [Roles(cue, token, distance) for _, cue, token in outputs]
            found.append(link(text, one, logits, roles, settings))
        return found

    def _outputs(self, prepared: Windows) -> list[tuple[NDArray[np.float32], ...]]:
        """For each window: logits (tokens, 9), cue and token vectors (tokens, 2, d); special tokens cut off.

        One window at a time: int8 activations are scaled by the largest of a whole batch, so that in a batch a text
        would be read a little differently for what stands beside it.
        """
        import numpy as np

        from index.statements.windows import OTHER

        first, last = self._words.token_to_id("[CLS]"), self._words.token_to_id("[SEP]")
        made = []
        for start, end in prepared.window:
            ids = np.array([[first, *prepared.ids[start:end], last]])
            types = np.array([[OTHER, *prepared.types[start:end], OTHER]])
            given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
            made.append(tuple(out[0, 1:-1] for out in self._session.run(["logits", "cue", "token"], given)))
        return made
