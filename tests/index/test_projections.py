"""However an archive came to hold what it holds, it finds what one made afresh would find."""

from __future__ import annotations

import hashlib
import shutil
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index import vectors
from index.adding import add
from index.archive import Archive, create_archive
from index.encoder import EncoderIdentity
from index.encoder.bulk import BulkEncoder
from index.model import Filters

QUESTION = "ferry bridge strike harbour"
NAMES = ["a.txt", "b.txt", "c.txt", "d.md"]
TEXTS = [
    "The ferry line closed on Tuesday.",
    "The bridge reopens in May. " * 30,
    "Weavers voted to strike.\r\n\r\nThe harbour was quiet.",
    "---\ntitle: The ferry\noutlet: Coast Daily\n---\nNobody said anything.",
    "The harbour office, the ferry line and the bridge company met.",
]


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


class Held(NamedTuple):
    articles: set[str]
    counts: tuple[int, int]
    dense: list[tuple[float, str]]
    words: list[str]


class Step(NamedTuple):
    """Write a text into a file and add it, or remove its article (None).

    The writer may die before it has seen to the projections, and something may happen to them.
    """

    name: str
    text: int | None
    dies: bool
    damage: str | None


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(NAMES),
        st.none() | st.integers(0, len(TEXTS) - 1),
        st.booleans(),
        st.sampled_from([None, None, None, "vectors.json", "lexical.json", "vectors-*.faiss", "lexical-*"]),
    ),
    min_size=1,
    max_size=6,
)


def held(archive: Archive, numbers: Numbers) -> Held:
    with archive.snapshot() as snapshot:
        dense = snapshot.dense(numbers.vector(QUESTION), limit=100, filters=Filters())
        words = snapshot.lexical(QUESTION, limit=100, filters=Filters())
        found = snapshot.passages([hit.passage for hit in dense] + [hit.passage for hit in words])
        texts = {}
        for one in found.values():
            (article, *_) = snapshot.appearances(one.content, Filters())
            texts[one.id] = article.text[one.start : one.end]
        return Held(
            {one.article.id for one in snapshot.listed(Filters())},
            snapshot.counts(),
            sorted((round(hit.score, 4), texts[hit.passage]) for hit in dense),
            sorted(texts[hit.passage] for hit in words),
        )


def damage(directory: Path, pattern: str) -> None:
    for path in directory.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@given(history=steps)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_ends_like_a_fresh_archive(
    history: list[Step],
    identity: EncoderIdentity,
    model: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vectors, "_LEAST_TAIL", 2)  # so that a handful of passages makes a new base worth its while
    folder = tmp_path_factory.mktemp("history")
    numbers = Numbers(identity.dimension)
    archive = create_archive(folder / "archive", identity)

    def adding(into: Archive, paths: list[Path]) -> None:
        add(into, paths, model, refused=lambda refusal: pytest.fail(str(refusal)), encoder=cast(BulkEncoder, numbers))

    for step in history:
        path = folder / step.name
        with monkeypatch.context() as patch:
            if step.dies:
                patch.setattr(archive, "catch_up", lambda *_, **__: None)
            if step.text is not None:
                path.write_bytes(TEXTS[step.text].encode())
                adding(archive, [path])
            elif path.exists():
                archive.remove(str(path))
                path.unlink()
        if step.damage:
            damage(archive.directory, step.damage)
    fresh = create_archive(folder / "fresh", identity)
    if paths := [path for path in sorted(folder.iterdir()) if path.is_file()]:
        adding(fresh, paths)
    expected = held(fresh, numbers)
    with archive.writing():  # nobody can catch up: everything that is late or damaged is read from the database
        assert held(archive, numbers) == expected
    assert held(archive, numbers) == expected
    assert archive.check() == []
