"""Fits the rankers of persons and organisations on the pronouns and roles of `whosaid`: training articles only.

    python -m benchmarks.training.antecedents [--write]

Conditional logits with a score for "none of them" by sort of mention, fitted by Newton's method with an L2 penalty.
Sources that people left without a name are examples of "none", at half the weight: some are only unsure. Whom the sources
before a pronoun meant is what the resolver itself says with the weights of the round before, as it will be in use. The
threshold is the lowest one that keeps the wrong names, cross-validated by article, under a share of all sources with a
known name. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import DATA, SEED, present, records, table
from benchmarks.speakers import _FILES, DOMAINS, Story, agrees, realigned, stories
from index.model import Span, Speaker
from index.statements import bodies
from index.statements.antecedents import FEATURES, WEIGHTS, Ranker, Weights
from index.statements.bodies import Body, Sought
from index.statements.entities import Entity
from index.statements.names import Gender
from index.statements.speakers import Resolver

ROUNDS = 3
FOLDS = 5
PENALTY = 2.0
UNNAMED = 0.5
SORTS = {"persons": ("pronoun", "role"), "bodies": ("pronoun", "document", "group")}
COLUMNS = {"persons": FEATURES, "bodies": bodies.FEATURES}
# How many wrong names each may give, of all sources with a known name; the rest of the 3 % is for names.
WRONG = {
    ("persons", "pronoun"): 0.0125, ("persons", "role"): 0.0035,
    ("bodies", "pronoun"): 0.0010, ("bodies", "document"): 0.0020, ("bodies", "group"): 0.0020,
}  # fmt: skip
# Where the first round starts: the last speaker of that gender, the organisation that spoke last.
START = {
    "persons": {"last_source": 2.0, "gender_same": 1.0, "sentences": -0.5, "count": 0.2},
    "bodies": {"spoke_last": 2.0, "called": 1.0, "kind_same": 0.5, "sentences": -0.5},
}


class Example(NamedTuple):
    """One mention: features of its candidates, and which is right (-1: none of them); `known`: it has a gold name."""

    story: int
    ranker: str
    sort: str
    rows: NDArray[np.float64]
    right: int
    known: bool


class Recorder(Resolver):
    """A resolver that keeps what it was asked about sources whose bearer is known."""

    def __init__(self, story: Story, number: int, given: Weights, unnamed: set[Span]) -> None:
        super().__init__(story.text, 0, given)
        self.story, self.number, self.unnamed = story, number, unnamed
        self.gold = {case.source: case.gold for case in story.cases}
        self.source = Span(0, 0)
        self.examples: list[Example] = []

    def one(self, source: Span) -> Speaker:
        """The speaker, as the resolver gives it."""
        self.source = source
        return super().one(source)

    def asked(
        self,
        word: int,
        gender: Gender | None,
        pronoun: str,
        noun: str | None = None,
        told: frozenset[str] = frozenset(),
    ) -> tuple[list[Entity], list[list[float]]]:
        """What the resolver asks, kept with the right answer."""
        some, rows = super().asked(word, gender, pronoun, noun, told)
        if pronoun:
            self._keep("persons", "role" if noun else "pronoun", some, rows)
        return some, rows

    def asked_body(self, sought: Sought) -> tuple[list[Body | Entity], list[list[float]]]:
        """What the resolver asks, kept with the right answer."""
        some, rows = super().asked_body(sought)
        self._keep("bodies", sought.sort, some, rows)
        return some, rows

    def _keep(self, ranker: str, sort: str, some: Sequence[Body | Entity], rows: list[list[float]]) -> None:
        known = self.source in self.gold
        if not known and self.source not in self.unnamed:
            return
        text = self.article.text
        right = [at for at, one in enumerate(some) if known and agrees(text[slice(*one.span)], self.gold[self.source])]
        table = np.asarray(rows).reshape(len(some), len(COLUMNS[ranker]))
        self.examples.append(Example(self.number, ranker, sort, table, right[0] if right else -1, known))


def unnamed() -> dict[str, set[Span]]:
    """By article, the sources that people gave no name."""
    found: defaultdict[str, set[Span]] = defaultdict(set)
    for folder in DOMAINS.values():
        corpus = "polnear/corpus.train.jsonl" if not folder else f"{folder}corpus.train.jsonl"
        texts = {one["id"]: one["text"] for one in records(DATA / corpus)}
        for one in records(DATA / f"{folder}whosaid.train.jsonl"):
            if one["split"] == "train" and not one["speaker_name"] and one["source"]:
                one = realigned(one, texts[one["record"]]) if folder else one
                found[one["record"]].add(Span(*one["source"][0]))
    return found


def fit(examples: Sequence[Example], penalty: float) -> NDArray[np.float64]:
    """Weights, then the score of none of each sort, by Newton's method on the penalised log-likelihood."""
    sorts = SORTS[examples[0].ranker]
    size = len(COLUMNS[examples[0].ranker]) + len(sorts)
    weight = np.zeros(size)
    designs = []
    for one in examples:
        design = np.zeros((len(one.rows) + 1, size))
        design[:-1, : -len(sorts)] = one.rows
        design[-1, sorts.index(one.sort) - len(sorts)] = 1.0
        designs.append((design, one.right if one.right >= 0 else len(one.rows), 1.0 if one.known else UNNAMED))
    for _ in range(30):
        gradient = -penalty * weight
        hessian = penalty * np.eye(size)
        for design, right, counts in designs:
            scores = design @ weight
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            mean = chance @ design
            gradient += counts * (design[right] - mean)
            hessian += counts * ((design * chance[:, None]).T @ design - np.outer(mean, mean))
        step = np.linalg.solve(hessian, gradient)
        weight = weight + step
        if np.abs(step).max() < 1e-5:
            break
    return weight


