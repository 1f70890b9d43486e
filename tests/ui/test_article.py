"""From an answer to the article: the quotation is set off, exactly, and on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from assistant.engine import Assistant
from assistant.tui.screens.article import ArticleScreen
from assistant.tui.widgets.article_text import ArticleText

if TYPE_CHECKING:
    from tests.ui.conftest import Chat, OpenChat

FERRY = "How much will the ferry to Saltmere cost a day?"
LAMP = "Who denied that the lamp had failed on Sunday?"


def words(text: str) -> list[str]:
    return text.split()


async def opened(it: Chat, *keys: str) -> None:
    await it.pilot.press(*keys)
    await it.until(lambda: isinstance(it.app.screen, ArticleScreen) and bool(it.highlighted()))


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (30, 10)])
async def test_the_article_opens_at_the_quotation(assistant: Assistant, chat: OpenChat, size: tuple[int, int]) -> None:
    async with chat(assistant, size=size) as it:
        turn = await it.ask(FERRY)
        await opened(it, "tab", "enter")
        assert words(" ".join(it.highlighted())) == words(turn.references[0].citation.quote)
        assert it.app.screen.query_one(ArticleText).scroll_y > 0
        assert "Ferry to Saltmere begins" in it.text
        assert "title:" not in it.text


async def test_the_cited_rows_are_marked_without_colour_too(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        await it.ask(FERRY)
        await opened(it, "tab", "enter")
        marked = [row for row in it.text.splitlines() if "▌" in row]
        assert len(marked) == len(it.highlighted())
        assert "four crowns" in marked[0]


async def test_the_quotation_stays_on_the_screen_when_the_terminal_changes(
    assistant: Assistant, chat: OpenChat
) -> None:
    async with chat(assistant, size=(120, 40)) as it:
        turn = await it.ask(FERRY)
        await opened(it, "tab", "enter")
        for width, height in ((50, 12), (150, 30)):
            await it.pilot.resize_terminal(width, height)
            await it.pilot.pause()
            assert words(" ".join(it.highlighted())) == words(turn.references[0].citation.quote)


async def test_next_and_previous_go_round_the_citations_of_the_answer(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        turn = await it.ask(LAMP)
        count = len(turn.references)
        await opened(it, "tab", "enter")
        for key, number in (("n", 2), ("p", 1), ("p", count), ("n", 1)):
            await it.pilot.press(key)
            await it.pilot.pause()
            assert f"[{number}] Citation {number} of {count}" in it.text
            assert words(" ".join(it.highlighted())) == words(turn.references[number - 1].citation.quote)


async def test_enter_comes_back_to_the_quotation_and_escape_to_the_answers(
    assistant: Assistant, chat: OpenChat
) -> None:
    async with chat(assistant, size=(80, 24)) as it:
        await it.ask(FERRY)
        await opened(it, "tab", "enter")
        await it.pilot.press("home")
        await it.until(lambda: not it.highlighted())
        await it.pilot.press("enter")
        await it.until(lambda: bool(it.highlighted()))
        await it.pilot.press("escape")
        assert "four crowns" in it.text
        assert not isinstance(it.app.screen, ArticleScreen)


async def test_a_click_opens_a_citation(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        await it.ask(FERRY)
        await it.pilot.click("CitationLine")
        await it.until(lambda: isinstance(it.app.screen, ArticleScreen))


async def test_a_nearest_passage_opens_and_is_still_no_answer(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        turn = await it.ask("Which enzyme unwinds the double helix during replication?")
        await opened(it, "tab", "2")
        assert f"(2) Nearest passage 2 of {len(turn.references)} · not an answer" in it.text


async def test_what_the_mouse_selects_is_copied_with_the_line_ends_of_the_text(
    assistant: Assistant, chat: OpenChat
) -> None:
    async with chat(assistant, size=(50, 24)) as it:
        turn = await it.ask(FERRY)
        await opened(it, "tab", "enter")
        widget = it.app.screen.query_one(ArticleText)
        first = next(y for y in range(24) if "The ferry to Saltmere" in widget.render_line(y).text)
        top = round(widget.scroll_y) + first
        it.app.screen.selections = {widget: Selection(Offset(0, top), Offset(6, top + 2))}
        await it.pilot.press("ctrl+c")
        assert turn.references[0].citation.quote.startswith(it.app.clipboard)
        assert "harbour\nmaster" in it.app.clipboard or it.app.clipboard.startswith("The ferry to Saltmere will cost")


async def test_copying_in_an_article_copies_the_citation(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        turn = await it.ask(FERRY)
        await opened(it, "tab", "enter", "c")
        assert turn.references[0].citation.quote in it.app.clipboard
        await it.shows("Citation 1, sent to the clipboard")
