"""What the benchmarks share: the data, archives built from them once, intervals, and results with what made them."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from index import adding
from index.archive import Archive, create_archive
from index.encoder import identify, locate
from index.encoder.question import QuestionEncoder, load
from index.encoder.tokens import counter
from index.model import Span
from index.passages import split
from index.readers import Refusal
from index.statements.finder import DIMENSION, Finder, Looked

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
RESULTS = ROOT / "benchmarks" / "results"
SEED = 20
_SPECIAL_TOKENS = 2
# Archives of whole news articles, and the questions over them.
SETS: dict[str, tuple[Path, Path]] = {
    "dev": (DATA / "polnear" / "corpus.dev.jsonl", DATA / "questions.dev.jsonl"),
    "calibration": (DATA / "corpus.calibration.jsonl", DATA / "questions.calibration.jsonl"),
    "working": (DATA / "corpus.working.jsonl", DATA / "questions.working.jsonl"),
}
TYPES = ("who_said", "what_said", "disagree", "fact")
_PACKAGES = ("faiss-cpu", "numpy", "onnxruntime", "sentence-transformers", "tantivy", "tokenizers", "torch")


class NoStatements(Finder):
    """Finds nothing: for what is measured without statements, which are counted apart."""

    version = "none"

    def look(self, texts: Sequence[str], starts: Sequence[int]) -> list[Looked]:  # noqa: ARG002 - as the one it replaces
        """No statement in any text."""
        return [Looked((), np.zeros((0, DIMENSION), dtype=np.float16)) for _ in texts]


def present(benchmark: str, *paths: Path) -> bool:
    """Whether all the data are there; what is missing is said by name."""
    missing = [path for path in paths if not path.exists()]
    for path in missing:
        print(f"skipped: {benchmark} (no {path})", file=sys.stderr)
    return not missing


def records(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def stand_alone(path: Path, *, answerable: bool) -> list[dict[str, Any]]:
    """The questions that need no conversation: those with evidence, or those written to have no answer."""
    rows = [row for row in records(path) if not row.get("session")]
    if answerable:
        return [row for row in rows if row.get("type") in TYPES and row.get("evidence")]
    return [row for row in rows if row.get("unanswerable")]


def archive_of(
    articles: Iterable[dict[str, Any]], *, statements: bool = False, finder: Finder | None = None
) -> Archive:
    """An archive of these articles; kept (in the temporary folder) until they, their passages or the models change.

    With `statements`, those that `finder` finds, the program's own if none is given.
    """
    rows = list(articles)
    model = locate()
    identity = identify(model)
    finder = (finder or Finder()) if statements else NoStatements()
    key = hashlib.sha256((identity.sha256 + (finder.version if statements else "")).encode())
    for row, spans in zip(rows, spans_of(rows, model), strict=True):
        key.update(json.dumps([row, spans], ensure_ascii=False).encode())
    folder = Path(tempfile.gettempdir()) / "onrecord-benchmarks" / key.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    archive = create_archive(folder / "archive", identity)
    if (folder / "whole").exists():
        return archive
    file = folder / "articles.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    refused: list[str] = []

    def refuse(refusal: Refusal) -> None:
        refused.append(str(refusal))

    adding.add(archive, [file], model, refused=refuse, finder=finder)
    if refused:
        raise SystemExit(f"{len(refused)} articles were refused, the first: {refused[0]}")
    (folder / "whole").touch()
    return archive


def spans_of(articles: Iterable[dict[str, Any]], model: Path) -> Iterator[list[Span]]:
    """The passages that `add` makes of each article."""
    tokens, limit = counter(model), identify(model).window - _SPECIAL_TOKENS
    return (split(row["text"], tokens=tokens, limit=limit) for row in articles)


def question_encoder() -> QuestionEncoder:
    """The question encoder of the default model."""
    model = locate()
    return load(model, identify(model), notify=lambda line: print(line, file=sys.stderr))


class Interval(NamedTuple):
    """A mean with the bounds of its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(units: Sequence[Sequence[float]], *, draws: int = 2000, seed: int = SEED) -> Interval:
    """The mean over all values, resampled by unit (the questions of one document stand or fall together)."""
    sums = np.array([(sum(unit), len(unit)) for unit in units if unit], dtype=float)
    drawn = np.random.default_rng(seed).integers(len(sums), size=(draws, len(sums)))
    totals = sums[drawn].sum(axis=1)
    low, high = np.quantile(totals[:, 0] / totals[:, 1], (0.025, 0.975))
    return Interval(float(sums[:, 0].sum() / sums[:, 1].sum()), float(low), float(high))


def write(name: str, figures: dict[str, Any]) -> None:
    """Write one benchmark's figures beside the others, with the command, commit, machine and versions."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = {"benchmark": name, "command": command(), **origin(), "seed": SEED, "figures": figures}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")


def command() -> str:
    """What was typed, from the repository's root."""
    module = Path(sys.argv[0]).resolve()
    inside = module.relative_to(ROOT).with_suffix("") if module.is_relative_to(ROOT) else Path(module.name)
    return " ".join(["python -m", ".".join(inside.parts), *sys.argv[1:]])


def origin() -> dict[str, Any]:
    """The commit and the machine. A commit with uncommitted changes to the packages is marked."""
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "index", "assistant", "benchmarks/*.py")
    return {
        "commit": commit + ("+changes" if changed else ""),
        "machine": {
            "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)),
            "bfloat16": [flag for flag in ("avx512_bf16", "amx_bf16") if flag in _cpuinfo("flags").split()],
            "load_1min": round(os.getloadavg()[0], 2),
            "system": platform.system(),
        },
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
    }


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; every column but the first is aligned right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(key: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.split(":")[0].strip() == key), "")
