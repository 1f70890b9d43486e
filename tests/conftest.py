"""What every test stands on: a home of its own, the real encoder started once, and archives made in a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

import index.encoder.worker
from index.adding import Added, add
from index.archive import Archive, create_archive
from index.encoder import EncoderIdentity, identify, locate
from index.encoder.bulk import BulkEncoder
from index.encoder.question import QuestionEncoder, load
from index.readers import Refusal

REPOSITORY = Path(__file__).parents[1]
SHARED = REPOSITORY.parent / "shared"


class MakeArchive(Protocol):
    """Files by name and content → an archive that holds them; a refusal fails the test.

    The files lie in a folder `files` beside the archive's directory, so that a test can change them and add again.
    """

    def __call__(self, files: Mapping[str, str | bytes]) -> Archive: ...


class AddFiles(Protocol):
    """Add files to an archive with the session's encoder; gives what became of them, and the refusals."""

    def __call__(self, archive: Archive, *paths: Path) -> tuple[Added, list[Refusal]]: ...


@pytest.fixture(scope="session", autouse=True)
def _shared_cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One `ONRECORD_CACHE` for all tests and for the next run: exporting the question encoder takes 15 seconds.

    Its name follows from the code that exports, so that no test passes with what older code has left there.
    """
    code = hashlib.sha256(Path(index.encoder.worker.__file__).read_bytes()).hexdigest()[:12]
    kept = getattr(request.config, "cache", None)
    folder = kept.mkdir(f"onrecord-{code}") if kept is not None else tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONRECORD_CACHE", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a working directory of the test's own: no archive, setting or colour of the developer's gets in."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    for name in ("ONRECORD_ARCHIVE", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The material beside the repository that is not part of it. Skips the test where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent")
    return SHARED


@pytest.fixture(scope="session")
def model() -> Path:
    """The folder of the default encoder."""
    return locate()


@pytest.fixture(scope="session")
def identity(model: Path) -> EncoderIdentity:
    """What archives remember of the default encoder."""
    return identify(model)


@pytest.fixture(scope="session")
def question_encoder(model: Path, identity: EncoderIdentity) -> QuestionEncoder:
    """The real question encoder, exported once."""
    return load(model, identity)


@pytest.fixture(scope="session")
def bulk_encoder(model: Path) -> Iterator[BulkEncoder]:
    """The real passage encoder, started once. A test that interrupts or kills an encoder starts its own."""
    with BulkEncoder(model) as encoder:
        yield encoder


@pytest.fixture
def add_files(model: Path, bulk_encoder: BulkEncoder) -> AddFiles:
    """See `AddFiles`."""

    def adding(archive: Archive, *paths: Path) -> tuple[Added, list[Refusal]]:
        refusals: list[Refusal] = []
        added = add(archive, paths, model, refused=refusals.append, encoder=bulk_encoder)
        return added, refusals

    return adding


@pytest.fixture
def make_archive(
    tmp_path_factory: pytest.TempPathFactory, identity: EncoderIdentity, add_files: AddFiles
) -> MakeArchive:
    """See `MakeArchive`."""

    def made(files: Mapping[str, str | bytes]) -> Archive:
        folder = tmp_path_factory.mktemp("collection")
        sources = folder / "files"
        sources.mkdir()
        for name, content in files.items():
            path = sources / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        archive = create_archive(folder / "archive", identity)
        if files:
            _, refusals = add_files(archive, sources)
            assert refusals == []
        return archive

    return made
