"""The archive as it stands at one generation: everything that one question reads, in one read transaction."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index import lexical, projections, vectors
from index.model import Article, Filters, Passage
from index.store import articles, connection, passages, statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray


class _Vectors(Protocol):
    """What passages and statements have in common in the store: vectors by id, and ids that are gone."""

    def dead(self, connection: connection.Connection, *, since: int, up_to: int) -> list[int]: ...

    def vectors(
        self, connection: connection.Connection, *, after: int = 0
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]: ...


class Snapshot:
    """Reads of one generation. Only `index.archive` makes one; it ends with the block it was made for."""

    def __init__(self, database: connection.Connection, opened: projections.Opened, *, generation: int) -> None:
        self.generation = generation
        self._database = database
        self._base, words, self._said = projections.own(opened, database)
        since = words.generation if words is not None else 0
        self._late = passages.touched(database, since=since) if words is None or since < generation else set()
        self._indexes: list[lexical.Words] = [] if words is None else [words.words]
        self._words = None if words is None else words.words
        # What the index on disk does not hold yet is indexed in memory: late, but never missing.
        entries = passages.entries(database, self._late) if words is not None else passages.entries(database)
        self._fresh = lexical.in_memory(entries) if self._late or words is None else None
        if self._fresh is not None:
            self._indexes.append(self._fresh)
        self._rarity = lru_cache(maxsize=None)(lambda term: lexical.rarity(self._indexes, term))

    def dense(self, question: NDArray[np.float32], *, limit: int, filters: Filters) -> list[vectors.Hit]:
        """The passages nearest to a unit vector (dimension,), best first; scores are cosines."""
        allowed = None if filters.empty else passages.ids_passing(self._database, filters)
        hits = self._nearest(self._base, passages, question, limit=limit, allowed=allowed)
        known = passages.by_id(self._database, (hit.passage for hit in hits))
        return [hit for hit in hits if hit.passage in known]

    def statements_near(
        self,
        question: NDArray[np.float32],
        *,
        limit: int,
        filters: Filters,
        finder: str,
        names: Sequence[str] | None = None,
    ) -> list[tuple[statements.Stored, float]]:
        """The statements nearest to a unit vector (dimension,), best first, with their cosines.

        Only those found by `finder`; with `names`, only those whose speaker has one of these names.
        """
        allowed = None if filters.empty else statements.ids_passing(self._database, filters)
        if names is not None:
            named = statements.ids_named(self._database, names)
            allowed = named if allowed is None else sorted(set(named) & set(allowed))
        hits = self._nearest(self._said, statements, question, limit=limit, allowed=allowed)
        known = statements.by_id(self._database, (hit.passage for hit in hits), finder=finder)
        return [(known[hit.passage], hit.score) for hit in hits if hit.passage in known]

    def _nearest(
        self,
        base: vectors.Base | None,
        store: _Vectors,
        question: NDArray[np.float32],
        *,
        limit: int,
        allowed: Sequence[int] | None,
    ) -> list[vectors.Hit]:
        import numpy as np

        only = None if allowed is None else np.asarray(allowed, dtype=np.int64)
        parts: list[list[vectors.Hit]] = []
        highest = 0
        if base is not None and base.size:
            highest = base.highest
            dead = store.dead(self._database, since=base.generation, up_to=highest)
            parts.append(vectors.search_base(base, question, limit, dead=dead, allowed=only))
        for ids, matrix in store.vectors(self._database, after=highest):
            parts.append(vectors.search_tail(ids, matrix, question, limit, allowed=only))
        return vectors.merge(*parts, limit=limit)

    def lexical(self, question: str, *, limit: int, filters: Filters) -> list[lexical.Hit]:
        """The passages that share words with the question, best first; scores are BM25."""
        contents = None if filters.empty else articles.contents_passing(self._database, filters)
        found: list[lexical.Hit] = []
        if self._words is not None:
            # What it holds of late contents may be a version that is no more.
            hits = lexical.search(self._words, question, limit, contents=contents, without=self._late)
            known = passages.by_id(self._database, (hit.passage for hit in hits))
            found += [hit for hit in hits if hit.passage in known]
        if self._fresh is not None:
            found += lexical.search(self._fresh, question, limit, contents=contents)
        return sorted(found, key=lambda hit: (-hit.score, hit.passage))[:limit]

    def terms(self, text: str) -> list[str]:
        """A text's words as the word index knows them."""
        return lexical.terms(text)

    def rarity(self, term: str) -> float:
        """How rare a term is in the archive: inverse document frequency over passages."""
        return float(self._rarity(term))

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """The passages among `ids` that exist."""
        return passages.by_id(self._database, ids)

    def passages_of(self, content: int) -> list[Passage]:
        """All passages of one content in reading order."""
        return passages.of_content(self._database, content)

    def statements_of(self, content: int) -> list[statements.Stored]:
        """The statements of one content in reading order."""
        return statements.of_content(self._database, content)

    def statements_of_article(self, identity: str) -> list[statements.Stored]:
        """The statements of one article in reading order."""
        return statements.of_article(self._database, identity)

    def all_statements(self, filters: Filters) -> Iterator[tuple[Article, statements.Stored]]:
        """Every statement of every article that passes the filters, in the order they were added."""
        return statements.listed(self._database, filters)

    def speakers(self, filters: Filters) -> list[statements.Named]:
        """Every name that speaks, the most frequent first."""
        return statements.speakers(self._database, filters)

    def names(self) -> list[str]:
        """Every distinct name that speaks."""
        return statements.names(self._database)

    def without_statements(self, *, finder: str) -> int:
        """How many texts `finder` has not looked through for statements."""
        return statements.count_waiting(self._database, finder=finder)

    def appearances(self, content: int, filters: Filters) -> list[Article]:
        """The articles that carry a content and pass the filters: oldest first, undated last."""
        return articles.appearances(self._database, content, filters)

    def article(self, identity: str) -> Article | None:
        """One article by its id."""
        return articles.article(self._database, identity)

    def listed(self, filters: Filters) -> Iterator[articles.Listed]:
        """Every article that passes the filters, in the order they were added."""
        return articles.listed(self._database, filters)

    def listed_one(self, identity: str) -> articles.Listed | None:
        """One article as `listed` gives it, or None."""
        return articles.listed_one(self._database, identity)

    def counts(self) -> tuple[int, int]:
        """How many articles and how many passages there are."""
        return articles.count(self._database), passages.count(self._database)

    def undated(self) -> int:
        """How many articles have no date."""
        return articles.undated(self._database)

    def changed_sources(self, sources: Sequence[str]) -> list[str]:
        """Those of `sources` that were read to their end and whose file is gone or is no longer what was read."""
        unfinished = set(self.unfinished_sources())
        return [
            source
            for source in sources
            if source not in unfinished and not _as_read(source, articles.stamp(self._database, source))
        ]

    def unfinished_sources(self) -> list[str]:
        """Source files whose articles are not all in: an `add` is at work on them, or was stopped."""
        return [source for source, stamp in articles.sources(self._database) if stamp.sha256 is None]

    def problems(self, *, dimension: int) -> list[str]:
        """What `check` finds wrong with the database itself."""
        found = connection.problems(self._database)
        found += passages.problems(self._database, dimension=dimension)
        found += statements.problems(self._database, dimension=dimension)
        return found + articles.problems(self._database)

    def all_sources(self) -> list[str]:
        """Every source file of the archive."""
        return [source for source, _ in articles.sources(self._database)]


def _as_read(source: str, stamp: articles.Stamp | None) -> bool:
    if stamp is None:
        return False
    try:
        state = Path(source).stat()
        if state.st_size != stamp.size:
            return False
        if state.st_mtime_ns == stamp.mtime_ns:
            return True
        # Copied, checked out or touched: the time alone does not tell.
        with Path(source).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == stamp.sha256
    except OSError:
        return False
