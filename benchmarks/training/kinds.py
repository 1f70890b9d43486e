"""Fits the classifier that tells a question about what somebody said from any other, on the question's own vector.

    .venv/bin/python benchmarks/training/kinds.py --data ../shared/data

Logistic regression over the passage encoder's vector, for questions that begin neither with "when" nor "how many" nor
the like, which are told by their words. Positive: questions asked about statements (`ask` of the training articles, claims
in frames). Negative: questions about facts and events, those of the calibration articles several times, since they are of
the same news. Figures are of questions never trained on: a held-out tenth and the development questions. Writes assistant/kinds.json and benchmarks/results/kinds.json.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from sklearn.linear_model import LogisticRegression

from index.encoder import identify, locate
from index.encoder.question import load

ROOT = Path(__file__).resolve().parents[2]
SEED = 7
EACH = 4000
TIMES_CALIBRATION = 8
WHO = re.compile(r"\b(?:who|whom|whose|which)\b", re.IGNORECASE)
FRAMES = (
    "who said {}?",
    "who thinks that {}?",
    "who claimed {}",
    "who denied that {}?",
    "did anyone say {}?",
    "who warned that {}",
)
FACTS = ("newsqa_val", "squadshifts", "realtimeqa", "trecqa", "wikiqa", "timeqa", "qed")


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def positives(data: Path, rng: random.Random) -> list[str]:
    """Questions about statements of training articles."""
    found: list[str] = []
    for folder in ("", "cnn", "mixed"):
        for record in lines(data / folder / "whosaid.train.jsonl"):
            if record["split"] == "train":
                found.append(record["ask"])
                if rng.random() < 0.3:
                    claim = record["claim"].rstrip(".")
                    found.append(rng.choice(FRAMES).format(claim[:1].lower() + claim[1:]))
    return found


def negatives(data: Path) -> list[str]:
    """Questions about facts and events."""
    found = [record["question"] for name in FACTS for record in lines(data / "qa" / f"{name}.jsonl")]
    return [text for text in found if WHO.search(text)]


def of_kinds(data: Path, name: str, *kinds: str) -> list[str]:
    """The questions of some kinds in one of our own sets that ask "who" or "which"."""
    asked = [record["question"] for record in lines(data / f"questions.{name}.jsonl") if record.get("type") in kinds]
    return [text for text in asked if WHO.search(text)]


def main() -> int:
    """Fit, measure, write; where the data are missing, say so and do nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    if not data.is_dir():
        print(f"skipped: no data at {data}", file=sys.stderr)
        return 0
    rng = random.Random(SEED)
    sets = {1: positives(data, rng), 0: negatives(data)}
    questions: list[tuple[str, int]] = []
    for label, texts in sets.items():
        distinct = sorted(set(texts))
        rng.shuffle(distinct)
        questions += [(text, label) for text in distinct[:EACH]]
    # People write in lower case and without a question mark: the classifier must not learn that facts have neither.
    questions = [(text.lower().rstrip("?") if rng.random() < 0.3 else text, label) for text, label in questions]
    rng.shuffle(questions)
    cut = len(questions) // 10
    questions += [(text, 0) for text in of_kinds(data, "calibration", "fact") for _ in range(TIMES_CALIBRATION)]
    encoder = load(locate(), identify(locate()))
    vectors = encoder.encode([text for text, _ in questions])
    labels = np.asarray([label for _, label in questions])
    model = LogisticRegression(C=3.0, max_iter=1000).fit(vectors[cut:], labels[cut:])

    def accuracy(texts: list[str], label: int) -> float:
        return round(float((model.predict(encoder.encode(texts)) == label).mean()), 3)

    figures: dict[str, Any] = {"held_out": round(float(model.score(vectors[:cut], labels[:cut])), 3)}
    for kind, label in (("who_said", 1), ("disagree", 1), ("fact", 0)):
        texts = of_kinds(data, "dev", kind)
        figures[f"dev {kind}"] = {"questions": len(texts), "right": accuracy(texts, label)}
    weights = {
        "intercept": round(float(model.intercept_[0]), 5),
        "weights": [round(float(w), 5) for w in model.coef_[0]],
    }
    (ROOT / "assistant" / "kinds.json").write_text(json.dumps(weights) + "\n", "utf-8")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    result = {
        "command": ".venv/bin/python benchmarks/training/kinds.py --data ../shared/data", "commit": commit.stdout.strip(),
        "seed": SEED, "questions": len(questions), "accuracy": figures,
    }  # fmt: skip
    print(json.dumps(figures, indent=1))
    (ROOT / "benchmarks" / "results").mkdir(exist_ok=True)
    (ROOT / "benchmarks" / "results" / "kinds.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
