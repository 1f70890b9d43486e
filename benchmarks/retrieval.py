"""Recall of the dense arm, the lexical arm and their fusion, side by side, over paragraphs of Wikipedia and CNN.

    python -m benchmarks.retrieval

Every context of SQuADShifts (Wikipedia part) and NewsQA is an article of one archive; a question has found its context
when a passage of it is among the first k. Documents (a CNN story; for Wikipedia the paragraph) are split by a seeded
draw: questions of a tenth give the figures, questions of the others choose the weight and the normalisation.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from assistant.retrieve import DENSE_WEIGHT, DEPTH, fuse
from benchmarks.common import DATA, SEED, archive_of, bootstrap, present, question_encoder, records, table, write
from index.model import Filters

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
    """What both arms gave for a question: passage → score, and which article a passage is of."""

    asked: Asked
    dense: dict[int, float]
    lexical: dict[int, float]
    context_of: dict[int, int]


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


def min_max(dense: Ranking, lexical: Ranking, weight: float) -> dict[int, float]:
    """The alternative to `assistant.retrieve.fuse`: the lowest score of the list becomes 0, not a score of 0."""

    def scaled(scores: Ranking) -> dict[int, float]:
        low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
        return {one: (score - low) / (high - low) if high > low else 1.0 for one, score in scores.items()}

    one, other = scaled(dense), scaled(lexical)
    return {key: weight * one.get(key, 0.0) + (1 - weight) * other.get(key, 0.0) for key in {**one, **other}}


def zero_based(dense: Ranking, lexical: Ranking, weight: float) -> dict[int, float]:
    """What `assistant.retrieve` does: scores divided by the highest."""
    return fuse(dense, lexical, weight=weight)


NORMALISATIONS: dict[str, Fusion] = {"zero-based": zero_based, "min-max": min_max}


def found(retrieved: Retrieved, scores: Ranking, k: int) -> bool:
    """Whether a passage of the question's context is among the first k articles' passages; ties by passage id."""
    best = sorted(scores, key=lambda passage: (-scores[passage], passage))[:k]
    return any(retrieved.context_of[passage] == retrieved.asked.context for passage in best)


def recalls(retrieved: Sequence[Retrieved], rank: Callable[[Retrieved], Ranking]) -> dict[int, list[list[float]]]:
    """For each k, found (1) or not (0), grouped by document."""
    grouped: dict[int, dict[str, list[float]]] = {k: {} for k in CUTS}
    for one in retrieved:
        scores = rank(one)
        for k in CUTS:
            grouped[k].setdefault(one.asked.document, []).append(float(found(one, scores, k)))
    return {k: list(by_document.values()) for k, by_document in grouped.items()}


def mean(units: Sequence[Sequence[float]]) -> float:
    """The mean over all questions."""
    values = [value for unit in units for value in unit]
    return sum(values) / len(values)


def main() -> int:
    """Measure; 0 also where the data are missing."""
    if not present("retrieval", SQUADSHIFTS, NEWSQA):
        return 0
    texts, asked = load_questions()
    fitting, held_out = split(asked)
    archive = archive_of({"id": str(at), "text": text} for at, text in enumerate(texts))
    encoder = question_encoder()
    everything: list[Retrieved] = []
    with archive.snapshot() as snapshot:
        context_of: dict[int, int] = {}
        for one in (*fitting, *held_out):
            vector = encoder.encode([one.question])[0]
            dense = {hit.passage: hit.score for hit in snapshot.dense(vector, limit=DEPTH, filters=Filters())}
            words = {hit.passage: hit.score for hit in snapshot.lexical(one.question, limit=DEPTH, filters=Filters())}
            for passage, known in snapshot.passages({*dense, *words} - context_of.keys()).items():
                context_of[passage] = int(snapshot.appearances(known.content, Filters())[0].record or -1)
            everything.append(Retrieved(one, dense, words, context_of))
        number_of_articles, number_of_passages = snapshot.counts()
    fit, out = everything[: len(fitting)], everything[len(fitting) :]

    fitted: dict[str, dict[float, dict[str, float]]] = {}
    for name, fusion in NORMALISATIONS.items():
        fitted[name] = {}
        for weight in WEIGHTS:
            at = recalls(fit, lambda one, fusion=fusion, weight=weight: fusion(one.dense, one.lexical, weight))  # type: ignore[misc]
            fitted[name][weight] = {f"recall@{k}": round(mean(at[k]), 4) for k in CUTS}
    best = {
        name: max(by_weight, key=lambda weight, by_weight=by_weight: sum(by_weight[weight].values()))  # type: ignore[misc]
        for name, by_weight in fitted.items()
    }

    arms: dict[str, Callable[[Retrieved], Ranking]] = {
        "dense": lambda one: one.dense,
        "lexical": lambda one: one.lexical,
        f"fused (zero-based, {DENSE_WEIGHT}; shipped)": lambda one: fuse(one.dense, one.lexical, weight=DENSE_WEIGHT),
        f"fused (zero-based, {best['zero-based']}; fitted)": lambda one: zero_based(
            one.dense, one.lexical, best["zero-based"]
        ),
        f"fused (min-max, {best['min-max']}; fitted)": lambda one: min_max(one.dense, one.lexical, best["min-max"]),
    }
    parts = {"all": out} | {name: [one for one in out if one.asked.part == name] for name in ("squadshifts", "newsqa")}
    figures: dict[str, dict[str, dict[str, tuple[float, float, float]]]] = {}
    rows = []
    for name, rank in arms.items():
        figures[name] = {}
        cells = []
        for part, some in parts.items():
            at = recalls(some, rank)
            intervals = {k: bootstrap(at[k]) for k in CUTS}
            figures[name][part] = {f"recall@{k}": tuple(round(v, 4) for v in intervals[k]) for k in CUTS}  # type: ignore[misc]
            cells += [str(intervals[k]) for k in CUTS]
        rows.append([name, *cells])
    print(
        f"{number_of_articles:,} articles, {number_of_passages:,} passages; fitted on {len(fit):,} questions, "
        f"measured on {len(out):,} of {len({one.asked.document for one in out}):,} other documents\n"
    )
    print(table(["", *(f"{part} @{k}" for part in parts for k in CUTS)], rows))
    print("\nOn the fitting questions, recall@1 / @5 by weight of the dense arm:")
    for name, by_weight in fitted.items():
        shown = "  ".join(
            f"{weight:.2f}: {row['recall@1']:.3f}/{row['recall@5']:.3f}" for weight, row in by_weight.items()
        )
        print(f"{name}: {shown}")

    shipped = recalls(out, arms[f"fused (zero-based, {DENSE_WEIGHT}; shipped)"])
    differences = {}
    for k in CUTS:
        single = {arm: recalls(out, arms[arm])[k] for arm in ("dense", "lexical")}
        better = max(single, key=lambda arm: mean(single[arm]))
        gain = [[a - b for a, b in zip(x, y, strict=True)] for x, y in zip(shipped[k], single[better], strict=True)]
        differences[f"recall@{k}"] = {
            "better arm": better,
            "fused minus it": tuple(round(v, 4) for v in bootstrap(gain)),
        }
        print(f"recall@{k}: fused minus {better} (the better arm): {bootstrap(gain)}")
    write(
        "retrieval",
        {
            "articles": number_of_articles, "passages": number_of_passages, "depth": DEPTH,
            "questions": {"fitting": len(fit), "held out": {part: len(some) for part, some in parts.items()}},
            "held out": figures, "gain": differences,
            "fitting": {name: {str(weight): row for weight, row in by.items()} for name, by in fitted.items()},
            "chosen": {"normalisation": "zero-based", "weight": DENSE_WEIGHT}, "best on the fitting questions": best,
        },
    )  # fmt: skip
    # A claim of the project: it fails loudly if it no longer holds.
    return 0 if all(row["fused minus it"][2] >= 0 for row in differences.values()) else 1  # type: ignore[index,operator]


if __name__ == "__main__":
    raise SystemExit(main())
