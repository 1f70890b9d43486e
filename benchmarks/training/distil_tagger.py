"""Trains the tagger where a GPU is lent: three MPNet teachers on the labels, then MiniLM-L6 on theirs and the labels.

    .venv/bin/python benchmarks/training/distil_tagger.py --prepare            # here: articles → windows of ids
    python3 benchmarks/training/distil_tagger.py --train --seconds 300 --out O  # there: torch and numpy alone
    .venv/bin/python benchmarks/training/distil_tagger.py --finish --out O      # here: ONNX, settings, figures

Each teacher leaves out a third of the labelled articles, and what it says of them is what the student learns there
besides the labels: a teacher repeats labels that it was trained on, their mistakes too. Of unlabelled text the student
learns what the three say on average. Trained on: PolNeAR train without the working set, the calibration set and the
articles held out by `tagger.split`; unlabelled: news in which no ten words running are those of an article kept for
testing.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from benchmarks.training.tagger_heads import HEADS, ROLE_WEIGHT, ROLES, SMOOTHING, Heads, groups, role_loss
from benchmarks.training.trunk import (
    MINILM,
    MPNET,
    Shape,
    Trunk,
    device,
    join,
    names,
    opened,
    progress,
    rate,
    unpack,
    widened,
    write,
)

ROOT = Path(__file__).resolve().parents[2]
NAME = "student"
TYPES = 8
OTHER = 3
LONGEST = 256
# Labels of tokens that count for nothing: [CLS], [SEP].
NOWHERE = -1
BEGIN, INSIDE = 1, 2
LABELLED, UNLABELLED, HELD_OUT = range(3)

# Restyled copies of the labelled articles besides the plain one.
RESTYLED = 4
# Words that an unlabelled text may not share, running, with one kept for testing; and the share of such runs that
# makes it a repetition of another unlabelled one.
RUN = 10
REPEATED = 0.3

FOLDS = 3
TEACHER = {"peak": 8e-5, "tokens": 8_000, "passes": 8, "ema": 0.99}
STUDENT = {"peak": 4e-4, "tokens": 20_000, "passes": 40, "ema": 0.995}
# Shares of the time: all teachers, all their labelling; the student has what is left less a reserve in seconds.
TEACHING, LABELLING = 0.42, 0.16
RESERVE = 12
# Unlabelled windows for one labelled window in a pass of the student.
MORE = 1.2
# What the labels count beside what the teacher says.
HARD = 0.5
# A token is looked at as a cue's beginning where a teacher thinks this of it.
LIKELY = 0.25


class Pairs(NamedTuple):
    """Cues: their window (ascending) and place in it, and the roles (cues, LONGEST, 2) of the window's tokens."""

    window: np.ndarray
    place: torch.Tensor
    roles: torch.Tensor
    first: np.ndarray


class Windows(NamedTuple):
    """All windows, one after another: arrays over tokens (on the device), and over windows."""

    ids: torch.Tensor
    types: torch.Tensor
    labels: torch.Tensor
    offset: np.ndarray
    length: np.ndarray
    annotator: np.ndarray
    part: np.ndarray
    fold: np.ndarray
    variant: np.ndarray


class Goal(NamedTuple):
    """What is to be learnt: probabilities (tokens, 9) and roles."""

    bio: torch.Tensor
    pairs: Pairs


class Batch(NamedTuple):
    """Some windows. `at` are the places of their tokens in `Windows`, `pair` numbers of cues, `row` their windows."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    inside: torch.Tensor
    at: torch.Tensor
    mixture: torch.Tensor
    pair: torch.Tensor
    row: torch.Tensor


class Net(Heads):
    """A tagger on a `Trunk`; its parameters but the trunk's are named as those of `tagger.Tagger`."""

    def __init__(self, trunk: Trunk, annotators: int) -> None:
        super().__init__(trunk.shape.size, annotators)
        self.trunk = widened(trunk, TYPES)
        if trunk.shape.relative:
            # Attention on a GPU wants what is added to its scores laid out by heads; as it comes, heads lie innermost.
            trunk.distance.register_forward_hook(lambda _, __, out: out.permute(2, 0, 1).contiguous().permute(1, 2, 0))

    def forward(self, batch: Batch) -> tuple[torch.Tensor, ...]:
        """Logits, cue and token vectors in float32."""
        on = batch.ids.device.type
        # Left to choose, torch may prepare a plan for each shape of batch, which takes longer than the batch.
        fast = sdpa_kernel([SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]) if on == "cuda" else nullcontext()
        with fast, torch.autocast(on, dtype=torch.bfloat16):
            states = self.trunk(batch.ids, batch.mask, batch.types)
        return self.heads(self.dropout(states.float() + (batch.mixture @ self.annotator.weight)[:, None]))


