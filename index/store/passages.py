"""Passages, their vectors (float16, little-endian) and the tombstones of those that are gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from index.model import Filters, Passage, Span
from index.store.articles import condition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK = 8192
# A reader that opened a projection just before it was replaced still needs the tombstones that it was replaced for.
KEPT_GENERATIONS = 1000


class Entry(NamedTuple):
    """What the lexical projection holds of a passage."""

    passage: int
    content: int
    text: str
    titles: str
    outlets: str


def insert(connection: sqlite3.Connection, content: int, spans: Sequence[Span], vectors: NDArray[np.float16]) -> None:
    """Store the passages of a new content with their vectors: `vectors` has shape (len(spans), dimension)."""
    if len(spans) != len(vectors):
        raise ValueError(f"number of vectors ({len(vectors)}) must match number of passages ({len(spans)})")
    for span, vector in zip(spans, vectors, strict=True):
        passage = connection.execute(
            'INSERT INTO passages (content, start, "end") VALUES (?, ?, ?)', (content, span.start, span.end)
        ).lastrowid
        connection.execute("INSERT INTO vectors VALUES (?, ?)", (passage, vector.astype("<f2").tobytes()))


def count(connection: sqlite3.Connection) -> int:
    """How many passages there are."""
    return int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])


def by_id(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Passage]:
    """The passages among `ids` that exist in this generation."""
    found: dict[int, Passage] = {}
    for passage in ids:
        row = connection.execute('SELECT id, content, start, "end" FROM passages WHERE id = ?', (passage,)).fetchone()
        if row is not None:
            found[passage] = Passage(id=row[0], content=row[1], start=row[2], end=row[3])
    return found


def of_content(connection: sqlite3.Connection, content: int) -> list[Passage]:
    """The passages of one content in reading order."""
    rows = connection.execute(
        'SELECT id, content, start, "end" FROM passages WHERE content = ? ORDER BY start', (content,)
    )
    return [Passage(id=row[0], content=row[1], start=row[2], end=row[3]) for row in rows]


def ids_passing(connection: sqlite3.Connection, filters: Filters) -> list[int]:
    """The passages of which at least one article passes the filters, ascending."""
    where, values = condition(filters)
    rows = connection.execute(
        f"SELECT id FROM passages WHERE content IN (SELECT a.content FROM articles a WHERE {where}) ORDER BY id", values
    )
    return [row[0] for row in rows]


def vectors(
    connection: sqlite3.Connection, *, after: int = 0
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
    """All vectors of passages with an id above `after`, ascending, in chunks: ids (n,), matrix (n, dimension)."""
    import numpy as np

    cursor = connection.execute("SELECT passage, vector FROM vectors WHERE passage > ? ORDER BY passage", (after,))
    while rows := cursor.fetchmany(_CHUNK):
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        yield ids, np.frombuffer(b"".join(row[1] for row in rows), dtype="<f2").reshape(len(rows), -1)


def count_after(connection: sqlite3.Connection, passage: int) -> int:
    """How many passages have an id above `passage`."""
    return int(connection.execute("SELECT count(*) FROM passages WHERE id > ?", (passage,)).fetchone()[0])


def dead(connection: sqlite3.Connection, *, since: int, up_to: int) -> list[int]:
    """The passages with an id up to `up_to` that were deleted after generation `since`."""
    rows = connection.execute("SELECT passage FROM tombstones WHERE generation > ? AND passage <= ?", (since, up_to))
    return [row[0] for row in rows]


def touched(connection: sqlite3.Connection, *, since: int) -> set[int]:
    """The contents that were added, changed in their appearances, or deleted after generation `since`."""
    rows = connection.execute(
        "SELECT id FROM contents WHERE touched > ? UNION SELECT content FROM tombstones WHERE generation > ?",
        (since, since),
    )
    return {row[0] for row in rows}


def entries(connection: sqlite3.Connection, contents: Iterable[int] | None = None) -> Iterator[Entry]:
    """What the lexical projection should hold of these contents (of all when None); nothing of deleted ones."""
    every = "SELECT id FROM contents ORDER BY id"
    for content in [row[0] for row in connection.execute(every)] if contents is None else sorted(contents):
        row = connection.execute("SELECT text FROM contents WHERE id = ?", (content,)).fetchone()
        if row is None:
            continue
        named = connection.execute(
            "SELECT title, outlet FROM articles WHERE content = ? ORDER BY number", (content,)
        ).fetchall()
        titles = "\n".join(dict.fromkeys(title for title, _ in named if title))
        outlets = "\n".join(dict.fromkeys(outlet for _, outlet in named if outlet))
        for passage in of_content(connection, content):
            yield Entry(passage.id, content, row[0][passage.start : passage.end], titles, outlets)


def forget_tombstones(connection: sqlite3.Connection, *, up_to: int) -> None:
    """Drop the tombstones that no projection needs any more: those from well before generation `up_to`."""
    connection.execute("DELETE FROM tombstones WHERE generation <= ?", (up_to - KEPT_GENERATIONS,))


def ids(connection: sqlite3.Connection) -> Iterator[int]:
    """All passage ids, ascending."""
    return (row[0] for row in connection.execute("SELECT id FROM passages ORDER BY id"))


def problems(connection: sqlite3.Connection, *, dimension: int) -> Iterator[str]:
    """Passages that do not lie in their text, and vectors that are missing or of another size."""
    # In Python: SQLite's length() stops at a NUL, which a JSON Lines text may hold.
    for content, body, text in connection.execute("SELECT id, body, text FROM contents ORDER BY id"):
        for passage in of_content(connection, content):
            if not body <= passage.start < passage.end <= len(text):
                yield f"passage {passage.id} does not lie within its article"
    missing = connection.execute("SELECT id FROM passages WHERE id NOT IN (SELECT passage FROM vectors)")
    yield from (f"passage {row[0]} has no vector" for row in missing)
    wrong = connection.execute("SELECT passage FROM vectors WHERE length(vector) != ?", (2 * dimension,))
    yield from (f"the vector of passage {row[0]} is not of {dimension} numbers" for row in wrong)
