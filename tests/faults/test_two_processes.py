"""One writes, the others read: nobody waits, nobody sees half an article, and what is gone is gone for the next."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index import archive as archives
from index.archive import open_archive
from index.errors import ArchiveBusy
from tests.index.standin import Numbers, held

if TYPE_CHECKING:
    from tests.faults.conftest import Child, Storing

FERRY = "The ferry line closed on Tuesday."
BRIDGE = "The bridge reopens in May."


def say(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_readers_go_on_while_another_process_adds(
    storing: Storing, child: Child, numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_PATIENCE", 0.1)
    archive = storing({"ferry.txt": FERRY})
    files = archive.directory.parent / "files"
    for number in range(8):
        (files / f"{number}.txt").write_text(f"Report {number} of the harbour. " * 20)
    process = child("slowly", archive.directory, files)
    seen = []
    while line(process):
        found = held(archive, numbers)
        assert len(found.dense) == found.counts[1]
        assert len(found.words) == found.counts[1]
        seen.append(found.counts[0])
        with pytest.raises(ArchiveBusy):
            archive.remove(str(files / "ferry.txt"))
        say(process)
    assert process.wait() == 0
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
    assert held(archive, numbers).counts[0] == 9
    assert archive.check() == []


def test_a_snapshot_in_another_process_outlives_what_is_removed(
    storing: Storing, child: Child, numbers: Numbers
) -> None:
    archive = storing({"ferry.txt": FERRY, "bridge.txt": BRIDGE})
    process = child("hold", archive.directory)
    assert line(process) == "open"
    archive.remove(str(archive.directory.parent / "files" / "ferry.txt"))
    archive.repair()
    assert held(archive, numbers).counts == (1, 1)
    output, errors = process.communicate("\n")
    assert process.returncode == 0, errors
    told = json.loads(output)
    assert set(told["before"]) == set(told["after"]) == {FERRY, BRIDGE}
    assert told["found"] == [2, 2]
    assert told["next"] == [1, 1]


def test_what_another_process_added_is_found_by_an_open_archive(
    storing: Storing, child: Child, numbers: Numbers
) -> None:
    archive = storing({"ferry.txt": FERRY})
    assert held(archive, numbers).words == [FERRY]
    (archive.directory.parent / "files" / "bridge.txt").write_text(BRIDGE)
    process = child("slowly", archive.directory, archive.directory.parent / "files")
    _, errors = process.communicate("\n" * 10)
    assert process.returncode == 0, errors
    assert set(held(archive, numbers).words) == {FERRY, BRIDGE}


def test_several_that_make_the_same_archive_make_one(child: Child, tmp_path: Path) -> None:
    directory = tmp_path / "archive"
    processes = [child("make", directory) for _ in range(3)]
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert open_archive(directory).check() == []
