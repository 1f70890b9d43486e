"""A transformer in plain torch for training on any device: MiniLM (the student) and MPNet (the teacher) in one module.

Both read word pieces of BERT's uncased vocabulary by BERT's ids; MPNet's word vectors are put in that order when they
are packed. Weights travel as one byte a number and a scale a row: a machine with a GPU is lent with little room.
Plain torch only, so that the file runs where neither this project nor its dependencies are installed.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn


class Shape(NamedTuple):
    """What a trunk consists of. `relative`: attention is biased by distance (Raffel et al. 2020, as MPNet does)."""

    layers: int
    size: int
    heads: int
    inner: int
    words: int
    positions: int
    first_position: int
    types: int
    relative: bool
    epsilon: float


MINILM = Shape(6, 384, 12, 1536, 30522, 512, 0, 2, False, 1e-12)
MPNET = Shape(12, 768, 12, 3072, 30522, 514, 2, 2, True, 1e-5)
BUCKETS = 32
FARTHEST = 128


class Layer(nn.Module):
    """Self-attention and feed-forward, each followed by its normalisation, as in BERT."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.query = nn.Linear(shape.size, shape.size)
        self.key = nn.Linear(shape.size, shape.size)
        self.value = nn.Linear(shape.size, shape.size)
        self.attended = nn.Linear(shape.size, shape.size)
        self.first = nn.LayerNorm(shape.size, eps=shape.epsilon)
        self.inner = nn.Linear(shape.size, shape.inner)
        self.outer = nn.Linear(shape.inner, shape.size)
        self.second = nn.LayerNorm(shape.size, eps=shape.epsilon)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """States (batch, tokens, size) and what is added to attention scores (batch, heads or 1, tokens, tokens)."""
        batch, tokens, size = states.shape

        def split(made: torch.Tensor) -> torch.Tensor:
            return made.view(batch, tokens, self.heads, size // self.heads).transpose(1, 2)

        made = nn.functional.scaled_dot_product_attention(
            split(self.query(states)), split(self.key(states)), split(self.value(states)), attn_mask=bias
        )
        made = self.attended(made.transpose(1, 2).reshape(batch, tokens, size))
        states = self.first(states + self.dropout(made))
        made = self.outer(nn.functional.gelu(self.inner(states)))
        return self.second(states + self.dropout(made))


class Trunk(nn.Module):
    """`forward` gives the last states (batch, tokens, size) of ids, mask and types, each (batch, tokens)."""

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        self.word = nn.Embedding(shape.words, shape.size)
        self.position = nn.Embedding(shape.positions, shape.size)
        self.kind = nn.Embedding(shape.types, shape.size)
        self.norm = nn.LayerNorm(shape.size, eps=shape.epsilon)
        self.dropout = nn.Dropout(dropout)
        self.layer = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        if shape.relative:
            self.distance = nn.Embedding(BUCKETS, shape.heads)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """The last states."""
        tokens = ids.shape[1]
        places = torch.arange(tokens, device=ids.device)
        states = self.word(ids) + self.position(places + self.shape.first_position) + self.kind(types)
        states = self.dropout(self.norm(states))
        bias = torch.zeros(mask.shape, device=ids.device).masked_fill(mask == 0, -10_000.0)[:, None, None]
        if self.shape.relative:
            bias = bias + self.distance(buckets(tokens).to(ids.device)).permute(2, 0, 1)[None]
        else:
            bias = bias.expand(-1, 1, tokens, -1)
        bias = bias.to(torch.get_autocast_dtype(ids.device.type) if torch.is_autocast_enabled(ids.device.type)
                       else states.dtype)  # fmt: skip
        for layer in self.layer:
            states = layer(states, bias)
        return states


def buckets(tokens: int) -> torch.Tensor:
    """Bucket of the distance from each token to each (tokens, tokens), fine when near and coarse when far."""
    places = torch.arange(tokens)
    distance = places[:, None] - places[None]
    half, exact = BUCKETS // 2, BUCKETS // 4
    side = (distance < 0).long() * half
    distance = distance.abs()
    far = exact + (
        torch.log(distance.clamp(min=1).float() / exact) / math.log(FARTHEST / exact) * (half - exact)
    ).long().clamp(max=half - exact - 1)
    return side + torch.where(distance < exact, distance, far)


def widened(trunk: Trunk, types: int) -> Trunk:
    """The trunk with more token types, each beginning as a copy of the first."""
    old = trunk.kind.weight.data
    trunk.kind = nn.Embedding(types, old.shape[1])
    trunk.kind.weight.data = old[:1].repeat(types, 1)
    return trunk


# ------------------------------------------------------------------------------------------------------------- weights

_NAMES = {
    "bert": {
        "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
        "attended": "attention.output.dense", "first": "attention.output.LayerNorm",
        "inner": "intermediate.dense", "outer": "output.dense", "second": "output.LayerNorm",
    },
    "mpnet": {
        "query": "attention.attn.q", "key": "attention.attn.k", "value": "attention.attn.v",
        "attended": "attention.attn.o", "first": "attention.LayerNorm",
        "inner": "intermediate.dense", "outer": "output.dense", "second": "output.LayerNorm",
    },
}  # fmt: skip
_EMBEDDINGS = {
    "word": "embeddings.word_embeddings", "position": "embeddings.position_embeddings",
    "kind": "embeddings.token_type_embeddings", "norm": "embeddings.LayerNorm",
}  # fmt: skip


def names(shape: Shape, kind: str) -> dict[str, str]:
    """A trunk's parameter names → those of transformers' `BertModel` ("bert") or `MPNetModel` ("mpnet")."""
    parts = dict(_EMBEDDINGS)
    parts |= {
        f"layer.{at}.{ours}": f"encoder.layer.{at}.{theirs}"
        for at in range(shape.layers)
        for ours, theirs in _NAMES[kind].items()
    }
    if kind == "mpnet":
        parts["distance"] = "encoder.relative_attention_bias"
    whole = {}
    for ours, theirs in parts.items():
        table = ours in ("word", "position", "kind", "distance")
        for end in ("weight",) if table else ("weight", "bias"):
            whole[f"{ours}.{end}"] = f"{theirs}.{end}"
    return whole


def read_minilm(folder: Path) -> dict[str, np.ndarray]:
    """A trunk's weights from a sentence-transformers folder of MiniLM."""
    from safetensors.numpy import load_file

    found = load_file(folder / "model.safetensors")
    return {ours: found[theirs] for ours, theirs in names(MINILM, "bert").items()}


def read_mpnet(folder: Path, bert_words: dict[str, int]) -> dict[str, np.ndarray]:
    """A trunk's weights from a folder of all-mpnet-base-v2, its word vectors in the order of BERT's vocabulary."""
    from safetensors.numpy import load_file

    found = load_file(folder / "model.safetensors")
    own = {word: at for at, word in enumerate((folder / "vocab.txt").read_text("utf-8").split("\n"))}
    special = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>"}
    weights = {
        ours: found[theirs]
        for ours, theirs in names(MPNET, "mpnet").items()
        if theirs != "embeddings.token_type_embeddings.weight"
    }
    order = np.zeros(len(bert_words), dtype=np.int64)
    for word, at in bert_words.items():
        order[at] = own[special.get(word, word)]
    weights["word.weight"] = weights["word.weight"][order]
    weights["kind.weight"] = np.zeros((MPNET.types, MPNET.size), dtype=np.float32)
    return weights


def pack(weights: dict[str, np.ndarray], folder: Path, parts: int) -> None:
    """Write weights as files `NAME.i8`, in `parts` numbered folders of about one size, for `unpack`."""
    sizes = [0] * parts
    lists: list[list[dict[str, Any]]] = [[] for _ in range(parts)]
    for name, value in sorted(weights.items(), key=lambda item: -item[1].size):
        part = sizes.index(min(sizes))
        rows = value.reshape(-1, value.shape[-1]).astype(np.float32)
        exact = value.size < 10_000
        scale = np.ones(1, np.float32) if exact else np.abs(rows).max(1).clip(min=1e-12) / 127
        data = rows if exact else np.round(rows / scale[:, None]).astype(np.int8)
        lists[part].append({"name": name, "shape": list(value.shape), "exact": exact})
        into = folder / str(part)
        into.mkdir(parents=True, exist_ok=True)
        with (into / f"{name}.bin").open("wb") as out:
            out.write(scale.astype(np.float32).tobytes() + data.tobytes())
        sizes[part] += data.nbytes
    for part, made in enumerate(lists):
        (folder / str(part) / "list.json").write_text(json.dumps(made))


def unpack(folders: Iterable[Path]) -> dict[str, torch.Tensor]:
    """What `pack` wrote, in float32."""
    found = {}
    for folder in folders:
        for one in json.loads((folder / "list.json").read_text()):
            raw, shape = (folder / f"{one['name']}.bin").read_bytes(), one["shape"]
            rows = 1 if one["exact"] else int(np.prod(shape[:-1]))
            scale = np.frombuffer(raw[: 4 * rows], np.float32)
            data = np.frombuffer(raw[4 * rows :], np.float32 if one["exact"] else np.int8).astype(np.float32)
            whole = data if one["exact"] else data.reshape(rows, -1) * scale[:, None]
            found[one["name"]] = torch.from_numpy(whole.reshape(shape).copy())
    return found


def opened(shape: Shape, weights: dict[str, torch.Tensor], dropout: float = 0.1) -> Trunk:
    """A trunk with these weights; its word vectors, half of a MiniLM, stay as they are: learned from far more text."""
    trunk = Trunk(shape, dropout)
    trunk.load_state_dict(weights)
    trunk.word.weight.requires_grad_(False)
    return trunk


# ------------------------------------------------------------------------------------------------------------ training


def progress(step: int, steps: int, began: float, seconds: float) -> float:
    """How much of a training is over, in [0, 1]: by its steps, or by time where that runs out first."""
    return min(1.0, max(step / steps, (time.time() - began) / seconds))


def rate(done: float, warm: float = 0.06) -> float:
    """The share of the peak learning rate at a progress: up in a straight line, then down to nothing."""
    return done / warm + 1e-3 if done < warm else (1 - done) / (1 - warm)


def device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def write(state: dict[str, torch.Tensor], folder: Path, name: str) -> None:
    """Weights in float16 but for the frozen word vectors, in files NAME.0, NAME.1 … of less than 15 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[dict[str, torch.Tensor]] = [{}]
    room = 14_500_000
    for key, value in state.items():
        if key.endswith("word.weight"):
            continue
        half = value.detach().cpu().half().clone()
        if half.numel() * 2 > room:
            parts.append({})
            room = 14_500_000
        parts[-1][key] = half
        room -= half.numel() * 2
    for at, part in enumerate(parts):
        torch.save(part, folder / f"{name}.{at}")


def join(folder: Path, name: str) -> dict[str, torch.Tensor]:
    """What `write` wrote, in float32."""
    found: dict[str, torch.Tensor] = {}
    for file in sorted(folder.glob(f"{name}.[0-9]")):
        found |= {key: value.float() for key, value in torch.load(file, weights_only=True).items()}
    return found
