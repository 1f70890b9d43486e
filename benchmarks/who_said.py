"""Who said it: the right speaker first, and among those listed, on the working set (three domains) and the dev questions.

    .venv/bin/python -m benchmarks.who_said [--fit] [--limit N]

Each row is one way to answer, in the same run: onrecord as it is; on the dev questions, whose articles people annotated
in full, the same program over their statements instead of the tagger's, which shows what the tagger costs; and plain
dense retrieval of passages with the names printed in them. `--fit` also fits the weights of `assistant/read/statements.py`
and its confidence on half of the working questions, by article, and prints both halves. A question is right when the name listed first is that of `speakers`; "what did S say" when one of the
first three quotations touches the evidence.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from assistant.answer import Answer
from assistant.engine import Assistant
from assistant.kinds import by_vector
from assistant.question import understand
from assistant.read import statements
from assistant.retrieve import retrieve
from benchmarks import common
from index.model import Filters, Span, Speaker, Statement
from index.statements.finder import Finder, Looked
from index.statements.speakers import matches, resolve

WORKING = ("corpus.working.jsonl", "questions.working.jsonl")
CALIBRATION = ("corpus.calibration.jsonl", "questions.calibration.jsonl")
DEV = ("polnear/corpus.dev.jsonl", "questions.dev.jsonl")
LABELS = "polnear/attributions.dev.jsonl"
_NAME = re.compile(r"[A-Z][\w.’'-]+(?:\s+(?:al-|de|van|bin)?\s*[A-Z][\w.’'-]+)+")


class HumanLabels(Finder):
    """Gives the statements that people annotated; their speakers are resolved and they are embedded as any others."""

    def __init__(self, corpus: Path, attributions: Path) -> None:
        super().__init__()
        by_article: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in common.records(attributions):
            by_article[line["article"]].append(line)
        self._lines = {one["text"]: by_article[one["id"]] for one in common.records(corpus)}
        self._labels = hashlib.sha256(attributions.read_bytes()).hexdigest()[:12]

    @cached_property
    def version(self) -> str:
        """That of the labels, of the encoder and of the rules that resolve."""
        return f"human {self._labels}, {Finder().version}"

    def look(self, texts: Sequence[str], starts: Sequence[int]) -> list[Looked]:
        """What is annotated in each text. Raises `KeyError` for a text that was not annotated."""
        looked = []
        for text, start in zip(texts, starts, strict=True):
            found = annotated(text, self._lines[text], start)
            looked.append(Looked(found, self.encode([(text, one) for one in found]).astype(np.float16)))
        return looked


def annotated(text: str, lines: Sequence[dict[str, Any]], start: int) -> tuple[Statement, ...]:
    """Annotated statements as the program's, in reading order."""
    sources = sorted({Span(*line["source"][0]) for line in lines if line["source"]})
    speakers: dict[Span, Speaker] = dict(zip(sources, resolve(text, sources, start=start), strict=True))
    statements = [
        Statement(
            content=tuple(Span(*span) for span in line["content"]),
            cue=Span(*line["cue"][0]),
            kind=line["kind"],
            speaker=speakers[Span(*line["source"][0])] if line["source"] else None,
            probability=1.0,
        )
        for line in lines
    ]
    return tuple(sorted(statements, key=lambda one: (one.content[0], one.cue)))


class Asked(NamedTuple):
    """What came of one question: whether the first speaker is right, and whether a right one is listed at all."""

    domain: str
    kind: str
    document: str
    first: bool
    listed: bool


def domain(record: str) -> str:
    """The part of the working set a record belongs to."""
    return "cnn" if record.startswith("cnn-") else "polnear" if "_20" in record else "mixed"


def right(names: Sequence[str], gold: Sequence[str]) -> tuple[bool, bool]:
    """Whether the first name is one of the gold ones, and whether any is."""
    hits = [any(matches(name, wanted) or matches(wanted, name) for wanted in gold) for name in names]
    return bool(hits) and hits[0], any(hits)


def speakers_of(answer: Answer) -> list[str]:
    """The speakers of an answer in the order they are shown."""
    return [claim.reported.label for claim in answer.claims if claim.reported is not None and claim.reported.label]


def touches(answer: Answer, evidence: Iterable[dict[str, Any]], first: int) -> bool:
    """Whether one of the first quotations touches the evidence."""
    cited = [citation for claim in answer.claims[:first] for citation in claim.citations]
    return any(
        citation.article.record == gold["record"] and citation.start < gold["end"] and gold["start"] < citation.end
        for citation in cited
        for gold in evidence
    )


