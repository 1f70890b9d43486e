"""Understanding a question: that it can be asked, its kind, and what it is limited to."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date

from assistant.answer import Kind
from index.errors import UnusableQuestion
from index.model import Filters, Frozen

LONGEST = 2000

_SAYING = (
    r"say|says|said|claim(?:s|ed)?|stat(?:e|es|ed)|announc(?:e|es|ed)|confirm(?:s|ed)?|warn(?:s|ed)?|argu(?:e|es|ed)|"
    r"tell|tells|told|suggest(?:s|ed)?|report(?:s|ed)?|insist(?:s|ed)?|think|thinks|thought|believ(?:e|es|ed)|promis(?:e|es|ed)|"
    r"predict(?:s|ed)?|threaten(?:s|ed)?|declar(?:e|es|ed)|mention(?:s|ed)?|explain(?:s|ed)?|add(?:s|ed)?"
)
_DISPUTING = (
    r"disput\w*|den(?:y|ies|ied)|disagree\w*|contradict\w*|reject\w*|refut\w*|doubt\w*|oppos\w*|question(?:s|ed)"
)
# The first that matches. A method of our own, to be replaced where statements are known.
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("disagree", re.compile(rf"\bwho\b(?:\s+\w+)?\s+(?:{_DISPUTING})\b", re.IGNORECASE)),
    ("who_said", re.compile(rf"\b(?:who|which \w+)\b(?:\s+\w+){{0,2}}?\s+(?:{_SAYING})\b", re.IGNORECASE)),
    ("what_said", re.compile(rf"\bwhat\s+(?:did|does|do|has|have|had)\b.*\b(?:{_SAYING})\b", re.IGNORECASE)),
    (
        "open",
        re.compile(
            r"\b(?:what happened|why|how (?:did|does|do|was|were|is|are|has|have)|tell me|describe|explain|summar)",
            re.IGNORECASE,
        ),
    ),
    ("fact", re.compile(r"\b(?:who|whom|whose|when|where|which|what|how)\b", re.IGNORECASE)),
)  # fmt: skip


class Question(Frozen):
    """A question that can be asked."""

    text: str
    kind: Kind
    filters: Filters


def understand(text: str, filters: Filters) -> Question:
    """Check a question and tell its kind. Raises `UnusableQuestion` when there is nothing to ask, or far too much."""
    stripped = text.strip()
    if not any(character.isalnum() for character in stripped):
        raise UnusableQuestion("the question is empty", "ask one in words")
    if len(stripped) > LONGEST:
        raise UnusableQuestion(
            f"the question has {len(stripped):,} characters, more than {LONGEST:,}", "ask a shorter one"
        )
    if any("\ud800" <= character <= "\udfff" for character in stripped):
        raise UnusableQuestion("the question is not valid Unicode", "type it anew")
    return Question(text=stripped, kind=_kind(stripped), filters=filters)


def filters_of(
    *,
    since: str | None = None,
    until: str | None = None,
    outlet: Sequence[str] = (),
    author: Sequence[str] = (),
    speaker: Sequence[str] = (),
    language: Sequence[str] = (),
) -> Filters:
    """Filters from what a person wrote: a year or a month stands for its first or last day.

    Raises `UnusableQuestion`.
    """
    if speaker:
        raise UnusableQuestion("the archive does not know speakers yet", "leave out the speaker filter")
    first = None if since is None else _day(since, "since", last=False)
    final = None if until is None else _day(until, "until", last=True)
    if first and final and first > final:
        raise UnusableQuestion(f"since {first} is after until {final}", "exchange them")
    return Filters(since=first, until=final, outlet=tuple(outlet), author=tuple(author), language=tuple(language))


def _kind(text: str) -> Kind:
    for kind, pattern in _KINDS:
        if pattern.search(text):
            return kind
    return "open"


def _day(text: str, name: str, *, last: bool) -> str:
    found = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text.strip(), re.ASCII)
    try:
        if found is None:
            raise ValueError
        year, month, day = (None if part is None else int(part) for part in found.groups())
        assert year is not None
        month = month if month is not None else (12 if last else 1)
        day = day if day is not None else (calendar.monthrange(year, month)[1] if last else 1)
        return date(year, month, day).isoformat()
    except ValueError:
        raise UnusableQuestion(
            f"{name}: {text[:40]!r} is not a date", "write it as 2020-01-24, 2020-01 or 2020"
        ) from None
