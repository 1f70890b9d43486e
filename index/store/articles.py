"""Contents, their appearances (articles) and the source files they came from."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from index.model import Article, Draft, Filters

_COLUMNS = (
    "a.id, a.record, a.source, a.line, a.title, a.outlet, a.authors, a.published, a.published_precision, a.updated,"
    " a.language, a.url, c.text_sha256, c.body, c.text"
)
_JOINED = f"SELECT {_COLUMNS}, a.content FROM articles a JOIN contents c ON c.id = a.content"
_COUNTED = _JOINED.replace(
    "SELECT",
    "SELECT (SELECT count(*) FROM passages p WHERE p.content = a.content),"
    " (SELECT count(*) FROM statements s WHERE s.content = a.content),",
    1,
)


class Stamp(NamedTuple):
    """What a source file was when it was read: size in bytes, modification time in nanoseconds, SHA-256."""

    size: int | None
    mtime_ns: int | None
    sha256: str | None


class Listed(NamedTuple):
    """An article with the counts that `list` shows beside it."""

    article: Article
    passages: int
    statements: int


def known(connection: sqlite3.Connection, article: str) -> bool:
    """Whether an article has this very id."""
    return connection.execute("SELECT 1 FROM articles WHERE id = ?", (article,)).fetchone() is not None


def ids_with_prefix(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """The ids that begin with `prefix` (hex digits), at most two of them: enough to tell one from several."""
    rows = connection.execute("SELECT id FROM articles WHERE id >= ? AND id < ? LIMIT 2", (prefix, prefix + "g"))
    return [row[0] for row in rows]


def ids_of_source(connection: sqlite3.Connection, source: str) -> list[str]:
    """The articles that came from one source, in the order they were added."""
    return [row[0] for row in connection.execute("SELECT id FROM articles WHERE source = ? ORDER BY number", (source,))]


def ids_without_record(connection: sqlite3.Connection, source: str) -> list[str]:
    """The articles of a source that came without an id of their own."""
    rows = connection.execute("SELECT id FROM articles WHERE source = ? AND record IS NULL", (source,))
    return [row[0] for row in rows]


def id_of_record(connection: sqlite3.Connection, source: str, record: str) -> str | None:
    """The article that stands for a record of a source."""
    row = connection.execute("SELECT id FROM articles WHERE source = ? AND record = ?", (source, record)).fetchone()
    return None if row is None else str(row[0])


def has_content(connection: sqlite3.Connection, draft: Draft) -> bool:
    """Whether some article already carries the draft's very text, so that it needs no passages of its own."""
    return _content(connection, draft) is not None


def article(connection: sqlite3.Connection, identity: str) -> Article | None:
    """One article with its text, or None."""
    row = connection.execute(f"{_JOINED} WHERE a.id = ?", (identity,)).fetchone()
    return None if row is None else _article(row)


def appearances(connection: sqlite3.Connection, content: int, filters: Filters) -> list[Article]:
    """The articles that carry a content and pass the filters: oldest first, undated last."""
    where, values = condition(filters)
    rows = connection.execute(
        f"{_JOINED} WHERE a.content = ? AND {where} ORDER BY a.published IS NULL, a.published, a.number",
        (content, *values),
    )
    return [_article(row) for row in rows]


def listed(connection: sqlite3.Connection, filters: Filters) -> Iterator[Listed]:
    """Every article that passes the filters, in the order they were added."""
    where, values = condition(filters)
    for row in connection.execute(f"{_COUNTED} WHERE {where} ORDER BY a.number", values):
        yield Listed(_article(row[2:]), row[0], row[1])


def listed_one(connection: sqlite3.Connection, identity: str) -> Listed | None:
    """One article as `listed` gives it, or None."""
    row = connection.execute(f"{_COUNTED} WHERE a.id = ?", (identity,)).fetchone()
    return None if row is None else Listed(_article(row[2:]), row[0], row[1])


def count(connection: sqlite3.Connection) -> int:
    """How many articles there are."""
    return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])


def undated(connection: sqlite3.Connection) -> int:
    """How many articles have no date, so that no date filter lets them through."""
    return int(connection.execute("SELECT count(*) FROM articles WHERE published IS NULL").fetchone()[0])


def contents_passing(connection: sqlite3.Connection, filters: Filters) -> set[int]:
    """The contents of which at least one appearance passes the filters."""
    where, values = condition(filters)
    return {row[0] for row in connection.execute(f"SELECT DISTINCT a.content FROM articles a WHERE {where}", values)}


def condition(filters: Filters) -> tuple[str, list[str]]:
    """The filters as an SQL condition over `articles a`, with its values. Speakers by their very names."""
    parts: list[str] = ["1"]
    values: list[str] = []
    if filters.since:
        parts.append("substr(a.published, 1, 10) >= ?")
        values.append(filters.since)
    if filters.until:
        parts.append("substr(a.published, 1, 10) <= ?")
        values.append(filters.until)
    for column, wanted in (("outlet", filters.outlet), ("language", filters.language)):
        if wanted:
            parts.append(f"casefold(a.{column}) IN ({', '.join('?' * len(wanted))})")
            values += [value.casefold() for value in wanted]
    if filters.author:
        one_of = ", ".join("?" * len(filters.author))
        parts.append(f"EXISTS (SELECT 1 FROM json_each(a.authors) j WHERE casefold(j.value) IN ({one_of}))")
        values += [value.casefold() for value in filters.author]
    if filters.speaker:
        one_of = ", ".join("?" * len(filters.speaker))
        parts.append(f"EXISTS (SELECT 1 FROM statements s WHERE s.content = a.content AND s.name IN ({one_of}))")
        values += filters.speaker
    return " AND ".join(parts), values


