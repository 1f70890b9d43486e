"""The lexical projection: BM25 over passages, with title and outlet as fields of their own. The only `tantivy`.

The index commits in place; a pointer file written after the commit says which generation it surely holds. What was
touched later is indexed in memory by the reader from the database, so a lagging index is late but never wrong.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import tantivy

from index import pointer
from index.errors import DamagedArchive, UnwritableProjection
from index.model import Frozen
from index.store.passages import Entry

_POINTER = "lexical.json"
_TEXT = "onrecord_text"
_NAME = "onrecord_name"
_HEAP_BYTES = 50_000_000
_LONGEST_TERM = 64
# A title says what its passages are about, in few words; weights were not tuned beyond that.
_WEIGHTS = (("text", 1.0), ("titles", 0.3), ("outlets", 0.3))

# An open index: the rest of the package names it without knowing tantivy.
Words = tantivy.Index


class Hit(NamedTuple):
    """A passage, its content and its BM25 score (above 0)."""

    passage: int
    content: int
    score: float


class Opened(NamedTuple):
    """The index on disk, as committed when it was opened: it holds at least what this generation holds."""

    generation: int
    token: str
    words: Words


class _File(Frozen):
    bytes: int
    sha256: str


class _Pointer(Frozen):
    folder: str
    generation: int
    token: str
    # Of the files that tantivy never changes once they are written.
    files: dict[str, _File]


def open_index(directory: Path) -> Opened | None:
    """The current index; None when it is missing or damaged and must be written anew."""
    found = pointer.read(directory / _POINTER, _Pointer)
    if found is None:
        return None
    folder = directory / found.folder
    try:
        if not _all_there(folder, found.files):
            return None
        index = _open(folder)
    except (ValueError, KeyError, TypeError, OSError):
        return None
    return Opened(found.generation, found.token, index)


def is_written(directory: Path) -> bool:
    """Whether an index was ever written here: if so, one that cannot be opened is damaged and not only late."""
    return (directory / _POINTER).exists()


def is_whole(directory: Path) -> bool:
    """Whether the index's files have the very bytes they were written with."""
    found = pointer.read(directory / _POINTER, _Pointer)
    if found is None:
        return False
    try:
        return all(_sha256(directory / found.folder / name) == file.sha256 for name, file in found.files.items())
    except OSError:
        return False


def rebuild(directory: Path, entries: Iterable[Entry], *, generation: int, token: str) -> None:
    """Write the index anew in a folder of its own, then point to it and drop the old one.

    Raises `UnwritableProjection`; the old index is current then.
    """
    # Never the folder that is pointed to: half an index would pass for the whole one if this were cut short.
    folder = directory / f"lexical-{generation}-{secrets.token_hex(4)}"
    try:
        folder.mkdir()
        index = Words(_schema(), path=str(folder))
        _write(index, entries, replaced=())
        _point_to(folder, {}, generation=generation, token=token)
    except (ValueError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise UnwritableProjection.of("words", directory, error) from None
    for old in directory.glob("lexical-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


def catch_up(
    directory: Path, replaced: Collection[int], entries: Iterable[Entry], *, generation: int, token: str
) -> bool:
    """Bring the index to `generation`: drop contents in `replaced`, take in `entries`. False: it must be rebuilt."""
    found = pointer.read(directory / _POINTER, _Pointer)
    opened = open_index(directory)
    if opened is None or found is None:
        return False
    try:
        _write(opened.words, entries, replaced=replaced)
        _point_to(directory / found.folder, found.files, generation=generation, token=token)
    except (ValueError, OSError):
        return False
    return True


def in_memory(entries: Iterable[Entry]) -> Words:
    """An index of a few passages, held in memory."""
    index = Words(_schema())
    _write(index, entries, replaced=())
    return index


def terms(question: str) -> list[str]:
    """The question's words as the text field knows them: lower case, without accents, stemmed; in order, each once."""
    return list(dict.fromkeys(_text_analyzer().analyze(question)))


def search(
    index: Words,
    question: str,
    limit: int,
    *,
    contents: Collection[int] | None = None,
    without: Collection[int] = (),
) -> list[Hit]:
    """The best `limit` passages by BM25. Ties stand in the order of passage ids.

    With `contents` from these only, and never from `without`: both leave the scores of the others as they are.
    """
    query = _query(index.schema, question)
    if query is None:
        return []
    clauses = [(tantivy.Occur.Must, query)]
    if contents is not None:
        wanted = tantivy.Query.term_set_query(index.schema, "content", list(contents))
        clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(wanted, 0.0)))
    if without:
        clauses.append((tantivy.Occur.MustNot, tantivy.Query.term_set_query(index.schema, "content", list(without))))
    searcher = index.searcher()
    try:
        found = searcher.search(tantivy.Query.boolean_query(clauses), limit, count=False).hits
        addresses = [address for _, address in found]
        passages = _numbers(searcher, "passage", addresses)
        owners = _numbers(searcher, "content", addresses)
    except ValueError as error:
        reason = f"the index of words is damaged ({error})"
        raise DamagedArchive(reason, "write it anew with: onrecord check --repair") from None
    hits = [
        Hit(passage, content, float(score or 0.0))
        for (score, _), passage, content in zip(found, passages, owners, strict=True)
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage))