# --------------------------------------------------------------------------------------------------------- preparation


def prepare(data: Path, into: Path) -> None:
    """Write `windows.xz`, an .npz in LZMA, from the articles in `data`."""
    from benchmarks.training import tagger
    from index.encoder.weights import locate
    from index.statements import windows

    words = windows.tokenizer(locate() / "tokenizer.json")
    training, held_out = tagger.split(data)
    rng = random.Random(0)
    made: list[tuple[Any, int, int, int]] = []
    for variant in range(1 + RESTYLED):
        for number, record in enumerate(training):
            text = record.text if not variant else tagger.restyle(record.text, rng)
            # Beginning elsewhere, an article is cut into other windows.
            begins = [span.start for span in windows.paragraphs(text)[:4]] or [0]
            begin = rng.choice(begins) if variant else 0
            made += [(one, LABELLED, number % FOLDS, variant) for one in tagger.examples(record, text, words, begin)]
    prior = tagger.distance_prior(one for one, _, _, variant in made if not variant).numpy()
    for record in held_out:
        made += [(one, HELD_OUT, 0, 0) for one in tagger.examples(record, record.text, words)]
    kept = tagger.forbidden(data) | {record.id for record in held_out}
    for text in unlabelled(data, kept):
        for variant in range(2):
            record = tagger.Record("", tagger.restyle(text, rng), [], -1, partial=False)
            begins = [span.start for span in windows.paragraphs(record.text)[:2]] if variant else []
            found = tagger.examples(record, record.text, words, max(begins, default=0))
            made += [(one, UNLABELLED, 0, variant) for one in found]
    examples = [one for one, *_ in made]
    cues = [(window, cue) for window, one in enumerate(examples) for cue in one.cues]
    roles = [
        (cue, *run)
        for cue, role in enumerate(role for one in examples for role in one.roles)
        for run in role_runs(role)
    ]
    labels = np.concatenate([one.labels for one in examples])
    arrays = {
        "ids": np.concatenate([one.ids for one in examples]).astype(np.uint16),
        "types": np.concatenate([one.types for one in examples]).astype(np.int8),
        "labels": np.where(labels < 0, NOWHERE, labels).T.astype(np.int8),
        "length": np.array([len(one.ids) for one in examples], dtype=np.int16),
        "annotator": np.array([one.annotator for one in examples], dtype=np.int8),
        "part": np.array([part for _, part, _, _ in made], dtype=np.int8),
        "fold": np.array([fold for _, _, fold, _ in made], dtype=np.int8),
        "variant": np.array([variant for *_, variant in made], dtype=np.int8),
        "cues": np.array(cues, dtype=np.int32),
        "roles": np.array(roles, dtype=np.int32),
        "prior": prior,
        "annotators": np.array(1 + max(record.annotator for record in tagger.polnear(data, "train"))),
    }
    raw = io.BytesIO()
    np.savez(raw, **arrays)
    into.mkdir(parents=True, exist_ok=True)
    (into / "windows.xz").write_bytes(lzma.compress(raw.getvalue(), preset=6))
    for part, name in enumerate(("labelled", "unlabelled", "held out")):
        mine = arrays["part"] == part
        print(f"{name}: {mine.sum()} windows, {arrays['length'][mine].sum(dtype=np.int64):,} tokens")
    print(f"{(into / 'windows.xz').stat().st_size:,} bytes")


