"""From a question to candidate passages: both arms always run, and their scores are fused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from index.model import Filters, Passage
from index.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# How many passages each arm proposes.
DEPTH = 100
# Share of the dense arm; fitted by benchmarks/retrieval.py, on questions by people who had the text before them and on
# questions written from memory alike. The first kind alone would have it lower, the second higher.
DENSE_WEIGHT = 0.55


class Candidate(NamedTuple):
    """A passage with its fused score in [0, 1] and its cosine with the question (None: not among the dense ones)."""

    passage: Passage
    score: float
    cosine: float | None


def retrieve(
    snapshot: Snapshot, question: str, vector: NDArray[np.float32], filters: Filters, *, limit: int
) -> list[Candidate]:
    """The passages that may answer, best first. `vector` is the question's unit vector (dimension,)."""
    dense = {hit.passage: hit.score for hit in snapshot.dense(vector, limit=DEPTH, filters=filters)}
    lexical = {hit.passage: hit.score for hit in snapshot.lexical(question, limit=DEPTH, filters=filters)}
    fused = fuse(dense, lexical, weight=DENSE_WEIGHT)
    best = sorted(fused, key=lambda passage: (-fused[passage], passage))[:limit]
    known = snapshot.passages(best)
    return [Candidate(known[one], fused[one], dense.get(one)) for one in best if one in known]


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], *, weight: float) -> dict[int, float]:
    """Min-max-normalised weighted sum of two rankings; what one of them lacks counts 0 there.

    Method: convex combination of normalised scores, after Bruch, Gai and Ingber, "An Analysis of Fusion Functions for
    Hybrid Retrieval", TOIS 2023, section 3. Of a ranking that is full (`DEPTH` passages) the last scores 0: what
    stands there is as good as not found. In a shorter one a score of 0 does (a cosine or BM25 of 0 means unrelated),
    so that three passages are not stretched over [0, 1].
    """
    scaled_dense, scaled_lexical = _scaled(dense), _scaled(lexical)
    return {
        one: weight * scaled_dense.get(one, 0.0) + (1 - weight) * scaled_lexical.get(one, 0.0)
        for one in _either(dense, lexical)
    }


def _scaled(scores: Mapping[int, float]) -> dict[int, float]:
    highest = max(scores.values(), default=0.0)
    lowest = max(0.0, min(scores.values())) if len(scores) >= DEPTH else 0.0
    if highest <= lowest:
        # A full ranking of equals says nothing against any of them.
        return dict.fromkeys(scores, 1.0 if highest > 0 else 0.0)
    return {one: max(score - lowest, 0.0) / (highest - lowest) for one, score in scores.items()}


def _either(*rankings: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(one for ranking in rankings for one in ranking))
