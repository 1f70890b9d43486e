"""Names in running text without a model: capitalised runs with what holds them together, and when two names agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from index.model import Span
from index.statements import lexicon

Kind = Literal["person", "thing", "place"]
Gender = Literal["m", "f"]

_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_JOINED = re.compile(r"(?:al|el|ul|ur|as|ash|ad|an|ar|at|az|d|l|t|b)[-'’][^\W\d_]", re.IGNORECASE)
_ABBREVIATED = lexicon.word_set(
    """st inc corp ltd dept no vs calif fla mass pa va md conn ariz tenn minn mich wis wash ore colo ga ala ind ill ky
    la miss mo neb nev okla vt wyo"""
) | {word[:-1] for word in lexicon.TITLES | lexicon.SUFFIXES | lexicon.NEVER if word.endswith(".")}
_ORGANISATION_LINKS = frozenset({"of", "for", "on", "against"})
_QUOTES = re.compile(r"[\"“”„«»]|''")
# Articles and prefixes that names are written with or without.
_LOOSE = frozenset({"al", "el", "ul"})
# Before a hyphen or in small letters it is the Arabic article; "Al Gore" has a first name.
_ARTICLE = re.compile(r"(?:(?:al|el|ul) |(?i:al|el|ul)[-'’])")


# "the Geneva-based United Nations agency", "American-born Lund": what stands before a name, capitalised.
_BEFORE_NAMES = re.compile(r".-(?:born|based|backed|trained|educated|raised|style|owned|run|funded|controlled|linked)$")
# Outlets that are called by their address.
_SITE = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|info|tv|co\.uk)$", re.IGNORECASE)
# Modal verbs that are first names at the beginning of a question.
_MODALS = frozenset({"will", "may"})
_SPELT = {"WHO": "w.h.o.", "US": "u.s.", "IT": "i.t."}


class Word(NamedTuple):
    """A word with its place: `sentence` and `paragraph` count from 0; `initial`: it opens a sentence or a quotation."""

    start: int
    end: int
    text: str
    low: str
    sentence: int
    paragraph: int
    initial: bool
    quoted: bool
    possessive: bool


class Name(NamedTuple):
    """A name as printed: `text[start:end]`, words `first:last` of the article's words (`last` exclusive).

    `title` is the span of titles before it, `title_words` their words in lower case. `kind` is a guess; `sure`
    says that a first name, a title or an organisation's word stands behind it.
    """

    start: int
    end: int
    first: int
    last: int
    kind: Kind
    sure: bool
    title: Span | None
    title_words: tuple[str, ...]


_COMMON = (
    lexicon.ROLES
    | lexicon.COLLECTIVES
    | lexicon.word_set(
        "watch see eyewitness research top hours super official polling leadership like though senior initial anyone"
    )
) - {"bishop", "judge", "marshal"}

_HOLDERS = lexicon.word_set("sheriff attorney governor mayor prosecutor general coroner examiner")
# Bodies whose name tells a field, often two: "Department of Health and Human Services".
_FIELDS = lexicon.word_set(
    "centers centres center centre department ministry agency office institute committee bureau administration council"
    " commission"
)
# Possessives within a name: "the Women's Media Center".
_INSIDE = lexicon.word_set("people women men children veterans workers")
# Capitalised alone they are no name, unless somebody here has them as a surname.
_ROLE_ONLY = lexicon.ROLES - lexicon.PEOPLES - lexicon.ORGANISATIONS


def words(text: str, start: int = 0) -> list[Word]:
    """The words of `text[start:]` in order; abbreviations keep their full stop, names lose their possessive 's."""
    found: list[Word] = []
    sentence = paragraph = 0
    end = start
    quoted = False
    size = len(text)
    for match in _WORD.finditer(text, start):
        begin, stop = match.span()
        word = match[0]
        possessive = False
        if word[-2:] in ("'s", "’s", "'S", "’S") and len(word) > 2:
            word, stop, possessive = word[:-2], stop - 2, True
        elif (
            stop + 1 < size
            and text[stop] in "'’"
            and word[-1] in "sS"
            and text[stop + 1].isspace()
            and word[0].isupper()
        ):
            possessive = True
        # The organisation, not the pronoun.
        low = _SPELT.get(word) or word.lower()
        if (
            stop < size
            and text[stop] == "."
            and (
                (len(word) == 1 and word.isupper()) or "." in word or (low in _ABBREVIATED and _short(text, stop, word))
            )
        ):
            stop += 1
            word += "."
            low += "."
        gap = text[end:begin]
        initial = not found
        if gap != " ":
            broken = "\n" in gap or "\r" in gap
            if broken and not (gap.strip(" \r\t") == "\n" and found and _wrapped(text, end)):
                paragraph += bool(found)
                sentence += bool(found)
                initial, quoted = True, False
            elif word[0].isupper() and any(mark in gap for mark in ".!?:;"):
                sentence += bool(found) and any(mark in gap for mark in ".!?")
                initial = True
            for mark in _QUOTES.findall(gap):
                quoted = mark in "“„«" or (mark in ('"', "''") and not quoted)
                initial = initial or quoted
        found.append(Word(begin, stop, word, low, sentence, paragraph, initial, quoted, possessive))
        end = stop + (2 if possessive and text[stop : stop + 2] in ("'s", "’s") else 0)
    return found


