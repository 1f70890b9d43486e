"""Facts: whether the words given answer the question, and whether there is silence where nothing does.

    python -m benchmarks.facts

Against the best sentence of the dense and of the lexical arm, in the same run. The weights are fitted on the
calibration questions, over the calibration articles alone and over those with 300 others of the training part, and
cross-fitted by article for what is reported of them; the dev set only checks. Right: token F1 of at least .5 with a
gold answer; of an unanswerable question, silence. The readings are kept in the temporary folder.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import string
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assistant.kinds import by_vector
from assistant.question import understand
from assistant.read import confidence as shipped
from assistant.read import facts, sentences
from assistant.read.facts import Fact, Seen, Signals
from assistant.read.reader import Reader
from assistant.retrieve import retrieve
from assistant.verify import Place
from benchmarks.common import (
    DATA,
    SEED,
    SETS,
    archive_of,
    bootstrap,
    present,
    question_encoder,
    records,
    table,
    write,
)
from benchmarks.confidence import auroc, fit, predicted
from index.archive import Archive
from index.encoder.question import QuestionEncoder
from index.model import Filters, Span
from index.sentences import sentences as split
from index.snapshot import Snapshot

TRAIN = DATA / "polnear" / "corpus.train.jsonl"
OTHERS = 300
FOLDS = 10
RIGHT = 0.5
# Of `Signals`, those that confidence rests on.
SIGNALS = slice(0, 3)
BEFORE, DENSE, LEXICAL = "sentences, as before", "dense + best sentence", "BM25 + best sentence"
_NO_FILTERS = Filters()
# Sentences had a confidence that stood for another right: that a quotation touches the evidence.
_ANOTHER_RIGHT = dict.fromkeys(("auroc, right", "right ones silenced", "right of those answered", "brier skill"), "")
_PUNCTUATION = set(string.punctuation) | set("‘’“”")


class Asked(NamedTuple):
    """A question with what was read for it; `before` is the confidence of sentences, `baselines` their words."""

    row: dict[str, Any]
    kind: str
    seen: list[Seen]
    before: float
    baselines: dict[str, str]

    @property
    def answerable(self) -> bool:
        """Whether its articles answer it."""
        return bool(self.row.get("answers"))


def gather(
    name: str, archive: Archive, rows: Iterable[dict[str, Any]], encoder: QuestionEncoder, *, baselines: bool
) -> list[Asked]:
    """Retrieve and read as the assistant does; kept until archive, questions, reader or what reads them change."""
    rows = list(rows)
    key = hashlib.sha256(Reader().card.sha256.encode() + str(archive.directory).encode())
    key.update((json.dumps([rows, baselines, facts.PASSAGES]) + Path(facts.__file__).read_text("utf-8")).encode())
    kept = Path(tempfile.gettempdir()) / "onrecord-benchmarks" / f"facts-{key.hexdigest()[:16]}.json"
    if not kept.exists():
        reader = Reader()
        with archive.snapshot() as snapshot:
            done = [_read(snapshot, row, encoder, reader, baselines=baselines) for row in rows]
        kept.write_text(json.dumps(done), "utf-8")
        print(f"read {name}: {len(rows)} questions", flush=True)
    return [
        Asked(row, kind, [_seen(one) for one in seen], before, words)
        for row, (kind, seen, before, words) in zip(rows, json.loads(kept.read_text("utf-8")), strict=True)
    ]


def _seen(kept: Sequence[Any]) -> Seen:
    words, sentence, fused, signals = kept
    return Seen(words, (Place("", Span(0, len(sentence)), sentence),), fused, Signals(*signals))


def _read(
    snapshot: Snapshot, row: dict[str, Any], encoder: QuestionEncoder, reader: Reader, *, baselines: bool
) -> tuple[str, list[Any], float, dict[str, str]]:
    text = row["question"]
    vector = encoder.encode([text])[0]
    candidates = retrieve(snapshot, text, vector, _NO_FILTERS, limit=10)
    seen = facts.spans(snapshot, text, candidates, reader, _NO_FILTERS)
    kept = [(one.words, one.places[0].text, one.fused, one.signals) for one in seen]
    kind = understand(text, _NO_FILTERS).kind or by_vector(text, vector)
    if not baselines:
        return kind, kept, 0.0, {}
    evidence = sentences.read(snapshot, text, candidates, encoder, _NO_FILTERS)
    words = {
        BEFORE: evidence[0].places[0].text if evidence else "",
        DENSE: _dense_sentence(snapshot, vector, encoder),
        LEXICAL: _lexical_sentence(snapshot, text),
    }
    return kind, kept, shipped.confidence(candidates, evidence), words


def _sentences_of(snapshot: Snapshot, passage: int) -> list[str]:
    found = snapshot.passages([passage])[passage]
    text = snapshot.appearances(found.content, _NO_FILTERS)[0].text
    return [text[one.start : one.end] for one in split(text, found.start, found.end)]


def _dense_sentence(snapshot: Snapshot, vector: Any, encoder: QuestionEncoder) -> str:
    """Of the nearest passage, the sentence nearest to the question."""
    some = [_sentences_of(snapshot, hit.passage) for hit in snapshot.dense(vector, limit=1, filters=_NO_FILTERS)]
    if not some:
        return ""
    return some[0][int((encoder.encode(some[0]) @ vector).argmax())]


def _lexical_sentence(snapshot: Snapshot, text: str) -> str:
    """Of the best passage by BM25, the sentence with most of the question's words, weighted by rarity."""
    asked = {term: snapshot.rarity(term) for term in snapshot.terms(text)}
    some = [_sentences_of(snapshot, hit.passage) for hit in snapshot.lexical(text, limit=1, filters=_NO_FILTERS)]
    if not some:
        return ""
    return max(some[0], key=lambda one: sentences.share(asked, set(snapshot.terms(one))))


