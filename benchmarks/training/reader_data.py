"""What the reader learns from: questions with passages that answer and passages that nearly do, as arrays of tokens.

Questions of `qa/` and `qa_long/`, and of the training lines of `whosaid` ("who said …" → the source span). A long
context is cut as the program cuts articles; its other passages, and passages of other articles that share the
question's rare words (TF-IDF), are near misses where no answer stands in them. A tenth of the documents of each set is
held out, those of benchmarks/retrieval.py among them. Nothing that shares twelve words in a row with an article of the
working, calibration or dev sets is read.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.retrieval import load_questions
from benchmarks.retrieval import split as retrieval_split
from index.encoder.tokens import counter
from index.encoder.weights import locate
from index.model import Span
from index.passages import split

QUESTION_TOKENS = 48
PASSAGE_TOKENS = 205
# Longer contexts are cut as the program cuts articles.
WHOLE_TOKENS = 200
SHINGLE = 12
OCCURRENCES = 6
SEED = 20
# At most so many questions of a set: these are many and each asks about one short sentence.
MOST = {"qamr": 6000, "qasrl_gs": 1000, "qadiscourse": 2000}
FAMILIES = {
    "newsqa_val": "newsqa", "realtimeqa": "realtimeqa", "realtimeqa_articles": "realtimeqa", "trecqa": "trecqa",
    "squadshifts": "squadshifts", "qed": "nq", "clapnq": "nq", "multispanqa": "nq", "wikiqa": "wikiqa",
    "timeqa": "timeqa", "onestopqa": "onestopqa", "contrast_quoref": "quoref",
    "qamr": "wikinews", "qasrl_gs": "wikinews", "qadiscourse": "wikinews",
}  # fmt: skip
# Sets whose questions mean something only beside their context.
BOUND = {"squadshifts", "contrast_quoref", "qamr", "qasrl_gs", "qadiscourse", "onestopqa"}
# How a gold passage teaches spans: exactly these, somewhere inside these, or not at all.
EXACT, INSIDE, UNMARKED = 0, 1, 2
_PRONOUNS = {"he", "she", "they", "it", "we", "i", "who", "you", "his", "her", "him", "them", "that", "this"}
_BANNED = ("corpus.working.jsonl", "corpus.calibration.jsonl", "polnear/corpus.dev.jsonl", "cnn/corpus.dev.jsonl")


class Gold(NamedTuple):
    """A passage that answers, the spans that do (characters), and how they teach."""

    text: str
    spans: tuple[tuple[int, int], ...]
    mode: int


class Question(NamedTuple):
    """A question, what answers it, and passages of the same article or judged not to answer.

    `keys` tie together what must not be divided between training and held out.
    """

    source: str
    family: str
    text: str
    answers: tuple[str, ...]
    golds: tuple[Gold, ...]
    near: tuple[str, ...]
    keys: frozenset[str]


def records(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def plain(text: str) -> str:
    """Lower-case words and numbers with one space around each: for comparing."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.lower())) + " "


# --------------------------------------------------------------------------------------------------------------- reading


class Cutter:
    """Cuts texts as the program cuts articles, each text once."""

    def __init__(self) -> None:
        self.count = counter(locate())
        self._known: dict[str, list[Span]] = {}

    def short(self, text: str) -> list[Span]:
        """The whole text if it is short enough, else its passages."""
        if text not in self._known:
            whole = self.count([text])[0] <= WHOLE_TOKENS
            self._known[text] = [Span(0, len(text))] if whole else self.passages(text)
        return self._known[text]

    def passages(self, text: str) -> list[Span]:
        """The passages of an article."""
        return split(text, tokens=self.count, limit=PASSAGE_TOKENS - 5)


def cut(
    text: str, pieces: Sequence[Span], marked: Sequence[tuple[int, int]], mode: int
) -> tuple[list[Gold], list[str]]:
    """Passages with a marked span, and the others."""
    golds, others = [], []
    for piece in pieces:
        inside = tuple(
            (start - piece.start, end - piece.start) for start, end in marked if piece.start <= start < end <= piece.end
        )
        shown = text[piece.start : piece.end]
        if inside:
            golds.append(Gold(shown, inside, mode))
        else:
            others.append(shown)
    return golds, others


