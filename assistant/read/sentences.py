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
# Weights of likeness, shared words and the passage's own score, chosen on development questions by benchmarks/reading.py.
_LIKENESS, _WORDS, _PASSAGE = 0.5, 0.3, 0.2
# Shorter ones are headings and "He left.": they resemble a question by its one rare word.
_FEWEST_WORDS = 4


class Evidence(NamedTuple):
    """A sentence that may answer, every place it stands at, and the signals it was judged by, each in [0, 1]."""

    places: tuple[Place, ...]
    score: float
    likeness: float
    words: float


class _Sentence(NamedTuple):
    candidate: Candidate
    places: tuple[Place, ...]
    text: str


def read(
    snapshot: Snapshot,
    question: str,
    candidates: Sequence[Candidate],
    encoder: QuestionEncoder,
    filters: Filters,
) -> list[Evidence]:
    """The sentences of the best candidates, best first; the same words in several articles are one piece of evidence."""
    found = _sentences(snapshot, candidates, filters)
    if not found:
        return []
    vectors = encoder.encode([question, *(one.text for one in found)])
    likeness = (vectors[1:] @ vectors[0]).tolist()
    asked = {term: snapshot.rarity(term) for term in snapshot.terms(question)}
    evidence: dict[str, Evidence] = {}
    for one, cosine in zip(found, likeness, strict=True):
        likeness_here = min(max(cosine, 0.0), 1.0)
        words = _share(asked, set(snapshot.terms(one.text)))
        score = _LIKENESS * likeness_here + _WORDS * words + _PASSAGE * one.candidate.score
        here = Evidence(one.places, score, likeness_here, words)
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
        for span in sentences(text, candidate.passage.start, candidate.passage.end):
            quoted = text[span.start : span.end]
            if len(quoted.split()) >= _FEWEST_WORDS:
                places = tuple(Place(article.id, span, quoted) for article in articles)
                found.append(_Sentence(candidate, places, quoted))
    return found[:_SENTENCES]


def _share(asked: dict[str, float], present: set[str]) -> float:
    """How much of the question's rarity-weighted words a sentence has; 0 when the question has none to weigh."""
    whole = sum(asked.values())
    return sum(rarity for term, rarity in asked.items() if term in present) / whole if whole else 0.0
