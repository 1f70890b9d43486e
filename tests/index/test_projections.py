"""However an archive came to hold what it holds, it finds what one made afresh would find."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import vectors
from index.archive import create_archive
from index.encoder import EncoderIdentity
from index.model import Filters
from tests.index.standin import QUESTION, Numbers, held

NAMES = ["a.txt", "b.txt", "c.txt", "d.md"]
TEXTS = [
    "The ferry line closed on Tuesday.",
    "The bridge reopens in May. " * 30,
    "Weavers voted to strike.\r\n\r\nThe harbour was quiet.",
    "---\ntitle: The ferry\noutlet: Coast Daily\n---\nNobody said anything.",
    "The harbour office, the ferry line and the bridge company met.",
]


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

    for step in history:
        path = folder / step.name
        with monkeypatch.context() as patch:
            if step.dies:
                patch.setattr(archive, "catch_up", lambda *_, **__: None)
            if step.text is not None:
                path.write_bytes(TEXTS[step.text].encode())
                numbers.add(archive, [path], model)
            elif path.exists():
                archive.remove(str(path))
                path.unlink()
        if step.damage:
            damage(archive.directory, step.damage)
    fresh = create_archive(folder / "fresh", identity)
    if paths := [path for path in sorted(folder.iterdir()) if path.is_file()]:
        numbers.add(fresh, paths, model)
    expected = held(fresh, numbers)
    with archive.writing():  # nobody can catch up: everything that is late or damaged is read from the database
        assert held(archive, numbers) == expected
    assert held(archive, numbers) == expected
    assert archive.check() == []


def test_what_is_gone_takes_nobody_s_place(identity: EncoderIdentity, model: Path, tmp_path: Path) -> None:
    numbers = Numbers(identity.dimension)
    archive = create_archive(tmp_path / "archive", identity)
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(f"Report {number} of the ferry.")
    numbers.add(archive, sorted(tmp_path.glob("*.txt")), model)
    scores = [score for score, _ in reversed(held(archive, numbers).dense)]
    for best, following in pairwise(scores):
        assert held(archive, numbers).nearest == [best]
        with archive.snapshot() as snapshot:
            (hit,) = snapshot.dense(numbers.vector(QUESTION), limit=1, filters=Filters())
            (article,) = snapshot.appearances(snapshot.passages([hit.passage])[hit.passage].content, Filters())
        archive.remove(article.id)
        assert held(archive, numbers).nearest == [following]