def normal(text: str) -> str:
    """As SQuAD compares answers; typographic quotation marks count as punctuation."""
    bare = "".join(one for one in text.lower() if one not in _PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


def token_f1(given: str, answers: Sequence[str]) -> float:
    """Token F1 with the likest gold answer."""
    best, own = 0.0, normal(given).split()
    for answer in answers:
        gold = normal(answer).split()
        shared = sum((Counter(own) & Counter(gold)).values())
        best = max(best, 2 * shared / (len(own) + len(gold)) if shared else 0.0)
    return best


def exact(given: str, answers: Sequence[str]) -> float:
    """1 where the words are those of a gold answer."""
    return float(any(normal(given) == normal(answer) for answer in answers))


def best(asked: Asked, relevance: float = facts.RELEVANCE, fused: float = facts.FUSED, most: int = 10) -> Fact | None:
    """The first answer with these weights over the passages that are read; None where nothing was read."""
    order = list(dict.fromkeys(-one.fused for one in asked.seen))[:most]
    seen = [one for one in asked.seen if -one.fused in order]
    found = facts.together(seen, relevance=relevance, fused=fused)
    return found[0] if found else None


def words_of(fact: Fact | None) -> str:
    """What is answered."""
    return "" if fact is None else fact.words


def fold(asked: Asked) -> int:
    """Questions of one article are in one fold."""
    article = (asked.row.get("evidence") or [{"record": (asked.row.get("near") or [""])[0]}])[0]["record"]
    return zlib.crc32(article.encode()) % FOLDS


class Scored(NamedTuple):
    """A question's signals, and whether its first answer is right; named as `benchmarks.confidence` fits them."""

    signals: tuple[float, ...]
    right: bool
    answerable: bool
    fold: int
    confidence: float


def scored(asked: Iterable[Asked], cut: slice) -> list[Scored]:
    """What confidence is fitted to: of each question its first answer's signals."""
    rows = []
    for one in asked:
        fact = best(one)
        if fact is None:
            continue
        right = one.answerable and token_f1(fact.words, one.row["answers"]) >= RIGHT
        rows.append(Scored(fact.signals[cut], right, one.answerable, fold(one), shipped.of_facts([fact])))
    return rows


def cross_fitted(fitting: Sequence[Scored], rows: Sequence[Scored]) -> list[Scored]:
    """Each of `rows` with the confidence of a fit to the questions of other articles."""
    done = []
    for number in range(FOLDS):
        weights, intercept = fit([one for one in fitting if one.fold != number])
        done += [
            one._replace(confidence=shipped.at_most(predicted(one, weights, intercept), one.signals[0]))
            for one in rows
            if one.fold == number
        ]
    return done


def silence(rows: Sequence[Scored], threshold: float) -> dict[str, Any]:
    """AUROC, and what a threshold silences; Brier skill against always giving the share that is right."""
    answerable = [one for one in rows if one.answerable]
    right = [one for one in rows if one.right]
    others = [one for one in rows if not one.answerable]
    given = [one for one in rows if one.confidence >= threshold]
    rate = len(right) / len(rows)
    brier = sum((one.confidence - one.right) ** 2 for one in rows) / len(rows)

    def sure(some: Sequence[Scored]) -> list[float]:
        return [one.confidence for one in some]

    def below(some: Sequence[Scored]) -> str:
        return str(bootstrap([[float(one.confidence < threshold)] for one in some]))

    return {
        "auroc, answerable": round(auroc(sure(answerable), sure(others)), 3),
        "auroc, right": round(auroc(sure(right), sure(others)), 3),
        "unanswerable silenced": below(others),
        "answerable silenced": below(answerable),
        "right ones silenced": below(right),
        "right of those answered": round(sum(one.right for one in given) / max(1, len(given)), 3),
        "brier skill": round(1 - brier / (rate * (1 - rate)), 3) if 0 < rate < 1 else 0.0,
    }


def before(asked: Iterable[Asked]) -> list[Scored]:
    """The same as it was: the best sentence as the answer, with the confidence of sentences."""
    return [
        Scored(
            (), one.answerable and token_f1(one.baselines[BEFORE], one.row["answers"]) >= RIGHT, one.answerable,
            fold(one), one.before,
        )
        for one in asked
    ]  # fmt: skip


def main() -> int:
    """Fit, check and write; 0 also where the data are missing."""
    if not present("facts", *SETS["dev"], *SETS["calibration"], SETS["working"][0], TRAIN):
        return 0
    encoder = question_encoder()
    articles = records(SETS["calibration"][0])
    own = {row["id"] for row in articles}
    others = [row for row in records(TRAIN) if row["id"] not in own]
    larger = [*articles, *random.Random(SEED).sample(others, OTHERS)]
    rows = {name: questions_of(SETS[name][1]) for name in ("calibration", "dev")}
    calibration = gather("calibration", archive_of(articles), rows["calibration"], encoder, baselines=True)
    dev = gather("dev", archive_of(records(SETS["dev"][0])), rows["dev"], encoder, baselines=True)
    large = gather("calibration and others", archive_of(larger), rows["calibration"], encoder, baselines=False)
    unanswered = [{**row, "answers": []} for row in rows["calibration"] if row["type"] == "fact"]
    elsewhere = gather("elsewhere", archive_of(records(SETS["working"][0])), unanswered, encoder, baselines=False)
    routed = {"calibration": here(calibration), "dev": here(dev), "calibration and others": here(large)}

    figures: dict[str, Any] = {"questions": {name: counts(some) for name, some in routed.items()}, "answers": {}}
    for name, asked in (("calibration", calibration), ("calibration and others", large), ("dev", dev)):
        some = [one for one in asked if one.answerable]
        arms: dict[str, Callable[[Asked], str]] = {"reader (shipped)": lambda one: words_of(best(one))}
        if name != "calibration and others":
            arms |= {arm: lambda one, arm=arm: one.baselines[arm] for arm in (BEFORE, DENSE, LEXICAL)}  # type: ignore[misc]
        figures["answers"][name] = {arm: quality(some, given) for arm, given in arms.items()}
    some = [one for one in (*calibration, *large) if one.answerable]
    figures["weights"] = {
        f"{most} passages, relevance {relevance}, fused {fused}": quality(
            some,
            lambda one, w=(relevance, fused, most): words_of(best(one, *w)),  # type: ignore[misc]
        )
        for most in (3, 5, 8)
        for relevance in (0.0, 0.5, 1.0)
        for fused in (0.0, 4.0, 8.0, 12.0)
    }
    both = [*routed["calibration"], *routed["calibration and others"]]
    weights, intercept = fit(scored(both, SIGNALS))
    figures["confidence"] = {
        "signals": Signals._fields[SIGNALS],
        "fitted": {"weights": weights, "intercept": intercept},
        "shipped": {"weights": shipped.FACT_WEIGHTS, "intercept": shipped.FACT_INTERCEPT},
        "threshold": shipped.FACT_THRESHOLD,
    }
    fitting, all_five = scored(both, SIGNALS), scored(both, slice(0, 5))
    fitted = cross_fitted(fitting, fitting)
    taken_out = cross_fitted(fitting, scored(elsewhere, SIGNALS))
    figures["silence"] = {
        "calibration, both sizes, cross-fitted": silence(fitted, shipped.FACT_THRESHOLD),
        "the same with all five signals": silence(cross_fitted(all_five, all_five), shipped.FACT_THRESHOLD),
        "the same, unanswerable by taking their article out": silence(
            [*(one for one in fitted if one.answerable), *taken_out], shipped.FACT_THRESHOLD
        ),
        "dev": silence(scored(routed["dev"], SIGNALS), shipped.FACT_THRESHOLD),
        "calibration, as before": silence(before(routed["calibration"]), shipped.THRESHOLD) | _ANOTHER_RIGHT,
        "dev, as before": silence(before(routed["dev"]), shipped.THRESHOLD) | _ANOTHER_RIGHT,
    }
    figures["calibration by threshold"] = {
        str(at): silence(fitted, at) for at in (0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)
    }
    figures["dev by threshold"] = {
        str(at): silence(scored(routed["dev"], SIGNALS), at) for at in (0.2, 0.3, 0.4, 0.5, 0.6)
    }
    show(figures)
    write("facts", figures)
    return 0


def questions_of(path: Path) -> list[dict[str, Any]]:
    """The fact questions, and those that nothing answers."""
    return [row for row in records(path) if row.get("type") in ("fact", "unanswerable") and not row.get("session")]


def here(asked: Iterable[Asked]) -> list[Asked]:
    """Fact questions, and of those without an answer the ones that the program takes for such."""
    return [one for one in asked if one.answerable or one.kind in ("fact", "open")]


def counts(asked: Sequence[Asked]) -> dict[str, int]:
    """How many there are of each."""
    answerable = sum(one.answerable for one in asked)
    return {"answerable": answerable, "unanswerable": len(asked) - answerable}


def quality(asked: Sequence[Asked], given: Callable[[Asked], str]) -> dict[str, str]:
    """Token F1, exact match and the share that is right, with intervals by article."""
    by_article: dict[str, list[tuple[float, float]]] = {}
    for one in asked:
        words, gold = given(one), one.row["answers"]
        by_article.setdefault(one.row["evidence"][0]["record"], []).append((token_f1(words, gold), exact(words, gold)))
    units = list(by_article.values())
    return {
        "F1": str(bootstrap([[f1 for f1, _ in unit] for unit in units])),
        "EM": str(bootstrap([[em for _, em in unit] for unit in units])),
        "right": str(bootstrap([[float(f1 >= RIGHT) for f1, _ in unit] for unit in units])),
    }


def show(figures: dict[str, Any]) -> None:
    """Print the tables."""
    print(figures["questions"], figures["confidence"], sep="\n")
    for name, arms in {**figures["answers"], "weights on calibration": figures["weights"]}.items():
        print(f"\n{name}\n\n" + table(["", "F1", "EM", "right"], [[arm, *row.values()] for arm, row in arms.items()]))
    for name in ("silence", "calibration by threshold", "dev by threshold"):
        rows = figures[name]
        print(
            f"\n{name}\n\n" + table(["", *next(iter(rows.values()))], [[at, *row.values()] for at, row in rows.items()])
        )


if __name__ == "__main__":
    raise SystemExit(main())
