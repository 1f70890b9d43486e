"""Answers as other programs read them (the JSON of the command line's contract) and as people do (text)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from assistant.answer import Answer, Citation, Claim, Collection, Found, Reported, Stance
from assistant.visible import one_line, visible
from index.model import Article, Filters, Span, Statement

if TYPE_CHECKING:
    from index.store.articles import Listed
    from index.store.statements import Named


_SIDES: dict[Stance | None, str] = {
    "disputes": "disputes it",
    "qualifies": "with reservations",
    "declines": "declines to say",
}
_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)
_LONGEST_MENTION = 60


class Line(NamedTuple):
    """A line of text for people: how far it is indented, and what it is, which decides how a terminal shows it."""

    text: str
    role: str = "plain"  # heading, quote, source, note or plain
    indent: int = 0


def dumped(value: dict[str, Any]) -> str:
    """One JSON document on one line, in ASCII: no locale, pipe or line splitter can harm it."""
    return json.dumps(value, ensure_ascii=True, separators=(", ", ": "))


def answer_json(answer: Answer, *, identity: str | None = None) -> dict[str, Any]:
    """An answer in the contract's form; `identity` is the id of the batch row it answers."""
    return {
        "id": identity,
        "question": answer.question,
        "interpreted_as": answer.interpreted_as,
        "session": answer.session,
        "filters": _filters_json(answer.filters),
        "outcome": answer.outcome,
        "answer": answer.answer,
        "confidence": round(answer.confidence, 4),
        "asks_back": None,
        "error": None,
        "claims": [_claim_json(claim) for claim in answer.claims],
        "passages": list(found_json(answer.passages)),
        "notes": list(answer.notes),
        "timings_ms": answer.timings_ms,
        "archive": answer.archive.model_dump(),
    }


def error_json(
    message: str,
    *,
    identity: str | None,
    question: str,
    archive: Collection,
    session: str | None = None,
    filters: Filters | None = None,
) -> dict[str, Any]:
    """A row that could not be asked, with all the keys of an answer."""
    return {
        "id": identity,
        "question": question,
        "interpreted_as": question,
        "session": session,
        "filters": _filters_json(filters or Filters()),
        "outcome": "error",
        "answer": None,
        "confidence": 0,
        "asks_back": None,
        "error": message,
        "claims": [],
        "passages": [],
        "notes": [],
        "timings_ms": {},
        "archive": archive.model_dump(),
    }


def found_json(passages: Sequence[Found]) -> Iterator[dict[str, Any]]:
    """Passages in the contract's form, ranks from 1."""
    for rank, found in enumerate(passages, start=1):
        citation = found.citation
        yield {
            "rank": rank,
            "score": round(found.score, 4),
            "article": citation.article.id,
            "record": citation.article.record,
            "source": citation.article.source,
            "start": citation.start,
            "end": citation.end,
            "text": citation.quote,
        }


def article_json(listed: Listed) -> dict[str, Any]:
    """An article as `list --json` shows it."""
    article = listed.article
    return {
        "article": article.id,
        "record": article.record,
        "source": article.source,
        "line": article.line,
        "title": article.title,
        "outlet": article.outlet,
        "authors": list(article.authors),
        "published": article.published,
        "published_precision": article.published_precision,
        "updated": article.updated,
        "language": article.language,
        "url": article.url,
        "text_sha256": article.text_sha256,
        "characters": len(article.text),
        "passages": listed.passages,
        "statements": listed.statements,
    }


def statement_json(article: Article, statement: Statement) -> dict[str, Any]:
    """A statement as `statements --json` shows it."""
    reported = Reported(article=article, statement=statement)
    speaker = speaker_json(reported)
    if speaker is not None:
        del speaker["named_at"]
    return {
        "article": article.id,
        "record": article.record,
        "source": article.source,
        "outlet": article.outlet,
        "published": article.published,
        "kind": statement.kind,
        "speaker": speaker,
        "cue": [_span_json(article, statement.cue)],
        "content": [_span_json(article, span) for span in statement.content],
    }


def statement_text(article: Article, statement: Statement) -> Iterator[Line]:
    """A statement for a person: who, with which cue, what."""
    reported = Reported(article=article, statement=statement)
    yield Line(whose(reported), "heading")
    for span in statement.content:
        yield Line(visible(article.text[span.start : span.end]), "quote", 2)
    yield Line(byline(article), "source", 2)
    yield Line("")


def speaker_line_json(named: Named) -> dict[str, Any]:
    """A speaker as `speakers --json` shows one."""
    return {**named._asdict(), "outlets": list(named.outlets)}


def speaker_line(named: Named) -> Line:
    """A speaker on one line of a list."""
    dates = named.first or "undated"
    if named.last and named.last != named.first:
        dates += f" to {named.last}"
    told = one_line(f"{named.name} ({dates}; {', '.join(named.outlets) or 'no outlet'})")
    return Line(f"{named.statements:>6,}  {told}")


def answer_text(answer: Answer) -> Iterator[Line]:
    """An answer for a person: the answer, then the quotations with where they stand; or why there is none."""
    if answer.claims:
        if (above := headline(answer)) is not None:
            yield Line(visible(above), "heading")
            yield Line("")
        for number, claim in enumerate(answer.claims, start=1):
            yield from _claim_text(number, claim)
        yield Line(f"confidence {answer.confidence:.2f}", "note")
    else:
        yield Line("No answer: nothing in this archive supports one.", "heading")
        yield Line(f"confidence {answer.confidence:.2f} that there is one", "note")
        if answer.passages:
            yield Line("")
            yield Line("Nearest passages, which are not an answer:", "plain")
            yield from passages_text(answer.passages[:3])
    for note in answer.notes:
        yield Line(f"note: {one_line(note)}", "note")


