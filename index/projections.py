"""Keeping the FAISS files and the tantivy index in step with `articles.db`, from which either can be made anew."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from index import lexical, vectors
from index.store import connection, passages, statements

# While a long `add` runs, the word index follows in steps of this many contents: readers hold at most that in memory.
_LEXICAL_STEP = 200


class Opened(NamedTuple):
    """The projections as they lay on disk; None where one is missing, damaged or of another archive."""

    base: vectors.Base | None
    words: lexical.Opened | None
    said: vectors.Base | None


def open_current(directory: Path) -> Opened:
    """Open what is there. To be called before the read transaction begins: then neither is newer than the database."""
    return Opened(
        vectors.open_base(directory), lexical.open_index(directory), vectors.open_base(directory, vectors.STATEMENTS)
    )


def own(opened: Opened, database: connection.Connection) -> Opened:
    """What of `opened` belongs to this database, within the caller's transaction; None in place of the rest."""

    def ours(one: vectors.Base | lexical.Opened | None) -> bool:
        return one is not None and connection.token(database, one.generation) == one.token

    base, words, said = opened
    return Opened(base if ours(base) else None, words if ours(words) else None, said if ours(said) else None)


def catch_up(directory: Path, database: connection.Connection, *, dimension: int, done: bool) -> None:
    """Bring the projections up to the database. Only for the holder of the write lock.

    With `done` false (more batches follow) only what has fallen far behind is written.
    """
    with connection.reading(database) as generation:
        token = connection.token(database, generation)
        if token is None:  # generation 0: nothing was ever written
            return
        base, words, said = own(open_current(directory), database)
        stands: list[int] = []
        for kind, one, store in ((vectors.PASSAGES, base, passages), (vectors.STATEMENTS, said, statements)):
            if one is None or vectors.worth_rewriting(
                size=one.size,
                tail=store.count_after(database, one.highest),
                dead=len(store.dead(database, since=one.generation, up_to=one.highest)),
            ):
                vectors.write_base(
                    directory,
                    store.vectors(database),
                    generation=generation,
                    token=token,
                    dimension=dimension,
                    kind=kind,
                )
                stands.append(generation)
            else:
                stands.append(one.generation)
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
        passages.forget_tombstones(database, up_to=min(stands[0], words_generation))
        statements.forget_tombstones(database, up_to=stands[1])


def rebuild(directory: Path, database: connection.Connection, *, dimension: int) -> None:
    """Write both projections anew. Only for the holder of the write lock."""
    with connection.reading(database) as generation:
        token = connection.token(database, generation)
        if token is None:
            return
        for kind, store in ((vectors.PASSAGES, passages), (vectors.STATEMENTS, statements)):
            vectors.write_base(
                directory, store.vectors(database), generation=generation, token=token, dimension=dimension, kind=kind
            )
        lexical.rebuild(directory, passages.entries(database), generation=generation, token=token)


def behind(opened: Opened, generation: int) -> bool:
    """Whether a writer should see to the projections before they are read at `generation`."""
    return None in opened or (opened.words is not None and opened.words.generation < generation)


def merely_late(directory: Path, database: connection.Connection) -> bool:
    """Whether the projections are behind for no other reason than that a writer was stopped before it wrote them."""
    with connection.reading(database) as generation:
        opened = own(open_current(directory), database)
    unharmed = (
        (opened.base is not None or not vectors.is_written(directory))
        and (opened.said is not None or not vectors.is_written(directory, vectors.STATEMENTS))
        and (opened.words is not None or not lexical.is_written(directory))
    )
    return generation > 0 and unharmed and behind(opened, generation)


def problems(directory: Path, database: connection.Connection) -> list[str]:
    """What is wrong with the projections, within the caller's transaction; empty when they are in step and whole."""
    base, words, said = own(open_current(directory), database)
    found: list[str] = []
    generation = connection.generation(database)
    if generation == 0:
        return found
    expected = set(passages.ids(database))
    for kind, one, store in ((vectors.PASSAGES, base, passages), (vectors.STATEMENTS, said, statements)):
        if one is None or not vectors.is_whole(directory, kind):
            found.append(f"{kind}: the FAISS file is missing, damaged or of another archive")
            continue
        held = set(vectors.ids(one).tolist())
        held -= set(store.dead(database, since=one.generation, up_to=one.highest))
        if held != {identity for identity in store.ids(database) if identity <= one.highest}:
            found.append(f"{kind}: the FAISS file does not hold what the archive held at its generation")
    if words is None or not lexical.is_whole(directory):
        found.append("words: the tantivy index is missing, damaged or of another archive")
    elif words.generation == generation:
        held_words = lexical.passage_ids(words.words)
        if len(held_words) != len(expected) or set(held_words) != expected:
            found.append("words: the tantivy index does not hold the archive's passages")
    else:
        found.append(f"words: the tantivy index stands at generation {words.generation}, the database at {generation}")
    return found
