"""How good the judge is on the working set: supports, disputes or neither, and who said it with people's statements.

    .venv/bin/python -m benchmarks.judging [--judge FOLDER] [--compare FOLDER] [--every N]

Sides: for every statement of the working set its question and claim (supports), its opposite (disputes), what is only
near and its claim against another statement of the article (neither). Speakers: people's statements and, outside
PolNeAR, where few are marked, every other sentence stand as candidates; the stock encoder's first twenty are judged.
The threshold and the weights that join judge and encoder are fitted on half of the articles and tested on the other,
both ways. `--compare` judges a third of all with other weights (float32 beside int8) in the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.read.judge import WEIGHTS, Judge
from assistant.read.stance import stance
from benchmarks import common
from benchmarks.training import judge_data
from benchmarks.training.judge_data import Data, Form, Said, shown, touch
from index.encoder.weights import locate
from index.statements.speakers import matches

DOMAINS = ("polnear", "cnn", "mixed")
CANDIDATES = 20
SIDES = ("supports", "disputes", "neither")


class Case(NamedTuple):
    """A pair with its side, and what the judge made of it."""

    domain: str
    article: str
    kind: str
    side: str
    aboutness: float
    supports: float
    stance: str


class Ranked(NamedTuple):
    """A question's candidates: who is right, and signals (n, 3): likeness, aboutness, log-probability of its side."""

    domain: str
    kind: str
    article: str
    signals: np.ndarray
    right: np.ndarray


def half(article: str) -> int:
    """Which half of the articles one belongs to."""
    return hashlib.sha256(article.encode()).digest()[0] % 2


# --------------------------------------------------------------------------------------------------------------- sides


def cases(data: Data, judge: Judge, every: int = 1) -> list[Case]:
    """Every pair of the working statements, judged."""
    rng = np.random.default_rng(common.SEED)
    made: list[Case] = []
    for number, row in enumerate(data.rows):
        others = [one for i in data.by_article[row.said.article] if not touch(one := data.pool[i], row.said)]
        other = others[int(rng.integers(len(others)))] if others else None
        if number % every:
            continue
        asked = [("ask", "supports", row.ask), ("claim", "supports", f"who said that {judge_data.lowered(row.claim)}?")]
        asked += [("opposite", "disputes", f"who said that {judge_data.lowered(row.opposite)}?")]
        asked += [("near", "neither", f"who said that {judge_data.lowered(row.near)}?")]
        pairs = [(*one, row.said) for one in asked]
        if other is not None:
            pairs.append(("other", "neither", asked[1][2], other))
        for kind, side, question, one in pairs:
            verdict = judge.judge(question, [shown(data.texts, one, Form())])[0]
            text = data.texts[one.article]
            ruled = stance(text, judge_data.statement(text, one), supports=verdict.supports, asked=question)
            made.append(Case(row.domain, row.said.article, kind, side, *verdict, ruled))
    return made


def threshold(fitted: Sequence[Case]) -> float:
    """The aboutness above which "neither" is least often wrong, each side counting alike."""
    values = np.array([case.aboutness for case in fitted])
    about = np.array([case.side != "neither" for case in fitted])
    tried = np.quantile(values, np.linspace(0.05, 0.95, 91))
    scores = [
        ((values > at) & about).sum() / about.sum() + ((values <= at) & ~about).sum() / (~about).sum() for at in tried
    ]
    return float(tried[int(np.argmax(scores))])


