"""A file of questions in, a file of answers out: in order, whole lines only, resumable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from assistant import batch
from assistant.engine import Assistant
from index.errors import UnusableQuestion

NONE: Mapping[str, Any] = {}
QUESTIONS = (
    "Who leads the Nujaba movement?",
    "What is the boiling point of tungsten?",
    "How much does the ferry cost a day?",
)


def written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def answer_all(assistant: Assistant, rows: list[batch.Row], path: Path, *, resume: bool = False) -> int:
    output = batch.Output.open(path, rows, resume=resume)
    try:
        batch.run(assistant, rows, output, NONE, passages=2)
    finally:
        output.close()
    return output.errors


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.txt"
    path.write_text("\n".join(QUESTIONS) + "\n", encoding="utf-8")
    return path


def test_text_has_a_question_a_line_and_ids_are_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_bytes("\ufeffWho?\r\n\r\n  When? \n".encode())
    assert [(row.identity, row.question) for row in batch.read_rows(path)] == [("1", "Who?"), ("3", "When?")]


def test_json_lines_carry_ids_sessions_and_filters(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"id": 7, "question": "Who?", "session": "s", "outlet": "Post", "since": "2021", "mood": "grey"}\n'
        '{"question": "When?", "outlet": ["Post", "Daily"]}\n',
        encoding="utf-8",
    )
    first, second = batch.read_rows(path)
    assert (first.identity, first.session, dict(first.filters)) == ("7", "s", {"since": "2021", "outlet": ["Post"]})
    assert (second.identity, dict(second.filters)) == ("2", {"outlet": ["Post", "Daily"]})


def test_csv_has_the_same_columns(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('id,question,outlet\na,"Who, exactly,\nsaid so?",Post; Daily\n,When?,\n', encoding="utf-8")
    first, second = batch.read_rows(path)
    assert (first.identity, first.question, dict(first.filters)) == (
        "a",
        "Who, exactly,\nsaid so?",
        {"outlet": ["Post", "Daily"]},
    )
    assert (second.identity, second.question) == ("2", "When?")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "b"}', 'q.jsonl:1: no "question"'),
        ('{"id": "b", "question": 3}', '"question" is not text'),
        ("[1]", "not a JSON object"),
        ("{", "not JSON"),
        ('{"question": "Who?", "outlet": 3}', '"outlet" is not text'),
        ('{"question": "Who?", "since": ["2021"]}', '"since" is a list'),
        ('{"question": "Who?", "since": "soon"}', "is not a date"),
        ('{"question": ""}', "empty"),
        ('{"question": "Who \\ud800?"}', "Unicode"),
        (json.dumps({"question": "x" * 100_000}), "100,000 characters"),
    ],
)
def test_a_bad_row_is_an_error_with_all_keys_and_the_run_goes_on(
    seeds: Assistant, tmp_path: Path, line: str, says: str
) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(line + '\n{"question": "Who leads the Nujaba movement?"}\n', encoding="utf-8")
    rows = batch.read_rows(path)
    bad, good = (batch.answered(seeds, row, NONE, passages=1) for row in rows)
    assert bad.keys() == good.keys()
    assert (bad["outcome"], bad["claims"], bad["confidence"]) == ("error", [], 0)
    assert says in bad["error"]
    assert good["outcome"] == "answered"


def test_a_line_that_is_not_utf8_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_bytes(b"Who said \xff?\nWhen?\n")
    bad, good = batch.read_rows(path)
    assert bad.where.endswith("q.txt:1")
    assert "not UTF-8" in str(bad.problem)
    assert (good.question, good.problem) == ("When?", None)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("q.pdf", b"x", "known formats"),
        ("q.txt", b"\n \n", "no questions"),
        ("q.csv", b"name\nAnn\n", "no column is called question"),
        ("q.csv", b"question\n\xff\n", "q.csv:2: not UTF-8"),
        ("q.txt", None, "cannot be read"),
    ],
)
def test_a_file_that_is_none_of_questions_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnusableQuestion, match=says) as refused:
        batch.read_rows(path)
    assert "\n" not in str(refused.value)


def test_answers_come_in_the_order_of_the_questions(seeds: Assistant, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert answer_all(seeds, batch.read_rows(questions), out) == 0
    assert [(line["id"], line["question"]) for line in written(out)] == [
        (str(number), question) for number, question in enumerate(QUESTIONS, start=1)
    ]
    assert [line["outcome"] for line in written(out)] == ["answered", "abstained", "answered"]


@pytest.mark.parametrize("torn", [b"", b'{"id": "2", "question": "What is', b'{"id": "2"', b"{}"])
def test_a_torn_file_is_finished_and_equals_one_written_at_once(
    seeds: Assistant, questions: Path, tmp_path: Path, torn: bytes
) -> None:
    rows = batch.read_rows(questions)
    whole, resumed = tmp_path / "whole.jsonl", tmp_path / "resumed.jsonl"
    answer_all(seeds, rows, whole)
    resumed.write_bytes(whole.read_bytes().splitlines(keepends=True)[0] + torn)
    answer_all(seeds, rows, resumed, resume=True)
    timeless = [[{**line, "timings_ms": None} for line in written(path)] for path in (whole, resumed)]
    assert timeless[0] == timeless[1]


def test_resuming_with_other_questions_is_refused_and_touches_nothing(
    seeds: Assistant, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    answer_all(seeds, batch.read_rows(questions), out)
    before = out.read_bytes()
    questions.write_text("Who else?\n" + "\n".join(QUESTIONS[1:]) + "\n", encoding="utf-8")
    with pytest.raises(UnusableQuestion, match="another question"):
        batch.Output.open(out, batch.read_rows(questions), resume=True)
    questions.write_text(QUESTIONS[0] + "\n", encoding="utf-8")
    with pytest.raises(UnusableQuestion, match="more answers than"):
        batch.Output.open(out, batch.read_rows(questions), resume=True)
    assert out.read_bytes() == before


def test_a_file_that_is_not_ours_is_not_cut(questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "notes.txt"
    out.write_bytes(b"my notes\nof years\n")
    rows = batch.read_rows(questions)
    with pytest.raises(UnusableQuestion, match="not a line of answers"):
        batch.Output.open(out, rows, resume=True)
    with pytest.raises(UnusableQuestion, match="exists"):
        batch.Output.open(out, rows, resume=False)
    assert out.read_bytes() == b"my notes\nof years\n"


def test_stopped_in_the_middle_it_leaves_whole_lines(seeds: Assistant, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    rows = batch.read_rows(questions)
    output = batch.Output.open(out, rows, resume=False)

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run(seeds, rows, output, NONE, passages=1, progress=stop)
    output.close()
    assert [line["id"] for line in written(out)] == ["1", "2"]
    assert answer_all(seeds, rows, out, resume=True) == 0
    assert [line["id"] for line in written(out)] == ["1", "2", "3"]


def test_a_row_of_a_session_says_that_it_was_asked_on_its_own(seeds: Assistant) -> None:
    row = batch.Row("q.txt:1", "1", QUESTIONS[0], "s", {})
    line = batch.answered(seeds, row, NONE, passages=0)
    assert line["session"] == "s"
    assert any("on its own" in note for note in line["notes"])
    assert line["passages"] == []
