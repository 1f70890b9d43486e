"""An archive says what was added, no more and no less: added again, edited, removed, and while others write."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest

from index.adding import add
from index.archive import Archive, create_archive, open_archive
from index.encoder import EncoderIdentity
from index.encoder.question import QuestionEncoder
from index.errors import DamagedArchive, NoArchive, UnknownArticle, WrongEncoder
from index.model import Article, Draft, Filters
from index.readers import registry
from index.readers.opening import Opened
from index.store import migrations

if TYPE_CHECKING:
    from tests.conftest import AddFiles, MakeArchive

BRIDGE = "Mayor Ine\u0301s Döring 🌊 spoke.\r\n\r\n“The bridge reopens in May,” she said.\xa0Paul Reyes doubted it."
FERRY = "The ferry line closed on Tuesday. Its owner, Marta Quill, said that ticket sales had fallen by half."
STRIKE = "Weavers at the Tarn mill voted to strike, their union said on Friday."


def jsonl(*records: dict[str, object]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def listed(archive: Archive, **filters: object) -> list[Article]:
    with archive.snapshot() as snapshot:
        return [one.article for one in snapshot.listed(Filters.model_validate(filters))]


def generation(archive: Archive) -> int:
    with archive.snapshot() as snapshot:
        return snapshot.generation


def texts_found(
    archive: Archive, question: str, encoder: QuestionEncoder, **filters: object
) -> tuple[set[str], set[str]]:
    """The texts that hold what the dense and the lexical arm find."""
    chosen = Filters.model_validate(filters)
    (vector,) = encoder.encode([question])
    with archive.snapshot() as snapshot:
        dense = snapshot.passages(hit.passage for hit in snapshot.dense(vector, limit=10, filters=chosen))
        words = snapshot.passages(hit.passage for hit in snapshot.lexical(question, limit=10, filters=chosen))
        return tuple(
            {snapshot.appearances(one.content, Filters())[0].text for one in found.values()} for found in (dense, words)
        )


def source(archive: Archive, name: str) -> Path:
    """A file that `make_archive` has laid."""
    return archive.directory.parent / "files" / name


class TestAdding:
    def test_what_was_added_is_listed_with_its_text_as_it_was(self, make_archive: MakeArchive) -> None:
        archive = make_archive({"bridge.txt": BRIDGE})
        (article,) = listed(archive)
        assert article.text == BRIDGE
        assert article.source == str(source(archive, "bridge.txt"))
        assert archive.check() == []

    def test_the_same_again_changes_nothing(self, make_archive: MakeArchive, add_files: AddFiles) -> None:
        records = jsonl({"id": 1, "text": FERRY}, {"id": 2, "text": FERRY}, {"text": STRIKE})
        archive = make_archive({"bridge.txt": BRIDGE, "wire.jsonl": records})
        before = listed(archive), generation(archive)
        added, refusals = add_files(archive, source(archive, ""))
        assert (listed(archive), generation(archive)) == before
        assert (added.unchanged, added.added, added.replaced, added.updated, refusals) == (4, 0, 0, 0, [])

    def test_an_edited_file_replaces_its_article(
        self, make_archive: MakeArchive, add_files: AddFiles, question_encoder: QuestionEncoder
    ) -> None:
        archive = make_archive({"bridge.txt": BRIDGE, "ferry.txt": FERRY})
        source(archive, "bridge.txt").write_text(STRIKE)
        added, _ = add_files(archive, source(archive, "bridge.txt"))
        assert (added.replaced, added.added, added.removed) == (1, 0, 0)
        assert {article.text for article in listed(archive)} == {STRIKE, FERRY}
        assert texts_found(archive, "When does the bridge reopen?", question_encoder) == (
            {STRIKE, FERRY},
            {FERRY, STRIKE},
        )
        assert archive.check() == []

    def test_an_edited_record_replaces_its_article_alone(self, make_archive: MakeArchive, add_files: AddFiles) -> None:
        archive = make_archive({"wire.jsonl": jsonl({"id": "a", "text": BRIDGE}, {"id": "b", "text": FERRY})})
        kept = next(article.id for article in listed(archive) if article.record == "b")
        source(archive, "wire.jsonl").write_text(jsonl({"id": "a", "text": STRIKE}, {"id": "b", "text": FERRY}))
        added, _ = add_files(archive, source(archive, "wire.jsonl"))
        assert (added.replaced, added.unchanged) == (1, 1)
        assert {article.record: article.text for article in listed(archive)} == {"a": STRIKE, "b": FERRY}
        assert kept in {article.id for article in listed(archive)}

    def test_records_without_an_id_follow_their_file(self, make_archive: MakeArchive, add_files: AddFiles) -> None:
        archive = make_archive({"wire.jsonl": jsonl({"text": BRIDGE}, {"text": FERRY})})
        source(archive, "wire.jsonl").write_text(jsonl({"text": STRIKE}))
        added, _ = add_files(archive, source(archive, "wire.jsonl"))
        assert (added.replaced, added.removed) == (1, 1)
        assert [article.text for article in listed(archive)] == [STRIKE]

    def test_new_metadata_of_the_same_text_are_taken_over(self, make_archive: MakeArchive, add_files: AddFiles) -> None:
        archive = make_archive({"wire.jsonl": jsonl({"id": "a", "text": FERRY})})
        source(archive, "wire.jsonl").write_text(jsonl({}, {"id": "a", "text": FERRY, "outlet": "Coast Daily"}))
        added, _ = add_files(archive, source(archive, "wire.jsonl"))
        assert (added.updated, added.refused) == (1, 1)
        (article,) = listed(archive)
        assert (article.outlet, article.line) == ("Coast Daily", 2)

    def test_nothing_goes_when_a_file_cannot_be_read_to_its_end(
        self, make_archive: MakeArchive, add_files: AddFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        archive = make_archive({"wire.jsonl": jsonl({"text": BRIDGE}, {"text": FERRY})})
        monkeypatch.setattr(registry, "open_source", _breaking_off_after(2))
        _, (refusal,) = add_files(archive, source(archive, "wire.jsonl"))
        assert "input/output error" in str(refusal)
        assert {article.text for article in listed(archive)} == {BRIDGE, FERRY}

    def test_a_pipe_named_like_an_article_is_refused_at_once(
        self, make_archive: MakeArchive, add_files: AddFiles, tmp_path: Path
    ) -> None:
        os.mkfifo(tmp_path / "pipe.txt")
        (tmp_path / "ferry.txt").write_text(FERRY)
        archive = make_archive({})
        added, (refusal,) = add_files(archive, tmp_path)
        assert "pipe" in refusal.why
        assert added.added == 1

    def test_a_file_of_200_megabytes_is_refused_in_one_line(
        self, make_archive: MakeArchive, add_files: AddFiles, tmp_path: Path
    ) -> None:
        with (tmp_path / "huge.txt").open("wb") as file:
            file.truncate(200 * 1024 * 1024)
        archive = make_archive({})
        added, (refusal,) = add_files(archive, tmp_path)
        assert (added.added, added.refused) == (0, 1)
        assert "209,715,200 bytes" in str(refusal)
        assert len(str(refusal).splitlines()) == 1

    def test_links_keep_their_own_name_and_share_their_text(
        self, make_archive: MakeArchive, add_files: AddFiles, tmp_path: Path
    ) -> None:
        archive = make_archive({"ferry.txt": FERRY})
        (tmp_path / "link.txt").symlink_to(source(archive, "ferry.txt"))
        add_files(archive, tmp_path)
        assert [article.source for article in listed(archive)][1] == str(tmp_path / "link.txt")
        with archive.snapshot() as snapshot:
            assert snapshot.counts() == (2, 1)


class TestSameText:
    """Wire copies: one text, several articles."""

    WIRE = jsonl(
        {"id": "a", "text": FERRY, "outlet": "Coast Daily", "published": "2021-05-06"},
        {"id": "b", "text": FERRY, "outlet": "The Harbour Post", "published": "2021-05-05"},
        {"id": "c", "text": BRIDGE, "outlet": "The Harbour Post"},
    )

    def test_it_is_embedded_once_and_appears_oldest_first(self, make_archive: MakeArchive) -> None:
        archive = make_archive({"wire.jsonl": self.WIRE})
        with archive.snapshot() as snapshot:
            assert snapshot.counts() == (3, 2)
            (hit, *_) = snapshot.lexical("ticket sales", limit=3, filters=Filters())
            assert [article.record for article in snapshot.appearances(hit.content, Filters())] == ["b", "a"]
            only = Filters(outlet=("coast daily",))
            assert [article.record for article in snapshot.appearances(hit.content, only)] == ["a"]

    def test_it_stays_as_long_as_one_article_has_it(
        self, make_archive: MakeArchive, question_encoder: QuestionEncoder
    ) -> None:
        archive = make_archive({"wire.jsonl": self.WIRE})
        first, second = (article.id for article in listed(archive) if article.text == FERRY)
        archive.remove(first)
        assert texts_found(archive, "Who owns the ferry?", question_encoder)[0] == {FERRY, BRIDGE}
        archive.remove(second)
        assert texts_found(archive, "Who owns the ferry?", question_encoder) == ({BRIDGE}, {BRIDGE})
        assert archive.check() == []

    def test_its_last_bearer_may_change_before_the_copy_is_stored(
        self, make_archive: MakeArchive, add_files: AddFiles
    ) -> None:
        archive = make_archive({"1.jsonl": jsonl({"id": "a", "text": FERRY})})
        source(archive, "1.jsonl").write_text(jsonl({"id": "a", "text": STRIKE}))
        source(archive, "2.txt").write_text(FERRY)
        add_files(archive, source(archive, ""))
        assert {article.text for article in listed(archive)} == {STRIKE, FERRY}
        assert archive.check() == []


class TestFilters:
    NEWS = jsonl(
        {"id": "day", "text": FERRY, "published": "2021-05-06", "outlet": "Coast Daily", "authors": ["Ana Lund"]},
        {"id": "late", "text": BRIDGE, "published": "2021-05-06T23:30:00+02:00", "authors": "Ana Lund and Bo Straße"},
        {"id": "undated", "text": STRIKE, "language": "en", "outlet": "Étoile"},
    )

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({}, {"day", "late", "undated"}),
            ({"since": "2021-05-06"}, {"day", "late"}),
            ({"until": "2021-05-06"}, {"day", "late"}),
            ({"since": "2021-05-07"}, set()),
            ({"until": "2021-05-05"}, set()),
            ({"outlet": ("COAST DAILY", "étoile")}, {"day", "undated"}),
            ({"author": ("ana lund",)}, {"day", "late"}),
            ({"author": ("BO STRASSE",)}, {"late"}),
            ({"language": ("EN",)}, {"undated"}),
            ({"author": ("Ana Lund",), "outlet": ("Coast Daily",)}, {"day"}),
        ],
    )
    def test_they_hold_for_the_list_and_for_both_arms(
        self,
        make_archive: MakeArchive,
        question_encoder: QuestionEncoder,
        filters: dict[str, object],
        expected: set[str],
    ) -> None:
        archive = make_archive({"news.jsonl": self.NEWS})
        articles = listed(archive, **filters)
        assert {article.record for article in articles} == expected
        texts = {article.text for article in articles}
        every_word = "ferry bridge strike"
        assert texts_found(archive, every_word, question_encoder, **filters) == (texts, texts)


class TestRemoving:
    def test_by_id_by_its_beginning_and_by_file(self, make_archive: MakeArchive) -> None:
        archive = make_archive(
            {"bridge.txt": BRIDGE, "ferry.txt": FERRY, "wire.jsonl": jsonl({"id": 1, "text": STRIKE}, {"text": FERRY})}
        )
        by_text = {article.text: article.id for article in listed(archive) if article.source.endswith(".txt")}
        assert archive.resolve(by_text[BRIDGE][:8].upper()) == by_text[BRIDGE]
        assert archive.remove(by_text[BRIDGE][:8]) == [by_text[BRIDGE]]
        assert archive.remove(by_text[FERRY]) == [by_text[FERRY]]
        assert len(archive.remove(str(source(archive, "wire.jsonl")))) == 2
        assert listed(archive) == []
        assert archive.check() == []

    @pytest.mark.parametrize("name", ["0" * 32, "", "abc", "no such file.txt", "%", "'; DROP TABLE articles; --"])
    def test_what_is_not_there_is_named(self, make_archive: MakeArchive, name: str) -> None:
        archive = make_archive({"ferry.txt": FERRY})
        with pytest.raises(UnknownArticle):
            archive.remove(name)
        assert len(listed(archive)) == 1

    def test_a_beginning_that_two_ids_share_is_not_enough(
        self, make_archive: MakeArchive, add_files: AddFiles, tmp_path: Path
    ) -> None:
        path = tmp_path / "twins.jsonl"
        path.write_text(jsonl(*({"text": text} for text in _texts_whose_ids_begin_alike(path))))
        archive = make_archive({})
        add_files(archive, path)
        first, second = (article.id for article in listed(archive))
        assert first[:4] == second[:4]
        with pytest.raises(UnknownArticle, match="more than one"):
            archive.remove(first[:4])
        assert archive.remove(first) == [first]


class TestSnapshots:
    def test_one_stays_as_it_was_while_an_article_goes_and_another_comes(
        self, make_archive: MakeArchive, add_files: AddFiles, question_encoder: QuestionEncoder
    ) -> None:
        archive = make_archive({"bridge.txt": BRIDGE, "ferry.txt": FERRY})
        other = open_archive(archive.directory)
        (vector,) = question_encoder.encode(["Who owns the ferry line?"])
        question = "ferry bridge strike"
        with archive.snapshot() as snapshot:
            before = (
                snapshot.dense(vector, limit=10, filters=Filters()),
                snapshot.lexical(question, limit=10, filters=Filters()),
                list(snapshot.listed(Filters())),
            )
            other.remove(str(source(archive, "ferry.txt")))
            source(archive, "strike.txt").write_text(STRIKE)
            add_files(other, source(archive, "strike.txt"))
            other.repair()
            after = (
                snapshot.dense(vector, limit=10, filters=Filters()),
                snapshot.lexical(question, limit=10, filters=Filters()),
                list(snapshot.listed(Filters())),
            )
        assert after == before
        assert texts_found(archive, question, question_encoder) == ({BRIDGE, STRIKE}, {BRIDGE, STRIKE})

    def test_a_source_counts_as_changed_by_its_bytes(self, make_archive: MakeArchive) -> None:
        archive = make_archive({"bridge.txt": BRIDGE, "ferry.txt": FERRY, "strike.txt": STRIKE, "copied.txt": STRIKE})
        os.utime(source(archive, "copied.txt"), ns=(0, 0))
        source(archive, "bridge.txt").unlink()
        changed = source(archive, "ferry.txt")
        changed.write_text(FERRY.replace("Quill", "Quell"))
        with archive.snapshot() as snapshot:
            found = snapshot.changed_sources(snapshot.all_sources())
        assert set(found) == {str(source(archive, "bridge.txt")), str(changed)}
        assert len(archive.check()) == 2


class TestOpening:
    def test_an_archive_of_another_encoder_says_what_can_be_done(
        self, identity: EncoderIdentity, model: Path, tmp_path: Path
    ) -> None:
        other = identity.model_copy(update={"name": "another", "sha256": "0" * 64})
        archive = create_archive(tmp_path / "archive", other)
        for attempt in (
            lambda: open_archive(archive.directory, identity),
            lambda: create_archive(archive.directory, identity),
            lambda: add(archive, [tmp_path], model, refused=lambda _: None),
        ):
            with pytest.raises(WrongEncoder, match="another folder"):
                attempt()

    def test_where_there_is_none_nothing_is_made(self, tmp_path: Path) -> None:
        with pytest.raises(NoArchive):
            open_archive(tmp_path / "nowhere")
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_of_other_things_is_left_alone(self, identity: EncoderIdentity, tmp_path: Path) -> None:
        (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8")
        with pytest.raises(NoArchive, match="other files"):
            create_archive(tmp_path, identity)
        assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]

    def test_a_file_is_no_archive(self, identity: EncoderIdentity, tmp_path: Path) -> None:
        (tmp_path / "file").write_text(FERRY)
        for attempt in (open_archive, lambda path: create_archive(path, identity)):
            with pytest.raises(NoArchive):
                attempt(tmp_path / "file")

    @pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", FERRY.encode() * 100])
    def test_a_file_that_is_no_database_is_no_archive(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "articles.db").write_bytes(content)
        with pytest.raises(NoArchive):
            open_archive(tmp_path)
        assert (tmp_path / "articles.db").read_bytes() == content

    def test_another_program_s_database_is_left_as_it_is(self, identity: EncoderIdentity, tmp_path: Path) -> None:
        database = sqlite3.connect(tmp_path / "articles.db")
        database.executescript("CREATE TABLE articles (id); CREATE TABLE state (key); PRAGMA user_version = 1;")
        database.close()
        before = hashlib.sha256((tmp_path / "articles.db").read_bytes()).digest()
        for attempt in (open_archive, lambda path: create_archive(path, identity)):
            with pytest.raises(NoArchive, match="not an onrecord archive"):
                attempt(tmp_path)
        assert hashlib.sha256((tmp_path / "articles.db").read_bytes()).digest() == before

    def test_one_whose_making_was_cut_short_is_made_to_its_end(self, identity: EncoderIdentity, tmp_path: Path) -> None:
        (tmp_path / "articles.db").touch()
        with pytest.raises(NoArchive):
            open_archive(tmp_path)
        assert create_archive(tmp_path, identity).check() == []
        assert open_archive(tmp_path, identity).encoder == identity

    def test_one_of_an_older_version_is_brought_up_to_date(
        self, identity: EncoderIdentity, add_files: AddFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "LATEST", 1)
            patch.setattr(migrations, "_STEPS", migrations._STEPS[:1])
            create_archive(tmp_path / "archive", identity)
        (tmp_path / "ferry.txt").write_text(FERRY)
        archive = open_archive(tmp_path / "archive", identity)
        add_files(archive, tmp_path / "ferry.txt")
        assert [article.text for article in listed(archive)] == [FERRY]
        assert archive.check() == []

    def test_one_of_a_newer_version_says_so(self, identity: EncoderIdentity, tmp_path: Path) -> None:
        create_archive(tmp_path, identity)
        with sqlite3.connect(tmp_path / "articles.db") as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
        for attempt in (open_archive, lambda path: create_archive(path, identity)):
            with pytest.raises(DamagedArchive, match="upgrade onrecord"):
                attempt(tmp_path)


def _texts_whose_ids_begin_alike(path: Path) -> tuple[str, str]:
    seen: dict[str, str] = {}
    for number in itertools.count():
        text = f"The ferry sailed {number} times."
        beginning = Draft(text=text, source=str(path)).id[:4]
        if beginning in seen:
            return seen[beginning], text
        seen[beginning] = text
    raise AssertionError


def _breaking_off_after(reads: int) -> object:
    """`open_source` of a disk that fails after some lines."""
    real = registry.open_source

    class Failing:
        def __init__(self, file: BinaryIO) -> None:
            self._file = file
            self._left = reads

        def __getattr__(self, name: str) -> object:
            return getattr(self._file, name)

        def __enter__(self) -> Failing:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def readline(self, size: int = -1) -> bytes:
            self._left -= 1
            if self._left < 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return self._file.readline(size)

    def opening(path: Path, *, encoding: str | None) -> object:
        opened = real(path, encoding=encoding)
        assert isinstance(opened, Opened)
        return opened._replace(file=cast("BinaryIO", Failing(opened.file)))

    return opening