def sides(made: Sequence[Case]) -> dict[str, Any]:
    """Accuracy three ways and recalls by domain; the threshold is fitted on the other half of the articles."""
    at = {part: threshold([case for case in made if half(case.article) != part]) for part in (0, 1)}
    table: dict[str, Any] = {"threshold": {str(part): round(value, 3) for part, value in at.items()}}
    for domain in (*DOMAINS, "all"):
        mine = [case for case in made if domain in (case.domain, "all")]
        called = [
            "neither" if case.aboutness <= at[half(case.article)] else SIDES[int(case.supports < 0.5)] for case in mine
        ]
        hits = np.array([call == case.side for call, case in zip(called, mine, strict=True)])
        row: dict[str, Any] = {
            "pairs": len(mine),
            "three_way": _interval(hits.tolist(), [case.article for case in mine]),
        }
        for kind in ("ask", "claim", "opposite", "near", "other"):
            row[kind] = round(float(hits[[case.kind == kind for case in mine]].mean()), 3)
        disputed = [call for call, case in zip(called, mine, strict=True) if case.kind == "opposite"]
        row["opposite_called_support"] = round(disputed.count("supports") / len(disputed), 3)
        related = [case for case in mine if case.side != "neither"]
        row["side_of_related"] = round(
            float(np.mean([(c.supports >= 0.5) == (c.side == "supports") for c in related])), 3
        )
        agreeing = [case for case in mine if case.kind in ("ask", "claim")]
        row["stance_of_ask_and_claim"] = {
            name: round(sum(case.stance == name for case in agreeing) / len(agreeing), 3)
            for name in ("supports", "qualifies", "declines", "disputes")
        }
        table[domain] = row
    return table


# ------------------------------------------------------------------------------------------------------------ speakers


def working(data_folder: Path) -> tuple[Data, list[Said]]:
    """What is written about the working set, and everything in it that may answer."""
    articles = {line["id"] for line in judge_data.read(data_folder / "corpus.working.jsonl")}
    data = judge_data.load_data(data_folder, lambda _, record: record in articles)
    whole = {row.said.article for row in data.rows if row.domain == "polnear"}
    rest = [one for article, found in data.sentences.items() if article not in whole for one in found]
    return data, [*data.pool, *rest]


def ranked(data_folder: Path, judge: Judge, every: int = 1) -> list[Ranked]:
    """The working questions, each with the stock encoder's first candidates, judged."""
    data, pool = working(data_folder)
    texts = data.texts
    asked = [
        line
        for line in judge_data.read(data_folder / "questions.working.jsonl")
        if line["type"] in ("who_said", "disagree")
    ]
    plain = [shown(texts, one, Form("plain")) for one in pool]
    vectors = judge_data.encode(locate(), [*plain, *(line["question"] for line in asked)])
    made: list[Ranked] = []
    for number, line in enumerate(asked):
        if number % every:
            continue
        likeness = vectors[: len(pool)] @ vectors[len(pool) + number]
        best = np.argsort(-likeness)[:CANDIDATES]
        disagree = line["type"] == "disagree"
        question = proposition(line, data) if disagree else line["question"]
        verdicts = judge.judge(question, [shown(texts, pool[i], Form()) for i in best])
        supports = np.array([one.supports for one in verdicts])
        side = 1 - supports if disagree else supports
        signals = np.stack(
            [likeness[best], np.array([one.aboutness for one in verdicts]), np.log(np.clip(side, 1e-4, 1))], axis=1
        )
        right = np.array([answers(line, texts, pool[i]) for i in best])
        made.append(Ranked(line["id"].split("-")[1], line["type"], line["evidence"][0]["record"], signals, right))
    return made


def proposition(line: dict[str, Any], data: Data) -> str:
    """What a question asks who disputes it: the sentence it was framed around, as understood perfectly."""
    asked = line["question"].lower()
    inside = [row.opposite for row in data.rows if row.opposite.lower().rstrip(".") in asked]
    return max(inside, key=len, default=line["question"])


def answers(line: dict[str, Any], texts: dict[str, str], one: Said) -> bool:
    """Whether naming this statement's speaker answers the question: the speaker's name, or the statement itself."""
    for place in line["evidence"]:
        if place["record"] == one.article:
            for start, end in one.content:
                if min(end, place["end"]) - max(start, place["start"]) > 0.5 * min(
                    end - start, place["end"] - place["start"]
                ):
                    return bool(one.cue)
    name = one.name or (texts[one.article][slice(*one.source[0])] if one.source else "")
    return any(matches(name, wanted) for wanted in line["speakers"]) if name else False


