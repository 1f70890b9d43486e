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
    r"say|says|said|saying|claim(?:s|ed)?|state[sd]?|announce[sd]?|confirm(?:s|ed)?|warn(?:s|ed)?|argue[sd]?|tell|tells|told|"
    r"suggest(?:s|ed)?|report(?:s|ed)?|insist(?:s|ed)?|thinks?|thought|believe[sd]?|promise[sd]?|predict(?:s|ed)?|declare[sd]?|"
    r"threaten(?:s|ed)?|mention(?:s|ed)?|explain(?:s|ed)?|add(?:s|ed)?|compare[sd]?|call(?:s|ed)?|describe[sd]?|write|wrote|"
    r"deny|denies|denied|respond(?:s|ed)?|reply|replied|propose[sd]?|want(?:s|ed)?|expect(?:s|ed)?|tweet(?:s|ed)?"
)
_DISPUTING = (
    r"disput\w*|den(?:y|ies|ied)|disagree\w*|contradict\w*|reject\w*|refut\w*|doubt\w*|oppos\w*|questioned|pushed back"
)
_ASIDE = r"(?:\s+(?!did\b|do\b|does\b)\w+){0,2}?"
_DISAGREE = re.compile(
    rf"\bwho\b{_ASIDE}\s+(?:{_DISPUTING})\b|\bwhat do (?:the )?others say\b|\bwho else sees it differently\b",
    re.IGNORECASE,
)
# "(Somebody's) claim that P": P is what is disputed, and not by whose claim it is.
_CLAIM = re.compile(
    r"^(?:(?P<claimant>[\w .’'-]{2,60}?)['’]s?\s+)?(?:(?:the|a|an|any|this|that)\s+)?(?:[\w-]+\s+){0,3}?"
    r"(?:idea|notion|claim|account|allegation|accusation|assertion|suggestion|statement|argument|contention|charge|report|"
    r"warning|view|belief|prediction)s?\s+that\s+(?P<claim>.+)$",
    re.IGNORECASE | re.DOTALL,
)
# What S said (about T); did S say P?
_WHAT_SAID = re.compile(
    rf"\bwhat\s+(?:else\s+)?(?:did|does|do|has|have|had|would)\s+(?P<subject>.+?)\s+(?:{_SAYING})\b"
    r"(?:\s+(?:about|on|of|regarding|concerning|to|over)\b)?\s*(?P<topic>.*)",
    re.IGNORECASE | re.DOTALL,
)
_DID_SAY = re.compile(
    rf"^(?:did|has|does)\s+(?P<subject>.+?)\s+(?:{_SAYING})\b(?:\s+that\b)?\s*(?P<topic>.*)", re.IGNORECASE | re.DOTALL
)
_WHO_SAID = re.compile(
    r"\b(?:who|which(?:\s+[\w'’-]+){1,4})(?:\s+\w+){0,2}?\s+(?:sa(?:id|ys)|sed|siad|sayd|t(?:old|ells)|claim(?:ed|s)|warn(?:ed|s)|"
    r"argue[sd]|confirm(?:ed|s)|insist(?:ed|s)|announce[sd]|promise[sd]|predict(?:ed|s)|think(?:s)?|thought|believe[sd]|"
    r"declin(?:ed|es)|refuse[sd])\b",
    re.IGNORECASE,
)
# Who or what told it, by a word for telling or thinking that is rarer: "which pundit likened", "what poll found". A
# passive ("who was called") asks for something else.
_WHO_TOLD = re.compile(
    r"^\W*(?:(?:and|but|so)\s+)?(?:who|whose|which|what\s+(?:survey|poll|study|report|newspaper|paper|magazine|outlet|network|"
    r"site|website|agency))\b(?:\s+[\w'’.-]+){0,6}?(?<!\bis)(?<!\bare)(?<!\bwas)(?<!\bwere)(?<!\bbe)(?<!\bbeen)(?<!\bgot)\s+"
    r"(?:likened|compare[sd]|quipped|joke[sd]|blame[sd]|remember(?:s|ed)|recall(?:s|ed)|accuse[sd]|allege[sd]|criticis?z?e[sd]|"
    r"mock(?:s|ed)|praise[sd]|credit(?:s|ed)|urge[sd]|vow(?:s|ed)|pledge[sd]|demand(?:s|ed)|complain(?:s|ed)|lament(?:s|ed)|"
    r"assert(?:s|ed)|maintain(?:s|ed)|admit(?:s|ted)|concede[sd]|acknowledge[sd]|suspect(?:s|ed)|note[sd]|reveal(?:s|ed)|"
    r"describe[sd]|call(?:s|ed)|consider(?:s|ed)|estimate[sd]|calculate[sd]|figure[sd]|caution(?:s|ed)|hope[sd]|fear(?:s|ed)|"
    r"worrie[sd]|wonder(?:s|ed)|wrote|writes|tweet(?:s|ed)|plead(?:s|ed)|boast(?:s|ed)|brag(?:s|ged)|slam(?:s|med)|blast(?:s|ed)|"
    r"condemn(?:s|ed)|denounce[sd]|dismiss(?:es|ed)|want(?:s|ed)|reckon(?:s|ed)|feels|felt|guesse[sd]|swears|swore|stresse[sd]|"
    r"suggest(?:s|ed)|propose[sd]|recommend(?:s|ed)|explain(?:s|ed)|declare[sd]|observe[sd]|remark(?:s|ed)|report(?:s|ed)|found|"
    r"applauded|hailed|welcomed|rebuked|ridiculed|speculated|contend(?:s|ed)|labell?ed|dubbed|favou?r(?:s|ed))\b",
    re.IGNORECASE,
)
# Silence is asked for as well.
_WHO_DECLINED = re.compile(
    r"\bwho(?:\s+else)?\s+(?:declin(?:ed|es)\s+to|refuse[sd]\s+to|(?:would|did)(?:\s+not|n['’]?t))\s+"
    r"(?:comment|say|answer|speculate|discuss|elaborate|respond|reply)\b(?:\s+(?:on|about|to|whether)\b)?\s*(?P<topic>.*)",
    re.IGNORECASE | re.DOTALL,
)
# What somebody did is told by the article itself, whoever reported it.
_WHO_DID = re.compile(
    r"^\W*(?:who|which(?:\s+[\w'’-]+){1,3})\s+(?:voted|won|lost|founded|owns?|owned|leads?|led|heads|headed|killed|died|paid|"
    r"bought|sold|built|runs|replaced|succeeded|attended|donated|gave)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"^\W*(?:(?:and|but|so|then)\s+)?"
    r"(?:what happened|why|how (?:did|does|do|was|were|is|are|has|have)\b|tell me|describe|explain|summar)",
    re.IGNORECASE,
)
_FACT = re.compile(
    r"^\W*(?:when|where|what|how|in which|on which|at which|to which|for which|whose|whom)\b", re.IGNORECASE
)
_MODAL = re.compile(r"\s+(?:have|has|had) to$", re.IGNORECASE)
_NOBODY = {"anyone", "anybody", "someone", "somebody", "they", "people", "others"}


