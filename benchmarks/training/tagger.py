"""Trains the tagger of reported speech: MiniLM-L6 with BIO heads for source, cue, content, and roles towards the cue.

    .venv/bin/python benchmarks/training/tagger.py --data ../shared/data [--work /tmp/train/tagger] [--epochs 5]
    .venv/bin/python benchmarks/training/tagger.py --data ../shared/data --final  # then: dev, ONNX, settings

A checkpoint is written after every epoch and taken up again by the same command; progress goes to stdout. Trained on
PolNeAR train without the working set, the calibration set and the articles held out here to choose the model by; dev is
read by --final alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from torch import nn

from benchmarks.training.tagger_heads import HEADS, REACH, ROLE_WEIGHT, ROLES, SMOOTHING, Heads, groups, role_loss
from index.encoder.weights import locate
from index.model import Span
from index.statements import decoding, linking, windows

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("logits", "cue", "token")
HELD_OUT = 40
BATCH = 16
PEAK = 2e-4
EMA = 0.99
PRECISION = 0.75
# Biases of OUTSIDE for cue and content, thresholds of role and source; a wider search by hand led here.
GRID = ((-1.0, -1.25), (-1.0, -1.25), (-0.5, -1.0, -1.5, -2.0), (-1.0, -2.0))
IGNORE = -100


class Record(NamedTuple):
    """An article and its attributions, spans as lists of [start, end]. `partial`: only some attributions are known."""

    id: str
    text: str
    attributions: list[dict[str, Any]]
    annotator: int
    partial: bool


class Example(NamedTuple):
    """One window with special tokens: BIO labels (tokens, 3) and, for each cue's first token, each token's role."""

    ids: np.ndarray
    types: np.ndarray
    labels: np.ndarray
    cues: list[int]
    roles: np.ndarray
    known: np.ndarray
    annotator: int


class Tagger(Heads):
    """`forward` gives logits (batch, tokens, 9) and, for roles, cue and token vectors (batch, tokens, 2, ROLE_SIZE)."""

    def __init__(self, folder: Path, annotators: int) -> None:
        from transformers import BertModel

        bert = BertModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            local_files_only=True,
            attn_implementation="sdpa",
            # With it, torch has no fast attention on a CPU: a step would take twice as long.
            attention_probs_dropout_prob=0.0,
        )
        size = bert.config.hidden_size
        super().__init__(size, annotators)
        self.bert = bert
        # Half of all parameters; names are what matters here, and most are seen too rarely to learn from.
        bert.embeddings.word_embeddings.weight.requires_grad_(False)
        old = bert.embeddings.token_type_embeddings.weight.data
        wide = nn.Embedding(windows.TOKEN_TYPES, size)
        wide.weight.data = old[:1].repeat(windows.TOKEN_TYPES, 1)
        bert.embeddings.token_type_embeddings = wide
        bert.config.type_vocab_size = windows.TOKEN_TYPES

    def hidden(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """States (batch, tokens, 384)."""
        states: torch.Tensor = self.bert(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        return states

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """What is exported: the annotators' mean is added."""
        return self.heads(self.hidden(ids, mask, types) + self.annotator.weight.mean(0))


# ---------------------------------------------------------------------------------------------------------------- data


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def forbidden(data: Path) -> set[str]:
    """Ids of the articles nothing may be trained on."""
    files = ["corpus.working.jsonl", "corpus.calibration.jsonl", "polnear/corpus.dev.jsonl", "cnn/corpus.dev.jsonl"]
    return {record["id"] for name in files for record in read(data / name)}


