"""An article, open at what was cited from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from assistant.tui.widgets.article_text import ArticleText
from assistant.tui.widgets.citation import Reference, copy, titled


class ArticleScreen(Screen[None]):
    """The article of `references[index]`, with the way to the other references of the same answer."""

    CSS_PATH = "article.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", key_display="esc"),
        Binding("n,right", "turn(1)", "Next", key_display="n"),
        Binding("p,left", "turn(-1)", "Previous", key_display="p"),
        Binding("enter", "to_citation", "Quotation", key_display="enter"),
        Binding("c", "copy", "Copy"),
    ]

    def __init__(self, references: Sequence[Reference], index: int) -> None:
        super().__init__()
        self._references = references
        self._index = index

    def compose(self) -> ComposeResult:
        """What the article is, its text, and which citation it is open at."""
        with VerticalGroup(id="about"):
            yield Static(id="heading", markup=False)
            yield Static(id="byline", markup=False)
            yield Static(id="place", markup=False)
        yield ArticleText()
        yield Static(id="position", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Open at the first place asked for."""
        self._show()
        self.query_one(ArticleText).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """No way to other citations where there is one only."""
        return action != "turn" or len(self._references) > 1

    def action_turn(self, step: int) -> None:
        """Go to the next or the previous reference, round and round."""
        self._index = (self._index + step) % len(self._references)
        self._show()

    def action_to_citation(self) -> None:
        """Scroll back to the quotation."""
        self.query_one(ArticleText).to_citation()

    def action_copy(self) -> None:
        """Copy quotation, by-line and place."""
        copy(self, self._references[self._index])

    def action_copy_text(self) -> None:
        """Copy what the mouse has selected, else the citation."""
        if selected := self.get_selected_text():
            self.app.copy_to_clipboard(selected)
        else:
            self.action_copy()

    def _show(self) -> None:
        from assistant.present import place

        reference = self._references[self._index]
        citation = reference.citation
        article = citation.article
        heading, by = titled(citation)
        self._set("heading", heading)
        self._set("byline", by)
        self._set("place", place(citation))
        self._set("position", _position(reference, len(self._references)))
        self.query_one(ArticleText).show(article.text, body=article.body, start=citation.start, end=citation.end)

    def _set(self, name: str, text: str) -> None:
        static = self.query_one(f"#{name}", Static)
        static.update(Content(text))
        static.display = bool(text)


def _position(reference: Reference, of: int) -> str:
    kind = "" if reference.answers else " · not an answer"
    return f"{reference.label} {reference.name} of {of}{kind}"
