"""The archive: one directory that holds a collection. Everything outside `index` reads and writes through here."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from index import projections
from index.encoder import EncoderIdentity
from index.errors import ArchiveBusy, DamagedArchive, NoArchive, OnrecordError, UnknownArticle, WrongEncoder
from index.snapshot import Snapshot
from index.store import articles, connection

_LOCK = "write.lock"
_SETTINGS = "archive.toml"
_SHORTEST_PREFIX = 4
# Seconds to wait for another writer: until it has done something small, or until it is plain that it has not.
_PATIENCE = 20.0
_IMPATIENCE = 2.0
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
        with self._connected() as database:
            with self._guard:
                opened = self._projections(database)
            with connection.reading(database) as generation:
                yield Snapshot(database, opened, generation=generation)

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
        with self._connected() as database, connection.reading(database):
            return _by_prefix(database, name)

    def check(self) -> list[str]:
        """Everything that is wrong: the database, passages, vectors, words, and sources that are no longer as read,
        or not read to their end.

        What a stopped writer left undone is no fault, and is done first. Raises `ArchiveBusy`.
        """
        writable = connection.is_writable(self.directory)
        try:
            with self.writing(wait=False) if writable else self._connected() as database:
                if writable and projections.merely_late(self.directory, database):
                    self.catch_up(database, done=True)
                with connection.reading(database) as generation:
                    found = projections.problems(self.directory, database)
                    snapshot = Snapshot(database, projections.open_current(self.directory), generation=generation)
                    found += snapshot.problems(dimension=self.encoder.dimension)
                    changed = snapshot.changed_sources(snapshot.all_sources())
                    unfinished = snapshot.unfinished_sources()
        except DamagedArchive as error:
            return [error.message]
        found += [f"source: {source} is gone or has changed; add it again" for source in changed]
        return found + [f"source: {source} was not read to its end; add it again" for source in unfinished]

    def require(self, encoder: EncoderIdentity) -> None:
        """Raise `WrongEncoder` unless the archive was made with this encoder."""
        own = self.encoder
        if own.sha256 != encoder.sha256:
            raise WrongEncoder(
                f"{self.directory} was made with the encoder {own.name} ({own.sha256[:8]}), not {encoder.name} "
                f"({encoder.sha256[:8]})",
                "add its files to an archive in another folder, or bring that encoder back",
            )

    def repair(self) -> None:
        """Write the projections anew from the database."""
        with self.writing() as database:
            projections.rebuild(self.directory, database, dimension=self.encoder.dimension)

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[connection.Connection]:
        """The write lock, with a connection to write through. Raises `ArchiveBusy` when another process holds it."""
        with (
            _lock(self.directory, timeout=_PATIENCE if wait else _IMPATIENCE),
            self._connected(to_write=True) as database,
        ):
            yield database

    @contextmanager
    def _connected(self, *, to_write: bool = False) -> Iterator[connection.Connection]:
        database = connection.connect(self.directory, to_write=to_write)
        try:
            yield database
        finally:
            database.close()

    def catch_up(self, database: connection.Connection, *, done: bool) -> None:
        """Bring the projections up to the database; within `writing`."""
        projections.catch_up(self.directory, database, dimension=self.encoder.dimension, done=done)

    def _projections(self, database: connection.Connection) -> projections.Opened:
        """The projections as they lie there, seen to first when they are behind and nobody else is writing."""
        opened = projections.open_current(self.directory)
        with connection.reading(database) as generation:
            behind = projections.behind(projections.own(opened, database), generation)
        if not behind or generation == 0:
            return opened
        try:
            with _lock(self.directory, timeout=0):
                self.catch_up(database, done=True)
        except OnrecordError:
            # Somebody is writing and will see to it, or nobody can: what is missing is read from the database.
            pass
        return projections.open_current(self.directory)


def open_archive(directory: Path, encoder: EncoderIdentity | None = None) -> Archive:
    """Open the archive in `directory`; with `encoder`, only if it was made with that one.

    Raises `NoArchive`, `DamagedArchive`, `WrongEncoder`.
    """
    database = connection.connect(directory)
    try:
        outdated = connection.is_outdated(database)
        with connection.reading(database):
            recorded = _recorded(database)
    finally:
        database.close()
    if recorded is None:
        raise NoArchive(f"the archive at {directory} was not made to its end", "add something to it")
    if outdated:
        with _lock(directory, timeout=_PATIENCE):
            connection.connect(directory, create=True).close()
    archive = Archive(directory, recorded)
    if encoder is not None:
        archive.require(encoder)
    return archive


def create_archive(directory: Path, encoder: EncoderIdentity) -> Archive:
    """Open the archive in `directory`, or make one there. Never in a folder that holds other things.

    Raises what `open_archive` raises, and `ArchiveBusy` while another process is making one there.
    """
    if not (directory / connection.FILE).exists():
        _make_folder(directory)
    with suppress(NoArchive):
        return open_archive(directory, encoder)
    # None yet, or one whose making was cut short. Two processes may have come this far.
    with _lock(directory, timeout=_PATIENCE):
        database = connection.connect(directory, create=True)
        try:
            with connection.quietly(database):
                if _recorded(database) is None:
                    put_encoder(database, encoder)
        finally:
            database.close()
        write_settings(directory, encoder)
    return open_archive(directory, encoder)


@contextmanager
def _lock(directory: Path, *, timeout: float) -> Iterator[None]:
    lock = filelock.FileLock(directory / _LOCK, timeout=timeout)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise ArchiveBusy(f"another process is writing to {directory}", "try again when it is done") from None
    except OSError as error:
        raise OnrecordError(f"{directory} cannot be written to ({error.strerror})", "see to its rights") from None
    try:
        yield
    finally:
        lock.release()


def _make_folder(directory: Path) -> None:
    try:
        # A crash between making the folder and the database leaves our own files, which are no reason to refuse.
        foreign = directory.is_dir() and any(entry.name != _LOCK for entry in directory.iterdir())
        # Articles may be nobody else's business.
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NoArchive(f"no archive can be made at {directory} ({error.strerror})", "name another folder") from None
    if foreign:
        raise NoArchive(f"{directory} holds other files, so no archive is made in it", "name an empty or new folder")


def put_encoder(database: connection.Connection, encoder: EncoderIdentity) -> None:
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


def _recorded(database: connection.Connection) -> EncoderIdentity | None:
    values = {key: connection.get_state(database, f"encoder_{key}") for key in _ENCODER_KEYS}
    return None if None in values.values() else EncoderIdentity.model_validate(values)


def _named(database: connection.Connection, name: str) -> list[str]:
    for source in dict.fromkeys((name, os.path.abspath(name))):  # noqa: PTH100 - a link keeps its own name
        if ids := articles.ids_of_source(database, source):
            return ids
    return [_by_prefix(database, name)]


def _by_prefix(database: connection.Connection, name: str) -> str:
    prefix = name.lower()
    hexadecimal = bool(prefix) and all(character in "0123456789abcdef" for character in prefix)
    found = articles.ids_with_prefix(database, prefix) if hexadecimal and len(prefix) >= _SHORTEST_PREFIX else []
    if not found:
        raise UnknownArticle(f"no article {name!r}", "see the ids with: onrecord list")
    if len(found) > 1:
        raise UnknownArticle(f"more than one article begins with {name}", "give more of the id")
    return found[0]
