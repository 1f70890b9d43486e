"""Reading statements: those near a question, each judged for what it is about and which side it takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from assistant.answer import Stance
from assistant.read.judge import Judge, Verdict
from assistant.read.sentences import share
from assistant.read.stance import stance
from assistant.retrieve import Candidate
from index.model import Article, Filters, Statement
from index.snapshot import Snapshot
from index.statements import forms
from index.statements.finder import Finder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.store.statements import Stored

# Statements from their own index, passages whose statements are looked at besides, and how many of both are judged.
_NEAR = 60
_PASSAGES = 6
_JUDGED = 32
# A linear score; chosen on a part of the working questions, see benchmarks/who_said.py.
_ABOUTNESS, _LIKENESS, _LINKED, _SIDE = 1.0, 12.0, 4.0, 0.5
# Before the judge has seen them: likeness, and the question's rare words.
_FIRST_LIKENESS, _FIRST_WORDS = 8.0, 2.0
# The judge's probabilities are not believed beyond this.
_LEAST = 1e-3
# A logistic regression over `signals`, fitted on the calibration questions by benchmarks/who_said.py.
_CONFIDENCE = (0.2, 0.914, 0.436, 0.524)
_CONFIDENCE_INTERCEPT = -1.719
# Below this, silence. On the calibration questions, cross-fitted, that keeps .94 of the right answers and refuses .35
# of the questions that have none, which were written to come near some article.
THRESHOLD = 0.3
_LEAD = 5.0


class Said(NamedTuple):
    """A statement that may answer: the articles that carry it, how near it is, and what the judge made of it.

    `likeness` is a cosine, `words` the share of the question's words it has. `score` is higher the more it is about
    what was asked and the surer it is on the side that was asked for.
    """

    articles: tuple[Article, ...]
    statement: Statement
    likeness: float
    words: float
    verdict: Verdict
    stance: Stance
    score: float

    @property
    def text(self) -> str:
        """The article's text."""
        return self.articles[0].text


class _Near(NamedTuple):
    stored: Stored
    articles: tuple[Article, ...]
    likeness: float


def read(
    snapshot: Snapshot,
    question: str,
    proposition: str,
    vector: NDArray[np.float32],
    passages: Sequence[Candidate],
    filters: Filters,
    finder: Finder,
    judge: Judge,
    *,
    names: Sequence[str] | None = None,
    disputed: bool = False,
) -> list[Said]:
    """The statements that may answer, those most about the question first.

    `vector` is the statement encoder's unit vector of the question (dimension,); `proposition` is what stances are
    towards. With `names`, only statements of speakers so named; with `disputed`, those who dispute it
    come first. Statements of the best passages are read too, since a
    tagger's span can be too short for its vector to show what it is about.
    """
    near = _near(snapshot, vector, passages, filters, finder, names)
    asked = {term: snapshot.rarity(term) for term in snapshot.terms(question)}
    words = [share(asked, set(snapshot.terms(_read(one)))) for one in near]
    first = sorted(range(len(near)), key=lambda at: -(_FIRST_LIKENESS * near[at].likeness + _FIRST_WORDS * words[at]))[
        :_JUDGED
    ]
    verdicts = judge.judge(
        proposition, [forms.judged(near[at].articles[0].text, near[at].stored.statement) for at in first]
    )
    said = [
        _said(near[at], words[at], verdict, proposition, disputed) for at, verdict in zip(first, verdicts, strict=True)
    ]
    return sorted(said, key=lambda one: -one.score)


def signals(said: Sequence[Said]) -> tuple[float, ...]:
    """What the confidence is made of: of the best statement its score and parts, and its lead over the next speaker."""
    best = said[0]
    speaker = best.statement.speaker
    other = next((one.score for one in said if one.statement.speaker != speaker), best.score - _LEAD)
    return (
        best.verdict.aboutness,
        best.likeness,
        min(best.score - other, _LEAD),
        float(speaker is not None and speaker.name is not None),
    )


def confidence(said: Sequence[Said]) -> float:
    """The probability in [0, 1] that the best statement is what was asked for; 0 where there is none."""
    if not said:
        return 0.0
    logit = _CONFIDENCE_INTERCEPT + sum(w * x for w, x in zip(_CONFIDENCE, signals(said), strict=True))
    return 1 / (1 + math.exp(-logit))


def _said(one: _Near, words: float, verdict: Verdict, asked: str, disputed: bool) -> Said:
    statement = one.stored.statement
    side = min(max(1 - verdict.supports if disputed else verdict.supports, _LEAST), 1.0)
    score = (
        _ABOUTNESS * verdict.aboutness
        + _LIKENESS * one.likeness
        + _LINKED * statement.probability
        + _SIDE * math.log(side)
    )
    taken = stance(one.articles[0].text, statement, supports=verdict.supports, asked=asked)
    return Said(one.articles, statement, one.likeness, words, verdict, taken, score)


def _near(
    snapshot: Snapshot,
    vector: NDArray[np.float32],
    passages: Sequence[Candidate],
    filters: Filters,
    finder: Finder,
    names: Sequence[str] | None,
) -> list[_Near]:
    hits = snapshot.statements_near(vector, limit=_NEAR, filters=filters, finder=finder.version, names=names)
    likeness = {stored.id: score for stored, score in hits}
    found = {stored.id: stored for stored, _ in hits}
    unseen: list[Stored] = []
    for candidate in passages[:_PASSAGES]:
        for stored in snapshot.statements_of(candidate.passage.content):
            inside = any(
                s.start < candidate.passage.end and candidate.passage.start < s.end for s in stored.statement.content
            )
            if inside and stored.id not in found and (names is None or _name(stored) in names):
                found[stored.id] = stored
                unseen.append(stored)
    articles = {one.content: tuple(snapshot.appearances(one.content, filters)) for one in found.values()}
    kept = [one for one in unseen if articles[one.content]]
    if kept:
        vectors = finder.encode([(articles[one.content][0].text, one.statement) for one in kept])
        for one, cosine in zip(kept, (vectors @ vector).tolist(), strict=True):
            likeness[one.id] = cosine
    return [
        _Near(one, articles[one.content], likeness[identity])
        for identity, one in found.items()
        if articles[one.content]
    ]


def _name(stored: Stored) -> str | None:
    return None if stored.statement.speaker is None else stored.statement.speaker.name


def _read(one: _Near) -> str:
    return forms.statement_text(one.articles[0].text, one.stored.statement)
