"""What the judge learns from: questions on statements, their opposites, and statements that are near but not meant.

Claims of PolNeAR share fewer words with their statement than opposites do. Verbatim questions, negations of either and
cues turned into denials are mixed in until overlap says little; `probe` measures it.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from index.encoder.bulk import BulkEncoder
from index.model import Span, Speaker, Statement
from index.sentences import sentences
from index.statements import forms

SUPPORTS, DISPUTES = range(2)
BARE = ("{}.", "{}", "{}?")
FRAMES = (
    "who said {}?",
    "who said that {}",
    "who says {}?",
    "who thinks {}?",
    "who believes that {}?",
    "who claimed {}?",
    "who told reporters that {}?",
    "who argued that {}?",
    "who warned that {}?",
    "who reported that {}?",
    "who has said that {}?",
    "did anyone say {}?",
    "has anybody said that {}?",
    "somebody said {}, who?",
    "according to whom {}?",
    "which of them said {}?",
)
NEUTRAL = frozenset(
    f"{verb}{end}"
    for verb, ends in {
        "sa": ("y", "ys", "id", "ying"), "state": ("", "s", "d"), "claim": ("", "s", "ed"), "believe": ("", "s", "d"),
        "think": ("", "s"), "argue": ("", "s", "d"), "report": ("", "s", "ed"), "announce": ("", "s", "d"),
        "insist": ("", "s", "ed"), "maintain": ("", "s", "ed"), "assert": ("", "s", "ed"), "t": ("ell", "ells", "old"),
    }.items()
    for end in ends
)  # fmt: skip
DENIALS = (
    "denied", "denied that", "denies that", "has denied that", "rejected the claim that", "dismissed the idea that",
    "disputed that", "doubts that", "doubted that", "did not believe that", "does not think that",
    "cast doubt on whether", "refuted the claim that", "disagreed that", "contradicted reports that",
)  # fmt: skip
ANTONYMS = (
    ("more", "less"), ("increase", "decrease"), ("increased", "decreased"), ("rise", "fall"), ("rose", "fell"),
    ("support", "oppose"), ("supports", "opposes"), ("supported", "opposed"), ("before", "after"), ("always", "never"),
    ("all", "none of"), ("best", "worst"), ("better", "worse"), ("good", "bad"), ("win", "lose"), ("won", "lost"),
    ("accept", "reject"), ("accepted", "rejected"), ("many", "few"), ("strong", "weak"), ("likely", "unlikely"),
    ("safe", "dangerous"), ("right", "wrong"), ("guilty", "innocent"), ("with", "without"), ("high", "low"),
    ("higher", "lower"), ("larger", "smaller"), ("most", "least"), ("true", "false"), ("alive", "dead"),
    ("possible", "impossible"), ("legal", "illegal"), ("began", "stopped"), ("begin", "stop"), ("easy", "hard"),
    ("allow", "forbid"), ("allowed", "forbidden"), ("everyone", "no one"), ("everything", "nothing"),
)  # fmt: skip
OPPOSITES = dict(ANTONYMS) | {second: first for first, second in ANTONYMS if " " not in second}
AUXILIARY = re.compile(
    r"\b(is|are|was|were|will|would|can|could|should|must|may|might|has been|have been|had been|does|do|did)\b"
    r"(?P<negated> not\b|n[’']t\b| never\b)?",
    re.IGNORECASE,
)
NLI = ("semi_auto_nli", "ling_in_loop", "taxinli", "fool_me_twice", "climate_fever", "negation_nli")
# Words without which a sentence says something else.
TELLING = frozenset(
    (
        "no",
        "not",
        "never",
        "nor",
        "none",
        "nothing",
        "nobody",
        "only",
        "hardly",
        "neither",
        "without",
        "until",
        "unless",
    )
) | set(OPPOSITES)
WORD = re.compile(r"\w+")


class Said(NamedTuple):
    """A statement somebody made, or (without cue) a sentence that may be none. `name` is the resolved speaker."""

    article: str
    name: str | None
    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]
    kind: str


class Row(NamedTuple):
    """A statement and what was written about it: question and claim it answers, the opposite, and what is only near."""

    domain: str
    said: Said
    ask: str
    claim: str
    opposite: str
    near: str


class Group(NamedTuple):
    """Pairs around one statement.

    `lists` are (pair it is about, pairs it is not about); `sides` are (pair, SUPPORTS or DISPUTES).
    """

    pairs: list[tuple[str, str]]
    lists: list[tuple[int, list[int]]]
    sides: list[tuple[int, int]]


class Mined(NamedTuple):
    """By row: indices into the pool, most similar first, that a question or the opposite could be confused with."""

    question: list[list[int]]
    opposite: list[list[int]]


class Data(NamedTuple):
    """Texts by article, rows, and what else is said there: `pool` begins with the rows' own statements, in order."""

    texts: dict[str, str]
    rows: list[Row]
    pool: list[Said]
    by_article: dict[str, list[int]]
    sentences: dict[str, list[Said]]


