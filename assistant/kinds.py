"""Whether a question is about what somebody said, told by its vector where its words do not tell."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answer import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WHO = re.compile(r"\b(?:who|which)\b", re.IGNORECASE)


def by_vector(text: str, vector: NDArray[np.float32]) -> Kind:
    """The kind of a question with the unit vector (dimension,) of the default passage encoder.

    A logistic regression, fitted by benchmarks/training/kinds.py; another encoder's vector tells nothing, and counts as
    a question about what was said.
    """
    intercept, weights = _fitted()
    said = (
        len(vector) != len(weights) or intercept + sum(w * float(x) for w, x in zip(weights, vector, strict=True)) > 0
    )
    if said:
        return "who_said"
    return "fact" if _WHO.search(text) else "open"


@cache
def _fitted() -> tuple[float, tuple[float, ...]]:
    fitted = json.loads((Path(__file__).parent / "kinds.json").read_bytes())
    return float(fitted["intercept"]), tuple(fitted["weights"])