class Question(Frozen):
    """A question that can be asked.

    `kind` is null where the words do not tell it and `kinds.by_vector` decides. `subject` is who was asked about, by
    name or office ("what did the mayor say …"); `topic` is what was spoken about, or what was said or disputed, where
    the words set it apart. `claimant` is whose claim is disputed, in "who disputes S's claim that P". `declining` is
    whether those are asked for who would not say.
    """

    text: str
    kind: Kind | None
    filters: Filters
    subject: str | None = None
    topic: str | None = None
    claimant: str | None = None
    declining: bool = False


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
    if declined := _WHO_DECLINED.search(stripped):
        topic = declined["topic"].strip(" ?.!,") or None
        return Question(text=stripped, kind="who_said", filters=filters, topic=topic, declining=True)
    kind, subject, topic = _understood(stripped)
    if kind == "disagree" and topic and (found := _CLAIM.match(topic)):
        return Question(text=stripped, kind=kind, filters=filters, topic=found["claim"], claimant=found["claimant"])
    return Question(text=stripped, kind=kind, filters=filters, subject=subject, topic=topic)


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
    first = None if since is None else _day(since, "since", last=False)
    final = None if until is None else _day(until, "until", last=True)
    if first and final and first > final:
        raise UnusableQuestion(f"since {first} is after until {final}", "exchange them")
    return Filters(
        since=first,
        until=final,
        outlet=tuple(outlet),
        author=tuple(author),
        speaker=tuple(speaker),
        language=tuple(language),
    )


def _understood(text: str) -> tuple[Kind | None, str | None, str | None]:
    """Kind, subject and topic, as far as the words tell."""
    if found := _DISAGREE.search(text):
        return "disagree", None, text[found.end() :].strip(" ?.!,").removeprefix("that ") or None
    asked = _WHAT_SAID.search(text)
    did_say = _DID_SAY.match(text) if asked is None else None
    if found := asked or did_say:
        subject, topic = _MODAL.sub("", found["subject"]).strip(" ,"), found["topic"].strip(" ?.!,") or None
        if subject.lower() in _NOBODY:
            return "who_said", None, topic
        return ("what_said" if asked else "who_said"), subject, topic
    if _WHO_SAID.search(text) or (_WHO_TOLD.match(text) and not _WHO_DID.match(text)):
        return "who_said", None, None
    if _OPEN.search(text):
        return "open", None, None
    return ("fact" if _FACT.match(text) or _WHO_DID.match(text) else None), None, None


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
