"""The best BIO sequence: exact, and never illegal."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.model import Span
from index.statements.decoding import BEGIN, INSIDE, OUTSIDE, spans

scores = st.integers(1, 6).flatmap(lambda n: arrays(np.float32, (n, 3), elements=st.floats(-8, 8, width=16)))


def legal(states: tuple[int, ...]) -> bool:
    return all(b != INSIDE or a != OUTSIDE for a, b in zip((OUTSIDE, *states), states, strict=False))


def labels(found: list[Span], size: int) -> tuple[int, ...]:
    states = [OUTSIDE] * size
    for start, end in found:
        states[start:end] = [BEGIN] + [INSIDE] * (end - start - 1)
    return tuple(states)


@settings(deadline=None)
@given(scores)
def test_no_legal_sequence_scores_higher(table: np.ndarray) -> None:
    def worth(states: tuple[int, ...]) -> float:
        return float(sum(float(table[row, state]) for row, state in enumerate(states)))

    best = max(worth(states) for states in product(range(3), repeat=len(table)) if legal(states))
    assert abs(worth(labels(spans(table), len(table))) - best) < 1e-4


@settings(deadline=None)
@given(scores)
def test_spans_ascend_and_do_not_overlap(table: np.ndarray) -> None:
    found = spans(table)
    assert all(a.start < a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= one.start < one.end <= len(table) for one in found)


def test_a_span_may_follow_another_at_once() -> None:
    table = np.full((4, 3), -5.0, dtype=np.float32)
    table[[0, 1, 2, 3], [BEGIN, INSIDE, BEGIN, INSIDE]] = 5.0
    assert spans(table) == [Span(0, 2), Span(2, 4)]


def test_nothing_in_nothing_out() -> None:
    assert spans(np.zeros((0, 3), dtype=np.float32)) == []
