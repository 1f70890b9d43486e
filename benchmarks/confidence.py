"""How honest the confidence is: fitted on the calibration set, checked on dev, and what the threshold lets through.

    python -m benchmarks.confidence

Right: one of the first three quotations touches the evidence. Four kinds of question:
answerable; near, written so that the archive's articles do not answer them although they are about the same things;
elsewhere, answerable ones asked of an archive without their article; off topic, of SQuADShifts and NewsQA.
Archives of three articles show that a small archive is neither silenced nor trusted by its size.
"""

from __future__ import annotations

import math
import random
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from assistant.read import confidence as shipped
from assistant.read.sentences import read
from assistant.retrieve import retrieve
from benchmarks.common import (
    ROOT,
    SEED,
    SETS,
    archive_of,
    bootstrap,
    present,
    question_encoder,
    records,
    stand_alone,
    table,
    write,
)
from benchmarks.reading import touching
from benchmarks.retrieval import NEWSQA, SQUADSHIFTS
from index import adding
from index.archive import Archive, create_archive
from index.encoder import identify, locate
from index.encoder.question import QuestionEncoder
from index.model import Filters

QUOTATIONS = 3
OF_EACH_KIND = 150
SMALL_ARCHIVES, SMALL_ARTICLES = 8, 3
RIDGE = 1.0
KINDS = ("answerable", "near", "elsewhere", "off topic")


class Asked(NamedTuple):
    """A question's kind, its signals, the confidence shipped, and whether the first quotations are right."""

    kind: str
    signals: tuple[float, ...]
    confidence: float
    right: bool


def off_topic(number: int, seed: int) -> list[dict[str, Any]]:
    """Questions about other things than politics in 2015 and 2016: half Wikipedia, half CNN of 2007 to 2009."""
    chance = random.Random(seed)
    wikipedia = [row for row in records(SQUADSHIFTS) if row["part"] == "new_wiki"]
    cnn = [row for row in records(NEWSQA) if not row["unanswerable"]]
    some = chance.sample(wikipedia, number // 2) + chance.sample(cnn, number - number // 2)
    return [{"question": row["question"]} for row in some]


def ask(archive: Archive, kind: str, questions: Iterable[dict[str, Any]], encoder: QuestionEncoder) -> list[Asked]:
    """Retrieve and read as the assistant does; only an answerable question can be answered right."""
    done = []
    with archive.snapshot() as snapshot:
        for question in questions:
            text = question["question"]
            candidates = retrieve(snapshot, text, encoder.encode([text])[0], Filters(), limit=10)
            evidence = read(snapshot, text, candidates, encoder, Filters())
            right = kind == "answerable" and any(touching(archive, question, evidence[:QUOTATIONS]))
            sure = shipped.confidence(candidates, evidence)
            done.append(Asked(kind, tuple(shipped.signals(candidates, evidence)), sure, right))
    return done


def fit(asked: Sequence[Asked]) -> tuple[list[float], float]:
    """Weights and intercept of a logistic regression for `right`, by Newton's method with a small ridge."""
    given = np.array([one.signals for one in asked])
    middle, spread = given.mean(axis=0), given.std(axis=0)
    x = np.hstack([(given - middle) / spread, np.ones((len(asked), 1))])
    y = np.array([one.right for one in asked], dtype=float)
    penalty = RIDGE * np.diag([1.0] * given.shape[1] + [0.0])
    theta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ theta))
        theta -= np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + penalty, x.T @ (p - y) + penalty @ theta)
    weights = theta[:-1] / spread
    return [round(float(w), 2) for w in weights], round(float(theta[-1] - weights @ middle), 2)


def predicted(one: Asked, weights: Sequence[float], intercept: float) -> float:
    """The probability a regression gives."""
    return 1 / (1 + math.exp(-intercept - sum(w * x for w, x in zip(weights, one.signals, strict=True))))


def auroc(better: Sequence[float], worse: Sequence[float]) -> float:
    """The probability that one of `better` is above one of `worse`; ties count half."""
    above = sum((a > b) + 0.5 * (a == b) for a in better for b in worse)
    return above / (len(better) * len(worse))


def risk_coverage(asked: Sequence[Asked]) -> list[dict[str, float]]:
    """At each share of questions answered, surest first, the share of those answers that is wrong."""
    ranked = sorted(asked, key=lambda one: -one.confidence)
    rows = []
    for coverage in (0.1, 0.2, 0.3, 0.5, 0.7, 1.0):
        answered = ranked[: max(1, round(coverage * len(ranked)))]
        risk = sum(not one.right for one in answered) / len(answered)
        rows.append({"coverage": coverage, "risk": round(risk, 3), "confidence": round(answered[-1].confidence, 3)})
    return rows


def reliability(asked: Sequence[Asked]) -> list[dict[str, float]]:
    """Questions in bins of confidence: how sure on average, how often right."""
    rows = []
    for low in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8):
        high = {0.6: 0.8, 0.8: 1.01}.get(low, low + 0.1)
        inside = [one for one in asked if low <= one.confidence < high]
        if inside:
            sure = sum(one.confidence for one in inside) / len(inside)
            right = sum(one.right for one in inside) / len(inside)
            rows.append({"from": low, "questions": len(inside), "confidence": round(sure, 3), "right": round(right, 3)})
    return rows


def answered(asked: Sequence[Asked], threshold: float) -> dict[str, dict[str, Any]]:
    """By kind: how many questions, the share answered at the threshold, and the share of those that is right."""
    rows: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        some = [one for one in asked if one.kind == kind]
        if not some:
            continue
        through = [one for one in some if one.confidence >= threshold]
        share = bootstrap([[float(one.confidence >= threshold)] for one in some])
        right = sum(one.right for one in through) / len(through) if through else 0.0
        rows[kind] = {
            "questions": len(some), "answered": [round(value, 3) for value in share],
            "right when answered": round(right, 3),
            "right at all": round(sum(one.right for one in some) / len(some), 3),
        }  # fmt: skip
    return rows


