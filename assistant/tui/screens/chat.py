"""The chat itself: questions, answers, and the way from an answer to the articles."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Footer, Static
from textual.worker import Worker, WorkerState, get_current_worker

from assistant.tui.screens.article import ArticleScreen
from assistant.tui.widgets.citation import CitationLine
from assistant.tui.widgets.prompt import Prompt
from assistant.tui.widgets.status import StatusLine
from assistant.tui.widgets.turn import Turn, counted
from assistant.tui.widgets.welcome import Welcome
from index.errors import OnrecordError

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.engine import Assistant

_OPEN, _ASK = "open", "ask"


class ChatScreen(Screen[None]):
    """A transcript above, the prompt below. Opening the archive and answering run in threads.

    Questions are answered one after the other; those asked before the archive is open wait for it.
    """

    CSS_PATH = "chat.tcss"
    AUTO_FOCUS = "Prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", key_display="esc"),
        Binding("escape", "question", "Question", key_display="esc"),
        Binding("pageup", "scroll(-1)", "Scroll up", show=False),
        Binding("pagedown", "scroll(1)", "Scroll down", show=False),
    ]

    state: reactive[str] = reactive("", init=False)

    class Told(Message):
        """What takes long in opening the archive, in words."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, open_assistant: Callable[[Callable[[str], None]], Assistant], *, archive: str) -> None:
        super().__init__()
        self._open_assistant = open_assistant
        self._archive = archive
        self._assistant: Assistant | None = None
        self._opening: Worker[tuple[Assistant, int, int]] | None = None
        self._asking: Worker[Answer] | None = None
        # Turns without an answer yet, the one being answered first.
        self._pending: list[Turn] = []

    @property
    def opening(self) -> bool:
        """Whether the archive is still being opened."""
        return self._opening is not None

    def compose(self) -> ComposeResult:
        """All of it, before anything is loaded."""
        yield StatusLine(self._archive)
        with VerticalScroll(id="transcript", can_focus=False):
            yield Welcome()
        with HorizontalGroup(id="ask"):
            yield Static("›", id="caret", markup=False)
            yield Prompt()
        yield Footer()

    def on_mount(self) -> None:
        """Load only when the first screen is there to be seen."""
        self.call_after_refresh(self._open)

    def watch_state(self, state: str) -> None:
        """Say at the top how the archive stands."""
        self.query_one(StatusLine).state = state

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Stopping, while there is something to stop; going to a place, when it is there and one is not there yet."""
        if action == "stop":
            return bool(self._pending)
        if action == "question":
            return not self._pending and not isinstance(self.focused, Prompt)
        if action == "first_citation":
            return self._latest() is not None
        return True

    def action_stop(self) -> None:
        """Drop every answer that has not come yet."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        for turn in self._pending:
            turn.say("Stopped.")
        self._pending.clear()
        self.refresh_bindings()

    def action_question(self) -> None:
        """Back to the prompt."""
        self.query_one(Prompt).focus()

    def action_first_citation(self) -> None:
        """To the citations of the latest answer that has some."""
        if (turn := self._latest()) is not None:
            turn.query(CitationLine).first().focus()

    def action_scroll(self, pages: int) -> None:
        """Scroll the transcript, wherever the focus is."""
        transcript = self.query_one("#transcript")
        transcript.scroll_relative(y=pages * max(transcript.size.height - 2, 1), animate=False)

    def action_copy_text(self) -> None:
        """Ctrl+C: copy what is selected, else the citation in focus; else stop, and never quit."""
        if selected := self.get_selected_text():
            self.app.copy_to_clipboard(selected)
        elif isinstance(self.focused, CitationLine):
            self.focused.action_copy()
        elif self._pending:
            self.action_stop()
        else:
            self.notify("Ctrl+Q quits", markup=False, timeout=3)

    @on(Prompt.Submitted)
    async def _submitted(self, event: Prompt.Submitted) -> None:
        text = event.value.strip()
        if not text:
            return
        turn = self._latest()
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
        if turn is not None and 0 < number <= len(turn.references):
            self.query_one(Prompt).clear()
            self.app.push_screen(ArticleScreen(turn.references, number - 1))
        else:
            self.query_one(Prompt).remember(text)
            await self._begin(text)

    async def _begin(self, question: str) -> None:
        transcript = self.query_one("#transcript")
        await transcript.query(Welcome).remove()
        turn = Turn(question)
        await transcript.mount(turn)
        self._pending.append(turn)
        self._to(turn)
        self.refresh_bindings()
        if self._assistant is None:
            turn.say("Waiting for the archive to open …")
            self._open()
        elif len(self._pending) > 1:
            turn.say("Waiting for the answer before this one …")
        else:
            self._ask(self._assistant)

    def _open(self) -> None:
        if self._assistant is None and self._opening is None:
            self.state = "Opening the archive …"
            self._opening = self.run_worker(self._opened, group=_OPEN, thread=True, exit_on_error=False)

    def _opened(self) -> tuple[Assistant, int, int]:
        assistant = self._open_assistant(self._tell)
        return assistant, *assistant.counts()

    def _tell(self, text: str) -> None:
        self.post_message(self.Told(text))

    def _ask(self, assistant: Assistant) -> None:
        turn = self._pending[0]
        turn.say("Reading …")
        self._asking = self.run_worker(
            partial(_answered, assistant, turn.question), group=_ASK, exclusive=True, thread=True, exit_on_error=False
        )

    @on(Told)
    def _told(self, event: Told) -> None:
        self.state = event.text

    @on(Worker.StateChanged)
    async def _worker_done(self, event: Worker.StateChanged) -> None:
        # What a worker that was given up still brings is dropped here.
        worker = event.worker
        if event.state not in (WorkerState.SUCCESS, WorkerState.ERROR) or worker not in (self._opening, self._asking):
            return
        error = worker.error if event.state is WorkerState.ERROR else None
        if worker is self._opening:
            self._opening = None
            await self._after_opening(worker.result, error)
        else:
            self._asking = None
            await self._after_asking(worker.result, error)
        self.refresh_bindings()

    async def _after_opening(self, opened: tuple[Assistant, int, int] | None, error: BaseException | None) -> None:
        if opened is None:
            self.state = "The archive could not be opened"
            message, hint = _explained(error)
            failed, self._pending = self._pending, []
            for turn in failed:
                await turn.fail(message, hint)
            for welcome in self.query(Welcome):
                welcome.fail(message, hint)
            return
        self._assistant, articles, passages = opened
        self._count(articles, passages)
        for welcome in self.query(Welcome):
            welcome.ready(empty=articles == 0)
        if self._pending:
            self._ask(self._assistant)

    async def _after_asking(self, answer: Answer | None, error: BaseException | None) -> None:
        turn = self._pending.pop(0)
        if answer is None:
            await turn.fail(*_explained(error))
        else:
            await turn.show(answer)
            self._count(answer.archive.articles, answer.archive.passages)
        self._to(turn)
        if self._pending and self._assistant is not None:
            self._ask(self._assistant)

    @on(CitationLine.Opened)
    def _citation_opened(self, event: CitationLine.Opened) -> None:
        self.app.push_screen(ArticleScreen(event.references, event.index))

    @on(CitationLine.Typed)
    def _typed(self, event: CitationLine.Typed) -> None:
        prompt = self.query_one(Prompt)
        prompt.focus()
        prompt.insert_text_at_cursor(event.character)

    def _latest(self) -> Turn | None:
        """The latest turn that has something to open."""
        shown = reversed(self.query_one("#transcript").children)
        return next((turn for turn in shown if isinstance(turn, Turn) and turn.references), None)

    def _to(self, turn: Turn) -> None:
        """Show a turn from its beginning, where the best stands."""
        self.call_after_refresh(self.query_one("#transcript").scroll_to_widget, turn, animate=False, top=True)

    def _count(self, articles: int, passages: int) -> None:
        self.state = f"{counted(articles, 'article')} · {counted(passages, 'passage')}"


def _answered(assistant: Assistant, question: str) -> Answer:
    worker = get_current_worker()
    return assistant.ask(question, stopped=lambda: worker.is_cancelled)


def _explained(error: BaseException | None) -> tuple[str, str]:
    """What went wrong, and what to do about it."""
    if isinstance(error, OnrecordError):
        return error.message, error.hint
    return f"onrecord failed ({type(error).__name__}: {error})", "a defect of onrecord, not of the question"
