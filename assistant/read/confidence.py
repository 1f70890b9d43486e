"""How likely an answer is right, from signals that do not depend on what else the archive holds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.read.sentences import Evidence
from assistant.retrieve import Candidate

# A logistic regression over the signals below: weights and intercept fitted by benchmarks/confidence.py.
_WEIGHTS = (7.0, 3.0, 3.0)
_INTERCEPT = -6.6
# Below this, silence.
THRESHOLD = 0.5


def signals(candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> tuple[float, float, float]:
    """Likeness of the best sentence, the share of the question's words it has, and likeness of the nearest passage."""
    best = evidence[:3]
    return (
        max((one.likeness for one in best), default=0.0),
        max((one.words for one in best), default=0.0),
        max((one.cosine or 0.0 for one in candidates), default=0.0),
    )


def confidence(candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> float:
    """A probability in [0, 1]; 0 where nothing was found."""
    if not evidence:
        return 0.0
    logit = _INTERCEPT + sum(w * x for w, x in zip(_WEIGHTS, signals(candidates, evidence), strict=True))
    return 1 / (1 + math.exp(-logit))
