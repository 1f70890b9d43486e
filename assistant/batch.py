"""A file of questions in, a file of answers out: one JSON line each, in the same order, resumable at any line."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from assistant.engine import Assistant
from assistant.present import answer_json, dumped, error_json
from assistant.question import filters_of
from index.errors import UnusableQuestion
from index.model import Filters

FORMATS = (".txt", ".jsonl", ".ndjson", ".csv")
_FILTER_KEYS = ("since", "until", "outlet", "author", "speaker", "language")
_LIST_KEYS = ("outlet", "author", "speaker", "language")
_SESSION_NOTE = "asked on its own: the earlier questions of its session are not used"


class Row(NamedTuple):
    """A question to be asked, from `where` ("FILE:LINE"); or, with `problem`, a row that cannot be."""

    where: str
    identity: str
    question: str
    session: str | None
    filters: Mapping[str, Any]
    problem: str | None = None


def read_rows(path: Path) -> list[Row]:
    """The rows of a file of questions, by its format. Raises `UnusableQuestion` when the whole file is unusable."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UnusableQuestion(f"{path}: not a known format", f"known formats are {', '.join(FORMATS)}")
    try:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise UnusableQuestion(
            f"{path}: cannot be read ({(error.strerror or str(error)).lower()})", "check the name"
        ) from None
    rows = list(_csv_rows(path, data) if suffix == ".csv" else _line_rows(path, data, plain=suffix == ".txt"))
    if not rows:
        raise UnusableQuestion(f"{path}: no questions in it", "write one a line")
    return rows


def answered(assistant: Assistant, row: Row, defaults: Mapping[str, Any], *, passages: int) -> dict[str, Any]:
    """The line for one row: an answer, an abstention, or an error that says what, where and what to do."""
    if row.problem is not None:
        return error_json(
            f"{row.where}: {row.problem}",
            identity=row.identity,
            question=row.question,
            archive=assistant.collection(),
            session=row.session,
        )
    filters = Filters()
    try:
        filters = filters_of(**{**defaults, **row.filters})
        answer = assistant.ask(row.question, filters=filters, passages=passages, session=row.session)
    except UnusableQuestion as error:
        return error_json(
            str(error), identity=row.identity, question=row.question, archive=assistant.collection(),
            session=row.session, filters=filters,
        )  # fmt: skip
    if row.session is not None:
        answer = answer.model_copy(update={"notes": (*answer.notes, _SESSION_NOTE)})
    return answer_json(answer, identity=row.identity)


class Output:
    """The file that answers go to, one whole line at a time."""

    def __init__(self, file: BinaryIO, done: int, errors: int) -> None:
        self._file = file
        self.done = done
        self.errors = errors

    @classmethod
    def open(cls, path: Path, rows: Sequence[Row], *, resume: bool) -> Output:
        """Open a new file, or with `resume` one that an earlier run left, cutting a torn last line off.

        Raises `UnusableQuestion` when the file is in the way, or was made from other questions.
        """
        try:
            if not resume:
                if path.exists() and path.stat().st_size:
                    raise UnusableQuestion(f"{path} exists", "go on with --resume, or name another file")
                return cls(path.open("wb"), 0, 0)
            file = path.open("r+b" if path.exists() else "w+b")
        except OSError as error:
            raise UnusableQuestion(
                f"{path}: cannot be written ({(error.strerror or str(error)).lower()})", "name another file"
            ) from None
        try:
            done, errors, whole = _already(path, file, rows)
        except BaseException:
            file.close()
            raise
        file.seek(whole)
        file.truncate()
        return cls(file, done, errors)

    def write(self, line: dict[str, Any]) -> None:
        """Append one line, handed to the system before this returns."""
        self._file.write(dumped(line).encode() + b"\n")
        self._file.flush()
        self.done += 1
        self.errors += line["outcome"] == "error"

    def close(self) -> None:
        """Close the file, what it holds on the disk."""
        if self._file.seekable():
            os.fsync(self._file.fileno())
        self._file.close()


