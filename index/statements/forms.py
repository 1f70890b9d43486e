"""A statement as the models read it: who, as what, with which cue, and what was said."""

from __future__ import annotations

from index.model import Span, Statement

# Characters of the text on each side that the form with context shows.
_CONTEXT = 120


def statement_text(text: str, statement: Statement, *, named: bool = True) -> str:
    """As in "Mahmoud al-Rubaie, spokesman of …, confirms: the factions' readiness …"; with `named` false, nobody's name.

    A name that was not resolved is given as the article prints the mention. White space is folded.
    """
    said = " … ".join(text[span.start : span.end] for span in statement.content)
    cue = text[statement.cue.start : statement.cue.end]
    return _folded(f"{_who(text, statement)} {cue}: {said}" if named and statement.speaker else f"{cue}: {said}")


def with_context(text: str, statement: Statement) -> str:
    """The statement as it stands, with about a sentence of the text on each side. White space is folded."""
    spans = (*statement.content, statement.cue, *((statement.speaker.mention,) if statement.speaker else ()))
    if statement.continued:  # its cue and speaker stand in another paragraph
        spans = statement.content
    whole = Span(min(span.start for span in spans), max(span.end for span in spans))
    start, end = max(whole.start - _CONTEXT, 0), min(whole.end + _CONTEXT, len(text))
    while 0 < start < whole.start and not text[start - 1].isspace():
        start += 1
    while whole.end < end < len(text) and not text[end].isspace():
        end -= 1
    return _folded(text[start:end])


def _who(text: str, statement: Statement) -> str:
    speaker = statement.speaker
    assert speaker is not None
    name = speaker.name or text[speaker.mention.start : speaker.mention.end]
    role = text[speaker.role.start : speaker.role.end] if speaker.role is not None else ""
    return f"{name}, {role}," if role and role not in name else name


def _folded(text: str) -> str:
    return " ".join(text.split())
