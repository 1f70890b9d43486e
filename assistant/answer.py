"""What the assistant gives: answers made of claims, claims made of citations, citations that cannot misquote."""

from __future__ import annotations

import hashlib
from typing import Literal, Self

from pydantic import model_validator

from index.model import Article, Filters, Frozen, Resolved, Span, Speaker, Statement, StatementKind

Kind = Literal["who_said", "what_said", "disagree", "fact", "open"]
Outcome = Literal["answered", "abstained"]
Stance = Literal["supports", "disputes", "qualifies", "declines"]


class Citation(Frozen):
    """`start:end` of an article, in code points. The quotation is cut from the article's text, never given.

    Raises `ValueError` (as pydantic's ValidationError) for bounds outside the article's body and for an article whose
    text is not the one its hash stands for: a citation that does not hold cannot be made.
    """

    article: Article
    start: int
    end: int

    @property
    def quote(self) -> str:
        """Exactly what stands there."""
        return self.article.text[self.start : self.end]

    @model_validator(mode="after")
    def _holds(self) -> Self:
        article = self.article
        if not article.body <= self.start < self.end <= len(article.text):
            raise ValueError(f"{self.start}:{self.end} does not lie within article {article.id}")
        if not self.quote.strip():
            raise ValueError(f"there is nothing to quote at {self.start}:{self.end} of article {article.id}")
        if hashlib.sha256(article.text.encode()).hexdigest() != article.text_sha256:
            raise ValueError(f"the text of article {article.id} is not the text that was added")
        return self


class Reported(Frozen):
    """That a claim is somebody's words: who, with which cue. All of it is cut from the article, never given.

    Raises `ValueError` for spans outside the article's body, and for a name that is not printed where it should be.
    """

    article: Article
    statement: Statement

    @property
    def cue(self) -> str:
        """The words that report it ("confirmed")."""
        return self._cut(self.statement.cue)

    @property
    def kind(self) -> StatementKind:
        """Whether it is quoted, retold, or both."""
        return self.statement.kind

    @property
    def speaker(self) -> Speaker | None:
        """Whom it belongs to, None where nobody is named."""
        return self.statement.speaker

    @property
    def resolved(self) -> Resolved:
        """How the name was found."""
        return "unresolved" if self.speaker is None else self.speaker.resolved

    @property
    def mention(self) -> str | None:
        """The speaker as printed there."""
        return None if self.speaker is None else self._cut(self.speaker.mention)

    @property
    def role(self) -> str | None:
        """Who the speaker is, in the article's words."""
        return None if self.speaker is None or self.speaker.role is None else self._cut(self.speaker.role)

    @property
    def label(self) -> str | None:
        """The name, or the mention where there is none."""
        return None if self.speaker is None else self.speaker.name or self.mention

    def _cut(self, span: Span) -> str:
        return self.article.text[span.start : span.end]

    @model_validator(mode="after")
    def _holds(self) -> Self:
        article = self.article
        for span in self.statement.spans:
            if not article.body <= span.start < span.end <= len(article.text):
                raise ValueError(f"{span.start}:{span.end} does not lie within article {article.id}")
        if self.speaker is not None and self.speaker.name is not None:
            named_at = self.speaker.named_at
            printed = "" if named_at is None else " ".join(self._cut(named_at).split())
            if self.speaker.name not in printed:
                raise ValueError(f"article {article.id} does not print {self.speaker.name!r} where it should")
        return self


class Claim(Frozen):
    """One thing the answer asserts. Several citations: the same words in several articles, which are one source.

    `reported` says whose words they are, None for the article's own; `stance` is towards what was asked about.
    """

    citations: tuple[Citation, ...]
    reported: Reported | None = None
    stance: Stance | None = None

    @property
    def text(self) -> str:
        """The claim in the article's own words."""
        return self.citations[0].quote

    @model_validator(mode="after")
    def _proved(self) -> Self:
        if not self.citations:
            raise ValueError("a claim needs a citation")
        return self


class Found(Frozen):
    """A retrieved passage: `score` is the fused score in [0, 1], `citation` where it stands."""

    score: float
    citation: Citation


class Collection(Frozen):
    """What was asked: the archive's generation, and how many articles and passages it held."""

    generation: int
    articles: int
    passages: int


class Answer(Frozen):
    """The reply to one question: claims best first, or an abstention; always with the passages that were nearest.

    `question` is what was given, `interpreted_as` what was asked of the archive. `confidence` is in [0, 1].
    """

    question: str
    interpreted_as: str
    kind: Kind
    filters: Filters
    session: str | None = None
    outcome: Outcome
    answer: str | None = None
    confidence: float
    claims: tuple[Claim, ...] = ()
    passages: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()
    timings_ms: dict[str, float]
    archive: Collection
