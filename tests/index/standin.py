"""A stand-in for the model where a test is about storage: exact, instant, and without meaning."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from index.adding import Added, Progress, add
from index.archive import Archive
from index.encoder.bulk import BulkEncoder
from index.model import Filters
from index.readers import Refusal

QUESTION = "ferry bridge strike harbour"


class Numbers:
    """In place of the model: a vector that follows from the text alone, so that scores can be compared exactly."""

    seconds = 0.0

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._waiting: deque[NDArray[np.float32]] = deque()

    def vector(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
        found = np.random.default_rng(seed).normal(size=self._dimension)
        return (found / np.linalg.norm(found)).astype(np.float32)

    def submit(self, texts: Sequence[str]) -> None:
        self._waiting.append(np.stack([self.vector(text) for text in texts]))

    def receive(self) -> NDArray[np.float32]:
        return self._waiting.popleft()

    def add(
        self,
        archive: Archive,
        paths: Sequence[Path],
        model: Path,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> Added:
        """Add files that can all be used."""

        def refused(refusal: Refusal) -> None:
            raise AssertionError(str(refusal))

        return add(archive, paths, model, refused=refused, progress=progress, encoder=cast(BulkEncoder, self))


class Held(NamedTuple):
    articles: set[str]
    counts: tuple[int, int]
    nearest: list[float]
    dense: list[tuple[float, str]]
    words: list[str]


def held(archive: Archive, numbers: Numbers) -> Held:
    with archive.snapshot() as snapshot:
        dense = snapshot.dense(numbers.vector(QUESTION), limit=100, filters=Filters())
        nearest = snapshot.dense(numbers.vector(QUESTION), limit=1, filters=Filters())
        words = snapshot.lexical(QUESTION, limit=100, filters=Filters())
        found = snapshot.passages([hit.passage for hit in dense] + [hit.passage for hit in words])
        texts = {}
        for one in found.values():
            (article, *_) = snapshot.appearances(one.content, Filters())
            texts[one.id] = article.text[one.start : one.end]
        return Held(
            {one.article.id for one in snapshot.listed(Filters())},
            snapshot.counts(),
            [round(hit.score, 4) for hit in nearest],
            sorted((round(hit.score, 4), texts[hit.passage]) for hit in dense),
            sorted(texts[hit.passage] for hit in words),
        )
