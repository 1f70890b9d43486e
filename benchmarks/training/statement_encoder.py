"""Trains the statement encoder: all-MiniLM-L6-v2 on questions and claims → the statement they ask for.

    .venv/bin/python benchmarks/training/statement_encoder.py --data ../shared/data [--epochs 2]
    .venv/bin/python benchmarks/training/statement_encoder.py --data ../shared/data --compare
    .venv/bin/python benchmarks/training/statement_encoder.py --data ../shared/data --export A

--compare shows forms of statements and mixtures of weights by domain; --export writes A parts trained, 1 - A parts
stock. In-batch negatives (MultipleNegativesRankingLoss, Henderson et al. 2017) with several statements of each
article in a batch, and one more of the same article for each; then a mixture of the trained and the stock weights
(WiSE-FT, Wortsman et al. 2022). A checkpoint is written after every epoch and taken up again by the same command.
Nothing is read of the working, calibration and dev articles in training; the mixture is chosen on the working set,
and the dev questions are only reported.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from torch import nn

from index.encoder.weights import locate
from index.model import Span
from index.sentences import sentences
from index.statements import forms, windows

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "index/statements/weights"
BATCH = 128
PEAK = 5e-5
CHUNK = 64
SCALE = 20.0
QUERY_TOKENS = 48
STATEMENT_TOKENS = 128
PASSAGE_TOKENS = 256
PASSAGES, PASSAGE_QUESTIONS = 900, 700
RANKS = (1, 5, 10)
FRAMES = (
    "who said {claim}?",
    "who said that {claim}",
    "who thinks {claim}?",
    "who claimed {claim}?",
    "did anyone say {claim}?",
    "who told reporters that {claim}?",
    "{claim}",
    "{claim}?",
    "somebody said {claim}, who?",
    "according to whom {claim}?",
)
NAMED = ("what did {name} say about {topic}?", "what does {name} think of {topic}", "{name} on {topic}")
TOPICAL = ("who has spoken about {topic}?", "what was said about {topic}?")


class Statement(NamedTuple):
    """A statement of an article: `name` is the resolved speaker where known."""

    article: str
    name: str | None
    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """All of them."""
        return (*self.source, *self.cue, *self.content)


class Pair(NamedTuple):
    """A statement and what was written to ask for it."""

    statement: Statement
    ask: str
    claim: str
    topic: str


# ---------------------------------------------------------------------------------------------------------------- data


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def statement(line: dict[str, Any]) -> Statement:
    """A line of an attributions or whosaid file."""
    source, cue, content = (tuple(Span(*span) for span in line[name]) for name in ("source", "cue", "content"))
    return Statement(line.get("article") or line["record"], line.get("speaker_name"), source, cue, content)


def forbidden(data: Path) -> set[str]:
    """Ids of the articles nothing may be trained on."""
    files = ["corpus.working.jsonl", "corpus.calibration.jsonl", "polnear/corpus.dev.jsonl", "cnn/corpus.dev.jsonl"]
    return {record["id"] for name in files for record in read(data / name)}


def training_data(data: Path) -> tuple[dict[str, str], list[Pair], dict[str, list[Statement]]]:
    """Texts by article, question–statement pairs, and by article what else is said there (more negatives)."""
    banned = forbidden(data)
    texts: dict[str, str] = {}
    pairs: list[Pair] = []
    others: dict[str, list[Statement]] = defaultdict(list)
    for corpus, file in (
        ("polnear/corpus.train.jsonl", "whosaid.train.jsonl"),
        ("cnn/corpus.train.jsonl", "cnn/whosaid.train.jsonl"),
        ("mixed/corpus.train.jsonl", "mixed/whosaid.train.jsonl"),
    ):
        texts |= {line["id"]: line["text"] for line in read(data / corpus) if line["id"] not in banned}
        for line in read(data / file):
            if line["split"] == "train" and line["record"] not in banned:
                pairs.append(Pair(statement(line), line["ask"], line["claim"], line["topic"]))
    for line in read(data / "polnear/attributions.train.jsonl"):
        if line["article"] not in banned:
            others[line["article"]].append(statement(line))
    for article in {pair.statement.article for pair in pairs} - set(others):
        others[article] = [Statement(article, None, (), (), (span,)) for span in sentences(texts[article])]
    return texts, pairs, others


def form(one: Statement, texts: dict[str, str], kind: str, *, named: bool = False, hidden: bool = False) -> str:
    """A statement as text: `attributed` (by mention, by name, or with nobody), `content` or `context`."""
    text = texts[one.article]
    body = forms.content(text, one.content)
    if kind == "content" or not one.cue:
        return body
    if kind == "context":
        return forms.in_context(text, one.spans)
    speaker = one.name if named and one.name else forms.content(text, one.source)
    return forms.attributed(None if hidden else speaker, forms.content(text, one.cue), body)


def lowered(claim: str) -> str:
    """A claim as it stands inside a question."""
    claim = claim.rstrip(".")
    return claim[:1].lower() + claim[1:] if claim[1:2].islower() else claim


def query(pair: Pair, rng: random.Random) -> str:
    """One of the ways to ask for a statement."""
    draw = rng.random()
    name = pair.statement.name
    if draw < 0.5:
        text = pair.ask
    elif draw < 0.85:
        text = rng.choice(FRAMES).format(claim=lowered(pair.claim))
    elif draw < 0.95 and name:
        text = rng.choice(NAMED).format(name=name, topic=pair.topic)
    else:
        text = rng.choice(TOPICAL).format(topic=pair.topic)
    if rng.random() < 0.1:
        text = text.lower()
    if rng.random() < 0.05 and len(text) > 8:
        position = rng.randrange(len(text) - 1)
        text = text[:position] + text[position + 1] + text[position] + text[position + 2 :]
    return text


def drawn_form(one: Statement, texts: dict[str, str], rng: random.Random) -> str:
    """One of the forms of a statement."""
    draw = rng.random()
    if draw < 0.6:
        return form(one, texts, "attributed", named=rng.random() < 0.5, hidden=rng.random() < 0.3)
    return form(one, texts, "content" if draw < 0.8 else "context")


def touch(a: Statement, b: Statement) -> bool:
    """Whether two statements share some of their content."""
    return a.article == b.article and any(x.start < y.end and y.start < x.end for x in a.content for y in b.content)


# ------------------------------------------------------------------------------------------------------------ encoding


def load_model() -> Any:
    """The stock encoder, its word embeddings frozen."""
    from transformers import BertModel

    return BertModel.from_pretrained(
        locate(), add_pooling_layer=False, local_files_only=True, attn_implementation="sdpa"
    )


def pool(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over real tokens, at unit length."""
    weights = mask[..., None].to(states.dtype)
    return nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=1)


