"""Whether the right sentence is among the first quotations: the reader's weights, and what each signal is worth.

    python -m benchmarks.reading

Questions with evidence from three sets, each over its own archive of whole articles. The weights were chosen on the
calibration and working sets; the dev set only checks them. A sentence is right when it touches the evidence.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assistant.read.sentences import Evidence, read
from assistant.retrieve import retrieve
from benchmarks.common import (
    SEED,
    SETS,
    TYPES,
    archive_of,
    bootstrap,
    present,
    question_encoder,
    records,
    stand_alone,
    table,
    write,
)
from index.archive import Archive
from index.encoder.question import QuestionEncoder
from index.model import Filters

MOST_QUESTIONS = 200
CUTS = (1, 3, 5)

Score = Callable[[Evidence], float]
SHIPPED = "all four (shipped)"
ARMS: dict[str, Score] = {
    "likeness of the sentence alone": lambda one: one.likeness,
    "words alone": lambda one: one.words,
    "passage's score alone": lambda one: one.passage,
    "likeness .5, passage .2": lambda one: 0.5 * one.likeness + 0.2 * one.passage,
    "likeness .5, words .2, passage .2": lambda one: 0.5 * one.likeness + 0.2 * one.words + 0.2 * one.passage,
    SHIPPED: lambda one: one.score,
}


class Read(NamedTuple):
    """What the reader made of a question: its sentences, best first, and whether each touches the evidence."""

    question: dict[str, Any]
    evidence: list[Evidence]
    right: list[bool]


def questions_of(path: Path) -> list[dict[str, Any]]:
    """The questions with evidence, at most `MOST_QUESTIONS` of them."""
    rows = stand_alone(path, answerable=True)
    return random.Random(SEED).sample(rows, min(MOST_QUESTIONS, len(rows)))


def touching(archive: Archive, question: dict[str, Any], evidence: Sequence[Evidence]) -> list[bool]:
    """For each piece of evidence, whether one of its places overlaps the gold evidence of the question."""
    gold = [(one["record"], one["start"], one["end"]) for one in question.get("evidence", [])]
    with archive.snapshot() as snapshot:
        found = {place.article for one in evidence for place in one.places}
        record = {name: article.record for name in found if (article := snapshot.article(name)) is not None}
    return [
        any(
            record.get(place.article) == name and place.span.start < end and start < place.span.end
            for place in one.places
            for name, start, end in gold
        )
        for one in evidence
    ]


def read_all(archive: Archive, questions: Iterable[dict[str, Any]], encoder: QuestionEncoder) -> list[Read]:
    """Retrieve and read as the assistant does."""
    done = []
    with archive.snapshot() as snapshot:
        for question in questions:
            text = question["question"]
            candidates = retrieve(snapshot, text, encoder.encode([text])[0], Filters(), limit=10)
            evidence = read(snapshot, text, candidates, encoder, Filters())
            done.append(Read(question, evidence, touching(archive, question, evidence)))
    return done


def hits(done: Sequence[Read], score: Score, k: int) -> list[list[float]]:
    """For each question 1 where a right sentence is among the first k by `score`."""
    ranked = (sorted(range(len(one.evidence)), key=lambda at, one=one: -score(one.evidence[at])) for one in done)  # type: ignore[misc]
    return [[float(any(one.right[at] for at in order[:k]))] for one, order in zip(done, ranked, strict=True)]


def main() -> int:
    """Measure; 0 also where the data are missing."""
    paths = [path for pair in SETS.values() for path in pair]
    if not present("reading", *paths):
        return 0
    encoder = question_encoder()
    figures: dict[str, Any] = {}
    for name, (corpus, questions) in SETS.items():
        done = read_all(archive_of(records(corpus)), questions_of(questions), encoder)
        arms = {arm: {k: bootstrap(hits(done, score, k)) for k in CUTS} for arm, score in ARMS.items()}
        print(f"\n{name}, {len(done)} questions: the right sentence among the first k\n")
        print(table(["", *(f"@{k}" for k in CUTS)], [[arm, *map(str, row.values())] for arm, row in arms.items()]))
        by_type = {}
        for kind in TYPES:
            if some := [one for one in done if one.question["type"] == kind]:
                shares = {f"@{k}": _mean(hits(some, ARMS[SHIPPED], k)) for k in CUTS}
                by_type[kind] = {"questions": len(some), **shares}
        head = ["shipped, by type", "questions", *(f"@{k}" for k in CUTS)]
        print("\n" + table(head, [[kind, *row.values()] for kind, row in by_type.items()]))
        figures[name] = {
            "questions": len(done),
            "right among those read": _mean([[float(any(one.right))] for one in done]),
            "arms": {arm: {f"@{k}": [round(value, 4) for value in row[k]] for k in CUTS} for arm, row in arms.items()},
            "by type": by_type,
        }
    write("reading", figures)
    return 0


def _mean(units: Sequence[Sequence[float]]) -> float:
    return round(sum(map(sum, units)) / len(units), 4)


if __name__ == "__main__":
    raise SystemExit(main())
