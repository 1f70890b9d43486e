"""Reading: the sentences of the best passages, each judged by its likeness to the question and the words they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from assistant.retrieve import Candidate
from assistant.verify import Place
from index.encoder.question import QuestionEncoder
from index.model import Filters
from index.sentences import sentences
from index.snapshot import Snapshot

# Passages that are read, and sentences of them that are encoded: what a second on two cores allows several times over.
_PASSAGES = 8
_SENTENCES = 64
# Weights of the sentence's likeness to the question, the likeness of the sentence before it, the question's words in it
# and its neighbours, and the passage's own score; chosen and compared with others by benchmarks/reading.py.
_LIKENESS, _BEFORE, _WORDS, _PASSAGE = 0.5, 0.1, 0.2, 0.2
# What stands in for the sentence before where a passage begins: this share of the sentence's own likeness.
_NONE_BEFORE = 0.5
# Shorter ones are headings and "He left.": they resemble a question by its one rare word.
_FEWEST_WORDS = 4


class Evidence(NamedTuple):
    """A sentence that may answer, every place it stands at, and the signals it was judged by, each in [0, 1].

    `likeness` and `before` are cosines with the question: the sentence's own, and of the sentence before it, which
    often names what "he" or "the plan" is. `words` is the rarity-weighted share of the question's words that it and its
    two neighbours have, `passage` the fused score of its passage.
    """

    places: tuple[Place, ...]
    score: float
    likeness: float
    before: float
    words: float
    passage: float


class _Sentence(NamedTuple):
    """`before` is the position, in the same list, of the sentence before it in its passage; None: it is the first."""

    candidate: Candidate
    places: tuple[Place, ...]
    text: str
    with_neighbours: str
    before: int | None


def read(
    snapshot: Snapshot,
    question: str,
    candidates: Sequence[Candidate],
    encoder: QuestionEncoder,
    filters: Filters,
) -> list[Evidence]:
    """The sentences of the best candidates, best first; the same words in several articles are one evidence."""
    found = _sentences(snapshot, candidates, filters)
    if not found:
        return []
    vectors = encoder.encode([question, *(one.text for one in found)])
    likeness = (vectors[1:] @ vectors[0]).clip(0.0, 1.0).tolist()
    asked = {term: snapshot.rarity(term) for term in snapshot.terms(question)}
    evidence: dict[str, Evidence] = {}
    for one, own in zip(found, likeness, strict=True):
        before = _NONE_BEFORE * own if one.before is None else likeness[one.before]
        words = share(asked, set(snapshot.terms(one.with_neighbours)))
        score = _LIKENESS * own + _BEFORE * before + _WORDS * words + _PASSAGE * one.candidate.score
        here = Evidence(one.places, score, own, before, words, one.candidate.score)
        same = evidence.get(key := " ".join(one.text.split()))
        evidence[key] = here if same is None else _together(same, here)
    return sorted(evidence.values(), key=lambda one: -one.score)


def _together(first: Evidence, second: Evidence) -> Evidence:
    """One piece of evidence from the same words in two texts: the better one leads."""
    better, other = (first, second) if first.score >= second.score else (second, first)
    return better._replace(places=(*better.places, *other.places))


def _sentences(snapshot: Snapshot, candidates: Sequence[Candidate], filters: Filters) -> list[_Sentence]:
    found: list[_Sentence] = []
    for candidate in candidates[:_PASSAGES]:
        articles = snapshot.appearances(candidate.passage.content, filters)
        if not articles:
            continue
        text = articles[0].text
        spans = sentences(text, candidate.passage.start, candidate.passage.end)
        before: int | None = None
        for number, span in enumerate(spans):
            quoted = text[span.start : span.end]
            if len(quoted.split()) < _FEWEST_WORDS:
                continue
            places = tuple(Place(article.id, span, quoted) for article in articles)
            first, last = spans[max(number - 1, 0)], spans[min(number + 1, len(spans) - 1)]
            found.append(_Sentence(candidate, places, quoted, text[first.start : last.end], before))
            before = len(found) - 1
    return found[:_SENTENCES]


def share(asked: dict[str, float], present: set[str]) -> float:
    """How much of the question's rarity-weighted words a sentence has; 0 when the question has none to weigh."""
    whole = sum(asked.values())
    return sum(rarity for term, rarity in asked.items() if term in present) / whole if whole else 0.0
