"""A claim: the quotation, and the lines that say where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.content import Content
from textual.widgets import Static

from assistant.tui.widgets.citation import CitationLine, Reference
from assistant.visible import visible

if TYPE_CHECKING:
    from assistant.answer import Claim

# A single line end inside a paragraph is where the source file was wrapped; the screen wraps anew.
_WRAPPED = re.compile(r"(?<!\n)\n(?!\n)")


class ClaimBlock(VerticalGroup):
    """One claim and its citations, `references[index]` for each index of `own`; `stressed` stands out in the quote."""

    def __init__(self, claim: Claim, references: Sequence[Reference], own: range, *, stressed: str) -> None:
        super().__init__()
        self._claim = claim
        self._references = references
        self._own = own
        self._stressed = stressed

    def compose(self) -> ComposeResult:
        """Whose words, where they are somebody's; then what was said; then where it stands."""
        if self._claim.reported is not None:
            from assistant.present import side, whose  # with pydantic: the first screen must not wait for it

            who = Content.assemble((whose(self._claim.reported), "bold"), side(self._claim))
            yield Static(who, classes="speaker")
        yield Static(quoted(self._claim.text, stressed=self._stressed), classes="quote")
        for index in self._own:
            yield CitationLine(self._references, index)


def quoted(text: str, *, stressed: str = "") -> Content:
    """A quotation for the transcript, character for character; `stressed`, a part of it, in bold."""
    content = Content(_WRAPPED.sub(" ", visible(text)).replace("\t", " "))
    at = text.find(stressed) if stressed and stressed != text else -1
    return content if at < 0 else content.stylize("bold", at, at + len(stressed))
