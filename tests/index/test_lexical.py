"""Lexical search: every passage that shares a word, from the index on disk and from memory alike."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import lexical
from index.store.passages import Entry

WORDS = ["ferry", "bridge", "strike", "harbour", "mill", "Quill", "müller", "U.S."]


def entry(passage: int, text: str, *, content: int | None = None, titles: str = "", outlets: str = "") -> Entry:
    return Entry(passage, passage if content is None else content, text, titles, outlets)


def written(directory: Path, entries: Sequence[Entry]) -> lexical.Words:
    lexical.rebuild(directory, entries, generation=1, token="t")
    opened = lexical.open_index(directory)
    assert opened is not None
    return opened.words


def passages(hits: Sequence[lexical.Hit]) -> list[int]:
    return [hit.passage for hit in hits]


@given(
    texts=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), max_size=12),
    query=st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
)
@settings(deadline=None, max_examples=40)
def test_every_passage_with_a_word_of_the_question_is_found_and_no_other(texts: list[str], query: str) -> None:
    index = lexical.in_memory(entry(number, text) for number, text in enumerate(texts, start=1))
    found = lexical.search(index, query, 50)
    wanted = set(lexical.terms(query))
    assert set(passages(found)) == {n for n, text in enumerate(texts, start=1) if wanted & set(lexical.terms(text))}
    assert all(hit.score > 0 for hit in found)
    assert found == sorted(found, key=lambda hit: (-hit.score, hit.passage))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("The mayor Inés Döring spoke.", "ines doring"),
        ("The mayor Ines Doring spoke.", "INÉS DÖRING"),
        ("Factions attacked.", "who will attack?"),
        ("Ali al-Rubaie confirms.", "Rubaie"),
        ("It rained in 2021.", "2021"),
    ],
)
def test_accents_case_and_endings_do_not_matter(text: str, query: str) -> None:
    assert passages(lexical.search(lexical.in_memory([entry(1, text)]), query, 5)) == [1]


def test_titles_and_outlets_count_but_less_than_the_text() -> None:
    index = lexical.in_memory(
        [
            entry(1, "Nobody came.", titles="Ferry closes"),
            entry(2, "The ferry closed."),
            entry(3, "Nobody came.", outlets="The Ferry"),
            entry(4, "Nobody came."),
        ]
    )
    found = passages(lexical.search(index, "ferry", 5))
    assert found[0] == 2
    assert sorted(found) == [1, 2, 3]


@pytest.mark.parametrize(
    "query", ["", "?!", "text:ferry AND (", '"', "\0", "ferry~2 +bridge -mill *", "\u202e", "a" * 2000, "🌊", "x" * 70]
)
def test_a_question_is_words_and_never_syntax(query: str) -> None:
    index = lexical.in_memory([entry(1, "The ferry closed.")])
    assert passages(lexical.search(index, query, 5)) == ([1] if "ferry" in query else [])


def test_choosing_contents_leaves_the_scores_as_they_are(tmp_path: Path) -> None:
    entries = [entry(n, "ferry " * n + "closed", content=n % 3) for n in range(1, 10)]
    index = written(tmp_path, entries)
    every = {hit.passage: hit for hit in lexical.search(index, "ferry", 20)}
    within = lexical.search(index, "ferry", 20, contents={1})
    without = lexical.search(index, "ferry", 20, without={1})
    assert {hit.passage for hit in within} == {1, 4, 7}
    assert {hit.passage for hit in without} == {2, 3, 5, 6, 8, 9}
    assert all(every[hit.passage] == hit for hit in within + without)
    assert lexical.search(index, "ferry", 20, contents=set()) == []


def test_what_is_replaced_is_found_no_more(tmp_path: Path) -> None:
    written(tmp_path, [entry(1, "The ferry closed.", content=7), entry(2, "The mill burnt.", content=8)])
    new = [entry(3, "The bridge opened.", content=7)]
    assert lexical.catch_up(tmp_path, {7}, new, generation=2, token="u")
    opened = lexical.open_index(tmp_path)
    assert opened is not None
    assert (opened.generation, opened.token) == (2, "u")
    assert lexical.search(opened.words, "ferry", 5) == []
    assert passages(lexical.search(opened.words, "the", 5)) == [2, 3]
    assert lexical.passage_ids(opened.words) == [2, 3]


def test_an_open_index_does_not_move(tmp_path: Path) -> None:
    index = written(tmp_path, [entry(1, "The ferry closed.")])
    lexical.catch_up(tmp_path, {1}, [entry(2, "The mill burnt.")], generation=2, token="u")
    lexical.rebuild(tmp_path, [entry(3, "Nothing.")], generation=2, token="u")
    assert passages(lexical.search(index, "the", 5)) == [1]


def test_an_interrupted_rebuild_does_not_pass_for_the_index(tmp_path: Path) -> None:
    written(tmp_path, [entry(1, "The ferry closed.")])

    def stopping() -> object:
        yield entry(1, "The ferry closed.")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lexical.rebuild(tmp_path, stopping(), generation=1, token="t")  # type: ignore[arg-type]
    opened = lexical.open_index(tmp_path)
    assert opened is not None
    assert lexical.passage_ids(opened.words) == [1]


def test_any_missing_or_torn_file_is_noticed(tmp_path: Path) -> None:
    written(tmp_path, [entry(n, "The ferry closed again. " * n) for n in range(1, 30)])
    (folder,) = tmp_path.glob("lexical-*")
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    for name in [path.name for path in kept.iterdir() if not path.name.startswith(".")]:
        for damage in ("missing", "empty", "half"):
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)
            if damage == "missing":
                (folder / name).unlink()
            else:
                content = (folder / name).read_bytes()
                (folder / name).write_bytes(b"" if damage == "empty" else content[: len(content) // 2])
            opened = lexical.open_index(tmp_path)
            assert opened is None or len(lexical.search(opened.words, "ferry", 50)) == 29, (name, damage)
            assert not lexical.is_whole(tmp_path) or name == "meta.json"
