"""How likely an answer is right, from signals that do not depend on what else the archive holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from assistant.read.facts import Fact
from assistant.read.sentences import Evidence
from assistant.retrieve import Candidate

# A logistic regression over the signals below: weights and intercept fitted by benchmarks/confidence.py.
WEIGHTS = (5.23, 1.6)
INTERCEPT = -4.62
# Below this, silence: the highest that loses at most one in ten of the right answers on the calibration set. What it
# lets through is in docs/benchmarks.md.
THRESHOLD = 0.2
# The same for the words that answer a fact: weights of span, margin and relevance, fitted by benchmarks/facts.py.
FACT_WEIGHTS = (0.05, 0.17, 0.31)
FACT_INTERCEPT = -1.65
# A compromise: it loses about one in six of the right answers. What it lets through is in docs/benchmarks.md.
FACT_THRESHOLD = 0.3
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
    return _logistic(WEIGHTS, INTERCEPT, signals(candidates, evidence))


def of_facts(facts: Sequence[Fact]) -> float:
    """The probability in [0, 1] that the first of them is right; 0 where there is none."""
    if not facts:
        return 0.0
    given = facts[0].signals[: len(FACT_WEIGHTS)]
    return at_most(_logistic(FACT_WEIGHTS, FACT_INTERCEPT, given), facts[0].signals.span)


def at_most(sure: float, span: float) -> float:
    """Words that are likelier no answer than one are not given, whatever else speaks for them."""
    return sure if span > 0 else min(sure, FACT_THRESHOLD - 0.01)


def _logistic(weights: Sequence[float], intercept: float, given: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-intercept - sum(w * x for w, x in zip(weights, given, strict=True))))
