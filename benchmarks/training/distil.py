"""Judge and statement encoder from a larger teacher: MPNet learns to judge, and what it thinks teaches both MiniLMs.

    .venv/bin/python benchmarks/training/distil.py --prepare --data ../shared/data --into /tmp/gpu/distil
    python benchmarks/training/distil.py --train --from /tmp/gpu/distil --seconds 500 --out OUT     # where a GPU is
    python benchmarks/training/distil.py --again --from /tmp/gpu/distil --seconds 230 --out OUT     # goes on with both
    .venv/bin/python benchmarks/training/distil.py --finish --out OUT         # checkpoints that judge.py exports from

`--again` starts from the students and the teacher's scores in OUT and writes into OUT/again; `--finish` averages the
judges of both rounds (weight averaging along one path of training, Izmailov et al. 2018).

The teacher (all-mpnet-base-v2, never shipped) is trained as benchmarks/training/judge.py trains the judge, on longer
lists with negatives mined by the shipped statement encoder. It then scores lists of statements for each question; the
judge learns its order, its certainty and its side (knowledge distillation, Hinton et al. 2015), the encoder its order
(margin-free listwise distillation as in RocketQAv2, Ren et al. 2021) beside in-batch negatives. Training imports
torch, numpy and tokenizers alone and ends by time at the latest.
"""

from __future__ import annotations

import argparse
import json
import lzma
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

from benchmarks.training import trunk

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 5
LISTED = 20
WINDOW = 128
QUERY_TOKENS, STATEMENT_TOKENS = 48, 128
TEACHER_GROUPS, STUDENT_LISTS, ENCODER_LISTS = 16, 24, 48
INFERENCES = 64
TEACHER_PEAK, STUDENT_PEAK, ENCODER_PEAK, HEAD_PEAK = 4e-5, 2.5e-4, 1e-4, 5e-4
# Of the whole time, by phase; what the teacher leaves unscored when its time is over is not learned from.
TEACHING, SCORING, JUDGING = 0.42, 0.16, 0.22
EMA = 0.998
SCALE = 20.0
HELD_OUT = 200
# Tokens of a chunk, padding included.
TOKENS = 32_768
# Groups on which the weights against word overlap are fitted.
WEIGHED = 2000


