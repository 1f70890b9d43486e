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
from index.statements.bodies import Bodies, Body, Sought, Voice, singular
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
_RELATIVE = frozenset({"who", "whom", "which", "that"})
# Pronouns that can only be subjects: words after them in a mention belong to the sentence.
_SUBJECTS = frozenset({"he", "she", "they", "it", "who"})
# What a name stands in that is itself said of somebody: "an aide to Peter Lund, who".
_WITHIN = lexicon.PREPOSITIONS - {"by", "that", "who", "which", "but", "and", "or", "as", "when", "while", "where"}
_WHERE = frozenset({"from", "in", "at", "near"})
# How an apposition opens after the comma, and how many words it may have.
_APPOSED = lexicon.word_set("a an the from of at in his her their its one former senior who") - {"who"}
_APPOSITION = 16
# Nouns for one body that is called by what it is: a name before them is not its own ("the Switch maker").
_OWN_KIND = lexicon.word_set(
    "company maker giant carmaker automaker retailer chain operator developer firm charity startup carrier"
)
_PLURAL = lexicon.word_set(
    "they them their we our us i me my you it its this that these those some many others one ones"
)
_DEFINITE = frozenset({"the", "this", "that"})
_OPENERS = lexicon.word_set(
    "a an the this that these those his her their its our my according to by from even both and but so then yet"
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
_DIRECTIONS = lexicon.word_set("south north east west")
# What may follow a noun without belonging to it: "a poll last week", "the poll this month".
# Before "by" they say something else than who made a paper.
_NOT_MADE = lexicon.word_set("led headed founded backed owned run chaired seen obtained viewed reviewed cited held")
_WHEN = lexicon.word_set("last this earlier late early yesterday today there here then now")
# Whose somebody is, and the same as the only word of a list.
_OWNING = lexicon.word_set("his her their its my our whose")
_OWNERS = [[word] for word in sorted(_OWNING)]
# The only one who has a role in so many words needs less.
_ONLY = 0.3
_ALONE = frozenset(_PRONOUNS) | _RELATIVE | _PLURAL
# Nouns that a mention lacks at its end: "an Iranian ministry [spokesman]", "the Conservative [Party]".
_CUT_OFF = lexicon.word_set(
    "spokesman spokeswoman spokesperson official officials police party magazine newspaper network"
)
# Nouns that tell too little to mean somebody whom the article has not called so.
_ANYBODY = lexicon.word_set(
    "official employee worker resident source man woman witness person reporter diplomat passenger"
)
# What belongs to an office holder and speaks as one: "Ryan's office".
_OFFICES = lexicon.word_set("office campaign administration team camp foundation lawyers attorneys")
_REACH = 8
# Sentences that open a story, and how far on the name of whom they speak of may stand.
_LEAD = 4
_AHEAD = 8
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
        self.bodies = Bodies(self.article, self._organisation)
        self.spoken: list[Spoken] = []
        self.voices: list[Voice] = []

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
        first, last = self._mended(source)
        unresolved = Speaker(mention=source, resolved="unresolved")
        if first >= last:
            return unresolved
        low = article.words[first].low
        alone = last - first == 1
        if alone and (low in _PRONOUNS or low in _PLURAL or low in _RELATIVE):
            return self._pronoun(source, first)
        if not alone and low in _SUBJECTS and article.words[first + 1].low not in ("and", "or"):
            # "he reportedly", "who earlier this year": the tagger took words of the sentence along.
            return self._pronoun(source, first)
        bearer = self._bare(first, last)
        if bearer is not None:
            return self._give(source, bearer, "surname", first, "")
        head = self._head(first, last)
        apposed = self._apposed_to(source, first, last) if head.name is None else None
        if apposed is not None:
            name = article.names[apposed]
            return self._named(source, name.first, last, _Head(apposed, None, end=name.last))
        if (
            low in ("his", "her")
            and head.noun == first + 1
            and article.words[first + 1].low in lexicon.PERSONAL
            and not head.before
        ):
            return self._pronoun(source, first)
        if head.name is not None:
            return self._named(source, first, last, head)
        if head.noun is not None:
            return self._noun(source, first, last, head)
        return unresolved

    def _mended(self, source: Span) -> tuple[int, int]:
        """The words of a mention, whole: the tagger cuts some within a word ("s envoy") or a noun phrase ("The")."""
        article = self.article
        words = article.words
        first, last = article.range(source)
        if first >= last:
            return first, last
        if first and source.start <= words[first - 1].end + 1 and words[first - 1].possessive:
            first = self._left(first - 1)
        elif first and article.gap(first - 1) == " " and words[first].low not in _OPENERS | _ALONE:
            before = words[first - 1]
            noun = words[first].low in lexicon.COLLECTIVES | lexicon.BODY_NOUNS
            if before.low in ("a", "an", "the") or (
                noun and first - 1 in article.name_at and first not in article.name_at
            ):
                first = self._left(first - 1)
        cut = words[last - 1].low
        if last - first == 1 and (cut in ("a", "an", "the") or cut in _OWNING):
            end = last
            while end < len(words) and end - first < _REACH and self._close(end - 1):
                if words[end].low in lexicon.SPEECH | lexicon.PREPOSITIONS or words[end].low in lexicon.NEVER:
                    break
                end += 1
            if cut not in _OWNING or (end - last < 4 and end > last and words[end - 1].low in lexicon.ROLES):
                last = end
        elif (
            last < len(words)
            and article.gap(last - 1) == " "
            and source.end == words[last - 1].end
            and words[last].low in _CUT_OFF
            and (last - 1 in article.name_at or cut in lexicon.BODY_NOUNS)
        ):
            last += 1
        return first, last

    def _left(self, word: int) -> int:
        """The first word of the name that has this word, with its article."""
        number = self.article.name_at.get(word)
        at = self.article.names[number].first if number is not None else word
        return at - 1 if at and number is not None and self.article.words[at - 1].low in ("a", "an", "the") else at

    def _apposed_to(self, source: Span, first: int, last: int) -> int | None:
        """The name that a mention is an apposition to: "Lund, [a physician from Ohio,] said"."""
        article = self.article
        number = article.name_at.get(first - 1)
        if number is None or article.gap(first - 1).strip() != "," or not self._is_person(number):
            return None
        opener = article.words[first].low
        closed = article.text[source.end - 1 : source.end + 1].strip()[-1:] == "," or article.gap(last - 1).startswith(
            ","
        )
        return number if opener == "former" or (closed and opener in ("a", "an")) else None

    def _bare(self, first: int, last: int) -> Entity | None:
        """Whom a surname that is a common word or a title names: "Singer", "From" after "Jasmin Singer", "Al From"."""
        article = self.article
        word = article.words[first]
        if last - first != 1 or not word.text[0].isupper() or article.bearer.get(article.name_at.get(first, -1)):
            return None
        if word.low in _PRONOUNS or word.low in lexicon.PEOPLES | lexicon.PLACES:
            return None
        some = [one for one in article.entities if one.full and one.sure and one.mentions and one.core[-1] == word.low]
        return some[0] if len(some) == 1 else None

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

    def asked_body(self, sought: Sought) -> tuple[list[Body | Entity], list[list[float]]]:
        """The candidates for a mention of an organisation and their features."""
        return self.bodies.rank(sought, self.voices, self.article.entities)

    def _body(self, sought: Sought) -> Body | Entity | None:
        """The likeliest organisation (of a document also its author), where it is likely enough."""
        some, rows = self.asked_body(sought)
        if not some:
            return None
        fitted, sort = (self.given or weights()).bodies, sought.sort
        probabilities = chances(rows, fitted, sort)
        best = max(range(len(some)), key=probabilities.__getitem__)
        return some[best] if probabilities[best] >= fitted.threshold[sort] else None

    def _pronoun(self, source: Span, word: int) -> Speaker:
        low = self.article.words[word].low
        meant: Body | Entity | None = None
        if low in _RELATIVE:
            meant = self._antecedent_of_relative(word, low)
        elif low in _PRONOUNS:
            meant = self._rank(word, _PRONOUNS[low], low)
        elif low in ("it", "they"):
            meant = self._body(Sought(word, None, frozenset({low})))
        if meant is None:
            return Speaker(mention=source, resolved="unresolved")
        if isinstance(meant, Body):
            return self._thing(source, meant.span, "pronoun")
        return self._give(source, meant, "pronoun", word, low)

    def _antecedent_of_relative(self, word: int, low: str) -> Body | Entity | None:
        """Who is named right before "who" or "which", or with an apposition between: "Ann Lee, 24, from York, who"."""
        article = self.article
        at = word
        for _ in range(4):
            number = article.name_at.get(at - 1)
            if number is not None and article.words[at - 1].sentence == article.words[word].sentence:
                if low in ("which", "that"):
                    return self.bodies.of.get(number)
                before = article.words[article.names[number].first - 1] if article.names[number].first else None
                other = before is not None and (before.low in _WITHIN or before.possessive)
                place = before is not None and before.low in _WHERE and not self._whole(number)
                if self._is_person(number) and not place and (at == word or not other):
                    return article.bearer.get(number)
            begin = self._apposition_before(at)
            if begin is None or low in ("which", "that"):
                return None
            at = begin
        return None

    def _apposition_before(self, at: int) -> int | None:
        """The first word of the apposition between commas that ends before word `at`, None where there is none."""
        article = self.article
        if article.gap(at - 1).strip() not in (",", "—", "–"):
            return None
        begin = at - 1
        while begin > 0 and at - begin < _APPOSITION and article.gap(begin - 1).strip(" \xa0'’s") == "":
            begin -= 1
        opening = article.words[begin]
        if (
            begin == 0
            or article.gap(begin - 1).strip() not in (",", "—", "–")
            or any(article.words[one].low in lexicon.SPEECH for one in range(begin, at))
        ):
            return None
        place = begin in article.name_at and article.names[article.name_at[begin]].kind == "place"
        beginning = opening.text[0].isdigit() or opening.low in _APPOSED or opening.low in lexicon.ROLES or place
        return begin if beginning else None

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
        fitted = (self.given or weights()).persons
        sort = "pronoun" if noun is None else "role"
        probabilities = chances(rows, fitted, sort)
        best = max(range(len(some)), key=probabilities.__getitem__)
        limit = fitted.threshold[sort]
        sure = limit if some[best] is not only else min(limit, _ONLY)
        return some[best] if probabilities[best] >= sure else None

    def _choose(self, word: int, gender: Gender | None, among: Sequence[Entity]) -> Entity | None:
        """Which of several bearers of one surname is meant, where one is much likelier than the others."""
        # In a family the plain surname is kept for the one by whom the others are introduced.
        whole = {id(one): sum(self._whole(at) for at in one.mentions) for one in among}
        first = min(among, key=lambda one: one.span.start)
        others = [one for one in among if one is not first]
        if not any(role.heads & lexicon.KIN for role in first.roles) and all(
            whole[id(one)] <= min(2, whole[id(first)]) and any(role.heads & lexicon.KIN for role in one.roles)
            for one in others
        ):
            return first
        some, rows = self.asked(word, gender, "")
        kept = [at for at, one in enumerate(some) if any(one is other for other in among)]
        if not kept:
            return None
        probabilities = chances(rows, (self.given or weights()).persons, "pronoun")
        best = max(kept, key=probabilities.__getitem__)
        return some[best] if probabilities[best] >= _SURE * sum(probabilities[at] for at in kept) else None

    def _whole(self, number: int) -> bool:
        """Whether a mention prints more than one word of the name."""
        return self.article.names[number].last - self.article.names[number].first > 1

    def _head(self, first: int, last: int) -> _Head:
        """Finds the speaker in a mention: the head of its first noun phrase, or the name set beside it."""
        head = self._phrase(first, last)
        words = self.article.words
        called = self._called_last(first, last)
        if called is not None and (
            head.name is None or self.article.names[head.name].first < self.article.names[called].first
        ):
            name = self.article.names[called]
            return _Head(called, head.noun, head.before, self._coordinated(name.last, last), name.last)
        if head.name is not None:
            # "Henderson, Nevada, police officer Mike Dye": a town and its state are not the speaker.
            after = self.article.name_at.get(head.end)
            if head.end < last and after is not None and self.article.names[after].kind == "place":
                beside = self._beside(self.article.names[after].last, last)
                if beside is not None and not beside.joined and self._is_person(beside.name):
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
            named = noun in _NAMESAKES and not beside.joined and self._organisation(beside.name)
            pair = beside.joined and noun in lexicon.GROUPS and self._is_person(beside.name)
            return beside if named or pair else head
        # "A spokeswoman for the council, Bernadette Meehan"
        if beside.joined and not (noun.endswith("s") and singular(noun) in lexicon.ROLES):
            return head
        return beside if self._is_person(beside.name) else head

    def _called_last(self, first: int, last: int) -> int | None:
        """The full name that ends a long premodifier: "pop expert and “Fame” author Ann Lee"."""
        article, words = self.article, self.article.words
        at = first
        inside = 0
        while at < last:
            if at > first and any(mark in article.gap(at - 1) for mark in ",—–;("):
                return None
            number = article.name_at.get(at)
            if number is None:
                if words[at].low in lexicon.PREPOSITIONS:
                    # What "and" joins to an office with "of" is again said of the one who is named.
                    inside = 0 if words[at].low in ("and", "or") else 1
                    if words[at].low in ("who", "that", "which", "whose", "by"):
                        return None
                at += 1
                continue
            name = article.names[number]
            before = words[at - 1] if at > first else None
            whole = name.kind == "person" and name.last - name.first > 1 and name.last <= last
            role = before is not None and before.text.islower() and before.low in lexicon.ROLES
            if whole and role and not inside and self._is_person(number):
                return number
            at = max(name.last, at + 1)
        return None

    def _beside(self, at: int, last: int) -> _Head | None:
        """The noun phrase after the first comma or dash from word `at` on, if a name heads it."""
        while at < last:
            gap = self.article.gap(at - 1)
            if any(mark in gap for mark in ",—–") or " - " in gap:
                beside = self._phrase(at, last)
                if beside.name is not None:
                    return beside
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
            if noun is not None and self._says_more(noun, at):
                break
            noun = at
            at += 1
            if at < last and not self._close(at - 1):
                # "the security expert, Fadhel Abu Ragheef" and "spokesman, John Smith" break here.
                break
        return _Head(None, noun, tuple(before), end=at)

    def _says_more(self, noun: int, at: int) -> bool:
        """Whether a word after a noun opens what is said of it: "a judge overseeing a case"."""
        word = self.article.words[at]
        if word.low in ("a", "an", "the"):
            return True
        if word.low in ("named", "called") and at + 1 in self.article.name_at:
            return False
        role = self.article.words[noun].low
        return (role in lexicon.ROLES or role in lexicon.COLLECTIVES) and (
            word.text.islower() and word.low.endswith(("ing", "ed")) and word.low not in lexicon.ROLES
        )

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
        explained = self.bodies.whole.get(article.print(name))
        if explained is not None:
            return self._thing(source, explained.span, "surname")
        low = article.words[name.first].low
        if (
            low in lexicon.ROLES & lexicon.PEOPLES
            and name.last - name.first == 1
            and article.words[first].low in _DEFINITE
        ):
            # "the Republican from Alabama"
            return self._noun(source, first, last, _Head(None, name.first, head.before, end=name.last))
        if entity is None and article.words[name.first].low in lexicon.PEOPLES and name.last - name.first == 1:
            if low in lexicon.PARTIES and name.last >= last and self._plain_party(first, name):
                return self._thing(source, Span(name.start, name.end), "named")
            return Speaker(mention=source, resolved="unresolved")
        role = self._own_role(name, first, last) or (entity and _best(entity.roles, name.start))
        if entity is not None:
            self.spoken.append(Spoken(name.first, "", entity))
            self.voices.append(Voice(name.first, entity))
        return self._thing(source, Span(name.start, name.end), "named", role.span if role else None)

    def _plain_party(self, first: int, name: Name) -> bool:
        """Whether the plural of a party's members stands for the party: no "some", "most" or number before it."""
        return first == name.first or (name.first - first == 1 and self.article.words[first].low == "the")

    def _pair(self, source: Span, name: Name, at: int, last: int) -> Speaker:
        """Two people, both named: one name where they are printed side by side, else nobody alone."""
        article = self.article
        other = article.name_at.get(at + 1)
        if other is not None and article.names[other].first == at + 1:
            second = article.names[other]
            full = second.last - second.first > 1 and not second.title
            after = article.words[second.last].low if second.last < last else ""
            ends = second.last >= last or not self._close(second.last - 1) or after in lexicon.PREPOSITIONS - {"and"}
            if ends and second.kind == name.kind and (full or name.kind == "thing"):
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
        document = noun in lexicon.DOCUMENTS | lexicon.PERSONAL
        if document or noun in lexicon.GROUPS | _BODIES | lexicon.BODY_NOUNS:
            if head.before and noun in _OWN_KIND:
                return self._called(source, first, head, noun) or unresolved
            if head.before:
                number = head.before[-1]
                name = article.names[number]
                people = name.kind == "place" or article.words[name.last - 1].low in lexicon.PEOPLES
                if noun in _BODIES and people and head.noun - name.last < 3:
                    return self._thing(source, Span(name.start, article.words[head.noun].end), "named")
                if noun in lexicon.NAMING and name.last == head.noun:
                    return self._thing(source, Span(name.start, article.words[head.noun].end), "named")
                if article.words[name.last - 1].possessive and noun in _OFFICES and head.noun - name.last < 3:
                    return self._thing(source, Span(name.start, article.words[head.noun].end), "named")
                if article.words[name.last - 1].possessive and noun in lexicon.PERSONAL and head.noun - name.last < 2:
                    return self._named(source, first, name.last, _Head(number, None, end=name.last))
                owner = head.before[-2] if len(head.before) > 1 else number
                if (
                    noun in lexicon.PERSONAL
                    and article.words[article.names[owner].last - 1].possessive
                    and self._is_person(owner)
                ):
                    # "Mr. Lund's Facebook post"
                    return self._named(
                        source, first, article.names[owner].last, _Head(owner, None, end=article.names[owner].last)
                    )
                if self._organisation(number) or (
                    # "the Al Ittihad news network" is none of a man called Al
                    noun in lexicon.BODY_NOUNS - lexicon.NAMING
                    and head.noun - name.last < 2
                    and not article.words[name.last - 1].possessive
                    and self._called_once(number)
                    and not name.title
                    and name.kind != "place"
                    and article.words[name.first].low not in lexicon.PEOPLES
                ):
                    return self._thing(source, self._longer(name) or Span(name.start, name.end), "named")
                return unresolved
            author = self._author(head, last) if document else None
            if author is not None:
                return self._named(source, first, last, _Head(author, None, end=article.names[author].last))
            if document and (origin := self._origin(head, last)):
                return self._thing(source, origin, "named")
            return self._called(source, first, head, noun) or unresolved
        if head.before:
            number = head.before[-1]
            name = article.names[number]
            organisation = self._organisation(number)
            if noun in _MOUTHPIECES and name.kind == "place" and head.noun - name.last == 1:
                body = article.words[name.last]
                if body.low in ("police", "government", "army", "military", "embassy"):
                    return self._thing(source, Span(name.start, body.end), "named")
            if noun in _MOUTHPIECES and organisation:
                return self._thing(source, Span(name.start, name.end), "named")
            if organisation and name.kind == "thing" and noun not in lexicon.ROLES:
                return self._thing(source, self._longer(name) or Span(name.start, name.end), "named")
        entity = self._named_after(last, noun) or self._by_role(first, last, head, noun)
        if entity is None:
            return unresolved
        return self._give(source, entity, "role", head.noun, "")

    def _author(self, head: _Head, last: int) -> int | None:
        """The person who made a paper: "a study by a Russian sociologist, Mikhail Dmitriyev"."""
        assert head.noun is not None
        for at in range(head.noun + 1, last):
            if self.article.words[at].low == "by" and self.article.words[at - 1].low not in _NOT_MADE:
                inner = self._head(at + 1, last)
                if inner.joined or not self._is_person(inner.name) or self._organisation(inner.name or 0):
                    return None
                return inner.name
        return None

    def _origin(self, head: _Head, last: int) -> Span | None:
        """Whose paper it is: "a poll released on Friday by Latino Decisions", "a report in the Washington Post"."""
        article = self.article
        assert head.noun is not None
        links = [at for at in range(head.noun + 1, last) if article.words[at].low in _FROM]
        authors = [at for at in links if article.words[at].low == "by" and article.words[at - 1].low not in _NOT_MADE]
        for at in [*authors[:1], *links[:1]]:
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
            people = name.kind == "place" or article.words[name.last - 1].low in lexicon.PEOPLES
            if name.last == inner.noun and (noun in lexicon.NAMING or (people and noun in _BODIES)):
                return Span(name.start, article.words[inner.noun].end)
            if noun in lexicon.COLLECTIVES and self._organisation(inner.before[-1]):
                return Span(name.start, name.end)
        return None

    def _called(self, source: Span, first: int, head: _Head, noun: str) -> Speaker | None:
        """The organisation that a noun stands for, as "the agency" or "a new poll"; else the office it names."""
        article = self.article
        assert head.noun is not None
        opener = article.words[first]
        definite = opener.low in _DEFINITE
        plain = opener.low in ("a", "an") or (first == head.noun and opener.initial)
        many = noun.endswith("s") and singular(noun) != noun
        document = noun in lexicon.DOCUMENTS | lexicon.PERSONAL
        if (definite or (plain and document)) and (document or not many):
            told = frozenset(article.words[at].low for at in range(first + 1, max(head.end, head.noun + 1)))
            opening = article.words[first].sentence < 2
            meant = self._body(Sought(first, noun, told, not definite or opening))
            if isinstance(meant, Body):
                return self._thing(source, meant.span, "role")
            if meant is not None:
                return self._give(source, meant, "role", head.noun, "")
        if definite and head.noun > first + 1 and not head.before:
            owner = article.words[head.noun - 1]
            office = noun == "office" and owner.possessive and owner.low in lexicon.ROLES
            if office or (noun in ("ministry", "department") and owner.low in lexicon.PORTFOLIOS):
                # "the mayor's office", "the interior ministry": of a country or town it is the only one.
                return self._thing(source, Span(article.words[first + 1].start, article.words[head.noun].end), "named")
        return None

    def _organisation(self, number: int) -> bool:
        """Whether a name seems an organisation's: nothing speaks for a person, a people or a place."""
        name = self.article.names[number]
        people = all(self.article.words[at].low in lexicon.PEOPLES | _DIRECTIONS for at in range(name.first, name.last))
        if name.kind == "place" or people:
            return False
        if name.kind == "thing":
            return True
        entity = self.article.bearer.get(number)
        if name.sure or name.title:
            return False
        return entity is None or not (entity.sure or entity.roles or (entity.full and entity.reused) or entity.gender)

    def _named_after(self, last: int, noun: str) -> Entity | None:
        """Who is named right after a mention that the tagger ended at the comma: "said the mother, Ines Lund."."""
        article = self.article
        if last >= len(article.words) or noun not in lexicon.ROLES or article.gap(last - 1) not in (", ", ","):
            return None
        number = article.titled.get(last, article.name_at.get(last))
        if number is None or last < article.names[number].first - len(article.names[number].title_words):
            return None
        name = article.names[number]
        follow = article.words[name.last].low if name.last < len(article.words) else ""
        ends = article.gap(name.last - 1)[:1] in ("", ",", ".", "\n") or follow in lexicon.SPEECH
        entity = article.bearer.get(number)
        fits = entity is not None and entity.gender in (None, _gender_of(noun) or entity.gender)
        return entity if self._whole(number) and self._is_person(number) and ends and fits else None

    def _called_once(self, number: int) -> bool:
        """Whether nothing else in the article says that a name is a person's."""
        entity = self.article.bearer.get(number)
        return entity is None or not entity.full or not (entity.reused or len(entity.mentions) > 1)

    def _by_role(self, first: int, last: int, head: _Head, noun: str) -> Entity | None:
        """The person whom the article gives this role: named before, or next where the mention opens the story."""
        article = self.article
        opener = article.words[first]
        heads = same_role(noun)
        told = frozenset(article.words[at].low for at in range(first, max(head.end, (head.noun or first) + 1)))
        owners = {
            core(article.print(article.names[number]))[-1]
            for number in head.before
            if article.words[article.names[number].last - 1].possessive
        }
        gender = _gender_of(noun)
        fitting = [
            (one, roles)
            for one in article.entities
            if one.mentions
            and (gender is None or one.gender in (None, gender))
            and not any(first <= article.names[at].first < last for at in one.mentions)
            and (roles := [role for role in one.roles if role.heads & heads])
        ]
        exact = [(one, roles) for one, roles in fitting if any(noun in role.heads for role in roles)]
        earlier = [one for one, _ in exact if article.names[one.mentions[0]].first < first]
        belongs = any(
            article.words[at].possessive and at not in article.name_at for at in range(first, head.noun or first)
        )
        if owners or belongs or opener.low in _OWNING:
            owned = [
                one
                for one, roles in exact
                if owners and all(any(owner in role.words for role in roles) for owner in owners)
            ]
            if len(owned) == 1:
                return owned[0]
            # "his public defender, Nathaniel Barone," and no other defender in the article.
            plain = [
                one
                for one, roles in exact
                if any(noun in role.heads and article.text[: role.span.start].split()[-1:] in _OWNERS for role in roles)
            ]
            if len(exact) == 1 and (plain or noun in lexicon.KIN):
                return exact[0][0]
            return self._named_next(first, last, noun, gender, told, heads)
        if opener.low not in _DEFINITE:
            return self._named_next(first, last, noun, gender, told, heads) if opener.low in ("a", "an") else None
        if (noun not in lexicon.ROLES and not noun.endswith("year-old")) or (
            head.before and article.words[head.noun or first].text[0].isupper()
        ):
            return None
        if noun in _ANYBODY and not earlier:
            return None
        only = earlier[0] if len(earlier) == 1 else None
        qualities = told & lexicon.PORTFOLIOS
        if qualities and noun in ("minister", "secretary"):
            of_it = [one for one, roles in exact if any(qualities <= role.words for role in roles) and one in earlier]
            return of_it[0] if len(of_it) == 1 else self._named_next(first, last, noun, gender, told, heads)
        meant = self._rank(first, gender, "the", noun, told - _OPENERS - {noun}, only)
        return meant or self._named_next(first, last, noun, gender, told, heads)

    def _named_next(
        self, first: int, last: int, noun: str, gender: Gender | None, told: frozenset[str], heads: frozenset[str]
    ) -> Entity | None:
        """Who is named after a mention that opens a story: "A schoolboy …" and then "Ivo Lund, 12, …"."""
        article = self.article
        sentence = article.words[first].sentence
        if sentence >= _LEAD:
            return None
        later = sorted(
            (
                one
                for one in article.entities
                if one.mentions and one.full and article.names[one.mentions[0]].first >= last
                and (gender is None or one.gender in (None, gender))
            ),
            key=lambda one: one.mentions[0],
        )  # fmt: skip
        some = article.words[first].low in ("a", "an") and sentence > 0
        qualities = told & (lexicon.PORTFOLIOS | lexicon.PEOPLES if some else lexicon.PORTFOLIOS)
        called = [
            one
            for one in later
            if any(noun in role.heads and qualities <= role.words for role in one.roles)
            and article.words[article.names[one.mentions[0]].first].sentence - sentence <= _AHEAD
        ]
        if called:
            return called[0] if len(called) == 1 else None
        if not later or noun in _MOUTHPIECES:
            return None
        new = later[0]
        name = article.names[new.mentions[0]]
        begin = name.first - len(name.title_words)
        after = article.text[name.end : name.end + 4]
        aged = after[:2] == ", " and after[2:4].isdigit()
        word = article.words[name.first]
        opens = begin > 0 and article.words[begin - 1].sentence != word.sentence
        follow = article.words[name.last].low if name.last < len(article.words) else ""
        speaks = follow in lexicon.SPEECH or any(
            article.words[at].low in lexicon.SPEECH
            for at in range(name.last, min(name.last + 4, len(article.words)))
            if article.words[at].sentence == word.sentence
        )
        known = {head for role in new.roles for head in role.heads}
        agrees = not known or bool(known & heads)
        others = [one for one in article.entities if one.full and one.mentions and one.mentions[0] < new.mentions[0]]
        unsaid = not any(spoken.entity in others for spoken in self.spoken)
        near = 0 < word.sentence - sentence <= 2
        opens = opens or (follow in lexicon.SPEECH and not article.words[name.last - 1].possessive)
        return new if near and opens and unsaid and not word.quoted and (aged or (speaks and agrees)) else None

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
        self.voices.append(Voice(word, entity))
        role = role or _best(entity.roles, self.article.words[word].start)
        return self._thing(source, entity.span, how, role.span if role else None)

    def _thing(
        self, source: Span, at: Span, how: Literal["named", "surname", "role", "pronoun"], role: Span | None = None
    ) -> Speaker:
        name = " ".join(self.article.text[at.start : at.end].split())
        number = self.article.name_at.get(self.article.range(at)[0])
        if number in self.bodies.of and not (self.voices and self.voices[-1].word >= self.article.range(source)[0]):
            self.voices.append(Voice(self.article.range(source)[0], self.bodies.of[number]))
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


def _gender_of(noun: str) -> Gender | None:
    return "m" if noun in lexicon.MASCULINE_ROLES else "f" if noun in lexicon.FEMININE_ROLES else None


def _told(name: Name) -> Gender | None:
    if set(name.title_words) & lexicon.MRS:
        return "f"
    return "m" if set(name.title_words) & lexicon.MR else None
