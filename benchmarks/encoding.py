"""How fast `add` encodes, beside `SentenceTransformer.encode` as it comes, and what else `add` spends its time on.

    python -m benchmarks.encoding

The same passages go to both in slices, alternately, each in a process of its own that stays loaded; the time is what
the caller waits, so ours includes sending texts and vectors between processes. Then whole `add`s of all of PolNeAR:
everything but encoding is the caller's time minus what the child spent encoding, the child's start-up included. Finding
statements is left out of both: it is counted apart.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import tempfile
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.common import DATA, NoStatements, present, records, spans_of, table, write
from index import adding
from index.archive import create_archive
from index.encoder import identify, locate
from index.encoder.bulk import BulkEncoder

CORPUS = [DATA / "polnear" / f"corpus.{part}.jsonl" for part in ("train", "dev")]
ARTICLES = 300
# As many passages as `add` hands over at a time.
SLICE = 768
ADDS = 2


def serve_peer(model: str, connection: Connection) -> None:
    """The peer: float32 and a batch of 32 are what `encode` does when it is told nothing; unit vectors as from ours."""
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="true")
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(model, device="cpu", local_files_only=True)
    peer.encode(["warm"] * 64)
    connection.send("ready")
    while (texts := connection.recv()) is not None:
        connection.send(peer.encode(texts, batch_size=32))


def passages_of(articles: Sequence[dict[str, Any]], model: Path) -> list[str]:
    """The passages that `add` would encode, in its order; the same text twice is encoded once."""
    distinct = list({row["text"]: row for row in articles}.values())
    both = zip(distinct, spans_of(distinct, model), strict=True)
    return [row["text"][span.start : span.end] for row, spans in both for span in spans]


def side_by_side(texts: Sequence[str], model: Path) -> dict[str, Any]:
    """Seconds of both for every slice, in alternating order, and the lowest cosine between their vectors."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    peer = context.Process(target=serve_peer, args=(str(model), there), daemon=True)
    peer.start()
    rounds = []
    lowest = 1.0
    with BulkEncoder(model) as ours:
        dtype = ours.dtype
        ours.encode(["warm"] * 64)
        here.recv()
        for number, at in enumerate(range(0, len(texts), SLICE)):
            part = list(texts[at : at + SLICE])
            seconds: dict[str, float] = {}
            vectors: dict[str, Any] = {}
            for name in ("ours", "peer") if number % 2 else ("peer", "ours"):
                start = perf_counter()
                if name == "ours":
                    vectors[name] = ours.encode(part)
                else:
                    here.send(part)
                    vectors[name] = here.recv()
                seconds[name] = perf_counter() - start
            lowest = min(lowest, float((vectors["ours"] * vectors["peer"]).sum(axis=1).min()))
            rounds.append({"passages": len(part), **{name: round(value, 2) for name, value in seconds.items()}})
            print(f"  {len(part)} passages: ours {seconds['ours']:.1f} s, peer {seconds['peer']:.1f} s", flush=True)
    here.send(None)
    peer.join()
    total = {name: sum(row[name] for row in rounds) for name in ("ours", "peer")}
    return {
        "dtype": dtype,
        "rounds": rounds,
        "passages_per_second": {name: round(len(texts) / seconds, 1) for name, seconds in total.items()},
        "times_faster": round(total["peer"] / total["ours"], 2),
        "times_faster_by_slice": [round(row["peer"] / row["ours"], 2) for row in rounds],
        "lowest_cosine": round(lowest, 6),
    }


def whole_add(articles: Sequence[dict[str, Any]], model: Path) -> dict[str, float]:
    """One `add` into a fresh archive: seconds, and the share that is not encoding."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "articles.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in articles), "utf-8")
        archive = create_archive(Path(folder) / "archive", identify(model))
        done = adding.add(archive, [file], model, refused=print, finder=NoStatements())
    rest = done.seconds - done.encoding_seconds
    return {
        "passages": done.passages,
        "seconds": round(done.seconds, 2),
        "encoding": round(done.encoding_seconds, 2),
        "rest": round(rest, 2),
        "share_of_rest": round(rest / done.seconds, 4),
    }


def start_up(model: Path) -> float:
    """Seconds from starting the child until it can encode: imports, weights, the trial of bfloat16."""
    start = perf_counter()
    with BulkEncoder(model) as encoder:
        assert encoder.dtype
        return round(perf_counter() - start, 2)


def main() -> int:
    """Measure; 0 also where the data are missing."""
    if not present("encoding", *CORPUS):
        return 0
    model = locate()
    everything = [row for path in CORPUS for row in records(path)]
    articles = everything[:ARTICLES]
    texts = passages_of(articles, model)
    print(f"{len(articles)} articles, {len(texts):,} passages", flush=True)
    adds = [whole_add(everything, model)]
    encoding = side_by_side(texts, model)
    adds += [whole_add(everything, model) for _ in range(ADDS - 1)]
    started = start_up(model)
    share = statistics.median(row["share_of_rest"] for row in adds)
    speed = encoding["passages_per_second"]
    print(
        table(
            ["", "passages/s"],
            [["SentenceTransformer.encode", speed["peer"]], [f"onrecord ({encoding['dtype']})", speed["ours"]]],
        )
    )
    print(f"\n{encoding['times_faster']} times faster; lowest cosine {encoding['lowest_cosine']}")
    print(table(list(adds[0]), [list(row.values()) for row in adds]))
    print(f"\neverything but encoding: {share:.1%} of add (median of {ADDS}); starting the child alone: {started} s")
    write(
        "encoding",
        {
            "articles": len(articles),
            "added": len(everything),
            "passages": len(texts),
            **encoding,
            "adds": adds,
            "rest_of_add": share,
            "start_up": started,
        },
    )
    return 0 if encoding["times_faster"] >= 2.0 and encoding["lowest_cosine"] >= 0.9999 and share <= 0.15 else 1


if __name__ == "__main__":
    raise SystemExit(main())
