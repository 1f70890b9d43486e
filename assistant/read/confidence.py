"""How likely an answer is right, from signals that do not depend on what else the archive holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from assistant.read.sentences import Evidence
from assistant.retrieve import Candidate

# A logistic regression over the signals below: weights and intercept fitted by benchmarks/confidence.py.
WEIGHTS = (5.23, 1.6)
INTERCEPT = -4.62
# Below this, silence: the highest that loses at most one in ten of the right answers on the calibration set. What it
# lets through is in docs/benchmarks.md.
THRESHOLD = 0.2
# An answer is judged by its first quotations.
_FIRST = 3


class Signals(NamedTuple):
    """Cosines with the question: of the likest of the first quotations, and of the nearest passage."""

    sentence: float
    passage: float


def signals(candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> Signals:
    """The signals of an answer; absolute ones only: the best of any archive would be 1 when scaled by the best."""
    return Signals(
        max((one.likeness for one in evidence[:_FIRST]), default=0.0),
        max((one.cosine or 0.0 for one in candidates), default=0.0),
    )


def confidence(candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> float:
    """A probability in [0, 1]; 0 where nothing was found."""
    if not evidence:
        return 0.0
    logit = INTERCEPT + sum(w * x for w, x in zip(WEIGHTS, signals(candidates, evidence), strict=True))
    return 1 / (1 + math.exp(-logit))