# ------------------------------------------------------------------------------------------------------------- reading


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def said(line: dict[str, Any]) -> Said:
    """An annotated line as a statement."""
    source, cue, content = (tuple(Span(*span) for span in line[name]) for name in ("source", "cue", "content"))
    return Said(
        line.get("record") or line["article"], line.get("speaker_name"), source, cue, content, line.get("kind", "")
    )


def forbidden(data: Path) -> set[str]:
    """Ids of the articles nothing may be trained on."""
    files = ["corpus.working.jsonl", "corpus.calibration.jsonl", "polnear/corpus.dev.jsonl", "cnn/corpus.dev.jsonl"]
    return {record["id"] for name in files for record in read(data / name)}


def touch(first: Said, second: Said) -> bool:
    """Whether their contents share a character."""
    return first.article == second.article and any(
        a.start < b.end and b.start < a.end for a in first.content for b in second.content
    )


def load_data(data: Path, articles: Callable[[str, str], bool]) -> Data:
    """The rows whose split and article pass, and every statement of the articles they are in.

    `articles(split, record)` decides; the split of an article that has no row counts as its rows' elsewhere: none.
    """
    texts: dict[str, str] = {}
    rows: list[Row] = []
    for domain, corpus, file in (
        ("polnear", "polnear/corpus.train.jsonl", "whosaid.train.jsonl"),
        ("cnn", "cnn/corpus.train.jsonl", "cnn/whosaid.train.jsonl"),
        ("mixed", "mixed/corpus.train.jsonl", "mixed/whosaid.train.jsonl"),
    ):
        known = {line["id"]: line["text"] for line in read(data / corpus)}
        for line in read(data / file):
            if articles(line["split"], line["record"]):
                texts[line["record"]] = known[line["record"]]
                rows.append(Row(domain, said(line), line["ask"], line["claim"], line["opposite"], line["near"]))
    pool = [row.said for row in rows]
    named: dict[str, list[Said]] = defaultdict(list)
    for one in pool:
        named[one.article].append(one)
    for line in read(data / "polnear/attributions.train.jsonl"):
        if line["article"] in texts:
            one = said(line)
            if one.cue and not any(touch(one, other) for other in named[one.article]):
                pool.append(one)
    by_article: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(pool):
        by_article[one.article].append(index)
    windows = {
        article: [
            sentence
            for span in sentences(text)
            if not any(
                touch(sentence := Said(article, None, (), (), (span,), ""), pool[i]) for i in by_article[article]
            )
        ]
        for article, text in texts.items()
        if by_article[article]
    }
    return Data(texts, rows, pool, by_article, windows)


def training_data(data: Path) -> Data:
    """What may be trained on."""
    banned = forbidden(data)
    return load_data(data, lambda split, record: split == "train" and record not in banned)


