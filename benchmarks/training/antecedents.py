"""Fits the ranker of pronouns' antecedents on the pronouns of `whosaid` whose bearer is known: training articles of all domains.

    python -m benchmarks.training.antecedents [--write]

A conditional logit with a score for "none of them", fitted by Newton's method with an L2 penalty. Whom the sources before a pronoun
meant is what the resolver itself says with the weights of the round before, as it will be in use. The threshold is the lowest one
that keeps the wrong names, cross-validated by article, under a share of all sources with a known name. Takes two minutes.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import SEED, present, table
from benchmarks.speakers import _FILES, Story, agrees, stories
from index.statements.antecedents import FEATURES, WEIGHTS, Weights
from index.statements.entities import Article
from index.statements.speakers import _PRONOUNS, Resolver

ROUNDS = 4
FOLDS = 5
PENALTY = 1.0
# Of all sources with a known name; the rest of the 3 % that may be wrong is for names and roles.
WRONG = 0.016
# Where the first round starts: the last speaker of that gender.
START = {"last_source": 2.0, "gender_same": 1.0, "gender_other": -3.0, "sentences": -0.5, "count": 0.2}


class Example(NamedTuple):
    """One pronoun: features of its candidates, and which is right (-1: none of them). `other`: a wrong answer is no worse."""

    story: int
    rows: NDArray[np.float64]
    right: int


class Recorder(Resolver):
    """A resolver that keeps what it was asked."""

    def collect(self, story: Story, number: int) -> Iterator[Example]:
        """The examples of a story, in order."""
        gold = {case.source: case.gold for case in story.cases if case.kind == "pronoun"}
        for source in story.sources:
            first, _ = self.article.range(source)
            low = self.article.words[first].low if first < len(self.article.words) else ""
            if source in gold and low in _PRONOUNS:
                some, rows = self.asked(first, _PRONOUNS[low], low)
                right = [at for at, one in enumerate(some) if agrees(_name(self.article, one.span), gold[source])]
                yield Example(number, np.asarray(rows).reshape(len(some), len(FEATURES)), right[0] if right else -1)
            self.one(source)


def _name(article: Article, span: tuple[int, int]) -> str:
    return article.text[slice(*span)]


def fit(examples: Sequence[Example], penalty: float = PENALTY) -> tuple[NDArray[np.float64], float]:
    """Weights and the score of none, by Newton's method on the penalised log-likelihood (concave)."""
    size = len(FEATURES) + 1
    weight = np.zeros(size)
    designs = []
    for one in examples:
        design = np.zeros((len(one.rows) + 1, size))
        design[:-1, :-1] = one.rows
        design[-1, -1] = 1.0
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
    return weight[:-1], float(weight[-1])


def best(example: Example, weight: NDArray[np.float64], none: float) -> tuple[float, bool]:
    """The probability of the likeliest candidate, and whether it is right."""
    if not len(example.rows):
        return 0.0, False
    scores = np.append(example.rows @ weight, none)
    chance = np.exp(scores - scores.max())
    chance /= chance.sum()
    top = int(chance[:-1].argmax())
    return float(chance[top]), top == example.right


def crossed(examples: Sequence[Example], penalty: float) -> list[tuple[float, bool]]:
    """`best` of each example by weights fitted without its article's fold."""
    numbers = sorted({one.story for one in examples})
    random.Random(SEED).shuffle(numbers)
    fold = {number: at % FOLDS for at, number in enumerate(numbers)}
    found: list[tuple[float, bool]] = []
    for at in range(FOLDS):
        weight, none = fit([one for one in examples if fold[one.story] != at], penalty)
        found += [best(one, weight, none) for one in examples if fold[one.story] == at]
    return found


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
    now = Weights(tuple(START.get(name, 0.0) for name in FEATURES), 0.0, 0.5)
    examples: list[Example] = []
    for _ in range(ROUNDS):
        examples = [one for at, story in enumerate(some) for one in Recorder(story.text, 0, now).collect(story, at)]
        found = crossed(examples, arguments.penalty)
        point = threshold(found, WRONG * known)
        weight, none = fit(examples, arguments.penalty)
        now = Weights(tuple(map(float, weight)), none, point)
        first = sum(right for _, right in found) / len(found)
        given = [right for chance, right in found if chance >= point]
        print(f"{len(examples)} pronouns, best right {first:.3f}; P >= {point:.3f}: {len(given) / len(found):.3f} answered, "
              f"right {sum(given) / len(found):.3f}, wrong {(len(given) - sum(given)) / len(found):.3f}")  # fmt: skip
    absent = sum(one.right < 0 for one in examples)
    print(f"{absent} without the right one among the candidates")
    print(
        table(
            ["feature", "weight"], [[name, f"{value:.2f}"] for name, value in zip(FEATURES, now.feature, strict=True)]
        )
    )
    if arguments.write:
        weights = {name: round(value, 4) for name, value in zip(FEATURES, now.feature, strict=True)}
        kept = {"weights": weights, "none": round(now.none, 4), "threshold": round(now.threshold, 4)}
        WEIGHTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
