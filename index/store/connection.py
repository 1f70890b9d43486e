"""Opening `articles.db`: pragmas, read transactions and write transactions."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import ArchiveBusy, DamagedArchive, NoArchive, OnrecordError
from index.store import migrations

FILE = "articles.db"
_BUSY_SECONDS = 30.0


def connect(directory: Path, *, create: bool = False) -> sqlite3.Connection:
    """Open the database of the archive in `directory`.

    Raises `NoArchive` when there is none and `create` is false, or when the file is no database of ours.
    """
    path = directory / FILE
    if not create and not path.is_file():
        raise NoArchive(f"no archive at {directory}", "make one with: onrecord add FILE_OR_FOLDER")
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL, since "added" is said to the user and must outlive a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # SQLite's own lower() knows ASCII alone.
        connection.create_function("casefold", 1, _casefold, deterministic=True)
        if create:
            migrations.migrate(connection)
        found = migrations.version(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise NoArchive(f"{path} is not an onrecord archive ({error})", "name another folder with --archive") from None
    if found == 0:
        connection.close()
        raise NoArchive(f"{path} is not an onrecord archive (it has no tables of ours)", "name another with --archive")
    if found > migrations.LATEST:
        connection.close()
        raise DamagedArchive(
            f"{path} has version {found}, newer than this program's {migrations.LATEST}", "upgrade onrecord"
        )
    return connection


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
    """One write transaction; gives the generation it will commit, or leaves nothing behind when its block raises."""
    with _named():
        connection.execute("BEGIN IMMEDIATE")
        try:
            following = generation(connection) + 1
            connection.execute("INSERT INTO generations VALUES (?, ?)", (following, secrets.token_hex(8)))
            yield following
            connection.execute("COMMIT")
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
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise ArchiveBusy("another process is writing to the archive", "try again when it is done") from None
        raise OnrecordError(
            f"the archive's database cannot be used ({error})", "see to the disk, then try again"
        ) from None
    except sqlite3.DatabaseError as error:
        raise DamagedArchive(
            f"the archive's database is damaged ({error})", "restore it from a copy, or remove the folder and add again"
        ) from None


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
