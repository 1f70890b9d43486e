"""Which organisation "the company", "the report" or "it" means: those an article names, and a ranker over them.

As for persons (`antecedents`): a logistic ranker over what the article says of each body and where it stands, with null
for "none of them", fitted by benchmarks/training/antecedents.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import log1p
from typing import NamedTuple

from index.model import Span
from index.statements import lexicon, names
from index.statements.entities import Article, Entity
from index.statements.names import Name

FEATURES = (
    "spoke_last", "spoke_last_thing", "spoke_last_near", "said",
    "sentences", "same_sentence", "sentence_before", "same_paragraph",
    "latest", "latest_fitting", "only", "only_fitting",
    "count", "most_named", "sentence_first", "possessive", "thing", "single", "quoted",
    "called", "kind_same", "kind_other", "in_name", "beside", "told",
    "document_called", "document_spoke_last", "document_beside", "document_said",
    "pronoun_spoke_last", "pronoun_latest", "pronoun_thing",
    "person", "person_spoke_last", "person_said", "person_near",
    "later", "later_called", "later_near", "lead", "plain",
    "noun_before", "noun_first", "noun_after", "noun_share", "noun_close",
    "noun_before_document", "noun_close_document",
    "voiced_latest", "voiced_near", "pronoun_voiced",
)  # fmt: skip
# Words an apposition of a body may run over.
_REACH = 14
_LINKS = lexicon.PREPOSITIONS | lexicon.SPEECH | lexicon.NEVER
_KINDS: dict[str, frozenset[str]] = {}
for _nouns, _words in lexicon.BODY_KINDS:
    for _word in _words:
        _KINDS[_word] = _KINDS.get(_word, frozenset()) | _nouns


@dataclass(eq=False)
class Body:
    """One organisation: `span` where it is first printed whole, `mentions` indices into the article's names, ascending.

    `called` are nouns the article uses for it, `kinds` those its name lets one use, `beside` what is printed right
    after it ("CBS poll"), `told` all words said of it.
    """

    span: Span
    words: tuple[str, ...]
    thing: bool
    mentions: list[int] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    beside: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


class Sought(NamedTuple):
    """A mention whose body is sought: its first word, its noun (None of a pronoun), its other words, and how it opens.

    `plain`: without "the", as "a new poll"; who made it may then be named later.
    """

    word: int
    noun: str | None
    told: frozenset[str]
    plain: bool = False

    @property
    def sort(self) -> str:
        """What decides how sure the ranker must be: pronoun, document or group."""
        if self.noun is None:
            return "pronoun"
        return "document" if self.noun in lexicon.DOCUMENTS or self.noun in lexicon.PERSONAL else "group"


class Voice(NamedTuple):
    """A source that was resolved before: its first word and who it was."""

    word: int
    who: Body | Entity


def singular(noun: str) -> str:
    """A noun's singular, roughly."""
    if noun in ("news", "series", "press"):
        return noun
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