def tensors(texts: Sequence[str], words: Any, limit: int) -> dict[str, torch.Tensor]:
    """The network's inputs, padded to the longest text and cut at `limit` tokens."""
    encoded = [one.ids for one in words.encode_batch([*texts])]
    cut = [ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]] for ids in encoded]
    tokens = max(len(ids) for ids in cut)
    ids = torch.tensor([row + [0] * (tokens - len(row)) for row in cut])
    mask = torch.tensor([[1] * len(row) + [0] * (tokens - len(row)) for row in cut])
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}


def vectors(model: Any, texts: Sequence[str], words: Any, limit: int) -> torch.Tensor:
    """Unit vectors (n, 384), in chunks of about one length so that little is spent on padding."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    chunks = []
    for at in range(0, len(order), CHUNK):
        features = tensors([texts[row] for row in order[at : at + CHUNK]], words, limit)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = model(**features).last_hidden_state
        chunks.append(pool(states.float(), features["attention_mask"]))
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(chunks)[back]


@torch.inference_mode()
def encode(model: Any, texts: Sequence[str], words: Any, limit: int) -> np.ndarray:
    """Unit vectors (n, 384) of torch or, where `model` is an ONNX Runtime session, of that."""
    if isinstance(model, nn.Module):
        return vectors(model.eval(), texts, words, limit).numpy()
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    out = np.zeros((len(texts), 384), dtype=np.float32)
    for at in range(0, len(order), CHUNK):
        rows = order[at : at + CHUNK]
        features = tensors([texts[row] for row in rows], words, limit)
        out[rows] = model.run(None, {name: array.numpy() for name, array in features.items()})[0]
    return out


# ------------------------------------------------------------------------------------------------------------ training


def batches(pairs: list[Pair], rng: random.Random) -> list[list[Pair]]:
    """Whole articles together, so that what else was said there is a negative."""
    by_article: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_article[pair.statement.article].append(pair)
    groups = list(by_article.values())
    rng.shuffle(groups)
    flat = [pair for group in groups for pair in group]
    return [flat[at : at + BATCH] for at in range(0, len(flat) - BATCH // 2, BATCH)]


def train(arguments: argparse.Namespace, words: Any) -> None:
    """Train to the last epoch, from the last checkpoint if there is one."""
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    checkpoint = work / "checkpoint.pt"
    texts, pairs, others = training_data(arguments.data)
    torch.manual_seed(arguments.seed)
    model = load_model()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=PEAK, weight_decay=0.01)
    total = arguments.epochs * len(batches(pairs, random.Random(0)))
    warm = total // 10
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: (step + 1) / warm if step < warm else max(0.0, (total - step) / (total - warm))
    )
    begin = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        begin = saved["epoch"]
    print(f"{len(pairs)} pairs, {total} steps in all, from epoch {begin}", flush=True)
    for epoch in range(begin, arguments.epochs):
        rng = random.Random(1000 * arguments.seed + epoch)
        torch.manual_seed(1000 * arguments.seed + epoch)
        model.train()
        began = time.time()
        made = batches(pairs, rng)
        for step, batch in enumerate(made):
            extra = []
            for pair in batch:
                free = [
                    one for one in others[pair.statement.article] if not any(touch(one, p.statement) for p in batch)
                ]
                extra.append(rng.choice(free) if free else None)
            known = [pair.statement for pair in batch]
            documents = known + [one for one in extra if one is not None]
            asked = vectors(model, [query(pair, rng) for pair in batch], words, QUERY_TOKENS)
            said = vectors(model, [drawn_form(one, texts, rng) for one in documents], words, STATEMENT_TOKENS)
            scores = asked @ said.T * SCALE
            same = torch.tensor(
                [[i != j and touch(a, b) for j, b in enumerate(documents)] for i, a in enumerate(known)]
            )
            loss = nn.functional.cross_entropy(scores.masked_fill(same, -1e4), torch.arange(len(batch)))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimiser.step()
            schedule.step()
            if step % 8 == 0:
                print(
                    f"epoch {epoch} step {step}/{len(made)} loss {loss.item():.3f} {time.time() - began:.0f} s",
                    flush=True,
                )
        torch.save(
            {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict(),
             "epoch": epoch + 1}, work / "new.pt",
        )  # fmt: skip
        (work / "new.pt").replace(checkpoint)


def mixture(work: Path, share: float) -> Any:
    """`share` of the trained weights and the rest of the stock ones."""
    model = load_model()
    if share:
        trained = torch.load(work / "checkpoint.pt", weights_only=True)["model"]
        mixed = {
            name: torch.lerp(value, trained[name], share) if value.is_floating_point() else value
            for name, value in model.state_dict().items()
        }
        model.load_state_dict(mixed)
    return model.eval()


# ---------------------------------------------------------------------------------------------------------- evaluation


class Bench(NamedTuple):
    """Questions and the candidates among which the right ones must be found; `right[q]` are indices of candidates."""

    name: str
    questions: list[str]
    candidates: list[Statement]
    right: list[set[int]]


def matching(evidence: list[dict[str, Any]], candidates: list[Statement], places: dict[str, list[int]]) -> set[int]:
    """The candidates that hold the evidence: more than half of the shorter of the two is shared."""
    return {
        index
        for one in evidence
        for index in places.get(one["record"], [])
        for a, b in candidates[index].content
        if min(b, one["end"]) - max(a, one["start"]) > 0.5 * min(b - a, one["end"] - one["start"])
    }


def bench(name: str, rows: list[dict[str, Any]], candidates: list[Statement]) -> Bench:
    """Questions over candidates; those whose evidence is no candidate are left out."""
    places: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(candidates):
        places[one.article].append(index)
    found = [(row["question"], matching(row["evidence"], candidates, places)) for row in rows]
    return Bench(name, [q for q, right in found if right], candidates, [right for _, right in found if right])


def benches(data: Path) -> tuple[dict[str, str], list[Bench]]:
    """The working set by domain (statements, and in CNN and mixed every other sentence) and the dev questions."""
    texts = {
        line["id"]: line["text"]
        for name in ("corpus.working", "polnear/corpus.dev")
        for line in read(data / f"{name}.jsonl")
    }
    working = {line["id"] for line in read(data / "corpus.working.jsonl")}
    asked = [line for line in read(data / "questions.working.jsonl") if line["type"] == "who_said"]
    made = []
    for domain in ("polnear", "cnn", "mixed"):
        file = "polnear/attributions.train.jsonl" if domain == "polnear" else f"{domain}/whosaid.train.jsonl"
        known = [one for one in map(statement, read(data / file)) if one.article in working]
        if domain != "polnear":
            for article in {one.article for one in known}:
                whole = [Statement(article, None, (), (), (span,)) for span in sentences(texts[article])]
                said = [one for one in known if one.article == article]
                known += [one for one in whole if not any(touch(one, other) for other in said)]
        made.append(bench(domain, [line for line in asked if line["id"].split("-")[1] == domain], known))
    dev = [line for line in read(data / "questions.dev.jsonl") if line.get("type") == "who_said"]
    made.append(bench("dev", dev, [statement(line) for line in read(data / "polnear/attributions.dev.jsonl")]))
    return texts, made


def ranks(questions: np.ndarray, candidates: np.ndarray, right: list[set[int]]) -> dict[str, float]:
    """Share of the questions that have a right candidate among the first 1, 5, 10."""
    scores = questions @ candidates.T
    best = np.array([scores[row, sorted(indices)].max() for row, indices in enumerate(right)])
    place = (scores > best[:, None]).sum(1)
    return {f"@{rank}": round(float((place < rank).mean()), 3) for rank in RANKS}


def passage_ranks(model: Any, data: Path, words: Any) -> dict[str, float]:
    """How well the encoder still finds passages: questions over Wikipedia paragraphs of SQuADShifts."""
    rows = [
        line for line in read(data / "qa/squadshifts.jsonl") if line["part"] == "new_wiki" and not line["unanswerable"]
    ]
    contexts = sorted({line["context"] for line in rows})
    random.Random(0).shuffle(contexts)
    kept = {context: index for index, context in enumerate(contexts[:PASSAGES])}
    asked = [line for line in rows if line["context"] in kept]
    random.Random(0).shuffle(asked)
    asked = asked[:PASSAGE_QUESTIONS]
    questions = encode(model, [line["question"] for line in asked], words, QUERY_TOKENS)
    found = ranks(
        questions, encode(model, list(kept), words, PASSAGE_TOKENS), [{kept[line["context"]]} for line in asked]
    )
    return {name: found[name] for name in ("@1", "@5")}


def statement_ranks(
    model: Any, texts: dict[str, str], made: list[Bench], words: Any, kinds: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """By set and form; several kinds joined by + are summed."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    single = sorted({part for kind in kinds for part in kind.split("+")})
    for one in made:
        questions = encode(model, one.questions, words, QUERY_TOKENS)
        parts = {
            kind: encode(model, [form(candidate, texts, kind) for candidate in one.candidates], words, STATEMENT_TOKENS)
            for kind in single
        }
        table[one.name] = {
            kind: ranks(questions, sum(parts[part] for part in kind.split("+")), one.right) for kind in kinds
        }
    return table


