"""Fusing two rankings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieve import fuse

RANKING = st.dictionaries(st.integers(1, 30), st.floats(0.001, 40), max_size=20)


@given(RANKING, RANKING, st.floats(0, 1))
def test_scores_lie_between_nothing_and_one_for_every_passage_of_either_arm(
    dense: dict[int, float], lexical: dict[int, float], weight: float
) -> None:
    fused = fuse(dense, lexical, weight=weight)
    assert fused.keys() == dense.keys() | lexical.keys()
    assert all(0 <= score <= 1 + 1e-9 for score in fused.values())


def test_a_passage_that_leads_both_arms_leads_the_fusion() -> None:
    fused = fuse({1: 0.8, 2: 0.7, 3: 0.1}, {1: 12.0, 3: 11.0}, weight=0.5)
    assert max(fused, key=lambda passage: fused[passage]) == 1
    assert fused[1] == pytest.approx(1.0)


@given(RANKING, RANKING)
def test_with_all_weight_on_one_arm_its_order_stands(dense: dict[int, float], lexical: dict[int, float]) -> None:
    fused = fuse(dense, lexical, weight=1.0)
    ranked = sorted(dense, key=lambda passage: dense[passage])
    assert [fused[passage] for passage in ranked] == sorted(fused[passage] for passage in dense)
