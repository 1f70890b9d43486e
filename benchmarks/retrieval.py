"""Recall of the dense arm, the lexical arm and their fusion, side by side.

    python -m benchmarks.retrieval

Paragraphs: every context of SQuADShifts (Wikipedia part) and NewsQA (CNN) is an article of one archive; a question has
found its context when a passage of it is among the first k. Documents (a CNN story; for Wikipedia the paragraph) are
split by a seeded draw: questions of a tenth give the figures, questions of the others choose weight and normalisation.
Their authors had the paragraph before them and use its words; the questions over whole news articles (calibration to
fit, dev to check) were written from memory, and have found when a passage that touches their evidence is among the
first k. Either half counts the same in the fit.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from assistant.retrieve import DENSE_WEIGHT, DEPTH, fuse
from benchmarks.common import (
    DATA,
    SEED,
    SETS,
    Interval,
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
from index.model import Article, Filters, Passage

SQUADSHIFTS = DATA / "qa" / "squadshifts.jsonl"
NEWSQA = DATA / "qa" / "newsqa_val.jsonl"
WEIGHTS = [round(0.05 * step, 2) for step in range(21)]
FITTING_QUESTIONS = 3000
CUTS = (1, 5)

Ranking = Mapping[int, float]
Fusion = Callable[[Ranking, Ranking, float], Mapping[int, float]]


class Asked(NamedTuple):
    """A question with its context's number, the document that belongs to, and the set it is from."""

    question: str
    context: int
    document: str
    part: str


class Retrieved(NamedTuple):
    """What both arms gave for a question: passage → score; and which of those passages are right."""

    document: str
    dense: dict[int, float]
    lexical: dict[int, float]
    right: frozenset[int]


def load_questions() -> tuple[list[str], list[Asked]]:
    """The distinct contexts in file order, and the answerable questions on them."""
    rows = [row for row in records(SQUADSHIFTS) if row["part"] == "new_wiki"] + records(NEWSQA)
    texts = list(dict.fromkeys(row["context"] for row in rows))
    number = {text: at for at, text in enumerate(texts)}
    asked = [
        Asked(row["question"], number[row["context"]], row.get("doc", row["context"]), row["source"])
        for row in rows
        if not row["unanswerable"]
    ]
    return texts, asked


def split(asked: Sequence[Asked], seed: int = SEED) -> tuple[list[Asked], list[Asked]]:
    """Questions to fit on and questions held out, by document: a tenth of the documents of each set is held out."""
    chance = random.Random(seed)
    out: set[str] = set()
    for part in sorted({one.part for one in asked}):
        documents = sorted({one.document for one in asked if one.part == part})
        out.update(chance.sample(documents, round(len(documents) / 10)))
    fitting = [one for one in asked if one.document not in out]
    held_out = [one for one in asked if one.document in out]
    return chance.sample(fitting, min(FITTING_QUESTIONS, len(fitting))), held_out


def zero_based(dense: Ranking, lexical: Ranking, weight: float) -> dict[int, float]:
    """The alternative to `assistant.retrieve.fuse`: a score of 0 stays 0, however long the ranking."""
    tops = [max(scores.values(), default=0.0) or 1.0 for scores in (dense, lexical)]
    return {
        one: weight * max(dense.get(one, 0.0), 0.0) / tops[0] + (1 - weight) * lexical.get(one, 0.0) / tops[1]
        for one in {**dense, **lexical}
    }


NORMALISATIONS: dict[str, Fusion] = {
    "min-max": lambda dense, lexical, weight: fuse(dense, lexical, weight=weight),
    "zero-based": zero_based,
}


