"""The database's schema as numbered steps. Append only: a step that has shipped is never edited."""

import sqlite3

# 1: contents (texts, each stored and embedded once), articles (their appearances), passages, vectors.
#    `contents.touched` is the generation that last changed the content or any of its appearances: what the lexical
#    projection must take up again. `tombstones` are the passages that projections may still hold. A generation's token
#    tells projections of this database from those of another, or of a later state that a restored copy has lost.
# 2: statements (`value` is the statement as JSON, `name` its speaker's), their vectors, tombstones. `contents.finder`
#    is the version of the models and rules that looked for statements there; null where none has.
_STEPS = (
    """
    CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE generations (generation INTEGER PRIMARY KEY, token TEXT NOT NULL);
    CREATE TABLE sources (
        source TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, sha256 TEXT
    ) WITHOUT ROWID;
    CREATE TABLE contents (
        id INTEGER PRIMARY KEY AUTOINCREMENT, text_sha256 TEXT NOT NULL, body INTEGER NOT NULL,
        text TEXT NOT NULL, touched INTEGER NOT NULL, UNIQUE (text_sha256, body)
    );
    CREATE INDEX contents_touched ON contents (touched);
    CREATE TABLE articles (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        content INTEGER NOT NULL REFERENCES contents (id), source TEXT NOT NULL REFERENCES sources (source),
        record TEXT, line INTEGER, title TEXT, outlet TEXT, authors TEXT NOT NULL, published TEXT,
        published_precision TEXT, updated TEXT, language TEXT, url TEXT
    );
    CREATE UNIQUE INDEX articles_record ON articles (source, record) WHERE record IS NOT NULL;
    CREATE INDEX articles_source ON articles (source);
    CREATE INDEX articles_content ON articles (content);
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, content INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL
    );
    CREATE INDEX passages_content ON passages (content);
    CREATE TABLE vectors (
        passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE, vector BLOB NOT NULL
    );
    CREATE TABLE tombstones (passage INTEGER PRIMARY KEY, content INTEGER NOT NULL, generation INTEGER NOT NULL);
    CREATE INDEX tombstones_generation ON tombstones (generation);
    """,
    """
    CREATE TABLE statements (
        id INTEGER PRIMARY KEY AUTOINCREMENT, content INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
        name TEXT, value TEXT NOT NULL
    );
    CREATE INDEX statements_content ON statements (content);
    CREATE INDEX statements_name ON statements (name) WHERE name IS NOT NULL;
    CREATE TABLE statement_vectors (
        statement INTEGER PRIMARY KEY REFERENCES statements (id) ON DELETE CASCADE, vector BLOB NOT NULL
    );
    CREATE TABLE statement_tombstones (statement INTEGER PRIMARY KEY, generation INTEGER NOT NULL);
    CREATE INDEX statement_tombstones_generation ON statement_tombstones (generation);
    ALTER TABLE contents ADD COLUMN finder TEXT;
    CREATE INDEX contents_finder ON contents (finder);
    """,
)
LATEST = len(_STEPS)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether nothing was ever made in this database."""
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether this database has our tables, not those of another program that happens to number its versions."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return version(connection) > 0 and {"state", "generations", "contents", "articles"} <= names


def version(connection: sqlite3.Connection) -> int:
    """The number of steps this database has taken."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that are missing, each in a transaction of its own."""
    at = version(connection)
    for number, step in enumerate(_STEPS[at:], start=at + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")
