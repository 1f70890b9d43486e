"""Fits the ranker of antecedents on the pronouns and roles of `whosaid` whose bearer is known: training articles only.

    python -m benchmarks.training.antecedents [--write]

A conditional logit with a score for "none of them", fitted by Newton's method with an L2 penalty. Whom the sources
before a pronoun meant is what the resolver itself says with the weights of the round before, as it will be in use. The
threshold is the lowest one that keeps the wrong names, cross-validated by article, under a share of all sources with a
known name. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import SEED, present, table
from benchmarks.speakers import _FILES, Story, agrees, stories
from index.model import Span, Speaker
from index.statements.antecedents import FEATURES, WEIGHTS, Weights
from index.statements.entities import Entity
from index.statements.names import Gender
from index.statements.speakers import Resolver

ROUNDS = 3
FOLDS = 5
PENALTY = 1.0
# Of all sources with a known name; the rest of the 3 % that may be wrong is for names and roles.
WRONG = 0.012
WRONG_ROLE = 0.0025
# Where the first round starts: the last speaker of that gender.
START = {"last_source": 2.0, "gender_same": 1.0, "sentences": -0.5, "count": 0.2}


class Example(NamedTuple):
    """One pronoun: features of its candidates, and which is right (-1: none of them)."""

    story: int
    rows: NDArray[np.float64]
    right: int
    role: bool


class Recorder(Resolver):
    """A resolver that keeps what it was asked about sources whose bearer is known."""

    def __init__(self, story: Story, number: int, given: Weights) -> None:
        super().__init__(story.text, 0, given)
        self.story, self.number = story, number
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
        if pronoun and self.source in self.gold:
            text = self.article.text
            right = [at for at, one in enumerate(some) if agrees(text[slice(*one.span)], self.gold[self.source])]
            table = np.asarray(rows).reshape(len(some), len(FEATURES))
            self.examples.append(Example(self.number, table, right[0] if right else -1, noun is not None))
        return some, rows


def fit(examples: Sequence[Example], penalty: float) -> NDArray[np.float64]:
    """Weights, then the scores of none (pronouns, roles), by Newton's method on the penalised log-likelihood."""
    size = len(FEATURES) + 2
    weight = np.zeros(size)
    designs = []
    for one in examples:
        design = np.zeros((len(one.rows) + 1, size))
        design[:-1, :-2] = one.rows
        design[-1, -1 if one.role else -2] = 1.0
        designs.append((design, one.right if one.right >= 0 else len(one.rows)))
    for _ in range(30):
        gradient = -penalty * weight
        hessian = penalty * np.eye(size)
        for design, right in designs:
            scores = design @ weight
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            mean = chance @ design
            gradient += design[right] - mean
            hessian += (design * chance[:, None]).T @ design - np.outer(mean, mean)
        step = np.linalg.solve(hessian, gradient)
        weight = weight + step
        if np.abs(step).max() < 1e-5:
            break
    return weight


def best(example: Example, weight: NDArray[np.float64]) -> tuple[float, bool]:
    """The probability of the likeliest candidate, and whether it is right."""
    if not len(example.rows):
        return 0.0, False
    scores = np.append(example.rows @ weight[:-2], weight[-1 if example.role else -2])
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
    return wrong[int(allowed)] + 1e-4 if len(wrong) > allowed else 0.0


def main() -> int:
    """Fit, report, and write with --write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--penalty", type=float, default=PENALTY)
    arguments = parser.parse_args()
    if not present("antecedents", *_FILES):
        return 1
    some = list(stories("train"))
    known = sum(len(story.cases) for story in some)
    now = Weights(tuple(START.get(name, 0.0) for name in FEATURES), 0.0, 0.5, 3.0, 0.5)
    examples: list[Example] = []
    for _ in range(ROUNDS):
        examples = []
        for number, story in enumerate(some):
            recorder = Recorder(story, number, now)
            recorder.resolve(story.sources)
            examples += recorder.examples
        found = crossed(examples, arguments.penalty)
        points = []
        for role in (False, True):
            those = [one for one, example in zip(found, examples, strict=True) if example.role == role]
            point = threshold(those, (WRONG_ROLE if role else WRONG) * known)
            points.append(point)
            given = [right for chance, right in those if chance >= point]
            first, wrong = sum(right for _, right in those), len(given) - sum(given)
            what = "roles" if role else "pronouns"
            print(
                f"{len(those)} {what}, best right {first / len(those):.3f}; P >= {point:.3f}: "
                f"right {sum(given) / len(those):.3f}, wrong {wrong / len(those):.3f}, {wrong / known:.4f} of all",
                flush=True,
            )
        weight = fit(examples, arguments.penalty)
        now = Weights(tuple(map(float, weight[:-2])), float(weight[-2]), points[0], float(weight[-1]), points[1])
    absent = sum(one.right < 0 for one in examples)
    print(f"{absent} without the right one among the candidates")
    print(
        table(
            ["feature", "weight"], [[name, f"{value:.2f}"] for name, value in zip(FEATURES, now.feature, strict=True)]
        )
    )
    if arguments.write:
        weights = {name: round(value, 4) for name, value in zip(FEATURES, now.feature, strict=True)}
        kept = {"weights": weights, **{name: round(getattr(now, name), 4) for name in Weights._fields[1:]}}
        WEIGHTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