def rarity(indexes: Sequence[Words], term: str) -> float:
    """How rare a term is: BM25's inverse document frequency over passages (Robertson and Zaragoza 2009, eq. 3.3)."""
    searchers = [index.searcher() for index in indexes]
    number = sum(searcher.num_docs for searcher in searchers)
    frequency = min(number, sum(searcher.doc_freq("text", term) for searcher in searchers))
    return math.log(1 + (number - frequency + 0.5) / (frequency + 0.5))


def passage_ids(index: Words) -> list[int]:
    """Every passage id in the index, ascending, with repeats if there were any."""
    searcher = index.searcher()
    found = searcher.search(tantivy.Query.all_query(), max(searcher.num_docs, 1), count=False).hits
    return sorted(_numbers(searcher, "passage", [address for _, address in found]))


def _numbers(searcher: tantivy.Searcher, field: str, addresses: list[tantivy.DocAddress]) -> list[int]:
    """The values of a number field that every document has."""
    values = searcher.fast_field_values(field, addresses)
    return [int(value) for value in values if value is not None]


def _query(schema: tantivy.Schema, question: str) -> tantivy.Query | None:
    # Built from terms, never parsed: a question may hold any character.
    by_field = {"text": terms(question), "titles": terms(question), "outlets": _name_analyzer().analyze(question)}
    parts = [
        (tantivy.Occur.Should, tantivy.Query.boost_query(tantivy.Query.term_query(schema, field, term), weight))
        for field, weight in _WEIGHTS
        for term in dict.fromkeys(by_field[field])
    ]
    return tantivy.Query.boolean_query(parts) if parts else None


def _write(index: Words, entries: Iterable[Entry], *, replaced: Collection[int]) -> None:
    _register(index)
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
    if replaced:
        writer.delete_documents_by_query(tantivy.Query.term_set_query(index.schema, "content", list(replaced)))
    for entry in entries:
        document = tantivy.Document(text=entry.text, titles=entry.titles, outlets=entry.outlets)
        document.add_unsigned("passage", entry.passage)
        document.add_unsigned("content", entry.content)
        writer.add_document(document)
    writer.commit()
    # Dropping a writer without waiting kills its merges, and segments pile up.
    writer.wait_merging_threads()
    index.reload()


def _point_to(folder: Path, known: Mapping[str, _File], *, generation: int, token: str) -> None:
    # Segments have names of their own for ever: only what is new is read to be hashed.
    files = {
        path.name: known.get(path.name) or _File(bytes=path.stat().st_size, sha256=_sha256(path))
        for path in _lasting(folder)
    }
    written = _Pointer(folder=folder.name, generation=generation, token=token, files=files)
    pointer.write(folder.parent / _POINTER, written)


def _open(folder: Path) -> Words:
    """What the index holds now, and nothing that a writer commits later: a snapshot does not move."""
    if os.access(folder, os.W_OK):
        index = Words.open(str(folder))
        index.config_reader("Manual")
    else:
        # To open an index tantivy takes a lock, which is a file: where none can be made, in a folder of links.
        with tempfile.TemporaryDirectory(prefix="onrecord-") as view:
            for path in folder.iterdir():
                if path.suffix != ".lock":
                    (Path(view) / path.name).symlink_to(path.absolute())
            index = Words.open(view)
            index.config_reader("Manual")
    _register(index)
    return index


def _all_there(folder: Path, files: Mapping[str, _File]) -> bool:
    """Whether the files of every segment in use have the size they were written with; tantivy looks only later.

    Segments that `files` does not know were committed just before a crash: they are taken at tantivy's word, as are
    files of deletions, which are replaced while their segment stays.
    """
    segments = json.loads((folder / "meta.json").read_bytes())["segments"]
    used = {segment["segment_id"].replace("-", "") for segment in segments}
    return all(
        (folder / name).stat().st_size == file.bytes
        for name, file in files.items()
        if name.split(".")[0] in used and not name.endswith(".del")
    )


def _lasting(folder: Path) -> list[Path]:
    """The index's files that are written once."""
    return [path for path in folder.iterdir() if not path.name.startswith(".") and path.name != "meta.json"]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage", indexed=True, fast=True)
    builder.add_unsigned_field("content", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=_TEXT)
    builder.add_text_field("titles", tokenizer_name=_TEXT)
    builder.add_text_field("outlets", tokenizer_name=_NAME)
    return builder.build()


def _register(index: Words) -> None:
    # Tokenizers are not stored with the index: they must be named again at every opening.
    index.register_tokenizer(_TEXT, _text_analyzer())
    index.register_tokenizer(_NAME, _name_analyzer())


def _text_analyzer() -> tantivy.TextAnalyzer:
    return _base().filter(tantivy.Filter.stemmer("english")).build()


def _name_analyzer() -> tantivy.TextAnalyzer:
    return _base().build()


def _base() -> tantivy.TextAnalyzerBuilder:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    kept = builder.filter(tantivy.Filter.remove_long(_LONGEST_TERM))
    return kept.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
