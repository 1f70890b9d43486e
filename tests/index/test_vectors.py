"""Dense search is exact: base, tail, dead and allowed together give what one scan over all vectors gives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index import vectors

DIMENSION = 16


def unit(rows: int, seed: int) -> NDArray[np.float16]:
    """Unit vectors as the archive stores them."""
    random = np.random.default_rng(seed).normal(size=(rows, DIMENSION))
    return (random / np.linalg.norm(random, axis=1, keepdims=True)).astype(np.float16)


def question(seed: int) -> NDArray[np.float32]:
    return unit(1, seed)[0].astype(np.float32)


def write(directory: Path, ids: NDArray[np.int64], matrix: NDArray[np.float16], generation: int = 1) -> vectors.Base:
    def chunks() -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        for start in range(0, len(ids), 7):
            yield ids[start : start + 7], matrix[start : start + 7]

    vectors.write_base(directory, chunks(), generation=generation, token="t", dimension=DIMENSION)
    base = vectors.open_base(directory)
    assert base is not None
    return base


@given(
    size=st.integers(0, 60),
    tail=st.integers(0, 20),
    limit=st.integers(1, 80),
    seed=st.integers(0, 1000),
    dead=st.sets(st.integers(1, 180)),
    allowed=st.none() | st.sets(st.integers(1, 260)),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_base_and_tail_agree_with_one_scan(
    tmp_path: Path, size: int, tail: int, limit: int, seed: int, dead: set[int], allowed: set[int] | None
) -> None:
    ids = np.arange(1, size + tail + 1, dtype=np.int64) * 3  # ids have gaps
    matrix = unit(size + tail, seed)
    base = write(tmp_path, ids[:size], matrix[:size])
    wanted = None if allowed is None else np.asarray(sorted(allowed), dtype=np.int64)
    asked = question(seed + 1)
    found = vectors.merge(
        vectors.search_base(base, asked, limit, dead=dead, allowed=wanted),
        vectors.search_tail(ids[size:], matrix[size:], asked, limit, allowed=wanted),
        limit=limit,
    )
    scores = matrix.astype(np.float32) @ asked
    expected = {
        int(one): score
        for number, (one, score) in enumerate(zip(ids, scores, strict=True))
        if (allowed is None or one in allowed) and not (number < size and one in dead)
    }
    best = sorted(expected, key=lambda one: (-expected[one], one))[:limit]
    assert [hit.score for hit in found] == pytest.approx([expected[one] for one in best], abs=1e-5)
    assert {hit.passage for hit in found} <= expected.keys()
    assert all(hit.score == pytest.approx(expected[hit.passage], abs=1e-5) for hit in found)


def test_equal_scores_stand_in_the_order_of_ids(tmp_path: Path) -> None:
    same = np.repeat(unit(1, 0), 6, axis=0)
    base = write(tmp_path, np.asarray([2, 5, 9], dtype=np.int64), same[:3])
    asked = question(0)
    tail = vectors.search_tail(np.asarray([11, 12, 13]), same[3:], asked, 10, allowed=None)
    found = vectors.merge(vectors.search_base(base, asked, 10, dead=(), allowed=None), tail, limit=5)
    assert [hit.passage for hit in found] == [2, 5, 9, 11, 12]


def test_the_old_base_serves_on_for_who_has_it_open(tmp_path: Path) -> None:
    ids = np.arange(1, 41, dtype=np.int64)
    opened = write(tmp_path, ids, unit(40, 1))
    before = vectors.search_base(opened, question(2), 5, dead=(), allowed=None)
    write(tmp_path, ids[:3], unit(3, 9), generation=2)
    assert vectors.search_base(opened, question(2), 5, dead=(), allowed=None) == before
    assert len(list(tmp_path.glob("vectors-*.faiss"))) == 1


@pytest.mark.parametrize("kept", [0, 1, 0.5, 0.999])
def test_a_torn_file_is_not_opened(tmp_path: Path, kept: float) -> None:
    write(tmp_path, np.arange(1, 41, dtype=np.int64), unit(40, 1))
    (path,) = tmp_path.glob("vectors-*.faiss")
    os.truncate(path, int(path.stat().st_size * kept) if kept < 1 else 1)
    assert vectors.open_base(tmp_path) is None
    assert not vectors.is_whole(tmp_path)


def test_changed_bytes_are_seen_by_their_time_or_by_a_check(tmp_path: Path) -> None:
    write(tmp_path, np.arange(1, 41, dtype=np.int64), unit(40, 1))
    (path,) = tmp_path.glob("vectors-*.faiss")
    state = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert vectors.open_base(tmp_path) is None
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert not vectors.is_whole(tmp_path)


def test_a_copied_file_is_compared_and_taken(tmp_path: Path) -> None:
    write(tmp_path, np.arange(1, 41, dtype=np.int64), unit(40, 1))
    (path,) = tmp_path.glob("vectors-*.faiss")
    os.utime(path, ns=(0, 0))
    assert vectors.open_base(tmp_path) is not None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"file": 3}', "null", '{"file": "gone.faiss"}'])
def test_a_damaged_pointer_points_to_nothing(tmp_path: Path, content: str) -> None:
    write(tmp_path, np.arange(1, 41, dtype=np.int64), unit(40, 1))
    (tmp_path / "vectors.json").write_text(content)
    assert vectors.open_base(tmp_path) is None