def polnear(data: Path, part: str) -> list[Record]:
    """PolNeAR, `train` or `dev`."""
    by_article: dict[str, list[dict[str, Any]]] = defaultdict(list)
    annotators = sorted({line["annotator"] for line in read(data / "polnear/attributions.train.jsonl")})
    for line in read(data / f"polnear/attributions.{part}.jsonl"):
        by_article[line["article"]].append(line)
    records = []
    for article in read(data / f"polnear/corpus.{part}.jsonl"):
        known = by_article[article["id"]]
        name = known[0]["annotator"] if known else None
        index = annotators.index(name) if name in annotators else 0
        records.append(Record(article["id"], article["text"], known, index, partial=False))
    return records


def other_domains(data: Path) -> list[Record]:
    """Articles of two other domains in which some statements are known: labels count only inside those."""
    records = []
    banned = forbidden(data)
    for folder in ("cnn", "mixed"):
        known: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in read(data / folder / "whosaid.train.jsonl"):
            if line["split"] == "train":
                known[line["record"]].append(line)
        for article in read(data / folder / "corpus.train.jsonl"):
            if article["id"] not in banned and known[article["id"]]:
                records.append(Record(article["id"], article["text"], known[article["id"]], -1, partial=True))
    return records


def restyle(text: str, rng: random.Random) -> str:
    """The text with its quotation marks in another style, or all in lower case: always of the same length."""
    draw = rng.random()
    if draw < 0.45:
        return text
    if draw < 0.65:
        return text.translate(str.maketrans("“”‘’", "\"\"''"))
    if draw < 0.80:
        changed, opened = [], False
        for position, char in enumerate(text):
            if char == '"':
                opened = not opened
                char = "“" if opened else "”"
            elif char == "'":
                char = "’"
            elif char == "\n" and text[position - 1 : position] == "\n":
                opened = False
            changed.append(char)
        return "".join(changed)
    if draw < 0.90:
        return text.translate(str.maketrans("“”", "‘’")) if "“" in text else text.replace('"', "'")
    if draw < 0.95:
        # A machine translation or a sloppy editor loses some marks.
        return "".join(" " if char in '"“”' and rng.random() < 0.3 else char for char in text)
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def covered(prepared: windows.Windows, spans: list[list[int]]) -> np.ndarray:
    """Which tokens of a text touch one of the spans; a paragraph token does when it lies inside."""
    inside = np.zeros(len(prepared.ids), dtype=bool)
    for start, end in spans:
        inside |= (prepared.start < end) & (np.maximum(prepared.end, prepared.start + 1) > start)
    return inside


def examples(record: Record, text: str, words: Any, begin: int = 0) -> Iterator[Example]:
    """The windows of an article's `text[begin:]`, which may be restyled, with their labels."""
    prepared = windows.prepare(text, words, begin)
    tokens = len(prepared.ids)
    labels = np.zeros((tokens, 3), dtype=np.int64)
    known = np.full(tokens, not record.partial)
    roles: list[tuple[int, np.ndarray]] = []
    for line in record.attributions:
        for head, name in enumerate(HEADS):
            for span in line[name]:
                where = np.flatnonzero(covered(prepared, [span]))
                labels[where, head] = decoding.INSIDE
                labels[where[:1], head] = decoding.BEGIN
        if record.partial:
            every = [span for name in HEADS for span in line[name]]
            known |= covered(prepared, [[min(a for a, _ in every), max(b for _, b in every)]])
        cue = np.flatnonzero(covered(prepared, line["cue"]))
        if len(cue):
            role = np.stack([covered(prepared, line[name]) for name in ROLES], axis=1)
            roles.append((int(cue[0]), role))
    first, last = words.token_to_id("[CLS]"), words.token_to_id("[SEP]")
    for start, end in prepared.window:
        if not known[start:end].any():
            continue
        inside = [(cue, role) for cue, role in roles if start <= cue < end]
        padded = np.full((end - start + 2, 3), IGNORE)
        padded[1:-1] = np.where(known[start:end, None], labels[start:end], IGNORE)
        role_array = np.zeros((len(inside), end - start + 2, len(ROLES)), dtype=bool)
        for row, (_, role) in enumerate(inside):
            role_array[row, 1:-1] = role[start:end]
        yield Example(
            ids=np.concatenate([[first], prepared.ids[start:end], [last]]),
            types=np.concatenate([[windows.OTHER], prepared.types[start:end], [windows.OTHER]]),
            labels=padded,
            cues=[cue - start + 1 for cue, _ in inside],
            roles=role_array,
            known=np.concatenate([[False], known[start:end], [False]]),
            annotator=record.annotator,
        )


