"""What the screens look like. The answers are made by hand, so that no model, path or number changes a picture.

After a wanted change: `.venv/bin/python -m pytest tests/ui/test_looks.py --snapshot-update`, then look at each picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from textual.pilot import Pilot

from assistant.answer import Answer, Citation, Claim, Collection, Found
from assistant.tui.app import ChatApp
from assistant.tui.themes import INK, PAPER
from assistant.tui.widgets.prompt import Prompt
from assistant.tui.widgets.turn import Turn
from index.errors import UnusableQuestion
from index.model import Article, Filters

if TYPE_CHECKING:
    Looks = Callable[..., bool]

SPEECH = "“The Tern Bridge will carry cars again in May,” Mayor Pia Sandoval told the council on Tuesday."
DENIAL = "Chief engineer Joss Wray denied that a reopening in May was possible [sic]: the cracks go *deeper* than that."
LINE = "Nobody in the harbour office wanted to say what the repair would cost, or who was going to pay for it."


def article(title: str | None, outlet: str | None, author: str, published: str | None, sentence: str) -> Article:
    before = "\n\n".join(f"{LINE} That was the {number}. question of the evening." for number in range(1, 12))
    text = f"{before}\n\n{sentence} The meeting went on until midnight.\n\n{before}\n"
    return Article(
        id=hashlib.md5((author + text).encode()).hexdigest(), record=None, line=None,
        source=f"/news/harbour/{author.lower()}.md",
        title=title, outlet=outlet, authors=(author,), published=published,
        published_precision="day" if published else None, updated=None, language="en", url=None,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(), body=0, text=text,
    )  # fmt: skip


def cited(one: Article, sentence: str) -> Citation:
    start = one.text.index(sentence)
    return Citation(article=one, start=start, end=start + len(sentence))


COUNCIL = cited(article("Bridge to reopen in May, mayor says", "The Tern", "Quill", "2021-02-16", SPEECH), SPEECH)
WIRE = cited(article("Mayor: cars on the Tern Bridge by May", "Coast Wire", "Staff", "2021-02-17", SPEECH), SPEECH)
ENGINEER = cited(article("Engineer contradicts mayor", "Radio Saltmarsh", "Marlow", "2021-02-18", DENIAL), DENIAL)
PASSAGE = cited(article("What the repair costs", "The Tern", "Quill", "2021-02-19", DENIAL), LINE)


class Prepared:
    """Gives the answers that were prepared for it. The real assistant is tested in the other files of this folder."""

    def counts(self) -> tuple[int, int]:
        return 22, 52

    def ask(self, text: str, **_: Any) -> Answer:
        claims: Sequence[Claim] = ()
        passages: Sequence[Found] = ()
        if text.startswith("who said"):
            claims = (Claim(citations=(COUNCIL, WIRE)), Claim(citations=(ENGINEER,)))
        elif text.startswith("how much"):
            passages = [Found(score=0.4, citation=PASSAGE)] * 2
        else:
            raise UnusableQuestion("the question is empty", "ask one in words")
        return Answer(
            question=text, interpreted_as=text, kind="who_said", filters=Filters(),
            outcome="answered" if claims else "abstained", answer=None, confidence=0.87 if claims else 0.21,
            claims=tuple(claims), passages=tuple(passages), notes=("1 file has changed since it was indexed",),
            timings_ms={}, archive=Collection(generation=1, articles=22, passages=52),
        )  # fmt: skip


def app(theme: str = INK.name) -> ChatApp:
    return ChatApp(lambda _: Prepared(), archive="~/news/.onrecord", theme=theme)  # type: ignore[arg-type, return-value]


def after(*steps: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Ask what begins with a letter and has a space; press anything else."""

    async def run_before(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        screen.query_one(Prompt).cursor_blink = False
        while "passages" not in str(screen.query_one("#state").render()):
            await pilot.pause(0.01)
        for step in steps:
            if " " in step:
                screen.query_one(Prompt).value = step
                await pilot.press("enter")
                await pilot.pause()
                while screen.query_one(Turn).query(".state"):
                    await pilot.pause(0.01)
            else:
                await pilot.press(step)
            await pilot.pause()

    return run_before


SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: "x".join(map(str, size)))


@SIZES
def test_answer(snap_compare: Looks, size: tuple[int, int]) -> None:
    """Quotations with a bar, numbered citations below each, how sure, a note; the prompt waits."""
    assert snap_compare(app(), terminal_size=size, run_before=after("who said the bridge would reopen in May?"))


def test_answer_on_paper_with_a_citation_in_focus(snap_compare: Looks) -> None:
    """The light theme; the second citation is set off by more than colour."""
    assert snap_compare(
        app(PAPER.name),
        terminal_size=(100, 30),
        run_before=after("who said the bridge would reopen in May?", "tab", "down"),
    )


def test_abstention(snap_compare: Looks) -> None:
    """No answer, in words; the nearest passages below, in round brackets, clearly no answer."""
    assert snap_compare(app(), terminal_size=(80, 24), run_before=after("how much will the repair of the bridge cost?"))


def test_error(snap_compare: Looks) -> None:
    """What is wrong, and what to do."""
    assert snap_compare(app(), terminal_size=(80, 24), run_before=after("? ?"))


@SIZES
def test_article(snap_compare: Looks, size: tuple[int, int]) -> None:
    """The article in a column, the quotation set off with a bar in the margin, its place at the top."""
    assert snap_compare(
        app(), terminal_size=size, run_before=after("who said the bridge would reopen in May?", "tab", "3")
    )


def test_welcome(snap_compare: Looks) -> None:
    """What can be done here."""
    assert snap_compare(app(), terminal_size=(80, 24), run_before=after())
