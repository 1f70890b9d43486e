"""Which side a statement takes: sentences with the cue in braces and what is said in brackets."""

from __future__ import annotations

import re

import pytest

from assistant.read.stance import Stance, stance
from index.model import Span, Statement

_MARK = re.compile(r"[{}\[\]]")


def read(marked: str) -> tuple[str, Statement]:
    """A text and its one statement, from a text with marks."""
    content: list[Span] = []
    cue = Span(0, 0)
    begins: list[int] = []
    text = ""
    for part in re.split(r"([{}\[\]])", marked):
        if part in "{[" and part:
            begins.append(len(text))
        elif part == "]":
            content.append(Span(begins.pop(), len(text)))
        elif part == "}":
            cue = Span(begins.pop(), len(text))
        else:
            text += part
    return text, Statement(content=tuple(content), cue=cue, kind="indirect", speaker=None, probability=1.0)


def side(marked: str, supports: float = 0.95, asked: str = "") -> Stance:
    text, statement = read(marked)
    return stance(text, statement, supports=supports, asked=asked)


@pytest.mark.parametrize(
    "marked",
    [
        "The harbour master {said} [the ferry would sail at noon].",
        "[“The ferry sails at noon,”] Ines Roth {told} reporters.",
        "{According to} two deckhands, [the ferry had sailed by noon].",
        "She {insisted} [that nobody had been left behind].",
        "There is no doubt in town, she {said}, [the bridge will hold].",
        "He {had no doubt} [that the bridge would hold].",
        "Theresa Holm {said} [Theresa May would open the fair in May].",
        "The union {said} [even if it rains the march goes ahead].",
        "The guard {admitted} [he had denied them entry].",
        "He {refused to} back down and said so: [the plan stays].",
    ],
)
def test_what_is_plainly_said_is_support_where_the_judge_holds_so(marked: str) -> None:
    assert side(marked) == "supports"


def test_the_judge_decides_the_side_of_a_plain_statement() -> None:
    assert side("The harbour master {said} [the ferry would stay in port].", supports=0.1) == "disputes"


@pytest.mark.parametrize(
    "marked",
    [
        "The mayor {denied} [that taxes would rise].",
        "The mayor's {denial} [that taxes would rise] surprised no one.",
        "Both clubs {have rejected} [the claim that a transfer was agreed].",
        "A retired pilot {doubts} [the jet was ever there].",
        "The captain {did not believe} [the storm would turn].",
        "She {does n't think} [they will come back].",
        "He did not {think} [the dam would break].",
        "The minister {dismissed} as gossip [reports of a second vote].",
        "Lawyers {pushed back} against [the idea that he had fled].",
        "[The dam was about to burst], a rumour that the ministry {ruled out}.",
        "The clerk {never said} [that the files were gone].",
        "The board {refused to accept} [that it had been warned].",
        "[“Nonsense, they never left,”] she {scoffed}.",
    ],
)
@pytest.mark.parametrize("supports", [0.02, 0.99])
def test_a_denial_is_never_support_whatever_the_judge_holds(marked: str, supports: float) -> None:
    assert side(marked, supports) == "disputes"


@pytest.mark.parametrize(
    "asked",
    ["who denied that taxes would rise?", "who said taxes won't rise?", "Taxes will not rise.", "who disputes it"],
)
def test_asked_for_a_denial_a_denial_is_the_answer(asked: str) -> None:
    assert side("The mayor {denied} [that taxes would rise].", 0.9, asked) == "supports"
    assert side("The mayor {denied} [that taxes would rise].", 0.2, asked) == "disputes"


@pytest.mark.parametrize(
    "marked",
    [
        "A spokeswoman {declined to comment} [on the merger].",
        "A spokeswoman {declined} [to comment on the merger].",
        "The coach {refused to say} [whether the keeper was fit].",
        "The police {would not say} [how many had been held].",
        "The firm {did not respond to} [questions about the leak].",
        "An aide {would neither confirm nor deny} [that the two had met].",
        "The general {could not confirm} [that the village had fallen].",
        "[“It is not possible to speculate on how they will react,”] the analyst {told} us.",
        "[It is too early to say who will win], the pollster {said}.",
        "[“I won’t speculate,”] the judge {said}.",
        "[“We don't know where the boat is,”] the coastguard {said}.",
        "[“No comment,”] he {snapped}.",
        "[Nobody can foretell their reaction], the expert {told} the station.",
    ],
)
@pytest.mark.parametrize("supports", [0.02, 0.99])
def test_who_will_not_say_declines(marked: str, supports: float) -> None:
    assert side(marked, supports) == "declines"


def test_telling_that_another_would_not_say_is_a_statement_like_any_other() -> None:
    assert side("The paper {reported} [that the minister had declined to comment].") == "supports"


@pytest.mark.parametrize(
    "marked",
    [
        "The expert {said} [the groups may be holding back to join forces].",
        "The chair {said} [the talks might still succeed].",
        "[If the rain stops the match will be played], the groundsman {said}.",
        "The owner {said} [he would sell unless the rent fell].",
        "The ministry {did not rule out} [a second vote].",
        "The clerk {has not denied} [that he opened the letter].",
        "A diplomat {hinted} [that the border would open].",
        "[Perhaps they left by night], the guard {said}.",
    ],
)
def test_a_reservation_is_shown_as_one(marked: str) -> None:
    assert side(marked) == "qualifies"


def test_a_reservation_that_was_asked_for_is_none() -> None:
    marked = "The chair {said} [the talks might still succeed]."
    assert side(marked, asked="who said the talks might succeed?") == "supports"


def test_a_hedged_contradiction_is_still_a_contradiction() -> None:
    assert side("The chair {said} [the talks might well fail].", supports=0.1) == "disputes"


def test_a_negation_in_the_sentence_before_does_not_count() -> None:
    assert side("He would not leave. She {confirmed} [that the dam had burst].") == "supports"
    assert side("[The dam had burst, not leaked], she {thinks}.") == "supports"