def working_data(data: Path) -> Data:
    """What was written about the working set's statements."""
    return load_data(data, lambda split, _: split == "working")


# --------------------------------------------------------------------------------------------------------------- forms


def statement(text: str, one: Said, *, by_name: bool = True) -> Statement:
    """The program's own type; the role is what a mention has beside the name."""
    speaker = None
    if one.source:
        mention = one.source[0]
        name, role = one.name if by_name else None, None
        if name and len(found := text[mention.start : mention.end].split(name)) == 2:
            longest = max(found, key=len)
            begin = mention.start if longest is found[0] else mention.end - len(longest)
            start = begin + len(longest) - len(longest.lstrip(" ,"))
            end = begin + len(longest.rstrip(" ,"))
            role = Span(start, end) if len(longest.split()) > 1 else None
        speaker = Speaker(mention=mention, resolved="named" if name else "unresolved", name=name, role=role)
    kind = one.kind if one.kind in ("direct", "indirect", "mixed") else "indirect"
    return Statement(content=one.content, cue=one.cue[0], kind=kind, speaker=speaker, probability=1.0)


class Form(NamedTuple):
    """How the statements of a group are shown; all alike, so that their form gives nothing away."""

    kind: str = "judged"
    named: bool = True
    by_name: bool = True
    denial: str | None = None


def shown(texts: dict[str, str], one: Said, form: Form) -> str:
    """A statement as the judge reads it."""
    text = texts[one.article]
    if form.kind == "window" or not one.cue:
        return forms.in_context(text, one.content)
    made = statement(text, one, by_name=form.by_name)
    whole = (forms.judged if form.kind == "judged" else forms.statement_text)(text, made, named=form.named)
    if form.denial:
        cue = forms.content(text, one.cue[:1])
        whole = whole.replace(f"{cue}: ", f"{form.denial}: ", 1).replace(f"{form.denial}: that ", f"{form.denial}: ", 1)
    return whole


def drawn_form(rng: random.Random) -> Form:
    """Mostly as in the program; without a name in 30 %, without surroundings or as a bare window in some."""
    kind = rng.choices(("judged", "plain", "window"), (0.5, 0.35, 0.15))[0]
    return Form(kind, named=rng.random() >= 0.3, by_name=rng.random() < 0.6)


# ----------------------------------------------------------------------------------------------------------- questions


def lowered(claim: str) -> str:
    """A claim as it stands inside a question."""
    claim = claim.rstrip(".")
    return claim[:1].lower() + claim[1:] if claim[1:2].islower() else claim


def asked(claim: str, rng: random.Random) -> str:
    """A claim as somebody would ask for it, or as it is."""
    draw = rng.random()
    if draw < 0.2:
        return claim
    return rng.choice(BARE if draw < 0.35 else FRAMES).format(lowered(claim))


def careless(text: str, rng: random.Random) -> str:
    """Lower case and slips, now and then."""
    if rng.random() < 0.15:
        text = text.lower()
    if rng.random() < 0.05 and len(text) > 8:
        at = rng.randrange(len(text) - 1)
        text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def negated(claim: str, rng: random.Random) -> str:
    """The claim turned round by one word, or by saying that it is not so."""
    draw = rng.random()
    words = claim.split(" ")
    turned = [index for index, word in enumerate(words) if word in OPPOSITES]
    if draw < 0.35 and turned:
        at = rng.choice(turned)
        return " ".join((*words[:at], OPPOSITES[words[at]], *words[at + 1 :]))
    found = AUXILIARY.search(claim)
    if found and draw < 0.85:
        kept = found.group(1)
        if found.group("negated"):
            kept = {"ca": "can", "wo": "will"}.get(kept, kept)
        else:
            first, _, rest = kept.partition(" ")
            kept = f"{first} not {rest}".rstrip()
        return claim[: found.start()] + kept + claim[found.end() :]
    frame = rng.choice(("it is not true that {}", "it is false that {}", "it is wrong that {}", "it is not so that {}"))
    return frame.format(lowered(claim))


