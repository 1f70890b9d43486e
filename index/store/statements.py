"""Statements, their vectors (float16, little-endian), and the tombstones of those that are gone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from index.model import Article, Filters, Statement
from index.store.articles import appearances, condition
from index.store.passages import KEPT_GENERATIONS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK = 8192


class Stored(NamedTuple):
    """A statement with its id, which is never used twice, and the content it stands in."""

    id: int
    content: int
    statement: Statement


class Named(NamedTuple):
    """A name with how often it speaks, in which outlets, and from when to when (dates as published, or null)."""

    name: str
    statements: int
    outlets: tuple[str, ...]
    first: str | None
    last: str | None


def insert(
    connection: sqlite3.Connection,
    content: int,
    found: Sequence[Statement],
    vectors: NDArray[np.float16],
    *,
    finder: str,
) -> None:
    """Store what `finder` (models and rules by version) found in a content: `vectors` is (len(found), dimension)."""
    if len(found) != len(vectors):
        raise ValueError(f"number of vectors ({len(vectors)}) must match number of statements ({len(found)})")
    for statement, vector in zip(found, vectors, strict=True):
        name = statement.speaker.name if statement.speaker is not None else None
        row = connection.execute(
            "INSERT INTO statements (content, name, value) VALUES (?, ?, ?)",
            (content, name, statement.model_dump_json(exclude_defaults=True)),
        )
        connection.execute(
            "INSERT INTO statement_vectors VALUES (?, ?)", (row.lastrowid, vector.astype("<f2").tobytes())
        )
    connection.execute("UPDATE contents SET finder = ? WHERE id = ?", (finder, content))


def delete_of(connection: sqlite3.Connection, content: int, *, generation: int) -> None:
    """Drop the statements of a content, leaving tombstones for the projection."""
    connection.execute(
        "INSERT INTO statement_tombstones SELECT id, ? FROM statements WHERE content = ?", (generation, content)
    )
    connection.execute("DELETE FROM statements WHERE content = ?", (content,))
    connection.execute("UPDATE contents SET finder = NULL WHERE id = ?", (content,))


def count(connection: sqlite3.Connection) -> int:
    """How many statements there are."""
    return int(connection.execute("SELECT count(*) FROM statements").fetchone()[0])


def by_id(connection: sqlite3.Connection, ids: Iterable[int], *, finder: str) -> dict[int, Stored]:
    """The statements among `ids` that exist and were found by `finder`: vectors of others cannot be compared."""
    found: dict[int, Stored] = {}
    for identity in ids:
        row = connection.execute(
            "SELECT s.id, s.content, s.value FROM statements s JOIN contents c ON c.id = s.content"
            " WHERE s.id = ? AND c.finder = ?",
            (identity, finder),
        ).fetchone()
        if row is not None:
            found[identity] = _stored(row)
    return found


def of_content(connection: sqlite3.Connection, content: int) -> list[Stored]:
    """The statements of one content in reading order."""
    rows = connection.execute("SELECT id, content, value FROM statements WHERE content = ? ORDER BY id", (content,))
    return [_stored(row) for row in rows]


def of_article(connection: sqlite3.Connection, identity: str) -> list[Stored]:
    """The statements of one article in reading order."""
    row = connection.execute("SELECT content FROM articles WHERE id = ?", (identity,)).fetchone()
    return [] if row is None else of_content(connection, row[0])


def listed(connection: sqlite3.Connection, filters: Filters) -> Iterator[tuple[Article, Stored]]:
    """Every statement of every article that passes the filters, as it is read; names are not looked at."""
    where, values = condition(filters)
    contents = connection.execute(
        f"SELECT a.content, min(a.number) FROM articles a WHERE {where} GROUP BY a.content ORDER BY min(a.number)",
        values,
    )
    for content, _ in contents:
        found = of_content(connection, content)
        if not found:
            continue
        for article in appearances(connection, content, filters):
            yield from ((article, one) for one in found)


def speakers(connection: sqlite3.Connection, filters: Filters) -> list[Named]:
    """Every name that speaks, the most frequent first. The same words in two articles count once."""
    where, values = condition(filters)
    rows = connection.execute(
        "SELECT s.name, count(DISTINCT s.id), json_group_array(DISTINCT a.outlet), min(a.published), max(a.published)"
        f" FROM statements s JOIN articles a ON a.content = s.content WHERE s.name IS NOT NULL AND {where}"
        " GROUP BY s.name ORDER BY count(DISTINCT s.id) DESC, s.name",
        values,
    )
    return [Named(row[0], row[1], tuple(filter(None, json.loads(row[2]))), row[3], row[4]) for row in rows]


def names(connection: sqlite3.Connection) -> list[str]:
    """Every distinct name that speaks."""
    return [
        row[0]
        for row in connection.execute("SELECT DISTINCT name FROM statements WHERE name IS NOT NULL ORDER BY name")
    ]


def ids_named(connection: sqlite3.Connection, among: Sequence[str]) -> list[int]:
    """The statements whose speaker has one of these names, ascending."""
    marks = ", ".join("?" * len(among))
    return [
        row[0] for row in connection.execute(f"SELECT id FROM statements WHERE name IN ({marks}) ORDER BY id", among)
    ]


def ids_passing(connection: sqlite3.Connection, filters: Filters) -> list[int]:
    """The statements of contents of which at least one article passes the filters, ascending."""
    where, values = condition(filters)
    rows = connection.execute(
        f"SELECT id FROM statements WHERE content IN (SELECT a.content FROM articles a WHERE {where}) ORDER BY id",
        values,
    )
    return [row[0] for row in rows]


def vectors(
    connection: sqlite3.Connection, *, after: int = 0
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
    """All vectors of statements with an id above `after`, ascending, in chunks: ids (n,), matrix (n, dimension)."""
    import numpy as np

    cursor = connection.execute(
        "SELECT statement, vector FROM statement_vectors WHERE statement > ? ORDER BY statement", (after,)
    )
    while rows := cursor.fetchmany(_CHUNK):
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        yield ids, np.frombuffer(b"".join(row[1] for row in rows), dtype="<f2").reshape(len(rows), -1)


def count_after(connection: sqlite3.Connection, statement: int) -> int:
    """How many statements have an id above `statement`."""
    return int(connection.execute("SELECT count(*) FROM statements WHERE id > ?", (statement,)).fetchone()[0])


def dead(connection: sqlite3.Connection, *, since: int, up_to: int) -> list[int]:
    """The statements with an id up to `up_to` that were deleted after generation `since`."""
    rows = connection.execute(
        "SELECT statement FROM statement_tombstones WHERE generation > ? AND statement <= ?", (since, up_to)
    )
    return [row[0] for row in rows]


def ids(connection: sqlite3.Connection) -> Iterator[int]:
    """All statement ids, ascending."""
    return (row[0] for row in connection.execute("SELECT id FROM statements ORDER BY id"))


def forget_tombstones(connection: sqlite3.Connection, *, up_to: int) -> None:
    """Drop the tombstones that no projection needs any more: those from well before generation `up_to`."""
    connection.execute("DELETE FROM statement_tombstones WHERE generation <= ?", (up_to - KEPT_GENERATIONS,))


def waiting(connection: sqlite3.Connection, *, finder: str, limit: int) -> list[tuple[int, str, int]]:
    """Contents that `finder` has not looked through yet, at most `limit`: id, text, where its body begins."""
    rows = connection.execute(
        "SELECT id, text, body FROM contents WHERE finder IS NOT ? ORDER BY id LIMIT ?", (finder, limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def count_waiting(connection: sqlite3.Connection, *, finder: str) -> int:
    """How many contents `finder` has not looked through yet."""
    return int(connection.execute("SELECT count(*) FROM contents WHERE finder IS NOT ?", (finder,)).fetchone()[0])


def problems(connection: sqlite3.Connection, *, dimension: int) -> Iterator[str]:
    """Statements that do not lie in their text, and vectors that are missing or of another size."""
    for content, body, text in connection.execute("SELECT id, body, text FROM contents ORDER BY id"):
        for stored in of_content(connection, content):
            spans = stored.statement.spans
            if not all(body <= span.start < span.end <= len(text) for span in spans):
                yield f"statement {stored.id} does not lie within its article"
    missing = connection.execute("SELECT id FROM statements WHERE id NOT IN (SELECT statement FROM statement_vectors)")
    yield from (f"statement {row[0]} has no vector" for row in missing)
    wrong = connection.execute("SELECT statement FROM statement_vectors WHERE length(vector) != ?", (2 * dimension,))
    yield from (f"the vector of statement {row[0]} is not of {dimension} numbers" for row in wrong)


def _stored(row: tuple[int, int, str]) -> Stored:
    return Stored(row[0], row[1], Statement.model_validate_json(row[2]))
