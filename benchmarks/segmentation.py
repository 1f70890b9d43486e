"""Sentence segmenters side by side: offsets, tricky cases, real news, speed. Prints a Markdown table and writes JSON.

    python benchmarks/segmentation.py [--data ../shared/data] [--articles 400]

There is no gold segmentation of PolNeAR, so the measures are chosen such that each counts something that is wrong whatever
one's taste: lost characters, a break between a short quotation and its own "he said", a sentence that begins in lower case,
a sentence that ends in the middle of a line without a full stop, a full stop after an ordinary word that was not taken.
The candidates that are not dependencies of onrecord (pysbd, syntok) are left out, by name, where they are not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import platform
import re
import statistics
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from index.model import Span
from index.sentences import sentences

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "segmentation.json"
WRAP_WIDTHS = (60, 72, 80, 100)

# ‖ marks an expected break; it is taken out before the text is segmented. Line breaks are as in a file.
CASES = (
    "Mr. Smith met Mrs. Jones on Monday.‖ They did not talk.",
    "Gen. James Mattis and Lt. Col. Anna Reyes testified.‖ Sen. John Hale did not.",
    "Rep. Ann Doe, R-Ohio, and Gov. Lee Park agreed.‖ The bill passed.",
    "He moved to the U.S. in 1999.‖ She stayed.",
    "U.S. officials confirmed the strike.‖ Iraq denied it.",
    "The U.S. Senate voted on Tuesday.‖ The House did not.",
    "They fled to the U.S.‖ The others stayed behind.",
    "He was born on Jan. 5, 1950.‖ He died on Dec. 24.",
    "It was the No. 2 spot in the country.‖ Nobody was hurt.",
    "The train left at 5 a.m. and came at 7 p.m. sharp.‖ It was late.",
    "Shops close at 9 p.m.‖ The market stays open.",
    "Acme Inc. said profits fell.‖ Shares of Widget Corp. rose.",
    "Johnson & Johnson Co. Ltd. declined to comment.‖ So did Acme.",
    "J. K. Rowling wrote it.‖ George W. Bush read it.",
    "John F. Kennedy Jr. flew the plane.‖ It crashed.",
    "Prices rose 3.5 percent, to $4.20 a gallon.‖ Drivers grumbled.",
    "“We will not go,” he said.‖ “It is over.”",
    '"We will not go," he said.‖ "It is over."',
    "“Why?” she asked.‖ He shrugged.",
    '"Why?" she asked.‖ He shrugged.',
    "“Stop!” the officer shouted at him.‖ He ran.",
    "“We lost.‖ We will be back,” the coach said.‖ The crowd left.",
    "“This is a disgrace.”‖ That is what the mayor said.",
    '"This is a disgrace."‖ That is what the mayor said.',
    "He said: “I do not know.‖ Ask my lawyer.”‖ Then he left.",
    "“I was afraid,” said Ali.‖ “They came at night.‖ We ran.”",
    "Mouwaffaq al-Rubaie said: “They will attack.”‖ He named no one.",
    "He paused … then went on.‖ Nobody moved.",
    "He paused... then went on.‖ Nobody moved.",
    "“I just... I don't know,” she said.‖ She wept.",
    "They waited…‖ Nobody came.",
    "The plan (see p. 12) failed.‖ No one noticed.",
    "The court (it sits in The Hague.) agreed.‖ Others did not.",
    "He signed the bill.‖ (He had vetoed it before.)‖ It is law now.",
    "Read more at www.example.com.‖ Write to desk@example.com.",
    "Acme v. Widget was decided in 1954.‖ It stands.",
    "Dr. Lee has a Ph.D. from Yale.‖ She teaches.",
    "Who are they?‖ What do they want?‖ Nobody knows.",
    "“Are you sure?”‖ “I am.”",
    "Yahoo! said it would sell.‖ Investors cheered.",
    "St. Louis beat Washington, D.C., on Sunday.‖ It rained.",
    "Prime minister resigns after vote\n\n‖Sarah Holt resigned on Friday.‖ Her party lost.",
    "Prime minister resigns after vote\n‖Sarah Holt, the prime minister of Arcadia since 2012, resigned on Friday after her party lost a "
    "vote of confidence in the lower house of parliament.‖ It was close.",
    "The council has\r\n\r\n‖Three options remain.\r\n\r\n‖None is cheap.",
    "What was agreed:\n‖- a truce from midnight\n‖- an exchange of prisoners\n‖- talks in Geneva",
    "What was agreed:\n‖• A truce from midnight.\n‖• An exchange of prisoners.",
    "Kurdish leaders said on Friday that the factions would attack the\nairport if their demands were not met by the end of the week,\n"
    "and that nobody in the government had answered their letters.‖ The\ngovernment denied it.‖ “They wrote to the wrong office,” a\n"
    "spokesman said.",
    "Kurdish leaders said on Friday that the factions would attack the\r\nairport if their demands were not met by the end of the week.‖ Mr.\r\n"
    "Barzani said nothing.",
    "The minister was asked about the report.\u2029‖He declined to comment.",
    "He won 52% of the vote.‖ 2016 was a good year.",
    "“No,” he said.‖ “No.‖ No!”",
    "‘We are done,’ she said.‖ ‘Go home.’",
    "«Nous partons», dit-il.‖ «C'est fini.»",
    "Il est arrivé à Paris.‖ Elle est restée à Lyon.",
    "会议已经结束。‖他们没有达成协议。‖谁知道呢？",
    "انتهى الاجتماع.‖ لم يتفقوا.",
    "Is it true?‖ Yes.‖ It is.",
    "He earned $1.2 million vs. $900,000 a year ago.‖ Nobody asked.",
    "The Rev. Al Sharpton spoke.‖ Prof. Ada Cole listened.",
    "Sept. 11 changed everything, e.g. air travel, i.e. security.‖ It still does.",
    "It is 10 ft. wide and 6 in. deep.‖ It holds.",
    "She earned an M.B.A. from the University of Texas at Austin.‖ He did not.",
)

Segmenter = Callable[[str], list[Span]]


def _sentencex() -> Segmenter:
    from sentencex import get_sentence_boundaries

    return lambda text: [Span(b["start_index"], b["end_index"]) for b in get_sentence_boundaries("en", text)]


def _pysbd() -> Segmenter:
    import pysbd

    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
    return lambda text: [Span(piece.start, piece.end) for piece in segmenter.segment(text)]


def _syntok() -> Segmenter:
    from syntok import segmenter

    def segment(text: str) -> list[Span]:
        found = (sentence for paragraph in segmenter.analyze(text) for sentence in paragraph)
        return [Span(tokens[0].offset, tokens[-1].offset + len(tokens[-1].value)) for tokens in found if tokens]

    return segment


CANDIDATES: dict[str, Callable[[], Segmenter]] = {
    "sentencex": _sentencex,
    "pysbd": _pysbd,
    "syntok": _syntok,
    "onrecord": lambda: sentences,
}


def trimmed(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans without the whitespace at their edges, empty ones dropped: candidates differ in what they hold."""
    out = []
    for start, end in spans:
        piece = text[start:end]
        start, end = start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
        if start < end:
            out.append(Span(start, end))
    return out


