"""How long whole processes take: `onrecord --help`, and `onrecord ask` in a process that has loaded nothing before.

    python -m benchmarks.startup

Rounds of all commands in turn, the first round not counted (it fills the file cache and prepares the question encoder).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.common import DATA, ROOT, archive_of, present, records, table, write
from index import adding
from index.archive import create_archive
from index.encoder import identify, locate

POLNEAR = [DATA / "polnear" / f"corpus.{part}.jsonl" for part in ("train", "dev")]
ROUNDS = 11
ONRECORD = Path(sys.executable).with_name("onrecord")
# Python keeps what it has compiled, as it does unless told otherwise.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
LIMITS = {"--help": 0.3, "ask, seeds": 2.0, "ask, PolNeAR": 2.0}


def seconds(*arguments: str) -> float:
    """Wall time of one process. Raises when it does not end as `ask` or `--help` should."""
    start = perf_counter()
    done = subprocess.run([ONRECORD, *arguments], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    spent = perf_counter() - start
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(f"onrecord {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return spent


def main() -> int:
    """Measure; the archive of PolNeAR is left out where the data are missing."""
    with tempfile.TemporaryDirectory() as folder:
        model = locate()
        seeds = create_archive(Path(folder) / "archive", identify(model))
        adding.add(seeds, [ROOT / "seeds"], model, refused=lambda _: None)
        runs: dict[str, list[str]] = {
            "--help": ["--help"],
            "ask, seeds": ["--archive", str(seeds.directory), "ask", "who said the factions would attack?"],
        }
        if present("startup on PolNeAR", *POLNEAR):
            archive = archive_of((one for path in POLNEAR for one in records(path)), statements=True)
            runs["ask, PolNeAR"] = [
                "--archive",
                str(archive.directory),
                "ask",
                "Who said the wall would be paid for by Mexico?",
            ]
        times: dict[str, list[float]] = {name: [] for name in runs}
        for number in range(ROUNDS + 1):
            for name, arguments in runs.items():
                spent = seconds(*arguments)
                if number:
                    times[name].append(round(spent, 3))
    figures: dict[str, Any] = {
        name: {"median": statistics.median(some), "lowest": min(some), "highest": max(some), "limit": LIMITS[name]}
        for name, some in times.items()
    }
    print(
        table(
            ["onrecord", "median s", "lowest", "highest", "limit"],
            [[name, *row.values()] for name, row in figures.items()],
        )
    )
    write("startup", {"rounds": ROUNDS, "commands": figures})
    return 0 if all(row["median"] <= row["limit"] for row in figures.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
