"""What the tests of faults run as another process: `python -m tests.faults.child TASK ARCHIVE ...`."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from pathlib import Path

from index import adding, vectors
from index.archive import create_archive, open_archive
from index.encoder import identify, locate
from index.errors import OnrecordError
from index.model import Filters
from index.store import connection
from tests.index.standin import QUESTION, Numbers, held

_FILE_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.scandir", "os.truncate"}


def write(directory: Path, folder: Path, kill_at: str) -> None:
    """Remove an article and add a folder in small batches; die by SIGKILL at a step, or say how many steps there were.

    A step is a statement of SQL or an operation on a file of the archive.
    """
    archive = open_archive(directory)
    last = int(kill_at)
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def listen(event: str, arguments: tuple[object, ...]) -> None:
        if event in _FILE_EVENTS and str(arguments[0]).startswith(str(directory)):
            step()

    def opening(path: Path) -> sqlite3.Connection:
        database = really_open(path)
        database.set_trace_callback(lambda _: step())
        return database

    really_open = connection._open
    connection._open = opening
    sys.addaudithook(listen)
    in_small_steps()
    archive.remove(str(folder / "b.txt"))
    Numbers(archive.encoder.dimension).add(archive, [folder], locate())
    print(steps)


def in_small_steps() -> None:
    """Batches of two passages, and a new base as soon as there is a tail."""
    adding._BATCH_PASSAGES = 2
    vectors._LEAST_TAIL = 2


def slowly(directory: Path, folder: Path) -> None:
    """Add a folder a batch at a time, telling of each and waiting for a line before going on."""
    archive = open_archive(directory)
    in_small_steps()

    def wait(progress: adding.Progress) -> None:
        print(progress.articles, flush=True)
        sys.stdin.readline()

    Numbers(archive.encoder.dimension).add(archive, [folder], locate(), wait)


def hold(directory: Path) -> None:
    """Open a snapshot, say so, wait for a line, and tell what it finds; then what the next one finds."""
    archive = open_archive(directory)
    numbers = Numbers(archive.encoder.dimension)
    with archive.snapshot() as snapshot:
        before = [article.article.text for article in snapshot.listed(Filters())]
        print("open", flush=True)
        sys.stdin.readline()
        dense = snapshot.dense(numbers.vector(QUESTION), limit=10, filters=Filters())
        words = snapshot.lexical(QUESTION, limit=10, filters=Filters())
        after = [article.article.text for article in snapshot.listed(Filters())]
        passages = snapshot.passages([hit.passage for hit in dense])
        found = [len(passages), len(words)]
    next_one = held(archive, numbers)
    print(json.dumps({"before": before, "after": after, "found": found, "next": next_one.counts}))


def make(directory: Path) -> None:
    """Make an archive, as several processes do at once."""
    print(create_archive(directory, identify(locate())).encoder.sha256)


def on_a_full_disk(parent: Path, folder: Path) -> None:
    """In a disk of its own: fill it up while adding, then make room and add again. Tells what was seen."""
    model = locate()
    identity = identify(model)
    numbers = Numbers(identity.dimension)
    archive = create_archive(parent / "archive", identity)
    first, *rest = sorted(folder.iterdir())
    numbers.add(archive, [first], model)
    before = held(archive, numbers)
    seen = []
    ballast = parent / "ballast"
    for left in (0, 40_000, 150_000, 400_000, 600_000):
        _fill(ballast, leave=left)
        try:
            Numbers(identity.dimension).add(archive, rest, model)
            seen.append("added")
        except OnrecordError as error:
            seen.append(str(error))
        readable = held(archive, numbers)
        assert before.articles <= readable.articles
        ballast.unlink()
        assert archive.check() == [], left
    numbers.add(archive, rest, model)
    final = held(archive, numbers)
    print(json.dumps({"seen": seen, "articles": len(final.articles), "problems": archive.check()}))


def _fill(ballast: Path, *, leave: int) -> None:
    disk = os.statvfs(ballast.parent)
    size = max(disk.f_bavail * disk.f_frsize - leave, 0)
    with ballast.open("wb") as file:
        file.write(b"\1" * size)


def read_only(directory: Path) -> None:
    """Read an archive that cannot be written to, and try to write to it."""
    archive = open_archive(directory)
    numbers = Numbers(archive.encoder.dimension)
    found = held(archive, numbers)
    refusals = []
    for attempt in (
        lambda: archive.remove(next(iter(found.articles))),
        archive.repair,
        lambda: create_archive(directory / "new", archive.encoder),
    ):
        try:
            attempt()
            refusals.append("")
        except OnrecordError as error:
            refusals.append(str(error))
    print(
        json.dumps({"counts": found.counts, "words": len(found.words), "refusals": refusals, "check": archive.check()})
    )


def main() -> None:
    task, *arguments = sys.argv[1:]
    tasks = {
        "write": write,
        "slowly": slowly,
        "hold": hold,
        "make": make,
        "full": on_a_full_disk,
        "read_only": read_only,
    }
    paths = [Path(argument) if "/" in argument else argument for argument in arguments]
    tasks[task](*paths)  # type: ignore[operator]


if __name__ == "__main__":
    main()
