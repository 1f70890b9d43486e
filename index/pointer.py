"""Small JSON files that say which projection is current: written beside, synced, renamed, so never half there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write(path: Path, value: dict[str, Any]) -> None:
    """Replace `path` by `value` as JSON, whole or not at all, also across a power cut."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_directory(path.parent)


def read(path: Path) -> dict[str, Any] | None:
    """The value of `path`; None when it is missing or damaged, since a projection can always be made anew."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def sync_directory(directory: Path) -> None:
    """Make renames in `directory` outlive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
