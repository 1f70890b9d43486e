"""What the assistant gives: answers made of claims, claims made of citations, citations that cannot misquote."""

from __future__ import annotations

import hashlib
from typing import Literal, Self

from pydantic import model_validator

from index.model import Article, Filters, Frozen

Kind = Literal["who_said", "what_said", "disagree", "fact", "open"]
Outcome = Literal["answered", "abstained"]


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


class Claim(Frozen):
    """One thing the answer asserts. Several citations: the same words in several articles, which are one source."""

    citations: tuple[Citation, ...]

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
