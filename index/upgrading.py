"""Looking through texts again when the models or rules that find statements have changed: batch by batch, resumable."""

from __future__ import annotations

from collections.abc import Callable

from index.archive import Archive
from index.statements.finder import Finder
from index.store import connection, statements

_BATCH = 50


def upgrade(archive: Archive, finder: Finder, *, progress: Callable[[int, int], None] = lambda *_: None) -> int:
    """Find the statements of every text anew that `finder` has not looked through; gives how many texts those were.

    Each batch is one transaction: stopped at any time, the next run goes on behind it. `progress` is told how many of
    how many are done. Raises `ArchiveBusy` when another process is writing.
    """
    done = 0
    with archive.writing() as database:
        whole = statements.count_waiting(database, finder=finder.version)
        while batch := statements.waiting(database, finder=finder.version, limit=_BATCH):
            looked = finder.look([text for _, text, _ in batch], [body for *_, body in batch])
            with connection.writing(database) as generation:
                for (content, _, _), found in zip(batch, looked, strict=True):
                    statements.delete_of(database, content, generation=generation)
                    statements.insert(database, content, found.statements, found.vectors, finder=finder.version)
            archive.catch_up(database, done=False)
            done += len(batch)
            progress(done, whole)
        archive.catch_up(database, done=True)
    return done
