"""One question and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from assistant.tui.widgets.citation import CitationLine, Reference
from assistant.tui.widgets.claim import ClaimBlock, quoted
from assistant.visible import one_line, visible

if TYPE_CHECKING:
    from assistant.answer import Answer

# More of a question would push what came of it off the screen.
_LONGEST_SHOWN = 400
# So many of the nearest passages are shown in full; the others can be opened.
_PASSAGES_IN_FULL = 3


class Turn(VerticalGroup):
    """The question, and below it how it stands: a state in words, an answer, an abstention or an error."""

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question
        self.references: tuple[Reference, ...] = ()

    def compose(self) -> ComposeResult:
        """The question, and a state to come."""
        asked = one_line(self.question)
        if len(asked) > _LONGEST_SHOWN:
            asked = f"{asked[:_LONGEST_SHOWN]} … ({len(self.question):,} characters)"
        yield Static(Content(asked), classes="question")
        yield Static(classes="state", markup=False)

    def say(self, state: str) -> None:
        """Show how the question stands, in words."""
        self.query_one(".state", Static).update(Content(one_line(state)))

    async def fail(self, message: str, hint: str) -> None:
        """Show why there is no answer, and what to do about it."""
        await self._finish(
            [Static(Content.assemble(("Error: ", "bold"), one_line(message)), classes="error")]
            + ([Static(Content(f"→ {one_line(hint)}"), classes="hint")] if hint else [])
        )

    async def show(self, answer: Answer) -> None:
        """Show an answer or an abstention."""
        self.references = tuple(_references(answer))
        shown = self._claims(answer) if answer.claims else self._nearest(answer)
        notes = (Static(Content(f"Note: {one_line(note)}"), classes="note") for note in answer.notes)
        await self._finish([*shown, *notes])

    async def _finish(self, widgets: Sequence[Widget]) -> None:
        await self.query_one(".state").remove()
        await self.mount_all(widgets)

    def _claims(self, answer: Answer) -> Iterator[Widget]:
        from assistant.present import headline  # with pydantic: the first screen must not wait for it

        if (above := headline(answer)) is not None:
            yield Static(Content(visible(above)), classes="short-answer")
        number = 0
        for claim in answer.claims:
            first, number = number, number + len(claim.citations)
            yield ClaimBlock(claim, self.references, range(first, number), stressed=answer.answer or "")
        yield Static(Content(f"{_rests_on(answer)} · confidence {answer.confidence:.2f}"), classes="summary")

    def _nearest(self, answer: Answer) -> Iterator[Widget]:
        yield Static(Content("No answer: nothing in this archive supports one."), classes="abstention")
        yield Static(Content(f"confidence {answer.confidence:.2f} that there is one"), classes="summary")
        if self.references:
            yield Static(Content("Nearest passages, which are not an answer:"), classes="nearest")
        for index, reference in enumerate(self.references):
            yield CitationLine(self.references, index)
            if index < _PASSAGES_IN_FULL:
                yield Static(quoted(reference.citation.quote), classes="passage")


def _references(answer: Answer) -> Iterator[Reference]:
    cited = [citation for claim in answer.claims for citation in claim.citations]
    for number, citation in enumerate(cited or [found.citation for found in answer.passages], start=1):
        yield Reference(number, citation, answers=bool(cited))


def counted(number: int, noun: str) -> str:
    """How many of something: "1 article", "1,920 passages"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _rests_on(answer: Answer) -> str:
    articles = {citation.article.id for claim in answer.claims for citation in claim.citations}
    return f"{counted(len(answer.claims), 'quotation')} from {counted(len(articles), 'article')}"
