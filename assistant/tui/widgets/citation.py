"""A citation as a line to open or to copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.dom import DOMNode
from textual.message import Message
from textual.widgets import Static

from assistant.visible import one_line

if TYPE_CHECKING:
    from assistant.answer import Citation


# Of a heading or a by-line; metadata may hold anything.
_LONGEST_SHOWN = 200


class Reference(NamedTuple):
    """A citation with its number in the answer; `answers` is false for a passage that was only near the question."""

    number: int
    citation: Citation
    answers: bool

    @property
    def label(self) -> str:
        """The number as it is shown: square brackets for what answers, round ones for what does not."""
        return f"[{self.number}]" if self.answers else f"({self.number})"

    @property
    def name(self) -> str:
        """What it is, in words."""
        return f"Citation {self.number}" if self.answers else f"Nearest passage {self.number}"


class CitationLine(HorizontalGroup, can_focus=True):
    """One of an answer's references: number, heading, by-line. Enter or a click opens it."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="enter"),
        Binding("up", "app.focus_previous", "Previous", show=False),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("c", "copy", "Copy"),
        *(Binding(str(number), f"open({number})", "Open by number", show=False) for number in range(1, 10)),
    ]

    class Opened(Message):
        """The article of `references[index]` is wanted."""

        def __init__(self, references: Sequence[Reference], index: int) -> None:
            super().__init__()
            self.references = references
            self.index = index

    class Typed(Message):
        """Something was typed that is no key of this line: the beginning of a question."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    def __init__(self, references: Sequence[Reference], index: int) -> None:
        super().__init__()
        self._references = references
        self._index = index

    @property
    def reference(self) -> Reference:
        """What this line stands for."""
        return self._references[self._index]

    def compose(self) -> ComposeResult:
        """The number, and beside it the heading, and below that the by-line."""
        heading, by = titled(self.reference.citation)
        yield Static(Content(self.reference.label), classes="number")
        yield Static(Content.assemble(heading, (f"\n{by}" if by else "", "$foreground-muted")), classes="byline")

    def action_open(self, number: int | None = None) -> None:
        """Open this citation, or another of the same answer by its number."""
        index = self._index if number is None else number - 1
        if index < len(self._references):
            self.post_message(self.Opened(self._references, index))

    def action_copy(self) -> None:
        """Copy quotation, by-line and place."""
        copy(self, self.reference)

    def on_click(self) -> None:
        """Open what was clicked."""
        self.action_open()

    def on_key(self, event: events.Key) -> None:
        """Whoever begins to type writes a question, wherever the focus is."""
        if event.is_printable and event.character is not None and event.character not in "c123456789 ":
            event.stop()
            self.post_message(self.Typed(event.character))


def titled(citation: Citation) -> tuple[str, str]:
    """The heading of the article, and who wrote it, where and when, as far as that is known."""
    from assistant.present import byline

    heading = one_line(citation.article.heading)
    by = byline(citation.article).removeprefix(heading).removeprefix(" · ")
    return _cut(heading), _cut(by)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def copy(node: DOMNode, reference: Reference) -> None:
    """Send a citation to the terminal's clipboard, and say so."""
    from assistant.present import clipping

    node.app.copy_to_clipboard(clipping(reference.citation))
    node.app.notify(f"{reference.name}, sent to the clipboard", markup=False, timeout=3)