def verbatim(text: str, one: Said, rng: random.Random) -> str | None:
    """A clause of the content in its own words, None where it is too short to stand alone."""
    whole = forms.content(text, [rng.choice(one.content)])
    whole = re.sub(r"[\"“”«»]|^['‘]|['’]$", "", whole).removeprefix("that ").strip(" ,.")
    clauses = [clause for part in re.split(r"(?<=[.;!?])\s+", whole) if len((clause := part.strip(" ,.;")).split()) > 4]
    if not clauses:
        return None
    words = rng.choice(clauses).split(" ")
    if len(words) > 9 and rng.random() < 0.4:  # somebody remembers most of it
        at = rng.randrange(1, len(words))
        if words[at].lower() not in TELLING and "n't" not in words[at] and "n’t" not in words[at]:
            del words[at]
    return " ".join(words[:26])


# --------------------------------------------------------------------------------------------------------------- pairs


def group(data: Data, mined: Mined, index: int, rng: random.Random) -> Group:
    """The pairs around one row, drawn anew in every epoch."""
    row = data.rows[index]
    text = data.texts[row.said.article]
    form = drawn_form(rng)
    cue = forms.content(text, row.said.cue[:1]).lower() if row.said.cue else ""
    if form.kind != "window" and row.said.kind == "indirect" and cue in NEUTRAL and rng.random() < 0.3:
        form = form._replace(denial=rng.choice(DENIALS))
    own = verbatim(text, row.said, rng)
    about = shown(data.texts, row.said, form)
    if form.denial:
        same = [own if own else row.claim, row.claim]
        questions = [(asked(one, rng), DISPUTES) for one in same]
        questions += [(asked(negated(one, rng), rng), SUPPORTS) for one in same]
    else:
        questions = [(_supporting(row, own, rng), SUPPORTS) for _ in range(2)]
        questions += [(_disputing(row, own, rng), DISPUTES) for _ in range(2)]
    pairs = [(careless(question, rng), about) for question, _ in questions]
    near = len(pairs)
    pairs.append((careless(asked(row.near, rng), rng), about))
    plain = form._replace(denial=None)
    lists = []
    for pair, hard, number in ((0, mined.question[index], 2), (2, mined.opposite[index], 1)):
        others = _others(data, row, hard, number, windows=form.kind == "window", rng=rng)
        lists.append((pair, [near, *range(len(pairs), len(pairs) + len(others))]))
        pairs += [(pairs[pair][0], shown(data.texts, one, plain)) for one in others]
    return Group(pairs, lists, [(pair, side) for pair, (_, side) in enumerate(questions)])


