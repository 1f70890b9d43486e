"""The chat is there before anything is loaded, and says how the loading stands."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.engine import Assistant
from index.errors import NoArchive

if TYPE_CHECKING:
    from tests.ui.conftest import OpenChat

FERRY = "How much will the ferry to Saltmere cost a day?"


async def test_questions_can_be_typed_and_asked_before_the_archive_is_open(
    assistant: Assistant, chat: OpenChat
) -> None:
    may_open = threading.Event()

    def open_late(notify: Callable[[str], None]) -> Assistant:
        notify("preparing the [/ encoder …")
        assert may_open.wait(30)
        return assistant

    async with chat(open_late) as it:
        await it.shows("preparing the [/ encoder …")
        await it.pilot.press("w", "h", "o")
        assert it.prompt.value == "who"
        await it.submit(FERRY)
        await it.shows("Waiting for the archive to open …")
        may_open.set()
        await it.shows("four crowns a day")
        assert "4 articles" in it.text


async def test_an_archive_that_cannot_be_opened_says_why_and_is_tried_again(
    assistant: Assistant, chat: OpenChat
) -> None:
    ready = threading.Event()

    def open_when_ready(notify: Callable[[str], None]) -> Assistant:
        if not ready.is_set():
            raise NoArchive("there is no archive at [/tmp]", "make one with: onrecord add FOLDER")
        return assistant

    async with chat(open_when_ready) as it:
        await it.shows("there is no archive at [/tmp]")
        assert "→ make one with: onrecord add FOLDER" in it.text
        assert "The archive could not be opened" in it.text
        await it.ask(FERRY)
        assert "Error: there is no archive at [/tmp]" in it.text
        ready.set()
        await it.ask(FERRY)
        assert "four crowns a day" in it.text


async def test_stopping_while_the_archive_opens_forgets_the_question(assistant: Assistant, chat: OpenChat) -> None:
    may_open = threading.Event()

    def open_late(notify: Callable[[str], None]) -> Assistant:
        assert may_open.wait(30)
        return assistant

    async with chat(open_late) as it:
        await it.submit(FERRY)
        await it.pilot.press("escape")
        await it.shows("Stopped.")
        may_open.set()
        await it.shows("4 articles")
        assert "Stopped." in it.text


async def test_an_empty_archive_says_how_to_fill_it(empty_assistant: Assistant, chat: OpenChat) -> None:
    async with chat(empty_assistant) as it:
        await it.shows("This archive holds no articles yet.")
        assert "onrecord add FOLDER" in it.text


def test_the_first_screen_needs_no_model_no_database_and_no_array() -> None:
    statement = "import sys, assistant.tui.app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", statement], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "textual.app" in loaded
    slow = {"numpy", "faiss", "tantivy", "sqlite3", "onnxruntime", "tokenizers", "torch", "pydantic", "sentencex"}
    assert slow & set(loaded) == set()
