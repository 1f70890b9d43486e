"""Trains the reader: MiniLM-L6 over question and passage, heads for the answer's ends, for no answer, for relevance.

    .venv/bin/python benchmarks/training/reader.py --prepare                            # here: arrays under /tmp/gpu/reader
    python benchmarks/training/reader.py --train --seconds 400 --out DIR                # where there is a GPU
    .venv/bin/python benchmarks/training/reader.py --train --smoke --out DIR            # the same path on two cores
    .venv/bin/python benchmarks/training/reader.py --finish --out DIR                   # ONNX beside the program, figures

MPNet learns first, then MiniLM from the same labels and from what MPNet makes of every passage (Hinton et al. 2015).
An answer's first and last token are each learned with a softmax over all passages of a question at once, and no answer
(Clark and Gardner 2018: shared normalisation; marginal likelihood over all places where the answer stands). What no
answer weighs is each passage's own logit, taken off its tokens', so that scores compare between passages and 0 is the
line. The GPU's machine has torch and numpy only: nothing else is imported for `--train`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from torch import nn

from benchmarks.training import trunk as trunks

ROOT = Path(__file__).resolve().parents[2]
NAME = "reader"
CLS, SEP, MARK = 101, 102, 1029
EXACT, INSIDE, UNMARKED = 0, 1, 2
OCCURRENCES = 6
FAR = -1e4
LONGEST = 30
EVALUATED = 2500
EVALUATED_PAIRS = 6
# Passages of a question whose soft labels are made, and those that a list shows.
LABELLED = 6
TEACHER_MISSES, STUDENT_MISSES = 2, 3
WITHOUT_ANSWER = 0.12
SLOPPY = 0.3
TEACHER_TOKENS, STUDENT_TOKENS, LABEL_TOKENS = 16_000, 32_000, 64_000
TEACHER_PEAK, STUDENT_PEAK, HEADS_PEAK = 5e-5, 3e-4, 1e-3
TEACHER_PASSES, STUDENT_PASSES = 3, 8
# Shares of the seconds at which each part is over at the latest.
TEACHER_UNTIL, LABELS_UNTIL, STUDENT_UNTIL = 0.47, 0.60, 0.95
EMA = 0.998
LOCAL, LISTWISE, ABSOLUTE, SOFT = 0.5, 0.5, 0.3, 1.0


class Network(nn.Module):
    """`forward` gives start and end (pairs, tokens), null and relevance (pairs): logits."""

    def __init__(self, trunk: trunks.Trunk) -> None:
        super().__init__()
        self.trunk = trunk
        size = trunk.shape.size
        self.dropout = nn.Dropout(0.1)
        self.ends = nn.Linear(size, 2)
        self.dense = nn.Linear(2 * size, size)
        self.null = nn.Linear(size, 1)
        self.relevance = nn.Linear(size, 1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The four logits."""
        states = self.trunk(ids, mask, types)
        ends = self.ends(self.dropout(states))
        weights = mask[..., None].to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        pooled = self.dropout(nn.functional.gelu(self.dense(torch.cat([states[:, 0], mean], dim=1))))
        return ends[..., 0], ends[..., 1], self.null(pooled)[:, 0], self.relevance(pooled)[:, 0]


# ---------------------------------------------------------------------------------------------------------------- data