def _short(text: str, stop: int, word: str) -> bool:
    """Whether the full stop at `stop` abbreviates `word` rather than ends a sentence: the line goes on after it."""
    return word[0].isupper() and stop + 1 < len(text) and (text[stop + 1] in " \xa0,)")


def _wrapped(text: str, end: int) -> bool:
    line = end - max(text.rfind("\n", 0, end), 0)
    return line > 45 and text[end - 1] not in '.!?"”:'


def capitalised(word: str) -> bool:
    """Whether a word is written as names are; `al-Rubaie` is."""
    return word[0].isupper() or (
        len(word) > 3 and _JOINED.match(word) is not None and word[word.index(_mark(word)) + 1].isupper()
    )


def _mark(word: str) -> str:
    return next(character for character in word if character in "-'’")


def names(text: str, found: Sequence[Word]) -> list[Name]:
    """The names among an article's words, in order, not overlapping."""
    found = _without_headlines(found)
    lower = {word.low for word in found if word.text[0].islower()}
    inner = {word.low for word in found if not word.initial and word.text[0].isupper()}
    pairs = {
        (a.low, b.low) for a, b in pairwise(found) if not a.initial and a.text[0].isupper() and b.text[0].isupper()
    }
    openers = {b.low for a, b in pairwise(found) if b.text[0].isupper() and not b.initial and not a.text[0].isupper()}
    surnames = {
        b.low for a, b in pairwise(found) if a.text[0].isupper() and b.text[0].isupper() and _is_first_name(a.low)
    }
    result: list[Name] = []
    position = 0
    while position < len(found):
        run = _run(text, found, position)
        if not run:
            position += 1
            continue
        first, last = position, position + run
        position = last
        word = found[first]
        if word.low in _MODALS and word.initial and last - first == 2 and (word.low, found[first + 1].low) not in pairs:
            asks = text[found[first].end : found[first].end + 240].partition("?")
            others = {a for a, b in pairs if b == found[first + 1].low and _is_first_name(a)}
            if others or (asks[1] and not any(mark in asks[0] for mark in ".!")):
                first += 1
                word = found[first]
        if word.initial and word.low not in lexicon.TITLES and not _is_first_name(word.low):
            common = word.low in lower or word.low in _COMMON or word.low.removesuffix("s") in _ROLE_ONLY
            if last - first == 1:
                if common and word.low not in inner | surnames:
                    continue
            elif common and (word.low, found[first + 1].low) not in pairs:
                after = found[first + 1].low
                if after in openers or _is_first_name(after) or after in lexicon.MR or word.low in _COMMON:
                    first += 1
            elif last - first == 3 and _is_first_name(found[first + 1].low):
                first += 1
        if last - first == 1 and found[first].low in _ROLE_ONLY and found[first].low not in surnames:
            continue
        if last - first == 1 and found[first].low in surnames and found[first].low in lexicon.TITLES | lexicon.PEOPLES:
            # "Singer" for Jasmin Singer, "Cuban" for Mark Cuban.
            result.append(_name(found, first, last, "person", False, first))
            continue
        result += _pieces(text, found, first, last)
    return result