def headline(answer: Answer) -> str | None:
    """What stands above the quotations: the short answer, where it says more than the first of them; or why none."""
    if answer.answer is not None:
        return None if answer.answer == answer.claims[0].text else answer.answer
    stances = {claim.stance for claim in answer.claims}
    if answer.kind == "who_said" and stances & {"supports", "qualifies"}:
        return "It is said, but by nobody who is named."
    if answer.kind == "who_said" and stances == {"disputes"}:
        return "Nobody is found to say so."
    if answer.kind == "disagree" and "disputes" not in stances:
        return "Nobody is found to dispute it."
    return None


def passages_text(passages: Iterable[Found]) -> Iterator[Line]:
    """Passages for a person, best first."""
    for rank, found in enumerate(passages, start=1):
        yield Line("")
        yield Line(f"{rank}. {visible(found.citation.quote)}", "quote")
        yield from _source_lines(found.citation, indent=3)


def listed_text(listed: Listed) -> Line:
    """An article on one line of a list."""
    article = listed.article
    parts = (article.id[:8], article.published or "undated", article.outlet or "-", article.heading)
    return Line("  ".join(one_line(part) for part in parts))


def article_text(article: Article) -> Iterator[Line]:
    """A whole article for a person."""
    yield Line(one_line(article.heading), "heading")
    yield Line(byline(article), "source")
    yield Line(one_line(f"{article.id}  {article.source}"), "note")
    yield Line("")
    yield from (Line(text) for text in visible(article.text[article.body :]).split("\n"))


def byline(article: Article) -> str:
    """Who, where and when, on one line: authors, outlet, date; and the heading of the article."""
    parts = (article.heading, ", ".join(article.authors), article.outlet, article.published)
    return one_line(" · ".join(part for part in parts if part))


def place(citation: Citation) -> str:
    """Where a citation stands: the file, the line in it, the characters of the article's text."""
    article = citation.article
    line = article.line or 1 + article.text.count("\n", 0, citation.start)
    return one_line(f"{article.source}:{line} (characters {citation.start}–{citation.end})")


def clipping(citation: Citation) -> str:
    """A citation to be pasted elsewhere: the quotation, its by-line, its place."""
    url = citation.article.url
    lines = [f"“{visible(citation.quote)}”", f"— {byline(citation.article)}", place(citation)]
    return "\n".join(lines if url is None else [*lines, one_line(url)])


def whose(reported: Reported) -> str:
    """Whose words: the name or the mention, who that is, and how it is reported."""
    if reported.label is None:
        who = "nobody named"
    else:
        who = reported.label.rstrip(" ,")
        if reported.role is not None and reported.role not in who:
            who += f", {reported.role}"
        if (printed := _printed(reported)) is not None:
            who += f" (“{printed}”)"
    return one_line(f"{who} — {reported.cue}")


def _printed(reported: Reported) -> str | None:
    """The mention without its apposition, where it says more than the name and the role; None where it does not."""
    mention = reported.mention
    if mention is None or reported.speaker is None or reported.speaker.name is None:
        return None
    head = one_line(mention).split(", ")[0].rstrip(" ,")
    known = reported.role is not None or _ARTICLE.sub("", head) in reported.speaker.name
    if reported.resolved == "named" and known:
        return None
    return head if len(head) <= _LONGEST_MENTION else f"{head[:_LONGEST_MENTION].rsplit(' ', 1)[0]} …"


def side(claim: Claim) -> str:
    """The side a claim takes towards what was asked, in words to stand behind its speaker; empty for support."""
    words = _SIDES.get(claim.stance)
    return f" [{words}]" if words else ""


def _claim_text(number: int, claim: Claim) -> Iterator[Line]:
    mark = f"[{number}] "
    if claim.reported is not None:
        yield Line(f"{mark}{whose(claim.reported)}{side(claim)}", "heading")
        yield Line(f"“{visible(claim.text)}”", "quote", len(mark))
    else:
        yield Line(f"{mark}“{visible(claim.text)}”", "quote")
    for citation in claim.citations:
        yield from _source_lines(citation, indent=len(mark))
    yield Line("")


def _source_lines(citation: Citation, *, indent: int) -> Iterator[Line]:
    yield Line(byline(citation.article), "source", indent)
    yield Line(place(citation), "note", indent)


def _claim_json(claim: Claim) -> dict[str, Any]:
    reported = claim.reported
    return {
        "text": claim.text,
        "stance": claim.stance,
        "speaker": None if reported is None else speaker_json(reported),
        "cue": None if reported is None else reported.cue,
        "kind": None if reported is None else reported.kind,
        "citations": [_citation_json(citation) for citation in claim.citations],
    }


def speaker_json(reported: Reported) -> dict[str, Any] | None:
    """Whom words belong to, in the contract's form; None where nobody is named."""
    speaker = reported.speaker
    if speaker is None:
        return None
    named_at = speaker.named_at
    return {
        "name": speaker.name,
        "mention": reported.mention,
        "start": speaker.mention.start,
        "end": speaker.mention.end,
        "role": reported.role,
        "resolved": speaker.resolved,
        "named_at": None if named_at is None else {"start": named_at.start, "end": named_at.end},
    }


def _citation_json(citation: Citation) -> dict[str, Any]:
    article = citation.article
    return {
        "article": article.id,
        "record": article.record,
        "title": article.title,
        "outlet": article.outlet,
        "published": article.published,
        "source": article.source,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def _span_json(article: Article, span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": article.text[span.start : span.end]}


def _filters_json(filters: Filters) -> dict[str, Any]:
    return filters.model_dump(mode="json")
