"""What stands where the answers will be."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from assistant.visible import one_line

_WHAT = "Ask about the articles of this archive."
_HOW = (
    "Every answer is made of their own words. Each quotation has a number:\n"
    "type it, or press Tab and Enter, to read it where it stands."
)
_EXAMPLES = "who said …?\nwhat did … say about …?\nwhen did …?"
_EMPTY = "This archive holds no articles yet."
_FILL = "Quit with Ctrl+Q, add a file or a folder of them, and open the chat again:\n\nonrecord add FOLDER"


class Welcome(Static):
    """Says what can be done here, before anything was asked."""

    def __init__(self) -> None:
        super().__init__(_lines(_WHAT, _HOW, _EXAMPLES))

    def ready(self, *, empty: bool) -> None:
        """The archive is open."""
        self.update(_lines(_EMPTY, _FILL) if empty else _lines(_WHAT, _HOW, _EXAMPLES))

    def fail(self, message: str, hint: str) -> None:
        """The archive could not be opened."""
        self.update(_lines(f"Error: {one_line(message)}", f"→ {one_line(hint)}"))


def _lines(first: str, *others: str) -> Content:
    return Content("\n\n").join(
        [Content.styled(first, "bold"), *(Content.styled(one, "$foreground-muted") for one in others)]
    )
