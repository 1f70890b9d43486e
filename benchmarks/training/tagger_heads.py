"""What stands on a trunk to make a tagger of it, and its losses: shared by `tagger.py` and `distil_tagger.py`.

Plain torch only, so that the file runs where neither this project nor its dependencies are installed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import torch
from torch import nn

HEADS = ("source", "cue", "content")
ROLES = ("source", "content")
ROLE_SIZE = 96
# Distances from the cue, in tokens, beyond which no difference is made.
REACH = 64
SMOOTHING = 0.05
ROLE_WEIGHT = 0.3
HEAD_RATE = 1e-3
DISTANCE_RATE = 1e-2
LAYER_DECAY = 0.9


class Heads(nn.Module):
    """BIO of source, cue and content, and projections whose product says what role a token plays towards a cue."""

    def __init__(self, size: int, annotators: int) -> None:
        super().__init__()
        # Annotators differ; each has a vector of its own in training, and their mean stands for all of them afterwards.
        self.annotator = nn.Embedding(annotators, size)
        nn.init.zeros_(self.annotator.weight)
        self.dropout = nn.Dropout(0.1)
        self.bio = nn.Linear(size, 9)
        self.cue = nn.Linear(size, len(ROLES) * ROLE_SIZE)
        self.token = nn.Linear(size, len(ROLES) * ROLE_SIZE)
        self.distance = nn.Embedding(2 * REACH + 1, len(ROLES))
        nn.init.zeros_(self.distance.weight)

    def heads(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits (batch, tokens, 9), cue and token vectors (batch, tokens, 2, ROLE_SIZE) of states."""
        shape = (*states.shape[:2], len(ROLES), ROLE_SIZE)
        return self.bio(states), self.cue(states).view(shape) / math.sqrt(ROLE_SIZE), self.token(states).view(shape)

    def role_scores(
        self, cue: torch.Tensor, token: torch.Tensor, rows: torch.Tensor, places: torch.Tensor
    ) -> torch.Tensor:
        """Log-odds (cues, tokens, 2) of each token's roles towards cues, each given by its row and place in a batch."""
        scores = torch.einsum("nrd,ntrd->ntr", cue[rows, places], token[rows])
        offset = torch.arange(token.shape[1], device=token.device)[None] - places[:, None]
        return scores + self.distance(offset.clamp(-REACH, REACH) + REACH)


def role_loss(scores: torch.Tensor, roles: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of roles (cues, tokens, 2) where `inside` (cues, tokens), a token that has a role."""
    each = nn.functional.binary_cross_entropy_with_logits(scores, roles, reduction="none")
    return (each * inside[..., None]).sum() / roles.sum().clamp(min=1)


def groups(model: nn.Module, layers: int, peak: float) -> list[dict[str, Any]]:
    """Parameters by depth: the deeper a layer lies, the smaller its rate; what starts from nothing learns faster.

    The trunk is the model's attribute `trunk` or `bert`, its layers are `layer`.
    """
    found: dict[tuple[float, bool], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = peak
        if "layer." in name:
            rate *= LAYER_DECAY ** (layers - int(name.split("layer.")[1].split(".")[0]))
        elif name.startswith(("bert.", "trunk.")):
            widened = "token_type" in name or ".kind." in name
            rate *= 1.0 if widened else LAYER_DECAY ** (layers + 1)
        elif not name.startswith("annotator"):
            rate = DISTANCE_RATE if name.startswith("distance") else HEAD_RATE
        found[rate, parameter.ndim > 1].append(parameter)
    return [
        {"params": parameters, "lr": rate, "peak": rate, "weight_decay": 0.01 if matrix else 0.0}
        for (rate, matrix), parameters in found.items()
    ]
