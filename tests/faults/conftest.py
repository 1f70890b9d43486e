"""Archives to hurt, and a way to run another process against them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from index.archive import Archive, create_archive
from index.encoder import EncoderIdentity
from tests.index.standin import Numbers

REPOSITORY = Path(__file__).parents[2]


class Storing(Protocol):
    """Files by name and text → an archive that holds them, with stand-in vectors; the files lie in `files` beside."""

    def __call__(self, files: Mapping[str, str]) -> Archive: ...


class Child(Protocol):
    """Start a task of tests/faults/child.py."""

    def __call__(self, *arguments: object, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]: ...


@pytest.fixture
def numbers(identity: EncoderIdentity) -> Numbers:
    return Numbers(identity.dimension)


@pytest.fixture
def storing(
    tmp_path_factory: pytest.TempPathFactory, identity: EncoderIdentity, model: Path, numbers: Numbers
) -> Storing:
    def stored(files: Mapping[str, str]) -> Archive:
        folder = tmp_path_factory.mktemp("fault")
        sources = folder / "files"
        sources.mkdir()
        for name, text in files.items():
            (sources / name).write_text(text)
        archive = create_archive(folder / "archive", identity)
        numbers.add(archive, [sources], model)
        return archive

    return stored


@pytest.fixture(scope="session")
def child() -> Child:
    def start(*arguments: object, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "tests.faults.child", *map(str, arguments)],
            cwd=REPOSITORY,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
