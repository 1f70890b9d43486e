"""The words of the trade as frozen types: what every other module takes and gives."""

from __future__ import annotations

import hashlib
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

FALLBACK_TITLE_LENGTH = 80

Precision = Literal["day", "second", "uncertain"]


class Frozen(BaseModel):
    """A value: immutable, compared by content, refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(NamedTuple):
    """`start:end` in an article's text, in code points; `end` is exclusive."""

    start: int
    end: int


class Draft(Frozen):
    """An article as a reader found it in a source file, before the archive knows it.

    `source` is an absolute path or URL, `record` the id the record came with (JSON Lines), `line` its line from 1.
    `body` is where the text proper begins: passages never start before it (front matter, byte-order mark).
    """

    text: str
    source: str
    record: str | None = None
    line: int | None = None
    body: int = 0
    title: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_precision: Precision | None = None
    updated: str | None = None
    language: str | None = None
    url: str | None = None

    @property
    def id(self) -> str:
        """The article's identity: 32 hex digits of SHA-256 over source, record and text."""
        key = "\0".join((self.source, self.record or "", self.text))
        return hashlib.sha256(key.encode()).hexdigest()[:32]

    @property
    def text_sha256(self) -> str:
        """SHA-256 of the text in UTF-8, as hex digits: identical texts are one content."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Article(Frozen):
    """One appearance of a text in the archive, with its metadata and the text itself."""

    id: str
    record: str | None
    source: str
    line: int | None
    title: str | None
    outlet: str | None
    authors: tuple[str, ...]
    published: str | None
    published_precision: Precision | None
    updated: str | None
    language: str | None
    url: str | None
    text_sha256: str
    body: int
    text: str = Field(repr=False)

    @property
    def heading(self) -> str:
        """What a screen calls the article: its title, else the first line of its text, cut short."""
        if self.title:
            return self.title
        lines = (line.strip("\ufeff \t") for line in self.text[self.body :].splitlines())
        first = next((line for line in lines if line), self.id)
        return first if len(first) <= FALLBACK_TITLE_LENGTH else first[: FALLBACK_TITLE_LENGTH - 1].rstrip() + "…"


class Passage(Frozen):
    """A run of whole sentences of one content: what is embedded and retrieved. `id` is never used twice."""

    id: int
    content: int
    start: int
    end: int


StatementKind = Literal["direct", "indirect", "mixed"]
Resolved = Literal["named", "surname", "role", "pronoun", "unresolved"]


class Speaker(Frozen):
    """Whom a statement belongs to: `mention` is the source span as printed, `resolved` how the name was found.

    `name` is null when unresolved; else `named_at` is where the article prints it. `role` is where the article says who
    that is ("spokesman of …"), null where it does not.
    """

    mention: Span
    resolved: Resolved
    name: str | None = None
    named_at: Span | None = None
    role: Span | None = None


class Statement(Frozen):
    """Reported speech in one content: spans ascending, in its text. `probability` that people would call it that.

    `continued`: a quotation in a paragraph of its own, given to the speaker before; its cue and speaker stand there.
    """

    content: tuple[Span, ...]
    cue: Span
    kind: StatementKind
    speaker: Speaker | None
    probability: float
    continued: bool = False

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every span of it, in no order: contents, cue, and what is known of the speaker."""
        speaker = self.speaker
        of_speaker = () if speaker is None else (speaker.mention, speaker.named_at, speaker.role)
        return (*self.content, self.cue, *(span for span in of_speaker if span is not None))


class Filters(Frozen):
    """What a question is limited to.

    Dates are inclusive ISO 8601 days; the values of a list are alternatives, compared without case.
    """

    since: str | None = None
    until: str | None = None
    outlet: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    language: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether everything passes."""
        return self == Filters()
