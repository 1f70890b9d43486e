"""Where the question is typed."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input

from assistant.visible import visible


class Prompt(Input):
    """One line that remembers what was asked: up and down go through it, and what was being typed comes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Ask", key_display="enter"),
        Binding("up", "earlier", "Earlier question", show=False),
        Binding("down", "later", "Later question", show=False),
        Binding("tab", "screen.first_citation", "Citations"),
    ]

    def __init__(self) -> None:
        super().__init__(placeholder="Ask about the articles …", compact=True, select_on_focus=False)
        self._asked: list[str] = []
        self._at = 0
        self._draft = ""

    def remember(self, question: str) -> None:
        """Keep a question that was asked, and begin an empty one."""
        if self._asked[-1:] != [question]:
            self._asked.append(question)
        self._at = len(self._asked)
        self._draft = ""
        self.clear()

    def action_earlier(self) -> None:
        """Show the question asked before."""
        if self._at == len(self._asked):
            self._draft = self.value
        self._show(max(self._at - 1, 0))

    def action_later(self) -> None:
        """Show the question asked after, at last the one being typed."""
        self._show(min(self._at + 1, len(self._asked)))

    def _show(self, at: int) -> None:
        if at == self._at:
            return
        self._at = at
        self.value = [*self._asked, self._draft][at]
        self.cursor_position = len(self.value)

    def _on_paste(self, event: events.Paste) -> None:
        """Take all lines of what is pasted, not only the first, as one line without control characters."""
        event.prevent_default()
        event.stop()
        self.replace(_typeable(event.text), *self.selection)


def _typeable(text: str) -> str:
    """One line of `text`, without what would act on a terminal."""
    kept = (
        character if shown == character else " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else ""
        for character, shown in zip(text, visible(text), strict=True)
    )
    return " ".join("".join(kept).split())
