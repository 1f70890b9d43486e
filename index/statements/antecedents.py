"""Whom a pronoun or a role means: a logistic ranker over a person's place in the article, and null for "none of them".

Weights and threshold are fitted by benchmarks/training/antecedents.py and lie beside the tagger's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from math import exp, log1p
from pathlib import Path
from typing import NamedTuple

from index.statements import lexicon
from index.statements.bodies import FEATURES as BODY_FEATURES
from index.statements.entities import Article, Entity, same_role
from index.statements.names import Gender

WEIGHTS = Path(__file__).parent / "weights" / "antecedents.json"
FEATURES = (
    "sentences", "same_sentence", "sentence_before", "same_paragraph", "words",
    "last_source", "last_source_near", "last_source_far", "source_before_last", "sources", "last_by_same_pronoun",
    "subject", "sentence_first", "possessive", "after_preposition", "quoted",
    "count", "reused", "titled", "role_known", "full", "first_name",
    "gender_same", "latest", "latest_of_gender", "second_of_gender", "opens_article",
    "subject_before", "quoted_same_sentence", "trailing_same_sentence", "only_of_gender", "most_named", "near_speech",
    "last_source_trailing", "names_between",
    "role_same", "role_like", "role_words", "role_other", "role_last_source", "role_sentences",
    "open_latest", "open_subject_latest", "open_sentences", "never_open", "open_first_of_paragraph",
    "trailing_open_subject", "trailing_last_source_near", "trailing_open_first", "opening_open_subject",
    "opening_last_source", "opening_open_first", "joined",
    "voiced_latest", "voiced_before", "voiced_far", "trailing_voiced", "opening_voiced",
)  # fmt: skip


_BEFORE_OBJECTS = lexicon.PREPOSITIONS | {"the", "a"}


class Asked(NamedTuple):
    """A mention whose bearer is sought: its first word, the gender it tells; of a role also noun and other words."""

    word: int
    gender: Gender | None
    noun: str | None = None
    told: frozenset[str] = frozenset()


class Ranker(NamedTuple):
    """One weight a feature; by the sort of mention the score of "none" and the probability from which to answer."""

    feature: tuple[float, ...]
    none: dict[str, float]
    threshold: dict[str, float]


class Weights(NamedTuple):
    """The ranker of persons (sorts: pronoun, role) and that of organisations (pronoun, document, group)."""

    persons: Ranker
    bodies: Ranker


@cache
def weights() -> Weights:
    """The fitted weights. Raises OSError or ValueError where the package is damaged."""
    kept = json.loads(WEIGHTS.read_text("utf-8"))
    return Weights(*(
        Ranker(tuple(one["weights"][name] for name in columns), one["none"], one["threshold"])
        for one, columns in ((kept["persons"], FEATURES), (kept["bodies"], BODY_FEATURES))
    ))  # fmt: skip


class Spoken(NamedTuple):
    """A source already resolved: its first word, the one word it was if a pronoun, and who it is."""

    word: int
    pronoun: str
    entity: Entity


def candidates(article: Article, asked: Asked) -> list[Entity]:
    """The persons named before a mention (in the article's order), without those it cannot be."""
    some = []
    for entity in article.entities:
        if not entity.mentions or article.names[entity.mentions[0]].first >= asked.word:
            continue
        if asked.gender and entity.gender and entity.gender != asked.gender:
            continue
        some.append(entity)
    return some


def _opened(article: Article, entity: Entity, word: int) -> list[int]:
    """The mentions of an entity before a word that stand outside quotations: who is quoted seldom names himself."""
    words = article.words
    return [
        at for at in entity.mentions if article.names[at].first < word and not words[article.names[at].first].quoted
    ]


def _subject(article: Article, number: int) -> bool:
    """Whether a name looks like the subject of its clause."""
    name = article.names[number]
    words = article.words
    if words[name.last - 1].possessive:
        return False
    head = name.first - len(name.title_words)
    previous = words[head - 1] if head else None
    if previous is None or previous.sentence != words[name.first].sentence:
        return True
    if previous.low in lexicon.SPEECH:
        return True
    follow = words[name.last] if name.last < len(words) else None
    if previous.low in _BEFORE_OBJECTS or follow is None:
        return False
    return (
        follow.low in lexicon.SPEECH
        or follow.low in ("who", "has", "had", "is", "was", "did", "will", "would", "also")
        or (follow.low.endswith("ed") and follow.text.islower())
    )


def features(
    article: Article, asked: Asked, some: Sequence[Entity], spoken: Sequence[Spoken], pronoun: str
) -> list[list[float]]:
    """One row a candidate, columns as in `FEATURES`."""
    words = article.words
    here = words[asked.word]
    after = words[asked.word + 1].low if asked.word + 1 < len(words) else ""
    trailing = after in lexicon.SPEECH and not here.initial
    last = spoken[-1] if spoken else None
    before_last = next((one for one in reversed(spoken) if last and one.entity is not last.entity), None)
    same_pronoun = next((one.entity for one in reversed(spoken) if one.pronoun == pronoun), None)
    places: list[int] = []
    counts: list[int] = []
    for entity in some:
        earlier = [at for at in entity.mentions if article.names[at].first < asked.word]
        places.append(earlier[-1])
        counts.append(len(earlier))
    fits = [entity.gender is None or asked.gender is None or entity.gender == asked.gender for entity in some]
    order = sorted(range(len(some)), key=lambda at: -places[at])
    rank = {at: number for number, at in enumerate(order)}
    of_gender = {at: number for number, at in enumerate([at for at in order if fits[at]])}
    most = max((count for count, fit in zip(counts, fits, strict=True) if fit), default=0)
    said = [one.entity for one in spoken]
    like = same_role(asked.noun) if asked.noun else frozenset()
    opened = [_opened(article, entity, asked.word) for entity in some]
    newest = max((places_[-1] for places_ in opened if places_), default=-1)
    subjects = {
        at: max((one for one in places_ if _subject(article, one)), default=-1) for at, places_ in enumerate(opened)
    }
    newest_subject = max(subjects.values(), default=-1)
    before = [one for places_ in opened for one in places_]
    paragraph = words[article.names[max(before)].first].paragraph if before else -1
    leading = min((one for one in before if words[article.names[one].first].paragraph == paragraph), default=-1)
    opening = here.initial
    spoke = {at: max((one for one in places_ if article.voiced(one)), default=-1) for at, places_ in enumerate(opened)}
    newest_voice = max(spoke.values(), default=-1)
    rows: list[list[float]] = []
    for at, entity in enumerate(some):
        name = article.names[places[at]]
        word = words[name.first]
        head = name.first - len(name.title_words)
        previous = words[head - 1] if head else None
        follow = words[name.last].low if name.last < len(words) else ""
        sentence_first = previous is None or previous.sentence != word.sentence
        preposition = previous is not None and not sentence_first and previous.low in _BEFORE_OBJECTS
        possessive = words[name.last - 1].possessive
        subject = (
            not preposition
            and not possessive
            and (
                follow in lexicon.SPEECH
                or follow in ("who", "has", "had", "is", "was", "did", "will", "would")
                or follow.endswith("ed")
                or sentence_first
            )
        )
        distance = here.sentence - word.sentence
        same = distance == 0
        is_last = last is not None and last.entity is entity
        near = is_last and last is not None and here.sentence - words[last.word].sentence <= 2
        role_same = role_like = role_words = role_other = 0.0
        if asked.noun:
            heads = {head for role in entity.roles for head in role.heads}
            role_same, role_like = float(asked.noun in heads), float(bool(like & heads))
            role_other = float(bool(heads) and not role_like)
            said_of = {one for role in entity.roles for one in role.words} | set(entity.core)
            role_words = len(asked.told & said_of) / max(1, len(asked.told))
        told = entity.gender is not None and asked.gender is not None
        open_last = opened[at][-1] if opened[at] else None
        open_subject = subjects[at] == newest_subject >= 0
        open_first = leading in opened[at] if leading >= 0 else False
        open_distance = here.sentence - words[article.names[open_last].first].sentence if open_last is not None else 0
        heard = spoke[at] == newest_voice >= 0
        since = here.sentence - words[article.names[newest_voice].first].sentence if heard else 0
        joined = follow == "and" or (previous is not None and previous.low == "and")
        rows.append([
            log1p(distance), same, distance == 1, here.paragraph == word.paragraph,
            log1p(max(0, asked.word - name.last)) / 3,
            is_last, near, is_last and not near, before_last is not None and before_last.entity is entity,
            log1p(said.count(entity)), same_pronoun is entity,
            subject, sentence_first, possessive, preposition, word.quoted and not here.quoted,
            log1p(counts[at]), entity.reused, bool(name.title), bool(entity.roles), entity.full,
            entity.full and entity.sure,
            told and entity.gender == asked.gender,
            rank[at] == 0, of_gender.get(at) == 0, of_gender.get(at) == 1, 
            word.sentence == 0 or entity.mentions[0] == 0,
            subject and distance == 1, word.quoted and same, trailing and same, len(of_gender) == 1 and fits[at],
            counts[at] == most, follow in lexicon.SPEECH or (previous is not None and previous.low in lexicon.SPEECH),
            is_last and trailing, log1p(rank[at]),
            role_same, role_like, role_words, role_other, bool(asked.noun) and is_last,
            log1p(distance) if asked.noun else 0.0,
            open_last is not None and open_last == newest, open_subject, log1p(open_distance),
            open_last is None, open_first,
            trailing and open_subject, trailing and near, trailing and open_first, opening and open_subject,
            opening and is_last, opening and open_first, joined,
            heard, heard and since <= 1, heard and since > 3, heard and trailing, heard and opening,
        ])  # fmt: skip
    return [[float(value) for value in row] for row in rows]


def chances(rows: Sequence[Sequence[float]], fitted: Ranker, sort: str) -> list[float]:
    """The probability of each candidate; what is missing to 1 is that of none."""
    scores = [sum(w * x for w, x in zip(fitted.feature, row, strict=True) if x) for row in rows]
    none = fitted.none[sort]
    top = max([none, *scores])
    raised = [exp(score - top) for score in scores]
    whole = sum(raised) + exp(none - top)
    return [one / whole for one in raised]