class Store:
    """All tokens and pairs, on the device; what plans need, here as numpy."""

    def __init__(self, file: Path, device: torch.device) -> None:
        with np.load(file) as found:
            self.host = {name: found[name] for name in found.files}
        host = self.host
        self.device = device
        pairs = len(host["pair_question"])
        starts = host["span_starts"]
        spans = np.full((pairs, 2 * OCCURRENCES), -1, dtype=np.int16)
        for pair in np.flatnonzero(np.diff(starts)):
            values = host["span_values"][starts[pair] : starts[pair + 1]]
            spans[pair, : len(values)] = values
        self.spans_host = spans
        self.passage_length = np.diff(host["passage_starts"])
        self.question_length = np.diff(host["question_starts"])
        last = host["question_ids"][host["question_starts"][1:] - 1]
        self.marked = last == MARK
        self.pair_passage, self.pair_question = host["pair_passage"], host["pair_question"]
        self.pair_length = self.passage_length[self.pair_passage] + self.question_length[2 * self.pair_question] + 3
        self.passage_ids = torch.from_numpy(host["passage_ids"].astype(np.int32)).to(device)
        self.question_ids = torch.from_numpy(host["question_ids"].astype(np.int32)).to(device)
        self.spans = torch.from_numpy(spans.reshape(pairs, OCCURRENCES, 2)).to(device)
        first = np.searchsorted(self.pair_question, np.arange(len(host["held"]) + 1))
        self.pairs_of = [np.arange(first[at], first[at + 1]) for at in range(len(host["held"]))]
        self.gold, self.mode = host["pair_gold"].astype(bool), host["pair_mode"]
        self.gold_of = [own[self.gold[own]] for own in self.pairs_of]
        self.misses_of = [own[~self.gold[own]] for own in self.pairs_of]

    def send(self, values: np.ndarray, kind: torch.dtype = torch.long) -> torch.Tensor:
        """A small array on the device."""
        made = torch.from_numpy(np.ascontiguousarray(values)).to(kind)
        return made.pin_memory().to(self.device, non_blocking=True) if self.device.type == "cuda" else made


class Batch(NamedTuple):
    """Pairs of whole lists: pair, form of the question, its length in tokens, number of the list; rows of each list."""

    pair: np.ndarray
    form: np.ndarray
    asked: np.ndarray
    member: np.ndarray
    lists: np.ndarray


def plan(store: Store, questions: np.ndarray, misses: int, tokens: int, usable: np.ndarray, seed: int) -> list[Batch]:
    """One pass over the questions: a list of passages for each, lists of like length together, in a new order."""
    rng = random.Random(seed)
    rows: list[tuple[int, list[int], int, int]] = []
    for question in questions.tolist():
        golds = store.gold_of[question]
        wrong = [one for one in store.misses_of[question].tolist() if usable[one]]
        spare = len(wrong) > misses
        shown = [] if not len(golds) or (spare and rng.random() < WITHOUT_ANSWER) else [int(rng.choice(golds.tolist()))]
        shown += rng.sample(wrong, min(misses + (not shown), len(wrong)))
        if not shown:
            continue
        form = 2 * question + (rng.random() < SLOPPY)
        length = int(store.question_length[form])
        if store.marked[form] and rng.random() < SLOPPY and length > 1:
            length -= 1
        rows.append((int(store.pair_length[shown].max()) + rng.randrange(12), shown, form, length))
    rows.sort()
    batches: list[Batch] = []
    part: list[tuple[int, list[int], int, int]] = []
    count = 0
    for row in rows:
        if part and (count + len(row[1])) * row[0] > tokens:
            batches.append(batched(part))
            part, count = [], 0
        part.append(row)
        count += len(row[1])
    batches.append(batched(part))
    rng.shuffle(batches)
    return batches


def batched(rows: Sequence[tuple[int, list[int], int, int]]) -> Batch:
    """Lists as one batch."""
    pair = np.array([one for _, shown, _, _ in rows for one in shown])
    sizes = [len(shown) for _, shown, _, _ in rows]
    lists = np.full((len(rows), max(sizes)), -1)
    at = 0
    for row, size in enumerate(sizes):
        lists[row, :size] = np.arange(at, at + size)
        at += size
    form = np.repeat([form for _, _, form, _ in rows], sizes)
    asked = np.repeat([asked for _, _, _, asked in rows], sizes)
    return Batch(pair, form, asked, np.repeat(np.arange(len(rows)), sizes), lists)