def collate(batch: list[Example], annotators: int) -> dict[str, torch.Tensor]:
    """A batch as tensors. `pairs` lists window and position of each cue, `roles` what its tokens are to it."""
    tokens = max(len(one.ids) for one in batch)

    def stack(arrays: list[np.ndarray], fill: int) -> torch.Tensor:
        out = np.full((len(arrays), tokens, *arrays[0].shape[1:]), fill, dtype=np.int64)
        for row, array in enumerate(arrays):
            out[row, : len(array)] = array
        return torch.from_numpy(out)

    pairs = [(row, cue) for row, one in enumerate(batch) for cue in one.cues]
    roles = np.zeros((len(pairs), tokens, len(ROLES)), dtype=np.float32)
    weight = np.zeros((len(pairs), tokens), dtype=np.float32)
    at = 0
    for one in batch:
        for role in one.roles:
            roles[at, : role.shape[0]] = role
            weight[at, : len(one.known)] = one.known | (one.annotator < 0)
            at += 1
    mixture = np.zeros((len(batch), annotators), dtype=np.float32)
    for row, one in enumerate(batch):
        # Half of the time the mean, which is what the exported tagger adds.
        mixture[row] = 1 / annotators
        if one.annotator >= 0 and random.random() < 0.5:
            mixture[row] = np.eye(annotators)[one.annotator]
    return {
        "ids": stack([one.ids for one in batch], 0),
        "mask": stack([np.ones_like(one.ids) for one in batch], 0),
        "types": stack([one.types for one in batch], 0),
        "labels": stack([one.labels for one in batch], IGNORE),
        "pairs": torch.tensor(pairs, dtype=torch.long).view(-1, 2),
        "roles": torch.from_numpy(roles),
        "weight": torch.from_numpy(weight),
        "mixture": torch.from_numpy(mixture),
    }


# ------------------------------------------------------------------------------------------------------------ training


