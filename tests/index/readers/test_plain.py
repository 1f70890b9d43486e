"""Text and Markdown: the text is the file's own, front matter is read and stepped over, and the rest is refused."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from index.model import Draft
from index.readers import Refusal, read

STORY = (
    "The harbour board will not sell the northern quay, its chair said on Tuesday.\n\n"
    "“We have had no offer worth the paper,” Ines Calder told reporters. Two members disagreed.\n"
)
FRONT = (
    "---\ntitle: Board keeps the quay\noutlet: The Firth Courier\nauthors: By Ann Oduya and Piet de Wit\n"
    "published: 2021-03-04\nlanguage: EN\nmood: grey\n---\n"
)

# What editors, wire services and web pages leave in text: other line ends, marks, spaces, letters of several parts.
PIECES = st.sampled_from(
    [
        "\r\n",
        "\r",
        "\n",
        "\u2028",
        "\x85",
        "e\u0301",
        "👩\u200d🚒",
        "\u200f",
        "\u202e",
        "\u00a0",
        "\ufeff",
        "---",
        "...",
        "\t",
    ]
)
TEXTS = st.lists(st.one_of(st.text(alphabet=st.characters(exclude_categories=["Cs"])), PIECES)).map("".join)

SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def only(path: Path, *, encoding: str | None = None) -> Draft | Refusal:
    (result,) = read(path, encoding=encoding)
    return result


def draft_of(path: Path, data: bytes, *, encoding: str | None = None) -> Draft:
    path.write_bytes(data)
    result = only(path, encoding=encoding)
    assert isinstance(result, Draft), str(result)
    return result


def refusal_of(path: Path, data: bytes | None = None, *, encoding: str | None = None) -> Refusal:
    if data is not None:
        path.write_bytes(data)
    result = only(path, encoding=encoding)
    assert isinstance(result, Refusal), "was read as an article"
    assert str(result) == f"{result.where}: {result.why}; {result.hint}"
    assert len(str(result).splitlines()) == 1
    return result


@given(text=TEXTS)
@SAME_FOLDER
def test_text_is_the_file_character_for_character(tmp_path: Path, text: str) -> None:
    assume(
        text.removeprefix("\ufeff").strip() and "\0" not in text and not text.removeprefix("\ufeff").startswith("---")
    )
    draft = draft_of(tmp_path / "story.txt", text.encode())
    assert draft.text == text
    assert draft.body == text.startswith("\ufeff")
    assert draft.source == str(tmp_path / "story.txt")
    assert (draft.record, draft.line) == (None, None)


@given(text=TEXTS, ends=st.sampled_from(["\n", "\r\n", "\r"]), mark=st.sampled_from(["", "\ufeff"]))
@SAME_FOLDER
def test_body_points_past_front_matter(tmp_path: Path, text: str, ends: str, mark: str) -> None:
    assume(text.strip() and "\0" not in text and not (ends == "\r" and text.startswith("\n")))
    head = mark + FRONT.replace("\n", ends)
    draft = draft_of(tmp_path / "story.md", (head + text).encode())
    assert draft.text == head + text
    assert draft.text[draft.body :] == text
    assert draft.title == "Board keeps the quay"


def test_front_matter_fills_the_fields(tmp_path: Path) -> None:
    draft = draft_of(tmp_path / "story.txt", (FRONT + STORY).encode())
    assert draft.outlet == "The Firth Courier"
    assert draft.authors == ("Ann Oduya", "Piet de Wit")
    assert (draft.published, draft.published_precision) == ("2021-03-04", "day")
    assert draft.language == "en"
    assert draft.record is None


@pytest.mark.parametrize(
    ("yaml", "field", "value"),
    [
        ("title: 1984", "title", "1984"),
        ("title: 0123", "title", "0123"),
        ("title: !!int 0123", "title", "0123"),
        ("title: no", "title", "no"),
        ("title: =", "title", "="),
        ("title: null", "title", None),
        ("title: 'null'", "title", "null"),
        ("title: ~", "title", None),
        ("title:", "title", None),
        ("title: [a, b]", "title", None),
        ("title: >\n  Board keeps\n  the quay", "title", "Board keeps the quay"),
        ("authors: [Ann Oduya, 'Wit, Piet de']", "authors", ("Ann Oduya", "Wit, Piet de")),
        ("published: 2021-03-04T18:05:00+01:00", "published", "2021-03-04T18:05:00+01:00"),
        ("published: 2021-02-30", "published", None),
        ("published: 2021", "published", None),
        ("updated: 2021-03-05", "updated", "2021-03-05"),
        ("url: https://courier.example/quay", "url", "https://courier.example/quay"),
    ],
)
def test_yaml_values_are_read_as_written(tmp_path: Path, yaml: str, field: str, value: object) -> None:
    draft = draft_of(tmp_path / "story.md", f"---\n{yaml}\n...\n{STORY}".encode())
    assert getattr(draft, field) == value
    assert draft.text[draft.body :] == STORY


@pytest.mark.parametrize(
    "text",
    [
        "---\n" + STORY,  # a rule that nothing closes
        "---\n" + STORY + "---\n" + STORY,  # prose between two rules
        "---\ntitle: never closed\n" + STORY,
        "---\n- one\n- two\n---\n" + STORY,
        "---\n---\n" + STORY,
        "----\ntitle: four dashes\n---\n" + STORY,
        " ---\ntitle: indented\n---\n" + STORY,
        "---\n" + "A line of prose.\n" * 6000 + "---\n" + STORY,
        "Lead.\n" + FRONT + STORY,
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_front_matter_is_text(tmp_path: Path, text: str) -> None:
    draft = draft_of(tmp_path / "story.md", text.encode())
    assert (draft.text, draft.body, draft.title) == (text, 0, None)


@pytest.mark.parametrize(
    ("yaml", "line"),
    [
        ("outlet: Courier\ntitle: Minister: no deal", 3),
        ("title: [unclosed", 3),
        ("title: a\n\tauthors: b", 3),
        ("title: &t Quay\nurl: *t", 2),
        ("title: !!python/object/apply:os.getcwd []", 2),
        ('title: "\\ud800"', 2),
        ('title: "\\UFFFFFFFF"', 2),
        ("title: \x07", 2),
        ("title: a\nauthors: " + "[" * 5000, 2),
        ("title: a\n" + "outlet: b\n" * 8000, 1),
    ],
    ids=lambda value: str(value)[:40],
)
def test_broken_front_matter_is_refused_with_its_line(tmp_path: Path, yaml: str, line: int) -> None:
    path = tmp_path / "story.md"
    refusal = refusal_of(path, f"---\n{yaml}\n---\n{STORY}".encode())
    assert refusal.where == f"{path}:{line}"


def test_nested_aliases_do_not_explode(tmp_path: Path) -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30))
    refusal = refusal_of(tmp_path / "bomb.md", f"---\nl0: &l0 [x]\n{levels}\n---\n{STORY}".encode())
    assert "aliases" in refusal.why


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("named", [False, True])
def test_wide_encodings_by_their_mark(tmp_path: Path, encoding: str, named: bool) -> None:
    draft = draft_of(
        tmp_path / "story.txt", ("\ufeff" + STORY).encode(encoding), encoding=encoding[:6] if named else None
    )
    assert draft.text == "\ufeff" + STORY
    assert draft.body == 1


def test_named_encoding_is_used(tmp_path: Path) -> None:
    text = "La présidente a nié tout désaccord : « Rien n'est décidé. »\n"
    assert draft_of(tmp_path / "a.txt", text.encode("cp1252"), encoding="cp1252").text == text
    assert draft_of(tmp_path / "b.txt", text.encode("utf-8-sig"), encoding="utf-8-sig").text == "\ufeff" + text
    assert draft_of(tmp_path / "c.txt", text.encode("utf-16-le"), encoding="UTF-16LE").text == text


def test_named_encoding_is_used_strictly(tmp_path: Path) -> None:
    refusal = refusal_of(tmp_path / "a.txt", "Décidé.".encode(), encoding="ascii")
    assert refusal.why == "not ascii (byte 0xc3 at offset 1)"
    refusal_of(tmp_path / "b.txt", b"Half a pair: +2AA-", encoding="utf-7")


@pytest.mark.parametrize("name", ["klingon", "rot13", "hex", "", "a\0b", "\ud800", "no\nsuch"])
def test_unknown_encoding_is_refused(tmp_path: Path, name: str) -> None:
    assert "not an encoding" in refusal_of(tmp_path / "a.txt", STORY.encode(), encoding=name).why


def test_other_bytes_are_refused_never_mangled(tmp_path: Path) -> None:
    refusal = refusal_of(tmp_path / "a.txt", "The café will close.".encode("cp1252"))
    assert refusal.why == "not UTF-8 (byte 0xe9 at offset 7)"
    assert "--encoding" in refusal.hint


def test_a_clear_encoding_is_named(tmp_path: Path) -> None:
    text = "Министр заявил, что переговоры продолжатся на следующей неделе. Оппозиция отказалась от комментариев.\n" * 3
    refusal = refusal_of(tmp_path / "a.txt", text.encode("cp1251"))
    assert refusal.hint.endswith("add --encoding cp1251")
    assert draft_of(tmp_path / "a.txt", text.encode("cp1251"), encoding="cp1251").text == text


def test_a_few_accented_letters_name_no_encoding(tmp_path: Path) -> None:
    text = "Der Bürgermeister sagte, die Brücke öffne im Mai.\n"
    assert "it looks like" not in refusal_of(tmp_path / "a.txt", text.encode("cp1252")).hint


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \r\n\t\xc2\xa0\n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (FRONT.encode() + b"\n \n", "empty: no text after the front matter"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "a binary file (NUL byte at offset 8)"),
        (b"\x7fELF\x02\x01\x01\0", "a binary file"),
        (b"\xff\xfea\0\0\0b\0", "a binary file"),
        (b"\xff\xfea", "not UTF-16-LE"),
        (b"\xff\xfe\x00\xd8a\x00", "not UTF-16-LE"),
        (b"surrogate \xed\xa0\x80 in UTF-8", "not UTF-8"),
        (b"cut off \xe2\x80", "not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "a.txt"
    refusal = refusal_of(path, data)
    assert refusal.why.startswith(why)
    assert refusal.where == str(path)


def test_largest_file_is_read_and_the_next_byte_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert len(draft_of(path, b"x" * (16 * 1024 * 1024)).text) == 16 * 1024 * 1024
    os.truncate(path, 16 * 1024 * 1024 + 1)
    assert "JSON Lines" in refusal_of(path).hint
    os.truncate(path, 200 * 1024 * 1024)
    assert refusal_of(path).why.startswith("209,715,200 bytes")


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "null.md").symlink_to("/dev/null")
    (tmp_path / "circle.jsonl").symlink_to("circle.jsonl")
    (tmp_path / "nowhere.md").symlink_to("gone.md")
    assert "pipe" in refusal_of(tmp_path / "pipe.txt").why
    assert "folder" in refusal_of(tmp_path / "folder.txt").why
    assert "device" in refusal_of(tmp_path / "null.md").why
    assert "cannot be read" in refusal_of(tmp_path / "circle.jsonl").why
    for name in ("nowhere.md", "gone.txt", "folder.txt/gone.txt"):
        assert "no such file" in refusal_of(tmp_path / name).why


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket may be no longer than about a hundred bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("wire.txt")
        assert "socket" in refusal_of(Path("wire.txt")).why


def test_odd_names_are_shown_and_refused_only_if_not_unicode(tmp_path: Path) -> None:
    assert draft_of(tmp_path / "la une, été\n\x1b[31m.txt", STORY.encode()).text == STORY
    refusal = refusal_of(tmp_path / "été\n\x1b[31m.txt")
    assert refusal.where == f"{tmp_path}/été\\n\\x1b[31m.txt"
    latin = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9t\xe9.txt"))
    refusal = refusal_of(latin, STORY.encode())
    assert refusal.where == f"{tmp_path}/\\xe9t\\xe9.txt"
    assert "UTF-8" in refusal.why
    assert "file name" in refusal_of(Path("a\0.txt")).why
    assert "name" in refusal_of(Path("a\ud800.txt")).why


def test_source_is_absolute_and_keeps_the_name_of_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real.txt").write_text(STORY)
    (tmp_path / "link.txt").symlink_to("real.txt")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    result = only(Path("../link.txt"))
    assert isinstance(result, Draft)
    assert result.source == str(tmp_path / "link.txt")
    assert refusal_of(Path("../gone.txt")).where == "../gone.txt"


def test_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    refusal = refusal_of(tmp_path / "story.pdf", b"%PDF-1.7")
    assert ".txt, .md, .jsonl, .ndjson" in refusal.hint
    assert draft_of(tmp_path / "STORY.TXT", STORY.encode()).text == STORY