def best(example: Example, weight: NDArray[np.float64]) -> tuple[float, bool]:
    """The probability of the likeliest candidate, and whether it is right."""
    if not len(example.rows):
        return 0.0, False
    sorts = SORTS[example.ranker]
    scores = np.append(example.rows @ weight[: -len(sorts)], weight[sorts.index(example.sort) - len(sorts)])
    chance = np.exp(scores - scores.max())
    chance /= chance.sum()
    top = int(chance[:-1].argmax())
    return float(chance[top]), top == example.right


def crossed(examples: Sequence[Example], penalty: float) -> list[tuple[float, bool]]:
    """`best` of each example by weights fitted without its article's fold."""
    numbers = sorted({one.story for one in examples})
    random.Random(SEED).shuffle(numbers)
    fold = {number: at % FOLDS for at, number in enumerate(numbers)}
    weights = [fit([one for one in examples if fold[one.story] != at], penalty) for at in range(FOLDS)]
    return [best(one, weights[fold[one.story]]) for one in examples]


def threshold(found: Sequence[tuple[float, bool]], allowed: float) -> float:
    """The lowest probability that lets at most `allowed` wrong answers through."""
    wrong = sorted((chance for chance, right in found if not right), reverse=True)
    return max(0.5, wrong[int(allowed)] + 1e-4 if len(wrong) > allowed else 0.0)


def fitted(ranker: str, examples: Sequence[Example], penalty: float, known: int) -> Ranker:
    """A ranker with its thresholds, and what it does on articles it was not fitted on."""
    found = crossed(examples, penalty)
    points = {}
    for sort in SORTS[ranker]:
        those = [one for one, example in zip(found, examples, strict=True) if example.sort == sort and example.known]
        others = [
            one for one, example in zip(found, examples, strict=True) if example.sort == sort and not example.known
        ]
        points[sort] = point = threshold(those, WRONG[ranker, sort] * known)
        given = [right for chance, right in those if chance >= point]
        first, wrong = sum(right for _, right in those), len(given) - sum(given)
        print(
            f"{ranker}, {len(those)} {sort}s, best right {first / len(those):.3f}; P >= {point:.3f}: "
            f"right {sum(given) / len(those):.3f}, wrong {wrong / len(those):.3f}, {wrong / known:.4f} of all; "
            f"of {len(others)} without a name {sum(chance >= point for chance, _ in others)} named",
            flush=True,
        )
    weight = fit(examples, penalty)
    sorts = SORTS[ranker]
    size = len(COLUMNS[ranker])
    none = {sort: round(float(weight[size + at]), 4) for at, sort in enumerate(sorts)}
    return Ranker(
        tuple(round(float(one), 4) for one in weight[:size]), none, {sort: round(points[sort], 4) for sort in sorts}
    )


def main() -> int:
    """Fit, report, and write with --write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--penalty", type=float, default=PENALTY)
    arguments = parser.parse_args()
    if not present("antecedents", *_FILES):
        return 1
    some = list(stories("train"))
    without = unnamed()
    known = sum(len(story.cases) for story in some)
    now = Weights(
        *(
            Ranker(
                tuple(START[ranker].get(name, 0.0) for name in COLUMNS[ranker]),
                dict.fromkeys(SORTS[ranker], 1.0),
                dict.fromkeys(SORTS[ranker], 0.5),
            )
            for ranker in SORTS
        )
    )
    for _ in range(ROUNDS):
        examples: list[Example] = []
        for number, story in enumerate(some):
            recorder = Recorder(story, number, now, without[story.id])
            recorder.resolve(story.sources)
            examples += recorder.examples
        now = Weights(
            *(
                fitted(ranker, [one for one in examples if one.ranker == ranker], arguments.penalty, known)
                for ranker in SORTS
            )
        )
    print(f"{sum(one.right < 0 and one.known for one in examples)} without the right one among the candidates")
    for ranker, one in zip(SORTS, now, strict=True):
        rows = [[name, f"{value:.2f}"] for name, value in zip(COLUMNS[ranker], one.feature, strict=True)]
        print(table([ranker, "weight"], rows))
    if arguments.write:
        kept = {
            ranker: {
                "weights": dict(zip(COLUMNS[ranker], one.feature, strict=True)),
                "none": one.none,
                "threshold": one.threshold,
            }
            for ranker, one in zip(SORTS, now, strict=True)
        }
        WEIGHTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
