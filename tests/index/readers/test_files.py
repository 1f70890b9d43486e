"""Finding: files of known formats in the order of their names, no circles, and every trouble named."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.readers import FORMATS, Refusal, find, read

STORY = "Weavers at the Tarn mill voted to strike, the union said on Friday.\n"


def lay(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STORY)
    return root


def names(root: Path) -> list[str]:
    """The files found under `root`, relative to it; refusals fail."""
    found = list(find(root))
    assert not [str(result) for result in found if isinstance(result, Refusal)]
    return [path.relative_to(root).as_posix() for path in found if isinstance(path, Path)]


def refusal(path: Path) -> Refusal:
    (result,) = find(path)
    assert isinstance(result, Refusal)
    assert len(str(result).splitlines()) == 1
    return result


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder with `a.txt`, an unreadable file and an unreadable folder, seen by a user without privileges."""
    root = Path(tempfile.mkdtemp())
    lay(root, "a.txt", "b.txt", "shut/c.txt", "z/d.txt")
    root.chmod(0o755)
    (root / "b.txt").chmod(0)
    (root / "shut").chmod(0)
    user = os.geteuid()
    if user == 0:
        try:
            os.seteuid(65534)
        except OSError:
            pytest.skip("root cannot become another user here")
    try:
        yield root
    finally:
        os.seteuid(user)
        (root / "shut").chmod(0o755)
        shutil.rmtree(root)


def test_a_folder_gives_its_articles_in_order(tmp_path: Path) -> None:
    lay(tmp_path, "b.txt", "a/z.md", "a/b/c.ndjson", "a.jsonl", "C.TXT", "x.txt/inner.md", "photo.jpg", "notes.pdf")
    assert names(tmp_path) == ["C.TXT", "a/b/c.ndjson", "a/z.md", "a.jsonl", "b.txt", "x.txt/inner.md"]
    assert list(find(tmp_path)) == sorted(path for path in find(tmp_path) if isinstance(path, Path))


def test_hidden_files_and_those_about_the_folder_are_left_out(tmp_path: Path) -> None:
    lay(
        tmp_path,
        ".hidden.txt",
        ".git/a.md",
        "README.md",
        "sub/readme.txt",
        "License.txt",
        "CHANGELOG.md",
        "readme-2.md",
    )
    assert names(tmp_path) == ["readme-2.md"]


def test_what_is_given_by_name_is_taken(tmp_path: Path) -> None:
    lay(tmp_path, "README.md", ".inbox/.note.txt")
    assert list(find(tmp_path / "README.md")) == [tmp_path / "README.md"]
    assert list(find(tmp_path / ".inbox/.note.txt")) == [tmp_path / ".inbox/.note.txt"]
    lay(tmp_path, ".inbox/a.txt")
    assert names(tmp_path / ".inbox") == ["a.txt"]


def test_relative_paths_stay_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, "wire/sub/a.txt", "wire/b.txt")
    monkeypatch.chdir(tmp_path)
    assert list(find(Path("wire"))) == [Path("wire/b.txt"), Path("wire/sub/a.txt")]
    assert list(find(Path())) == [Path("wire/b.txt"), Path("wire/sub/a.txt")]


def test_what_is_not_there_or_not_known_is_refused(tmp_path: Path) -> None:
    lay(tmp_path, "notes.pdf", "photos/a.jpg", "photos/README.md")
    assert "no such file" in refusal(tmp_path / "gone").why
    assert "no such file" in refusal(tmp_path / "gone.txt").why
    assert "cannot be read" in refusal(tmp_path / "notes.pdf" / "a.txt").why
    assert all(suffix in refusal(tmp_path / "notes.pdf").hint for suffix in FORMATS)
    assert "no articles" in refusal(tmp_path / "photos").why
    assert "file name" in refusal(Path("a\0b")).why
    assert "file name" in refusal(Path("a\ud800b")).why
    assert "cannot be read" in refusal(Path("x" * 5000)).why


def test_links_never_lead_in_circles(tmp_path: Path) -> None:
    root = lay(tmp_path, "in/a/one.txt", "in/b.txt", "out/sub/two.txt", "out/three.txt") / "in"
    (root / "a" / "self").symlink_to(".")
    (root / "a" / "up").symlink_to(root)
    (root / "above").symlink_to(tmp_path)
    (root / "again").symlink_to("a")
    (root / "Again").symlink_to("a")  # sorted before what it leads to
    (root / "circle").symlink_to("circle")
    (root / "c1").symlink_to(tmp_path / "out" / "sub")
    (root / "c2").symlink_to(tmp_path / "out")
    (tmp_path / "out" / "back").symlink_to(root)
    (root / "file.txt").symlink_to(tmp_path / "out" / "three.txt")
    assert names(root) == ["a/one.txt", "b.txt", "c1/two.txt", "c2/three.txt", "file.txt"]
    (tmp_path / "door").symlink_to(root)
    assert names(tmp_path / "door") == ["a/one.txt", "b.txt", "c1/two.txt", "c2/three.txt", "file.txt"]


def test_what_is_no_file_is_found_for_reading_to_refuse(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "nowhere.md").symlink_to("gone.md")
    found = list(find(tmp_path))
    assert found == [tmp_path / "nowhere.md", tmp_path / "pipe.txt"]
    assert all(isinstance(result, Refusal) for path in found if isinstance(path, Path) for result in read(path))


def test_names_that_are_not_unicode_are_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    lay(tmp_path, "a.txt", "z.txt")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text(STORY)
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/fl\xe4che"))
    lay(folder, "inner.txt")
    first, file, directory, last = find(tmp_path)
    assert (first, last) == (tmp_path / "a.txt", tmp_path / "z.txt")
    assert isinstance(file, Refusal)
    assert isinstance(directory, Refusal)
    assert file.where == f"{tmp_path}/caf\\xe9.txt"
    assert directory.where == f"{tmp_path}/fl\\xe4che"


def test_folders_deeper_than_python_recurses(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(1500):
        path = path / "d"
        path.mkdir()
    (path / "a.txt").write_text(STORY)
    try:
        assert list(find(tmp_path)) == [path / "a.txt"]
    finally:
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # shutil.rmtree recurses


def test_what_may_not_be_read_is_refused_and_the_rest_goes_on(locked: Path) -> None:
    first, second, shut, last = find(locked)
    assert (first, second, last) == (locked / "a.txt", locked / "b.txt", locked / "z/d.txt")
    assert isinstance(shut, Refusal)
    assert (shut.where, shut.why) == (str(locked / "shut"), "permission denied")
    (denied,) = read(locked / "b.txt")
    assert isinstance(denied, Refusal)
    assert denied.why == "permission denied"
    assert "permission denied" in refusal(locked / "shut" / "c.txt").why
    assert "permission denied" in refusal(locked / "shut").why
