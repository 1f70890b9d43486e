"""One small real archive for all tests of the chat, and ways to look at the screen as a user does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from textual.pilot import Pilot

from assistant.engine import Assistant
from assistant.tui.app import ChatApp
from assistant.tui.widgets.article_text import ArticleText
from assistant.tui.widgets.prompt import Prompt
from assistant.tui.widgets.turn import Turn
from index.adding import add
from index.archive import Archive, create_archive
from index.encoder import EncoderIdentity
from index.encoder.bulk import BulkEncoder
from index.encoder.question import QuestionEncoder

HOSTILE = (
    "The clerk [sic] wrote that 1986. was *not* a year_of [bold]peace[/bold] in Marrow Bay. "
    "\x1b[31mRed\x1b]52;c;aGk=\x07 ink and a [/ stray bracket stood beside \u202eoverridden\u202c words on page two. "
    "The harbour master of Marrow Bay kept the lantern in 港湾の灯台は夜明けまで消えなかったと当局は述べた as well. "
    "قال المسؤول إن الميناء مغلق. "
    "The ledger ends with " + "x" * 700 + " and nothing after it in Marrow Bay.\n"
)

FILES: Mapping[str, str] = {
    "ferry.md": (
        "---\ntitle: Ferry to Saltmere begins on Monday\noutlet: The Tern\nauthors: Ada Quill\n"
        "published: 2021-03-12\n---\n"
        + "".join(f"The council met for the {number}th time about the pier.\r\n\r\n" for number in range(30, 90))
        + "The ferry to Saltmere will cost four crowns a day, said the harbour\nmaster, Ines Marlow.\n\n"
        + "".join(f"A visitor counted {number} gulls on the roof.\n\n" for number in range(40))
    ),
    "wire-a.txt": "The lighthouse keeper Tom Vane denied that the lamp had failed on Sunday.\n",
    "wire-b.md": (
        "---\ntitle: Lamp [sic] held\noutlet: Coast Wire\npublished: 2021-03-14\n---\n"
        "The lighthouse keeper Tom Vane denied that the lamp had failed on Sunday.\n"
    ),
    "hostile.txt": HOSTILE,
}


@pytest.fixture(scope="session")
def build(
    model: Path, identity: EncoderIdentity, bulk_encoder: BulkEncoder, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Mapping[str, str]], Archive]:
    """Files by name and text → an archive that holds them."""

    def built(files: Mapping[str, str]) -> Archive:
        folder = tmp_path_factory.mktemp("chat")
        archive = create_archive(folder / "archive", identity)
        for name, text in files.items():
            (folder / name).write_bytes(text.encode())
        if files:
            add(archive, [folder / name for name in files], model, refused=pytest.fail, encoder=bulk_encoder)
        return archive

    return built


@pytest.fixture(scope="session")
def assistant(build: Callable[[Mapping[str, str]], Archive], question_encoder: QuestionEncoder) -> Assistant:
    """A real assistant over `FILES`."""
    return Assistant(build(FILES), question_encoder)


@pytest.fixture(scope="session")
def empty_assistant(build: Callable[[Mapping[str, str]], Archive], question_encoder: QuestionEncoder) -> Assistant:
    """A real assistant over no article."""
    return Assistant(build({}), question_encoder)


class Chat:
    """The app under a pilot, and what a user sees of it."""

    def __init__(self, app: ChatApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def text(self) -> str:
        """All rows of the screen."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    @property
    def prompt(self) -> Prompt:
        """Where questions are typed."""
        return self.app.screen.query_one(Prompt)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to be true, and for what it led to."""
        async with asyncio.timeout(20):
            while not condition():
                await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def shows(self, text: str) -> None:
        """Wait until the screen shows `text`."""
        await self.until(lambda: text in self.text)

    async def ask(self, question: str) -> Turn:
        """Ask, and wait for what comes of it. Gives the turn."""
        await self.submit(question)
        turn = self.app.screen.query(Turn).last()
        await self.until(lambda: not turn.query(".state"))
        return turn

    async def submit(self, question: str) -> None:
        """Type a question and press Enter."""
        self.prompt.value = question
        await self.pilot.press("enter")
        await self.pilot.pause()

    def highlighted(self) -> list[str]:
        """What is set off as cited on the rows that are on the screen, a row each."""
        widget = self.app.screen.query_one(ArticleText)
        cited = widget.get_component_rich_style("article-text--cited")
        rows = (widget.render_line(y) for y in range(widget.size.height))
        found = (
            "".join(part.text for part in row if part.style and part.style.bgcolor == cited.bgcolor) for row in rows
        )
        return [row for row in found if row]


@pytest.fixture
def chat() -> OpenChat:
    """See `OpenChat`."""

    @asynccontextmanager
    async def opened(
        assistant: Assistant | Callable[[Callable[[str], None]], Assistant], *, size: tuple[int, int] = (100, 32)
    ) -> AsyncIterator[Chat]:
        def at_once(notify: Callable[[str], None]) -> Assistant:
            assert isinstance(assistant, Assistant)
            return assistant

        app = ChatApp(at_once if isinstance(assistant, Assistant) else assistant, archive="~/archive")
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Chat(app, pilot)

    return opened


class OpenChat(Protocol):
    """An assistant, or a function that opens one → the chat over it, as a context."""

    def __call__(
        self, assistant: Assistant | Callable[[Callable[[str], None]], Assistant], *, size: tuple[int, int] = (100, 32)
    ) -> AbstractAsyncContextManager[Chat]: ...