def _without_headlines(found: Sequence[Word]) -> Sequence[Word]:
    """The words, those of title-cased paragraphs in small letters unless running text prints them as a name, too."""
    cased: dict[int, list[int]] = {}
    for word in found:
        if len(word.text) > 3:
            counts = cased.setdefault(word.paragraph, [0, 0])
            counts[0] += 1
            counts[1] += word.text[0].isupper()
    headlines = {at for at, (all_, upper) in cased.items() if all_ > 3 and upper >= 0.8 * all_}
    if not headlines:
        return found
    elsewhere = {
        word.low for word in found if word.paragraph not in headlines and not word.initial and word.text[0].isupper()
    }
    if not elsewhere:
        return found
    lower = {word.low for word in found if word.text[0].islower()}
    kept: list[Word] = []
    for at, word in enumerate(found):
        if word.paragraph in headlines and word.low not in elsewhere and not _is_first_name(word.low):
            after = found[at + 1].low if at + 1 < len(found) else ""
            before = found[at - 1].low if at else ""
            given = after in elsewhere and word.low not in lower and not word.low.endswith("s")
            if not given and not (_is_first_name(before) and word.low not in lower):
                word = word._replace(text=word.low)
        kept.append(word)
    return kept


def _joins(text: str, left: Word, right: Word) -> bool:
    office = left.low in _HOLDERS and right.text in ("Office", "Department")
    if left.possessive and left.low not in _INSIDE and not office:
        return False
    gap = text[left.end : right.start].removeprefix("'s").removeprefix("’s")
    if gap in (" ", "\xa0", "  ", "/"):
        return True
    if gap == " & ":
        return left.text[0].isupper() and right.text[0].isupper()
    if gap == ", ":
        return right.low in lexicon.SUFFIXES
    if gap in ("\n", "\r\n") and right.paragraph == left.paragraph:
        return _is_first_name(left.low) or not _is_first_name(right.low)
    return False


def _named(word: Word, inside: bool) -> bool:
    """Whether a word may open a name or, `inside`, go on with one."""
    if _SITE.match(word.text):
        return not inside
    if not capitalised(word.text) or _BEFORE_NAMES.search(word.low):
        return False
    if word.text.isupper() and len(word.text) > 3 and word.low in lexicon.ROLES:
        return False
    if word.low.replace("’", "'") in lexicon.NEVER:
        return inside and (word.low in lexicon.MONTH_NAMES or (word.possessive and word.low in _INSIDE))
    return inside or word.low not in lexicon.MONTH_NAMES


def _run(text: str, found: Sequence[Word], first: int) -> int:
    """How many words the capitalised run that opens at `first` has; 0 where none does."""
    size = len(found)
    word = found[first]
    if not _named(word, False):
        after = first + 1
        if word.low not in lexicon.PARTICLES or word.low in ("la", "y", "ben", "ten", "le") or not word.text.islower():
            return 0
        while after < size and found[after].low in lexicon.PARTICLES and _joins(text, found[after - 1], found[after]):
            after += 1
        if after >= size or not _joins(text, found[after - 1], found[after]) or not _named(found[after], True):
            return 0
    last = first + 1
    while last < size:
        if not _joins(text, found[last - 1], found[last]):
            break
        word = found[last]
        if _named(word, True) and not _SITE.match(found[last - 1].text):
            last += 1
            continue
        if word.text.isdigit() and len(word.text) < 3 and found[last - 1].low in lexicon.CHANNELS:
            last += 1
            break
        after = last + 1
        if word.low in lexicon.PARTICLES:
            while after < size and found[after].low in lexicon.PARTICLES and after < last + 3:
                after += 1
        elif word.low in _ORGANISATION_LINKS and (
            found[last - 1].low in lexicon.ORGANISATIONS
            or (word.low == "of" and found[last - 1].low in lexicon.TITLES)
            or (word.low == "for" and found[last - 1].low == "commissioner")
        ):
            if after < size and found[after].low == "the":
                after += 1
        elif word.low in ("and", "&") and (
            last == first + 1 or any(found[at].low in _ORGANISATION_LINKS for at in range(first, last))
        ):
            ahead = after
            while (
                ahead < size
                and _named(found[ahead], True)
                and (ahead == after or _joins(text, found[ahead - 1], found[ahead]))
            ):
                ahead += 1
            # "Centers for Disease Control and Prevention"
            field = (
                found[first].low in _FIELDS
                and found[first + 1].low in _ORGANISATION_LINKS
                and word.low == "and"
                and ahead > after
                and not found[after].text.isupper()
                and not _is_first_name(found[after].low)
            )
            ends = ahead > after + 1 and found[ahead - 1].low in lexicon.ORGANISATIONS
            if not (field or ends):
                break
        else:
            break
        if after >= size or not _named(found[after], True):
            break
        if not all(_joins(text, found[at - 1], found[at]) for at in range(last, after + 1)):
            break
        last = after + 1
    return last - first


