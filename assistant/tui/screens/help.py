"""What the keys do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

_KEYS = {
    "Asking": (
        ("Enter", "ask; a citation's number opens it"),
        ("↑ ↓", "earlier and later questions"),
        ("Esc", "stop the answer being made"),
        ("Tab", "to the citations of the last answer"),
        ("PgUp PgDn", "scroll the answers"),
    ),
    "On a citation": (
        ("Enter 1–9", "open it, or another by its number"),
        ("↑ ↓", "previous and next citation"),
        ("c", "copy quotation, by-line, date and place"),
        ("Esc", "back to the question; typing begins one"),
    ),
    "In an article": (
        ("n p", "next and previous citation"),
        ("Enter", "scroll back to the quotation"),
        ("c", "copy quotation, by-line, date and place"),
        ("Esc", "back to the answers"),
    ),
    "Anywhere": (
        ("F2", "light or dark"),
        ("Ctrl+P", "every command, by name; more themes"),
        ("Ctrl+C", "copy what is selected, else stop; never quits"),
        ("Ctrl+Q", "quit"),
    ),
}


class HelpScreen(ModalScreen[None]):
    """The keys, by where they work."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,f1", "dismiss", "Close", key_display="esc")]

    def compose(self) -> ComposeResult:
        """A table of keys for each place."""
        with VerticalScroll(id="keys"):
            for place, keys in _KEYS.items():
                yield Static(Content(place), classes="place")
                for key, does in keys:
                    yield Static(Content.assemble((f"{key:<11}", "bold"), does), classes="key")
            yield Static(Content("Esc closes this."), classes="closing")
