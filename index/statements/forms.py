"""A statement as the models read it, in training and at run time: who said it, with which cue, and what was said."""

from __future__ import annotations

from collections.abc import Sequence

from index.model import Span, Statement

# Characters of the text on each side that the form with context shows.
_CONTEXT = 120
# What the judge is shown of the text around: more before a statement, where "he" and "that" are explained.
_BEFORE, _AFTER = 160, 80


def statement_text(text: str, statement: Statement, *, named: bool = True) -> str:
    """A statement with speaker, role and cue: "Ann Doe, the mayor, denied: …"; with `named` false, nobody's name.

    A name that was not resolved is given as the article prints the mention.
    """
    who = _who(text, statement) if named and statement.speaker is not None else None
    return attributed(who, content(text, (statement.cue,)), content(text, statement.content))


def with_context(text: str, statement: Statement) -> str:
    """A statement as it stands, with about a sentence of the text on each side."""
    # The cue and speaker of a continued quotation stand in another paragraph.
    around = statement.content if statement.continued else (*statement.content, statement.cue, *_mentions(statement))
    return in_context(text, around)


def judged(text: str, statement: Statement, *, named: bool = True) -> str:
    """As `statement_text`, then in brackets what stands around it: "… [The mayor met voters. … Others left.]"."""
    # The cue and speaker of a continued quotation stand in another paragraph.
    spans = statement.content if statement.continued else (*statement.content, statement.cue, *_mentions(statement))
    return f"{statement_text(text, statement, named=named)} {surroundings(text, spans)}".rstrip()


def surroundings(text: str, spans: Sequence[Span]) -> str:
    """Whole words of the text before the first and after the last of some spans, in brackets; empty where none are."""
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    around = (
        text[_words_from(text, first - _BEFORE, first) : first],
        text[last : _words_to(text, last, last + _AFTER)],
    )
    before, after = map(_folded, around)
    return f"[{before} … {after}]" if before or after else ""


def attributed(speaker: str | None, cue: str, said: str) -> str:
    """ "speaker cue: said", of parts whose white space is folded; the speaker left out when None."""
    return " ".join(part for part in (speaker, f"{cue}: {said}" if cue else said) if part)


def content(text: str, spans: Sequence[Span]) -> str:
    """The text of some spans, an ellipsis between them, white space folded."""
    return " … ".join(_folded(text[start:end]) for start, end in spans)


def in_context(text: str, spans: Sequence[Span]) -> str:
    """The text from the first to the last of some spans, and whole words of its surroundings; white space folded."""
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    return _folded(text[_words_from(text, first - _CONTEXT, first) : _words_to(text, last, last + _CONTEXT)])


def _who(text: str, statement: Statement) -> str:
    speaker = statement.speaker
    assert speaker is not None
    name = speaker.name or content(text, (speaker.mention,))
    role = content(text, (speaker.role,)) if speaker.role is not None else ""
    return f"{name}, {role}," if role and role not in name else name


def _mentions(statement: Statement) -> tuple[Span, ...]:
    return () if statement.speaker is None else (statement.speaker.mention,)


def _words_from(text: str, start: int, end: int) -> int:
    """The start of the first whole word of `text[start:end]`."""
    start = max(start, 0)
    while 0 < start < end and not text[start - 1].isspace():
        start += 1
    return start


def _words_to(text: str, start: int, end: int) -> int:
    """The end of the last whole word of `text[start:end]`."""
    end = min(end, len(text))
    while start < end < len(text) and not text[end].isspace():
        end -= 1
    return end


def _folded(text: str) -> str:
    return " ".join(text.split())
