"""The command line as programs drive it: output, exit status, one line on stderr for what is wrong."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.cli import main
from index.archive import Archive

Outcome = tuple[int, str, str]
Run = Callable[..., Outcome]


@pytest.fixture
def onrecord(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = int(stop.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def in_seeds(onrecord: Run, seeds_archive: Archive) -> Run:
    return lambda *arguments: onrecord("--archive", seeds_archive.directory, *arguments)


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1 and "Traceback" not in text


def test_ask_answers_with_exit_0_and_one_json_document(in_seeds: Run) -> None:
    status, out, err = in_seeds("ask", "--json", "who said the factions would attack?")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert (answer["outcome"], answer["error"], answer["asks_back"]) == ("answered", None, None)
    assert answer["filters"] == {
        "since": None, "until": None, "outlet": [], "author": [], "speaker": [], "language": [],
    }  # fmt: skip
    assert answer["archive"]["articles"] == 22


def test_ask_abstains_with_exit_1(in_seeds: Run) -> None:
    status, out, _ = in_seeds("ask", "--json", "What is the boiling point of tungsten?")
    assert status == 1
    assert json.loads(out)["outcome"] == "abstained"


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", ""),
        ("ask", "--json", "x" * 100_000),
        ("ask", "--since", "soon", "Who?"),
        ("ask", "--passages", "-1", "Who?"),
        ("ask",),
        ("remove", "0" * 32),
        ("show", "nobody"),
        ("batch", "absent.txt"),
        ("batch", "--resume", "absent.txt"),
        ("frobnicate",),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(in_seeds: Run, arguments: tuple[str, ...]) -> None:
    status, out, err = in_seeds(*arguments)
    assert (status, out) == (2, "")
    assert one_line(err)
    assert err.startswith("onrecord: ")


@pytest.mark.parametrize("command", [("ask", "Who?"), ("search", "Who?"), ("list",), ("check",), ("show", "ab12"), ()])
def test_where_there_is_no_archive_nothing_is_created(onrecord: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    nowhere = tmp_path / "nowhere"
    status, out, err = onrecord("--archive", nowhere, *command)
    assert (status, out) == (2, "")
    assert one_line(err)
    assert not nowhere.exists()


def test_a_folder_that_is_no_archive_is_left_alone(onrecord: Run, tmp_path: Path) -> None:
    (tmp_path / "articles.db").write_bytes(b"my own database, long in the making")
    status, _, err = onrecord("--archive", tmp_path, "ask", "Who?")
    assert status == 2
    assert "not an onrecord archive" in err
    assert (tmp_path / "articles.db").read_bytes() == b"my own database, long in the making"


def test_add_of_what_is_not_there_makes_no_archive(onrecord: Run, tmp_path: Path) -> None:
    status, _, err = onrecord("--archive", tmp_path / "new", "add", tmp_path / "absent.txt")
    assert status == 2
    assert "no such file" in err
    assert not (tmp_path / "new").exists()


def test_add_takes_what_it_can_and_names_the_rest(onrecord: Run, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "good.txt").write_text("The ferry line closed on Tuesday. Marta Quill owns it.\n", encoding="utf-8")
    (files / "empty.txt").write_bytes(b"")
    (files / "latin.txt").write_bytes("Döring hat gesprochen, sagte sie später, über die Brücke.".encode("latin-1"))
    (files / "binary.txt").write_bytes(b"\x00\x01\x02")
    (files / "news.jsonl").write_text('{"text": "The bridge reopened."}\n{"title": "no text"}\n', encoding="utf-8")
    archive = tmp_path / "archive"
    status, out, err = onrecord("add", files, "--archive", archive)
    assert (status, out) == (1, "")
    for name in ("empty.txt", "latin.txt", "binary.txt", "news.jsonl:2"):
        assert sum(name in line for line in err.splitlines()) == 1
    status, out, _ = onrecord("--archive", archive, "list", "--json")
    listed = [json.loads(line) for line in out.splitlines()]
    assert sorted(Path(line["source"]).name for line in listed) == ["good.txt", "news.jsonl"]
    assert [line["line"] for line in listed if line["source"].endswith("jsonl")] == [1]
    again = onrecord("--archive", archive, "add", files / "good.txt")
    assert again[0] == 0
    assert "1 unchanged" in again[2]


def test_list_and_show_agree(in_seeds: Run) -> None:
    _, out, _ = in_seeds("list", "--json", "--outlet", "Onrecord Starter Desk")
    listed = [json.loads(line) for line in out.splitlines()]
    assert len(listed) == 6
    _, shown, _ = in_seeds("show", listed[0]["article"][:8], "--json")
    article = json.loads(shown)
    assert len(article.pop("text")) == article["characters"]
    assert article == listed[0]


def test_search_prints_passages_best_first(in_seeds: Run) -> None:
    status, out, _ = in_seeds("search", "--json", "--limit", "3", "free ferry petition")
    found = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [passage["rank"] for passage in found] == [1, 2, 3]
    scores = [passage["score"] for passage in found]
    assert scores == sorted(scores, reverse=True)


def test_check_of_a_clean_archive(in_seeds: Run) -> None:
    status, out, err = in_seeds("check")
    assert (status, out) == (0, "")
    assert err.startswith("clean: 22 articles")


def test_batch_prints_a_line_each_and_fails_for_a_bad_row(in_seeds: Run, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": "a", "question": "Who leads Nujaba?"}\n{"id": "b"}\n', encoding="utf-8")
    output = tmp_path / "out.jsonl"
    status, out, _ = in_seeds("batch", questions, "--output", output)
    assert (status, out) == (2, "")
    lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [(line["id"], line["outcome"]) for line in lines] == [("a", "answered"), ("b", "error")]


def test_piped_output_is_plain(in_seeds: Run) -> None:
    _, out, _ = in_seeds("ask", "who said the factions would attack?")
    assert "\x1b" not in out
    assert "[1] Mahmoud al-Rubaie" in out


def test_the_archive_is_found_in_the_environment_and_upward(
    onrecord: Run, seeds_archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / ".onrecord").symlink_to(seeds_archive.directory, target_is_directory=True)
    monkeypatch.chdir(below)
    assert onrecord("list")[0] == 0
    monkeypatch.setenv("ONRECORD_ARCHIVE", str(tmp_path / "elsewhere"))
    assert onrecord("list")[0] == 2


def test_the_chat_needs_a_terminal_that_shows_it(seeds_archive: Archive) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "assistant.cli", "--archive", str(seeds_archive.directory)]
    done = subprocess.run(
        command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        timeout=60, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert "needs a terminal" in done.stderr
