"""From evidence to what should be claimed: places to quote, in the order they are to be read."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answer import Kind
from assistant.read.sentences import Evidence
from assistant.verify import Proposal

_MOST_CLAIMS = 5
# A sentence much weaker than the best one does not support an answer, it pads it.
_LEAST_OF_BEST = 0.6


def compose(evidence: Sequence[Evidence]) -> list[Proposal]:
    """The claims, best first, each with a place in every article that carries its words."""
    if not evidence:
        return []
    least = _LEAST_OF_BEST * evidence[0].score
    return [Proposal(one.places) for one in evidence[:_MOST_CLAIMS] if one.score >= least]


def short_answer(kind: Kind, quotes: Sequence[str]) -> str | None:
    """The answer in a line: the first quotation; none where names are asked for, which are not known yet."""
    return quotes[0] if quotes and kind in ("fact", "open") else None