def compare(arguments: argparse.Namespace, words: Any) -> None:
    """Shares of the trained weights side by side."""
    texts, made = benches(arguments.data)
    print({one.name: (len(one.questions), len(one.candidates)) for one in made}, flush=True)
    results: dict[str, Any] = {}
    for share in arguments.shares:
        model = mixture(arguments.work, share)
        result = statement_ranks(model, texts, made, words, arguments.forms)
        results[str(share)] = {"statements": result, "passages": passage_ranks(model, arguments.data, words)}
        print(share, json.dumps(results[str(share)]), flush=True)
    (arguments.work / "compare.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


class Encoder(nn.Module):
    """What is exported: word pieces → unit vectors, mean pooling and normalisation inside."""

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """Vectors (batch, 384) of ids, mask and types (batch, tokens)."""
        return pool(self.bert(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state, mask)


def export(arguments: argparse.Namespace, words: Any) -> None:
    """Write the mixture as int8 ONNX with its settings, and measure that; --compare gives the figures before."""
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = mixture(arguments.work, arguments.export)
    whole, small = arguments.work / "encoder.fp32.onnx", arguments.work / "encoder.onnx"
    names = ["input_ids", "attention_mask", "token_type_ids"]
    given = tuple(tensors(["who said the ferry would sail?", "He did."], words, QUERY_TOKENS)[name] for name in names)
    axes = {name: {0: "texts", 1: "tokens"} for name in names} | {"embedding": {0: "texts"}}
    torch.onnx.export(
        Encoder(model), given, str(whole), input_names=names, output_names=["embedding"], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    texts, made = benches(arguments.data)
    session = onnxruntime.InferenceSession(str(small), providers=["CPUExecutionProvider"])
    figures = {
        "statements": statement_ranks(session, texts, made, words, arguments.forms),
        "passages": passage_ranks(session, arguments.data, words),
    }
    print("int8", json.dumps(figures), flush=True)
    weights = small.read_bytes()
    card = {
        "sha256": hashlib.sha256(weights).hexdigest(), "share": arguments.export, "dimension": 384,
        "query_tokens": QUERY_TOKENS, "statement_tokens": STATEMENT_TOKENS, "forms": arguments.forms[0].split("+"),
    }  # fmt: skip
    arguments.into.mkdir(parents=True, exist_ok=True)
    (arguments.into / "statement_encoder.onnx").write_bytes(weights)
    (arguments.into / "statement_encoder.json").write_text(json.dumps(card) + "\n", encoding="utf-8")
    (arguments.work / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Train, compare or export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=Path, default=Path("/tmp/train/encoder"))
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.0, 0.5, 0.75, 1.0])
    parser.add_argument("--export", type=float, metavar="SHARE", help="export this share of the trained weights")
    parser.add_argument(
        "--forms",
        nargs="+",
        default=["attributed"],
        help="attributed, content, context, sums such as attributed+context; the first is recorded",
    )
    parser.add_argument("--into", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    words = windows.tokenizer(locate() / "tokenizer.json")
    if arguments.compare:
        compare(arguments, words)
    elif arguments.export is not None:
        export(arguments, words)
    else:
        train(arguments, words)


if __name__ == "__main__":
    main()