def faithful(text: str, spans: Sequence[Span]) -> bool:
    """Whether the spans ascend, do not overlap, and leave only whitespace out."""
    at = 0
    for start, end in spans:
        if start < at or end > len(text) or text[at:start].strip():
            return False
        at = end
    return not text[at:].strip()


def expected(case: str) -> tuple[str, list[Span]]:
    """A case's text without its marks, and the sentences the marks stand for."""
    text = case.replace("‖", "")
    cuts, seen = [0], 0
    for piece in case.split("‖"):
        seen += len(piece)
        cuts.append(seen)
    return text, trimmed(text, [Span(a, b) for a, b in itertools.pairwise(cuts)])


def unbroken(attributions: list[dict[str, Any]], text: str) -> Iterator[Span]:
    """Hulls of gold statements in which no sentence can end.

    A direct quotation in one piece, its cue and its source, at most three characters apart and 300 long together, on one line, with
    no full stop inside the quotation: `“Why?” she asked`. A break inside such a hull is an error of the segmenter.
    """
    for row in attributions:
        if row["kind"] != "direct" or any(len(row[part]) != 1 for part in ("source", "cue", "content")):
            continue
        parts = sorted(tuple(row[part][0]) for part in ("source", "cue", "content"))
        start, end = parts[0][0], parts[-1][1]
        if any(b[0] - a[1] > 3 for a, b in itertools.pairwise(parts)) or end - start > 300 or "\n" in text[start:end]:
            continue
        content = text[slice(*row["content"][0])].strip("“”\"'‘’ ")
        if not re.search(r"[.!?…]", content[:-1]):
            yield Span(start, end)


QUOTES = "\"'“”‘’»«)]"
MISSED = re.compile(r"(?<=[a-z]{4})(?<!corp)(?<!sept)\.[\"”’)]?[ \xa0]+[“\"‘(]?(?=[A-Z][a-z]+[ ,’'])")