class Bodies:
    """The organisations of an article; `organisation` tells which of its names may be one."""

    def __init__(self, article: Article, organisation: Callable[[int], bool]) -> None:
        self.article = article
        self.all: list[Body] = []
        self.of: dict[int, Body] = {}
        # Short forms the article itself explains: "(PRIO)" after the whole name.
        self.whole: dict[str, Body] = {}
        by_words: dict[tuple[str, ...], Body] = {}
        for number, name in enumerate(article.names):
            span, words = self._naming(name)
            if span.end == name.end and (name.kind == "place" or not organisation(number) or self._chance(name)):
                continue
            short = self._explained(number)
            if len(words) == 1 and (words[0] in lexicon.COLLECTIVES or words[0] in lexicon.BODY_NOUNS):
                continue
            if words and words[0] == "the":
                words = words[1:]
            body = by_words.get(words) or short
            if body is None:
                body = by_words[words] = Body(span, words, False)
                self.all.append(body)
            body.thing = body.thing or name.kind == "thing"
            body.mentions.append(number)
            self.of[number] = body
        by_words.pop((), None)
        self._join_short_forms(by_words)
        for body in self.all:
            for word in body.words:
                body.kinds |= _KINDS.get(word, frozenset()) | {singular(word)}
            for number in body.mentions:
                self._describe(body, article.names[number])

    def _naming(self, name: Name) -> tuple[Span, tuple[str, ...]]:
        """The name's span and folded words, with the noun that belongs to it: "Obama administration"."""
        article = self.article
        words = names.fold(article.print(name))
        if name.last < len(article.words):
            noun = article.words[name.last]
            if noun.low in lexicon.NAMING and article.gap(name.last - 1) == " ":
                return Span(name.start, noun.end), (*words, noun.low)
            if name.kind == "place" or article.words[name.last - 1].low in lexicon.PEOPLES:
                # "China's consulate", "the Iraqi defence ministry"
                for at in range(name.last, min(name.last + 3, len(article.words))):
                    low = article.words[at].low
                    if not article.words[at].text.islower() or low in _LINKS:
                        break
                    if low in lexicon.STATE_BODIES:
                        told = (article.words[one].low for one in range(name.last, at + 1))
                        return Span(name.start, article.words[at].end), (*words, *told)
        return Span(name.start, name.end), words

    def _chance(self, name: Name) -> bool:
        """Whether a word may have its capital only from opening a sentence: "Confusion early in the search"."""
        word = self.article.words[name.first]
        if name.last - name.first > 1 or name.sure or name.kind == "thing" or not word.initial or word.possessive:
            return False
        follow = self.article.words[name.last].low if name.last < len(self.article.words) else ""
        return follow not in lexicon.SPEECH

    def _explained(self, number: int) -> Body | None:
        """The body that the article says a short name is for, right before it."""
        article = self.article
        name = article.names[number]
        printed = article.print(name)
        if name.last - name.first > 1 or not printed.isupper() or len(printed) < 2:
            return None
        if printed in self.whole:
            return self.whole[printed]
        before = article.names[number - 1] if number else None
        if before is None or before.last - before.first < 2 or number - 1 not in self.of:
            return None
        between = article.text[before.end : name.start].strip()
        if between in ("(", ", or", "(“", '("') and article.text[name.end : name.end + 1] in (")", "”", '"', ","):
            self.whole[printed] = self.of[number - 1]
            return self.whole[printed]
        return None

    def _join_short_forms(self, by_words: dict[tuple[str, ...], Body]) -> None:
        """Gives "the Post" and "HRW" to the one longer name that ends or abbreviates so."""
        for words, body in by_words.items():
            if len(words) != 1 or not body.mentions:
                continue
            short = words[0]
            printed = self.article.text[slice(*body.span)]
            longer = [
                other
                for other in self.all
                if len(other.words) > 1
                and (
                    (other.words[-1] == short and len(short) > 3)
                    or (printed.isupper() and _initials(other.words) == short)
                )
            ]
            if len(longer) == 1:
                for number in body.mentions:
                    self.of[number] = longer[0]
                longer[0].mentions = sorted([*longer[0].mentions, *body.mentions])
                longer[0].thing = longer[0].thing or body.thing
                body.mentions.clear()
        self.all = [body for body in self.all if body.mentions]

    def _describe(self, body: Body, name: Name) -> None:
        """Keeps what the article says of the body at one mention."""
        words = self.article.words
        at = name.last
        gap = self.article.gap(at - 1)
        if at < len(words) and gap in (" ", "'s ", "’s "):
            for follow in range(at, min(at + 4, len(words))):
                word = words[follow]
                low = word.low
                if low in _LINKS or not word.text.islower() or word.sentence != words[at - 1].sentence:
                    break
                if low in lexicon.COLLECTIVES:
                    body.beside.add(singular(low))
                    break
        if gap.strip() in (",", "(", "—", "–", "--") and at + 1 < len(words) and words[at].low in ("a", "an", "the"):
            told: list[str] = []
            for follow in range(at + 1, min(at + _REACH, len(words))):
                if words[follow].low in _LINKS or words[follow].sentence != words[at - 1].sentence:
                    break
                told.append(words[follow].low)
                if self.article.gap(follow).strip(" '’s"):
                    break
            if told:
                body.called.add(singular(told[-1]))
                body.told.update(told)
        head = name.first - len(name.title_words)
        before: list[str] = []
        for at in range(head - 1, max(-1, head - 5), -1):
            if self.article.gap(at).strip(" '’s“\"") or words[at].low in _LINKS or not words[at].text[0].islower():
                break
            before.append(words[at].low)
        if before and (before[0] in lexicon.COLLECTIVES or before[0] in lexicon.BODY_NOUNS):
            body.called.add(singular(before[0]))
            body.told.update(before)
        elif before[:1] == ["called"] and len(before) > 1:
            body.called.add(singular(before[1]))

    def rank(
        self, sought: Sought, voices: Sequence[Voice], persons: Iterable[Entity]
    ) -> tuple[list[Body | Entity], list[list[float]]]:
        """The candidates for a mention and their features (columns as in `FEATURES`); persons only make documents."""
        article, words = self.article, self.article.words
        here = words[sought.word]
        noun = singular(sought.noun) if sought.noun else None
        document = sought.sort == "document"
        told = {one for one in sought.told if one != sought.noun}
        some: list[Body | Entity] = []
        places: list[int] = []
        fits: list[bool] = []
        for body in self.all:
            earlier = [at for at in body.mentions if article.names[at].last <= sought.word]
            if not earlier and not (sought.plain and noun and noun in body.called | body.beside | body.kinds):
                continue
            some.append(body)
            places.append(earlier[-1] if earlier else body.mentions[0])
            fits.append(noun is None or noun in body.called | body.kinds | body.beside)
        if document and not sought.plain:
            for entity in persons:
                said = any(voice.who is entity for voice in voices)
                earlier = [at for at in entity.mentions if article.names[at].last <= sought.word]
                spoken_of = earlier and here.sentence - words[article.names[earlier[-1]].first].sentence < 2
                if earlier and (said or spoken_of):
                    some.append(entity)
                    places.append(earlier[-1])
                    fits.append(False)
        last = voices[-1] if voices else None
        last_thing = next((one for one in reversed(voices) if isinstance(one.who, Body)), None)
        counts = [sum(article.names[at].last <= sought.word for at in one.mentions) for one in some]
        things = [isinstance(one, Body) for one in some]
        most = max((count for count, thing in zip(counts, things, strict=True) if thing), default=0)
        newest = max((place for place, thing in zip(places, things, strict=True) if thing), default=-1)
        newest_fitting = max((place for place, fit in zip(places, fits, strict=True) if fit), default=-1)
        # "A statement from Lund Bank" some sentences before "the statement": where the same noun stands, who is near?
        nouns = [at for at, word in enumerate(words) if noun and at != sought.word and singular(word.low) == noun]
        nouns = [at for at in nouns if not sought.word <= at < sought.word + len(sought.told) + 2]
        before = [at for at in nouns if at < sought.word]
        after = [at for at in nouns if at > sought.word] if sought.plain else []
        spoke = [
            max(
                (one for one in item.mentions if article.names[one].last <= sought.word and article.voiced(one)),
                default=-1,
            )
            for item in some
        ]
        newest_voice = max(spoke, default=-1)
        rows: list[list[float]] = []
        for at, one in enumerate(some):
            name = article.names[places[at]]
            word = words[name.first]
            distance = abs(here.sentence - word.sentence)
            later = name.first > sought.word
            said_times = sum(voice.who is one for voice in voices)
            is_last = last is not None and last.who is one
            near = is_last and last is not None and here.sentence - words[last.word].sentence <= 2
            first = name.first == 0 or words[max(0, name.first - len(name.title_words) - 2)].sentence != word.sentence
            named = [article.names[mention] for mention in one.mentions]
            sentences = {words[mention.first].sentence for mention in named}
            close = any(
                -4 <= stands - mention.last <= 3 and words[stands].sentence == words[mention.first].sentence
                for stands in (*before, *after)
                for mention in named
            )
            heard = spoke[at] == newest_voice >= 0
            recent = heard and here.sentence - words[article.names[newest_voice].first].sentence <= 2
            in_last = bool(before) and words[before[-1]].sentence in sentences
            beside_noun = [
                in_last, bool(before) and words[before[0]].sentence in sentences,
                bool(after) and words[after[0]].sentence in sentences,
                sum(words[stands].sentence in sentences for stands in before) / len(before) if before else 0.0,
                close, in_last and document, close and document,
                heard, recent, heard and noun is None,
            ]  # fmt: skip
            if isinstance(one, Body):
                called = noun is not None and noun in one.called
                beside = noun is not None and noun in one.beside
                kind = noun is not None and noun in one.kinds
                in_name = noun is not None and noun in one.words
                known = bool(one.called or any(_KINDS.get(part) for part in one.words))
                other = noun is not None and known and not (called or beside or kind)
                share = len(told & (one.told | set(one.words))) / len(told) if told else 0.0
                rows.append([
                    is_last, last_thing is not None and last_thing.who is one, near, log1p(said_times),
                    log1p(distance), distance == 0, distance == 1, here.paragraph == word.paragraph,
                    places[at] == newest, places[at] == newest_fitting and noun is not None,
                    sum(things) == 1, sum(fits) == 1 and fits[at] and noun is not None,
                    log1p(counts[at]), counts[at] == most, first, words[name.last - 1].possessive,
                    one.thing, len(one.words) == 1, word.quoted and not here.quoted,
                    called, kind, other, in_name, beside, share,
                    document and called, document and is_last, document and beside, document and bool(said_times),
                    noun is None and is_last, noun is None and places[at] == newest, noun is None and one.thing,
                    0.0, 0.0, 0.0, 0.0,
                    later, later and (called or beside), later and distance <= 2, later and here.sentence < 3,
                    sought.plain, *beside_noun,
                ])  # fmt: skip
            else:
                rows.append([0.0] * (len(FEATURES) - 19) + [
                    1.0, is_last, log1p(said_times), near, 0.0, 0.0, 0.0, 0.0, 0.0, *beside_noun,
                ])  # fmt: skip
        return some, [[float(value) for value in row] for row in rows]


def _initials(words: Sequence[str]) -> str:
    return "".join(word[0] for word in words if word not in ("of", "the", "for", "and", "on", "in"))
