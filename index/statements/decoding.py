"""The best legal BIO sequence: spans out of the tagger's per-token scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.model import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OUTSIDE, BEGIN, INSIDE = range(3)


def spans(scores: NDArray[np.float32]) -> list[Span]:
    """Token spans of the likeliest sequence in which INSIDE never follows OUTSIDE.

    `scores` is (tokens, 3): log-probabilities or logits, columns OUTSIDE, BEGIN, INSIDE. Viterbi's algorithm, exact.
    """
    if not len(scores):
        return []
    back_outside: list[int] = []
    back_begin: list[int] = []
    back_inside: list[int] = []
    rows = scores.tolist()
    outside, begin, inside = rows[0][0], rows[0][1], float("-inf")
    for out_score, begin_score, inside_score in rows[1:]:
        best, came = outside, OUTSIDE
        if begin > best:
            best, came = begin, BEGIN
        if inside > best:
            best, came = inside, INSIDE
        back_outside.append(came)
        back_begin.append(came)
        if begin >= inside:
            stay, back = begin, BEGIN
        else:
            stay, back = inside, INSIDE
        back_inside.append(back)
        outside, begin, inside = best + out_score, best + begin_score, stay + inside_score
    backs = (back_outside, back_begin, back_inside)
    last = (outside, begin, inside)
    state = last.index(max(last))
    states = [state]
    for position in range(len(rows) - 2, -1, -1):
        state = backs[state][position]
        states.append(state)
    states.reverse()
    return _runs(states)


def _runs(states: list[int]) -> list[Span]:
    found: list[Span] = []
    first = -1
    for position, state in enumerate([*states, OUTSIDE]):
        if state == INSIDE:
            continue
        if first >= 0:
            found.append(Span(first, position))
        first = position if state == BEGIN else -1
    return found
