"""The reader: which words of a passage answer a question, if any? Our extractive reader in ONNX Runtime.

Trained by benchmarks/training/reader.py; data, figures and licences in weights/reader.md.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from index.encoder.weights import locate
from index.model import Frozen
from index.sessions import open_checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "weights"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("start", "end", "null", "relevance")
# Windows of about one length are run together; padding costs more than calls do.
_BATCH = 8
# [CLS] question [SEP] passage [SEP].
_SPECIAL_TOKENS = 3
# A longer answer is a sentence, and those are found by other means.
_LONGEST_ANSWER = 30


class AnswerSpan(NamedTuple):
    """Words that may answer: `start:end` in the passage's text, in code points.

    `score` is the logarithm of how much likelier, start and end together, these words are than that the passage has no
    answer: it compares between passages of one question, and 0 is the line.
    """

    start: int
    end: int
    score: float


class Reading(NamedTuple):
    """What the reader thinks of one passage: its best answers, best first, none overlapping a better one.

    `relevance` is the log-odds that this is the passage that was asked for. `found` is empty only where the passage has
    no words.
    """

    found: tuple[AnswerSpan, ...]
    relevance: float


class ReaderCard(Frozen):
    """`reader.json`: checksum of `reader.onnx`, version, most tokens of question and of both together, and the stride.

    A passage that exceeds the window is read in several, which share `stride` tokens.
    """

    sha256: str
    version: str
    window: int
    question: int
    stride: int


class _Window(NamedTuple):
    """A pair's tokens from one window; the first of the passage is `begin` in `ids` and stands at `offsets[0]`."""

    pair: int
    ids: list[int]
    begin: int
    offsets: Sequence[tuple[int, int]]


class Reader:
    """Pairs of question and passage → readings. Loading takes a fraction of a second and happens at the first one."""

    def __init__(self, folder: Path = WEIGHTS, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads or min(2, os.cpu_count() or 1)
        self.card = ReaderCard.model_validate_json((folder / "reader.json").read_bytes())

    def read(self, pairs: Sequence[tuple[str, str]], *, best: int = 3) -> list[Reading]:
        """A reading with at most `best` answers for each (question, passage), in their order.

        Of a question longer than its window the end is left out. Raises `OnrecordError` when the weights are damaged.
        """
        windows = self._windows(pairs)
        order = sorted(range(len(windows)), key=lambda index: len(windows[index].ids))
        found: list[list[AnswerSpan]] = [[] for _ in pairs]
        relevance = [-math.inf] * len(pairs)
        for at in range(0, len(order), _BATCH):
            batch = [windows[index] for index in order[at : at + _BATCH]]
            for window, start, end, null, relevant in zip(batch, *self._run(batch), strict=True):
                stop = window.begin + len(window.offsets)
                scores = start[window.begin : stop, None] + end[None, window.begin : stop] - 2 * null
                found[window.pair].extend(_best(scores, window.offsets, best))
                relevance[window.pair] = max(relevance[window.pair], float(relevant))
        return [Reading(_apart(some, best), one) for some, one in zip(found, relevance, strict=True)]

    def _windows(self, pairs: Sequence[tuple[str, str]]) -> list[_Window]:
        questions = list(dict.fromkeys(question for question, _ in pairs))
        passages = list(dict.fromkeys(passage for _, passage in pairs))
        encoded = [one.ids for one in self._words.encode_batch(questions, add_special_tokens=False)]
        asked = dict(zip(questions, encoded, strict=True))
        read = dict(zip(passages, self._words.encode_batch(passages, add_special_tokens=False), strict=True))
        first, last = self._words.token_to_id("[CLS]"), self._words.token_to_id("[SEP]")
        windows = []
        for pair, (question, passage) in enumerate(pairs):
            head = [first, *asked[question][: self.card.question], last]
            tokens = read[passage]
            room = self.card.window - len(head) - 1
            at = 0
            while True:
                ids = [*head, *tokens.ids[at : at + room], last]
                windows.append(_Window(pair, ids, len(head), tokens.offsets[at : at + room]))
                if at + room >= len(tokens.ids):
                    break
                at += room - self.card.stride
        return windows

    def _run(self, batch: Sequence[_Window]) -> Any:
        import numpy as np

        tokens = max(len(one.ids) for one in batch)
        inputs = {name: np.zeros((len(batch), tokens), dtype=np.int64) for name in INPUTS}
        for row, one in enumerate(batch):
            inputs["input_ids"][row, : len(one.ids)] = one.ids
            inputs["attention_mask"][row, : len(one.ids)] = 1
            inputs["token_type_ids"][row, one.begin : len(one.ids)] = 1
        return self._session.run([*OUTPUTS], inputs)

    @cached_property
    def _words(self) -> Any:
        from tokenizers import Tokenizer

        words = Tokenizer.from_file(str(locate() / "tokenizer.json"))
        words.no_padding()
        words.no_truncation()
        return words

    @cached_property
    def _session(self) -> Any:
        return open_checked(self._folder / "reader.onnx", self.card.sha256, self._threads)


def _best(scores: NDArray[np.float32], offsets: Sequence[tuple[int, int]], best: int) -> list[AnswerSpan]:
    """The best spans of `scores` (first token, last token), none overlapping a better one; `offsets` in characters."""
    import numpy as np

    allowed = np.triu(np.ones(scores.shape, dtype=bool)) & ~np.triu(np.ones(scores.shape, dtype=bool), _LONGEST_ANSWER)
    scores = np.where(allowed, scores, -np.inf)
    found: list[AnswerSpan] = []
    while len(found) < best and scores.size:
        first, last = (int(one) for one in np.unravel_index(int(scores.argmax()), scores.shape))
        if scores[first, last] == -np.inf:
            break
        found.append(AnswerSpan(offsets[first][0], offsets[last][1], float(scores[first, last])))
        # What overlaps begins no later than this ends, and ends no earlier than this begins.
        scores[: last + 1, first:] = -np.inf
    return found


def _apart(found: Sequence[AnswerSpan], best: int) -> tuple[AnswerSpan, ...]:
    """The best of several windows, none overlapping a better one."""
    kept: list[AnswerSpan] = []
    for one in sorted(found, key=lambda one: -one.score):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return tuple(kept[:best])