def loss_of(model: Tagger, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, float]:
    """The whole loss, and the part of it that comes from roles."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = model.hidden(batch["ids"], batch["mask"], batch["types"])
    states = model.dropout(states.float() + (batch["mixture"] @ model.annotator.weight)[:, None])
    logits, cue, token = model.heads(states)
    loss = torch.zeros(())
    for head in range(3):
        loss = loss + nn.functional.cross_entropy(
            logits[..., 3 * head : 3 * head + 3].reshape(-1, 3), batch["labels"][..., head].reshape(-1),
            ignore_index=IGNORE, label_smoothing=SMOOTHING,
        )  # fmt: skip
    from_roles = torch.zeros(())
    rows, cues = batch["pairs"].unbind(1)
    if len(rows):
        scores = model.role_scores(cue, token, rows, cues)
        from_roles = role_loss(scores, batch["roles"], batch["mask"][rows] * batch["weight"])
    return loss + ROLE_WEIGHT * from_roles, from_roles.item()


def distance_prior(items: Iterable[Example]) -> torch.Tensor:
    """Log-odds (2 REACH + 1, 2) of each role by distance from the cue, less those over all distances."""
    counts = np.zeros((2, 2 * REACH + 1, len(ROLES)))
    for one in items:
        for cue, role in zip(one.cues, one.roles, strict=True):
            offset = np.clip(np.arange(len(role)) - cue, -REACH, REACH) + REACH
            np.add.at(counts[0], offset, role)
            np.add.at(counts[1], offset, ~role)
    odds = np.log((counts[0] + 1) / (counts[1] + 1)) - np.log(counts[0].sum(0) / counts[1].sum(0))
    return torch.from_numpy(odds.astype(np.float32))


def batches(items: list[Example], rng: random.Random) -> list[list[Example]]:
    """Random batches of windows about as long as one another."""
    order = sorted(range(len(items)), key=lambda index: len(items[index].ids) + rng.random() * 40)
    made = [[items[index] for index in order[at : at + BATCH]] for at in range(0, len(order), BATCH)]
    rng.shuffle(made)
    return made


def split(data: Path) -> tuple[list[Record], list[Record]]:
    """Articles to train on, and those held out to choose by."""
    banned = forbidden(data)
    records = [record for record in polnear(data, "train") if record.id not in banned]
    random.Random(0).shuffle(records)
    return records[HELD_OUT:], records[:HELD_OUT]


def train(arguments: argparse.Namespace, words: Any, annotators: int) -> None:
    """Train to the last epoch, from the last checkpoint if there is one."""
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    checkpoint = work / "checkpoint.pt"
    torch.manual_seed(arguments.seed)
    model = Tagger(locate(), annotators)
    training, held_out = split(arguments.data)
    if arguments.domains:
        training = training + other_domains(arguments.data)
    plain = [item for record in training for item in examples(record, record.text, words)]
    model.distance.weight.data = distance_prior(plain)
    per_epoch = math.ceil(len(plain) / BATCH)
    optimiser = torch.optim.AdamW(groups(model, len(model.bert.encoder.layer), PEAK), betas=(0.9, 0.98))
    total = per_epoch * arguments.epochs
    warm = total // 10
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: (step + 1) / warm if step < warm else max(0.0, (total - step) / (total - warm))
    )
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    begin = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        average, begin = saved["average"], saved["epoch"]
    print(
        f"{len(training)} articles, {len(held_out)} held out, {per_epoch} steps an epoch, from epoch {begin}",
        flush=True,
    )
    for epoch in range(begin, arguments.epochs):
        rng = random.Random(1000 * arguments.seed + epoch)
        random.seed(1000 * arguments.seed + epoch)
        torch.manual_seed(1000 * arguments.seed + epoch)
        items = [item for record in training for item in examples(record, restyle(record.text, rng), words)]
        model.train()
        began = time.time()
        made = batches(items, rng)
        for step, batch in enumerate(made):
            loss, from_roles = loss_of(model, collate(batch, annotators))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            if schedule.last_epoch < total:
                schedule.step()
            decay = min(EMA, (1 + schedule.last_epoch) / (10 + schedule.last_epoch))
            with torch.no_grad():
                for name, value in model.named_parameters():
                    if value.requires_grad:
                        average[name].lerp_(value, 1 - decay)
            if step % 20 == 0:
                spent = time.time() - began
                print(
                    f"epoch {epoch} step {step}/{len(made)} loss {loss.item():.3f} roles {from_roles:.3f} {spent:.0f} s",
                    flush=True,
                )
        torch.save(
            {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict(),
             "average": average, "epoch": epoch + 1}, work / "new.pt",
        )  # fmt: skip
        (work / "new.pt").replace(checkpoint)
        averaged = Tagger(locate(), annotators)
        averaged.load_state_dict(average)
        made = outputs(torch_runner(averaged, half=True), averaged.distance.weight.detach().numpy(), held_out, words)
        found = statements(held_out, made, linking.Settings())
        print(f"epoch {epoch} held out", json.dumps(head_f1(held_out, made) | measure(held_out, found)), flush=True)


# ---------------------------------------------------------------------------------------------------------- evaluation


class Output(NamedTuple):
    """What the network says of an article, before any decoding."""

    prepared: windows.Windows
    logits: np.ndarray
    roles: list[linking.Roles]


Runner = Callable[[np.ndarray, np.ndarray, np.ndarray], Sequence[np.ndarray]]


def torch_runner(model: Tagger, *, half: bool) -> Runner:
    """The network in torch: ids, mask and types (batch, tokens) → logits, cue and token vectors."""
    model.eval()

    def run(*arrays: np.ndarray) -> list[np.ndarray]:
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            return [out.float().numpy() for out in model(*(torch.from_numpy(array) for array in arrays))]

    return run


def onnx_runner(weights: bytes) -> Runner:
    """The network in ONNX Runtime."""
    import onnxruntime

    # One thread: on a busy machine two wait for each other.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    return lambda *arrays: session.run(None, dict(zip(INPUTS, arrays, strict=True)))


def outputs(run: Runner, distance: np.ndarray, records: Sequence[Record], words: Any) -> list[Output]:
    """The network's verdict on each record."""
    made = []
    for record in records:
        prepared = windows.prepare(record.text, words)
        logits = np.zeros((len(prepared.ids), 9), dtype=np.float32)
        roles = []
        for number, (start, end) in enumerate(prepared.window):
            ids = np.concatenate([[101], prepared.ids[start:end], [102]])[None]
            types = np.concatenate([[windows.OTHER], prepared.types[start:end], [windows.OTHER]])[None]
            out, cue, token = (result[0, 1:-1] for result in run(ids, np.ones_like(ids), types))
            mine = prepared.owner[start:end] == number
            logits[start:end][mine] = out[mine]
            roles.append(linking.Roles(cue, token, distance))
        made.append(Output(prepared, logits, roles))
    return made


