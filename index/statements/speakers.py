"""Whose words: each source of an article, as printed, resolved to a name that the same article prints.

No coreference model: names are matched by their words, roles by what the article says of people, pronouns by a small
ranker. What stays in doubt is unresolved, with the mention as printed: a wrong name is worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from index.model import Span, Speaker
from index.statements import lexicon, names
from index.statements.antecedents import Asked, Spoken, Weights, candidates, chances, features, weights
from index.statements.entities import Article, Entity, Role, core, same_role
from index.statements.names import Gender, Name, matches, same_person

__all__ = ["matches", "resolve", "same_person"]

_PRONOUNS: dict[str, Gender] = {
    "he": "m",
    "him": "m",
    "his": "m",
    "himself": "m",
    "she": "f",
    "her": "f",
    "hers": "f",
    "herself": "f",
}
_RELATIVE = frozenset({"who", "whom", "whose", "which"})
_PLURAL = lexicon.word_set(
    "they them their we our us i me my you it its this that these those some many others one ones"
)
_DEFINITE = frozenset({"the", "this", "that"})
_OPENERS = lexicon.word_set(
    "a an the this that these those his her their its our my according to by from even both and but so then yet"
)
# Nouns that belong to the name before them: "the Clinton campaign", "Munich police".
_NAMING = lexicon.word_set(
    "campaign movement administration family police party government ministry army council commission"
)
# Papers and words that are somebody's own: "Mr. Hoff's letter".
_PERSONAL = lexicon.word_set(
    """statement letter tweet tweets post memo email op-ed column essay speech remarks words comments argument message
    address book blog testimony account story report filing complaint lawsuit video"""
)
_FROM = frozenset({"by", "from", "in", "of", "at", "on"})
# With a people or a place before them they name one body: "the Lebanese army", "New York magazine".
_BODIES = lexicon.word_set(
    "army military navy force police government ministry embassy consulate parliament cabinet magazine television"
)
_MOUTHPIECES = lexicon.word_set("spokesman spokeswoman spokesperson representative")
# Bodies whose name may stand beside them: "the party newspaper, Al Sabah".
_NAMESAKES = lexicon.word_set(
    "agency newspaper magazine group company party network channel movement website firm council"
)
# Before a name these say that it is not the bearer of the office: "a friend of singer Ruth Okafor".
_NO_OFFICE = lexicon.PREPOSITIONS | lexicon.ROLES | _OPENERS
# What may follow a noun without belonging to it: "a poll last week", "the poll this month".
_WHEN = lexicon.word_set("last this earlier late early yesterday today there here then now")
# How many sentences back an organisation that spoke may be for "it" and "the agency".
_NEAR = 2
# A surname that several people here bear is given to one of them only from this probability.
_SURE = 0.9


class _Head(NamedTuple):
    """What a mention is about. `name`: index of the speaker's name; `noun`: else the word that says what speaks."""

    name: int | None
    noun: int | None
    # Names before the noun, outermost first, and whether each is possessive.
    before: tuple[int, ...] = ()
    joined: bool = False
    end: int = 0


def resolve(text: str, sources: Sequence[Span], *, start: int = 0) -> list[Speaker]:
    """The speaker of each source, in order. `sources` are ascending spans of `text`; names before `start` do not count.

    A name is given only where `text[named_at]` prints it. Nothing is raised for any text.
    """
    return Resolver(text, start).resolve(sources)


