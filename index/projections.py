"""Keeping the FAISS files and the tantivy index in step with `articles.db`, from which either can be made anew."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from index import lexical, vectors
from index.store import connection, passages

# While a long `add` runs, the word index follows in steps of this many contents: readers hold at most that in memory.
_LEXICAL_STEP = 200


class Opened(NamedTuple):
    """The projections as they lay on disk; None where one is missing, damaged or of another archive."""

    base: vectors.Base | None
    words: lexical.Opened | None


def open_current(directory: Path) -> Opened:
    """Open what is there. To be called before the read transaction begins: then neither is newer than the database."""
    return Opened(vectors.open_base(directory), lexical.open_index(directory))


def own(opened: Opened, database: sqlite3.Connection) -> Opened:
    """What of `opened` belongs to this database, within the caller's transaction; None in place of the rest."""
    base, words = opened
    if base is not None and connection.token(database, base.generation) != base.token:
        base = None
    if words is not None and connection.token(database, words.generation) != words.token:
        words = None
    return Opened(base, words)


def catch_up(directory: Path, database: sqlite3.Connection, *, dimension: int, done: bool) -> None:
    """Bring the projections up to the database. Only for the holder of the write lock.

    With `done` false (more batches follow) only what has fallen far behind is written.
    """
    with connection.reading(database) as generation:
        token = connection.token(database, generation)
        if token is None:  # generation 0: nothing was ever written
            return
        base, words = own(open_current(directory), database)
        if base is None or vectors.worth_rewriting(
            size=base.size,
            tail=passages.count_after(database, base.highest),
            dead=len(passages.dead(database, since=base.generation, up_to=base.highest)),
        ):
            chunks = passages.vectors(database)
            vectors.write_base(directory, chunks, generation=generation, token=token, dimension=dimension)
            base_generation = generation
        else:
            base_generation = base.generation
        words_generation = words.generation if words is not None else 0
        if words is None or words_generation < generation:
            touched = passages.touched(database, since=words_generation) if words is not None else set()
            if words is None or done or len(touched) >= _LEXICAL_STEP:
                if words is None or not lexical.catch_up(
                    directory, touched, passages.entries(database, touched), generation=generation, token=token
                ):
                    lexical.rebuild(directory, passages.entries(database), generation=generation, token=token)
                words_generation = generation
    with connection.quietly(database):
        passages.forget_tombstones(database, up_to=min(base_generation, words_generation))


def rebuild(directory: Path, database: sqlite3.Connection, *, dimension: int) -> None:
    """Write both projections anew. Only for the holder of the write lock."""
    with connection.reading(database) as generation:
        token = connection.token(database, generation)
        if token is None:
            return
        vectors.write_base(
            directory, passages.vectors(database), generation=generation, token=token, dimension=dimension
        )
        lexical.rebuild(directory, passages.entries(database), generation=generation, token=token)


def behind(opened: Opened, generation: int) -> bool:
    """Whether a writer should see to the projections before they are read at `generation`."""
    return opened.base is None or opened.words is None or opened.words.generation < generation


def merely_late(directory: Path, database: sqlite3.Connection) -> bool:
    """Whether the projections are behind for no other reason than that a writer was stopped before it wrote them."""
    with connection.reading(database) as generation:
        opened = own(open_current(directory), database)
    unharmed = (opened.base is not None or not vectors.is_written(directory)) and (
        opened.words is not None or not lexical.is_written(directory)
    )
    return generation > 0 and unharmed and behind(opened, generation)


def problems(directory: Path, database: sqlite3.Connection) -> list[str]:
    """What is wrong with the projections, within the caller's transaction; empty when they are in step and whole."""
    base, words = own(open_current(directory), database)
    found: list[str] = []
    generation = connection.generation(database)
    if generation == 0:
        return found
    expected = set(passages.ids(database))
    if base is None or not vectors.is_whole(directory):
        found.append("vectors: the FAISS file is missing, damaged or of another archive")
    else:
        held = set(vectors.ids(base).tolist())
        held -= set(passages.dead(database, since=base.generation, up_to=base.highest))
        if held != {passage for passage in expected if passage <= base.highest}:
            found.append("vectors: the FAISS file does not hold the passages of its generation")
    if words is None:
        found.append("words: the tantivy index is missing, damaged or of another archive")
    elif words.generation == generation:
        held_words = lexical.passage_ids(words.words)
        if len(held_words) != len(expected) or set(held_words) != expected:
            found.append("words: the tantivy index does not hold the archive's passages")
    else:
        found.append(f"words: the tantivy index stands at generation {words.generation}, the database at {generation}")
    return found