def f1(both: float, found: float, gold: float) -> float:
    """Harmonic mean of precision and recall from counts."""
    return round(2 * both / max(1, found + gold), 4)


def head_f1(records: Sequence[Record], made: Sequence[Output]) -> dict[str, float]:
    """F1 over characters of each head alone, before any linking."""
    counts = np.zeros((3, 3))
    for record, output in zip(records, made, strict=True):
        for head, name in enumerate(HEADS):
            gold = flags(len(record.text), [span for line in record.attributions for span in line[name]])
            spans = decoding.spans(output.logits[:, 3 * head : 3 * head + 3])
            found = flags(len(record.text), [(output.prepared.start[a], output.prepared.end[b - 1]) for a, b in spans])
            counts[head] += (gold & found).sum(), found.sum(), gold.sum()
    return {name: f1(*row) for name, row in zip(HEADS, counts, strict=True)}


def flags(size: int, spans: Iterable[Sequence[int]]) -> np.ndarray:
    """Characters inside any of the spans."""
    inside = np.zeros(size, dtype=bool)
    for start, end in spans:
        inside[start:end] = True
    return inside


def statements(
    records: Sequence[Record], made: Sequence[Output], settings: linking.Settings
) -> list[list[linking.Found]]:
    """The linked statements of each record."""
    return [
        linking.link(record.text, output.prepared, output.logits, output.roles, settings)
        for record, output in zip(records, made, strict=True)
    ]


def shared(a: Iterable[Sequence[int]], b: Sequence[Sequence[int]]) -> int:
    """Characters that two lists of spans have in common."""
    return sum(max(0, min(x[1], y[1]) - max(x[0], y[0])) for x in a for y in b)


def size(spans: Iterable[Sequence[int]]) -> int:
    """Characters of a list of spans."""
    return sum(end - start for start, end in spans)


def right_source(one: linking.Found, line: dict[str, Any]) -> bool:
    """Whether the sources share at least half of the shorter one."""
    if one.source is None or not line["source"]:
        return one.source is None and not line["source"]
    return 2 * shared([one.source], line["source"]) >= min(size([one.source]), size(line["source"]))


def covers(one: linking.Found, line: dict[str, Any]) -> bool:
    """Whether a found statement has half of an annotated one's content."""
    return 2 * shared(one.content, line["content"]) >= size(line["content"])