def insert(connection: sqlite3.Connection, draft: Draft, *, generation: int) -> int | None:
    """Store one appearance. Gives the content's id when its text is new and needs passages, else None.

    The draft's source must be stored already.
    """
    found = _content(connection, draft)
    if found is None:
        content = connection.execute(
            "INSERT INTO contents (text_sha256, body, text, touched) VALUES (?, ?, ?, ?)",
            (draft.text_sha256, draft.body, draft.text, generation),
        ).lastrowid
    else:
        content = found
        connection.execute("UPDATE contents SET touched = ? WHERE id = ?", (generation, content))
    connection.execute(
        "INSERT INTO articles (id, content, source, record, line, title, outlet, authors, published,"
        " published_precision, updated, language, url) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (draft.id, content, draft.source, draft.record, draft.line, *_metadata(draft)),
    )
    return content if found is None else None


def update(connection: sqlite3.Connection, draft: Draft, *, generation: int) -> bool:
    """Bring the line and metadata of a known article up to date; its text is unchanged. True when anything differed."""
    fields = (draft.line, *_metadata(draft))
    row = connection.execute(
        "SELECT line, title, outlet, authors, published, published_precision, updated, language, url, content"
        " FROM articles WHERE id = ?",
        (draft.id,),
    ).fetchone()
    if row[:-1] == fields:
        return False
    connection.execute(
        "UPDATE articles SET line = ?, title = ?, outlet = ?, authors = ?, published = ?, published_precision = ?,"
        " updated = ?, language = ?, url = ? WHERE id = ?",
        (*fields, draft.id),
    )
    connection.execute("UPDATE contents SET touched = ? WHERE id = ?", (generation, row[-1]))
    return True


def delete(connection: sqlite3.Connection, identity: str, *, generation: int) -> None:
    """Remove one appearance; with the last one of a content go its text, passages and vectors."""
    content, source = connection.execute("SELECT content, source FROM articles WHERE id = ?", (identity,)).fetchone()
    connection.execute("DELETE FROM articles WHERE id = ?", (identity,))
    if connection.execute("SELECT 1 FROM articles WHERE content = ? LIMIT 1", (content,)).fetchone():
        connection.execute("UPDATE contents SET touched = ? WHERE id = ?", (generation, content))
    else:
        connection.execute(
            "INSERT INTO tombstones SELECT id, content, ? FROM passages WHERE content = ?", (generation, content)
        )
        connection.execute(
            "INSERT INTO statement_tombstones SELECT id, ? FROM statements WHERE content = ?", (generation, content)
        )
        connection.execute("DELETE FROM contents WHERE id = ?", (content,))
    if not connection.execute("SELECT 1 FROM articles WHERE source = ? LIMIT 1", (source,)).fetchone():
        connection.execute("DELETE FROM sources WHERE source = ?", (source,))


def put_source(connection: sqlite3.Connection, source: str, stamp: Stamp) -> None:
    """Remember what a source file was when it was read."""
    connection.execute(
        "INSERT INTO sources VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " size = excluded.size, mtime_ns = excluded.mtime_ns, sha256 = excluded.sha256"
        " WHERE (size, mtime_ns, sha256) IS NOT (excluded.size, excluded.mtime_ns, excluded.sha256)",
        (source, *stamp),
    )


def sources(connection: sqlite3.Connection) -> Iterator[tuple[str, Stamp]]:
    """Every source with what it was when it was read."""
    for row in connection.execute("SELECT source, size, mtime_ns, sha256 FROM sources ORDER BY source"):
        yield row[0], Stamp(*row[1:])


def stamp(connection: sqlite3.Connection, source: str) -> Stamp | None:
    """What one source was when it was read."""
    row = connection.execute("SELECT size, mtime_ns, sha256 FROM sources WHERE source = ?", (source,)).fetchone()
    return None if row is None else Stamp(*row)


def problems(connection: sqlite3.Connection) -> list[str]:
    """Texts that are not what was stored, and articles whose id does not follow from their source, record and text."""
    found = []
    for content, sha256, text in connection.execute("SELECT id, text_sha256, text FROM contents ORDER BY id"):
        if hashlib.sha256(text.encode()).hexdigest() != sha256:
            found.append(f"text {content} is not the text that was stored")
        for identity, source, record in connection.execute(
            "SELECT id, source, record FROM articles WHERE content = ?", (content,)
        ):
            if Draft(text=text, source=source, record=record).id != identity:
                found.append(f"article {identity} does not carry the text it was added with")
    return found


def _content(connection: sqlite3.Connection, draft: Draft) -> int | None:
    row = connection.execute(
        "SELECT id FROM contents WHERE text_sha256 = ? AND body = ?", (draft.text_sha256, draft.body)
    ).fetchone()
    return None if row is None else int(row[0])


def _metadata(draft: Draft) -> tuple[str | None, ...]:
    return (
        draft.title,
        draft.outlet,
        json.dumps(draft.authors, ensure_ascii=False),
        draft.published,
        draft.published_precision,
        draft.updated,
        draft.language,
        draft.url,
    )


def _article(row: tuple[object, ...]) -> Article:
    names = _COLUMNS.replace("a.", "").replace("c.", "").split(", ")
    values = dict(zip((name.strip() for name in names), row, strict=False))
    return Article.model_validate({**values, "authors": tuple(json.loads(str(values["authors"])))})
