"""Which files under a path are articles: the walk through folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from index.readers.refusal import Refusal, is_unicode, shown, system_refusal
from index.readers.registry import known, known_formats

_ABOUT_THE_FOLDER = {"readme", "license", "changelog"}
_NAME_HINT = "rename it (convmv does whole folders)"


def find(path: Path) -> Iterator[Path | Refusal]:
    """The files of known formats at `path`, in the order of their names; what cannot be used, as refusals.

    A file given by name is itself. Of a folder: everything below it, but what is hidden and what is about the folder
    (README, LICENSE, CHANGELOG). Links to files are taken; links to folders are followed, each folder once, unless
    they lead back into the folder or above it. Never raises for what it meets on the disk.
    """
    where = shown(path)
    try:
        is_folder = path.is_dir() if _exists(path) else False
    except OSError as error:
        yield system_refusal(where, error)
    except ValueError:  # a NUL in the name
        yield Refusal(where=where, why="not a possible file name", hint="check the name")
    else:
        if is_folder:
            yield from _folder(path, where)
        elif not is_unicode(str(path)):
            yield Refusal(where=where, why="the file name is not valid UTF-8", hint=_NAME_HINT)
        elif known(path):
            yield path
        else:
            yield Refusal(where=where, why="not a known format", hint=f"known formats are {known_formats()}")


def _exists(path: Path) -> bool:
    path.stat()  # raises where Path.exists() would only say no
    return True


def _folder(path: Path, where: str) -> Iterator[Path | Refusal]:
    empty = True
    for found in _walk(path):
        empty = False
        yield found
    if empty:
        yield Refusal(where=where, why="no articles in this folder", hint=f"known formats are {known_formats()}")


def _walk(root: Path) -> Iterator[Path | Refusal]:
    # A stack of its own: folders may be nested deeper than Python may recurse.
    real_root = Path(os.path.realpath(root))
    seen = {_identity(root)}
    levels = [(root, _entries(root))]
    while levels:
        folder, entries = levels[-1]
        entry = next(entries, None)
        if entry is None:
            levels.pop()
        elif isinstance(entry, Refusal):
            yield entry
        elif not entry.name.startswith("."):
            path = folder / entry.name
            if not _is_folder(entry):
                yield from _file(path)
            elif not is_unicode(entry.name):
                yield Refusal(where=shown(path), why="the folder name is not valid UTF-8", hint=_NAME_HINT)
            elif not (entry.is_symlink() and _leads_back(path, real_root)):
                identity = _identity(path)
                if identity is None or identity not in seen:
                    seen.add(identity)
                    levels.append((path, _entries(path)))


def _entries(folder: Path) -> Iterator[os.DirEntry[str] | Refusal]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield system_refusal(shown(folder), error)
    else:
        yield from names


def _file(path: Path) -> Iterator[Path | Refusal]:
    if not known(path) or path.stem.lower() in _ABOUT_THE_FOLDER:
        return
    if is_unicode(path.name):
        yield path
    else:
        yield Refusal(where=shown(path), why="the file name is not valid UTF-8", hint=_NAME_HINT)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle: reading it says so
        return False


def _leads_back(link: Path, real_root: Path) -> bool:
    target = Path(os.path.realpath(link))
    return target.is_relative_to(real_root) or real_root.is_relative_to(target)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
