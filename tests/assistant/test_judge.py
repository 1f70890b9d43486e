"""The judge on articles of our own: it finds the statement that was meant and the side it takes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.read.judge import WEIGHTS, Judge
from index.errors import OnrecordError
from index.model import Span, Speaker, Statement
from index.statements import forms

BRIDGE = [
    "Ines Roth, the harbour master, said: the swing bridge will reopen to lorries before the end of May",
    "a retired ferryman said: the old ferry smelled of tar and coffee in winter",
    "Paul Adeyemi, head of the fishermen's union, complained: that diesel has become too dear for small boats",
    "the council announced: a concert on the quay on Saturday evening",
    "police said: two bicycles had been stolen from the school",
]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("who said trucks can soon cross the bridge again?", 0),
        ("The bridge is going to stay closed to lorries all summer.", 0),
        ("who grumbled that fuel costs too much for the fishing boats?", 2),
        ("did anyone say there would be music at the harbour", 3),
        ("who reported that bikes went missing?", 4),
    ],
)
def test_the_statement_that_was_meant_is_ranked_first(judge: Judge, question: str, meant: int) -> None:
    aboutness = [verdict.aboutness for verdict in judge.judge(question, BRIDGE)]
    assert aboutness.index(max(aboutness)) == meant


@pytest.mark.parametrize(
    ("question", "agreeing", "opposing"),
    [
        (
            "who said the swing bridge will reopen to lorries in May?",
            "Ines Roth said: the swing bridge will reopen to lorries before the end of May",
            "Ines Roth said: the swing bridge will not reopen to lorries in May",
        ),
        (
            "who said the swing bridge will reopen to lorries in May?",
            "the harbour master promised: that lorries could use the bridge again in May",
            "the harbour master denied: that lorries could use the bridge again in May",
        ),
        (
            "the ferry is safe",
            "the inspector said: the ferry is safe for passengers",
            "the inspector doubts that: the ferry is safe for passengers",
        ),
        (
            "who said the dam would hold?",
            'the engineer said: "The dam will hold, whatever the weather."',
            'the engineer said: "The dam will burst before the week is out."',
        ),
        (
            "who claims the minister knew about the payments?",
            "the accountant testified: the minister had known of the payments for years",
            "the accountant testified: the minister had never heard of the payments",
        ),
    ],
)
def test_who_says_it_supports_it_more_than_who_says_the_opposite(
    judge: Judge, question: str, agreeing: str, opposing: str
) -> None:
    same, opposite = judge.judge(question, [agreeing, opposing])
    assert same.supports > opposite.supports + 0.1


def test_a_plain_statement_and_its_plain_denial_fall_on_either_side_of_even(judge: Judge) -> None:
    statements = [
        'the engineer said: "The dam will hold, whatever the weather."',
        "the engineer denied: that the dam would hold",
    ]
    same, opposite = judge.judge("who said the dam would hold?", statements)
    assert opposite.supports < 0.5 < same.supports


def test_verdicts_come_in_the_order_of_the_statements_whatever_their_length(judge: Judge) -> None:
    question = "who said trucks can soon cross the bridge again?"
    statements = [f"{one} [{'The wind had dropped by noon. ' * number}… ]" for number, one in enumerate(BRIDGE * 3)]
    forwards = judge.judge(question, statements)
    backwards = judge.judge(question, statements[::-1])[::-1]
    alone = [judge.judge(question, [one])[0] for one in statements]
    for one, other, single in zip(forwards, backwards, alone, strict=True):
        # Eight bits are scaled by what else is in a batch, so verdicts shift a little with their company.
        assert one.aboutness == pytest.approx(other.aboutness, abs=0.7)
        assert one.aboutness == pytest.approx(single.aboutness, abs=0.7)
        assert one.supports == pytest.approx(single.supports, abs=0.15)


def test_nothing_to_judge_and_texts_of_any_length(judge: Judge) -> None:
    assert judge.judge("who said so?", []) == []
    verdicts = judge.judge("why " * 900, ["", "said: " + "so it goes on and on, " * 900, "\u0007 \ufeff"])
    assert len(verdicts) == 3
    assert all(0 <= verdict.supports <= 1 for verdict in verdicts)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    for name in ("judge.json", "judge.onnx"):
        shutil.copy(WEIGHTS / name, tmp_path / name)
    with (tmp_path / "judge.onnx").open("r+b") as file:
        file.seek(-100, 2)
        byte = file.read(1)
        file.seek(-100, 2)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(OnrecordError, match="damaged"):
        Judge(tmp_path).judge("who said so?", ["she said: so it is"])


def test_the_card_that_is_shipped_names_what_it_was_trained_on() -> None:
    card = json.loads((WEIGHTS / "judge.json").read_text("utf-8"))
    assert card["sha256"] in (WEIGHTS / "judge.md").read_text("utf-8")


def test_a_statement_is_read_with_its_speaker_cue_and_whole_words_of_what_stands_around() -> None:
    before, said, after = (
        "The mayor met voters on Friday. ",
        "Ann Doe denied that taxes would rise",
        ". Others left early.",
    )
    text = "unreadably " * 20 + before + said + after + " unread" * 20
    start = text.index("Ann")
    statement = Statement(
        content=(Span(text.index("taxes"), text.index(". Others")),),
        cue=Span(text.index("denied"), text.index(" that taxes")),
        kind="indirect",
        speaker=Speaker(mention=Span(start, start + 7), resolved="named", name="Ann Doe"),
        probability=1.0,
    )
    shown = forms.judged(text, statement)
    assert shown.startswith("Ann Doe denied: taxes would rise [unreadably unreadably")
    assert "The mayor met voters on Friday. … . Others left early. unread" in shown
    assert shown.endswith(" unread]")
    assert "Ann Doe" not in forms.judged(text, statement, named=False)
