"""A full disk and one that cannot be written to: one line says so, and the archive holds what it held."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.conftest import Child, Storing


def own_disk(commands: str) -> tuple[str, ...]:
    """What to put before a command so that it runs after these, with mounts that nobody else sees."""
    prefix = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", f'{commands} && exec "$@"', "sh")
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("no disk of one's own can be mounted here (unshare, mount)")
    return prefix


def test_a_full_disk_loses_nothing_and_room_mends_it(child: Child, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    prefix = own_disk(f"mount -t tmpfs -o size=8m tmpfs {disk}")
    files = tmp_path / "files"
    files.mkdir()
    for number in range(12):
        (files / f"{number:02}.txt").write_text(f"Report {number} of the ferry and the harbour. " * 400)
    process = child("full", disk, files, prefix=prefix)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    told = json.loads(output)
    assert told["articles"] == 12
    assert told["problems"] == []
    refused = [seen for seen in told["seen"] if seen != "added"]
    assert refused, told
    assert all(len(seen.splitlines()) == 1 and "disk" in seen for seen in refused)


def test_an_archive_that_cannot_be_written_to_can_be_read(storing: Storing, child: Child) -> None:
    archive = storing({"ferry.txt": "The ferry line closed.", "bridge.txt": "The bridge reopens."})
    directory = archive.directory
    # Rights do not bind root, a mount does.
    mounting = f"mount --bind {directory} {directory} && mount -o remount,ro,bind {directory}"
    process = child("read_only", directory, prefix=own_disk(mounting))
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    told = json.loads(output)
    assert (told["counts"], told["words"]) == ([2, 2], 2)
    assert told["check"] == []
    assert all(refusal and len(refusal.splitlines()) == 1 for refusal in told["refusals"])
    assert [path.name for path in directory.glob("articles.db*")] == ["articles.db"]