class Read(NamedTuple):
    """Start and end (pairs, passage tokens) less the null logit, FAR beyond the passage; null and relevance (pairs)."""

    start: torch.Tensor
    end: torch.Tensor
    null: torch.Tensor
    relevance: torch.Tensor


def read(network: nn.Module, store: Store, pair: np.ndarray, form: np.ndarray, asked: np.ndarray) -> Read:
    """What the network makes of pairs; run in two parts by length: less padding."""
    passage = store.pair_passage[pair]
    lengths = store.passage_length[passage]
    whole = lengths + asked + 3
    order = np.argsort(whole, kind="stable")
    parts = [part for part in np.array_split(order, 2 if len(order) > 16 else 1) if len(part)]
    room = int(lengths.max())
    made: list[list[torch.Tensor]] = [[], [], [], []]
    for part in parts:
        longest = -(-int(whole[part].max()) // 8) * 8
        numbers = np.stack([
            asked[part], lengths[part], store.host["question_starts"][form[part]], store.host["passage_starts"][passage[part]]
        ])  # fmt: skip
        q_length, p_length, q_start, p_start = store.send(numbers)[..., None].unbind(0)
        place = torch.arange(longest, device=store.device)[None]
        begin = q_length + 2
        in_question = (place >= 1) & (place <= q_length)
        in_passage = (place >= begin) & (place < begin + p_length)
        ids = torch.zeros((len(part), longest), dtype=torch.long, device=store.device)
        asked_ids = store.question_ids[(q_start + place - 1).clamp(0, len(store.question_ids) - 1)].long()
        passage_ids = store.passage_ids[(p_start + place - begin).clamp(0, len(store.passage_ids) - 1)].long()
        ids = torch.where(in_question, asked_ids, ids)
        ids = torch.where(in_passage, passage_ids, ids)
        ids = torch.where((place == begin - 1) | (place == begin + p_length), SEP, ids)
        ids[:, 0] = CLS
        mask = (place <= begin + p_length).long()
        types = ((place >= begin) & (place <= begin + p_length)).long()
        with torch.autocast(store.device.type, dtype=torch.bfloat16):
            start, end, null, relevance = network(ids, mask, types)
        null = null.float()
        column = torch.arange(room, device=store.device)[None]
        take = (begin + column).clamp(max=longest - 1)
        beyond = column >= p_length
        for values, kept in ((start, made[0]), (end, made[1])):
            taken = values.float().gather(1, take) - null[:, None]
            kept.append(taken.masked_fill(beyond, FAR))
        made[2].append(null)
        made[3].append(relevance.float())
    back = np.empty(len(order), dtype=np.int64)
    back[np.concatenate(parts)] = np.arange(len(order))
    index = store.send(back)
    return Read(*(torch.cat(values)[index] for values in made))


# -------------------------------------------------------------------------------------------------------------- losses


class Soft(NamedTuple):
    """What the teacher made of pairs: ends as in `Read`, flat by `begin` of each pair; `known`: whether it saw it."""

    ends: torch.Tensor
    relevance: torch.Tensor
    begin: torch.Tensor
    known: torch.Tensor


class Over(NamedTuple):
    """Sums in the log domain over a pair's tokens and null (pairs), and over a list's and null (lists)."""

    local: torch.Tensor
    shared: torch.Tensor


def over(ends: torch.Tensor, lists: torch.Tensor) -> Over:
    """How much the tokens weigh together, the line of 0 (no answer) included."""
    alone = ends.logsumexp(1)
    rows = alone[lists.clamp(min=0)].masked_fill(lists < 0, FAR)
    shared = torch.cat([rows, torch.zeros_like(rows[:, :1])], dim=1).logsumexp(1)
    return Over(nn.functional.softplus(alone), shared)


def mean_of(values: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """The mean of those that are wanted; 0 of none."""
    return (values * wanted).sum() / wanted.sum().clamp(min=1)


def losses(store: Store, made: Read, batch: Batch, soft: Soft | None) -> dict[str, torch.Tensor]:
    """The parts of the loss of a batch."""
    pair = store.send(batch.pair)
    lists = store.send(batch.lists)
    host_gold = store.gold[batch.pair]
    gold = store.send(host_gold, torch.bool)
    mode = store.send(store.mode[batch.pair])
    spans = store.spans[pair].long()
    column = torch.arange(made.start.shape[1], device=store.device)[None, :, None]
    first, last = spans[:, None, :, 0], spans[:, None, :, 1]
    given = first >= 0
    within = ((column >= first) & (column <= last) & given).any(2)
    inside = (mode == INSIDE)[:, None]
    targets = (
        torch.where(inside, within, ((column == first) & given).any(2)),
        torch.where(inside, within, ((column == last) & given).any(2)),
    )
    real = lists >= 0
    clipped = lists.clamp(min=0)
    unmarked = gold & (mode == UNMARKED)
    teaches = ~(unmarked[clipped] & real).any(1)
    answered = ((gold & ~unmarked)[clipped] & real).any(1)
    found = dict.fromkeys(("shared", "local", "listwise", "absolute"), torch.zeros((), device=store.device))
    for ends, target in zip((made.start, made.end), targets, strict=True):
        weighed = over(ends, lists)
        right = ends.masked_fill(~target, FAR).logsumexp(1)
        rows = right[clipped].masked_fill(~real, FAR).logsumexp(1)
        shared = weighed.shared - torch.where(answered, rows, torch.zeros_like(rows))
        local = weighed.local - torch.where(gold, right, torch.zeros_like(right))
        found["shared"] = found["shared"] + mean_of(shared, teaches) / 2
        found["local"] = found["local"] + mean_of(local, ~unmarked) / 2
    relevance = made.relevance[clipped].masked_fill(~real, FAR)
    gold_rows = gold[clipped] & real
    ranked = relevance.logsumexp(1) - relevance.masked_fill(~gold_rows, FAR).logsumexp(1)
    found["listwise"] = mean_of(ranked, gold_rows.any(1))
    found["absolute"] = nn.functional.binary_cross_entropy_with_logits(made.relevance, gold.float())
    if soft is not None:
        found |= softened(made, soft, pair, store.send(batch.member), lists)
    return found


def softened(
    made: Read, soft: Soft, pair: torch.Tensor, member: torch.Tensor, lists: torch.Tensor
) -> dict[str, torch.Tensor]:
    """How far the student is from the teacher: over lists, over single passages, and in relevance."""
    real, clipped = lists >= 0, lists.clamp(min=0)
    known = soft.known[pair]
    whole = (known[clipped] | ~real).all(1)
    beyond = made.start <= FAR / 2
    column = torch.arange(made.start.shape[1], device=pair.device)[None]
    place = (soft.begin[pair][:, None] + column).clamp(0, len(soft.ends) - 1)
    taught = soft.ends[place].float().masked_fill((beyond | ~known[:, None])[..., None], FAR)
    shared = torch.zeros(len(lists), device=pair.device)
    local = torch.zeros(len(pair), device=pair.device)
    for at, ends in enumerate((made.start, made.end)):
        theirs = taught[..., at]
        mine, goal = over(ends, lists), over(theirs, lists)
        gap = theirs - ends
        by_list = (theirs - goal.shared[member][:, None]).exp() * gap
        shared = (
            shared + (mine.shared - goal.shared) + shared.new_zeros(len(lists)).index_add(0, member, by_list.sum(1))
        )
        local = local + (mine.local - goal.local) + ((theirs - goal.local[:, None]).exp() * gap).sum(1)
    mine_list = made.relevance[clipped].masked_fill(~real, FAR).log_softmax(1)
    goal_list = soft.relevance[pair][clipped].masked_fill(~real, FAR).log_softmax(1)
    ranked = (goal_list.exp() * (goal_list - mine_list)).sum(1)
    goal_alone = soft.relevance[pair].sigmoid()
    alone = nn.functional.binary_cross_entropy_with_logits(made.relevance, goal_alone, reduction="none")
    return {
        "soft shared": mean_of(shared, whole) / 2,
        "soft local": mean_of(local, known) / 2,
        "soft listwise": mean_of(ranked, whole),
        "soft absolute": mean_of(alone, known),
    }


WEIGHTS = {
    "shared": 1.0, "local": LOCAL, "listwise": LISTWISE, "absolute": ABSOLUTE, "soft shared": SOFT,
    "soft local": SOFT * LOCAL, "soft listwise": SOFT * LISTWISE, "soft absolute": SOFT * ABSOLUTE,
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ training


class Clock(NamedTuple):
    """When the program began, and how many seconds it has."""

    began: float
    seconds: float

    def left(self, share: float) -> float:
        """Seconds until a share of all is over."""
        return max(self.began + share * self.seconds - time.time(), 1.0)

    def say(self, line: str) -> None:
        """Print a line with the time."""
        print(f"{time.time() - self.began:6.1f} s  {line}", flush=True)


def fit(
    network: Network, store: Store, questions: np.ndarray, clock: Clock, until: float, *, peak: float, misses: int,
    tokens: int, passes: int, usable: np.ndarray, soft: Soft | None, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """Train in place, to `passes` passes or until time is up; the weights become their moving average."""
    learned = [one for one in network.parameters() if one.requires_grad]
    heads = {id(one) for name, one in network.named_parameters() if not name.startswith("trunk.")}
    groups = [
        {"params": [one for one in learned if id(one) not in heads], "peak": peak},
        {"params": [one for one in learned if id(one) in heads], "peak": HEADS_PEAK},
    ]
    optimiser = torch.optim.AdamW(
        groups, lr=peak, weight_decay=0.01, betas=(0.9, 0.98), fused=store.device.type == "cuda"
    )
    average = [one.detach().clone() for one in learned]
    seconds, began = clock.left(until), time.time()
    batches = plan(store, questions, misses, tokens, usable, seed)
    steps = passes * len(batches)
    clock.say(
        f"{len(batches)} batches a pass of {sum(len(one.pair) for one in batches)} pairs, {seconds:.0f} s at most"
    )
    network.train()
    step = seen = 0
    shown, told, shown_seen = time.time(), dict.fromkeys(WEIGHTS, 0.0), 0
    sums: dict[str, torch.Tensor] = {}
    since = 0
    while (done := trunks.progress(step, steps, began, seconds)) < 1:
        if step and step % len(batches) == 0:
            batches = plan(store, questions, misses, tokens, usable, seed + step)
            steps = max(steps, step + 1)
        batch = batches[step % len(batches)]
        parts = losses(store, read(network, store, batch.pair, batch.form, batch.asked), batch, soft)
        loss = torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * trunks.rate(done)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, [one.data for one in learned], 1 - min(EMA, (step + 1) / (step + 10)))
        sums = {name: value.detach() + sums.get(name, 0) for name, value in parts.items()}
        step += 1
        since += 1
        seen += int(store.pair_length[batch.pair].sum())
        if time.time() - shown > 10:
            told = {name: value.item() / since for name, value in sums.items()}
            speed = (seen - shown_seen) / (time.time() - shown)
            losses_shown = " ".join(f"{name} {value:.3f}" for name, value in told.items())
            clock.say(f"step {step}/{steps} {100 * done:.0f} % {speed / 1000:.0f}k tokens/s {losses_shown}")
            shown, shown_seen, sums, since = time.time(), seen, {}, 0
    with torch.no_grad():
        for one, mean in zip(learned, average, strict=True):
            one.copy_(mean)
    spent = time.time() - began
    passed = step / max(len(batches), 1)
    clock.say(f"{step} steps, {passed:.2f} passes, {seen / 1e6:.1f} M tokens at {seen / spent / 1000:.0f}k/s")
    return {"steps": step, "passes": round(passed, 2), "tokens": seen, "seconds": round(spent, 1)}


def label(network: Network, store: Store, questions: np.ndarray, clock: Clock) -> Soft:
    """What the teacher makes of the training pairs, the first of each question first, until time is up."""
    asked = np.zeros(len(store.pairs_of), dtype=bool)
    asked[questions] = True
    rank = store.host["pair_rank"]
    pairs = np.flatnonzero(asked[store.pair_question] & (rank < LABELLED))
    begin = np.full(len(rank), 0, dtype=np.int64)
    lengths = store.passage_length[store.pair_passage[pairs]]
    begin[pairs] = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    ends = torch.zeros((int(lengths.sum()), 2), dtype=torch.float16, device=store.device)
    relevance = torch.zeros(len(rank), device=store.device)
    known = torch.zeros(len(rank), dtype=torch.bool, device=store.device)
    starts = store.send(begin)
    seconds, began, count = clock.left(LABELS_UNTIL), time.time(), 0
    network.eval()
    with torch.no_grad():
        for batch in in_order(store, pairs, np.minimum(rank[pairs], LABELLED)):
            if time.time() - began > seconds:
                break
            form = 2 * store.pair_question[batch]
            made = read(network, store, batch, form, store.question_length[form])
            here = store.send(batch)
            inside = made.start > FAR / 2
            place = starts[here][:, None] + torch.arange(made.start.shape[1], device=store.device)[None]
            ends[place[inside]] = torch.stack([made.start, made.end], 2)[inside].half()
            relevance[here] = made.relevance
            known[here] = True
            count += len(batch)
    clock.say(f"{count} of {len(pairs)} pairs labelled by the teacher in {time.time() - began:.0f} s")
    return Soft(ends, relevance, starts, known)


def in_order(store: Store, pairs: np.ndarray, rank: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs in batches: by rank, then by length."""
    order = np.lexsort((store.pair_length[pairs], rank))
    at = 0
    while at < len(order):
        longest = int(store.pair_length[pairs[order[at : at + 256]]].max())
        step = max(LABEL_TOKENS // longest, 1)
        yield pairs[order[at : at + min(step, 256 if longest > 200 else step)]]
        at += min(step, 256 if longest > 200 else step)


# ------------------------------------------------------------------------------------------------------------- figures


def auroc(scores: np.ndarray, right: np.ndarray) -> float:
    """The chance that a right one scores higher than a wrong one."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    positive, negative = int(right.sum()), int((~right).sum())
    if not positive or not negative:
        return 0.5
    return float((ranks[right].sum() - positive * (positive + 1) / 2) / (positive * negative))


def overlap(one: Sequence[int], other: Sequence[int]) -> float:
    """F1 of tokens."""
    same = sum((Counter(one) & Counter(other)).values())
    return 2 * same / (len(one) + len(other)) if same else 0.0


def evaluate(network: Network, store: Store, limit: int = EVALUATED) -> dict[str, Any]:
    """Held-out figures, by tokens: exact and F1 with the right passage given, with all given, AUROC, relevance."""
    questions = np.flatnonzero(store.host["held"])
    questions = np.array(sorted(random.Random(0).sample(questions.tolist(), min(limit, len(questions)))))
    shown = [
        np.concatenate([store.gold_of[one][:1], store.misses_of[one]])[:EVALUATED_PAIRS].astype(np.int64)
        for one in questions
    ]
    pairs = np.concatenate(shown)
    score, first, last, relevance = (np.zeros(len(pairs)) for _ in range(4))
    where = {int(pair): at for at, pair in enumerate(pairs)}
    network.eval()
    with torch.no_grad():
        for batch in in_order(store, pairs, np.zeros(len(pairs), dtype=int)):
            form = 2 * store.pair_question[batch]
            made = read(network, store, batch, form, store.question_length[form])
            both = made.start[:, :, None] + made.end[:, None, :]
            size = both.shape[1]
            distance = torch.arange(size, device=store.device)[None] - torch.arange(size, device=store.device)[:, None]
            both = both.masked_fill(((distance < 0) | (distance >= LONGEST))[None], 4 * FAR)
            best, place = both.flatten(1).max(1)
            at = [where[int(pair)] for pair in batch]
            score[at], relevance[at] = best.cpu().numpy(), made.relevance.cpu().numpy()
            first[at], last[at] = (place // size).cpu().numpy(), (place % size).cpu().numpy()

    def spanned(pair: int, start: float, end: float) -> list[int]:
        begin = store.host["passage_starts"][store.pair_passage[pair]]
        return store.host["passage_ids"][begin + int(start) : begin + int(end) + 1].tolist()

    given: dict[str, list[tuple[float, float]]] = {}
    chosen: list[tuple[float, float]] = []
    tops: list[tuple[float, bool]] = []
    ranked: list[tuple[float, float]] = []
    at = 0
    for question, own in zip(questions, shown, strict=True):
        here = slice(at, at + len(own))
        at += len(own)
        gold = store.gold[own[0]] if len(own) else False
        if not gold:
            continue
        if len(own) > 1:
            ranked.append((float(relevance[here].argmax() == 0), float(score[here].argmax() == 0)))
            tops.extend([(float(score[here].max()), True), (float(score[here][1:].max()), False)])
        if store.mode[own[0]] != EXACT:
            continue
        answers = [spanned(own[0], *span) for span in store.spans_host[own[0]].reshape(-1, 2).tolist() if span[0] >= 0]
        found = []
        for place in (here.start, here.start + int(score[here].argmax())):
            said = spanned(int(pairs[place]), first[place], last[place])
            found.append((float(said in answers), max(overlap(said, one) for one in answers)))
        given.setdefault(str(store.host["sources"][store.host["source"][question]]), []).append(found[0])
        chosen.append(found[1])
    every = [one for values in given.values() for one in values]
    gold_pairs = store.gold[pairs] & (store.mode[pairs] != UNMARKED)
    judged = gold_pairs | ~store.gold[pairs]
    exact, f1 = np.mean(every, axis=0)
    figures = {
        "questions": len(questions), "exact": exact, "f1": f1,
        "exact among the passages": np.mean([one[0] for one in chosen]), "f1 among the passages": np.mean([one[1] for one in chosen]),
        "auroc of passages": auroc(score[judged], gold_pairs[judged]),
        "auroc of lists with and without the answer": auroc(np.array([one[0] for one in tops]), np.array([one[1] for one in tops])),
        "right passage first by relevance": np.mean([one[0] for one in ranked]),
        "right passage first by span": np.mean([one[1] for one in ranked]),
        "auroc of relevance": auroc(relevance, store.gold[pairs]),
    }  # fmt: skip
    by = {
        name: [len(values), *(round(float(one), 3) for one in np.mean(values, axis=0))]
        for name, values in given.items()
    }
    return {name: round(float(value), 4) for name, value in figures.items()} | {"by set (n, exact, f1)": by}


def opened(shape: trunks.Shape, folders: Sequence[Path], layers: int | None, dropout: float) -> Network:
    """A network on packed weights, cut to a few layers for a smoke test."""
    weights = trunks.unpack(folders)
    if layers:
        shape = shape._replace(layers=layers)
        weights = {
            name: value
            for name, value in weights.items()
            if not name.startswith("layer.") or int(name.split(".")[1]) < layers
        }
    network = Network(trunks.opened(shape, weights, dropout))
    if shape.relative:
        # Attention is much faster where its bias needs no gradient.
        network.trunk.distance.weight.requires_grad_(False)
    return network


def train(arguments: argparse.Namespace) -> None:
    """Teacher, soft labels, student; what comes back goes to `--out`."""
    clock = Clock(time.time(), arguments.seconds)
    torch.manual_seed(arguments.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    device = trunks.device()
    store = Store(arguments.arrays / "reader.npz", device)
    questions = np.flatnonzero(~store.host["held"])
    layers, limit, teacher_tokens, student_tokens = None, EVALUATED, TEACHER_TOKENS, STUDENT_TOKENS
    if arguments.smoke:
        teacher_tokens = student_tokens = 2000
        rng = random.Random(0)
        questions, layers, limit = np.array(sorted(rng.sample(questions.tolist(), 64))), 2, 40
    arguments.out.mkdir(parents=True, exist_ok=True)
    everything = np.ones(len(store.pair_question), dtype=bool)
    clock.say(f"{len(questions)} questions to train on, {device}, torch {torch.__version__}")
    figures: dict[str, Any] = {
        "layers": layers or trunks.MINILM.layers,
        "seconds": arguments.seconds,
        "seed": arguments.seed,
    }

    teacher = opened(trunks.MPNET, [arguments.weights / "mpnet/0", arguments.weights / "mpnet/1"], layers, 0.1).to(
        device
    )
    figures["teacher"] = fit(
        teacher, store, questions, clock, TEACHER_UNTIL, peak=TEACHER_PEAK, misses=TEACHER_MISSES,
        tokens=teacher_tokens, passes=TEACHER_PASSES, usable=everything, soft=None, seed=arguments.seed,
    )  # fmt: skip
    torch.save(teacher.state_dict(), Path("/tmp") / f"{NAME}-teacher.pt")
    figures["teacher"] |= evaluate(teacher, store, limit)
    clock.say(f"teacher {json.dumps(figures['teacher'])}")
    soft = label(teacher, store, questions, clock)
    del teacher
    known = soft.known.cpu().numpy()
    figures["labelled"] = int(known.sum())
    # Where the teacher came to see two near misses of each question or more, the student reads what has soft labels.
    reached = store.host["pair_rank"][known].max(initial=0) if known.any() else 0
    usable = known if reached >= 3 else everything

    torch.manual_seed(arguments.seed + 1)
    student = opened(trunks.MINILM, [arguments.weights / "minilm/0"], layers, 0.05).to(device)
    figures["student"] = fit(
        student, store, questions, clock, STUDENT_UNTIL, peak=STUDENT_PEAK, misses=STUDENT_MISSES,
        tokens=student_tokens, passes=STUDENT_PASSES, usable=usable, soft=soft, seed=arguments.seed + 1,
    )  # fmt: skip
    trunks.write(student.state_dict(), arguments.out, NAME)
    (arguments.out / f"{NAME}.json").write_text(json.dumps(figures, indent=1) + "\n")
    figures["student"] |= evaluate(student, store, limit)
    (arguments.out / f"{NAME}.json").write_text(json.dumps(figures, indent=1) + "\n")
    clock.say(f"student {json.dumps(figures['student'])}")


def main() -> None:
    """Prepare, train or finish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--finish", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--seconds", type=float, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("/tmp/gpu-out/reader"))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--weights", type=Path, default=Path("/tmp/gpu"), help="packed weights of both trunks")
    parser.add_argument("--arrays", type=Path, default=Path("/tmp/gpu/reader"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/train/reader"))
    parser.add_argument("--version", default="1")
    parser.add_argument("--into", type=Path, default=ROOT / "assistant/read/weights", help="where --finish writes")
    arguments = parser.parse_args()
    if arguments.prepare:
        from benchmarks.training.reader_data import prepare

        prepare(arguments.data, arguments.work, arguments.arrays)
    elif arguments.train:
        train(arguments)
    elif arguments.finish:
        from benchmarks.training.reader_export import finish

        finish(arguments)
    else:
        parser.print_usage()


if __name__ == "__main__":
    main()