def small_archives(encoder: QuestionEncoder) -> list[Asked]:
    """Dev questions asked of archives of their article and two others, with as many off-topic ones."""
    corpus, questions = SETS["dev"]
    articles = {row["id"]: row for row in records(corpus)}
    by_article: dict[str, list[dict[str, Any]]] = {}
    for question in stand_alone(questions, answerable=True):
        by_article.setdefault(question["evidence"][0]["record"], []).append(question)
    chance = random.Random(SEED)
    most = sorted(by_article, key=lambda name: (-len(by_article[name]), name))[:SMALL_ARCHIVES]
    done: list[Asked] = []
    for number, name in enumerate(most):
        others = chance.sample(sorted(set(articles) - {name}), SMALL_ARTICLES - 1)
        archive = archive_of([articles[one] for one in (name, *others)])
        done += ask(archive, "answerable", by_article[name], encoder)
        done += ask(archive, "off topic", off_topic(len(by_article[name]), SEED + number), encoder)
    return done


def must_hold(folder: Path, encoder: QuestionEncoder) -> dict[str, float]:
    """The confidence of the two questions that decide what a first user sees, on the seeds."""
    model = locate()
    seeds = create_archive(folder / "seeds", identify(model))
    adding.add(seeds, [ROOT / "seeds"], model, refused=lambda _: None)
    questions = ("who said the factions would attack?", "What is the boiling point of tungsten?")
    return {text: round(ask(seeds, "", [{"question": text}], encoder)[0].confidence, 3) for text in questions}


def main() -> int:
    """Fit, check and write; 0 also where the data are missing."""
    needed = [*SETS["dev"], *SETS["calibration"], SETS["working"][0], SQUADSHIFTS, NEWSQA]
    if not present("confidence", *needed):
        return 0
    encoder = question_encoder()
    calibration, dev, working = (archive_of(records(SETS[name][0])) for name in ("calibration", "dev", "working"))
    chance = random.Random(SEED)
    own, own_dev = (stand_alone(SETS[name][1], answerable=True) for name in ("calibration", "dev"))
    fitting = [
        *ask(calibration, "answerable", own, encoder),
        *ask(calibration, "near", stand_alone(SETS["calibration"][1], answerable=False), encoder),
        *ask(working, "elsewhere", chance.sample(own, OF_EACH_KIND), encoder),
        *ask(calibration, "off topic", off_topic(OF_EACH_KIND, SEED), encoder),
    ]
    checking = [
        *ask(dev, "answerable", own_dev, encoder),
        *ask(dev, "near", stand_alone(SETS["dev"][1], answerable=False), encoder),
        *ask(calibration, "elsewhere", own_dev, encoder),
        *ask(dev, "off topic", off_topic(OF_EACH_KIND, SEED + 1), encoder),
    ]
    with tempfile.TemporaryDirectory() as name:
        seeds = must_hold(Path(name), encoder)
    small = small_archives(encoder)
    weights, intercept = fit(fitting)
    if (weights, intercept) != ([*shipped.WEIGHTS], shipped.INTERCEPT):
        print(f"fitted: weights {weights}, intercept {intercept}; shipped: {shipped.WEIGHTS}, {shipped.INTERCEPT}")
    scores = {kind: [one.confidence for one in checking if one.kind == kind] for kind in KINDS}
    right = [one.confidence for one in checking if one.right]
    wrong = [one.confidence for one in checking if one.kind == "answerable" and not one.right]
    figures: dict[str, Any] = {
        "signals": shipped.Signals._fields, "fitted": {"weights": weights, "intercept": intercept},
        "shipped": {"weights": shipped.WEIGHTS, "intercept": shipped.INTERCEPT, "threshold": shipped.THRESHOLD},
        "fitting questions": {kind: sum(one.kind == kind for one in fitting) for kind in KINDS},
        "auroc on dev": {
            **{f"answerable over {kind}": round(auroc(scores["answerable"], scores[kind]), 3) for kind in KINDS[1:]},
            "right over wrong": round(auroc(right, [one.confidence for one in checking if not one.right]), 3),
            "answerable, right over wrong": round(auroc(right, wrong), 3),
        },
        "dev at the threshold": answered(checking, shipped.THRESHOLD),
        "calibration at the threshold": answered(fitting, shipped.THRESHOLD),
        f"archives of {SMALL_ARTICLES} articles at the threshold": answered(small, shipped.THRESHOLD),
        "risk and coverage on dev": risk_coverage(checking), "reliability on dev": reliability(checking),
        "seeds": seeds,
        "dev by threshold": {
            str(at): {kind: row["answered"][0] for kind, row in answered(checking, at).items()}
            for at in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
        },
    }  # fmt: skip
    show(figures)
    write("confidence", figures)
    return 0


def show(figures: dict[str, Any]) -> None:
    """Print the tables."""
    for name, value in figures.items():
        if name.endswith("at the threshold"):
            print(f"\n{name} ({figures['shipped']['threshold']})\n")
            print(table(["", *next(iter(value.values()))], [[kind, *row.values()] for kind, row in value.items()]))
        elif isinstance(value, list):
            print(f"\n{name}\n")
            print(table([*value[0]], [list(row.values()) for row in value]))
        else:
            print(f"\n{name}: {value}")


if __name__ == "__main__":
    raise SystemExit(main())
