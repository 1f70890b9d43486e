"""Metadata: what sources write, made uniform, and nothing invented."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.readers.metadata import metadata

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = ["title", "outlet", "authors", "published", "updated", "language", "url"]


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        (None, ()),
        ("", ()),
        ("Virgil", ("Virgil",)),
        ("By Ann Oduya", ("Ann Oduya",)),
        ("BY ANN ODUYA and Piet de Wit", ("ANN ODUYA", "Piet de Wit")),
        ("by: Ann Oduya", ("Ann Oduya",)),
        ("Byron Hale", ("Byron Hale",)),
        ("Ann Oduya, Piet de Wit, and Rand Sands", ("Ann Oduya", "Piet de Wit", "Rand Sands")),
        ("Ann Oduya; Piet de Wit;", ("Ann Oduya", "Piet de Wit")),
        ("Ann  Oduya\nand\tPiet de Wit", ("Ann Oduya", "Piet de Wit")),
        ("Ann Oduya, ANN ODUYA", ("Ann Oduya",)),
        ("Cole Marsh, Jr. and Ann Oduya", ("Cole Marsh, Jr.", "Ann Oduya")),
        (["By Ann Oduya", " ", "Wit, Piet de", None, 3, "Ann Oduya"], ("Ann Oduya", "Wit, Piet de")),
        ({"name": "Ann"}, ()),
        (7, ()),
    ],
)
def test_authors(authors: object, names: tuple[str, ...]) -> None:
    assert metadata({"authors": authors}).authors == names


@pytest.mark.parametrize(
    ("given_date", "kept", "precision"),
    [
        ("2020-01-24", "2020-01-24", "day"),
        (" 2020-01-24\n", "2020-01-24", "day"),
        ("2020-01-24T10:00:00+02:00", "2020-01-24T10:00:00+02:00", "second"),
        ("2020-01-24 10:00:00 +0200", "2020-01-24T10:00:00+02:00", "second"),
        ("2020-01-24t10:00:00z", "2020-01-24T10:00:00Z", "second"),
        ("2020-01-24T10:00-05", "2020-01-24T10:00-05:00", "second"),
        ("2020-01-24T10:00:00.123Z", "2020-01-24T10:00:00.123Z", "second"),
        ("2020-01-24T10:00:00", "2020-01-24T10:00:00", "uncertain"),
        ("2020-01-24 10:00", "2020-01-24T10:00", "uncertain"),
        ("2020-02-29", "2020-02-29", "day"),
        ("2019-02-29", None, None),
        ("2020-01-24T25:00:00Z", None, None),
        ("2020-01-24T10:00:00+99:00", None, None),
        ("0000-01-01", None, None),
        ("2020", None, None),
        ("2020-01", None, None),
        ("20200124", None, None),
        ("2020-W04-5", None, None),
        ("24 January 2020", None, None),
        ("2020-01-24 (updated)", None, None),
        ("\u0662\u0660\u0662\u0660-\u0660\u0661-\u0662\u0664", None, None),
        (1579860000, None, None),
        (20200124, None, None),
        (2020, None, None),
        (["2020-01-24"], None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_dates(given_date: object, kept: str | None, precision: str | None) -> None:
    known = metadata({"published": given_date, "updated": given_date})
    assert (known.published, known.published_precision) == (kept, precision)
    assert known.updated == kept


@given(st.datetimes(), st.sampled_from(["", "Z", "+02:00", "-09:30"]), st.sampled_from(["T", " "]))
def test_a_moment_is_kept_as_the_same_moment(moment: datetime, offset: str, between: str) -> None:
    known = metadata({"published": moment.isoformat(between) + offset})
    assert known.published is not None
    assert datetime.fromisoformat(known.published) == datetime.fromisoformat(moment.isoformat() + offset)
    assert known.published_precision == ("second" if offset else "uncertain")


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("en", "en"), ("EN-gb", "en-gb"), ("pt_BR", "pt-br"), ("zh-Hant-TW", "zh-hant-tw"), ("", None), ("e", None),
        ("en GB", None), ("français", None), ("en" + "-abc" * 9, None), (["en"], None), (False, None), (7, None),
    ],
)  # fmt: skip
def test_language(language: object, code: str | None) -> None:
    assert metadata({"language": language}).language == code


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("  Quay stays\n", "Quay stays"), ("", None), (" \t", None), (1984, "1984"), (7.5, "7.5"),
        (10**400, str(10**400)),
        (float("nan"), None), (float("inf"), None), (True, None), (["a"], None), ({"en": "a"}, None), (None, None),
        ("Quay \x1b[31mstays", "Quay \x1b[31mstays"),
    ],
)  # fmt: skip
def test_strings(title: object, kept: str | None) -> None:
    known = metadata({"title": title, "outlet": title, "url": title})
    assert known.title == known.outlet == known.url == kept


@given(st.dictionaries(st.sampled_from([*FIELDS, "wire"]), ANYTHING))
def test_anything_is_taken_and_made_uniform_once(raw: dict[str, object]) -> None:
    known = metadata(raw)
    again = metadata({**known.model_dump(), "authors": list(known.authors)})
    assert again.model_dump(exclude={"authors"}) == known.model_dump(exclude={"authors"})
    assert all(name and name == name.strip() for name in known.authors)
