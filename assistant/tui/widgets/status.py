"""The line at the top: which archive, and what state it is in."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from assistant.visible import one_line


class StatusLine(HorizontalGroup):
    """The name of the archive on the left, its `state` in words on the right."""

    state: reactive[str] = reactive("")

    def __init__(self, archive: str) -> None:
        super().__init__()
        self._archive = archive

    def compose(self) -> ComposeResult:
        """Two texts on one row."""
        yield Static(
            Content.assemble(("onrecord", "bold"), "  ", (one_line(self._archive), "$foreground-muted")), id="archive"
        )
        yield Static(id="state", markup=False)

    def watch_state(self, state: str) -> None:
        """Show the state."""
        if self.is_mounted:
            self.query_one("#state", Static).update(Content(one_line(state)))
