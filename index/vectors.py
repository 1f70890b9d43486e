"""The dense projections, of passages and of statements: exact FAISS scans over float16 vectors.

The only `faiss`, and what its scores mean.

An immutable base file holds the vectors of one generation. What came later is a tail that the reader takes from the
database and scans in memory; what has gone since is skipped by id. The base is written anew when tail and dead
together pass a tenth of it, so adding one article never rewrites what a million others wrote.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from index import pointer
from index.errors import UnwritableProjection
from index.model import Frozen

PASSAGES = "vectors"
STATEMENTS = "statements"
_LEAST_TAIL = 256
_TAIL_SHARE = 0.1

Vectors = NDArray[np.float16] | NDArray[np.float32]


class Hit(NamedTuple):
    """A passage or statement by its id, and its cosine with the question, in [-1, 1]."""

    passage: int
    score: float


class Base(NamedTuple):
    """The base file, opened: which generation it stands for, the highest id in it, the FAISS index."""

    generation: int
    token: str
    highest: int
    size: int
    index: Any


class _Pointer(Frozen):
    file: str
    generation: int
    token: str
    highest: int
    size: int
    bytes: int
    mtime_ns: int
    sha256: str


def open_base(directory: Path, kind: str = PASSAGES) -> Base | None:
    """Map the current base file of a kind; None when it is missing, cut short or changed, and must be written anew."""
    found = pointer.read(directory / f"{kind}.json", _Pointer)
    if found is None:
        return None
    path = directory / found.file
    try:
        # A file with the size and time it was written with is taken at its word; any other is read and compared.
        state = path.stat()
        if state.st_size != found.bytes:
            return None
        if state.st_mtime_ns != found.mtime_ns and _sha256(path) != found.sha256:
            return None
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except (OSError, RuntimeError):
        return None
    if index.ntotal != found.size:
        return None
    return Base(found.generation, found.token, found.highest, found.size, index)


def is_written(directory: Path, kind: str = PASSAGES) -> bool:
    """Whether a base was ever written here: if so, one that cannot be opened is damaged and not only late."""
    return (directory / f"{kind}.json").exists()


def is_whole(directory: Path, kind: str = PASSAGES) -> bool:
    """Whether the base file has the very bytes it was written with."""
    found = pointer.read(directory / f"{kind}.json", _Pointer)
    if found is None:
        return False
    path = directory / found.file
    return path.is_file() and _sha256(path) == found.sha256


def write_base(
    directory: Path,
    chunks: Iterable[tuple[NDArray[np.int64], NDArray[np.float16]]],
    *,
    generation: int,
    token: str,
    dimension: int,
    kind: str = PASSAGES,
) -> None:
    """Write a new base from chunks of ids (n,) and unit vectors (n, dimension); point to it, drop the old one.

    Raises `UnwritableProjection`; the old base is current then.
    """
    inner = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index = faiss.IndexIDMap(inner)
    highest = 0
    for ids, matrix in chunks:
        index.add_with_ids(np.ascontiguousarray(matrix, dtype=np.float32), ids)
        highest = max(highest, int(ids[-1]))
    path = directory / f"{kind}-{generation}-{secrets.token_hex(4)}.faiss"
    try:
        sha256 = _write(index, path)
        state = path.stat()
        pointer.write(
            directory / f"{kind}.json",
            _Pointer(
                file=path.name, generation=generation, token=token, highest=highest, size=int(index.ntotal),
                bytes=state.st_size, mtime_ns=state.st_mtime_ns, sha256=sha256,
            ),
        )  # fmt: skip
    except OSError as error:
        path.unlink(missing_ok=True)
        raise UnwritableProjection.of(kind, directory, error) from None
    for old in directory.glob(f"{kind}-*.faiss"):
        if old != path:
            old.unlink(missing_ok=True)


def worth_rewriting(*, size: int, tail: int, dead: int) -> bool:
    """Whether a base of `size` vectors with this tail and these dead costs readers more than writing it anew."""
    return tail + dead > max(_LEAST_TAIL, _TAIL_SHARE * size)


def search_base(
    base: Base, question: NDArray[np.float32], limit: int, *, dead: Collection[int], allowed: NDArray[np.int64] | None
) -> list[Hit]:
    """The best `limit` of the base for a unit vector (dimension,); `allowed` are the only ids considered."""
    if allowed is not None:
        allowed = np.setdiff1d(allowed, np.fromiter(dead, dtype=np.int64, count=len(dead)))
        if not len(allowed):
            return []
        selector = faiss.IDSelectorBatch(allowed)
    elif dead:
        gone = np.fromiter(dead, dtype=np.int64, count=len(dead))
        batch = faiss.IDSelectorBatch(gone)
        selector = faiss.IDSelectorNot(batch)
    else:
        selector = None
    parameters = faiss.SearchParameters(sel=selector) if selector is not None else None
    scores, ids = base.index.search(question[None, :], min(limit, max(base.size, 1)), params=parameters)
    return [Hit(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]


def search_tail(
    ids: NDArray[np.int64],
    matrix: Vectors,
    question: NDArray[np.float32],
    limit: int,
    *,
    allowed: NDArray[np.int64] | None,
) -> list[Hit]:
    """The best `limit` of vectors held in memory: `ids` (n,), `matrix` (n, dimension)."""
    if allowed is not None:
        kept = np.isin(ids, allowed)
        ids, matrix = ids[kept], matrix[kept]
    if not len(ids):
        return []
    scores = matrix.astype(np.float32) @ question
    best = np.argsort(-scores, kind="stable")[:limit]
    return [Hit(int(ids[i]), float(scores[i])) for i in best]


def merge(*parts: Iterable[Hit], limit: int) -> list[Hit]:
    """The best `limit` of several result lists; equal scores stand in the order of their ids, as in a fresh archive."""
    return sorted((hit for part in parts for hit in part), key=lambda hit: (-hit.score, hit.passage))[:limit]


def ids(base: Base) -> NDArray[np.int64]:
    """The ids in the base."""
    return np.asarray(faiss.vector_to_array(base.index.id_map), dtype=np.int64)


def _write(index: Any, path: Path) -> str:
    """Write the index to a new file; gives its SHA-256. Through Python: FAISS's own writer overlooks a full disk."""
    digest = hashlib.sha256()
    failure: list[OSError] = []
    with path.open("xb") as file:

        def take(chunk: bytes) -> int:
            try:
                file.write(chunk)
            except OSError as error:
                failure.append(error)
                raise
            digest.update(chunk)
            return len(chunk)

        try:
            faiss.write_index(index, faiss.PyCallbackIOWriter(take))
        except RuntimeError as error:
            raise (failure[0] if failure else OSError(str(error))) from None
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
