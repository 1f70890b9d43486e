"""Article text is data: nothing in it acts, and nothing of it vanishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant.engine import Assistant
from assistant.tui.screens.article import ArticleScreen
from assistant.tui.widgets.article_text import ArticleText
from assistant.visible import visible

if TYPE_CHECKING:
    from tests.ui.conftest import Chat, OpenChat

ASKED = (
    "Was 1986 a year of peace in Marrow Bay, as the clerk wrote?",
    "What stood beside the overridden words on page two?",
    "What did the harbour master of Marrow Bay keep?",
    "What does the ledger end with in Marrow Bay?",
)


def codes(it: Chat) -> set[str]:
    """Control characters and bidi overrides that reach the terminal within text."""
    drawn = "".join(part.text for strip in it.app.screen._compositor.render_strips() for part in strip)
    return {one for one in drawn if ord(one) < 32 or 0x7F <= ord(one) < 0xA0 or one in "\u202e\u202c\u2066\u2069"}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("size", [(100, 40), (40, 20)])
async def test_answers_and_articles_show_hostile_text_as_it_is(
    assistant: Assistant, chat: OpenChat, asked: str, size: tuple[int, int]
) -> None:
    async with chat(assistant, size=size) as it:
        turn = await it.ask(asked)
        index = next(i for i, one in enumerate(turn.references) if "Marrow Bay" in one.citation.article.text)
        citation = turn.references[index].citation
        assert codes(it) == set()
        await it.submit(str(index + 1))
        await it.until(lambda: isinstance(it.app.screen, ArticleScreen) and bool(it.highlighted()))
        shown = "".join("".join(it.highlighted()).split())
        assert "".join(visible(citation.quote).split()).startswith(shown[:100])
        assert codes(it) == set()
        await it.pilot.press("c")
        await it.until(lambda: bool(it.app.clipboard))
        assert not {one for one in it.app.clipboard if ord(one) < 32} - {"\n"}


async def test_brackets_markdown_escapes_and_scripts_stay_on_the_screen(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant, size=(100, 40)) as it:
        turn = await it.ask(ASKED[0])
        number = next(one.number for one in turn.references if "Marrow Bay" in one.citation.article.text)
        await it.submit(str(number))
        await it.until(lambda: isinstance(it.app.screen, ArticleScreen) and bool(it.highlighted()))
        widget = it.app.screen.query_one(ArticleText)
        flowing = " ".join(widget.render_line(y).text.replace("▌", " ") for y in range(widget.size.height))
        flowing = " ".join(flowing.split())
        for part in (
            "[sic] wrote that 1986. was *not* a year_of [bold]peace[/bold] in",
            "␛[31mRed␛]52;c;aGk=␇ ink",
            "a [/ stray bracket",
            "␦overridden␦ words",
            "قال المسؤول",
        ):
            assert part in flowing
        assert "港湾の灯台は夜明けまで消えなかったと当局は述べた" in flowing.replace(" ", "")
        assert flowing.count("x") >= 700
        assert flowing.endswith("and nothing after it in Marrow Bay.")


async def test_a_hostile_question_is_shown_as_it_is(assistant: Assistant, chat: OpenChat) -> None:
    async with chat(assistant) as it:
        await it.ask("[/ who [b]said[/b] \x1b[31m\u202e the *ferry* [sic]?")
        assert "[/ who [b]said[/b] ␛[31m␦ the *ferry* [sic]?" in it.text
        assert codes(it) == set()
