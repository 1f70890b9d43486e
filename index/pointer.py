"""Small JSON files that say which derived file is current: written beside, synced, renamed, so never half there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from index.model import Frozen

_Pointer = TypeVar("_Pointer", bound=Frozen)


def write(path: Path, value: Frozen) -> None:
    """Replace `path` by `value` as JSON, whole or not at all, also across a power cut."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(value.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_directory(path.parent)


def read(path: Path, kind: type[_Pointer]) -> _Pointer | None:
    """The value of `path`; None when it is missing or damaged, since what it points to can always be made anew."""
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def sync_directory(directory: Path) -> None:
    """Make renames in `directory` outlive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
