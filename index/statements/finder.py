"""From a text to its statements with speakers and vectors: the tagger, the resolver and the encoder in turn."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from index.encoder.question import QuestionEncoder, open_encoder
from index.encoder.weights import locate
from index.errors import WrongEncoder
from index.model import Span, Speaker, Statement
from index.statements import forms
from index.statements.speakers import resolve
from index.statements.tagger import WEIGHTS, Tagger

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.statements.linking import Found

# Part of a finder's version: to be raised when the rules that link, resolve or embed change what they give.
_RULES = 2
# Capitals before a colon or a dash at the beginning of a paragraph, an agency in brackets between them.
_LABEL = re.compile(r"^[ \t]*[A-Z][A-Z .,'’-]+(?:\([^()\n]{2,30}\))?\s*[:—–-](?=\s)", re.MULTILINE)
# Tokens of a statement that the encoder was trained on; a longer one is cut there.
_WINDOW = 128
DIMENSION = 384


class Looked(NamedTuple):
    """What was found in a text: statements in reading order, their unit vectors (n, dimension) in float16."""

    statements: tuple[Statement, ...]
    vectors: NDArray[np.float16]


class Finder:
    """The models that find statements, loaded when the first text is looked through."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights

    @cached_property
    def version(self) -> str:
        """What statements are compared by: both models and the rules. Statements of another version are found anew."""
        return f"{self._tagger.card.sha256[:12]}-{self._encoder_sha256[:12]}-{_RULES}"

    def look(self, texts: Sequence[str], starts: Sequence[int]) -> list[Looked]:
        """The statements of each text; nothing before its start (the end of its front matter) is looked at."""
        import numpy as np

        found = [
            _statements(text, each, start)
            for text, each, start in zip(texts, self._tagger.tag(texts, starts), starts, strict=True)
        ]
        vectors = self.encode([(text, one) for text, each in zip(texts, found, strict=True) for one in each]).astype(
            np.float16
        )
        looked: list[Looked] = []
        at = 0
        for each in found:
            looked.append(Looked(each, vectors[at : at + len(each)]))
            at += len(each)
        return looked

    def encode(self, statements: Sequence[tuple[str, Statement]]) -> NDArray[np.float32]:
        """Unit vectors (n, dimension) of statements, each given with its text.

        The mean over two forms, with its speaker and in its surroundings: right first more often than with either.
        """
        import numpy as np

        said = self.encoder.encode([forms.statement_text(text, one) for text, one in statements])
        said += self.encoder.encode([forms.with_context(text, one) for text, one in statements])
        lengths: NDArray[np.float32] = np.linalg.norm(said, axis=1, keepdims=True)
        return np.divide(said, lengths, out=said, where=lengths > 0)

    @cached_property
    def encoder(self) -> QuestionEncoder:
        """The statement encoder, which encodes questions too. Raises `WrongEncoder` when its weights are damaged."""
        path = self._weights / "statement_encoder.onnx"
        if hashlib.sha256(path.read_bytes()).hexdigest() != self._encoder_sha256:
            raise WrongEncoder(f"the weights {path} are damaged (SHA-256 differs)", "install onrecord again")
        return open_encoder(path, locate() / "tokenizer.json", window=_WINDOW)

    @cached_property
    def _tagger(self) -> Tagger:
        return Tagger(self._weights)

    @cached_property
    def _encoder_sha256(self) -> str:
        return str(json.loads((self._weights / "statement_encoder.json").read_bytes())["sha256"])


def _statements(text: str, found: Sequence[Found], start: int) -> tuple[Statement, ...]:
    """Statements with their speakers resolved inside the text."""
    found = _without_dateline(text, found)
    sources = sorted({one.source for one in found if one.source is not None})
    resolved: dict[Span, Speaker] = dict(zip(sources, resolve(text, sources, start=start), strict=True))
    return tuple(
        Statement(
            content=one.content,
            cue=one.cue,
            kind=one.kind,
            speaker=None if one.source is None else resolved[one.source],
            probability=one.probability,
            continued=one.continued,
        )
        for one in found
    )


def _without_dateline(text: str, found: Sequence[Found]) -> list[Found]:
    """Statements with nothing said by a dateline ("BAGHDAD: A general …"); "SMITH: … JONES: …" is a transcript."""
    labels = list(_LABEL.finditer(text))
    if len(labels) != 1:
        return list(found)
    first, last = labels[0].span()
    kept = []
    for one in found:
        if one.source is None or not (first <= one.source.start and one.source.end <= last):
            kept.append(one)
        elif one.cue.end > last:  # what is reported stays; the place did not report it
            kept.append(one._replace(source=None))
    return kept
