"""The judge: is a statement about what was asked, and does it support or dispute it? Our cross-encoder in ONNX Runtime.

Trained by benchmarks/training/judge.py; data, figures and licences in weights/judge.md.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from index.encoder.weights import locate
from index.model import Frozen
from index.sessions import open_checked

WEIGHTS = Path(__file__).parent / "weights"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("aboutness", "polarity")
# Pairs of about one length are run together; padding costs more than calls do.
_BATCH = 8


class Verdict(NamedTuple):
    """What the judge thinks of one statement.

    `aboutness` is the log-odds that the statement is about what was asked, whichever side it takes: it ranks the
    statements for one question, and 0 is where a person would waver. `supports` is the probability in [0, 1] that, if
    it is about that, it says the same rather than the opposite, its cue included: near 0 is a dispute.
    """

    aboutness: float
    supports: float


class JudgeCard(Frozen):
    """`judge.json`: the checksum of `judge.onnx`, its version, and the most tokens of a pair that it reads."""

    sha256: str
    version: str
    window: int


class Judge:
    """Pairs of question and statement → verdicts. Loading takes a fraction of a second and happens at the first one."""

    def __init__(self, folder: Path = WEIGHTS, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads or min(2, os.cpu_count() or 1)
        self.card = JudgeCard.model_validate_json((folder / "judge.json").read_bytes())

    def judge(self, question: str, statements: Sequence[str]) -> list[Verdict]:
        """A verdict for each statement, in their order; statements as `index.statements.forms.judged` gives them.

        `question` asks who said something, or is the proposition itself; for "who disputes P" it is P. What exceeds the
        window is cut from the longer of both. Raises `OnrecordError` when the weights are damaged.
        """
        import numpy as np

        encoded = self._words.encode_batch_fast([(question, statement) for statement in statements])
        order = sorted(range(len(encoded)), key=lambda index: len(encoded[index].ids))
        verdicts = [Verdict(0.0, 0.5)] * len(encoded)
        for at in range(0, len(order), _BATCH):
            rows = order[at : at + _BATCH]
            tokens = len(encoded[rows[-1]].ids)
            inputs = {name: np.zeros((len(rows), tokens), dtype=np.int64) for name in INPUTS}
            for row, index in enumerate(rows):
                one = encoded[index]
                inputs["input_ids"][row, : len(one.ids)] = one.ids
                inputs["attention_mask"][row, : len(one.ids)] = 1
                inputs["token_type_ids"][row, : len(one.ids)] = one.type_ids
            aboutness, polarity = self._session.run([*OUTPUTS], inputs)
            supports = 1 / (1 + np.exp(polarity[:, 1] - polarity[:, 0]))
            for row, index in enumerate(rows):
                verdicts[index] = Verdict(float(aboutness[row]), float(supports[row]))
        return verdicts

    @cached_property
    def _words(self) -> Any:
        from tokenizers import Tokenizer

        words = Tokenizer.from_file(str(locate() / "tokenizer.json"))
        words.no_padding()
        words.enable_truncation(self.card.window, strategy="longest_first")
        return words

    @cached_property
    def _session(self) -> Any:
        return open_checked(self._folder / "judge.onnx", self.card.sha256, self._threads)