class Judging(nn.Module):
    """A trunk and two heads: `forward` gives aboutness (pairs,) and logits of supports and disputes (pairs, 2)."""

    def __init__(self, body: trunk.Trunk) -> None:
        super().__init__()
        self.trunk = body
        size = body.shape.size
        self.dropout = nn.Dropout(0.1)
        self.dense = nn.Linear(2 * size, size)
        self.about = nn.Linear(size, 1)
        self.side = nn.Linear(size, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of aboutness and of the two sides."""
        states = self.trunk(ids, mask, types)
        weights = mask[..., None].to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        pooled = self.dropout(nn.functional.gelu(self.dense(torch.cat([states[:, 0], mean], dim=1))))
        return self.about(pooled).squeeze(1), self.side(pooled)


# ------------------------------------------------------------------------------------------------------------- prepare


def prepare(arguments: argparse.Namespace) -> None:
    """Groups for the teacher and lists for the students, as indices into a table of strings."""
    from benchmarks.training import judge_data as data_of
    from index.statements import forms

    data = data_of.training_data(arguments.data)
    rng = random.Random(arguments.seed)
    table: dict[str, int] = {}

    def index(text: str) -> int:
        return table.setdefault(" ".join(text.split()), len(table))

    mined = remined(data, arguments.into)
    samples = [data_of.group(data, mined, rng.randrange(len(data.rows)), random.Random(at)) for at in range(WEIGHED)]
    weigh = data_of.fit_weights(samples)
    articles = sorted({row.said.article for row in data.rows})
    rng.shuffle(articles)
    held: set[str] = set()
    while sum(row.said.article in held for row in data.rows) < HELD_OUT:
        held.add(articles.pop())
    groups = []
    for epoch in range(EPOCHS):
        order = list(range(len(data.rows)))
        random.Random(1000 * arguments.seed + epoch).shuffle(order)
        for at in order:
            if data.rows[at].said.article in held:
                continue
            drawn = random.Random(f"{arguments.seed}-{epoch}-{at}")
            made = longer(data_of.group(data, mined, at, drawn), data, mined, at, drawn)
            weights = weigh([(made.pairs[pair], side) for pair, side in made.sides])
            groups.append(
                (
                    [(index(question), index(said)) for question, said in made.pairs],
                    made.lists,
                    made.sides,
                    [round(weight, 3) for weight in weights],
                )
            )
        print(f"epoch {epoch}: {len(groups)} groups, {len(table)} strings", flush=True)
    pool = []
    for one in data.pool:
        text = data.texts[one.article]
        made = data_of.statement(text, one) if one.cue else None
        content = forms.content(text, one.content)
        pool.append(
            (
                index(data_of.shown(data.texts, one, data_of.Form())),
                index(forms.statement_text(text, made) if made else content),
                index(forms.with_context(text, made) if made else forms.in_context(text, one.content)),
                index(content),
            )
        )
    lists = []
    for at, row in enumerate(data.rows):
        for question, side, hard in queries(data_of, data, row, mined, at, random.Random(f"lists-{at}")):
            right = at if side is not None else None
            lists.append((index(question), candidates(data, at, hard, right, rng), right is not None, side,
                          row.said.article in held))  # fmt: skip
    unasked = [at for at in range(len(data.rows), len(data.pool)) if data.pool[at].cue]
    rng.shuffle(unasked)
    for at in unasked[:6000]:
        own = data_of.verbatim(data.texts[data.pool[at].article], data.pool[at], rng)
        if own and data.pool[at].article not in held:
            lists.append((index(data_of.careless(data_of.asked(own, rng), rng)),
                          candidates(data, at, near(data, at, rng), at, rng)[:12], True, 0, False))  # fmt: skip
    inferred = [(index(h), index(p), side) for h, p, side in data_of.inferences(arguments.data)]
    arguments.into.mkdir(parents=True, exist_ok=True)
    whole = {
        "strings": list(table), "groups": groups, "pool": pool, "lists": lists, "inferences": inferred,
        "touching": [[i for i in data.by_article[one.article] if i != at and data_of.touch(one, data.pool[i])]
                     for at, one in enumerate(data.pool)],
    }  # fmt: skip
    with lzma.open(arguments.into / "data.json.xz", "wt", preset=6) as out:
        json.dump(whole, out, separators=(",", ":"))
    print(f"{len(groups)} groups, {len(lists)} lists, {len(pool)} statements, {len(inferred)} inferences, "
          f"{(arguments.into / 'data.json.xz').stat().st_size / 1e6:.1f} MB", flush=True)  # fmt: skip


def remined(data: Any, into: Path) -> Any:
    """Hard negatives by shared words and by the shipped statement encoder in turn; kept beside the data."""
    from benchmarks.training.judge_data import Form, Mined, _free, _ranked_by_words, shown
    from index.statements.finder import Finder

    file = into / "mined.json"
    if file.exists():
        return Mined(**json.loads(file.read_text("utf-8")))
    encoder = Finder().encoder
    texts = [shown(data.texts, one, Form("plain")) for one in data.pool]
    asked = [[row.ask for row in data.rows], [row.opposite for row in data.rows]]
    began = time.time()
    vectors = []
    every = [*texts, *asked[0], *asked[1]]
    for at in range(0, len(every), 512):
        vectors.append(encoder.encode(every[at : at + 512]))
        print(f"encoded {at} of {len(every)} {time.time() - began:.0f} s", flush=True)
    whole = np.concatenate(vectors)
    pool, questions = whole[: len(texts)], whole[len(texts) :].reshape(2, len(data.rows), -1)
    both = []
    for kind, lexical in enumerate(_ranked_by_words(data, texts, asked)):
        lists = []
        for row, words in enumerate(lexical):
            likeness, alike = pool @ questions[kind, row], pool @ pool[row]

            def free(other: int, row: int = row, likeness: Any = likeness, alike: Any = alike) -> bool:
                distant = data.pool[other].article != data.pool[row].article
                return _free(data, row, other, alike[other]) and (not distant or likeness[other] < 0.95 * likeness[row])

            dense = [int(one) for one in np.argsort(-likeness)[:120] if free(int(one))]
            mixed = [one for pair in zip(dense, filter(free, words), strict=False) for one in pair]
            lists.append(list(dict.fromkeys([*mixed, *dense]))[:48])
        both.append(lists)
    into.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"question": both[0], "opposite": both[1]}))
    return Mined(*both)


def longer(made: Any, data: Any, mined: Any, at: int, rng: random.Random) -> Any:
    """A group with longer lists: six more statements that the first question, and three that the third, is not about."""
    from benchmarks.training.judge_data import Form, shown

    pairs = list(made.pairs)
    lists = []
    for (right, wrong), hard, number in zip(made.lists, (mined.question[at], mined.opposite[at]), (6, 3), strict=True):
        extra = rng.sample(hard[:30], min(number, len(hard[:30])))
        form = Form(named=rng.random() >= 0.3, by_name=rng.random() < 0.6)
        lists.append((right, [*wrong, *range(len(pairs), len(pairs) + len(extra))]))
        pairs += [(pairs[right][0], shown(data.texts, data.pool[one], form)) for one in extra]
    return made._replace(pairs=pairs, lists=lists)


def queries(of: Any, data: Any, row: Any, mined: Any, at: int, rng: random.Random) -> Iterator[tuple[str, Any, Any]]:
    """(question, side of the row's own statement or None, hard negatives)."""
    del data
    yield row.ask, of.SUPPORTS, mined.question[at]
    yield of.careless(of.asked(row.claim, rng), rng), of.SUPPORTS, mined.question[at]
    yield of.careless(of.asked(row.opposite, rng), rng), of.DISPUTES, mined.opposite[at]
    yield of.careless(of.asked(row.near, rng), rng), None, mined.question[at]


def candidates(data: Any, at: int, hard: Sequence[int], right: int | None, rng: random.Random) -> list[int]:
    """Statements to be scored for a question: the right one, hard ones, and others of its article."""
    chosen = [right if right is not None else at, *hard[:12]]
    same = [one for one in data.by_article[data.pool[at].article] if one not in chosen]
    rng.shuffle(same)
    rest = [one for one in hard[12:] if one not in same[:4]]
    rng.shuffle(rest)
    return list(dict.fromkeys([*chosen, *same[:4], *rest]))[:LISTED]


def near(data: Any, at: int, rng: random.Random) -> list[int]:
    """Other statements of the article and some of anywhere."""
    same = [one for one in data.by_article[data.pool[at].article] if one != at]
    rng.shuffle(same)
    return [*same[:7], *rng.sample(range(len(data.pool)), 4)]


# -------------------------------------------------------------------------------------------------------------- tokens


class Strings:
    """Word pieces of all strings on the device, from which inputs are gathered without a loop."""

    def __init__(self, texts: Sequence[str], words: Any, where: torch.device) -> None:
        ids = [one.ids for one in words.encode_batch(list(texts), add_special_tokens=False)]
        lengths = torch.tensor([len(one) for one in ids])
        self.length = lengths.to(where)
        self.start = (torch.cumsum(lengths, 0) - lengths).to(where)
        self.flat = torch.tensor([piece for one in ids for piece in one], dtype=torch.long, device=where)
        self.first, self.last = words.token_to_id("[CLS]"), words.token_to_id("[SEP]")
        self.where = where

    def pairs(self, questions: torch.Tensor, said: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Ids, mask and types (pairs, tokens) of "[CLS] question [SEP] statement [SEP]", the statement cut to fit."""
        asked = self.length[questions].clamp(max=WINDOW // 2)
        told = torch.minimum(self.length[said], WINDOW - 3 - asked)
        places = torch.arange(int((asked + told).max()) + 3, device=self.where)[None]
        asked, told = asked[:, None], told[:, None]
        inside = self._piece(questions[:, None], (places - 1).expand(len(questions), -1), asked)
        after = self._piece(said[:, None], places - 2 - asked, told)
        ids = torch.where(places <= asked, inside, after)
        ids = torch.where(places == 0, self.first, ids)
        ids = torch.where((places == asked + 1) | (places == asked + told + 2), self.last, ids)
        mask = (places <= asked + told + 2).long()
        types = ((places > asked + 1) & (places <= asked + told + 2)).long()
        return ids * mask, mask, types

    def single(self, texts: torch.Tensor, limit: int) -> tuple[torch.Tensor, ...]:
        """Ids, mask and types (texts, tokens) of "[CLS] text [SEP]"."""
        length = self.length[texts].clamp(max=limit - 2)
        places = torch.arange(int(length.max()) + 2, device=self.where)[None]
        length = length[:, None]
        ids = self._piece(texts[:, None], (places - 1).expand(len(texts), -1), length)
        ids = torch.where(places == 0, self.first, ids)
        ids = torch.where(places == length + 1, self.last, ids)
        mask = (places <= length + 1).long()
        return ids * mask, mask, torch.zeros_like(ids)

    def _piece(self, texts: torch.Tensor, place: torch.Tensor, length: torch.Tensor) -> torch.Tensor:
        inside = torch.minimum(place.clamp(min=0), (length - 1).clamp(min=0))
        return self.flat[(self.start[texts] + inside).clamp(max=len(self.flat) - 1)]


def judged(model: nn.Module, strings: Strings, pairs: torch.Tensor, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Aboutness (pairs,) and sides (pairs, 2) in float32, in chunks of about one length and at most `tokens` tokens."""
    lengths = (strings.length[pairs[:, 0]] + strings.length[pairs[:, 1]] + 3).clamp(max=WINDOW).cpu()
    order = torch.argsort(lengths)
    about, side = [], []
    at = 0
    while at < len(order):
        # The longest of a chunk is its last: as many rows as fit under `tokens` when padded to it.
        step = max(1, tokens // WINDOW)
        while at + step < len(order) and int(lengths[order[min(at + 2 * step, len(order)) - 1]]) * 2 * step <= tokens:
            step *= 2
        rows = order[at : at + step].to(pairs.device)
        with torch.autocast(pairs.device.type, dtype=torch.bfloat16):
            one, other = model(*strings.pairs(pairs[rows, 0], pairs[rows, 1]))
        about.append(one.float())
        side.append(other.float())
        at += step
    back = torch.empty(len(order), dtype=torch.long)
    back[order] = torch.arange(len(order))
    back = back.to(pairs.device)
    return torch.cat(about)[back], torch.cat(side)[back]


# ------------------------------------------------------------------------------------------------------------ training


class Averaged:
    """A moving average of the trained weights."""

    def __init__(self, model: nn.Module) -> None:
        self.kept = {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}
        self.seen = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the model's present weights."""
        self.seen += 1
        decay = min(EMA, (1 + self.seen) / (10 + self.seen))
        for name, value in model.named_parameters():
            if value.requires_grad:
                self.kept[name].lerp_(value, 1 - decay)

    def into(self, model: nn.Module) -> None:
        """Put the average in the place of the model's weights."""
        model.load_state_dict(self.kept, strict=False)


def optimiser(model: nn.Module, peak: float) -> torch.optim.AdamW:
    """New heads learn faster than the trunk; biases and norms do not decay."""
    groups = []
    for head in (False, True):
        for matrix in (False, True):
            found = [
                value
                for name, value in model.named_parameters()
                if value.requires_grad and ("trunk." not in name) == head and (value.ndim > 1) == matrix
            ]
            base = max(HEAD_PEAK, peak) if head else peak
            groups.append({"params": found, "lr": base, "base": base, "weight_decay": 0.01 if matrix else 0.0})
    return torch.optim.AdamW([one for one in groups if one["params"]], betas=(0.9, 0.98))


def step_with(model: nn.Module, steps: torch.optim.AdamW, loss: torch.Tensor, done: float) -> None:
    """One step at the rate of a progress."""
    for group in steps.param_groups:
        group["lr"] = group["base"] * trunk.rate(done)
    steps.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_([value for value in model.parameters() if value.requires_grad], 1.0)
    steps.step()


def listwise(about: torch.Tensor, lists: Sequence[tuple[int, Sequence[int]]]) -> torch.Tensor:
    """Cross-entropy of the right pair among those of its list, mean over lists."""
    wide = max(len(wrong) for _, wrong in lists) + 1
    rows = torch.zeros(len(lists), wide, dtype=torch.long)
    mask = torch.zeros(len(lists), wide, dtype=torch.bool)
    for at, (right, wrong) in enumerate(lists):
        rows[at, : len(wrong) + 1] = torch.tensor([right, *wrong])
        mask[at, : len(wrong) + 1] = True
    scores = about[rows.to(about.device)].masked_fill(~mask.to(about.device), -1e4)
    return nn.functional.cross_entropy(scores, torch.zeros(len(lists), dtype=torch.long, device=about.device))


def teach(model: Judging, data: dict[str, Any], strings: Strings, seconds: float, tokens: int) -> None:
    """Train the teacher on the groups, in order, as benchmarks/training/judge.py does with the judge."""
    groups, inferences = data["groups"], data["inferences"]
    steps, average, began, rng = optimiser(model, TEACHER_PEAK), Averaged(model), time.time(), random.Random(1)
    total = len(groups) // TEACHER_GROUPS
    model.train()
    shown, read, told = [0.0] * 4, 0, time.time()
    for step in range(total):
        done = trunk.progress(step, total, began, seconds)
        if done >= 1:
            break
        pairs: list[tuple[int, int]] = []
        lists, sides, weights = [], [], []
        for one, found, taken, weighed in groups[step * TEACHER_GROUPS : (step + 1) * TEACHER_GROUPS]:
            begin = len(pairs)
            pairs += one
            lists += [(begin + right, [begin + other for other in wrong]) for right, wrong in found]
            sides += [(begin + pair, side) for pair, side in taken]
            weights += weighed
        inferred = rng.sample(inferences, min(INFERENCES, len(inferences)))
        begin = len(pairs)
        pairs += [(hypothesis, premise) for hypothesis, premise, _ in inferred]
        about, side = judged(model, strings, torch.tensor(pairs, device=strings.where), tokens)
        right = sorted({one for one, _ in lists})
        wrong = sorted({one for _, others in lists for one in others})
        target = torch.cat([torch.ones(len(right)), torch.zeros(len(wrong))]).to(strings.where)
        balance = torch.cat(
            [torch.full((len(right),), 0.5 / len(right)), torch.full((len(wrong),), 0.5 / len(wrong))]
        ).to(strings.where)
        absolute = nn.functional.binary_cross_entropy_with_logits(
            about[[*right, *wrong]], target, weight=balance, reduction="sum"
        )
        weight = torch.tensor(weights, device=strings.where)
        labels = torch.tensor([label for _, label in sides], device=strings.where)
        each = nn.functional.cross_entropy(side[[pair for pair, _ in sides]], labels, reduction="none")
        taken_side = (each * weight).sum() / weight.sum()
        inference = nn.functional.cross_entropy(
            side[begin:], torch.tensor([label for *_, label in inferred], device=strings.where)
        )
        ranked = listwise(about, lists)
        step_with(model, steps, ranked + 0.3 * absolute + taken_side + 0.5 * inference, done)
        average.update(model)
        read += len(pairs)
        if step % 20 == 0:
            shown = [part.item() for part in (ranked, absolute, taken_side, inference)]
        if time.time() - told > 10:
            told = time.time()
            print(f"teacher {step}/{total} {' '.join(f'{one:.3f}' for one in shown)} {read / (told - began):.0f} pairs/s "
                  f"{told - began:.0f} s", flush=True)  # fmt: skip
    average.into(model)
    print(f"teacher done after {step + 1} of {total} steps, {time.time() - began:.0f} s", flush=True)


class Scored(NamedTuple):
    """Lists with what the teacher thinks: statements (lists, LISTED; -1 where none), aboutness and supports likewise."""

    question: torch.Tensor
    statement: torch.Tensor
    about: torch.Tensor
    side: torch.Tensor
    right: torch.Tensor
    taken: torch.Tensor
    held: torch.Tensor


@torch.inference_mode()
def scored(model: Judging, data: dict[str, Any], strings: Strings, seconds: float, tokens: int) -> Scored:
    """The teacher's thoughts on as many lists as time allows."""
    model.eval()
    lists = data["lists"]
    order = list(range(len(lists)))
    random.Random(2).shuffle(order)
    order.sort(key=lambda at: not lists[at][4])  # those held out first
    shape = (len(order), LISTED)
    statement = torch.full(shape, -1)
    for row, at in enumerate(order):
        statement[row, : len(lists[at][1])] = torch.tensor(lists[at][1])
    statement = statement.to(strings.where)
    about = torch.zeros(shape, device=strings.where)
    side = torch.zeros(*shape, 2, device=strings.where)
    question = torch.tensor([lists[at][0] for at in order], device=strings.where)
    shown = torch.tensor([one[0] for one in data["pool"]], device=strings.where)
    began = told = time.time()
    block, row = 512, 0
    for row in range(0, len(order), block):
        if time.time() - began > seconds:
            break
        there = statement[row : row + block] >= 0
        pairs = torch.stack(
            [question[row : row + block, None].expand(there.shape)[there], shown[statement[row : row + block][there]]],
            1,
        )
        about[row : row + block][there], side[row : row + block][there] = judged(model, strings, pairs, 8 * tokens)
        if time.time() - told > 10:
            told = time.time()
            print(f"scored {row} of {len(order)} lists {told - began:.0f} s", flush=True)
    else:
        row = len(order)
    print(f"scored {row} of {len(order)} lists {time.time() - began:.0f} s", flush=True)
    right = torch.tensor([lists[at][2] for at in order], device=strings.where)
    taken = torch.tensor([-1 if lists[at][3] is None else lists[at][3] for at in order], device=strings.where)
    held = torch.tensor([lists[at][4] for at in order], device=strings.where)
    # Outside the mode, or nothing could be learned from them.
    with torch.inference_mode(False):
        return Scored(*(one[:row].clone() for one in (question, statement, about, side, right, taken, held)))


def agreement(about: torch.Tensor, side: torch.Tensor, there: torch.Tensor, made: Scored, rows: torch.Tensor) -> str:
    """How often the right statement comes first of its list, and its side is right."""
    about = about.masked_fill(~there, -1e4)
    known = made.right[rows]
    first = (about.argmax(1) == 0)[known].float().mean().item()
    sides = (side[:, 0].argmax(1) == made.taken[rows])[known].float().mean().item()
    return f"right first {first:.3f}, side right {sides:.3f} of {int(known.sum())}"


def study(model: Judging, made: Scored, data: dict[str, Any], strings: Strings, seconds: float, tokens: int) -> None:
    """Train the judge on what the teacher thinks, and on the labels."""
    shown = torch.tensor([one[0] for one in data["pool"]], device=strings.where)
    free = torch.nonzero(~made.held).squeeze(1)
    steps, average, began = optimiser(model, STUDENT_PEAK), Averaged(model), time.time()
    total = 12 * len(free) // STUDENT_LISTS
    model.train()
    told, read = time.time(), 0
    order = free[torch.randperm(len(free), device=free.device)]
    at = 0
    for step in range(total):
        done = trunk.progress(step, total, began, seconds)
        if done >= 1:
            break
        if at + STUDENT_LISTS > len(order):
            order, at = free[torch.randperm(len(free), device=free.device)], 0
        rows = order[at : at + STUDENT_LISTS]
        at += STUDENT_LISTS
        there = made.statement[rows] >= 0
        pairs = torch.stack(
            [made.question[rows][:, None].expand(there.shape)[there], shown[made.statement[rows][there]]], 1
        )
        flat_about, flat_side = judged(model, strings, pairs, tokens)
        about = torch.full(there.shape, -1e4, device=strings.where).masked_scatter(there, flat_about)
        teacher = made.about[rows].masked_fill(~there, -1e4)
        ranked = nn.functional.kl_div(
            about.log_softmax(1), teacher.log_softmax(1), log_target=True, reduction="batchmean"
        )
        sure = torch.sigmoid(made.about[rows][there])
        absolute = nn.functional.binary_cross_entropy_with_logits(flat_about, sure)
        sides = nn.functional.kl_div(
            flat_side.log_softmax(1), made.side[rows][there].log_softmax(1), log_target=True, reduction="none"
        ).sum(1)
        weight = sure + 0.02
        taken_side = (sides * weight).sum() / weight.sum()
        known = made.right[rows]
        hard = nn.functional.cross_entropy(
            about[known], torch.zeros(int(known.sum()), dtype=torch.long, device=about.device)
        )
        first = torch.cumsum(there.sum(1), 0) - there.sum(1)
        hard_side = nn.functional.cross_entropy(flat_side[first[known]], made.taken[rows][known])
        step_with(model, steps, ranked + 0.5 * absolute + 2 * taken_side + 0.2 * hard + 0.2 * hard_side, done)
        average.update(model)
        read += len(pairs)
        if time.time() - told > 10:
            told = time.time()
            parts = " ".join(f"{one.item():.3f}" for one in (ranked, absolute, taken_side, hard, hard_side))
            print(f"judge {step}/{total} {parts} {read / (told - began):.0f} pairs/s {told - began:.0f} s", flush=True)
    average.into(model)
    print(f"judge done after {step + 1} of {total} steps, {time.time() - began:.0f} s", flush=True)


@torch.inference_mode()
def checked(model: Judging, made: Scored, data: dict[str, Any], strings: Strings, tokens: int) -> str:
    """The judge on the lists held out."""
    model.eval()
    shown = torch.tensor([one[0] for one in data["pool"]], device=strings.where)
    rows = torch.nonzero(made.held).squeeze(1)
    there = made.statement[rows] >= 0
    pairs = torch.stack(
        [made.question[rows][:, None].expand(there.shape)[there], shown[made.statement[rows][there]]], 1
    )
    flat_about, flat_side = judged(model, strings, pairs, 4 * tokens)
    about = torch.full(there.shape, -1e4, device=strings.where).masked_scatter(there, flat_about)
    side = torch.zeros(*there.shape, 2, device=strings.where)
    side[there] = flat_side
    return agreement(about, side, there, made, rows)


def embedded(model: trunk.Trunk, strings: Strings, texts: torch.Tensor, limit: int) -> torch.Tensor:
    """Unit vectors (texts, size), in chunks of about one length."""
    lengths = strings.length[texts].clamp(max=limit - 2).cpu()
    order = torch.argsort(lengths)
    made = []
    for rows in order.chunk(max(1, len(order) // 128)):
        ids, mask, types = strings.single(texts[rows.to(texts.device)], limit)
        with torch.autocast(texts.device.type, dtype=torch.bfloat16):
            states = model(ids, mask, types)
        weights = mask[..., None].float()
        made.append(nn.functional.normalize((states.float() * weights).sum(1) / weights.sum(1), dim=1))
    back = torch.empty(len(order), dtype=torch.long)
    back[order] = torch.arange(len(order))
    return torch.cat(made)[back.to(texts.device)]


def embed(model: trunk.Trunk, made: Scored, data: dict[str, Any], strings: Strings, seconds: float) -> None:
    """Train the encoder: the teacher's order of each list, and the right statement among all of the batch."""
    pool = torch.tensor(data["pool"], device=strings.where)
    touching = data["touching"]
    free = torch.nonzero(~made.held).squeeze(1)
    holder = nn.ModuleDict({"trunk": model})
    steps, average, began = optimiser(holder, ENCODER_PEAK), Averaged(holder), time.time()
    total = 10 * len(free) // ENCODER_LISTS
    model.train()
    rng, told, at = random.Random(3), time.time(), 0
    order = free[torch.randperm(len(free), device=free.device)]
    for step in range(total):
        done = trunk.progress(step, total, began, seconds)
        if done >= 1:
            break
        if at + ENCODER_LISTS > len(order):
            order, at = free[torch.randperm(len(free), device=free.device)], 0
        rows = order[at : at + ENCODER_LISTS]
        at += ENCODER_LISTS
        lists = made.statement[rows]
        there = lists >= 0
        every, inverse = lists[there].unique(return_inverse=True)
        kind = rng.choices((1, 2, 3), (0.5, 0.4, 0.1))[0]
        said = embedded(model, strings, pool[every, kind], STATEMENT_TOKENS)
        asked = embedded(model, strings, made.question[rows], QUERY_TOKENS)
        scores = asked @ said.T * SCALE
        place = torch.zeros(lists.shape, dtype=torch.long, device=strings.where)
        place[there] = inverse
        own = scores.gather(1, place).masked_fill(~there, -1e4)
        teacher = made.about[rows].masked_fill(~there, -1e4)
        order_loss = nn.functional.kl_div(
            own.log_softmax(1), teacher.log_softmax(1), log_target=True, reduction="batchmean"
        )
        known = torch.nonzero(made.right[rows]).squeeze(1)
        where = {int(one): index for index, one in enumerate(every.tolist())}
        masked = scores[known].clone()
        out = torch.zeros(masked.shape, dtype=torch.bool)
        for row, list_at in enumerate(known.tolist()):
            for other in touching[int(lists[list_at, 0])]:
                if other in where:
                    out[row, where[other]] = True
        # What the teacher takes for right too is no negative.
        likely = torch.zeros(scores.shape, dtype=torch.bool, device=strings.where)
        also = (made.about[rows] > made.about[rows][:, :1] - 1.0) & there
        also[:, 0] = False
        likely.scatter_(1, place, also)
        masked = masked.masked_fill(out.to(strings.where) | likely[known], -1e4)
        labels = place[known, 0]
        masked[torch.arange(len(known), device=strings.where), labels] = scores[known, labels]
        loss = order_loss + nn.functional.cross_entropy(masked, labels)
        step_with(holder, steps, loss, done)
        average.update(holder)
        if time.time() - told > 10:
            told = time.time()
            print(
                f"encoder {step}/{total} order {order_loss.item():.3f} loss {loss.item():.3f} {told - began:.0f} s",
                flush=True,
            )
    average.into(holder)
    print(f"encoder done after {step + 1} of {total} steps, {time.time() - began:.0f} s", flush=True)


@torch.inference_mode()
def placed(model: trunk.Trunk, made: Scored, data: dict[str, Any], strings: Strings) -> str:
    """The encoder on the questions held out, among the statements of all lists held out."""
    model.eval()
    pool = torch.tensor(data["pool"], device=strings.where)
    rows = torch.nonzero(made.held & made.right).squeeze(1)
    lists = made.statement[made.held]
    every = lists[lists >= 0].unique()
    said = sum(embedded(model, strings, pool[every, kind], STATEMENT_TOKENS) for kind in (1, 2))
    asked = embedded(model, strings, made.question[rows], QUERY_TOKENS)
    scores = asked @ said.T
    right = (every[None] == made.statement[rows, 0][:, None]).float().argmax(1)
    ranks = (scores > scores.gather(1, right[:, None])).sum(1)
    shares = " ".join(f"@{k} {(ranks < k).float().mean().item():.3f}" for k in (1, 5, 10))
    return f"{len(rows)} questions, {len(every)} statements: {shares}"


def train(arguments: argparse.Namespace) -> None:
    """Teacher, its thoughts, judge and encoder, each in its share of the time."""
    began, where = time.time(), trunk.device()
    torch.manual_seed(arguments.seed)
    torch.set_float32_matmul_precision("high")
    weights = Path(arguments.weights)
    words = _tokenizer(weights)
    with lzma.open(arguments.given / "data.json.xz", "rt") as lines:
        data = json.load(lines)
    student = trunk.unpack([weights / "minilm/0"])
    teacher = trunk.unpack([weights / "mpnet/0", weights / "mpnet/1"])
    shapes = trunk.MINILM, trunk.MPNET
    tokens = TOKENS
    if arguments.smoke:
        shapes = tuple(shape._replace(layers=2) for shape in shapes)
        student, teacher = (
            {
                name: value
                for name, value in whole.items()
                if not name.startswith("layer.") or name.split(".")[1] in "01"
            }
            for whole in (student, teacher)
        )
        data["groups"] = data["groups"][:64]
        data["lists"] = [one for one in data["lists"] if one[4]][:40] + [one for one in data["lists"] if not one[4]][
            :80
        ]
        tokens = 2_048
    strings = Strings(data["strings"], words, where)
    print(
        f"{where}, {len(data['strings'])} strings, {len(strings.flat)} tokens, {time.time() - began:.0f} s", flush=True
    )
    left = arguments.seconds - (time.time() - began)
    model = Judging(trunk.opened(shapes[1], teacher)).to(where)
    teach(model, data, strings, TEACHING * left, tokens)
    torch.save(model.state_dict(), arguments.out / "teacher.pt")
    made = scored(model, data, strings, SCORING * left, tokens)
    rows = torch.nonzero(made.held).squeeze(1)
    print(
        "teacher, held out:",
        agreement(made.about[rows], made.side[rows], made.statement[rows] >= 0, made, rows),
        flush=True,
    )
    torch.save(made._asdict(), arguments.out / "scored.pt")
    judge = Judging(trunk.opened(shapes[0], student)).to(where)
    study(judge, made, data, strings, JUDGING * left, tokens)
    trunk.write(judge.state_dict(), arguments.out, "judge")
    print("judge, held out:", checked(judge, made, data, strings, tokens), flush=True)
    encoder = trunk.opened(shapes[0], student).to(where)
    print("stock encoder, held out:", placed(encoder, made, data, strings), flush=True)
    embed(encoder, made, data, strings, arguments.seconds - (time.time() - began) - 8)
    trunk.write(encoder.state_dict(), arguments.out, "encoder")
    print("encoder, held out:", placed(encoder, made, data, strings), flush=True)


def again(arguments: argparse.Namespace) -> None:
    """A second round for both students, on the lists that the teacher scored."""
    began, where = time.time(), trunk.device()
    torch.manual_seed(arguments.seed + 7)
    torch.set_float32_matmul_precision("high")
    words = _tokenizer(arguments.weights)
    with lzma.open(arguments.given / "data.json.xz", "rt") as lines:
        data = json.load(lines)
    strings = Strings(data["strings"], words, where)
    made = Scored(**torch.load(arguments.out / "scored.pt", map_location=where))
    student = trunk.unpack([arguments.weights / "minilm/0"])
    into = arguments.out / "again"
    encoder = trunk.opened(trunk.MINILM, student).to(where)
    encoder.load_state_dict(trunk.join(arguments.out, "encoder"), strict=False)
    embed(encoder, made, data, strings, 0.4 * arguments.seconds)
    trunk.write(encoder.state_dict(), into, "encoder")
    print("encoder, held out:", placed(encoder, made, data, strings), flush=True)
    judge = Judging(trunk.opened(trunk.MINILM, student)).to(where)
    judge.load_state_dict(trunk.join(arguments.out, "judge"), strict=False)
    study(judge, made, data, strings, arguments.seconds - (time.time() - began) - 10, TOKENS)
    trunk.write(judge.state_dict(), into, "judge")
    print("judge, held out:", checked(judge, made, data, strings, TOKENS), flush=True)


def _tokenizer(weights: Path) -> Any:
    from tokenizers import Tokenizer

    words = Tokenizer.from_file(str(weights / "tokenizer.json"))
    words.no_padding()
    words.no_truncation()
    return words


# -------------------------------------------------------------------------------------------------------------- finish


def finish(arguments: argparse.Namespace) -> None:
    """Put what came back into the checkpoints that judge.py and statement_encoder.py export from."""
    from benchmarks.training import judge as judging
    from benchmarks.training import statement_encoder as encoding
    from index.encoder.weights import locate

    theirs = trunk.names(trunk.MINILM, "bert")
    state = trunk.join(arguments.out, "judge")
    if (arguments.out / "again").exists():
        later = trunk.join(arguments.out / "again", "judge")
        state = {name: (value + later[name]) / 2 for name, value in state.items()}
    network = judging.Network(locate())
    renamed = {
        f"bert.{theirs[name.removeprefix('trunk.')]}" if name.startswith("trunk.") else name: value
        for name, value in state.items()
    }
    missing, unexpected = network.load_state_dict(renamed, strict=False)
    _only_words(missing, unexpected)
    arguments.judge_work.mkdir(parents=True, exist_ok=True)
    mean = {f"module.{name}": value for name, value in network.state_dict().items()}
    torch.save({"mean": mean}, arguments.judge_work / "checkpoint.pt")
    model = encoding.load_model()
    last = arguments.out / "again" if (arguments.out / "again").exists() else arguments.out
    renamed = {theirs[name]: value for name, value in trunk.join(last, "encoder").items()}
    missing, unexpected = model.load_state_dict(renamed, strict=False)
    _only_words(missing, unexpected)
    arguments.encoder_work.mkdir(parents=True, exist_ok=True)
    torch.save({"model": model.state_dict()}, arguments.encoder_work / "checkpoint.pt")


def _only_words(missing: Sequence[str], unexpected: Sequence[str]) -> None:
    """Nothing but the frozen word vectors may be missing from what came back."""
    odd = [name for name in missing if "word_embeddings" not in name] + list(unexpected)
    if odd:
        raise SystemExit(f"not the weights that were expected: {odd}")


def main() -> None:
    """Prepare, train or finish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--into", type=Path, default=Path("/tmp/gpu/distil"))
    parser.add_argument("--from", dest="given", type=Path, default=Path("/tmp/gpu/distil"))
    parser.add_argument("--weights", type=Path, default=Path("/tmp/gpu"))
    parser.add_argument("--out", type=Path, default=Path("/tmp/gpu/out"))
    parser.add_argument("--judge-work", type=Path, default=Path("/tmp/train/judge_distilled"))
    parser.add_argument("--encoder-work", type=Path, default=Path("/tmp/train/encoder_distilled"))
    parser.add_argument("--seconds", type=float, default=500)
    parser.add_argument("--seed", type=int, default=0)
    for mode in ("prepare", "train", "again", "smoke", "finish"):
        parser.add_argument(f"--{mode}", action="store_true")
    arguments = parser.parse_args()
    if arguments.prepare:
        prepare(arguments)
    if arguments.train:
        arguments.out.mkdir(parents=True, exist_ok=True)
        train(arguments)
    if arguments.again:
        again(arguments)
    if arguments.finish:
        finish(arguments)


if __name__ == "__main__":
    main()
