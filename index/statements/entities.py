"""Who is who in one article: each name's mentions, what the article says they are, and which names are one person's."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.model import Span
from index.statements import lexicon, names
from index.statements.names import Gender, Name, Word

# Words a premodifier may run over to the left of a name, and an apposition to the right.
_REACH_LEFT = 8
_REACH_RIGHT = 40
# Words after a name among which its verb of speech is looked for.
_REACH_VOICE = 10
_DETERMINERS = lexicon.word_set("a an the his her their its our my this that one")
_STOPS = lexicon.PREPOSITIONS | lexicon.SPEECH | lexicon.NEVER
_OFFICES_OF_ONE_GENDER = (lexicon.MASCULINE_ROLES | lexicon.FEMININE_ROLES) - lexicon.KIN
_SAME_ROLE: dict[str, frozenset[str]] = {}
_NICKNAMES: dict[str, frozenset[str]] = {}
for _set in lexicon.NICKNAMES:
    for _noun in _set:
        _NICKNAMES[_noun] = _NICKNAMES.get(_noun, frozenset()) | _set
for _set in lexicon.SAME_ROLE:
    for _noun in _set:
        _SAME_ROLE[_noun] = _SAME_ROLE.get(_noun, frozenset()) | _set


@dataclass(frozen=True)
class Role:
    """What the article says a person is: `heads` are its role nouns, `words` all its words, in lower case."""

    span: Span
    heads: frozenset[str]
    words: frozenset[str]


@dataclass(eq=False)
class Entity:
    """One bearer of a name: `core` is it folded, without initials and suffix, `span` where it is first printed whole.

    `mentions` are indices into the article's names, ascending; `full` that more than one word of the name is known.
    """

    number: int
    core: tuple[str, ...]
    span: Span
    full: bool
    sure: bool
    person: bool
    mentions: list[int] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    gender: Gender | None = None
    reused: bool = False

    def calls(self, heads: frozenset[str]) -> bool:
        """Whether the article gives this person one of these role nouns."""
        return any(heads & role.heads for role in self.roles)


def core(name: str) -> tuple[str, ...]:
    """A name's folded words that tell people apart: no title, article, initials or suffix."""
    parts = tuple(part for part in names.key(name).split() if part not in lexicon.SUFFIXES)
    return parts or names.fold(name)


def same_role(noun: str) -> frozenset[str]:
    """The role nouns that may stand for `noun`, itself included."""
    return _SAME_ROLE.get(noun, frozenset()) | {noun}