def _is_first_name(low: str) -> bool:
    return (
        low in lexicon.MASCULINE or low in lexicon.FEMININE or ("-" in low and low.split("-")[0] in lexicon.FIRST_NAMES)
    )


def _pieces(text: str, found: Sequence[Word], first: int, last: int) -> Iterator[Name]:
    """The names in one capitalised run: titles cut off, what stands before them apart."""
    lows = [found[at].low for at in range(first, last)]
    if _SITE.match(lows[0]):
        yield _name(found, first, last, "thing", True, first)
        return
    joined = [at for at in range(first, last - 1) if "&" in text[found[at].end : found[at + 1].start]]
    if joined:
        # "Standard & Poor's", "Johnson & Johnson": a firm, whatever its words would be alone.
        end = last if _organisation(lows) else joined[-1] + 2
        yield _name(found, first, end, "thing", True, first)
        if end < last:
            yield from _pieces(text, found, end, last)
        return
    folded = " ".join(lows)
    if folded in lexicon.PLACES:
        yield _name(found, first, last, "place", True, first)
        return
    title = _last_title(lows)
    if title:
        begin = first + title
        if found[begin - 1].low != "of" and begin < last:
            begin = _after_office(found, begin, last)
        head = first + title
        while head > first and found[head - 1].low in lexicon.TITLE_WORDS:
            head -= 1
        rest = lows[begin - first :]
        if len(rest) == 1 and any(_misspelt(rest[0], one) for one in ("general", "brigadier", "president", "minister")):
            return
        if begin < last and (not _organisation(rest) or (_is_first_name(rest[0]) and 1 < len(rest) < 4)):
            before = head
            if before > first:
                yield from _pieces(text, found, first, before)
            yield _person(found, begin, last, head, True)
            return
        if begin >= last:
            if head > first:
                yield from _pieces(text, found, first, head)
            return
    if _organisation(lows):
        # "House Republican Thomas Massie", "Fox News Megyn Kelly"
        for at in range(len(lows) - 2, 0, -1):
            if (
                _is_first_name(lows[at])
                and not any(low.split("-")[-1] in lexicon.ORGANISATIONS for low in lows[at:])
                and lows[at] not in lexicon.PLACES
            ):
                yield from _pieces(text, found, first, first + at)
                yield _person(found, first + at, last, first + at, True)
                return
        yield _name(found, first, last, "thing", True, first)
        return
    begin = first
    for at in range(len(lows) - 2, -1, -1):
        if lows[at] in lexicon.PEOPLES and (len(lows) - at > 2 or _is_first_name(lows[at + 1])):
            begin = first + at + 1
            break
    if begin == first and len(lows) > 3:
        for at in range(1, len(lows) - 1):
            if _is_first_name(lows[at]) and not _is_first_name(lows[0]):
                begin = first + at
                break
    if begin == first and len(lows) > 2 and not _is_first_name(lows[0]):
        for size in (3, 2, 1):
            if len(lows) - size >= 2 and " ".join(lows[:size]) in lexicon.PLACES and _is_first_name(lows[size]):
                begin = first + size
                break
    yield _person(found, begin, last, begin, False)


def _misspelt(low: str, title: str) -> bool:
    """Whether a word is a title with one letter too many: "Brigadier Gerneral"."""
    return len(low) == len(title) + 1 and any(low[:at] + low[at + 1 :] == title for at in range(len(low)))


def _last_title(lows: Sequence[str]) -> int:
    """The index after the last title of a run, 0 where it has none: a title word after a first name is a surname."""
    for at in range(len(lows) - 1, -1, -1):
        if at > 1 and lows[at - 1] == "of" and lows[at - 2] in lexicon.ORGANISATIONS:
            continue
        if lows[at] not in lexicon.TITLES:
            continue
        # "Virginia Sen. Tim Kaine" has a place before the title, "Jasmin Singer" a surname.
        before = at + 1 < len(lows) and (lows[at][-1] == "." or _is_first_name(lows[at + 1]))
        if before or not (at and _is_first_name(lows[at - 1])):
            return at + 1
    return 0


def _after_office(found: Sequence[Word], begin: int, last: int) -> int:
    """Where the name begins after a title with an office: "Secretary of State John Kerry"."""
    at = begin
    if at < last and found[at].low == "of":
        at += 1
        if at < last and found[at].low == "the":
            at += 1
        for name in range(at + 1, last):
            if _is_first_name(found[name].low):
                return name
        return min(at + 1, last)
    return begin