def onrecord(assistant: Assistant, question: dict[str, Any]) -> tuple[bool, bool]:
    """The program as it is."""
    answer = assistant.ask(question["question"])
    if question["type"] == "what_said":
        return touches(answer, question["evidence"], 1), touches(answer, question["evidence"], 3)
    return right(speakers_of(answer), question["speakers"])


def nearest_name(assistant: Assistant, question: dict[str, Any]) -> tuple[bool, bool]:
    """Plain dense retrieval: the passage nearest to the question, and the names printed there, nearest the middle first."""
    with assistant.archive.snapshot() as snapshot:
        vector = assistant.encoder.encode([question["question"]])[0]
        names: list[str] = []
        for hit in snapshot.dense(vector, limit=5, filters=Filters()):
            passage = snapshot.passages([hit.passage])[hit.passage]
            article = snapshot.appearances(passage.content, Filters())[0]
            if question["type"] == "what_said":
                span = {"record": article.record, "start": passage.start, "end": passage.end}
                names.append(
                    str(any(
                        gold["record"] == span["record"] and passage.start < gold["end"] and gold["start"] < passage.end
                        for gold in question["evidence"]
                    ))
                )  # fmt: skip
                continue
            found = _NAME.findall(article.text[passage.start : passage.end])
            names += found[:1]
    if question["type"] == "what_said":
        return names[:1] == ["True"], "True" in names[:3]
    return right(names, question["speakers"])


def candidates(assistant: Assistant, question: dict[str, Any]) -> list[statements.Said]:
    """The statements that the program looks at for a question, as it scores them."""
    asked = understand(question["question"], Filters())
    with assistant.archive.snapshot() as snapshot:
        vector = assistant.encoder.encode([asked.text])[0]
        passages = retrieve(snapshot, asked.text, vector, Filters(), limit=10)
        said_vector = assistant.finder.encoder.encode([asked.text])[0]
        return statements.read(
            snapshot,
            asked.text,
            asked.topic or asked.text,
            said_vector,
            passages,
            Filters(),
            assistant.finder,
            assistant.judge,
            disputed=question["type"] == "disagree",
        )


def is_gold(said: statements.Said, question: dict[str, Any]) -> bool:
    """Whether a statement is the one that was asked for."""
    return any(
        said.articles[0].record == gold["record"] and span.start < gold["end"] and gold["start"] < span.end
        for gold in question.get("evidence", ())
        for span in said.statement.content
    )


