"""How often a source is resolved to the right name: the names of `whosaid` that the article prints, true source spans.

    python -m benchmarks.speakers            # the working set's articles: the figures that count
    python -m benchmarks.speakers --train    # the training articles: to look at while working, nothing is written

In the CNN and mixed sets 15 % of the source or cue spans lie on an earlier occurrence of the same words ("he" within
"the"); they are put back to the occurrence nearest the content before anything is measured.

Right: the printed name and the gold name agree as full names (title, initials, case, diacritics aside); for
organisations, one may be part of the other ("CNN" for "CNN poll") or its initials. Wrong: any other name. Names that
the article does not print are not counted.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.common import DATA, Interval, bootstrap, present, records, table, write
from index.model import Span, Speaker
from index.statements import lexicon, names
from index.statements.speakers import resolve

DOMAINS = {"polnear": "", "cnn": "cnn/", "mixed": "mixed/"}
KINDS = ("name", "surname", "role", "pronoun")
OUTCOMES = ("right", "wrong", "unresolved")
_PRONOUNS = lexicon.word_set("he she i they we it his her him who which that whose")
_THINGS = lexicon.ORGANISATIONS | lexicon.DOCUMENTS | lexicon.GROUPS
_FILES = [
    *(DATA / f"{folder}whosaid.train.jsonl" for folder in DOMAINS.values()),
    DATA / "polnear" / "corpus.train.jsonl", DATA / "cnn" / "corpus.train.jsonl", DATA / "mixed" / "corpus.train.jsonl",
    DATA / "corpus.working.jsonl", DATA / "corpus.calibration.jsonl",
]  # fmt: skip


class Case(NamedTuple):
    """A source and the name that people gave it; `kind` is how the article calls it there."""

    source: Span
    gold: str
    kind: str


class Story(NamedTuple):
    """An article, all its annotated sources, and the cases among them."""

    id: str
    domain: str
    text: str
    sources: list[Span]
    cases: list[Case]


def stories(split: str) -> Iterator[Story]:
    """The articles of a split (train, working) that have cases. Training articles are in no set kept for testing."""
    kept: set[str] = set()
    if split == "train":
        for name in ("working", "calibration"):
            kept |= {one["id"] for one in records(DATA / f"corpus.{name}.jsonl")}
    annotated: defaultdict[str, set[Span]] = defaultdict(set)
    for one in records(DATA / "polnear" / "attributions.train.jsonl"):
        annotated[one["article"]].update(_first(one))
    for domain, folder in DOMAINS.items():
        corpus = "polnear/corpus.train.jsonl" if not folder else f"{folder}corpus.train.jsonl"
        texts = {one["id"]: one["text"] for one in records(DATA / corpus)}
        asked: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for one in records(DATA / f"{folder}whosaid.train.jsonl"):
            asked[one["record"]].append(realigned(one, texts[one["record"]]) if folder else one)
        for record, some in asked.items():
            if record in kept:
                continue
            text = texts[record]
            sources = annotated[record] | {span for one in some for span in _first(one)}
            cases = [
                Case(span, one["speaker_name"], kind(text[span.start : span.end], one["speaker_name"]))
                for one in some
                if one["split"] == split and one["speaker_name"] and prints(text, one["speaker_name"])
                for span in _first(one)
            ]
            if cases:
                yield Story(record, domain, text, sorted(sources), cases)


def realigned(attribution: dict[str, Any], text: str) -> dict[str, Any]:
    """The attribution with its source on the occurrence that lies nearest a cue near the content."""
    if not attribution["source"]:
        return attribution
    content = [Span(*span) for span in attribution["content"]]

    def places(spans: list[list[int]]) -> list[Span]:
        start, end = spans[0]
        found = re.finditer(rf"(?<!\w){re.escape(text[start:end])}(?!\w)", text)
        outside = [
            Span(*match.span()) for match in found if not any(_overlaps(Span(*match.span()), one) for one in content)
        ]
        return outside or [Span(start, end)]

    cues = sorted(places(attribution["cue"]), key=lambda cue: min(_distance(cue, one) for one in content))[:3]
    source = min(
        places(attribution["source"]),
        key=lambda one: min(_distance(one, cue) + min(_distance(cue, other) for other in content) for cue in cues),
    )
    return {**attribution, "source": [list(source)]}


def _distance(a: Span, b: Span) -> int:
    return max(0, a.start - b.end, b.start - a.end)


def _overlaps(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _first(attribution: dict[str, Any]) -> list[Span]:
    return [Span(*span) for span in attribution["source"][:1]]


def prints(text: str, name: str) -> bool:
    """Whether a text prints a name in that form, case, diacritics and hyphens aside."""
    return f" {' '.join(names.fold(name))} " in f" {' '.join(names.fold(text))} "


def kind(mention: str, gold: str) -> str:
    """How a mention calls the bearer of a name."""
    if mention.lower().strip() in _PRONOUNS:
        return "pronoun"
    if prints(mention, gold):
        return "name"
    return "surname" if set(names.key(gold).split()) & set(names.fold(mention)) else "role"


def agrees(name: str, gold: str) -> bool:
    """Whether a name given is the gold one, as the module says."""
    ours, theirs = set(names.key(name).split()), set(names.key(gold).split())
    if names.same_person(name, gold):
        return True
    short, long = sorted((name, gold), key=len)
    if short.isupper() and _initials(long) == short.replace(".", "").removeprefix("THE "):
        return True
    whole = (len(ours) > 1 and len(theirs) > 1) or (ours | theirs) & _THINGS
    return bool(whole) and (ours <= theirs or theirs <= ours)


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.replace("-", " ").split() if word[0].isupper()).removeprefix(
        "T" if name.startswith("The ") else ""
    )


def outcome(speaker: Speaker, gold: str) -> str:
    """right, wrong or unresolved."""
    if speaker.name is None:
        return "unresolved"
    return "right" if agrees(speaker.name, gold) else "wrong"


def shares(some: Sequence[str]) -> dict[str, Any]:
    """The number of cases and the share of each outcome."""
    counted = Counter(some)
    return (
        {"cases": len(some), **{one: round(counted[one] / len(some), 4) for one in OUTCOMES}} if some else {"cases": 0}
    )


def main() -> int:
    """Measure, print and (for the working set) write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", action="store_true")
    arguments = parser.parse_args()
    if not present("speakers", *_FILES):
        return 0
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    by_domain: defaultdict[str, list[str]] = defaultdict(list)
    by_story: list[list[str]] = []
    seconds: list[float] = []
    sources = 0
    for story in stories("train" if arguments.train else "working"):
        begun = perf_counter()
        speakers = dict(zip(story.sources, resolve(story.text, story.sources), strict=True))
        seconds.append(perf_counter() - begun)
        sources += len(story.sources)
        told = [outcome(speakers[case.source], case.gold) for case in story.cases]
        by_story.append(told)
        by_domain[story.domain] += told
        for case, one in zip(story.cases, told, strict=True):
            by_kind[case.kind].append(one)
    rows = {**{one: by_kind[one] for one in KINDS}, **by_domain, "all": [one for told in by_story for one in told]}
    figures = {name: shares(some) for name, some in rows.items()}
    intervals: dict[str, Interval] = {
        one: bootstrap([[float(told == one) for told in some] for some in by_story]) for one in ("right", "wrong")
    }
    print(table(["", "cases", *OUTCOMES], [[name, *row.values()] for name, row in figures.items()]))
    for one, interval in intervals.items():
        print(f"{one}: {interval}")
    print(f"{1000 * statistics.mean(seconds):.1f} ms an article of {sources / len(seconds):.1f} sources")
    if not arguments.train:
        told = {one: interval._asdict() for one, interval in intervals.items()}
        timing = {
            "articles": len(seconds),
            "sources": sources,
            "milliseconds_mean": round(1000 * statistics.mean(seconds), 2),
        }
        write(
            "speakers",
            {"targets": {"right": 0.9, "wrong": 0.03}, "shares": figures, "intervals": told, "timing": timing},
        )
    return int(figures["all"]["right"] < 0.9 or figures["all"]["wrong"] > 0.03)


if __name__ == "__main__":
    raise SystemExit(main())
