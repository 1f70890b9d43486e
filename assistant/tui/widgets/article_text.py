"""The text of an article, drawn row by row, so that a long one opens as fast as a short one."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from assistant.tui.wrapping import Row, row_of, wrap
from assistant.visible import visible

# Cells of a row: longer ones are hard to read on.
_MEASURE = 84
_MARK = "▌ "


class ArticleText(ScrollView, can_focus=True):
    """The text from `body` on, with the characters `start:end` set off by colour, weight and a bar in the margin."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"article-text--cited", "article-text--mark"}
    ALLOW_SELECT = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "page_down", "Page down", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._body = self._start = self._end = 0
        self._rows: list[Row] = []
        self._height = 0

    def show(self, text: str, *, body: int, start: int, end: int) -> None:
        """Show another place, perhaps of another article."""
        self._text = visible(text).replace("\t", " ")
        self._body = body + len(self._text[body:]) - len(self._text[body:].lstrip())
        self._start, self._end = start, end
        self._lay_out()
        self.to_citation()

    def to_citation(self) -> None:
        """Scroll to the characters that are set off, with a little of what stands before them."""
        self._scroll(row_of(self._rows, self._start) - self.size.height // 4)

    def on_resize(self, event: events.Resize) -> None:
        """Cut the rows anew, and keep on the screen what was: the citation, else the row at the top."""
        top = round(self.scroll_y)
        shown = self._rows[top : top + self._height]
        self._height = event.size.height
        self._lay_out()
        if not shown or self._cited(shown[0]) or (shown[0].start <= self._start < shown[-1].end):
            self.to_citation()
        else:
            self._scroll(row_of(self._rows, shown[0].start))

    def render_line(self, y: int) -> Strip:
        """One row of the screen: margin, bar, text."""
        base = self.rich_style
        number = round(self.scroll_y) + y
        if number >= len(self._rows):
            return Strip.blank(self.size.width, base)
        row = self._rows[number]
        left = " " * self._margin
        mark = (
            Segment(_MARK, self.get_component_rich_style("article-text--mark"))
            if self._cited(row)
            else Segment(" " * len(_MARK), base)
        )
        text = Strip(self._segments(row, number, base)).apply_offsets(0, number)
        line = Strip.join([Strip([Segment(left, base), mark]), text])
        return line.extend_cell_length(self.size.width, base).crop(0, self.size.width)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse has selected, with the line ends of the text and not those of the screen."""
        start = self._body if selection.start is None else self._offset(selection.start)
        end = len(self._text) if selection.end is None else self._offset(selection.end)
        return self._text[start:end], "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - Textual's signature
        """Draw anew."""
        self.refresh()

    @property
    def _width(self) -> int:
        """Cells of a row: at least the bar and a space stand before it, at least the scroll bar and a space behind."""
        return max(min(self.outer_size.width - 2 * len(_MARK), _MEASURE), 1)

    @property
    def _margin(self) -> int:
        """Cells before the bar, so that the text stands in the middle."""
        return max((self.outer_size.width - self._width) // 2 - len(_MARK), 0)

    def _cited(self, row: Row) -> bool:
        return row.start < self._end and self._start < max(row.end, row.start + 1)

    def _lay_out(self) -> None:
        if self.size.width:
            self._rows = wrap(self._text, self._width, start=self._body)
            self.virtual_size = Size(self.size.width, len(self._rows))
            self.refresh()

    def _scroll(self, row: int) -> None:
        self.scroll_to(y=max(row, 0), animate=False, immediate=True)

    def _offset(self, place: Offset) -> int:
        if place.y >= len(self._rows):
            return len(self._text)
        row = self._rows[place.y]
        return min(row.start + place.x, row.end)

    def _segments(self, row: Row, number: int, base: Style) -> list[Segment]:
        styles = [(self._start, self._end, self.get_component_rich_style("article-text--cited"))]
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(number)) is not None:
            start, end = span
            last = row.end if end < 0 else row.start + end
            styles.append((row.start + start, last, self.screen.get_component_rich_style("screen--selection")))
        cuts = {row.start, row.end} | {
            at for start, end, _ in styles for at in (start, end) if row.start < at < row.end
        }
        edges = sorted(cuts)
        segments: list[Segment] = []
        for start, end in pairwise(edges):
            style = base
            for first, last, own in styles:
                if first <= start and end <= last:
                    style += own
            segments.append(Segment(self._text[start:end], style))
        return segments
