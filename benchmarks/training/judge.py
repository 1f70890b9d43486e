"""Trains the judge: MiniLM-L6 over question and statement, one head for what it is about, one for the side it takes.

    .venv/bin/python benchmarks/training/judge.py --data ../shared/data --mine         # once: hard negatives
    .venv/bin/python benchmarks/training/judge.py --data ../shared/data [--steps 700]  # goes on where it was stopped
    .venv/bin/python benchmarks/training/judge.py --data ../shared/data --probe        # what overlap alone tells
    .venv/bin/python benchmarks/training/judge.py --data ../shared/data --export       # ONNX: fp32 beside int8

A list is one question and some statements, one of which it is about (listwise softmax, Cao et al. 2007); which side
that one takes is learned on those pairs only. The last weights are a moving average of all (Polyak and Juditsky 1992).
Nothing is read of the working, calibration and dev articles; benchmarks/judging.py measures what comes out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from torch import nn

from assistant.read.judge import INPUTS, OUTPUTS
from benchmarks.training import judge_data
from benchmarks.training.judge_data import Data, Group, Mined
from index.encoder.weights import locate

ROOT = Path(__file__).resolve().parents[2]
WINDOW = 128
GROUPS = 10
INFERENCES = 30
PEAK = 2e-4
WARM = 0.06
EMA = 0.99
ABSOLUTE_WEIGHT = 0.3
INFERENCE_WEIGHT = 0.5
SAVE_EVERY = 20
PROBE_GROUPS = 3000
# The second product of each feed-forward block: its inputs have outliers that eight bits cannot hold.
SPARED = "/output/dense/MatMul"
LARGE = 100_000


class Network(nn.Module):
    """`forward` gives aboutness (batch,) and polarity (batch, 2): logits of supports and disputes."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from transformers import BertModel

        self.bert = BertModel.from_pretrained(
            folder, add_pooling_layer=False, local_files_only=True, attn_implementation="sdpa"
        )
        # Half of all parameters; learned from far more text than there is here.
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)
        size = self.bert.config.hidden_size
        self.dropout = nn.Dropout(0.1)
        self.dense = nn.Linear(2 * size, size)
        self.about = nn.Linear(size, 1)
        self.side = nn.Linear(size, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of aboutness and of the two sides."""
        states = self.bert(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        weights = mask[..., None].to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        pooled = nn.functional.gelu(self.dense(torch.cat([states[:, 0], mean], dim=1)))
        pooled = self.dropout(pooled)
        return self.about(pooled).squeeze(1), self.side(pooled)


# ------------------------------------------------------------------------------------------------------------- batches


class Batch(NamedTuple):
    """One step's pairs and what is known of them, by index; `weights` of the sides make word overlap say nothing."""

    pairs: list[tuple[str, str]]
    lists: list[tuple[int, list[int]]]
    sides: list[tuple[int, int]]
    weights: list[float]
    inferences: list[tuple[int, int]]


def batch(groups: Sequence[Group], weigh: Any, inferences: Sequence[tuple[str, str, int]]) -> Batch:
    """Groups and inferences as one step's pairs; the indices count in `pairs`."""
    made = Batch([], [], [], [], [])
    for group in groups:
        begin = len(made.pairs)
        made.pairs.extend(group.pairs)
        made.lists.extend((begin + right, [begin + one for one in wrong]) for right, wrong in group.lists)
        made.sides.extend((begin + pair, side) for pair, side in group.sides)
        made.weights.extend(weigh([(group.pairs[pair], side) for pair, side in group.sides]))
    for hypothesis, premise, side in inferences:
        made.inferences.append((len(made.pairs), side))
        made.pairs.append((hypothesis, premise))
    return made


def batches(data: Data, mined: Mined, begin: int, steps: int, seed: int) -> Iterator[list[Group]]:
    """Step `begin` to `steps`: every row once in a new order, then again; a step's draws depend on its number only."""
    per_epoch = len(data.rows) // GROUPS
    for step in range(begin, steps):
        epoch, at = divmod(step, per_epoch)
        order = list(range(len(data.rows)))
        random.Random(1000 * seed + epoch).shuffle(order)
        rng = random.Random(f"{seed}-{step}")
        yield [judge_data.group(data, mined, row, rng) for row in order[at * GROUPS : (at + 1) * GROUPS]]


def tokenizer() -> Any:
    """The word-piece tokenizer, cutting pairs as the program does."""
    from tokenizers import Tokenizer

    words = Tokenizer.from_file(str(locate() / "tokenizer.json"))
    words.no_padding()
    words.enable_truncation(WINDOW, strategy="longest_first")
    return words


def tensors(pairs: Sequence[tuple[str, str]], words: Any) -> tuple[torch.Tensor, ...]:
    """Ids, mask and types of pairs, each (pairs, tokens)."""
    encoded = words.encode_batch([*pairs])
    tokens = max(len(one.ids) for one in encoded)
    rows = [
        [values + [0] * (tokens - len(values)) for values in (one.ids, [1] * len(one.ids), one.type_ids)]
        for one in encoded
    ]
    ids, mask, types = torch.tensor(rows).unbind(1)
    return ids, mask, types


def outputs(network: nn.Module, pairs: Sequence[tuple[str, str]], words: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Aboutness and polarity of pairs, run in four parts by length: less padding."""
    order = sorted(range(len(pairs)), key=lambda index: len(pairs[index][0]) + len(pairs[index][1]))
    parts = [part for part in np.array_split(order, 4) if len(part)]
    about, side = [], []
    for part in parts:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            one, other = network(*tensors([pairs[index] for index in part], words))
        about.append(one.float())
        side.append(other.float())
    back = torch.empty(len(pairs), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(pairs))
    return torch.cat(about)[back], torch.cat(side)[back]


# ------------------------------------------------------------------------------------------------------------ training


def losses(about: torch.Tensor, side: torch.Tensor, made: Batch) -> dict[str, torch.Tensor]:
    """The parts of the loss: which statement, whether one at all, which side, and the side of inferences."""
    listwise = [-nn.functional.log_softmax(about[[right, *wrong]], dim=0)[0] for right, wrong in made.lists]
    right = sorted({right for right, _ in made.lists})
    wrong = sorted({one for _, others in made.lists for one in others})
    target = torch.cat([torch.ones(len(right)), torch.zeros(len(wrong))])
    balance = torch.cat([torch.full((len(right),), 0.5 / len(right)), torch.full((len(wrong),), 0.5 / len(wrong))])
    absolute = nn.functional.binary_cross_entropy_with_logits(
        about[[*right, *wrong]], target, weight=balance, reduction="sum"
    )
    weights = torch.tensor(made.weights)
    sides = nn.functional.cross_entropy(
        side[[pair for pair, _ in made.sides]], torch.tensor([label for _, label in made.sides]), reduction="none"
    )
    found = {
        "list": torch.stack(listwise).mean(),
        "absolute": absolute,
        "side": (sides * weights).sum() / weights.sum(),
    }
    if made.inferences:
        found["inference"] = nn.functional.cross_entropy(
            side[[pair for pair, _ in made.inferences]], torch.tensor([label for _, label in made.inferences])
        )
    return found


def rate(step: int, steps: int) -> float:
    """The learning rate of a step: up to the peak, then straight down to nothing."""
    warm = max(int(WARM * steps), 1)
    return PEAK * min((step + 1) / warm, (steps - step) / (steps - warm))


def train(arguments: argparse.Namespace) -> None:
    """Train, or go on from the checkpoint."""
    work: Path = arguments.work
    checkpoint = work / "checkpoint.pt"
    data, mined = judge_data.training_data(arguments.data), read_mined(work)
    words = tokenizer()
    inferences = judge_data.inferences(arguments.data)
    weigh = judge_data.fit_weights(sample(data, mined, arguments.seed, PROBE_GROUPS))
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(2)
    network = Network(locate())
    optimiser = torch.optim.AdamW(
        [one for one in network.parameters() if one.requires_grad], lr=PEAK, weight_decay=0.01
    )
    mean = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(EMA))
    begin = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        mean.load_state_dict(saved["mean"])
        optimiser.load_state_dict(saved["optimiser"])
        begin = saved["step"]
    print(f"{len(data.rows)} rows, {len(inferences)} inferences, from step {begin} to {arguments.steps}", flush=True)
    network.train()
    began, seen = time.time(), dict.fromkeys(("list", "absolute", "side", "inference"), 0.0)
    for step, groups in enumerate(batches(data, mined, begin, arguments.steps, arguments.seed), begin):
        torch.manual_seed(1_000_000 * arguments.seed + step)
        rng = random.Random(f"inferences-{arguments.seed}-{step}")
        made = batch(groups, weigh, rng.sample(inferences, INFERENCES))
        parts = losses(*outputs(network, made.pairs, words), made)
        loss = parts["list"] + ABSOLUTE_WEIGHT * parts["absolute"] + parts["side"]
        loss = loss + INFERENCE_WEIGHT * parts["inference"]
        for part in optimiser.param_groups:
            part["lr"] = rate(step, arguments.steps)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        mean.update_parameters(network)
        seen = {name: value + parts[name].item() for name, value in seen.items()}
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == arguments.steps:
            shown = " ".join(f"{name} {value / SAVE_EVERY:.3f}" for name, value in seen.items())
            print(f"step {step + 1}/{arguments.steps} {shown} {time.time() - began:.0f} s", flush=True)
            seen = dict.fromkeys(seen, 0.0)
            torch.save(
                {"network": network.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict(),
                 "step": step + 1}, work / "new.pt",
            )  # fmt: skip
            (work / "new.pt").replace(checkpoint)


def sample(data: Data, mined: Mined, seed: int, number: int) -> list[Group]:
    """Groups to measure word overlap on."""
    rng = random.Random(f"probe-{seed}")
    return [judge_data.group(data, mined, rng.randrange(len(data.rows)), rng) for _ in range(number)]


def read_mined(work: Path) -> Mined:
    """The hard negatives that `--mine` wrote."""
    return Mined(**json.loads((work / "mined.json").read_text("utf-8")))


# -------------------------------------------------------------------------------------------------------------- export


def trained(work: Path) -> Network:
    """The averaged weights."""
    network = Network(locate())
    mean = torch.load(work / "checkpoint.pt", weights_only=True)["mean"]
    network.load_state_dict(
        {name.removeprefix("module."): value for name, value in mean.items() if name != "n_averaged"}
    )
    return network.eval()


def export(arguments: argparse.Namespace) -> None:
    """One graph in float32 and in int8, each in a folder of its own that the program's `Judge` opens."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network = trained(arguments.work)
    whole, small = arguments.work / "fp32", arguments.work / "int8"
    for folder in (whole, small):
        folder.mkdir(exist_ok=True)
    given = (torch.randint(5, 1000, (2, 40)), torch.ones(2, 40, dtype=torch.long), torch.zeros(2, 40, dtype=torch.long))
    axes = {name: {0: "pairs", 1: "tokens"} for name in INPUTS} | {name: {0: "pairs"} for name in OUTPUTS}
    torch.onnx.export(
        network, given, str(whole / "judge.onnx"), input_names=[*INPUTS], output_names=[*OUTPUTS], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    graph = onnx.load(whole / "judge.onnx")
    spared = [node.name for node in graph.graph.node if node.name.endswith(SPARED) and "attention" not in node.name]
    quantize_dynamic(
        whole / "judge.onnx",
        small / "judge.onnx",
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        nodes_to_exclude=spared,
    )
    halve(small / "judge.onnx")
    for folder in (whole, small):
        weights = (folder / "judge.onnx").read_bytes()
        card = {"sha256": hashlib.sha256(weights).hexdigest(), "version": arguments.version, "window": WINDOW}
        (folder / "judge.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        print(f"{folder}: {len(weights) / 1e6:.1f} MB {card['sha256'][:12]}", flush=True)


def halve(file: Path) -> None:
    """Store what is left of large float32 weights as float16, cast back when the graph is loaded."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(file)
    casts = []
    for index, one in enumerate(model.graph.initializer):
        if one.data_type == TensorProto.FLOAT and np.prod(one.dims) >= LARGE:
            stored = f"{one.name}_half"
            casts.append(helper.make_node("Cast", [stored], [one.name], to=TensorProto.FLOAT))
            model.graph.initializer[index].CopyFrom(
                numpy_helper.from_array(numpy_helper.to_array(one).astype(np.float16), stored)
            )
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, file)


def main() -> None:
    """Mine, probe, train or export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=Path, default=Path("/tmp/train/judge"))
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--version", default="1")
    parser.add_argument(
        "--encoder", type=Path, help="who mines: a sentence-transformers folder (default: the stock one)"
    )
    parser.add_argument("--mine", action="store_true")
    parser.add_argument("--probe", action="store_true")
    parser.add_argument("--export", action="store_true")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    if arguments.mine:
        mined = judge_data.mine(judge_data.training_data(arguments.data), arguments.encoder)
        (arguments.work / "mined.json").write_text(json.dumps(mined._asdict()), encoding="utf-8")
    elif arguments.probe:
        groups = sample(
            judge_data.training_data(arguments.data), read_mined(arguments.work), arguments.seed, PROBE_GROUPS
        )
        result = judge_data.probe(groups)
        (arguments.work / "probe.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(json.dumps(result), flush=True)
    elif arguments.export:
        export(arguments)
    else:
        train(arguments)


if __name__ == "__main__":
    main()