class Article:
    """The names of `text[start:]` and their bearers. Pure data once made; linear in the length but for few homonyms."""

    def __init__(self, text: str, start: int = 0) -> None:
        self.text = text
        self.words: list[Word] = names.words(text, start)
        self.names: list[Name] = names.names(text, self.words)
        self.starts = [word.start for word in self.words]
        self.name_at: dict[int, int] = {}
        for number, name in enumerate(self.names):
            for word in range(name.first, name.last):
                self.name_at[word] = number
        # Words of titles, to the name they stand before.
        self.titled = {
            word: number
            for number, name in enumerate(self.names)
            for word in range(name.first - len(name.title_words), name.first)
        }
        self.entities: list[Entity] = []
        self.bearer: dict[int, Entity] = {}
        # Single names that several people here bear, by index of the name.
        self.homonyms: dict[int, list[Entity]] = {}
        self._voiced: dict[int, bool] = {}
        self._by_tail: defaultdict[str, list[Entity]] = defaultdict(list)
        self._full_names()
        self._single_names()
        self._profiles()

    def range(self, span: Span) -> tuple[int, int]:
        """The words `first:last` that lie in a span of the text."""
        return bisect_left(self.starts, span.start), bisect_left(self.starts, span.end)

    def gap(self, word: int) -> str:
        """What stands between a word and the one after it."""
        if word + 1 >= len(self.words):
            return "\n"
        return self.text[self.words[word].end : self.words[word + 1].start]

    def print(self, name: Name) -> str:
        """The name as printed."""
        return self.text[name.start : name.end]

    def find(self, name: Name) -> list[Entity]:
        """Those who may bear a name shorter than theirs, by surname, else by first name; titles decide between them."""
        parts = core(self.print(name))
        some = [one for one in self._by_tail.get(parts[-1], ()) if one.full and one.core[-len(parts) :] == parts]
        if not some and len(parts) == 1 and not set(name.title_words) & lexicon.HONORIFICS:
            some = [one for one in self.entities if one.full and one.core[0] == parts[0]]
        if not some and len(parts) == 1:
            # "Ms. Acosta" for Melba Acosta Febo.
            some = [
                one
                for one in self.entities
                if one.full and parts[0] in one.core[1:-1] and parts[0] not in lexicon.PARTICLES | lexicon.KEPT_TITLES
            ]
        if not some and len(parts) == 1 and len(parts[0]) > 4:
            some = [one for one in self.entities if one.full and _slip(parts[0], one.core[-1])]
        if len(some) > 1:
            wanted = _title_gender(name.title_words)
            if wanted:
                some = [one for one in some if one.gender == wanted] or [one for one in some if one.gender is None]
            offices = {word for word in name.title_words if word not in lexicon.HONORIFICS}
            if offices and len(some) > 1:
                holding = [
                    one
                    for one in some
                    if any(offices & set(self.names[at].title_words) for at in one.mentions)
                    or one.calls(frozenset(offices))
                ]
                some = holding or some
        return some

    def _full_names(self) -> None:
        by_core: dict[tuple[str, ...], Entity] = {}
        for number, name in enumerate(self.names):
            if name.kind != "person" or name.last - name.first < 2:
                continue
            printed = self.print(name)
            parts = core(printed)
            suffix = names.fold(printed)[-1:] if names.fold(printed)[-1] in lexicon.SUFFIXES else ()
            if len(parts) < 2:
                continue
            ends = (parts[0], parts[-1], *suffix)
            entity = by_core.get(ends)
            if entity is None:
                entity = by_core[ends] = Entity(
                    len(self.entities), parts, Span(name.start, name.end), True, name.sure, True
                )
                self.entities.append(entity)
                self._by_tail[parts[-1]].append(entity)
            self._mention(entity, number)
        # "Abu Ragheef" after "Fadhel Abu Ragheef" is a surname of two words; "Leo Butz" has left out a first name.
        for short in self.entities:
            longer = [
                one
                for one in self._by_tail[short.core[-1]]
                if len(one.core) > len(short.core) and one.core[-len(short.core) :] == short.core
            ]
            if len(longer) == 1 and longer[0].full:
                self._merge(short, longer[0])
        # "Understated Perez" opens a headline, "Thomas Perez" is who is meant.
        for chance in [one for one in self.entities if not one.sure and one.full and len(one.mentions) == 1]:
            name = self.names[chance.mentions[0]]
            known = [one for one in self._by_tail[chance.core[-1]] if one.sure and one.full]
            if len(known) == 1 and len(chance.core) == 2 and self.words[name.first].initial:
                self._merge(chance, known[0])
        # "Joe Biden" and "Joseph Biden"
        suffixed = {id(one) for ends, one in by_core.items() if len(ends) > 2}
        for later in self.entities:
            forms = _NICKNAMES.get(later.core[0], frozenset())
            same = [
                one
                for one in self._by_tail[later.core[-1]]
                if one.number < later.number and one.full and one.core[0] in forms and id(one) not in suffixed
            ]
            if len(same) == 1 and later.full and id(later) not in suffixed:
                self._merge(later, same[0])

    def _merge(self, other: Entity, into: Entity) -> None:
        other.full = False
        for number in other.mentions:
            self._mention(into, number)
        into.mentions.sort()
        into.reused = True
        other.mentions.clear()

    def _single_names(self) -> None:
        singles: dict[str, Entity] = {}
        for number, name in enumerate(self.names):
            if number in self.bearer or name.kind == "place":
                continue
            if name.kind == "thing" and (name.last - name.first > 1 or name.sure):
                continue
            some = self.find(name)
            if len(some) == 1:
                self._mention(some[0], number)
                some[0].reused = True
            elif some:
                self.homonyms[number] = some
                before = [one for one in some if one.mentions and one.mentions[0] < number] or some
                nearest = max(before, key=lambda one: max((at for at in one.mentions if at < number), default=-1))
                # Whom this title describes is not known: it tells nothing about the nearest of them.
                nearest.mentions.append(number)
                self.bearer[number] = nearest
                nearest.reused = True
            elif name.last - name.first == 1 and name.kind == "person":
                word = self.words[name.first]
                if word.initial and not name.title and word.low not in lexicon.FIRST_NAMES:
                    follow = self.words[name.last].low if name.last < len(self.words) else ""
                    if follow not in lexicon.SPEECH and not word.possessive:
                        continue
                parts = core(self.print(name))
                entity = singles.get(parts[0])
                if entity is None:
                    span = Span(name.start, name.end)
                    entity = singles[parts[0]] = Entity(len(self.entities), parts, span, False, name.sure, True)
                    self.entities.append(entity)
                self._mention(entity, number)
        for entity in self.entities:
            entity.mentions.sort()

    def _mention(self, entity: Entity, number: int) -> None:
        name = self.names[number]
        entity.mentions.append(number)
        self.bearer[number] = entity
        entity.sure = entity.sure or name.sure
        told = _title_gender(name.title_words)
        if told:
            entity.gender = told
        elif entity.gender is None and entity.full and name.last - name.first > 1:
            entity.gender = names.gender(self.words[name.first].low)

    def _profiles(self) -> None:
        # "spokeswoman Chris Lund": her office tells more than her first name, an honorific more than both.
        told = {
            number
            for entity in self.entities
            if any(set(self.names[at].title_words) & lexicon.HONORIFICS for at in entity.mentions)
            for number in entity.mentions
        }
        for number, entity in self.bearer.items():
            name = self.names[number]
            for role in self._roles(name):
                entity.roles.append(role)
                if entity.gender is None or (role.heads & _OFFICES_OF_ONE_GENDER and number not in told):
                    if role.heads & lexicon.MASCULINE_ROLES:
                        entity.gender = "m"
                    elif role.heads & lexicon.FEMININE_ROLES:
                        entity.gender = "f"

    def _roles(self, name: Name) -> Iterator[Role]:
        after = self.apposition(name, len(self.words))
        if after:
            yield after
        before = self.premodifier(name, 0)
        if before:
            yield before
        elif name.title:
            heads = {word.rstrip(".") for word in name.title_words} - {"mr", "mrs", "ms", "miss", "former"}
            heads |= {more for head in tuple(heads) for more in lexicon.TITLE_ROLES.get(head, ())}
            if heads:
                yield Role(name.title, frozenset(heads), frozenset(name.title_words))

    def voiced(self, number: int) -> bool:
        """Whether the words around a name say that its bearer speaks: "said Lund", "Lund, a baker, told"."""
        known = self._voiced.get(number)
        if known is None:
            name = self.names[number]
            outside = not self.words[name.first].quoted and not self.words[name.last - 1].possessive
            known = self._voiced[number] = outside and (self._voiced_before(name) or self._voiced_after(name))
        return known

    def _voiced_before(self, name: Name) -> bool:
        head = name.first - len(name.title_words)
        sentence = self.words[name.first].sentence
        for at in range(head - 1, max(-1, head - 1 - _REACH_LEFT), -1):
            low = self.words[at].low
            if self.words[at].sentence != sentence:
                return False
            if low in lexicon.SPEECH or (low == "to" and at and self.words[at - 1].low == "according"):
                # "said spokeswoman Ines Lund": the role may stand between.
                return True
            if at in self.name_at and self.names[self.name_at[at]].kind == "person":
                return False
        return False

    def _voiced_after(self, name: Name) -> bool:
        sentence = self.words[name.first].sentence
        for at in range(name.last, min(name.last + _REACH_VOICE, len(self.words))):
            if self.words[at].sentence != sentence or self.words[at].quoted:
                return False
            if self.words[at].low in lexicon.SPEECH:
                return True
            if at > name.last + 1 and self.bearer.get(self.name_at.get(at, -1)) is not None:
                return False
        return False

    def premodifier(self, name: Name, limit: int) -> Role | None:
        """The role right before a name, from word `limit` on: "retired brigadier general", "the security expert,"."""
        first = name.first - len(name.title_words)
        last = first
        comma = False
        if first <= limit:
            return None
        gap = self.gap(first - 1)
        if gap.strip() == ",":
            comma = True
        elif gap.strip(" \xa0"):
            return None
        begin = last
        while begin > limit and last - begin < _REACH_LEFT:
            word = self.words[begin - 1]
            if begin < last and (
                self.gap(begin - 1).strip(" \xa0\"“”'’") not in ("", "s")
                or word.sentence != self.words[last - 1].sentence
            ):
                break
            if word.low in _DETERMINERS:
                break
            if (
                word.low in _STOPS
                and word.text[0].islower()
                and word.low not in ("of", "for")
                and word.low not in lexicon.ROLES
            ):
                break
            if word.low in ("of", "for") and not comma:
                break
            begin -= 1
        while begin < last and self.words[begin].low in _STOPS:
            begin += 1
        if begin >= last:
            return None
        ending = self.words[last - 1]
        told = [word.low for word in self.words[begin:last]]
        head = next((at for at, low in enumerate(told) if low in lexicon.PREPOSITIONS), len(told)) - 1
        if comma:
            opener = self.words[begin - 1].low if begin else ""
            if told[head] not in lexicon.ROLES or opener not in _DETERMINERS or last - begin >= _REACH_LEFT:
                return None
            heads = {told[head]}
        else:
            if ending.low not in lexicon.ROLES and not name.title_words:
                return None
            heads = {low for low in told[-2:] if low in lexicon.ROLES} | {word.rstrip(".") for word in name.title_words}
        end = ending.end if not name.title else name.title.end
        return Role(Span(self.words[begin].start, end), frozenset(heads), frozenset(told))

    def apposition(self, name: Name, limit: int) -> Role | None:
        """The role right after a name, up to word `limit`: "spokesman for …", "who is the …", "(R-Ohio)"."""
        at = name.last
        if at >= min(limit, len(self.words)):
            return None
        gap = self.gap(at - 1).strip(" \xa0'’s")
        if gap in ("(", "["):
            close = self.text.find(")", self.words[at].start, self.words[at].start + 40)
            if close < 0 or not self.words[at].text[0].isupper():
                return None
            told = self.text[self.words[at].start : close]
            party = told[:2] in ("R-", "D-", "I-") or told.strip() in ("R", "D")
            if not party:
                return None
            side = {"R": "republican", "D": "democrat"}.get(told[0], "independent")
            return Role(Span(self.words[at].start, close), frozenset({side, "lawmaker"}), frozenset({told.lower()}))
        copula = (
            gap == ""
            and self.words[at].low in ("is", "was")
            and at + 1 < limit
            and self.words[at + 1].low in _DETERMINERS
        )
        if gap not in (",", "—", "–", "-", "--") and not copula:
            return None
        begin = at + copula
        if (
            self.words[begin].low == "who"
            and begin + 2 < len(self.words)
            and self.words[begin + 1].low in ("is", "was", "served", "serves")
        ):
            begin += 2 + (self.words[begin + 1].low.startswith("serve"))
        opened = begin < len(self.words) and self.words[begin].low in _DETERMINERS | {"former", "who"}
        heads: set[str] = set()
        last = begin
        nested = False
        while last < min(limit, len(self.words)) and last - begin < _REACH_RIGHT:
            word = self.words[last]
            if last > begin:
                between = self.gap(last - 1)
                if (
                    word.sentence != self.words[begin].sentence
                    or any(mark in between for mark in ",;—–()")
                    or " - " in between
                ):
                    break
            low = word.low
            if low in lexicon.PREPOSITIONS and low != "and":
                nested = True
            if not nested and low in lexicon.ROLES:
                heads.add(low)
            if not nested and low in lexicon.SPEECH and last > begin:
                break
            last += 1
        if last == begin or not heads:
            return None
        if not opened and self.words[begin].low not in lexicon.ROLES:
            # "…, chief economist at", "…, Republican chairman of": bare, the role must stand near.
            near = [word.low for word in self.words[begin : begin + 5]]
            if not any(low in lexicon.ROLES for low in near) or near[0] in _STOPS:
                return None
        first = begin + 1 if self.words[begin].low in ("a", "an", "the") else begin
        end = self.words[last - 1].end
        if self.text[end : end + 1] in '"”':
            end += 1
        told_words = frozenset(word.low for word in self.words[first:last])
        if first >= last:
            return None
        return Role(Span(self.words[first].start, end), frozenset(heads), told_words)


def _slip(typed: str, meant: str) -> bool:
    """Whether a surname is another one with a slip of the keyboard: "Fuetnes" for Fuentes, "Sharption" for Sharpton."""
    if typed[0] != meant[0] or abs(len(typed) - len(meant)) > 1:
        return False
    if len(typed) == len(meant):
        return sorted(typed) == sorted(meant)
    short, long = sorted((typed, meant), key=len)
    added = len(long) > 6 and long[-1] != "s"
    return added and any(long[:at] + long[at + 1 :] == short for at in range(1, len(long)))


def _title_gender(title: tuple[str, ...]) -> Gender | None:
    for word in title:
        if word in lexicon.MRS or word in lexicon.FEMININE_ROLES:
            return "f"
        if word in lexicon.MR or word in lexicon.MASCULINE_ROLES:
            return "m"
    return None