def run(
    assistant: Assistant,
    rows: Sequence[Row],
    output: Output,
    defaults: Mapping[str, Any],
    *,
    passages: int,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Answer every row that `output` does not hold yet; `progress` is told how many lines there are. Ctrl+C passes."""
    for row in rows[output.done :]:
        output.write(answered(assistant, row, defaults, passages=passages))
        progress(output.done)


def _already(path: Path, file: BinaryIO, rows: Sequence[Row]) -> tuple[int, int, int]:
    """How many whole lines a file holds, how many of them are errors, and where the last of them ends, in bytes."""
    done = errors = whole = 0
    for line in file:
        answer = _parsed(line)
        if answer is None:
            if file.read(1):
                raise UnusableQuestion(f"{path}:{done + 1}: not a line of answers", "name the file that batch wrote")
            break
        if done >= len(rows):
            raise UnusableQuestion(
                f"{path} holds more answers than there are questions", "name the file that goes with them"
            )
        row = rows[done]
        if (answer.get("id"), answer.get("question")) != (row.identity, row.question):
            raise UnusableQuestion(
                f"{path}:{done + 1} answers another question than row {row.identity}", "resume with the same questions"
            )
        done += 1
        errors += answer.get("outcome") == "error"
        whole += len(line)
    return done, errors, whole


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A line as it was written; None when it is torn."""
    if not line.endswith(b"\n"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _line_rows(path: Path, data: bytes, *, plain: bool) -> Iterator[Row]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield Row(where, str(number), "", None, {}, "not UTF-8; save the file as UTF-8")
            continue
        yield Row(where, str(number), text.strip(), None, {}) if plain else _json_row(where, number, text)


def _json_row(where: str, number: int, text: str) -> Row:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Row(where, str(number), "", None, {}, 'not JSON; write one object a line, with "question"')
    if not isinstance(value, dict):
        return Row(where, str(number), "", None, {}, 'not a JSON object; write one a line, with "question"')
    return _row(where, number, value)


def _csv_rows(path: Path, data: bytes) -> Iterator[Row]:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise UnusableQuestion(f"{path}:{line}: not UTF-8", "save the file as UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        if "question" not in (reader.fieldnames or ()):
            raise UnusableQuestion(f"{path}: no column is called question", "name the columns in the first line")
        for number, value in enumerate(reader, start=1):
            given = {key: cell for key, cell in value.items() if isinstance(key, str) and cell}
            lists = {key: [one.strip() for one in given[key].split(";")] for key in _LIST_KEYS if key in given}
            yield _row(f"{path}:{reader.line_num}", number, {**given, **lists})
    except csv.Error as error:
        raise UnusableQuestion(f"{path}:{reader.line_num}: not CSV ({error})", "save it as CSV with commas") from None


def _row(where: str, number: int, value: Mapping[str, Any]) -> Row:
    identity, question, session = value.get("id"), value.get("question"), value.get("session")
    named = str(identity) if isinstance(identity, str | int) and not isinstance(identity, bool) else str(number)
    asked = question if isinstance(question, str) else ""
    in_session = str(session) if isinstance(session, str | int) and not isinstance(session, bool) else None
    given = {key: value[key] for key in _FILTER_KEYS if value.get(key) not in (None, "", [])}
    problem = _problem(question, given)
    lists = {key: [given[key]] if isinstance(given[key], str) else given[key] for key in _LIST_KEYS if key in given}
    return Row(where, named, asked, in_session, {**given, **lists} if problem is None else {}, problem)


def _problem(question: object, given: Mapping[str, Any]) -> str | None:
    if question is None:
        return 'no "question"; add one'
    if not isinstance(question, str):
        return '"question" is not text; write it in quotes'
    for key, value in given.items():
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
            return f'"{key}" is not text; write it in quotes'
        if key not in _LIST_KEYS and not isinstance(value, str):
            return f'"{key}" is a list; give one date'
    return None