def retrieve_all(
    archive: Archive, questions: Sequence[str], documents: Sequence[str], right: Callable[[int, Article, Passage], bool]
) -> list[Retrieved]:
    """Ask both arms everything; `right` says of a question's number whether a passage of an article answers it."""
    vectors = question_encoder().encode(questions)
    done = []
    with archive.snapshot() as snapshot:
        known: dict[int, tuple[Article, Passage]] = {}
        for number, (question, document) in enumerate(zip(questions, documents, strict=True)):
            dense = {hit.passage: hit.score for hit in snapshot.dense(vectors[number], limit=DEPTH, filters=Filters())}
            words = {hit.passage: hit.score for hit in snapshot.lexical(question, limit=DEPTH, filters=Filters())}
            either = {*dense, *words}
            for identity, passage in snapshot.passages(either - known.keys()).items():
                known[identity] = snapshot.appearances(passage.content, Filters())[0], passage
            good = frozenset(one for one in either if right(number, *known[one]))
            done.append(Retrieved(document, dense, words, good))
    return done


def paragraphs(archive: Archive, asked: Sequence[Asked]) -> list[Retrieved]:
    """Questions whose paragraph is an article of its own."""
    wanted = [str(one.context) for one in asked]
    texts, documents = [one.question for one in asked], [one.document for one in asked]
    return retrieve_all(archive, texts, documents, lambda number, article, _: article.record == wanted[number])


def news(name: str) -> list[Retrieved]:
    """Questions with evidence in whole news articles."""
    corpus, path = SETS[name]
    rows = stand_alone(path, answerable=True)

    def touches(number: int, article: Article, passage: Passage) -> bool:
        return any(
            article.record == one["record"] and passage.start < one["end"] and one["start"] < passage.end
            for one in rows[number]["evidence"]
        )

    documents = [row["evidence"][0]["record"] for row in rows]
    return retrieve_all(archive_of(records(corpus)), [row["question"] for row in rows], documents, touches)


def recalls(retrieved: Sequence[Retrieved], rank: Callable[[Retrieved], Ranking]) -> dict[int, list[list[float]]]:
    """For each k, found (1) or not (0), grouped by document; ties in a ranking stand in the order of passage ids."""
    grouped: dict[int, dict[str, list[float]]] = {k: {} for k in CUTS}
    for one in retrieved:
        scores = rank(one)
        best = heapq.nsmallest(max(CUTS), scores, key=lambda passage, scores=scores: (-scores[passage], passage))  # type: ignore[misc]
        for k in CUTS:
            grouped[k].setdefault(one.document, []).append(float(not one.right.isdisjoint(best[:k])))
    return {k: list(by_document.values()) for k, by_document in grouped.items()}


def mean(units: Sequence[Sequence[float]]) -> float:
    """The mean over all questions."""
    values = [value for unit in units for value in unit]
    return sum(values) / len(values)


def by_weight(retrieved: Sequence[Retrieved], fusion: Fusion) -> dict[float, list[float]]:
    """Recall at each cut by weight of the dense arm."""
    rows = {}
    for weight in WEIGHTS:
        at = recalls(retrieved, lambda one, weight=weight: fusion(one.dense, one.lexical, weight))  # type: ignore[misc]
        rows[weight] = [round(mean(at[k]), 4) for k in CUTS]
    return rows