def is_linked(line: dict[str, Any], found: Iterable[linking.Found]) -> bool:
    """Whether one found statement has half of an annotated one's content and the right source."""
    return any(covers(one, line) and right_source(one, line) for one in found)


def is_right(one: linking.Found, lines: Iterable[dict[str, Any]]) -> bool:
    """Whether a found statement shares half of the shorter content, and the source, with an annotated one."""
    return any(
        2 * shared(one.content, line["content"]) >= min(size(one.content), size(line["content"]))
        and right_source(one, line)
        for line in lines
    )


def measure(records: Sequence[Record], found: Sequence[Sequence[linking.Found]]) -> dict[str, float]:
    """Figures over whole statements.

    Characters and exact spans by role; `linked`: of the gold statements with a source, those that `is_linked`;
    `linked_precision`: of the found ones with a source, those that are `is_right`.
    """
    characters, exact = np.zeros((3, 3)), np.zeros((3, 3))
    linked = gold_count = precise = found_count = content_found = 0
    for record, mine in zip(records, found, strict=True):
        spans = [
            [span for one in mine for span in part(one)]
            for part in (_source_spans, lambda one: [one.cue], lambda one: one.content)
        ]
        for head, name in enumerate(HEADS):
            gold_spans = [tuple(span) for line in record.attributions for span in line[name]]
            gold, ours = flags(len(record.text), gold_spans), flags(len(record.text), spans[head])
            characters[head] += (gold & ours).sum(), ours.sum(), gold.sum()
            a, b = set(gold_spans), {tuple(span) for span in spans[head]}
            exact[head] += len(a & b), len(b), len(a)
        for line in record.attributions:
            content_found += any(covers(one, line) for one in mine)
            if line["source"]:
                gold_count += 1
                linked += is_linked(line, mine)
        for one in mine:
            if one.source:
                found_count += 1
                precise += is_right(one, record.attributions)
    result = {f"characters_{name}": f1(*row) for name, row in zip(HEADS, characters, strict=True)}
    result |= {f"spans_{name}": f1(*row) for name, row in zip(HEADS, exact, strict=True)}
    result["content_found"] = round(content_found / max(1, sum(len(record.attributions) for record in records)), 4)
    result["linked"] = round(linked / max(1, gold_count), 4)
    result["linked_precision"] = round(precise / max(1, found_count), 4)
    return result


def _source_spans(one: linking.Found) -> list[Span]:
    return [one.source] if one.source else []


# ------------------------------------------------------------------------------------------------------ fitting, export


def fit(records: Sequence[Record], made: Sequence[Output]) -> linking.Settings:
    """The settings that link most statements on held-out articles at PRECISION or better; then P(statement).

    A statement that is missed is lost, a false one can still be found out by the judge.
    """

    tried: list[tuple[bool, float, linking.Settings]] = []
    for cue, content, role, source in product(*GRID):
        trial = linking.Settings(outside_bias=(-0.5, cue, content), link=-0.5, source=source, role=role)
        figures = measure(records, statements(records, made, trial))
        tried.append((figures["linked_precision"] >= PRECISION, figures["linked"], trial))
    best = max(tried, key=lambda one: one[:2])[2]
    return best._replace(statement=fit_probability(records, statements(records, made, best)))


def fit_probability(records: Sequence[Record], found: Sequence[Sequence[linking.Found]]) -> tuple[float, ...]:
    """Logistic regression (Newton, slight L2): does a found statement match an annotated one of that cue?"""
    rows, truth = [], []
    for record, mine in zip(records, found, strict=True):
        for one in mine:
            if not one.continued:
                rows.append((1.0, *one.evidence))
                truth.append(
                    any(
                        shared([one.cue], line["cue"])
                        and 2 * shared(one.content, line["content"]) >= size(line["content"])
                        for line in record.attributions
                    )
                )
    x, y = np.array(rows), np.array(truth, dtype=float)
    weights = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ weights))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.eye(len(weights))
        weights += np.linalg.solve(hessian, x.T @ (y - p) - weights)
    return tuple(round(float(weight), 4) for weight in weights)


