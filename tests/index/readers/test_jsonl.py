"""JSON Lines: each record is an article or one refusal with its line; a file without articles is one refusal."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from index.model import Draft
from index.readers import Refusal, read

QUAY = "The harbour board will not sell the northern quay, its chair said.\r\n\r\n“No offer came,” Ines Calder said."
MILL = "Weavers at the Tarn mill voted to strike, the union said on Friday. The owners denied any cut in pay."
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


def results(path: Path, *lines: object, encoding: str | None = None) -> list[Draft | Refusal]:
    """What is read of a file with these lines: bytes as they are, all else as JSON."""
    path.write_bytes(b"".join((x if isinstance(x, bytes) else json.dumps(x).encode()) + b"\n" for x in lines))
    return list(read(path, encoding=encoding))


def drafts(found: list[Draft | Refusal]) -> list[Draft]:
    return [result for result in found if isinstance(result, Draft)]


def refusals(found: list[Draft | Refusal]) -> list[Refusal]:
    return [result for result in found if isinstance(result, Refusal)]


@given(
    texts=st.lists(TEXTS.filter(lambda text: text.lstrip("\ufeff").strip()), min_size=1, unique=True),
    escaped=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_texts_come_through_unchanged(tmp_path: Path, texts: list[str], escaped: bool) -> None:
    path = tmp_path / "wire.jsonl"
    lines = [json.dumps({"text": text}, ensure_ascii=escaped).encode() for text in texts]
    found = drafts(results(path, *lines))
    assert [draft.text for draft in found] == texts
    assert [draft.line for draft in found] == list(range(1, len(texts) + 1))
    assert {draft.source for draft in found} == {str(path)}


@given(data=st.one_of(st.binary(), st.recursive(st.none() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_other_bytes_are_one_refusal(tmp_path: Path, data: bytes) -> None:
    assume(b"text" not in data)
    path = tmp_path / "wire.jsonl"
    path.write_bytes(data)
    (refusal,) = refusals(list(read(path)))
    assert refusal.where == str(path)
    assert len(str(refusal).splitlines()) == 1


def test_a_record_with_everything(tmp_path: Path) -> None:
    record = {
        "id": "courier-17", "text": QUAY, "title": " Quay stays ", "outlet": "Firth Courier", "authors": ["Ann Oduya"],
        "published": "2021-03-04T18:05:00Z", "updated": "2021-03-05", "url": "https://courier.example/17",
        "language": "en-GB", "wire": None, "tags": {"a": [1]},
    }  # fmt: skip
    (draft,) = results(tmp_path / "wire.ndjson", record)
    assert draft == Draft(
        text=QUAY, source=str(tmp_path / "wire.ndjson"), record="courier-17", line=1, title="Quay stays",
        outlet="Firth Courier", authors=("Ann Oduya",), published="2021-03-04T18:05:00Z", published_precision="second",
        updated="2021-03-05", url="https://courier.example/17", language="en-gb",
    )  # fmt: skip


def test_only_line_feeds_end_lines_and_blank_ones_count(tmp_path: Path) -> None:
    separated = json.dumps({"text": "One\u2028two\x85three"}, ensure_ascii=False).encode()
    found = drafts(results(tmp_path / "a.jsonl", b"", separated + b"\r", b" \t\r", {"text": MILL}))
    assert [(draft.line, draft.text) for draft in found] == [(2, "One\u2028two\x85three"), (4, MILL)]


def test_last_line_needs_no_end_and_a_mark_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b"\xef\xbb\xbf" + json.dumps({"text": QUAY}).encode() + b"\n" + json.dumps({"text": MILL}).encode()
    )
    assert [draft.text for draft in drafts(list(read(path)))] == [QUAY, MILL]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"text": "The union said', "not JSON"),
        (b'{"text": "a"} {"text": "b"}', "not JSON"),
        (b'["a list"]', "a list, not an object"),
        (b"null", "null, not an object"),
        (b"17", "a number, not an object"),
        (b'{"title": "no article"}', 'no "text"'),
        (b'{"text": null}', '"text" is null'),
        (b'{"text": ["a"]}', '"text" is a list'),
        (b'{"text": {}}', '"text" is an object'),
        (b'{"text": true}', '"text" is true or false'),
        (b'{"text": ""}', '"text" is empty'),
        (b'{"text": " \\n\\u00a0"}', '"text" is empty'),
        (b'{"text": "\\ufeff"}', '"text" is empty'),
        (b'{"text": "Half \\ud83d of it"}', 'half a surrogate pair in "text"'),
        (b'{"text": "Whole.", "title": "\\udc00"}', 'half a surrogate pair in "title"'),
        (b'{"text": "Whole.", "authors": ["Ann", "\\udc00"]}', 'half a surrogate pair in "authors"'),
        (b'{"text": "Whole.", "published": "\\udc00"}', 'half a surrogate pair in "published"'),
        (b'{"text": "Whole.", "id": "\\udc00"}', '"id" holds a control character'),
        (b'{"text": "Whole.", "id": "a\\u0000b"}', '"id" holds a control character'),
        (b'{"text": "Whole.", "id": "a\\nb"}', '"id" holds a control character or line break'),
        (b'{"text": "Whole.", "id": ""}', '"id" is empty'),
        (b'{"text": "Whole.", "id": " "}', '"id" is empty'),
        (b'{"text": "Whole.", "id": 1.5}', '"id" is a number'),
        (b'{"text": "Whole.", "id": true}', '"id" is true or false'),
        (b'{"text": "Whole.", "id": ["a"]}', '"id" is a list'),
        (b'{"text": "Whole.", "id": "' + b"x" * 201 + b'"}', '"id" has 201 characters'),
        (b'{"text": "Whole.", "id": ' + b"9" * 5000 + b"}", "a number with thousands of digits"),
        (b'{"text": "caf\xe9"}', "not UTF-8 (byte 0xe9 at offset 13)"),
        (b'{"text": ' + b"[" * 100_000, "JSON nested too deeply"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_bad_record_is_named_and_the_rest_goes_on(tmp_path: Path, line: bytes, why: str) -> None:
    path = tmp_path / "a.jsonl"
    first, refusal, last = results(path, {"text": QUAY}, line, {"text": MILL})
    assert isinstance(first, Draft)
    assert isinstance(last, Draft)
    assert isinstance(refusal, Refusal)
    assert refusal.where == f"{path}:2"
    assert refusal.why.startswith(why)
    assert refusal.hint
    assert len(str(refusal).splitlines()) == 1


def test_bad_records_before_the_first_good_one_are_named_in_order(tmp_path: Path) -> None:
    found = results(tmp_path / "a.jsonl", b"{", {"title": "x"}, {"text": QUAY}, {"text": ""})
    assert [type(result) for result in found] == [Refusal, Refusal, Draft, Refusal]
    assert [refusal.where.rsplit(":", 1)[1] for refusal in refusals(found)] == ["1", "2", "4"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty: no records"),
        (b"\n \n\xef\xbb\xbf"[:3], "empty: no records"),
        (json.dumps([{"text": QUAY}, {"text": MILL}]).encode(), 'no record has "text" (line 1: a list'),
        (json.dumps([{"text": QUAY}], indent=1).encode(), 'no record has "text" (line 1: not JSON'),
        (b'{"body": "The union said"}\n{"body": "The owners said"}\n', 'no record has "text" (line 1: no "text")'),
        (b"id,text\n1,The union said\n", 'no record has "text" (line 1: not JSON'),
        ('{"text": "The union said"}\n'.encode("utf-16"), "JSON Lines in utf-16"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", 'no record has "text"'),
        (b"\n" + b"x" * (16 * 1024 * 1024 + 1), 'no record has "text" (line 2: longer than 16,777,216 bytes)'),
        (b'{"title": "x"}\n' * 50_000, 'no record has "text"'),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_file_without_articles_is_one_refusal(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    (refusal,) = read(path)
    assert isinstance(refusal, Refusal)
    assert refusal.where == str(path)
    assert refusal.why.startswith(why)


def test_a_near_miss_says_which_key_to_rename(tmp_path: Path) -> None:
    (refusal,) = refusals(results(tmp_path / "a.jsonl", {"body": QUAY}))
    assert refusal.hint == 'rename "body" to "text"'


def test_a_repeated_record_is_refused_and_names_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records: list[dict[str, Any]] = [
        {"id": 7, "text": ""}, {"id": "7", "text": QUAY}, {"text": QUAY}, {"text": QUAY}, {"id": 7, "text": MILL},
        {"id": None, "text": MILL}, {"id": 8, "text": MILL},
    ]  # fmt: skip
    found = results(path, *records)
    assert [draft.record for draft in drafts(found)] == ["7", None, None, "8"]
    assert [refusal.where for refusal in refusals(found)] == [f"{path}:1", f"{path}:4", f"{path}:5"]
    assert refusals(found)[1].why == "the article is that of line 3"
    assert refusals(found)[2].why == 'the id "7" is that of line 2'


def test_named_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = json.dumps({"text": "La présidente a nié tout désaccord."}, ensure_ascii=False).encode("cp1252")
    (draft,) = drafts(results(path, line, encoding="cp1252"))
    assert draft.text == "La présidente a nié tout désaccord."
    (refusal,) = refusals(results(path, line, encoding="utf-16"))
    assert "line by line" in refusal.why


def test_longest_line_is_read_and_a_longer_one_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    longest = b'{"text": "' + b"x" * (16 * 1024 * 1024 - 12) + b'"}'
    assert len(longest) == 16 * 1024 * 1024
    found = results(path, longest, longest + b" ", {"text": MILL})
    assert [draft.line for draft in drafts(found)] == [1, 3]
    assert [refusal.where for refusal in refusals(found)] == [f"{path}:2"]


def test_a_large_file_takes_the_memory_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(json.dumps({"text": QUAY}).encode() + b"\n")
        file.truncate(300 * 1024 * 1024)  # one line of NUL bytes
        file.seek(0, 2)
        file.write(b"\n" + json.dumps({"text": MILL}).encode())
    tracemalloc.start()
    try:
        found = list(read(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [type(result) for result in found] == [Draft, Refusal, Draft]
    assert peak < 64 * 1024 * 1024


def test_results_come_as_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json.dumps({"text": QUAY}).encode() + b"\n")
    stream = read(path)
    with path.open("ab") as file:
        first = next(stream)
        file.write(json.dumps({"text": MILL}).encode() + b"\n")
    assert [first, *stream] == list(read(path))
    assert len(drafts(list(read(path)))) == 2
