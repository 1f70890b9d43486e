"""Taking files in: read, cut into passages, encode, store. Batches of whole articles, each in one transaction."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Literal, NamedTuple

from index.archive import Archive
from index.encoder import identify, tokens
from index.encoder.bulk import BulkEncoder
from index.model import Draft, Span
from index.passages import split
from index.readers import Refusal, find, read
from index.readers.refusal import shown
from index.statements.finder import Finder, Looked
from index.store import articles, connection, passages, statements

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Large enough that passages of like length meet in a batch of the encoder, small enough to lose little when stopped.
_BATCH_PASSAGES = 768
_BATCH_CHARACTERS = 4_000_000
_SPECIAL_TOKENS = 2

_Count = Literal["added", "replaced", "updated", "unchanged", "removed", "passages", "statements"]


class Progress(NamedTuple):
    """How far an `add` has come: `files` of `files_known` read, articles, passages and statements stored."""

    files: int
    files_known: int
    articles: int
    passages: int
    statements: int


class Added(NamedTuple):
    """What an `add` did: articles by what became of them, passages stored, files and records refused.

    Times in seconds: the whole, what the encoder's process spent encoding, what finding statements took.
    """

    added: int
    replaced: int
    updated: int
    unchanged: int
    removed: int
    passages: int
    refused: int
    seconds: float
    encoding_seconds: float
    statements: int
    statement_seconds: float
    interrupted: bool


class _Put(NamedTuple):
    draft: Draft
    spans: list[Span]


class _Finish(NamedTuple):
    """A source file read to its end: what it was, and the articles without an id of their own that it holds now."""

    source: str
    stamp: articles.Stamp
    idless: frozenset[str]


class _Batch(NamedTuple):
    steps: list[_Put | _Finish]
    texts: list[str]


def add(
    archive: Archive,
    paths: Sequence[Path],
    model: Path,
    *,
    encoding: str | None = None,
    refused: Callable[[Refusal], None],
    progress: Callable[[Progress], None] = lambda _: None,
    encoder: BulkEncoder | None = None,
    finder: Finder | None = None,
) -> Added:
    """Add files and folders. What cannot be used is told to `refused`, and the rest goes on.

    `encoder` is one of `model` that is already running; without it, one is started and ended here. When `add` raises or
    is interrupted, vectors that nobody fetched may lie in it: it is to be closed. Stopped by Ctrl+C, `add` keeps the
    batches that are whole and says so; a second Ctrl+C leaves at once, and no less is kept.
    Raises `WrongEncoder` when the archive was made with another model, `ArchiveBusy` when another process is writing,
    `OnrecordError` when the encoder dies or the disk is full.
    """
    start = perf_counter()
    archive.require(identify(model))
    with archive.writing() as database, nullcontext(encoder) if encoder else BulkEncoder(model) as running:
        encoded_before = running.seconds
        run = _Run(archive, database, running, finder or Finder(), tokens.counter(model), encoding, refused, progress)
        interrupted = False
        try:
            run.all(paths)
        except KeyboardInterrupt:
            interrupted = True
        archive.catch_up(database, done=True)
        counts = run.counts
        return Added(
            added=counts["added"],
            replaced=counts["replaced"],
            updated=counts["updated"],
            unchanged=counts["unchanged"],
            removed=counts["removed"],
            passages=counts["passages"],
            refused=run.refusals,
            seconds=perf_counter() - start,
            encoding_seconds=running.seconds - encoded_before,
            statements=counts["statements"],
            statement_seconds=run.statement_seconds,
            interrupted=interrupted,
        )


class _Run:
    """The state of one `add`: what was counted, and the batch that the encoder is working on."""

    def __init__(
        self,
        archive: Archive,
        database: connection.Connection,
        encoder: BulkEncoder,
        finder: Finder,
        count_tokens: tokens.Counter,
        encoding: str | None,
        refused: Callable[[Refusal], None],
        progress: Callable[[Progress], None],
    ) -> None:
        self._archive = archive
        self._database = database
        self._encoder = encoder
        self._finder = finder
        self.statement_seconds = 0.0
        self._tokens = count_tokens
        self._encoding = encoding
        self._refused = refused
        self._progress = progress
        self._pending: set[str] = set()
        # Batches handed to the encoder and not yet received, and those received while something else was asked for.
        self._in_flight = 0
        self._received: deque[NDArray[np.float32]] = deque()
        self._files = self._files_known = 0
        # Articles without an id of their own that the file being stored has brought.
        self._new_idless = 0
        self.refusals = 0
        # Of committed batches, and of the batch that is being stored: what is rolled back was never added.
        self.counts: Counter[_Count] = Counter()
        self._batch_counts: Counter[_Count] = Counter()

    def all(self, paths: Sequence[Path]) -> None:
        """Read, encode and store, the encoder one batch ahead of the database."""
        waiting: _Batch | None = None
        for batch in self._batches(paths):
            if batch.texts:
                self._encoder.submit(batch.texts)
                self._in_flight += 1
            if waiting is not None:
                self._store(waiting)
            waiting = batch
        if waiting is not None:
            self._store(waiting)

    def _batches(self, paths: Sequence[Path]) -> Iterator[_Batch]:
        batch = _Batch([], [])
        characters = 0
        for step in self._steps(paths):
            if isinstance(step, _Put) and (len(batch.texts) >= _BATCH_PASSAGES or characters >= _BATCH_CHARACTERS):
                yield batch
                batch, characters = _Batch([], []), 0
            batch.steps.append(step)
            if isinstance(step, _Put):
                batch.texts.extend(step.draft.text[span.start : span.end] for span in step.spans)
                characters += len(step.draft.text)
        if batch.steps:
            yield batch

    def _steps(self, paths: Sequence[Path]) -> Iterator[_Put | _Finish]:
        files = self._found(paths)
        self._files_known = len(files)
        for number, path in enumerate(files, start=1):
            stamp = _stamp(path)
            idless: set[str] = set()
            drafts = 0
            whole = True
            for draft in read(path, encoding=self._encoding):
                if isinstance(draft, Refusal):
                    self._refuse(draft)
                    # Of the file and not of a line of it: what comes behind is unknown, not gone.
                    whole = whole and draft.where != shown(path)
                    continue
                drafts += 1
                if draft.record is None:
                    idless.add(draft.id)
                yield _Put(draft, self._spans(draft))
            if drafts and whole and stamp is not None:
                yield _Finish(str(path), stamp, frozenset(idless))
            self._files = number
            self._tell()

    def _found(self, paths: Sequence[Path]) -> list[Path]:
        files: dict[Path, None] = {}
        for path in paths:
            for one in find(path):
                if isinstance(one, Refusal):
                    self._refuse(one)
                else:
                    files[Path(os.path.abspath(one))] = None  # noqa: PTH100 - a link keeps its own name
        return list(files)

    def _spans(self, draft: Draft) -> list[Span]:
        key = _content_key(draft)
        if key in self._pending or articles.has_content(self._database, draft):
            return []
        self._pending.add(key)
        return self._split(draft)

    def _split(self, draft: Draft) -> list[Span]:
        window = self._archive.encoder.window - _SPECIAL_TOKENS
        return split(draft.text, body=draft.body, tokens=self._tokens, limit=window)

    def _store(self, batch: _Batch) -> None:
        vectors = self._receive().astype("<f2") if batch.texts else None
        looked = iter(self._look([step.draft for step in batch.steps if isinstance(step, _Put) and step.spans]))
        at = 0
        self._batch_counts.clear()
        with connection.writing(self._database) as generation:
            for step in batch.steps:
                if isinstance(step, _Finish):
                    self._finish(step, generation)
                    continue
                until = at + len(step.spans)
                own = vectors[at:until] if vectors is not None else None
                at = until
                found = next(looked) if step.spans else None
                content = self._put(step.draft, generation)
                if content is None:
                    continue
                spans = step.spans
                if not spans:
                    # Its text was known when it was read, but the last article that carried it has been replaced since.
                    spans = self._split(step.draft)
                    own = self._encode_now([step.draft.text[span.start : span.end] for span in spans])
                self._pending.discard(_content_key(step.draft))
                if own is not None and spans:
                    passages.insert(self._database, content, spans, own)
                    self._batch_counts["passages"] += len(spans)
                self._put_statements(content, found or self._look([step.draft])[0])
        self.counts.update(self._batch_counts)
        self._archive.catch_up(self._database, done=False)
        self._tell()

    def _put(self, draft: Draft, generation: int) -> int | None:
        """Store one draft. Gives the content's id when its passages are wanted, else None."""
        if articles.known(self._database, draft.id):
            changed = articles.update(self._database, draft, generation=generation)
            self._batch_counts["updated" if changed else "unchanged"] += 1
            return None
        former = self._former(draft)
        if former is not None:
            articles.delete(self._database, former, generation=generation)
            self._batch_counts["replaced"] += 1
        else:
            self._batch_counts["added"] += 1
            self._new_idless += draft.record is None
        if articles.stamp(self._database, draft.source) is None:
            # Until the file is read to its end, its articles count as "not as read".
            articles.put_source(self._database, draft.source, articles.Stamp(None, None, None))
        return articles.insert(self._database, draft, generation=generation)

    def _put_statements(self, content: int, found: Looked) -> None:
        statements.insert(self._database, content, found.statements, found.vectors, finder=self._finder.version)
        self._batch_counts["statements"] += len(found.statements)

    def _look(self, drafts: Sequence[Draft]) -> list[Looked]:
        start = perf_counter()
        looked = self._finder.look([draft.text for draft in drafts], [draft.body for draft in drafts])
        self.statement_seconds += perf_counter() - start
        return looked

    def _former(self, draft: Draft) -> str | None:
        """The article that this draft replaces: the same record of the same source, with another text."""
        if draft.record is None:
            return None
        return articles.id_of_record(self._database, draft.source, draft.record)

    def _finish(self, step: _Finish, generation: int) -> None:
        """A file was read to its end: what it held without an id of its own and holds no more, goes."""
        gone = [one for one in articles.ids_without_record(self._database, step.source) if one not in step.idless]
        for identity in gone:
            articles.delete(self._database, identity, generation=generation)
        # A text file that was edited is one article for another, not one more and one less.
        replaced = min(len(gone), self._new_idless)
        self._new_idless = 0
        self._batch_counts["added"] -= replaced
        self._batch_counts["replaced"] += replaced
        self._batch_counts["removed"] += len(gone) - replaced
        if articles.ids_of_source(self._database, step.source):
            articles.put_source(self._database, step.source, step.stamp)

    def _receive(self) -> NDArray[np.float32]:
        """The vectors of the oldest batch handed over."""
        self._in_flight -= 1
        return self._received.popleft() if self._received else self._encoder.receive()

    def _encode_now(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """Vectors of `texts` out of turn: what was handed over earlier is received first, and kept."""
        self._encoder.submit(texts)
        for _ in range(self._in_flight - len(self._received)):
            self._received.append(self._encoder.receive())
        return self._encoder.receive().astype("<f2")

    def _refuse(self, refusal: Refusal) -> None:
        self.refusals += 1
        self._refused(refusal)

    def _tell(self) -> None:
        stored = self.counts["added"] + self.counts["replaced"]
        self._progress(
            Progress(self._files, self._files_known, stored, self.counts["passages"], self.counts["statements"])
        )


def _content_key(draft: Draft) -> str:
    return f"{draft.text_sha256}/{draft.body}"


def _stamp(path: Path) -> articles.Stamp | None:
    """What the file is before it is read: a change while it is read shows afterwards. None where it cannot be read."""
    try:
        # Without waiting: what is named like an article may be a pipe, and the reader refuses it later.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                return None
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
    return articles.Stamp(found.st_size, found.st_mtime_ns, sha256)
