"""Counting tokens as the encoder will see them, without loading the encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

Counter = Callable[[Sequence[str]], list[int]]


def counter(model: Path) -> Counter:
    """A function that gives the number of tokens of each text, special tokens not counted."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> list[int]:
        encoded = tokenizer.encode_batch_fast([*texts], add_special_tokens=False)
        return [len(one) for one in encoded]

    return count
