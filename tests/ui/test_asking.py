"""Ask, and what comes of it: an answer, an abstention, an error, or nothing because it was stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.widgets import Static

from assistant.answer import Answer
from assistant.engine import Assistant
from assistant.tui.screens.article import ArticleScreen
from assistant.tui.screens.help import HelpScreen
from assistant.tui.widgets.citation import CitationLine
from assistant.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from tests.ui.conftest import OpenChat

FERRY = "How much will the ferry to Saltmere cost a day?"
LAMP = "Who denied that the lamp had failed on Sunday?"
UNKNOWN = "Which enzyme unwinds the double helix during replication?"


async def test_an_answer_shows_the_quotation_and_where_it_stands(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        turn = await it.ask(FERRY)
        assert turn.references[0].answers
        assert "The ferry to Saltmere will cost four crowns a day, said the harbour master, Ines Marlow." in it.text
        assert "[1] Ferry to Saltmere begins on Monday" in it.text
        assert "Ada Quill · The Tern · 2021-03-12" in it.text


async def test_the_same_words_in_two_articles_are_one_quotation_with_two_citations(
    assistant: Assistant, chat: OpenChat
) -> None:
    async with chat(assistant) as it:
        await it.ask(LAMP)
        quotes = [str(quote.content) for quote in it.app.screen.query(".quote").results(Static)]
        assert quotes.count("The lighthouse keeper Tom Vane denied that the lamp had failed on Sunday.") == 1
        assert "[1] Lamp [sic] held" in it.text
        assert "Coast Wire · 2021-03-14" in it.text
        assert "[2] The lighthouse keeper" in it.text


async def test_an_abstention_says_so_and_shows_the_nearest_passages_as_no_answer(
    assistant: Assistant, chat: OpenChat
) -> None:
    async with chat(assistant) as it:
        turn = await it.ask(UNKNOWN)
        assert "No answer: nothing in this archive supports one." in it.text
        assert "Nearest passages, which are not an answer:" in it.text
        assert "(1)" in it.text
        assert "[1]" not in it.text
        assert not turn.query("ClaimBlock")


async def test_a_question_that_cannot_be_asked_says_what_to_do(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        await it.ask("?!")
        assert "Error: the question is empty" in it.text
        assert "→ ask one in words" in it.text
        await it.ask("ferry " * 20_000)
        assert "(119,999 characters)" in it.text
        assert "→ ask a shorter one" in it.text


async def test_an_empty_prompt_asks_nothing(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        await it.submit("   ")
        assert not it.app.screen.query("Turn")


async def test_a_fault_of_ours_is_an_error_on_the_screen_and_no_crash(assistant: Assistant, chat: OpenChat) -> None:
    class Broken(Assistant):
        def ask(self, *_: Any, **__: Any) -> Answer:
            raise RuntimeError("[/ not markup")

    async with chat(Broken(assistant.archive, assistant.encoder)) as it:
        await it.ask(FERRY)
        assert "Error: onrecord failed (RuntimeError: [/ not markup)" in it.text


async def test_escape_drops_the_answer_being_made(assistant: Assistant, chat: OpenChat) -> None:
    slow = Held(assistant)
    async with chat(slow) as it:
        await it.submit(FERRY)
        await it.shows("Reading …")
        await it.pilot.press("escape")
        await it.shows("Stopped.")
        slow.go_on.set()
        await it.until(slow.done.is_set)
        assert "four crowns" not in it.text
        await it.ask(LAMP)
        assert "Tom Vane denied" in it.text
        assert "four crowns" not in it.text


async def test_questions_asked_while_one_is_answered_wait_their_turn(assistant: Assistant, chat: OpenChat) -> None:
    slow = Held(assistant)
    async with chat(slow, size=(100, 50)) as it:
        await it.submit(FERRY)
        await it.submit(LAMP)
        await it.shows("Waiting for the answer before this one …")
        slow.go_on.set()
        await it.shows("Tom Vane denied")
        assert it.text.index("four crowns") < it.text.index("Tom Vane denied")


async def test_ctrl_c_stops_or_copies_and_never_quits(assistant: Assistant, chat: OpenChat) -> None:
    slow = Held(assistant)
    async with chat(slow) as it:
        await it.pilot.press("ctrl+c")
        await it.shows("Ctrl+Q quits")
        await it.submit(FERRY)
        await it.pilot.press("ctrl+c")
        await it.shows("Stopped.")
        slow.go_on.set()
        await it.ask(FERRY)
        it.prompt.value = "a draft"
        await it.pilot.press("ctrl+c")
        assert it.prompt.value == "a draft"
        await it.pilot.press("tab", "ctrl+c")
        assert "four crowns a day" in it.app.clipboard
        assert it.app.is_running


async def test_copying_gives_quotation_by_line_date_and_place(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        turn = await it.ask(FERRY)
        await it.pilot.press("tab", "c")
        for part in (turn.references[0].citation.quote, "Ada Quill", "The Tern", "2021-03-12", "ferry.md:"):
            assert part in it.app.clipboard


async def test_up_and_down_go_through_what_was_asked_and_keep_the_draft(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        await it.ask(FERRY)
        await it.ask(LAMP)
        it.prompt.value = "a draft"
        seen = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await it.pilot.press(key)
            seen.append(it.prompt.value)
        assert seen == [LAMP, FERRY, FERRY, LAMP, "a draft", "a draft"]


async def test_typing_on_a_citation_begins_a_question(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        await it.ask(FERRY)
        await it.pilot.press("tab")
        assert isinstance(it.app.focused, CitationLine)
        await it.pilot.press("w", "h", "o")
        assert isinstance(it.app.focused, Prompt)
        assert it.prompt.value == "who"


async def test_a_number_opens_a_citation_and_any_other_number_is_a_question(
    assistant: Assistant, chat: OpenChat
) -> None:
    async with chat(assistant) as it:
        turn = await it.ask(LAMP)
        await it.submit("2")
        await it.until(lambda: isinstance(it.app.screen, ArticleScreen))
        assert f"[2] Citation 2 of {len(turn.references)}" in it.text
        await it.pilot.press("escape")
        await it.ask("1986")
        assert len(it.app.screen.query("Turn")) == 2


async def test_several_pasted_lines_are_one_question(assistant: Assistant, chat: OpenChat) -> None:
    from textual.events import Paste

    async with chat(assistant) as it:
        it.prompt.value = "Q: "
        it.prompt.cursor_position = 3
        it.prompt.post_message(Paste("who said\r\n  the \x1b[31mferry\u2028\u2068sails\u2069?\n"))
        await it.until(lambda: "sails" in it.prompt.value)
        assert it.prompt.value == "Q: who said the [31mferry sails?"


async def test_help_names_the_keys_and_closes(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant, size=(80, 24)) as it:
        await it.pilot.press("f1")
        await it.until(lambda: isinstance(it.app.screen, HelpScreen))
        assert "copy quotation, by-line, date and place" in it.text
        await it.pilot.press("f1")
        assert not isinstance(it.app.screen, HelpScreen)


class Held(Assistant):
    """A real assistant whose first answer waits until it may go on."""

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(assistant.archive, assistant.encoder)
        self.go_on = threading.Event()
        self.done = threading.Event()

    def ask(self, text: str, *, stopped: Callable[[], bool] | None = None, **others: Any) -> Answer:
        try:
            assert self.go_on.wait(30)
            return super().ask(text, stopped=stopped, **others)
        finally:
            self.done.set()