def _supporting(row: Row, own: str | None, rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.3:
        return row.ask
    if draw < 0.5 and own:
        return asked(own, rng)
    if draw < 0.77:  # what is incompatible with the opposite's negation is incompatible with nothing that was said
        return asked(negated(row.opposite, rng), rng)
    return asked(row.claim, rng)


def _disputing(row: Row, own: str | None, rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.3:
        return asked(negated(row.claim, rng), rng)
    if draw < 0.43 and own:
        return asked(negated(own, rng), rng)
    return asked(row.opposite, rng)


def _others(data: Data, row: Row, hard: list[int], number: int, *, windows: bool, rng: random.Random) -> list[Said]:
    """Statements that a question is not about: of the same article, and such as the encoder takes for it."""
    near = [one for i in data.by_article[row.said.article] if not touch(one := data.pool[i], row.said)]
    if windows:
        near = [*near, *data.sentences[row.said.article]]
    chosen: list[Said] = []
    while len(chosen) < number and (near or hard):
        one = rng.choice(near) if near and (not hard or rng.random() < 0.4) else data.pool[rng.choice(hard[:24])]
        if one in chosen and rng.random() < 0.9:
            continue
        chosen.append(one)
    return chosen


def inferences(data: Path) -> list[tuple[str, str, int]]:
    """(hypothesis, premise, side) of sentence pairs that entail or contradict each other, short ones."""
    found = []
    for name in NLI:
        for line in read(data / f"nli/{name}.jsonl"):
            if line["label"] != "neutral" and len(line["premise"]) + len(line["hypothesis"]) < 320:
                side = SUPPORTS if line["label"] == "entailment" else DISPUTES
                found.append((line["hypothesis"], line["premise"], side))
    return found


# -------------------------------------------------------------------------------------------------------------- mining


def encode(model: Path, texts: Sequence[str], chunk: int = 256) -> np.ndarray:
    """Unit vectors (n, dimension) of a sentence-transformers model, with progress."""
    made = []
    with BulkEncoder(model) as encoder:
        for at in range(0, len(texts), chunk):
            encoder.submit(texts[at : at + chunk])
            made.append(encoder.receive())
            print(f"encoded {min(at + chunk, len(texts))} of {len(texts)}", flush=True)
    return np.concatenate(made)


def mine(data: Data, model: Path | None) -> Mined:
    """Hard negatives by shared words and, with a model, by likeness in turn, without those that may be right after all.

    A statement within 5 % of the right one's likeness may answer too; so may the same speaker on the same matter.
    """
    texts = [shown(data.texts, one, Form("plain")) for one in data.pool]
    queries = [
        [f"{row.ask} {row.claim}" for row in data.rows],
        [row.opposite for row in data.rows],
    ]
    by_words = _ranked_by_words(data, texts, queries)
    if model is None:
        return Mined(*by_words)
    vectors = encode(model, [*texts, *queries[0], *queries[1]])
    pool, asked_vectors = vectors[: len(texts)], vectors[len(texts) :].reshape(2, len(data.rows), -1)
    both = []
    for kind, lexical in enumerate(by_words):
        lists = []
        for index, words in enumerate(lexical):
            likeness, alike = pool @ asked_vectors[kind, index], pool @ pool[index]

            def free(other: int, row: int = index, likeness: Any = likeness, alike: Any = alike) -> bool:
                distant = data.pool[other].article != data.pool[row].article
                return _free(data, row, other, alike[other]) and (not distant or likeness[other] < 0.95 * likeness[row])

            dense = [one for one in np.argsort(-likeness)[:80].tolist() if free(one)]
            mixed = [one for pair in zip(dense, filter(free, words), strict=False) for one in pair]
            lists.append(list(dict.fromkeys(mixed))[:40])
        both.append(lists)
    return Mined(*both)


def _ranked_by_words(data: Data, texts: list[str], queries: list[list[str]]) -> list[list[list[int]]]:
    """By kind of query and row: the statements that share the rarest words with it."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    documents = vectorizer.fit_transform(texts)
    alike = (documents[: len(data.rows)] @ documents.T).tocsr()
    result = []
    for kind in queries:
        scores = (vectorizer.transform(kind) @ documents.T).tocsr()
        lists = []
        for row in range(len(data.rows)):
            scored = scores.getrow(row)
            near = dict(zip((one := alike.getrow(row)).indices.tolist(), one.data.tolist(), strict=True))
            ranked = scored.indices[np.argsort(-scored.data)][:80].tolist()
            lists.append([other for other in ranked if _free(data, row, other, near.get(other, 0.0))][:40])
        result.append(lists)
    return result


def _free(data: Data, row: int, other: int, alike: float) -> bool:
    """Whether a row's question is surely not about another statement, whose likeness to the row's own is `alike`."""
    mine, theirs = data.pool[row], data.pool[other]
    if touch(mine, theirs):
        return False
    if mine.article == theirs.article and (mine.name == theirs.name or mine.source == theirs.source):
        return alike < 0.55
    return alike < 0.85


# --------------------------------------------------------------------------------------------------------------- probe


def overlap(question: str, shown_statement: str, rarity: dict[str, float]) -> list[float]:
    """What a model could tell from shared words alone."""
    asked_words, words = WORD.findall(question.lower()), WORD.findall(shown_statement.lower())
    there = set(words)
    weights = [rarity.get(word, 8.0) for word in asked_words]
    shared = [word in there for word in asked_words]
    bigrams = set(pairwise(words))
    pairs = list(pairwise(asked_words))
    return [
        sum(shared) / max(len(shared), 1),
        sum(w for w, s in zip(weights, shared, strict=True) if s) / max(sum(weights), 1e-6),
        len(there & set(asked_words)) / max(len(there | set(asked_words)), 1),
        sum(pair in bigrams for pair in pairs) / max(len(pairs), 1),
        float(sum(shared)),
        float(len(asked_words)),
    ]


Weigh = Callable[[Sequence[tuple[tuple[str, str], int]]], list[float]]


def rarities(groups: Sequence[Group]) -> dict[str, float]:
    """Inverse document frequency of the words of the groups' statements."""
    counts = Counter(word for one in groups for word in set(WORD.findall(one.pairs[0][1].lower())))
    return {word: float(np.log(len(groups) / count)) for word, count in counts.items()}


def fit_weights(groups: Sequence[Group]) -> Weigh:
    """A function that weighs pairs with their side so that word overlap tells less of the side.

    Inverse propensity: .5 / P(side | overlap), bounded, P from boosted trees.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rarity = rarities(groups)
    made = [(overlap(*pair, rarity), side) for one in groups for pair, side in _sides(one)]
    model = HistGradientBoostingClassifier(max_depth=3, max_iter=60, random_state=0)
    model.fit(np.array([m[0] for m in made]), np.array([m[1] for m in made]))

    def weigh(pairs: Sequence[tuple[tuple[str, str], int]]) -> list[float]:
        likely = model.predict_proba(np.array([overlap(*pair, rarity) for pair, _ in pairs]))
        return [float(np.clip(0.5 / likely[row, side], 0.33, 3.0)) for row, (_, side) in enumerate(pairs)]

    return weigh


def probe(groups: Sequence[Group]) -> dict[str, float]:
    """AUC of models on word overlap alone, cross-validated: of the side, as drawn and as weighed, and of aboutness."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    half = len(groups) // 2
    weigh = fit_weights(groups[:half])
    rarity = rarities(groups)
    result: dict[str, float] = {}
    for name, chosen in (("side", _sides), ("side, weighed", _sides), ("about", _abouts)):
        made = [(g, pair, label) for g, one in enumerate(groups[half:]) for pair, label in chosen(one)]
        x, y = np.array([overlap(*pair, rarity) for _, pair, _ in made]), np.array([label for *_, label in made])
        weights = np.ones(len(made))
        if name == "side, weighed":
            weights = np.array(weigh([(pair, label) for _, pair, label in made]))
        folds = list(GroupKFold(5).split(x, y, [g for g, *_ in made]))
        for kind, model in (
            ("linear", make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))),
            ("trees", HistGradientBoostingClassifier(max_depth=3, random_state=0)),
        ):
            guess = np.zeros(len(made))
            for fitted, tested in folds:
                last = model.steps[-1][0] + "__" if kind == "linear" else ""
                model.fit(x[fitted], y[fitted], **{f"{last}sample_weight": weights[fitted]})
                guess[tested] = model.predict_proba(x[tested])[:, 1]
            result[f"{name}, {kind}"] = round(float(roc_auc_score(y, guess, sample_weight=weights)), 3)
    return result


def _sides(one: Group) -> Iterator[tuple[tuple[str, str], int]]:
    yield from ((one.pairs[pair], side) for pair, side in one.sides)


def _abouts(one: Group) -> Iterator[tuple[tuple[str, str], int]]:
    yield from ((one.pairs[right], 1) for right, _ in one.lists)
    wrong = sorted({pair for _, others in one.lists for pair in others})
    yield from ((one.pairs[pair], 0) for pair in wrong)