def marks(text: str, answers: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    """The annotated spans but for long-winded ones, and where else the first of them stands."""
    spans = [(one["start"], one["start"] + len(one["text"])) for one in answers if one["text"].strip()]
    if not spans:
        return []
    first = spans[0]
    shortest = min(spans, key=lambda span: span[1] - span[0])
    if (
        first[0] <= shortest[0]
        and shortest[1] <= first[1]
        and first[1] - first[0] > max(40, 2 * (shortest[1] - shortest[0]))
    ):
        first = shortest
    # An alternative that only says more than the first would teach long answers.
    kept = [first, *(one for one in spans if one[1] - one[0] <= 2 * (first[1] - first[0]))]
    wording = text[first[0] : first[1]]
    if len(wording) > 2:
        pattern = rf"(?<!\w){re.escape(wording)}(?!\w)"
        kept.extend(match.span() for match in re.finditer(pattern, text))
    return list(dict.fromkeys(kept))[:OCCURRENCES]


def qa(data: Path, cutter: Cutter) -> Iterator[Question]:
    """The questions of `qa/`, those on several contexts of a set as one."""
    rng = random.Random(SEED)
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for name, family in FAMILIES.items():
        rows = records(data / "qa" / f"{name}.jsonl")
        for row in rng.sample(rows, min(MOST.get(name, len(rows)), len(rows))):
            bound = row["context"] if name in BOUND else row.get("doc", "")
            groups[(family, plain(row["question"]), bound)].append({**row, "set": name})
    for (family, asked, _), rows in groups.items():
        golds: list[Gold] = []
        near: list[str] = []
        answers: list[str] = []
        keys = set()
        for row in rows:
            text, name = row["context"], row["set"]
            given, mode = row["answers"], EXACT
            if row["kind"] == "evidence":
                short = text.find(row["gold"]) if len(row.get("gold", "")) > 2 else -1
                mode = EXACT if short >= 0 else INSIDE
                given = [{"text": row["gold"], "start": short}] if short >= 0 else given
            exact = mode == EXACT
            marked = (
                marks(text, given)
                if exact
                else [(one["start"], one["start"] + len(one["text"].rstrip())) for one in given]
            )
            found, others = cut(text, cutter.short(text), marked, mode)
            golds.extend(found)
            near.extend(others)
            answers.extend(one["text"] for one in given)
            document = row.get("doc") or (row.get("title") if family in ("nq", "wikiqa") else None)
            if document:
                keys.add(f"document {family} {document}")
            keys.update(f"line {plain(line)}" for line in text.splitlines() if len(line) > 60)
            keys.add(f"context {plain(text)}")
        if len(asked) > 25 and rows[0]["set"] not in BOUND:
            keys.add(f"question {asked}")
        yield Question(
            rows[0]["set"], family, rows[0]["question"], tuple(dict.fromkeys(answers)), tuple(golds),
            tuple(dict.fromkeys(near)), frozenset(keys),
        )  # fmt: skip


def stories(data: Path, cutter: Cutter) -> Iterator[Question]:
    """NewsQA over whole stories, cut into passages as the program does."""
    for story in records(data / "qa_long" / "newsqa_full.jsonl"):
        text = story["context"]
        pieces = cutter.passages(text)
        key = frozenset({f"document newsqa {text[:40]}"})
        for row in story["qas"]:
            spans = marks(text, row["answers"])[:1]
            golds, others = cut(text, pieces, spans, EXACT)
            answers = tuple(one["text"] for one in row["answers"])
            yield Question("newsqa_full", "newsqa", row["question"], answers, tuple(golds), tuple(others), key)


def who_said(data: Path, cutter: Cutter) -> Iterator[Question]:
    """The training lines of `whosaid`: the answer is the source as printed, where it is a name or a role."""
    sets = (
        ("polnear", "polnear/corpus.train.jsonl", "whosaid.train.jsonl"),
        ("cnn", "cnn/corpus.train.jsonl", "cnn/whosaid.train.jsonl"),
        ("mixed", "mixed/corpus.train.jsonl", "mixed/whosaid.train.jsonl"),
    )
    for name, corpus, lines in sets:
        texts = {row["id"]: row["text"] for row in records(data / corpus)}
        pieces: dict[str, list[Span]] = {}
        for row in records(data / lines):
            if row["split"] != "train":
                continue
            text = texts[row["record"]]
            spans = pieces.setdefault(row["record"], cutter.passages(text))
            content = (row["content"][0][0], row["content"][0][1])
            home = next((one for one in spans if one.start <= content[0] < one.end), None)
            if home is None:
                continue
            source = [(start, end) for start, end in row["source"] if home.start <= start < end <= home.end]
            printed = text[source[0][0] : source[0][1]] if source else ""
            clear = bool(source) and plain(printed).strip() not in _PRONOUNS and len(plain(printed).split()) <= 12
            shown = text[home.start : home.end]
            marked = tuple((start - home.start, end - home.start) for start, end in source[:1]) if clear else ()
            gold = Gold(shown, marked, EXACT if clear else UNMARKED)
            # Another passage with the same speaker may well report the same: it is no near miss.
            answers = tuple(one for one in (printed if clear else "", row["speaker_name"] or "") if one)
            near = tuple(text[one.start : one.end] for one in spans if one != home)
            keys = frozenset({f"document whosaid {row['record']}"})
            yield Question(f"whosaid_{name}", "whosaid", row["ask"], answers, (gold,), near, keys)


# ------------------------------------------------------------------------------------------------------- keeping apart


def shingles(text: str) -> Iterator[int]:
    """Hashes of each run of words."""
    words = plain(text).split()
    for at in range(len(words) - SHINGLE + 1):
        yield hash(tuple(words[at : at + SHINGLE]))


def allowed(data: Path, questions: Sequence[Question]) -> list[Question]:
    """The questions none of whose documents shares a run of words with an article that is for choosing or reporting."""
    banned = {one for file in _BANNED for row in records(data / file) for one in shingles(row["text"])}
    seen: dict[str, bool] = {}
    out: set[str] = set()
    for question in questions:
        for text in (*(gold.text for gold in question.golds), *question.near):
            if text not in seen:
                seen[text] = any(one in banned for one in shingles(text))
            if seen[text]:
                out.update(key for key in question.keys if key.startswith(("document", "context")))
    kept = [one for one in questions if not one.keys & out]
    shared = [text for text, bad in seen.items() if bad]
    print(f"{len(questions) - len(kept)} questions left out: {len(shared)} of their texts are of articles held back")
    bad = set(shared)
    return [one for one in kept if not any(gold.text in bad for gold in one.golds)]


def components(questions: Sequence[Question]) -> list[int]:
    """A number for each question; the same where keys tie them together."""
    parent = list(range(len(questions)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first: dict[str, int] = {}
    for at, question in enumerate(questions):
        for key in question.keys:
            parent[root(at)] = root(first.setdefault(key, at))
    return [root(at) for at in range(len(questions))]


def held_out(questions: Sequence[Question]) -> list[bool]:
    """Whether each question is held out: a tenth of the documents of each set."""
    component = components(questions)
    _, asked = load_questions()
    _, out = retrieval_split(asked)
    documents = {one.document for one in out}
    known = {f"document newsqa {one}" for one in documents} | {f"context {plain(one)}" for one in documents}
    chosen = {component[at] for at, one in enumerate(questions) if one.keys & known}
    chance = random.Random(SEED)
    members: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for at, one in enumerate(questions):
        members[one.source][component[at]] += 1
    for source in sorted(members):
        sizes = members[source]
        whole = sum(sizes.values())
        have = sum(size for at, size in sizes.items() if at in chosen)
        rest = sorted(at for at in sizes if at not in chosen)
        chance.shuffle(rest)
        for at in rest:
            # One huge component would take far more than a tenth with it.
            if have >= whole / 10 or source in ("newsqa_val", "newsqa_full"):
                break
            if sizes[at] <= whole / 40:
                chosen.add(at)
                have += sizes[at]
        print(f"{source}: {whole} questions in {len(sizes)} documents, largest {max(sizes.values())}, held out {have}")
    return [component[at] in chosen for at in range(len(questions))]


# -------------------------------------------------------------------------------------------------------------- mining


def mine(questions: Sequence[Question], held: Sequence[bool]) -> list[list[str]]:
    """For each question its near misses: three of its own texts, four alike elsewhere in the set, one at random."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    rng = random.Random(SEED)
    found: list[list[str]] = [[] for _ in questions]
    plains: dict[str, str] = {}

    def bare(text: str) -> str:
        if text not in plains:
            plains[text] = plain(text)
        return plains[text]

    for family in sorted({one.family for one in questions}):
        for side in (False, True):
            rows = [at for at, one in enumerate(questions) if one.family == family and held[at] == side]
            if not rows:
                continue
            texts = list(dict.fromkeys(
                text for at in rows for text in (*(gold.text for gold in questions[at].golds), *questions[at].near)
            ))  # fmt: skip
            number = {text: at for at, text in enumerate(texts)}
            words = TfidfVectorizer(sublinear_tf=True, stop_words="english", max_df=0.3 if len(texts) > 20 else 1.0)
            table = words.fit_transform(texts)
            # One paragraph told at three levels of difficulty: where one answers, the others do.
            told: dict[str, set[str]] = defaultdict(set)
            if family == "onestopqa":
                for at in rows:
                    for key in questions[at].keys:
                        told[key].update(gold.text for gold in questions[at].golds)
            for begin in range(0, len(rows), 512):
                part = rows[begin : begin + 512]
                scores = (words.transform([questions[at].text for at in part]) @ table.T).toarray()
                for at, row in zip(part, scores, strict=True):
                    one = questions[at]
                    golds = {gold.text for gold in one.golds}.union(*(told[key] for key in one.keys if key in told))
                    answers = [shown for answer in one.answers if (shown := plain(answer)).strip()]

                    def misses(text: str, golds: set[str] = golds, answers: list[str] = answers) -> bool:
                        return text not in golds and not any(one in bare(text) for one in answers)

                    near = sorted(one.near, key=lambda text, row=row: -row[number[text]])  # type: ignore[misc]
                    own = list(islice((text for text in near if misses(text)), 3))
                    best = np.argpartition(-row, 40)[:40] if len(row) > 40 else np.arange(len(row))
                    alike = (texts[place] for place in best[np.argsort(-row[best])] if row[place] > 0)
                    away = list(islice((text for text in alike if text not in one.near and misses(text)), 4))
                    chance = [text for text in rng.sample(texts, min(5, len(texts))) if misses(text)][:1]
                    # The nearest of its own and the nearest elsewhere come first: where time is short, they are read.
                    mixed = [text for pair in zip(own, away, strict=False) for text in pair]
                    found[at] = list(dict.fromkeys([*mixed, *own, *away, *chance]))
    return found


def sloppy(question: str, rng: random.Random) -> str:
    """The question as typed in haste: no mark at the end, a letter or two wrong, small words gone."""
    words = question.rstrip(" ?.").replace("'", rng.choice(["'", ""])).split()
    if len(words) > 5 and rng.random() < 0.3:
        dropped = [at for at, word in enumerate(words) if word.lower() in ("the", "a", "an", "did", "do", "does")]
        if dropped:
            words.pop(rng.choice(dropped))
    for _ in range(rng.choice([0, 1, 1, 2])):
        long = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha()]
        if not long:
            break
        at = rng.choice(long)
        word = words[at]
        place = rng.randrange(1, len(word) - 1)
        words[at] = rng.choice([
            word[:place] + word[place + 1 :],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            word[:place] + word[place] + word[place:],
            word[:place] + rng.choice("aeiourstnl") + word[place + 1 :],
        ])  # fmt: skip
    return " ".join(words)


# -------------------------------------------------------------------------------------------------------------- arrays


def ragged(rows: Sequence[Sequence[int]], kind: Any = np.uint16) -> tuple[np.ndarray, np.ndarray]:
    """Rows in one array, and where each begins (one number more than rows)."""
    starts = np.zeros(len(rows) + 1, dtype=np.int32)
    starts[1:] = np.cumsum([len(row) for row in rows])
    return np.fromiter((one for row in rows for one in row), dtype=kind, count=int(starts[-1])), starts


def located(offsets: Sequence[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int] | None:
    """The first and last token of a span of characters; None where it is not within the tokens."""
    first = next((at for at, (_, end) in enumerate(offsets) if end > span[0]), None)
    last = next((at for at in range(len(offsets) - 1, -1, -1) if offsets[at][0] < span[1]), None)
    if first is None or last is None or first > last or offsets[-1][1] < span[1]:
        return None
    return first, last


def prepare(data: Path, work: Path, out: Path) -> None:
    """Write `out/reader.npz` for training, and `work/held.jsonl`, the held-out questions with their texts."""
    from tokenizers import Tokenizer

    cutter = Cutter()
    made = [*qa(data, cutter), *stories(data, cutter), *who_said(data, cutter)]
    made = allowed(data, [one for one in made if one.golds or one.near])
    held = held_out(made)
    kept = {text for at, one in enumerate(made) if held[at] for text in (*(gold.text for gold in one.golds), *one.near)}
    pairs = [
        (one, out_)
        for one, out_ in zip(made, held, strict=True)
        if out_ or not any(text in kept for text in (*(gold.text for gold in one.golds), *one.near))
    ]
    print(f"{len(made) - len(pairs)} questions left out: texts that held-out questions have too")
    questions, held = [one for one, _ in pairs], [out_ for _, out_ in pairs]
    negatives = mine(questions, held)

    words = Tokenizer.from_file(str(locate() / "tokenizer.json"))
    words.no_padding()
    words.no_truncation()
    rng = random.Random(SEED)
    texts = list(dict.fromkeys(
        text for at, one in enumerate(questions) for text in (*(gold.text for gold in one.golds), *negatives[at])
    ))  # fmt: skip
    number = {text: at for at, text in enumerate(texts)}
    encoded = words.encode_batch(texts, add_special_tokens=False)
    forms = [form for one in questions for form in (one.text, sloppy(one.text, rng))]
    asked = words.encode_batch(forms, add_special_tokens=False)

    pair_rows: list[tuple[int, int, int, int, int]] = []
    spans: list[list[int]] = []
    unfound = 0
    for at, one in enumerate(questions):
        rank = 0
        golds: dict[str, Gold] = {}
        for gold in one.golds:
            before = golds.get(gold.text)
            golds[gold.text] = gold if before is None else gold._replace(
                spans=tuple(dict.fromkeys([*before.spans, *gold.spans]))
            )  # fmt: skip
        for gold in golds.values():
            offsets = encoded[number[gold.text]].offsets[:PASSAGE_TOKENS]
            places = [place for span in gold.spans if (place := located(offsets, span))]
            if gold.mode != UNMARKED and not places:
                unfound += 1
                continue
            pair_rows.append((at, number[gold.text], 1, gold.mode, rank))
            spans.append([value for place in places[:OCCURRENCES] for value in place])
            rank += 1
        for text in negatives[at]:
            pair_rows.append((at, number[text], 0, EXACT, rank))
            spans.append([])
            rank += 1
    print(f"{unfound} gold passages whose answer is not within {PASSAGE_TOKENS} tokens")
    sources = sorted({one.source for one in questions})
    passage_ids, passage_starts = ragged([one.ids[:PASSAGE_TOKENS] for one in encoded])
    question_ids, question_starts = ragged([one.ids[:QUESTION_TOKENS] for one in asked])
    table = np.array(pair_rows, dtype=np.int32)
    span_values, span_starts = ragged(spans)
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out / "reader.npz", passage_ids=passage_ids, passage_starts=passage_starts, question_ids=question_ids,
        question_starts=question_starts, pair_question=table[:, 0], pair_passage=table[:, 1],
        pair_gold=table[:, 2].astype(np.int8), pair_mode=table[:, 3].astype(np.int8),
        pair_rank=table[:, 4].astype(np.int16), span_values=span_values, span_starts=span_starts,
        held=np.array(held), source=np.array([sources.index(one.source) for one in questions], dtype=np.int8),
        sources=np.array(sources),
    )  # fmt: skip
    work.mkdir(parents=True, exist_ok=True)
    with (work / "held.jsonl").open("w", encoding="utf-8") as file:
        for at, one in enumerate(questions):
            if held[at]:
                row = {
                    "number": at, "source": one.source, "question": one.text, "answers": one.answers,
                    "golds": [gold._asdict() for gold in one.golds], "near": negatives[at],
                }  # fmt: skip
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    golden = {int(row[0]) for row in pair_rows if row[2]}
    print(
        f"{len(questions)} questions ({len(golden)} with an answer), {sum(held)} held out; {len(texts)} passages of "
        f"{len(passage_ids) / len(texts):.0f} tokens, {len(pair_rows)} pairs; "
        f"{(out / 'reader.npz').stat().st_size / 1e6:.1f} MB"
    )