def measure(
    segment: Segmenter, articles: list[dict[str, Any]], rows: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """Every figure of one segmenter: see the module's docstring for what each counts."""
    wrong = []
    for case in CASES:
        text, gold = expected(case)
        if trimmed(text, segment(text)) != gold:
            wrong.append(case)
    out: dict[str, Any] = {"cases_right": len(CASES) - len(wrong), "cases": len(CASES), "cases_wrong": wrong}
    if not articles:
        return out
    began = time.perf_counter()
    found = [segment(article["text"]) for article in articles]
    seconds = time.perf_counter() - began
    lost = lower = unfinished = missed = hulls = cut = 0
    lengths: list[int] = []
    for article, raw in zip(articles, found, strict=True):
        text = article["text"]
        lost += not faithful(text, raw)
        spans = trimmed(text, raw)
        starts = [span.start for span in spans]
        for start, end in spans:
            lengths.append(end - start)
            piece = text[start:end]
            lower += piece.lstrip(QUOTES)[:1].islower()
            rest = text[end:].lstrip(" \t\xa0")
            unfinished += bool(rest) and rest[0] not in "\r\n" and piece.rstrip(QUOTES)[-1:] not in ".!?…"
            missed += len(MISSED.findall(piece))
        for hull in unbroken(rows.get(article["id"], []), text):
            hulls += 1
            cut += any(hull.start < start < hull.end for start in starts)
    return out | {
        "articles": len(articles),
        "sentences": len(lengths),
        "articles_not_faithful": lost,
        "quotations": hulls,
        "quotations_cut": cut,
        "lower_case_starts": lower,
        "unfinished_ends": unfinished,
        "full_stops_missed": missed,
        "median_characters": statistics.median(lengths),
        "longest_characters": max(lengths),
        "characters_per_second": round(sum(len(a["text"]) for a in articles) / seconds),
    }


def rewrapped(segment: Segmenter, articles: list[dict[str, Any]]) -> dict[str, float]:
    """Share of sentences found again after every paragraph is hard-wrapped, by width."""
    out = {}
    for width in WRAP_WIDTHS:
        same = total = 0
        for article in articles:
            paragraphs = [" ".join(p.split()) for p in article["text"].split("\n")]
            flat = "\n\n".join(p for p in paragraphs if p)
            wrap = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)
            wrapped = "\n\n".join(wrap.fill(p) for p in paragraphs if p)
            want = [flat[a:b] for a, b in trimmed(flat, segment(flat))]
            got = {" ".join(wrapped[a:b].split()) for a, b in trimmed(wrapped, segment(wrapped))}
            same += sum(sentence in got for sentence in want)
            total += len(want)
        out[str(width)] = round(same / total, 4)
    return out


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def table(figures: dict[str, dict[str, Any]]) -> str:
    """The figures as Markdown, a row each segmenter."""
    head = ("segmenter", "tricky cases right", "articles with characters lost", "quotations cut", "lower-case starts",
            "unfinished ends", "full stops missed", "sentences", "longest", "found again wrapped (60 / 72 / 80 / 100)",
            "characters/s")  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for name, row in figures.items():
        cells = [name, f"{row['cases_right']} of {row['cases']}"]
        if "articles" in row:
            cells += [
                f"{row['articles_not_faithful']} of {row['articles']}",
                f"{row['quotations_cut']} of {row['quotations']}",
                *(
                    f"{row[key]:,}"
                    for key in (
                        "lower_case_starts",
                        "unfinished_ends",
                        "full_stops_missed",
                        "sentences",
                        "longest_characters",
                    )
                ),
                " / ".join(f"{share:.3f}" for share in row["rewrapped"].values()),
                f"{row['characters_per_second']:,}",
            ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """Measure every candidate that is installed; 0 also where the data are missing (said by name)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument(
        "--articles", type=int, default=400, help="PolNeAR articles: all of dev, then from train (default 400)"
    )
    parser.add_argument("--only", default="", help="one candidate by name; then nothing is written")
    options = parser.parse_args()
    corpus: list[dict[str, Any]] = []
    rows: dict[str, list[dict[str, Any]]] = {}
    if (options.data / "polnear" / "corpus.dev.jsonl").exists():
        for part in ("dev", "train"):
            corpus += read(options.data / "polnear" / f"corpus.{part}.jsonl")
            for row in read(options.data / "polnear" / f"attributions.{part}.jsonl"):
                rows.setdefault(row["article"], []).append(row)
        corpus = corpus[: options.articles]
    else:
        print(f"skipped: polnear (no {options.data}/polnear); the tricky cases only", file=sys.stderr)
    figures: dict[str, dict[str, Any]] = {}
    for name, make in CANDIDATES.items():
        if options.only and name != options.only:
            continue
        if name != "onrecord" and importlib.util.find_spec(name) is None:
            print(f"skipped: {name} (not installed)", file=sys.stderr)
            continue
        segment = make()
        label = name if name == "onrecord" else f"{name} {version(name)}"
        figures[label] = measure(segment, corpus, rows)
        if corpus:
            figures[label]["rewrapped"] = rewrapped(segment, corpus[:84])
    print(table(figures))
    for name, row in figures.items():
        print(f"\n{name}: wrong in")
        for case in row["cases_wrong"]:
            print(f"  {case!r}")
    if not options.only and corpus:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        where = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
        RESULTS.write_text(
            json.dumps({"where": where, "segmenters": figures}, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
