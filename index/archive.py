"""The archive: one directory that holds a collection. Everything outside `index` reads and writes through here."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from index import projections
from index.encoder import EncoderIdentity
from index.errors import ArchiveBusy, NoArchive, UnknownArticle, WrongEncoder
from index.snapshot import Snapshot
from index.store import articles, connection

_LOCK = "write.lock"
_SETTINGS = "archive.toml"
_SHORTEST_PREFIX = 4
_ENCODER_KEYS = ("name", "sha256", "dimension", "window")


class Archive:
    """An open archive. Reads may come from any thread, each in a transaction and on a connection of its own."""

    def __init__(self, directory: Path, encoder: EncoderIdentity) -> None:
        self.directory = directory
        self.encoder = encoder
        self._guard = threading.Lock()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The archive at its present generation. Another process's writes are seen by the next one."""
        database = connection.connect(self.directory)
        try:
            with self._guard:
                opened = self._projections(database)
            with connection.reading(database) as generation:
                yield Snapshot(database, opened, generation=generation)
        finally:
            database.close()

    def remove(self, name: str) -> list[str]:
        """Remove an article by its id or a unique beginning of it, or all articles of a source file by its path.

        Gives the ids removed. Raises `UnknownArticle`.
        """
        with self.writing() as database:
            ids = _named(database, name)
            with connection.writing(database) as generation:
                for identity in ids:
                    articles.delete(database, identity, generation=generation)
            self.catch_up(database, done=True)
        return ids

    def resolve(self, name: str) -> str:
        """The one article that an id, or a unique beginning of it, stands for. Raises `UnknownArticle`."""
        database = connection.connect(self.directory)
        try:
            with connection.reading(database):
                return _by_prefix(database, name)
        finally:
            database.close()

    def check(self) -> list[str]:
        """Everything that is wrong: the database, passages, vectors, words, and sources that are no longer as read."""
        with self.writing(wait=False) as database, connection.reading(database) as generation:
            opened = projections.open_current(self.directory)
            found = projections.problems(self.directory, database)
            snapshot = Snapshot(database, opened, generation=generation)
            found += snapshot.problems(dimension=self.encoder.dimension)
            changed = snapshot.changed_sources(snapshot.all_sources())
        return found + [f"source: {source} is gone or has changed; add it again" for source in changed]

    def repair(self) -> None:
        """Write the projections anew from the database."""
        with self.writing() as database:
            projections.rebuild(self.directory, database, dimension=self.encoder.dimension)

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[sqlite3.Connection]:
        """The write lock, with a connection to write through. Raises `ArchiveBusy` when another process holds it."""
        lock = filelock.FileLock(self.directory / _LOCK, timeout=20 if wait else 2)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise ArchiveBusy(f"another process is writing to {self.directory}", "try again when it is done") from None
        try:
            database = connection.connect(self.directory)
            try:
                yield database
            finally:
                database.close()
        finally:
            lock.release()

    def catch_up(self, database: sqlite3.Connection, *, done: bool) -> None:
        """Bring the projections up to the database; within `writing`."""
        projections.catch_up(self.directory, database, dimension=self.encoder.dimension, done=done)

    def _projections(self, database: sqlite3.Connection) -> projections.Opened:
        """The projections as they lie there, seen to first when they are behind and nobody else is writing."""
        opened = projections.open_current(self.directory)
        with connection.reading(database) as generation:
            behind = projections.behind(projections.own(opened, database), generation)
        if not behind or generation == 0:
            return opened
        try:
            with filelock.FileLock(self.directory / _LOCK, timeout=0):
                self.catch_up(database, done=True)
        except (filelock.Timeout, OSError):
            # The writer will see to it; until then the snapshot reads what is missing from the database.
            pass
        return projections.open_current(self.directory)


def open_archive(directory: Path, encoder: EncoderIdentity | None = None) -> Archive:
    """Open the archive in `directory`; with `encoder`, only if it was made with that one.

    Raises `NoArchive`, `DamagedArchive`, `WrongEncoder`.
    """
    database = connection.connect(directory)
    try:
        with connection.reading(database):
            recorded = _recorded(database, directory)
    finally:
        database.close()
    if encoder is not None and recorded.sha256 != encoder.sha256:
        raise WrongEncoder(
            f"{directory} was made with the encoder {recorded.name} ({recorded.sha256[:8]}), not {encoder.name} "
            f"({encoder.sha256[:8]})",
            "embed it anew with: onrecord models upgrade",
        )
    return Archive(directory, recorded)


def create_archive(directory: Path, encoder: EncoderIdentity) -> Archive:
    """Open the archive in `directory`, or make one there. Never in a folder that holds other things."""
    if (directory / connection.FILE).exists():
        return open_archive(directory, encoder)
    try:
        # A crash between making the folder and the database leaves our own files, which are no reason to refuse.
        foreign = directory.is_dir() and any(entry.name != _LOCK for entry in directory.iterdir())
        if foreign:
            raise NoArchive(
                f"{directory} holds other files, so no archive is made in it", "name an empty or new folder"
            )
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoArchive(f"no archive can be made at {directory} ({error.strerror})", "name another folder") from None
    with filelock.FileLock(directory / _LOCK):
        database = connection.connect(directory, create=True)
        try:
            if connection.get_state(database, "encoder_sha256") is None:
                with connection.quietly(database):
                    put_encoder(database, encoder)
        finally:
            database.close()
        write_settings(directory, encoder)
    return open_archive(directory, encoder)


def put_encoder(database: sqlite3.Connection, encoder: EncoderIdentity) -> None:
    """Record the encoder, within the caller's write transaction."""
    for key in _ENCODER_KEYS:
        connection.put_state(database, f"encoder_{key}", str(getattr(encoder, key)))


def write_settings(directory: Path, encoder: EncoderIdentity) -> None:
    """Say in a file that people can read what the database records; the database decides."""
    name = encoder.name.replace("\\", "\\\\").replace('"', '\\"')
    (directory / _SETTINGS).write_text(
        "# Written by onrecord, for people to read: the database decides.\n[passage_encoder]\n"
        f'name = "{name}"\nsha256 = "{encoder.sha256}"\ndimension = {encoder.dimension}\nwindow = {encoder.window}\n',
        encoding="utf-8",
    )


def _recorded(database: sqlite3.Connection, directory: Path) -> EncoderIdentity:
    values = {key: connection.get_state(database, f"encoder_{key}") for key in _ENCODER_KEYS}
    if None in values.values():
        raise NoArchive(f"the archive at {directory} was not made to its end", "remove the folder and add again")
    return EncoderIdentity.model_validate(values)


def _named(database: sqlite3.Connection, name: str) -> list[str]:
    for source in dict.fromkeys((name, os.path.abspath(name))):  # noqa: PTH100 - a link keeps its own name
        if ids := articles.ids_of_source(database, source):
            return ids
    return [_by_prefix(database, name)]


def _by_prefix(database: sqlite3.Connection, name: str) -> str:
    prefix = name.lower()
    hexadecimal = bool(prefix) and all(character in "0123456789abcdef" for character in prefix)
    found = articles.ids_with_prefix(database, prefix) if hexadecimal and len(prefix) >= _SHORTEST_PREFIX else []
    if not found:
        raise UnknownArticle(f"no article {name!r}", "see the ids with: onrecord list")
    if len(found) > 1:
        raise UnknownArticle(f"more than one article begins with {name}", "give more of the id")
    return found[0]