def role_runs(role: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Role, start and end of the runs of tokens that play a role, from (tokens, 2) flags."""
    for which in range(role.shape[1]):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], role[:, which].astype(np.int8), [0]])))
        for start, end in edges.reshape(-1, 2).tolist():
            yield which, start, end


def unlabelled(data: Path, kept: set[str]) -> Iterator[str]:
    """News texts that share no run of words with an article of those `kept` for testing, each told once."""
    from benchmarks.training.tagger import read

    own = ["polnear/corpus.train", "polnear/corpus.dev", "cnn/corpus.train", "cnn/corpus.dev", "mixed/corpus.train"]
    corpora = {name: read(data / f"{name}.jsonl") for name in [*own, "corpus.working", "corpus.calibration"]}
    banned = {run for some in corpora.values() for one in some if one["id"] in kept for run in runs(one["text"])}
    # What is labelled need not be told again.
    told = {run for one in corpora["polnear/corpus.train"] for run in runs(one["text"])}
    texts = [one["text"] for name in ("cnn/corpus.train", "mixed/corpus.train") for one in corpora[name]]
    for name, field in (
        ("qa_long/newsqa_full", "context"), ("stance/fnc1", "text"), ("qa/realtimeqa_articles", "context"),
        ("qa/newsqa_val", "context"), ("qa/ester", "context"), ("qa/onestopqa", "context"),
    ):  # fmt: skip
        texts += sorted({one[field] for one in read(data / f"{name}.jsonl")}, key=lambda text: (-len(text), text))
    used = 0
    for text in texts:
        mine = runs(text)
        if not mine or not banned.isdisjoint(mine) or len(mine & told) > REPEATED * len(mine):
            continue
        told |= mine
        used += 1
        yield text
    print(f"{used} of {len(texts)} unlabelled texts used")


def runs(text: str) -> set[int]:
    """Hashes of all runs of RUN words, whatever their case and marks."""
    words = "".join(char.lower() if char.isalnum() else " " for char in text).split()
    return {hash(" ".join(words[at : at + RUN])) for at in range(len(words) - RUN + 1)}


# ---------------------------------------------------------------------------------------------------------------- data


def load(file: Path, on: torch.device) -> tuple[Windows, Goal, np.ndarray, int]:
    """The windows, the labels as a goal, the prior of roles by distance, the number of annotators."""
    with np.load(io.BytesIO(lzma.decompress(file.read_bytes()))) as found:
        arrays = dict(found)
    length = arrays["length"].astype(np.int64)
    labels = torch.from_numpy(arrays["labels"].T.astype(np.int64)).to(on)
    windows = Windows(
        ids=torch.from_numpy(arrays["ids"].astype(np.int32)).to(on),
        types=torch.from_numpy(arrays["types"].astype(np.int32)).to(on),
        labels=labels,
        offset=np.concatenate([[0], np.cumsum(length)[:-1]]),
        length=length,
        **{name: arrays[name].astype(np.int64) for name in ("annotator", "part", "fold", "variant")},
    )
    bio = nn.functional.one_hot(labels.clamp(min=0), 3).half() * (1 - SMOOTHING) + SMOOTHING / 3
    roles = np.zeros((len(arrays["cues"]), LONGEST, len(ROLES)), dtype=np.float16)
    for cue, role, start, end in arrays["roles"].tolist():
        roles[cue, start:end, role] = 1
    window, place = arrays["cues"].astype(np.int64).T
    pairs = paired(window, torch.from_numpy(place.copy()).to(on), torch.from_numpy(roles).to(on), len(length))
    return windows, Goal(bio.reshape(-1, 9), pairs), arrays["prior"], int(arrays["annotators"])


def paired(window: np.ndarray, place: torch.Tensor, roles: torch.Tensor, windows: int) -> Pairs:
    """Pairs whose windows ascend, with where each window's begin."""
    return Pairs(window, place, roles, np.searchsorted(window, np.arange(windows + 1)))


def gather(windows: Windows, chosen: np.ndarray, pairs: Pairs, own: float, annotators: int) -> Batch:
    """The chosen windows as a batch; with chance `own` a window is read with its annotator's vector, else their mean."""
    on = windows.ids.device
    size = math.ceil(windows.length[chosen].max() / 32) * 32
    counts = pairs.first[chosen + 1] - pairs.first[chosen]
    row = np.repeat(np.arange(len(chosen)), counts)
    pair = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(pairs.first[chosen], counts)
    mixture = np.full((len(chosen), annotators), 1 / annotators, dtype=np.float32)
    alone = np.flatnonzero((np.random.random(len(chosen)) < own) & (windows.annotator[chosen] >= 0))
    mixture[alone] = np.eye(annotators, dtype=np.float32)[windows.annotator[chosen][alone]]

    def move(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).to(on, non_blocking=True)

    place = torch.arange(size, device=on)[None]
    mask = place < move(windows.length[chosen])[:, None]
    at = torch.where(mask, move(windows.offset[chosen])[:, None] + place, 0)
    return Batch(
        ids=torch.where(mask, windows.ids[at], 0).long(),
        mask=mask.long(),
        types=torch.where(mask, windows.types[at], OTHER).long(),
        inside=mask & (windows.labels[at][..., 0] != NOWHERE),
        at=at,
        mixture=move(mixture),
        pair=move(pair),
        row=move(row),
    )


def batches(length: np.ndarray, chosen: np.ndarray, tokens: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The chosen windows in random batches of about one length and `tokens` tokens at most."""
    order = chosen[np.argsort(length[chosen] + rng.random(len(chosen)) * 16)]
    made, begin = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - begin) * (length[order[begin : end + 1]].max() + 31) > tokens:
            made.append(order[begin:end])
            begin = end
    return [made[at] for at in rng.permutation(len(made))]


# ------------------------------------------------------------------------------------------------------------ training


def loss_of(net: Net, batch: Batch, goal: Goal) -> torch.Tensor:
    """Cross-entropy with the goal: over the three BIO heads, and over roles."""
    logits, cue, token = net(batch)
    likely = torch.log_softmax(logits.view(*logits.shape[:2], 3, 3), dim=-1)
    wanted = goal.bio[batch.at].view(likely.shape).float()
    loss = -(wanted * likely).sum((-1, -2))
    whole = (loss * batch.inside).sum() / batch.inside.sum()
    if len(batch.row):
        scores = net.role_scores(cue, token, batch.row, goal.pairs.place[batch.pair])
        roles = goal.pairs.roles[batch.pair, : batch.ids.shape[1]].float()
        whole = whole + ROLE_WEIGHT * role_loss(scores, roles, batch.inside[batch.row].float())
    return whole


def fit(
    name: str, net: Net, windows: Windows, goal: Goal, passes: Sequence[np.ndarray], seconds: float, *,
    peak: float, tokens: int, ema: float, annotators: int, seed: int,
) -> Net:  # fmt: skip
    """Train on the windows of each pass in turn, for `seconds` at most; the running average of the weights stays."""
    began = told = time.time()
    seconds = max(seconds, 1.0)
    rng = np.random.default_rng(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(
        groups(net, net.trunk.shape.layers, peak), betas=(0.9, 0.98), fused=next(net.parameters()).is_cuda
    )
    learnt = [parameter for parameter in net.parameters() if parameter.requires_grad]
    average = [parameter.detach().clone() for parameter in learnt]
    made = [batch for chosen in passes for batch in batches(windows.length, chosen, tokens, rng)]
    net.train()
    seen = 0
    losses: list[torch.Tensor] = []
    for step, chosen in enumerate(made):
        done = progress(step, len(made), began, seconds)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * rate(done)
        batch = gather(windows, chosen, goal.pairs, 0.5, annotators)
        loss = loss_of(net, batch, goal)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, learnt, 1 - min(ema, (1 + step) / (10 + step)))
        losses.append(loss.detach())
        seen += int(windows.length[chosen].sum())
        # The GPU is let run ahead only so far that the clock is that of the work done.
        if step % 16 == 15:
            losses[-1].item()
        if time.time() - told > 10:
            told = time.time()
            mean = torch.stack(losses[-50:]).mean().item()
            if not math.isfinite(mean):
                raise ValueError(f"{name}: the loss is {mean} at step {step}")
            speed = seen / (told - began)
            print(f"{name} step {step}/{len(made)} {done:.2f} loss {mean:.4f} {speed:,.0f} tokens/s", flush=True)
    with torch.no_grad():
        torch._foreach_copy_(learnt, average)
    spent = time.time() - began
    print(f"{name} done: {len(losses)} steps, {spent:.0f} s, {seen / spent:,.0f} tokens/s", flush=True)
    return net.eval()


# ------------------------------------------------------------------------------------------------------------ teaching


@torch.inference_mode()
def say(nets: Sequence[Net], windows: Windows, chosen: np.ndarray, pairs: Pairs, guess: bool, annotators: int) -> Any:
    """What the nets say on average of some windows: BIO probabilities (windows, tokens, 9), roles of the cues given.

    With `guess`, cues that are likely but not among those given follow them: (row, place) and roles of all.
    """
    batch = gather(windows, chosen, pairs, 0.0, annotators)
    said = [net(batch) for net in nets]
    shape = (*batch.ids.shape, 3, 3)
    bio = torch.stack([out[0].view(shape).softmax(-1) for out in said]).mean(0)
    row, place = batch.row, pairs.place[batch.pair]
    if guess:
        likely = (bio[..., 1, BEGIN] > LIKELY) & batch.inside
        likely[row, place] = False
        more = likely.nonzero()
        row, place = torch.cat([row, more[:, 0]]), torch.cat([place, more[:, 1]])
    roles = torch.stack(
        [net.role_scores(cue, token, row, place).sigmoid() for net, (_, cue, token) in zip(nets, said, strict=True)]
    ).mean(0)
    return batch, bio.flatten(2), row, place, roles


def teach(
    teachers: Sequence[Net], windows: Windows, hard: Goal, chosen: np.ndarray, seconds: float, annotators: int
) -> tuple[Goal, np.ndarray]:
    """The student's goal, and the windows (of those chosen) that there was time for."""
    began = time.time()
    rng = np.random.default_rng(0)
    bio = torch.zeros_like(hard.bio)
    done: list[np.ndarray] = []
    found: list[tuple[np.ndarray, torch.Tensor, torch.Tensor]] = []
    wholes = [
        ([teachers[fold]], batches(windows.length, mine, 65_536, rng), HARD)
        for fold in range(FOLDS)
        if len(mine := chosen[(windows.part[chosen] == LABELLED) & (windows.fold[chosen] == fold)])
    ]
    wholes.append((list(teachers), batches(windows.length, chosen[windows.part[chosen] == UNLABELLED], 65_536, rng), 0))
    for nets, made, share in wholes:
        for some in made:
            if time.time() - began > seconds:
                break
            batch, said, row, place, roles = say(nets, windows, some, hard.pairs, True, annotators)
            mask = batch.mask.bool()
            at = batch.at[mask]
            bio[at] = (share * hard.bio[at].float() + (1 - share) * said[mask]).half()
            whole = torch.zeros((len(row), LONGEST, len(ROLES)), dtype=torch.float16, device=row.device)
            whole[:, : roles.shape[1]] = roles * batch.inside[row][..., None]
            given = len(batch.pair)
            whole[:given] = share * hard.pairs.roles[batch.pair] + (1 - share) * whole[:given]
            found.append((some[row.cpu().numpy()], place, whole))
            done.append(some)
    window = np.concatenate([one[0] for one in found])
    order = np.argsort(window, kind="stable")
    move = torch.from_numpy(order).to(bio.device)
    place = torch.cat([one[1] for one in found])[move]
    roles = torch.cat([one[2] for one in found])[move]
    ready = np.concatenate(done)
    print(f"labelling: {len(ready)} of {len(chosen)} windows, {time.time() - began:.0f} s", flush=True)
    return Goal(bio, paired(window[order], place, roles, len(windows.length))), ready


def figures(nets: Sequence[Net], windows: Windows, hard: Goal, annotators: int) -> dict[str, float]:
    """On the windows held out: F1 over tokens and exact spans of each head, over tokens of each role at true cues."""
    counts = np.zeros((5, 3))
    exact = np.zeros((3, 3))
    chosen = np.flatnonzero(windows.part == HELD_OUT)
    for some in batches(windows.length, chosen, 65_536, np.random.default_rng(0)):
        batch, said, _, _, roles = say(nets, windows, some, hard.pairs, False, annotators)
        inside = batch.inside.cpu().numpy()
        gold = windows.labels[batch.at].cpu().numpy()
        best = said.view(*said.shape[:2], 3, 3).argmax(-1).cpu().numpy()
        for head in range(3):
            a, b = (np.where(inside, labels[..., head], 0) for labels in (gold, best))
            counts[head] += ((a > 0) & (b > 0)).sum(), (b > 0).sum(), (a > 0).sum()
            x, y = spans(a), spans(b)
            exact[head] += len(x & y), len(y), len(x)
        wanted = hard.pairs.roles[batch.pair, : roles.shape[1]].cpu().numpy() > 0.5
        found = roles.cpu().numpy() > 0.5
        for role in range(2):
            a, b = wanted[..., role], found[..., role]
            counts[3 + role] += (a & b).sum(), b.sum(), a.sum()
    parts = [*HEADS, *(f"role_{role}" for role in ROLES)]
    whole = {name: round(2 * row[0] / max(1, row[1] + row[2]), 4) for name, row in zip(parts, counts, strict=True)}
    return whole | {
        f"spans_{name}": round(2 * row[0] / max(1, row[1] + row[2]), 4) for name, row in zip(HEADS, exact, strict=True)
    }


def spans(labels: np.ndarray) -> set[tuple[int, int, int]]:
    """Window, start and end of spans in BIO labels (windows, tokens); what follows OUTSIDE begins a span."""
    found = set()
    for row, line in enumerate(labels.tolist()):
        first = -1
        for place, label in enumerate([*line, 0]):
            if first >= 0 and label != INSIDE:
                found.add((row, first, place))
                first = -1
            if label and first < 0:
                first = place
    return found


def network(
    shape: Shape, weights: dict[str, torch.Tensor], prior: np.ndarray, annotators: int, layers: int | None
) -> Net:
    """A tagger to be trained: a trunk's weights, new heads; cut to its first `layers`."""
    if layers:
        shape = shape._replace(layers=layers)
        weights = {name: value for name, value in weights.items() if _depth(name) < layers}
    net = Net(opened(shape, weights), annotators)
    net.distance.weight.data = torch.from_numpy(prior)
    return net.to(device())


def _depth(name: str) -> int:
    return int(name.split(".")[1]) if name.startswith("layer.") else -1


def train(folder: Path, seconds: float, out: Path, smoke: bool) -> None:
    """Teachers, what they say, the student: within `seconds`. Writes the student and `figures.json` to `out`."""
    began = time.time()
    torch.set_float32_matmul_precision("high")
    packed = folder.parent
    windows, hard, prior, annotators = load(folder / "windows.xz", device())
    if smoke:
        windows = cut(windows)
    layers = 2 if smoke else None
    variants = [np.flatnonzero((windows.part == LABELLED) & (windows.variant == one)) for one in range(1 + RESTYLED)]
    more = np.flatnonzero(windows.part == UNLABELLED)
    print(
        f"{device()}: {[len(one) for one in variants]} windows and {len(more)}, {time.time() - began:.0f} s", flush=True
    )
    told: dict[str, Any] = {}
    teachers = []
    weights = unpack([packed / "mpnet/0", packed / "mpnet/1"])
    for fold in range(FOLDS):
        torch.manual_seed(fold)
        net = network(MPNET, weights, prior, annotators, layers)
        mine = [
            one[windows.fold[one] != fold]
            for one in (variants[turn % len(variants)] for turn in range(TEACHER["passes"]))
        ]
        share = (TEACHING * seconds - (time.time() - began)) / (FOLDS - fold)
        fit(
            f"teacher {fold}", net, windows, hard, mine, share,
            peak=TEACHER["peak"], tokens=TEACHER["tokens"], ema=TEACHER["ema"], annotators=annotators, seed=fold,
        )  # fmt: skip
        teachers.append(net)
        torch.save(net.state_dict(), f"/tmp/tagger.teacher.{fold}.pt")
        told[f"teacher {fold}"] = figures([net], windows, hard, annotators)
        print(f"teacher {fold} held out", json.dumps(told[f"teacher {fold}"]), flush=True)
    told["teachers"] = figures(teachers, windows, hard, annotators)
    print("teachers held out", json.dumps(told["teachers"]), flush=True)
    goal, ready = teach(teachers, windows, hard, np.concatenate([*variants, more]), LABELLING * seconds, annotators)
    variants = [np.intersect1d(one, ready) for one in variants]
    variants = [one for one in variants if len(one)]
    more = np.intersect1d(more, ready)
    del teachers
    torch.manual_seed(0)
    net = network(MINILM, unpack([packed / "minilm/0"]), prior, annotators, layers)
    rng = np.random.default_rng(0)
    passes = []
    left = np.zeros(0, dtype=np.int64)
    for turn in range(STUDENT["passes"]):
        mine = variants[turn % len(variants)]
        wanted = int(MORE * len(mine)) if len(more) else 0
        while len(left) < wanted:
            left = np.concatenate([left, rng.permutation(more)])
        passes.append(np.concatenate([mine, left[:wanted]]))
        left = left[wanted:]
    share = seconds - RESERVE - (time.time() - began)
    fit(
        "student", net, windows, goal, passes, share,
        peak=STUDENT["peak"], tokens=STUDENT["tokens"], ema=STUDENT["ema"], annotators=annotators, seed=0,
    )  # fmt: skip
    write(net.state_dict(), out, NAME)
    told["student"] = figures([net], windows, hard, annotators)
    print("student held out", json.dumps(told["student"]), flush=True)
    told["seconds"] = round(time.time() - began)
    (out / "figures.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"all done in {told['seconds']} s", flush=True)


def cut(windows: Windows) -> Windows:
    """A few windows of each kind, for a trial on a CPU: the rest belong to no part."""
    part = np.full_like(windows.part, -1)
    for kind, variant, fold in {
        *zip(windows.part.tolist(), windows.variant.tolist(), windows.fold.tolist(), strict=True)
    }:
        mine = (windows.part == kind) & (windows.variant == variant) & (windows.fold == fold) & (windows.length < 60)
        part[np.flatnonzero(mine)[:4]] = kind
    return windows._replace(part=part)


# ------------------------------------------------------------------------------------------------------------ finishing


def finish(data: Path, out: Path, into: Path, work: Path) -> None:
    """The student as `tagger.onnx` and `tagger.json` in `into`, with figures on the held-out articles and dev."""
    from benchmarks.training import tagger
    from index.encoder.weights import locate
    from index.statements import windows

    words = windows.tokenizer(locate() / "tokenizer.json")
    annotators = 1 + max(record.annotator for record in tagger.polnear(data, "train"))
    model = tagger.Tagger(locate(), annotators)
    found = join(out, NAME)
    renamed = names(MINILM, "bert")
    state = {
        f"bert.{renamed[name.removeprefix('trunk.')]}" if name.startswith("trunk.") else name: value
        for name, value in found.items()
    }
    missing, unknown = model.load_state_dict(state, strict=False)
    deeper = [name for name in missing if "encoder.layer." in name]
    if unknown or [name for name in missing if name not in deeper and "word_embeddings" not in name]:
        raise ValueError(f"what came back does not fit the tagger: {missing} missing, {unknown} unknown")
    if deeper:
        print(f"a trial: {len(deeper)} parameters of deeper layers are as they were before training")
    work.mkdir(parents=True, exist_ok=True)
    tagger.finish(argparse.Namespace(data=data, work=work, into=into), model, words)


def main() -> None:
    """Prepare, train or finish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--prepare", action="store_true")
    mode.add_argument("--train", action="store_true")
    mode.add_argument("--finish", action="store_true")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/gpu/tagger"))
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--out", type=Path, default=Path("/tmp/gpu/tagger/out"))
    parser.add_argument("--smoke", action="store_true", help="a trial on a CPU: 2 layers, a few windows")
    parser.add_argument("--into", type=Path, default=Path("/tmp/train/distilled/weights"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/train/distilled"))
    arguments = parser.parse_args()
    if arguments.prepare:
        prepare(arguments.data, arguments.folder)
    elif arguments.train:
        train(arguments.folder, arguments.seconds, arguments.out, arguments.smoke)
    else:
        finish(arguments.data, arguments.out, arguments.into, arguments.work)


if __name__ == "__main__":
    main()
