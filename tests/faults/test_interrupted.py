"""Ctrl+C, again Ctrl+C, a dead encoder: what was whole stays, what was not leaves no trace, and the lock is free."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index import adding
from index.adding import Progress, add
from index.archive import Archive
from index.encoder.bulk import BulkEncoder
from index.errors import OnrecordError
from tests.index.standin import Numbers, held

if TYPE_CHECKING:
    from tests.faults.conftest import Storing

LONG = "The ferry line closed on Tuesday, and its owner said that ticket sales had fallen by half. " * 60


@pytest.fixture
def archive(storing: Storing, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive of one article, with nine more beside it that are still to be added, each a batch of its own."""
    monkeypatch.setattr(adding, "_BATCH_PASSAGES", 2)
    made = storing({"0.txt": "The bridge reopens in May."})
    for number in range(1, 10):
        (files(made) / f"{number}.txt").write_text(f"Report {number}. {LONG}")
    return made


def files(archive: Archive) -> Path:
    return archive.directory.parent / "files"


def after(articles: int) -> object:
    """A progress that presses Ctrl+C once so many articles are stored."""

    def press(progress: Progress) -> None:
        if progress.articles >= articles:
            signal.raise_signal(signal.SIGINT)

    return press


def test_ctrl_c_keeps_the_batches_that_are_whole(archive: Archive, numbers: Numbers, model: Path) -> None:
    added = numbers.add(archive, [files(archive)], model, after(3))  # type: ignore[arg-type]
    assert added.interrupted
    assert added.added == 3
    found = held(archive, numbers)
    assert found.counts == (4, 1 + added.passages)
    assert len(found.dense) == len(found.words) == found.counts[1]
    assert archive.check() == []


def test_ctrl_c_within_a_batch_leaves_nothing_of_it(
    archive: Archive, numbers: Numbers, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = adding.passages.insert
    batches = 0

    def pressing(*arguments: object) -> None:
        nonlocal batches
        stored(*arguments)  # type: ignore[arg-type]
        batches += 1
        if batches == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(adding.passages, "insert", pressing)
    added = numbers.add(archive, [files(archive)], model)
    assert (added.interrupted, added.added) == (True, 2)
    assert held(archive, numbers).counts == (3, 1 + added.passages)
    assert archive.check() == []


def test_a_second_ctrl_c_leaves_at_once_and_loses_nothing(
    archive: Archive, numbers: Numbers, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = archive.catch_up

    def pressing(database: object, *, done: bool) -> None:
        if done:
            signal.raise_signal(signal.SIGINT)
        really(database, done=done)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(archive, "catch_up", pressing)
        with pytest.raises(KeyboardInterrupt):
            numbers.add(archive, [files(archive)], model, after(3))  # type: ignore[arg-type]
    assert archive.check() == []
    assert held(archive, numbers).counts[0] == 4


def test_adding_again_finishes_what_was_stopped(archive: Archive, numbers: Numbers, model: Path) -> None:
    numbers.add(archive, [files(archive)], model, after(3))  # type: ignore[arg-type]
    added = Numbers(archive.encoder.dimension).add(archive, [files(archive)], model)
    assert (added.interrupted, added.added, added.unchanged) == (False, 6, 4)
    assert held(archive, numbers).counts[0] == 10


def test_a_dead_encoder_is_one_line_and_adds_nothing(archive: Archive, numbers: Numbers, model: Path) -> None:
    before = held(archive, numbers)
    with BulkEncoder(model) as encoder:
        encoder._process.kill()
        with pytest.raises(OnrecordError, match="encoder's process ended") as raised:
            add(archive, [files(archive)], model, refused=pytest.fail, encoder=encoder)
    assert len(str(raised.value).splitlines()) == 1
    assert held(archive, numbers) == before
    assert archive.check() == []
