"""The only door to a quotation: a place in an article becomes a citation here, or it is not shown.

Nothing else constructs a `Citation`; tests/assistant/test_verify.py holds every other module to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from assistant.answer import Citation, Claim, Found
from index.model import Span
from index.snapshot import Snapshot


class Place(NamedTuple):
    """Where something to be quoted should stand: `text` is what whoever proposes it has read there."""

    article: str
    span: Span
    text: str


class Verified(NamedTuple):
    """What held, and how much did not."""

    claims: tuple[Claim, ...]
    passages: tuple[Found, ...]
    dropped: int


def verify(snapshot: Snapshot, claims: Sequence[Sequence[Place]], passages: Sequence[tuple[float, Place]]) -> Verified:
    """Read every place again from the archive. A place that does not hold is dropped, and a claim with none left."""
    dropped = 0
    kept: list[Claim] = []
    for places in claims:
        citations = [_cited(snapshot, place) for place in places]
        held = tuple(one for one in citations if one is not None)
        dropped += len(citations) - len(held)
        if held:
            kept.append(Claim(citations=held))
    found: list[Found] = []
    for score, place in passages:
        citation = _cited(snapshot, place)
        if citation is None:
            dropped += 1
        else:
            found.append(Found(score=score, citation=citation))
    return Verified(tuple(kept), tuple(found), dropped)


def _cited(snapshot: Snapshot, place: Place) -> Citation | None:
    article = snapshot.article(place.article)
    if article is None:
        return None
    try:
        citation = Citation(article=article, start=place.span.start, end=place.span.end)
    except ValueError:
        return None
    return citation if citation.quote == place.text else None