def main() -> int:
    """Measure; 0 also where the data are missing."""
    if not present("retrieval", SQUADSHIFTS, NEWSQA, *SETS["calibration"], *SETS["dev"]):
        return 0
    texts, asked = load_questions()
    fitting, held_out = split(asked)
    archive = archive_of({"id": str(at), "text": text} for at, text in enumerate(texts))
    everything = paragraphs(archive, [*fitting, *held_out])
    fit = {"paragraphs": everything[: len(fitting)], "news, from memory": news("calibration")}
    out = everything[len(fitting) :]
    parts = {"paragraphs": out} | {
        name: [one for one, question in zip(out, held_out, strict=True) if question.part == name]
        for name in ("squadshifts", "newsqa")
    }
    parts["news, from memory (dev)"] = news("dev")

    fitted = {
        name: {half: by_weight(some, fusion) for half, some in fit.items()} for name, fusion in NORMALISATIONS.items()
    }
    totals = {
        name: {weight: sum(sum(row[weight]) for row in halves.values()) for weight in WEIGHTS}
        for name, halves in fitted.items()
    }
    best = {name: max(WEIGHTS, key=lambda weight, name=name: totals[name][weight]) for name in fitted}  # type: ignore[misc]
    shipped = f"fused (min-max, {DENSE_WEIGHT}; shipped)"
    arms: dict[str, Callable[[Retrieved], Ranking]] = {
        "dense": lambda one: one.dense,
        "lexical": lambda one: one.lexical,
        shipped: lambda one: fuse(one.dense, one.lexical, weight=DENSE_WEIGHT),
        f"fused (zero-based, {best['zero-based']})": lambda one: zero_based(one.dense, one.lexical, best["zero-based"]),
    }
    measured = {
        arm: {
            part: {f"recall@{k}": bootstrap(units) for k, units in recalls(some, rank).items()}
            for part, some in parts.items()
        }
        for arm, rank in arms.items()
    }
    with archive.snapshot() as snapshot:
        articles, passages = snapshot.counts()
    print(f"{articles:,} paragraphs, {passages:,} passages; held out:\n")
    head = [f"{part} ({len(some):,}) @{k}" for part, some in parts.items() for k in CUTS]
    print(
        table(
            ["", *head], [[arm, *(str(v) for row in by.values() for v in row.values())] for arm, by in measured.items()]
        )
    )
    for name, halves in fitted.items():
        print(f"\n{name}, on the fitting questions, recall@1 / @5 by weight of the dense arm (best {best[name]}):")
        for half, rows in halves.items():
            print(f"  {half}: " + "  ".join(f"{weight:.2f}: {row[0]:.3f}/{row[1]:.3f}" for weight, row in rows.items()))
    gains = {part: gain(some, arms, shipped) for part, some in parts.items()}
    for part, row in gains.items():
        for cut, (better, interval) in row.items():
            print(f"{part}, {cut}: fused minus {better}, the better arm: {interval}")
    write(
        "retrieval",
        {
            "articles": articles, "passages": passages, "depth": DEPTH, "shipped": shipped, "best": best,
            "questions": {
                "fitting": {half: len(some) for half, some in fit.items()},
                "held out": {part: len(some) for part, some in parts.items()},
            },
            "held out": {
                arm: {part: {cut: _rounded(v) for cut, v in row.items()} for part, row in by.items()}
                for arm, by in measured.items()
            },
            "gain": {
                part: {cut: {"over": better, "by": _rounded(v)} for cut, (better, v) in row.items()}
                for part, row in gains.items()
            },
            "fitting": {
                name: {half: {str(weight): row for weight, row in rows.items()} for half, rows in halves.items()}
                for name, halves in fitted.items()
            },
        },
    )  # fmt: skip
    # A claim of the project: it fails loudly if it no longer holds.
    return 0 if all(v.high >= 0 for _, v in gains["paragraphs"].values()) else 1


def gain(
    some: Sequence[Retrieved], arms: dict[str, Callable[[Retrieved], Ranking]], shipped: str
) -> dict[str, tuple[str, Interval]]:
    """For each cut, the better of the two arms and what fusion finds more, question by question."""
    found = {arm: recalls(some, arms[arm]) for arm in ("dense", "lexical", shipped)}
    rows = {}
    for k in CUTS:
        better = "dense" if mean(found["dense"][k]) > mean(found["lexical"][k]) else "lexical"
        pairs = zip(found[shipped][k], found[better][k], strict=True)
        rows[f"recall@{k}"] = (
            better, bootstrap([[a - b for a, b in zip(x, y, strict=True)] for x, y in pairs]),
        )  # fmt: skip
    return rows


def _rounded(interval: Interval) -> list[float]:
    return [round(value, 4) for value in interval]


if __name__ == "__main__":
    raise SystemExit(main())
