"""The only door to a quotation: a place in an article becomes a citation here, or it is not shown.

Nothing else constructs a `Citation`; tests/assistant/test_verify.py holds every other module to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from assistant.answer import Citation, Claim, Found, Reported, Stance
from index.model import Span, Statement
from index.snapshot import Snapshot


class Place(NamedTuple):
    """Where something to be quoted should stand: `text` is what whoever proposes it has read there."""

    article: str
    span: Span
    text: str


class Proposal(NamedTuple):
    """A claim to be: where its words stand, in every article that carries them; whose they are; its stance."""

    places: tuple[Place, ...]
    statement: Statement | None = None
    stance: Stance | None = None


class Verified(NamedTuple):
    """What held, and how much did not."""

    claims: tuple[Claim, ...]
    passages: tuple[Found, ...]
    dropped: int


def verify(snapshot: Snapshot, claims: Sequence[Proposal], passages: Sequence[tuple[float, Place]]) -> Verified:
    """Read every place again from the archive. A place that does not hold is dropped, and a claim with none left.

    So is a claim whose speaker does not hold: nobody's words are better than the wrong person's.
    """
    dropped = 0
    kept: list[Claim] = []
    for proposal in claims:
        citations = [_cited(snapshot, place) for place in proposal.places]
        held = tuple(one for one in citations if one is not None)
        dropped += len(citations) - len(held)
        claim = _claim(held, proposal)
        if claim is not None:
            kept.append(claim)
        elif held:
            dropped += 1
    found: list[Found] = []
    for score, place in passages:
        citation = _cited(snapshot, place)
        if citation is None:
            dropped += 1
        else:
            found.append(Found(score=score, citation=citation))
    return Verified(tuple(kept), tuple(found), dropped)


def _claim(citations: tuple[Citation, ...], proposal: Proposal) -> Claim | None:
    if not citations:
        return None
    if proposal.statement is None:
        return Claim(citations=citations, stance=proposal.stance)
    try:
        reported = Reported(article=citations[0].article, statement=proposal.statement)
    except ValueError:
        return None
    return Claim(citations=citations, reported=reported, stance=proposal.stance)


def _cited(snapshot: Snapshot, place: Place) -> Citation | None:
    article = snapshot.article(place.article)
    if article is None:
        return None
    try:
        citation = Citation(article=article, start=place.span.start, end=place.span.end)
    except ValueError:
        return None
    return citation if citation.quote == place.text else None