def fit(assistant: Assistant, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Weights and confidence from half of the questions by article, and what they give on the other half."""
    looked = [(question, candidates(assistant, question)) for question in questions]
    halves: dict[bool, list[tuple[dict[str, Any], list[statements.Said]]]] = {True: [], False: []}
    for question, said in looked:
        record = question["evidence"][0]["record"]
        halves[int(hashlib.sha256(record.encode()).hexdigest(), 16) % 2 == 0].append((question, said))
    found = [any(is_gold(one, question) for one in said) for question, said in looked]
    figures: dict[str, Any] = {
        "questions": len(questions),
        "evidence_among_candidates": round(float(np.mean(found)), 3),
    }

    def first(part: list[tuple[dict[str, Any], list[statements.Said]]], weights: tuple[float, ...]) -> float:
        hits = []
        for question, said in part:
            best = max(said, key=lambda one: float(np.dot(weights, features(one, question))), default=None)
            speaker = None if best is None or best.statement.speaker is None else best.statement.speaker.name
            hits.append(bool(speaker) and right([speaker or ""], question["speakers"])[0])
        return round(float(np.mean(hits)), 3)

    grid = list(
        itertools.product(
            (0.0, 0.5, 1.0, 2.0), (0.0, 4.0, 8.0, 16.0, 32.0), (0.0, 2.0, 4.0), (0.0, 1.0, 3.0), (0.0, 0.5, 1.0)
        )
    )
    best = max(grid, key=lambda weights: first(halves[True], weights))
    figures["weights"] = dict(zip(("aboutness", "likeness", "words", "linked", "side"), best, strict=True))
    figures["first_right"] = {"fitted on": first(halves[True], best), "other half": first(halves[False], best)}
    return figures


def fit_confidence(assistant: Assistant, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """The confidence of answers from statements, on the calibration questions, those without an answer among them."""
    rows: list[tuple[float, ...]] = []
    labels: list[bool] = []
    for question in questions:
        asked = understand(question["question"], Filters())
        kind = asked.kind or by_vector(asked.text, assistant.encoder.encode([asked.text])[0])
        said = candidates(assistant, question) if kind in ("who_said", "what_said", "disagree") else []
        if not said:
            continue
        speaker = said[0].statement.speaker
        named = [speaker.name] if speaker is not None and speaker.name else []
        by_name = bool(question.get("speakers")) and right(named, question["speakers"])[0]
        rows.append(statements.signals(said))
        labels.append(by_name or is_gold(said[0], question))
    model = LogisticRegression(C=1.0).fit(rows, labels)
    sure = model.predict_proba(rows)[:, 1]
    answered = {}
    for cut in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        kept = [label for label, chance in zip(labels, sure, strict=True) if chance >= cut]
        answered[str(cut)] = {"answered": len(kept), "right": sum(kept)}
    return {
        "questions": len(rows), "right": sum(labels), "auroc": round(float(roc_auc_score(labels, sure)), 3),
        "weights": [round(float(w), 3) for w in model.coef_[0]], "intercept": round(float(model.intercept_[0]), 3),
        "at_threshold": answered,
    }  # fmt: skip


def features(one: statements.Said, question: dict[str, Any]) -> tuple[float, ...]:
    """What the score of a statement is made of."""
    supports = np.clip(one.verdict.supports, 1e-3, 1 - 1e-3)
    side = np.log(1 - supports) if question["type"] == "disagree" else np.log(supports)
    return (one.verdict.aboutness, one.likeness, one.words, one.statement.probability, float(side))


def measured(assistant: Assistant, questions: list[dict[str, Any]], way: Any, name: str) -> list[Asked]:
    """One way to answer over all questions."""
    results = []
    for number, question in enumerate(questions, start=1):
        first, listed = way(assistant, question)
        record = question["evidence"][0]["record"]
        results.append(Asked(domain(record), question["type"], record, first, listed))
        if sys.stderr.isatty():
            print(f"\r{name}: {number} of {len(questions)}", end="", file=sys.stderr)
    return results


def rows(name: str, results: list[Asked]) -> tuple[list[list[str]], dict[str, Any]]:
    """A table row for each kind and domain."""
    groups: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for one in results:
        groups[one.kind, one.domain].append(one)
    shown, figures = [], {}
    for (kind, part), group in sorted(groups.items()):
        documents: dict[str, list[Asked]] = defaultdict(list)
        for one in group:
            documents[one.document].append(one)
        first = common.bootstrap([[float(one.first) for one in each] for each in documents.values()])
        listed = common.bootstrap([[float(one.listed) for one in each] for each in documents.values()])
        shown.append([name, kind, part, str(len(group)), str(first), str(listed)])
        figures[f"{kind}/{part}"] = {"questions": len(group), "first": first._asdict(), "listed": listed._asdict()}
    return shown, figures


def main() -> int:
    """Ask all questions in each way; 0 also where the data are missing (said by name)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=common.DATA)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--limit", type=int, default=0, help="ask only so many questions of each set")
    options = parser.parse_args()
    if not common.present("who_said", *(options.data / name for name in (*WORKING, *CALIBRATION, *DEV, LABELS))):
        return 0
    figures: dict[str, Any] = {}
    table: list[list[str]] = []
    if options.fit:
        archive = common.archive_of(common.records(options.data / CALIBRATION[0]), statements=True)
        wanted = ("who_said", "what_said", "disagree", "unanswerable")
        questions = [one for one in common.records(options.data / CALIBRATION[1]) if one.get("type") in wanted]
        figures["confidence"] = fit_confidence(Assistant(archive, common.question_encoder()), questions)
        print(figures["confidence"])
    for label, (corpus, asked) in (("working", WORKING), ("dev", DEV)):
        archive = common.archive_of(common.records(options.data / corpus), statements=True)
        assistant = Assistant(archive, common.question_encoder())
        kinds = ("who_said", "disagree", "what_said")
        questions = [
            one for one in common.records(options.data / asked) if one.get("type") in kinds and one.get("evidence")
        ]
        questions = questions[:: max(1, len(questions) // options.limit)] if options.limit else questions
        if options.fit and label == "working":
            figures["fit"] = fit(assistant, questions)
            print(figures["fit"])
        ways = [("onrecord", assistant, onrecord), ("dense + nearest name", assistant, nearest_name)]
        if label == "dev":
            people = HumanLabels(options.data / corpus, options.data / LABELS)
            archive = common.archive_of(common.records(options.data / corpus), statements=True, finder=people)
            on_labels = Assistant(archive, assistant.encoder, people, assistant.judge)
            ways.insert(1, ("onrecord on human labels", on_labels, onrecord))
        for name, asked_of, way in ways:
            shown, numbers = rows(f"{label}: {name}", measured(asked_of, questions, way, name))
            table += shown
            figures[f"{label}: {name}"] = numbers
    head = ("way", "kind", "domain", "questions", "first right [95 %]", "listed right [95 %]")
    print(common.table(head, table))
    if not options.limit:
        common.write("who_said", figures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