class Resolver:
    """One article being resolved, source by source; `given` weights are those being fitted."""

    def __init__(self, text: str, start: int = 0, given: Weights | None = None) -> None:
        self.article = Article(text, start)
        self.given = given
        self.spoken: list[Spoken] = []
        # Organisations that spoke: the first word of the source, and the name.
        self.things: list[tuple[int, Span]] = []

    def resolve(self, sources: Sequence[Span]) -> list[Speaker]:
        """See the module's `resolve`."""
        done: dict[Span, Speaker] = {}
        for source in sources:
            if source not in done:
                done[source] = self.one(source)
        return [done[source] for source in sources]

    def one(self, source: Span) -> Speaker:
        """The speaker of the next source."""
        article = self.article
        first, last = article.range(source)
        unresolved = Speaker(mention=source, resolved="unresolved")
        if first >= last:
            return unresolved
        low = article.words[first].low
        if last - first == 1 and (low in _PRONOUNS or low in _PLURAL or low in _RELATIVE):
            return self._pronoun(source, first)
        head = self._head(first, last)
        if (
            low in ("his", "her")
            and head.noun == first + 1
            and article.words[first + 1].low in _PERSONAL
            and not head.before
        ):
            return self._pronoun(source, first)
        if head.name is not None:
            return self._named(source, first, last, head)
        if head.noun is not None:
            return self._noun(source, first, last, head)
        return unresolved

    def asked(
        self,
        word: int,
        gender: Gender | None,
        pronoun: str,
        noun: str | None = None,
        told: frozenset[str] = frozenset(),
    ) -> tuple[list[Entity], list[list[float]]]:
        """The candidates for a mention and their features; `noun` and `told` of a role ("the Vermont senator")."""
        question = Asked(word, gender, noun, told)
        some = candidates(self.article, question)
        return some, features(self.article, question, some, self.spoken, pronoun)

    def _pronoun(self, source: Span, word: int) -> Speaker:
        low = self.article.words[word].low
        if low in _RELATIVE:
            entity = self._antecedent_of_relative(word)
        elif low in _PRONOUNS:
            entity = self._rank(word, _PRONOUNS[low], low)
        else:
            entity = None
            if low in ("it", "they") and (said := self._thing_before(word)):
                return self._thing(source, said, "pronoun")
        if entity is None:
            return Speaker(mention=source, resolved="unresolved")
        return self._give(source, entity, "pronoun", word, low)

    def _antecedent_of_relative(self, word: int) -> Entity | None:
        """The person named right before "who"."""
        number = self.article.name_at.get(word - 1)
        if number is None:
            return None
        return self.article.bearer.get(number)

    def _rank(
        self,
        word: int,
        gender: Gender | None,
        pronoun: str,
        noun: str | None = None,
        told: frozenset[str] = frozenset(),
        only: Entity | None = None,
    ) -> Entity | None:
        """The likeliest antecedent, where it is likely enough or the `only` one with that role in so many words."""
        some, rows = self.asked(word, gender, pronoun, noun, told)
        if not some:
            return None
        fitted = self.given or weights()
        probabilities = chances(rows, fitted, role=noun is not None)
        best = max(range(len(some)), key=probabilities.__getitem__)
        limit = fitted.threshold if noun is None else fitted.role_threshold
        return some[best] if probabilities[best] >= limit or some[best] is only else None

    def _choose(self, word: int, gender: Gender | None, among: Sequence[Entity]) -> Entity | None:
        """Which of several bearers of one surname is meant, where one is much likelier than the others."""
        some, rows = self.asked(word, gender, "")
        kept = [at for at, one in enumerate(some) if any(one is other for other in among)]
        if not kept:
            return None
        probabilities = chances(rows, self.given or weights())
        best = max(kept, key=probabilities.__getitem__)
        return some[best] if probabilities[best] >= _SURE * sum(probabilities[at] for at in kept) else None

    def _head(self, first: int, last: int) -> _Head:
        """Finds the speaker in a mention: the head of its first noun phrase, or the name set beside it."""
        head = self._phrase(first, last)
        words = self.article.words
        if head.name is not None:
            # "Henderson, Nevada, police officer Mike Dye": a town and its state are not the speaker.
            after = self.article.name_at.get(head.end)
            if head.end < last and after is not None and self.article.names[after].kind == "place":
                beside = self._beside(self.article.names[after].last, last)
                if beside is not None and self._is_person(beside.name):
                    return beside
            return head
        if head.noun is None:
            return head
        noun = words[head.noun].low
        if noun in lexicon.ROLES and head.end < last and words[head.end].low == "of":
            number = self._after_office(head.end + 2, last)
            if number is not None:
                return _Head(number, head.noun, head.before, False, self.article.names[number].last)
        beside = self._beside(head.end, last)
        if beside is None or beside.name is None:
            return head
        if noun in lexicon.COLLECTIVES:
            # "the state's fire agency, Cal Fire"; of a poll or of officials it would be something else.
            named = noun in _NAMESAKES and self._organisation(beside.name)
            return beside if named else head
        # "A spokeswoman for the council, Bernadette Meehan"
        return beside if self._is_person(beside.name) else head

    def _beside(self, at: int, last: int) -> _Head | None:
        """The noun phrase after the first comma or dash from word `at` on, if a name heads it."""
        while at < last:
            gap = self.article.gap(at - 1)
            if any(mark in gap for mark in ",—–") or " - " in gap:
                beside = self._phrase(at, last)
                if beside.name is not None:
                    return None if beside.joined else beside
            at += 1
        return None

    def _is_person(self, number: int | None) -> bool:
        return (
            number is not None
            and self.article.names[number].kind == "person"
            and self.article.bearer.get(number) is not None
        )

    def _after_office(self, at: int, last: int) -> int | None:
        """The name that follows an office with "of" in it: "Speaker of the House Rep. Paul Ryan"."""
        words = self.article.words
        while at < last and not any(mark in self.article.gap(at - 1) for mark in ",—–;"):
            number = self.article.name_at.get(at)
            if number is not None and self.article.names[number].first == at:
                name = self.article.names[number]
                before = words[at - len(name.title_words) - 1]
                whole = name.kind == "person" and name.sure and name.last - at > 1
                if whole and not before.possessive and before.low not in _NO_OFFICE:
                    return number
            at += 1
        return None

    def _phrase(self, first: int, last: int) -> _Head:
        """The head of the noun phrase that opens at word `first`."""
        article = self.article
        at = first
        while (
            at < last and article.words[at].low in _OPENERS and at not in article.name_at and at not in article.titled
        ):
            at += 1
        before: list[int] = []
        noun: int | None = None
        while at < last:
            number = article.titled.get(at)
            if number is not None and article.names[number].first < last:
                at = article.names[number].first
            number = article.name_at.get(at)
            if number is not None:
                name = article.names[number]
                if name.first < at and at > first:
                    return _Head(None, noun, tuple(before), end=at + 1)
                end = min(name.last, last)
                if not self._goes_on(end, last) and not article.words[end - 1].possessive:
                    return _Head(number, noun, tuple(before), self._coordinated(end, last), end)
                if article.words[end - 1].possessive and end >= last:
                    return _Head(number, noun, tuple(before), False, end)
                before.append(number)
                at = end
                continue
            word = article.words[at]
            if word.low == "and" and self._person_of(noun, before):
                rest = self._phrase(at + 1, last)
                if (
                    rest.name is not None
                    and article.names[rest.name].kind == "person"
                    and article.words[at + 1].low not in _OPENERS
                ):
                    return rest
            if word.low in lexicon.PREPOSITIONS and word.low not in ("over", "under", "like"):
                break
            if (
                noun is not None
                and article.words[noun].low in lexicon.COLLECTIVES
                and (word.low in _WHEN or word.low in lexicon.NEVER or word.low.endswith("ed"))
            ):
                break
            noun = at
            at += 1
            if at < last and not self._close(at - 1):
                # "the security expert, Fadhel Abu Ragheef" and "spokesman, John Smith" break here.
                break
        return _Head(None, noun, tuple(before), end=at)

    def _person_of(self, noun: int | None, before: Sequence[int]) -> bool:
        """Whether a phrase so far says what one person is: "comedian", "Popular Christian"."""
        if noun is not None:
            return self.article.words[noun].low in lexicon.ROLES
        return bool(before) and self.article.words[self.article.names[before[-1]].last - 1].low in lexicon.PEOPLES

    def _close(self, word: int) -> bool:
        """Whether the phrase may go on after a word: no comma, bracket or dash."""
        return self.article.gap(word).strip(" \xa0\n\r\t\"“”'’s/") == ""

    def _goes_on(self, at: int, last: int) -> bool:
        """Whether the words from `at` continue the noun phrase of the name before them."""
        if at >= last or not self._close(at - 1):
            return False
        word = self.article.words[at]
        if at in self.article.name_at or at in self.article.titled:
            return True
        if word.low in lexicon.PREPOSITIONS or word.low in lexicon.SPEECH or word.low in lexicon.NEVER:
            return False
        if word.text.islower() and (
            word.low.endswith("ly")
            or word.low.endswith(("ed", "ing"))
            or word.low in ("himself", "herself", "led", "now", "then")
        ):
            return False
        return word.text[0].isalpha() or word.text[0].isdigit()

    def _coordinated(self, at: int, last: int) -> bool:
        """Whether the name that ends before word `at` is the first of two: "X and Y"."""
        if at >= last or self.article.words[at].low not in ("and", "&"):
            return False
        other = self._phrase(at + 1, last)
        return other.name is not None and self.article.names[other.name].kind == "person"

    def _named(self, source: Span, first: int, last: int, head: _Head) -> Speaker:
        article = self.article
        number = head.name
        assert number is not None
        name = article.names[number]
        if head.joined:
            return self._pair(source, name, head.end, last)
        entity = article.bearer.get(number)
        if number in article.homonyms:
            entity = self._choose(name.first, _told(name), article.homonyms[number])
            if entity is None:
                return Speaker(mention=source, resolved="unresolved")
        whole = name.last - name.first > 1 and name.first >= first
        if entity is not None and entity.full and not (whole and core(article.print(name))[0] == entity.core[0]):
            return self._give(source, entity, "surname", name.first, "", self._own_role(name, first, last))
        if entity is None and name.kind != "place" and (longer := self._longer(name)):
            return self._thing(source, longer, "surname")
        low = article.words[name.first].low
        if (
            low in lexicon.ROLES & lexicon.PEOPLES
            and name.last - name.first == 1
            and article.words[first].low in _DEFINITE
        ):
            # "the Republican from Alabama"
            return self._noun(source, first, last, _Head(None, name.first, head.before, end=name.last))
        if entity is None and article.words[name.first].low in lexicon.PEOPLES and name.last - name.first == 1:
            return Speaker(mention=source, resolved="unresolved")
        role = self._own_role(name, first, last) or (entity and _best(entity.roles, name.start))
        if entity is not None:
            self.spoken.append(Spoken(name.first, "", entity))
        return self._thing(source, Span(name.start, name.end), "named", role.span if role else None)

    def _pair(self, source: Span, name: Name, at: int, last: int) -> Speaker:
        """Two people, both named: one name where they are printed side by side, else nobody alone."""
        article = self.article
        other = article.name_at.get(at + 1)
        if other is not None and article.names[other].first == at + 1:
            second = article.names[other]
            full = second.last - second.first > 1 and not second.title
            if second.last >= last and second.kind == name.kind and (full or name.kind == "thing"):
                return self._thing(source, Span(name.start, second.end), "named")
        return Speaker(mention=source, resolved="unresolved")

    def _longer(self, name: Name) -> Span | None:
        """The longer name of an organisation that a short one stands for by its last word: "the Post"."""
        article = self.article
        printed = article.print(name)
        parts = names.fold(printed)
        if len(parts) != 1 or len(printed) < 4:
            return None
        some = {
            names.fold(article.print(other)): Span(other.start, other.end)
            for other in reversed(article.names)
            if other.kind == "thing" and other.last - other.first > 1 and names.fold(article.print(other))[-1:] == parts
        }
        return next(iter(some.values())) if len(some) == 1 else None

    def _noun(self, source: Span, first: int, last: int, head: _Head) -> Speaker:
        article = self.article
        assert head.noun is not None
        noun = article.words[head.noun].low
        unresolved = Speaker(mention=source, resolved="unresolved")
        document, group = noun in lexicon.DOCUMENTS | _PERSONAL, noun in lexicon.GROUPS
        if document or group:
            if head.before:
                number = head.before[-1]
                name = article.names[number]
                people = name.kind == "place" or article.words[name.last - 1].low in lexicon.PEOPLES
                if noun in _BODIES and people and head.noun - name.last < 3:
                    return self._thing(source, Span(name.start, article.words[head.noun].end), "named")
                if noun in _NAMING and name.last == head.noun:
                    return self._thing(source, Span(name.start, article.words[head.noun].end), "named")
                if article.words[name.last - 1].possessive and noun in _PERSONAL and name.last == head.noun:
                    return self._named(source, first, name.last, _Head(number, None, end=name.last))
                if self._organisation(number):
                    return self._thing(source, self._longer(name) or Span(name.start, name.end), "named")
                return unresolved
            author = self._author(head, last) if document else None
            if author is not None:
                return self._named(source, first, last, _Head(author, None, end=article.names[author].last))
            if document and (origin := self._origin(head, last)):
                return self._thing(source, origin, "named")
            if meant := self._by_group(first, last, noun):
                return self._thing(source, meant, "role")
            return unresolved
        if head.before:
            number = head.before[-1]
            name = article.names[number]
            organisation = self._organisation(number)
            if noun in _MOUTHPIECES and organisation:
                return self._thing(source, Span(name.start, name.end), "named")
            if organisation and name.kind == "thing" and noun not in lexicon.ROLES:
                return self._thing(source, self._longer(name) or Span(name.start, name.end), "named")
        entity = self._by_role(first, last, head, noun)
        if entity is None:
            return unresolved
        return self._give(source, entity, "role", head.noun, "")

    def _author(self, head: _Head, last: int) -> int | None:
        """The person who wrote the paper: "a study by a Russian sociologist, Mikhail Dmitriyev"."""
        assert head.noun is not None
        if head.end >= last or self.article.words[head.end].low != "by":
            return None
        inner = self._head(head.end + 1, last)
        if inner.joined or not self._is_person(inner.name) or self._organisation(inner.name or 0):
            return None
        return inner.name

    def _origin(self, head: _Head, last: int) -> Span | None:
        """Whose paper it is: "a report in the Washington Post", "a poll released on Friday by Latino Decisions"."""
        article = self.article
        assert head.noun is not None
        links = [at for at in range(head.noun + 1, last) if article.words[at].low in _FROM]
        authors = [at for at in links if article.words[at].low == "by"]
        for at in [*links[:1], *authors[:1]]:
            if origin := self._organisation_at(at + 1, last):
                return origin
        return None

    def _organisation_at(self, first: int, last: int) -> Span | None:
        """The organisation that the noun phrase from word `first` names or belongs to."""
        article = self.article
        inner = self._phrase(first, last)
        if inner.joined:
            return None
        if inner.name is not None and self._organisation(inner.name):
            name = article.names[inner.name]
            return self._longer(name) or Span(name.start, name.end)
        if inner.noun is not None and inner.before:
            noun = article.words[inner.noun].low
            name = article.names[inner.before[-1]]
            if noun in _NAMING and name.last == inner.noun:
                return Span(name.start, article.words[inner.noun].end)
            if noun in lexicon.COLLECTIVES and self._organisation(inner.before[-1]):
                return Span(name.start, name.end)
        return None

    def _thing_before(self, word: int) -> Span | None:
        """The organisation that spoke last, if it was the last to speak and did so nearby."""
        if not self.things:
            return None
        at, span = self.things[-1]
        words = self.article.words
        if self.spoken and self.spoken[-1].word > at:
            return None
        return span if 0 <= words[word].sentence - words[at].sentence <= _NEAR else None

    def _by_group(self, first: int, last: int, noun: str) -> Span | None:
        """The organisation that "the agency" or "the poll" means: whose name has that word, or which spoke last."""
        article = self.article
        if article.words[first].low not in _DEFINITE or noun.endswith("s"):
            return None
        told = {article.words[at].low for at in range(first + 1, last)}
        called: dict[tuple[str, ...], Span] = {}
        beside: Span | None = None
        for number, name in enumerate(article.names):
            naming = noun in _NAMING
            if name.kind == "place" or not (naming or self._organisation(number)):
                continue
            parts = names.fold(article.print(name))
            if len(parts) > 1 and name.kind == "thing" and told <= set(parts):
                called.setdefault(parts, Span(name.start, name.end))
            before = name.last < first and not article.words[name.last - 1].possessive
            if before and article.words[name.last].low == noun and (naming or name.kind == "thing"):
                beside = Span(name.start, article.words[name.last].end if naming else name.end)
        if len(called) == 1:
            return next(iter(called.values()))
        if beside and not called:
            return beside
        return self._thing_before(first) if not called else None

    def _organisation(self, number: int) -> bool:
        """Whether a name seems an organisation's: nothing speaks for a person, a people or a place."""
        name = self.article.names[number]
        if name.kind == "place" or (
            name.last - name.first == 1 and self.article.words[name.first].low in lexicon.PEOPLES
        ):
            return False
        if name.kind == "thing":
            return True
        entity = self.article.bearer.get(number)
        if name.sure or name.title:
            return False
        return entity is None or not (entity.sure or entity.roles or (entity.full and entity.reused) or entity.gender)

    def _by_role(self, first: int, last: int, head: _Head, noun: str) -> Entity | None:
        """The person whom the article has given this role, if exactly one fits."""
        article = self.article
        here = article.words[first].start
        heads = same_role(noun)
        told = frozenset(article.words[at].low for at in range(first, last))
        definite = article.words[first].low in _DEFINITE
        owners = {
            core(article.print(article.names[number]))[-1]
            for number in head.before
            if article.words[article.names[number].last - 1].possessive
        }
        if not (definite or owners):
            return None
        inside = set(range(first, last))
        some = []
        for entity in article.entities:
            if not entity.mentions or any(
                article.names[at].first in inside for at in entity.mentions if at in head.before
            ):
                continue
            fitting = [role for role in entity.roles if role.heads & heads]
            if not fitting:
                continue
            if owners and not all(any(owner in " ".join(role.words) for role in fitting) for owner in owners):
                continue
            some.append((entity, fitting))
        gender: Gender | None = (
            "m" if noun in lexicon.MASCULINE_ROLES else "f" if noun in lexicon.FEMININE_ROLES else None
        )
        some = [(one, roles) for one, roles in some if gender is None or one.gender in (None, gender)]
        earlier = [(one, roles) for one, roles in some if article.names[one.mentions[0]].start < here]
        exact = [(one, roles) for one, roles in earlier if any(noun in role.heads for role in roles)]
        if owners:
            return exact[0][0] if len(exact) == 1 else None
        if (noun not in lexicon.ROLES and not noun.endswith("year-old")) or (
            head.before and article.words[head.noun or first].text[0].isupper()
        ):
            return None
        only = exact[0][0] if len(exact) == 1 else None
        return self._rank(first, gender, "the", noun, told - _OPENERS - {noun}, only)

    def _give(
        self,
        source: Span,
        entity: Entity,
        how: Literal["surname", "role", "pronoun"],
        word: int,
        pronoun: str,
        role: Role | None = None,
    ) -> Speaker:
        """The speaker is this person, under the name that the article prints whole first."""
        self.spoken.append(Spoken(word, pronoun, entity))
        role = role or _best(entity.roles, self.article.words[word].start)
        return self._thing(source, entity.span, how, role.span if role else None)

    def _thing(
        self, source: Span, at: Span, how: Literal["named", "surname", "role", "pronoun"], role: Span | None = None
    ) -> Speaker:
        name = " ".join(self.article.text[at.start : at.end].split())
        word = self.article.range(source)[0]
        if not (self.spoken and self.spoken[-1].word >= word):
            self.things.append((word, at))
        return Speaker(mention=source, resolved=how, name=name, named_at=at, role=role)

    def _own_role(self, name: Name, first: int, last: int) -> Role | None:
        """The role that the mention itself gives, whole."""
        article = self.article
        after = article.apposition(name, last) if name.last < last else None
        before = article.premodifier(name, first) if name.first > first else None
        if after or before:
            return after or before
        return (
            Role(name.title, frozenset(name.title_words), frozenset())
            if name.title and not set(name.title_words) <= lexicon.HONORIFICS
            else None
        )


def _best(roles: Sequence[Role], here: int) -> Role | None:
    """The role printed last before a place, else the first: the fullest of those that say the same."""
    before = [role for role in roles if role.span.start <= here]
    return max(
        before or list(roles), key=lambda role: (role.span.end - role.span.start > 8, role.span.start), default=None
    )


def _told(name: Name) -> Gender | None:
    if set(name.title_words) & lexicon.MRS:
        return "f"
    return "m" if set(name.title_words) & lexicon.MR else None
