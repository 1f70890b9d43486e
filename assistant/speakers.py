"""Who said what, as lists: statements by speaker and topic."""

from __future__ import annotations

from collections.abc import Iterator

from index.errors import UnusableQuestion
from index.model import Article, Filters
from index.snapshot import Snapshot
from index.statements.finder import Finder
from index.statements.speakers import matches
from index.store.statements import Stored


def named(snapshot: Snapshot, wanted: str) -> list[str]:
    """The names in the archive that a person may mean by `wanted`: a surname, other case, without accents or particles.

    What stands before a name ("retired general Lloyd Newton") is left out where it matches nothing.
    """
    names = snapshot.names()
    words = wanted.removesuffix("'s").removesuffix("’s").split()
    for start in range(len(words)):
        if found := [name for name in names if matches(name, " ".join(words[start:]))]:
            return found
    return []


def resolved(snapshot: Snapshot, filters: Filters) -> Filters:
    """The filters with speakers by their very names in the archive.

    Raises `UnusableQuestion` when nobody in the archive is called so.
    """
    names = [name for wanted in filters.speaker for name in named(snapshot, wanted)]
    if filters.speaker and not names:
        raise UnusableQuestion(
            f"nobody called {', '.join(filters.speaker)} speaks in this archive", "see who does with: onrecord speakers"
        )
    return filters.model_copy(update={"speaker": tuple(dict.fromkeys(names))})


def statements_of(
    snapshot: Snapshot, filters: Filters, *, about: str | None, limit: int
) -> Iterator[tuple[Article, Stored]]:
    """The statements of articles and speakers that pass the filters, in reading order; with `about`, the nearest first.

    Raises `UnusableQuestion` when nobody in the archive has the speaker's name.
    """
    exact = resolved(snapshot, filters)
    if about is None:
        for article, stored in snapshot.all_statements(exact):
            speaker = stored.statement.speaker
            if not exact.speaker or (speaker is not None and speaker.name in exact.speaker):
                yield article, stored
        return
    finder = Finder()
    vector = finder.encoder.encode([about])[0]
    near = snapshot.statements_near(
        vector, limit=limit, filters=exact, finder=finder.version, names=exact.speaker or None
    )
    for stored, _ in near:
        for article in snapshot.appearances(stored.content, exact)[:1]:
            yield article, stored