def fit(made: Sequence[Ranked]) -> np.ndarray:
    """Weights of the signals: a logistic regression on differences between right and wrong candidates of a question."""
    differences = [
        one.signals[i] - one.signals[j]
        for one in made
        for i in np.flatnonzero(one.right)
        for j in np.flatnonzero(~one.right)
    ]
    x = np.array(differences)
    model = LogisticRegression(fit_intercept=False, max_iter=500)
    model.fit(np.concatenate([x, -x]), np.array([1] * len(x) + [0] * len(x)))
    weights: np.ndarray = model.coef_[0]
    return weights


def speakers(made: Sequence[Ranked]) -> dict[str, Any]:
    """First speaker right, by kind of question and domain: the encoder alone, the judge alone, both, and at best."""
    table: dict[str, Any] = {}
    for kind in ("who_said", "disagree"):
        asked = [one for one in made if one.kind == kind]
        fitted = {part: fit([one for one in asked if half(one.article) != part]) for part in (0, 1)}
        table[kind] = {"weights": {str(part): [round(float(w), 3) for w in value] for part, value in fitted.items()}}
        for domain in (*DOMAINS, "all"):
            mine = [one for one in asked if domain in (one.domain, "all")]
            articles = [one.article for one in mine]
            ways = {
                "encoder": [one.signals[:, 0] for one in mine],
                "judge": [one.signals[:, 1] + one.signals[:, 2] for one in mine],
                "both": [one.signals @ fitted[half(one.article)] for one in mine],
            }
            row: dict[str, Any] = {"questions": len(mine)}
            for name, scores in ways.items():
                hits = [bool(one.right[int(np.argmax(score))]) for one, score in zip(mine, scores, strict=True)]
                row[name] = _interval(hits, articles)
            row["among_candidates"] = round(float(np.mean([one.right.any() for one in mine])), 3)
            table[kind][domain] = row
    return table


def _interval(hits: Sequence[bool], articles: Sequence[str]) -> list[float]:
    """Mean with the bounds of its 95 % interval, drawn by article."""
    units: dict[str, list[float]] = defaultdict(list)
    for hit, article in zip(hits, articles, strict=True):
        units[article].append(float(hit))
    return [round(value, 3) for value in common.bootstrap([*units.values()])]


# ---------------------------------------------------------------------------------------------------------------- run


def speed(data: Data, judge: Judge) -> dict[str, float]:
    """Milliseconds a question with twenty statements, mean and slowest of twenty."""
    statements = [shown(data.texts, row.said, Form()) for row in data.rows[:CANDIDATES]]
    judge.judge(data.rows[0].ask, statements)
    taken = []
    for row in data.rows[:20]:
        began = time.perf_counter()
        judge.judge(row.ask, statements)
        taken.append(1000 * (time.perf_counter() - began))
    return {"mean": round(float(np.mean(taken)), 1), "slowest": round(max(taken), 1)}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=common.DATA)
    parser.add_argument("--judge", type=Path, default=WEIGHTS)
    parser.add_argument("--compare", type=Path, help="other weights, judged on a third of the pairs and questions")
    parser.add_argument("--every", type=int, default=1, help="only every nth pair and question: a quick look")
    arguments = parser.parse_args()
    if not common.present("judging", arguments.data / "questions.working.jsonl"):
        return
    data, judge = judge_data.working_data(arguments.data), Judge(arguments.judge)
    result: dict[str, Any] = {"judge": judge.card.model_dump(), "milliseconds_20_statements": speed(data, judge)}
    result["sides"] = sides(cases(data, judge, arguments.every))
    print(result["sides"]["all"], flush=True)
    common.write("judge", result)
    result["first_speaker_right"] = speakers(ranked(arguments.data, judge, arguments.every))
    print({kind: table["all"] for kind, table in result["first_speaker_right"].items()}, flush=True)
    common.write("judge", result)
    if arguments.compare:
        for name, folder in (("shipped", arguments.judge), ("compared", arguments.compare)):
            other = Judge(folder)
            result[f"third_{name}"] = {
                "judge": other.card.model_dump(),
                "sides": sides(cases(data, other, 3))["all"],
                "first_speaker_right": {
                    kind: table["all"] for kind, table in speakers(ranked(arguments.data, other, 3)).items()
                },
            }
            print(name, result[f"third_{name}"], flush=True)
        common.write("judge", result)


if __name__ == "__main__":
    main()
