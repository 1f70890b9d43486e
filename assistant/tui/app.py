"""The chat as an app: it opens at once, and loads what it needs behind the first screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from assistant.tui.screens.chat import ChatScreen
from assistant.tui.screens.help import HelpScreen
from assistant.tui.themes import INK, PAPER

if TYPE_CHECKING:
    from assistant.engine import Assistant


class ChatApp(App[None]):
    """Ask, read the answer, open what it rests on.

    `open_assistant` is called in a thread, with a function to be told of what takes long; `archive` is what the
    archive is called on the screen.
    """

    TITLE = "onrecord"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-high")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("f2", "light_or_dark", "Light or dark", show=False),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(
        self,
        open_assistant: Callable[[Callable[[str], None]], Assistant],
        *,
        archive: str = "",
        theme: str = INK.name,
    ) -> None:
        super().__init__()
        self.register_theme(INK)
        self.register_theme(PAPER)
        self.theme = theme
        self._chat = ChatScreen(open_assistant, archive=archive)

    @property
    def unfinished(self) -> str:
        """What is still being done to open the archive, in words; nothing when it is open."""
        return self._chat.state if self._chat.opening else ""

    def on_mount(self) -> None:
        """Show the chat."""
        self.push_screen(self._chat)

    def action_help(self) -> None:
        """Show what the keys do."""
        self.push_screen(HelpScreen())

    def action_light_or_dark(self) -> None:
        """Change between ink and paper."""
        self.theme = PAPER.name if self.current_theme.dark else INK.name

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the command palette offers."""
        yield from super().get_system_commands(screen)
        yield SystemCommand("Help", "What the keys do", self.action_help)
        yield SystemCommand("Light or dark", "Change between paper and ink", self.action_light_or_dark)


def run(directory: Path) -> int:
    """Open the chat over the archive in `directory`, and give the exit status when it is closed."""

    def open_assistant(notify: Callable[[str], None]) -> Assistant:
        from assistant.engine import Assistant

        return Assistant.open(directory, notify=notify)

    try:
        return asyncio.run(_run(ChatApp(open_assistant, archive=_short(directory))))
    except KeyboardInterrupt:
        return 130


async def _run(app: ChatApp) -> int:
    await app.run_async()
    if app.unfinished:
        # Python waits for the thread that opens the archive: better to say so than to seem to hang.
        sys.stderr.write(f"not done yet: {app.unfinished}\n")
        sys.stderr.flush()
    return app.return_code or 0


def _short(directory: Path) -> str:
    """A path as people write it: from the home directory, where it lies there."""
    absolute = directory.absolute()
    return f"~/{absolute.relative_to(Path.home())}" if absolute.is_relative_to(Path.home()) else str(absolute)
