"""What a source says about an article, whatever its types and habits → the fields of a draft.

Dates. A day (`2020-01-24`) or a moment with its offset, to the minute or finer, is kept as given, only its spelling
made uniform (`T` between day and time, `Z` or `+02:00`), with precision `day` or `second`. A moment without an offset
is kept with precision `uncertain`: which day it was elsewhere is not known. A year, a month, an impossible or any other
date gives no date at all: the first of the month would be invented, and an article is not refused over its date.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from index.model import Frozen, Precision
from index.readers.refusal import is_unicode

_LONGEST_LANGUAGE = 35
_LANGUAGE = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*")
_DATE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:(?:[Tt]|[ ]+)(?P<time>\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)"
    r"[ ]?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
# "King, Jr." is one name.
_BETWEEN_AUTHORS = re.compile(r"[,;](?! ?(?:Jr|Sr|II|III|IV)\b) ?(?:and )?| and ", re.IGNORECASE)
_BYLINE = re.compile(r"by[ :]+", re.IGNORECASE)


class Metadata(Frozen):
    """The fields of a draft that are not its text, its place or its id."""

    title: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    published_precision: Precision | None = None
    updated: str | None = None
    language: str | None = None
    url: str | None = None


class FieldError(ValueError):
    """A field holds half a surrogate pair, which no store can keep. Its argument is the field's name."""


def metadata(raw: Mapping[str, object]) -> Metadata:
    """The known fields of `raw`, made uniform; what has a senseless type or value is null. Raises FieldError."""
    published, precision = _date(_string(raw, "published"))
    return Metadata(
        title=_string(raw, "title"),
        outlet=_string(raw, "outlet"),
        authors=_authors(raw.get("authors")),
        published=published,
        published_precision=precision,
        updated=_date(_string(raw, "updated"))[0],
        language=_language(_string(raw, "language")),
        url=_string(raw, "url"),
    )


def _string(raw: Mapping[str, object], key: str) -> str | None:
    value = raw.get(key)
    if isinstance(value, str):
        if not is_unicode(value):
            raise FieldError(key)
        return value.strip() or None
    if isinstance(value, float):
        return str(value) if math.isfinite(value) else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _authors(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        line = " ".join(value.split())
        names = _BETWEEN_AUTHORS.split(_BYLINE.sub("", line, count=1) if _BYLINE.match(line) else line)
    elif isinstance(value, list | tuple):
        names = [_BYLINE.sub("", name, count=1) if _BYLINE.match(name) else name for name in _names(value)]
    else:
        return ()
    distinct: dict[str, str] = {}
    for name in (" ".join(name.split()) for name in names):
        if not is_unicode(name):
            raise FieldError("authors")
        if name:
            distinct.setdefault(name.casefold(), name)
    return tuple(distinct.values())


def _names(values: list[object] | tuple[object, ...]) -> list[str]:
    return [" ".join(value.split()) for value in values if isinstance(value, str)]


def _date(value: str | None) -> tuple[str | None, Precision | None]:
    match = _DATE.fullmatch(value) if value else None
    if match is None:
        return None, None
    day, time, offset = match["day"], match["time"], match["offset"]
    spelt = day
    if time:
        spelt += "T" + time.replace(",", ".")
    if offset:
        spelt += "Z" if offset in "Zz" else f"{offset[:3]}:{offset[3:].lstrip(':') or '00'}"
    try:
        datetime.fromisoformat(spelt)
    except ValueError:
        return None, None
    if not time:
        return spelt, "day"
    return spelt, "second" if offset else "uncertain"


def _language(value: str | None) -> str | None:
    if value is None or len(value) > _LONGEST_LANGUAGE:
        return None
    code = value.lower().replace("_", "-")
    return code if _LANGUAGE.fullmatch(code) else None
