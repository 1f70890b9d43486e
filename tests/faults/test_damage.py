"""Files of the archive torn, lost, exchanged or tampered with: a question never notices, a check always does."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.archive import Archive, open_archive
from index.errors import OnrecordError
from tests.index.standin import Numbers, held

if TYPE_CHECKING:
    from tests.faults.conftest import Storing

FERRY = "The ferry line closed on Tuesday."
BRIDGE = "The bridge reopens in May."
STRIKE = "Weavers voted to strike."


def tear(directory: Path, pattern: str) -> None:
    for path in directory.glob(pattern):
        os.truncate(path, path.stat().st_size // 2)


def lose(directory: Path, pattern: str) -> None:
    for path in directory.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def scribble(directory: Path, pattern: str) -> None:
    for path in directory.glob(pattern):
        path.write_text("not what was here")


@pytest.mark.parametrize(
    ("harm", "pattern"),
    [
        (tear, "vectors-*.faiss"),
        (lose, "vectors-*.faiss"),
        (scribble, "vectors-*.faiss"),
        (tear, "vectors.json"),
        (tear, "lexical-*/*.term"),
        (lose, "lexical-*/*.idx"),
        (lose, "lexical-*"),
        (scribble, "lexical-*/meta.json"),
        (tear, "lexical.json"),
    ],
)
def test_a_projection_is_made_anew_from_the_database(
    storing: Storing, numbers: Numbers, harm: Callable[[Path, str], None], pattern: str
) -> None:
    archive = storing({"ferry.txt": FERRY, "bridge.txt": BRIDGE})
    before = held(archive, numbers)
    assert list(archive.directory.glob(pattern))
    harm(archive.directory, pattern)
    assert len(archive.check()) == 1
    with archive.writing():  # nobody can mend it while another writes
        assert held(archive, numbers) == before
    assert held(archive, numbers) == before
    assert archive.check() == []


def test_repair_mends_what_only_a_check_can_see(storing: Storing, numbers: Numbers) -> None:
    archive = storing({"ferry.txt": FERRY, "bridge.txt": BRIDGE})
    before = held(archive, numbers)
    for path in [*archive.directory.glob("vectors-*.faiss"), *archive.directory.glob("lexical-*/*.fast")]:
        state = path.stat()
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert len(archive.check()) == 2
    archive.repair()
    assert archive.check() == []
    assert held(archive, numbers) == before


def test_an_older_copy_of_the_database_is_believed_and_not_what_came_after(
    storing: Storing, numbers: Numbers, model: Path
) -> None:
    archive = storing({"ferry.txt": FERRY, "bridge.txt": BRIDGE})
    files = archive.directory.parent / "files"
    shutil.copy(archive.directory / "articles.db", archive.directory.parent / "copy.db")
    before = held(archive, numbers)
    archive.remove(str(files / "ferry.txt"))
    (files / "strike.txt").write_text(STRIKE)
    numbers.add(archive, [files / "strike.txt"], model)
    archive.repair()
    (archive.directory.parent / "copy.db").replace(archive.directory / "articles.db")
    restored = open_archive(archive.directory)
    with restored.writing():
        assert held(restored, numbers) == before
    # As many transactions as there had been, but others: what lies there is still not of this database.
    (files / "strike.txt").write_text("Nobody voted.")
    numbers.add(restored, [files / "strike.txt"], model)
    restored.remove(str(files / "bridge.txt"))
    assert sorted(held(restored, numbers).words) == [FERRY]
    assert restored.check() == []


def test_a_projection_of_another_archive_is_not_believed(storing: Storing, numbers: Numbers) -> None:
    archive, other = storing({"ferry.txt": FERRY}), storing({"bridge.txt": BRIDGE})
    before = held(archive, numbers)
    lose(archive.directory, "vectors*")
    lose(archive.directory, "lexical*")
    for path in [*other.directory.glob("vectors*"), *other.directory.glob("lexical*")]:
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, archive.directory / path.name)
    assert any("of another archive" in problem for problem in archive.check())
    assert held(archive, numbers) == before
    assert archive.check() == []


@pytest.mark.parametrize(
    ("tampering", "seen"),
    [
        ("UPDATE contents SET text = replace(text, 'Tuesday', 'Friday!')", "not the text that was stored"),
        ('UPDATE passages SET "end" = 10000', "does not lie within its article"),
        ("DELETE FROM vectors", "has no vector"),
        ("UPDATE vectors SET vector = x'00'", "is not of"),
        ("UPDATE articles SET source = (SELECT min(source) FROM sources)", "does not carry the text it was added with"),
    ],
)
def test_a_tampered_database_is_seen_by_a_check(storing: Storing, tampering: str, seen: str) -> None:
    archive = storing({"bridge.txt": BRIDGE, "ferry.txt": FERRY})
    assert archive.check() == []
    with sqlite3.connect(archive.directory / "articles.db") as database:
        database.execute(tampering)
    database.close()
    assert any(seen in problem for problem in archive.check())


@pytest.mark.parametrize("kept", [0.3, 0.7])
def test_a_torn_database_is_one_line_and_never_an_answer(storing: Storing, numbers: Numbers, kept: float) -> None:
    archive = storing({f"{number}.txt": f"Report {number}. {FERRY * 50}" for number in range(12)})
    database = archive.directory / "articles.db"
    os.truncate(database, int(database.stat().st_size * kept))
    for attempt in (lambda: _checked(open_archive(archive.directory)), lambda: held(archive, numbers)):
        with pytest.raises(OnrecordError) as raised:
            attempt()
        assert len(str(raised.value).splitlines()) == 1


def _checked(archive: Archive) -> None:
    if problems := archive.check():
        raise OnrecordError(problems[0])
