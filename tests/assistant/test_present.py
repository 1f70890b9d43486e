"""What programs and people are shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answer import Reported
from assistant.engine import Assistant
from assistant.present import answer_json, answer_text, byline, clipping, dumped, place, speaker_line, whose
from index.archive import Archive
from index.model import Filters, Resolved, Span, Speaker, Statement
from index.store.statements import Named

EXAMPLE = "who said the factions would attack?"


def test_json_is_one_line_of_ascii_whatever_the_text(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    text = "Döring said: the \u2028bridge\x85 will \x1b[31mreopen in May \U0001f30a. Nobody else spoke of the bridge.\n"
    answer = assistant_over(make_archive({"odd.txt": text})).ask("When will the bridge reopen?")
    line = dumped(answer_json(answer))
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert any("\U0001f30a" in found["text"] for found in json.loads(line)["passages"])


def test_the_quotations_stand_under_the_answer_with_byline_outlet_date_and_place(seeds: Assistant) -> None:
    answer = seeds.ask(EXAMPLE)
    shown = "\n".join(line.text for line in answer_text(answer))
    first = answer.claims[0].citations[0]
    assert f"“{first.quote}”" in shown
    assert "[1] Mahmoud al-Rubaie (“al-Rubaie”) — also confirmed" in shown
    assert "Onrecord Starter Desk" in shown
    assert str(first.article.published) in shown
    assert f"asaib-ahl-al-haq.md:{first.article.text.count(chr(10), 0, first.start) + 1} " in shown


@pytest.mark.parametrize(
    ("mention", "name", "resolved", "shown"),
    [
        ("A council spokesman", "council", "named", "council (“A council spokesman”) — said"),
        ("the council", "council", "named", "council — said"),
        ("Ann Doe, who chairs the council,", "Ann Doe", "named", "Ann Doe — said"),
        ("Ms. Doe, who has lived by the river since 1987,", "Ann Doe", "surname", "Ann Doe (“Ms. Doe”) — said"),
        ("many engineers, including Ms. Doe,", None, "unresolved", "many engineers, including Ms. Doe — said"),
    ],
)
def test_whose_words_with_what_is_printed_there(
    make_archive: Callable[..., Archive], mention: str, name: str | None, resolved: Resolved, shown: str
) -> None:
    text = f"{mention} said that it was safe. Neither Ann Doe nor the council came.\n"
    with make_archive({"a.txt": text}).snapshot() as snapshot:
        (listed,) = snapshot.listed(Filters())

    def at(words: str) -> Span:
        return Span(text.index(words), text.index(words) + len(words))

    speaker = Speaker(mention=at(mention), name=name, named_at=at(name) if name else None, resolved=resolved)
    statement = Statement(
        content=(at("that it was safe"),), cue=at("said"), kind="indirect", probability=0.9, speaker=speaker
    )
    assert whose(Reported(article=listed.article, statement=statement)) == shown


def test_numbers_of_statements_stand_in_a_column() -> None:
    many, few = (Named("Ann Doe", number, ("Gazette",), "2021-01-01", None) for number in (1655, 9))
    assert [speaker_line(one).text for one in (many, few)] == [
        " 1,655  Ann Doe (2021-01-01; Gazette)",
        "     9  Ann Doe (2021-01-01; Gazette)",
    ]


def test_a_quotation_that_is_the_answer_is_shown_once(seeds: Assistant) -> None:
    answer = seeds.ask("Tell me about the barge.")
    assert answer.answer == answer.claims[0].text
    shown = "\n".join(line.text for line in answer_text(answer))
    assert shown.count(answer.answer) == 1


def test_the_words_that_answer_a_fact_stand_above_their_quotation(seeds: Assistant) -> None:
    lines = list(answer_text(seeds.ask("How far was the pier pushed out of place?")))
    assert (lines[0].text, lines[0].role) == ("11 centimetres", "heading")
    assert any("The pier was pushed 11 centimetres out of place" in line.text for line in lines[1:])


def test_the_place_is_the_line_of_the_file(seeds: Assistant) -> None:
    citation = seeds.ask(EXAMPLE).claims[0].citations[0]
    name, line = place(citation).split(" (")[0].rsplit(":", 1)
    assert citation.quote[:30] in Path(name).read_text(encoding="utf-8").split("\n")[int(line) - 1]


def test_silence_says_so_and_names_the_nearest_as_no_answer(seeds: Assistant) -> None:
    lines = [line.text for line in answer_text(seeds.ask("What is the boiling point of tungsten?"))]
    assert lines[0] == "No answer: nothing in this archive supports one."
    assert "Nearest passages, which are not an answer:" in lines


def test_a_clipping_has_the_quotation_the_byline_and_the_place(seeds: Assistant) -> None:
    citation = seeds.ask(EXAMPLE).claims[0].citations[0]
    quote, by, where = clipping(citation).split("\n")
    assert quote == f"“{citation.quote}”"
    assert by == f"— {byline(citation.article)}"
    assert where == place(citation)


def test_escape_sequences_of_an_article_are_shown_and_do_not_act(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    text = "The mayor said that the bridge will reopen in May\x1b]0;owned\x07 and not \x1b[2Jlater than that.\n"
    answer = assistant_over(make_archive({"escape.txt": text})).ask("When will the bridge reopen?")
    shown = "\n".join(line.text for line in answer_text(answer))
    assert "␛[2Jlater" in shown
    assert "\x1b" not in shown
    assert "\x1b[2J" in answer.passages[0].citation.quote