def export(model: Tagger, file: Path) -> None:
    """The network as one ONNX graph in float32."""
    given = (torch.randint(5, 1000, (2, 40)), torch.ones(2, 40, dtype=torch.long), torch.zeros(2, 40, dtype=torch.long))
    axes = {name: {0: "windows", 1: "tokens"} for name in (*INPUTS, *OUTPUTS)}
    torch.onnx.export(
        model.eval(), given, str(file), input_names=[*INPUTS], output_names=[*OUTPUTS], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip


def quantise(file: Path, into: Path) -> None:
    """int8 weights, activations quantised as they come; reduced range for processors without VNNI."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(file, into, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def finish(arguments: argparse.Namespace, model: Tagger, words: Any) -> None:
    """Export, fit on the held-out articles with the int8 weights, measure on dev, write weights, settings and card."""
    work: Path = arguments.work
    export(model, work / "tagger.fp32.onnx")
    quantise(work / "tagger.fp32.onnx", work / "tagger.onnx")
    weights = (work / "tagger.onnx").read_bytes()
    distance = model.distance.weight.detach().numpy().round(3)
    held_out = split(arguments.data)[1]
    dev = polnear(arguments.data, "dev")
    foreign = cnn_dev(arguments.data)
    runners = {"fp32": onnx_runner((work / "tagger.fp32.onnx").read_bytes()), "int8": onnx_runner(weights)}
    fitted = fit(held_out, outputs(runners["int8"], distance, held_out, words))
    print("settings", fitted, flush=True)
    figures: dict[str, Any] = {}
    for name, run in runners.items():
        figures[name] = {}
        for part, records in (("held_out", held_out), ("polnear_dev", dev), ("cnn_dev", foreign)):
            made = outputs(run, distance, records, words)
            found = statements(records, made, fitted)
            figures[name][part] = {"heads": head_f1(records, made), **measure(records, found)}
            alone = [[one for one in mine if not one.continued] for mine in found]
            figures[name][part]["without_continued"] = measure(records, alone)
            print(name, part, json.dumps(figures[name][part]), flush=True)
    sha256 = hashlib.sha256(weights).hexdigest()
    arguments.into.mkdir(parents=True, exist_ok=True)
    (arguments.into / "tagger.onnx").write_bytes(weights)
    card = {
        "sha256": sha256, "version": sha256[:12], "window": windows.WINDOW, **fitted._asdict(),
        "distance": distance.tolist(),
    }  # fmt: skip
    (arguments.into / "tagger.json").write_text(json.dumps(card) + "\n", encoding="utf-8")
    (work / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def cnn_dev(data: Path) -> list[Record]:
    """CNN stories, annotated in full by a language model: another domain, for measuring alone."""
    by_article: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in read(data / "cnn/attributions.dev.jsonl"):
        by_article[line["article"]].append(line)
    return [
        Record(article["id"], article["text"], by_article[article["id"]], 0, partial=False)
        for article in read(data / "cnn/corpus.dev.jsonl")
    ]


def main() -> None:
    """Train, or finish what was trained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=Path, default=Path("/tmp/train/tagger"))
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--domains", action="store_true", help="learn from CNN and mixed too")
    parser.add_argument("--final", action="store_true", help="after training: export, fit, measure")
    parser.add_argument("--into", type=Path, default=ROOT / "index/statements/weights")
    arguments = parser.parse_args()
    words = windows.tokenizer(locate() / "tokenizer.json")
    annotators = 1 + max(record.annotator for record in polnear(arguments.data, "train"))
    if not arguments.final:
        train(arguments, words, annotators)
        return
    model = Tagger(locate(), annotators)
    model.load_state_dict(torch.load(arguments.work / "checkpoint.pt", weights_only=True)["average"])
    finish(arguments, model, words)


if __name__ == "__main__":
    main()