def _organisation(lows: Sequence[str]) -> bool:
    """Whether a run names no person: an organisation's word ends it or stands before "of"."""
    if len(lows) == 2 and _is_first_name(lows[0]) and lows[1] in lexicon.SURNAMES_TOO:
        return False
    if any(low in _ORGANISATION_LINKS or low in ("and", "&") for low in lows):
        return True
    ends = lows[-1]
    if ends in lexicon.ORGANISATIONS or ends.split("-")[-1] in lexicon.ORGANISATIONS:
        return True
    rest = lows[1:] if _is_first_name(lows[0]) else lows
    return any(low in lexicon.ORGANISATIONS and low not in lexicon.SURNAMES_TOO for low in rest)


def _person(found: Sequence[Word], begin: int, last: int, head: int, titled: bool) -> Name:
    lows = [found[at].low for at in range(begin, last)]
    raw = [found[at].text for at in range(begin, last)]
    if " ".join(lows) in lexicon.PLACES:
        return _name(found, begin, last, "place", True, head)
    if lows[0] in lexicon.KEPT_TITLES and len(lows) > 1:
        return _name(found, begin, last, "person", True, head)
    if len(lows) == 1 and (lows[0] in lexicon.PEOPLES or (raw[0].isupper() and len(raw[0]) > 1)):
        return _name(found, begin, last, "thing", lows[0] in lexicon.PEOPLES or len(raw[0]) < 4, head)
    if not titled and (len(lows) > 5 or any(word.isupper() and len(word) > 3 and "." not in word for word in raw)):
        return _name(found, begin, last, "thing", False, head)
    return _name(found, begin, last, "person", titled or (len(lows) > 1 and _is_first_name(lows[0])), head)


def _name(found: Sequence[Word], first: int, last: int, kind: Kind, sure: bool, head: int) -> Name:
    title = Span(found[head].start, found[first - 1].end) if head < first else None
    said = tuple(found[at].low for at in range(head, first))
    return Name(found[first].start, found[last - 1].end, first, last, kind, sure, title, said)


def gender(first_name: str) -> Gender | None:
    """The gender a first name (in lower case) usually tells, None where it may be either or is unknown."""
    first_name = first_name if first_name in lexicon.FIRST_NAMES else first_name.split("-")[0]
    male, female = first_name in lexicon.MASCULINE, first_name in lexicon.FEMININE
    return "m" if male and not female else "f" if female and not male else None


@lru_cache(maxsize=4096)
def fold(name: str) -> tuple[str, ...]:
    """A name's words without case, diacritics, hyphens, apostrophes and full stops; the Arabic article stands alone."""
    bare = "".join(
        c
        for c in unicodedata.normalize("NFKD", name.replace("ı", "i").replace("ł", "l").replace("ø", "o"))
        if not unicodedata.combining(c)
    )
    bare = re.sub(r"['’](?:s\b)?", "", bare.casefold().replace("'s ", " ").replace("’s ", " "))
    return tuple(re.findall(r"[^\W_]+", bare.replace(".", "") if re.search(r"\b\w\.\w\.", bare) else bare))


def key(name: str) -> str:
    """What two names of one person share across articles: the full name, folded, without title, initials and article.

    A single word keeps what it has: "Obama" agrees with "Obama" only.
    """
    parts = list(fold(name))
    while len(parts) > 1 and (parts[0] in lexicon.TITLES or parts[0] == "the"):
        parts.pop(0)
    opens = 0 if parts[:1] and parts[0] in _LOOSE and _ARTICLE.match(name.strip()) else 1
    core = [*parts[:opens], *(part for part in parts[opens:] if part not in _LOOSE)]
    if len(core) > 2:
        core = [core[0], *(part for part in core[1:-1] if len(part) > 1), core[-1]]
    return " ".join(core or parts)


def same_person(a: str, b: str) -> bool:
    """Whether two printed names are one by their full form: case, diacritics, hyphens, initials and al-/el- aside."""
    return key(a) == key(b) != ""


def matches(name: str, wanted: str) -> bool:
    """Whether `name` is one that a person who typed `wanted` may mean: a surname or any run of its words will do."""
    have, want = key(name).split(), key(wanted).split()
    if not want or not have:
        return False
    sought = "".join(want)
    if sought in ("".join(have), *(prefix + have[-1] for prefix in ("al", "el"))):
        return True
    places = iter(have)
    return all(word in places for word in want)
