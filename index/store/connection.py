"""Opening `articles.db`: pragmas, read transactions and write transactions."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import ArchiveBusy, DamagedArchive, NoArchive, OnrecordError
from index.store import migrations

FILE = "articles.db"
# The rest of the package names a connection without knowing SQL.
Connection = sqlite3.Connection
_BUSY_SECONDS = 30.0
_NOTHING_CAN_BE_WRITTEN = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}


def connect(directory: Path, *, create: bool = False, to_write: bool = False) -> sqlite3.Connection:
    """Open the database of the archive in `directory`: to read it even where nothing can be written, unless `to_write`.

    With `create`, for the holder of the write lock: make it where there is none, bring it up to date where it is old.

    Raises `NoArchive` when there is none and `create` is false, or when the file is no database of ours, which is left
    as it is; `DamagedArchive` when SQLite cannot make sense of it or when it is newer than this program.
    """
    path = directory / FILE
    if not create and not _is_file(path):
        raise NoArchive(f"no archive at {directory}", "make one with: onrecord add FILE_OR_FOLDER")
    with _named():
        if create or to_write:
            return _prepared(_open(path), path, create=create)
        if not is_writable(directory):
            return _prepared(_open_to_read(path), path)
        try:
            return _prepared(_open(path), path)
        except sqlite3.OperationalError as error:
            if _kind(error) not in _NOTHING_CAN_BE_WRITTEN:
                raise
            return _prepared(_open_to_read(path), path)


def is_writable(directory: Path) -> bool:
    """Whether the archive in `directory` can be written to: neither its files nor the disk forbid it."""
    path = directory / FILE
    return os.access(directory, os.W_OK) and (os.access(path, os.W_OK) or not path.exists())


def is_outdated(connection: sqlite3.Connection) -> bool:
    """Whether the database has yet to take steps that this program knows; `connect` with `create` takes them."""
    return migrations.version(connection) < migrations.LATEST


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _open_to_read(path: Path) -> sqlite3.Connection:
    # Write-ahead logging wants a file of its own beside the database, even to read. Where there can be none and nothing
    # is waiting in one, nobody is writing, and SQLite may be told so.
    log = path.with_name(path.name + "-wal")
    settled = not log.exists() or log.stat().st_size == 0
    uri = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if settled else ''}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _prepared(connection: sqlite3.Connection, path: Path, *, create: bool = False) -> sqlite3.Connection:
    try:
        _prepare(connection, path, create=create)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, *, create: bool) -> None:
    try:
        ours = migrations.is_ours(connection)
    except sqlite3.DatabaseError as error:
        if _kind(error) != sqlite3.SQLITE_NOTADB:
            raise
        raise NoArchive(f"{path} is not an onrecord archive ({error})", "name another folder with --archive") from None
    if not ours:
        if not (create and migrations.is_empty(connection)):
            why = "it has no tables of ours"
            raise NoArchive(f"{path} is not an onrecord archive ({why})", "name another folder with --archive")
    elif (found := migrations.version(connection)) > migrations.LATEST:
        why = f"has version {found}, newer than this program's {migrations.LATEST}"
        raise DamagedArchive(f"{path} {why}", "upgrade onrecord")
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL, since "added" is said to the user and must outlive a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # SQLite's own lower() knows ASCII alone.
    connection.create_function("casefold", 1, _casefold, deterministic=True)
    if create:
        migrations.migrate(connection)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise NoArchive(
            f"{path} cannot be looked at ({error.strerror})", "name another folder with --archive"
        ) from None


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[int]:
    """One read transaction; gives the generation it sees. Everything read inside belongs to that generation."""
    with _named():
        connection.execute("BEGIN")
        try:
            yield generation(connection)
        finally:
            connection.execute("ROLLBACK")


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[int]:
    """One write transaction; gives the generation it will commit.

    Leaves nothing behind, not even a generation, when its block raises or changes nothing.
    """
    with _named():
        connection.execute("BEGIN IMMEDIATE")
        try:
            following = generation(connection) + 1
            connection.execute("INSERT INTO generations VALUES (?, ?)", (following, secrets.token_hex(8)))
            before = connection.total_changes
            yield following
            connection.execute("COMMIT" if connection.total_changes > before else "ROLLBACK")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def quietly(connection: sqlite3.Connection) -> Iterator[None]:
    """A write transaction that changes nothing a reader could see, and so begins no new generation."""
    with _named():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def _named() -> Iterator[None]:
    """Turn what SQLite says into what a person can act on."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # a mistake of ours: whoever mends it wants to see where
    except sqlite3.DatabaseError as error:
        raise _meaning(error) from None


def _kind(error: sqlite3.DatabaseError) -> int:
    # The lower byte is the kind; the rest says where in SQLite it came up.
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _meaning(error: sqlite3.DatabaseError) -> OnrecordError:
    code = _kind(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveBusy("another process is writing to the archive", "try again when it is done")
    if code in _NOTHING_CAN_BE_WRITTEN:
        hint = "see to the disk and to the rights of the archive's folder, then try again"
        return OnrecordError(f"the archive's database cannot be used ({error})", hint)
    hint = "restore it from a copy, or remove the folder and add again"
    return DamagedArchive(f"the archive's database is damaged ({error})", hint)


def generation(connection: sqlite3.Connection) -> int:
    """The number of committed write transactions."""
    return int(connection.execute("SELECT coalesce(max(generation), 0) FROM generations").fetchone()[0])


def token(connection: sqlite3.Connection, generation: int) -> str | None:
    """What tells this archive's generation from the same number in another one or in a restored copy."""
    row = connection.execute("SELECT token FROM generations WHERE generation = ?", (generation,)).fetchone()
    return None if row is None else str(row[0])


def get_state(connection: sqlite3.Connection, key: str) -> str | None:
    """One value of the `state` table."""
    row = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def put_state(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Set one value of the `state` table, within the caller's transaction."""
    connection.execute("INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))


def problems(connection: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file; empty when sound."""
    found = [f"database: {row[0]}" for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    dangling = connection.execute("PRAGMA foreign_key_check")
    return found + [f"database: {row[0]} row {row[1]} refers to nothing" for row in dangling]


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()
