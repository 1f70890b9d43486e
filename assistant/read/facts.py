"""Facts: the words that answer who, when, where or how many, taken from the best passages by the reader.

A passage that merely resembles the question gets no answer here: its words score below none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from assistant.read.reader import Reader
from assistant.read.sentences import share
from assistant.retrieve import Candidate
from assistant.verify import Place
from index.model import Article, Filters, Span
from index.sentences import sentences
from index.snapshot import Snapshot

# Passages that are read, and answers taken of each. Two cores read twice as many in half a second, but more of them
# bring more that is wrong than right (benchmarks/facts.py).
PASSAGES, _OF_EACH = 8, 5
# What relevance (log-odds) and fused score (in [0, 1]) of its passage add to an answer's own score; chosen by
# benchmarks/facts.py.
RELEVANCE, FUSED = 0.5, 8.0
# Beyond this, how far the next answer is behind says nothing more.
_WIDEST = 15.0
_INSIGNIFICANT = re.compile(r"\b(?:a|an|the)\b|[^\w\s]")


class Signals(NamedTuple):
    """What confidence rests on.

    `span` is how much likelier the answer is than none (logarithm), `margin` how far the next different one is behind
    it, `relevance` the log-odds that its passage was asked for, `cosine` the passage's likeness to the question, and
    `words` the rarity-weighted share of the question's words that it has. The last two add nothing to the confidence
    (benchmarks/facts.py).
    """

    span: float
    margin: float
    relevance: float
    cosine: float
    words: float


class Fact(NamedTuple):
    """An answer as printed, and the sentences it stands in: each with its places, the best first.

    `score` adds up what its passages say for it; `signals` are those of the best of them.
    """

    words: str
    sentences: tuple[tuple[Place, ...], ...]
    score: float
    signals: Signals


class Seen(NamedTuple):
    """An answer in one text: its sentence in every article that has it, and what speaks for it."""

    words: str
    places: tuple[Place, ...]
    fused: float
    signals: Signals


def read(
    snapshot: Snapshot, question: str, candidates: Sequence[Candidate], reader: Reader, filters: Filters
) -> list[Fact]:
    """The different answers that the best candidates give, best first; any may be likelier wrong than right."""
    return together(spans(snapshot, question, candidates, reader, filters))


def spans(
    snapshot: Snapshot, question: str, candidates: Sequence[Candidate], reader: Reader, filters: Filters
) -> list[Seen]:
    """The likeliest answers of each of the best candidates, apart."""
    some = [
        (candidate, articles)
        for candidate in candidates[:PASSAGES]
        if (articles := snapshot.appearances(candidate.passage.content, filters))
    ]
    texts = [articles[0].text[one.passage.start : one.passage.end] for one, articles in some]
    asked = {term: snapshot.rarity(term) for term in snapshot.terms(question)}
    seen: list[Seen] = []
    readings = reader.read([(question, text) for text in texts], best=_OF_EACH)
    for (candidate, articles), text, reading in zip(some, texts, readings, strict=True):
        words = share(asked, set(snapshot.terms(text)))
        for one in reading.found:
            answer = _trimmed(text, one.start, one.end)
            signals = Signals(one.score, 0.0, reading.relevance, candidate.cosine or 0.0, words)
            at = candidate.passage.start
            places = _around(articles, candidate, Span(at + answer.start, at + answer.end))
            seen.append(Seen(text[answer.start : answer.end], places, candidate.score, signals))
    return seen


def together(seen: Iterable[Seen], *, relevance: float = RELEVANCE, fused: float = FUSED) -> list[Fact]:
    """The same answer from several texts adds up; the same sentence in several texts is one source."""

    def score_of(one: Seen) -> float:
        return one.signals.span + relevance * one.signals.relevance + fused * one.fused

    groups: dict[str, dict[str, Seen]] = {}
    for one in sorted(seen, key=lambda one: -score_of(one)):
        sources = groups.setdefault(key(one.words), {})
        sentence = " ".join(one.places[0].text.split())
        known = sources.setdefault(sentence, one)
        if known is not one:
            sources[sentence] = known._replace(places=tuple(dict.fromkeys((*known.places, *one.places))))
    facts = []
    for sources in groups.values():
        best, *_ = ranked = list(sources.values())
        top = score_of(best)
        score = top + math.log(sum(math.exp(score_of(one) - top) for one in ranked))
        facts.append(Fact(best.words, tuple(one.places for one in ranked), score, best.signals))
    facts.sort(key=lambda one: -one.score)
    margins = [min(one.score - other.score, _WIDEST) for one, other in pairwise(facts)]
    return [
        one._replace(signals=one.signals._replace(margin=margin))
        for one, margin in zip(facts, [*margins, _WIDEST], strict=False)
    ]


def key(words: str) -> str:
    """Answers with the same key are the same answer, whatever their case, articles and punctuation."""
    return " ".join(_INSIGNIFICANT.sub(" ", words.lower()).split()) or words


def _trimmed(text: str, start: int, end: int) -> Span:
    inside = text[start:end]
    return Span(end - len(inside.lstrip()), start + len(inside.rstrip()))


def _around(articles: Sequence[Article], candidate: Candidate, answer: Span) -> tuple[Place, ...]:
    """The whole sentences that an answer stands in, in every article that carries them."""
    text = articles[0].text
    whole = [
        one
        for one in sentences(text, candidate.passage.start, candidate.passage.end)
        if one.start < answer.end and answer.start < one.end
    ]
    start, end = min([answer.start, *(one.start for one in whole)]), max([answer.end, *(one.end for one in whole)])
    return tuple(Place(article.id, Span(start, end), text[start:end]) for article in articles)
