"""Who said what, as lists: statements by speaker and topic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from index.errors import UnusableQuestion
from index.model import Article, Filters
from index.snapshot import Snapshot
from index.statements.finder import Finder
from index.statements.names import fold
from index.statements.speakers import matches
from index.store.statements import Stored

if TYPE_CHECKING:
    from assistant.read.statements import Said

_ASIDE = frozenset(["a", "an", "the", "of", "for", "from", "in", "at", "on", "with", "to", "and", "or", "who", "that"])
_PRONOUNS = frozenset(
    ["he", "she", "it", "they", "him", "her", "them", "i", "we", "us", "you", "me", "this", "that", "these", "those"]
)


def named(snapshot: Snapshot, wanted: str) -> list[str]:
    """The names in the archive that a person may mean by `wanted`: a surname, other case, without accents or particles.

    What stands before a surname ("retired general Lloyd Newton") is left out where it matches nothing; a given name
    alone ("Conie Mariano") is nobody's.
    """
    names = snapshot.names()
    words = wanted.removesuffix("'s").removesuffix("’s").split()
    for start in range(len(words)):
        found = [name for name in names if matches(name, " ".join(words[start:]))]
        if start:
            found = [name for name in found if fold(name)[-1:] == fold(words[-1])[-1:]]
        if found:
            return found
    return []


def described(said: Sequence[Said], subject: str) -> list[Said]:
    """Those of `said` whose speaker may be meant by an office or a description ("the foreign ministry spokesman").

    Their printed name, mention and role have all its words; or where none does, the last of the office itself, and
    their article the others. Whom a pronoun stands for is not known.
    """
    words, office = _words_of(subject)
    if not words:
        return []
    printed = [(one, _printed(one)) for one in said]
    if whole := [one for one, speaker in printed if words <= speaker]:
        return whole
    return [one for one, speaker in printed if office in speaker and words <= {*speaker, *fold(one.text)}]


def mentions(text: str, subject: str) -> bool:
    """Whether a text names whom a question is about: the surname, or the office, will do."""
    words, office = _words_of(subject)
    return bool(words) and office in fold(text)


def _words_of(subject: str) -> tuple[frozenset[str], str]:
    """The words that tell who is meant, and the last one before "of Aldermouth"."""
    words = [word for word in fold(subject) if word not in _PRONOUNS]
    told = frozenset(word for word in words if word not in _ASIDE)
    first = next((at for at, word in enumerate(words) if at and word in _ASIDE), len(words))
    return told, next((word for word in reversed(words[:first]) if word in told), "")


def _printed(one: Said) -> frozenset[str]:
    speaker = one.statement.speaker
    if speaker is None:
        return frozenset()
    spans = (speaker.mention, *(() if speaker.role is None else (speaker.role,)))
    parts = (speaker.name or "", *(one.text[span.start : span.end] for span in spans))
    return frozenset(word for part in parts for word in fold(part))


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
