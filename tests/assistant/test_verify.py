"""The only door to a quotation: what does not stand in the archive, character for character, does not come through."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import assistant
from assistant.answer import Citation, Claim
from assistant.engine import Assistant
from assistant.verify import Place, Proposal, verify
from index.archive import Archive
from index.model import Article, Filters, Span

SAME_ARCHIVE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

# What editors and wire services leave in text: line ends, combining marks, emoji, bidi marks, no-break spaces.
PIECES = st.sampled_from(
    [
        "\r\n",
        "\n\n",
        "\r",
        "e\u0301",
        "👩\u200d🚒",
        "\u200f",
        "\u202e",
        "\u00a0",
        "\ufeff",
        "“",
        "”",
        " ",
        ". ",
        "\x1b[31m",
    ]
)
TEXTS = st.lists(st.one_of(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30), PIECES)).map(
    "".join
)


def article_of(text: str, **changed: Any) -> Article:
    fields: dict[str, Any] = {
        "id": "0" * 32, "record": None, "source": "/news/a.txt", "line": None, "title": None, "outlet": None,
        "authors": (), "published": None, "published_precision": None, "updated": None, "language": None, "url": None,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(), "body": 0, "text": text,
    }  # fmt: skip
    return Article(**{**fields, **changed})


@given(TEXTS, st.integers(-3, 400), st.integers(-3, 400))
def test_a_citation_is_its_slice_or_does_not_exist(text: str, start: int, end: int) -> None:
    article = article_of(text)
    try:
        citation = Citation(article=article, start=start, end=end)
    except ValidationError:
        assert not (0 <= start < end <= len(text) and text[start:end].strip())
    else:
        assert citation.quote == text[start:end]
        assert citation.quote.strip()


def test_a_quotation_cannot_be_given() -> None:
    article = article_of("The bridge will reopen in May.")
    with pytest.raises(ValidationError):
        Citation(article=article, start=0, end=10, quote="The bridge fell.")  # type: ignore[call-arg]
    citation = Citation(article=article, start=0, end=10)
    with pytest.raises((ValidationError, AttributeError)):
        citation.start = 4  # type: ignore[misc]
    with pytest.raises((ValidationError, AttributeError)):
        citation.quote = "The bridge fell."  # type: ignore[misc]


def test_front_matter_is_no_place_to_quote() -> None:
    text = "---\ntitle: Bridge\n---\nIt reopened."
    with pytest.raises(ValidationError, match="does not lie within"):
        Citation(article=article_of(text, body=text.index("It")), start=4, end=16)


def test_a_text_that_is_not_the_one_that_was_added_is_not_quoted() -> None:
    with pytest.raises(ValidationError, match="not the text that was added"):
        Citation(article=article_of("It fell.", text_sha256="0" * 64), start=0, end=8)


def test_a_claim_without_a_citation_does_not_exist() -> None:
    with pytest.raises(ValidationError, match="needs a citation"):
        Claim(citations=())


@given(data=st.data())
@SAME_ARCHIVE
def test_only_what_stands_there_comes_through(data: st.DataObject, seeds_archive: Archive) -> None:
    with seeds_archive.snapshot() as snapshot:
        articles = [listed.article for listed in snapshot.listed(Filters())]
        article = data.draw(st.sampled_from(articles))
        start = data.draw(st.integers(-5, len(article.text) + 5))
        end = data.draw(st.integers(-5, len(article.text) + 5))
        told = data.draw(st.one_of(st.just(article.text[max(start, 0) : max(end, 0)]), st.text(max_size=20)))
        verified = verify(snapshot, [Proposal((Place(article.id, Span(start, end), told),))], [])
        for claim in verified.claims:
            assert claim.text == told == article.text[start:end]
        assert len(verified.claims) + verified.dropped == 1


def test_a_place_in_an_article_that_is_gone_is_dropped(seeds_archive: Archive) -> None:
    with seeds_archive.snapshot() as snapshot:
        place = Place("f" * 32, Span(0, 4), "The ")
        verified = verify(snapshot, [Proposal((place,))], [(0.5, place)])
    assert (verified.claims, verified.passages, verified.dropped) == ((), (), 2)


def test_one_character_off_is_dropped(seeds_archive: Archive) -> None:
    with seeds_archive.snapshot() as snapshot:
        article = next(iter(snapshot.listed(Filters()))).article
        span = Span(article.body, article.body + 40)
        text = article.text[span.start : span.end]
        kept = verify(snapshot, [Proposal((Place(article.id, span, text),))], [])
        off = verify(snapshot, [Proposal((Place(article.id, Span(span.start + 1, span.end + 1), text),))], [])
    assert [claim.text for claim in kept.claims] == [text]
    assert (off.claims, off.dropped) == ((), 1)


def test_every_quotation_of_an_answer_is_in_the_users_own_file(seeds: Assistant) -> None:
    answer = seeds.ask("who said the factions would attack?")
    citations = [one for claim in answer.claims for one in claim.citations] + [one.citation for one in answer.passages]
    assert len(citations) > 5
    for citation in citations:
        path = Path(citation.article.source)
        if path.suffix != ".jsonl":
            assert path.read_bytes().decode()[citation.start : citation.end] == citation.quote


def test_the_odd_characters_of_an_article_survive_the_whole_way(
    make_archive: Callable[..., Archive], assistant_over: Callable[[Archive], Assistant]
) -> None:
    text = (
        "\ufeffMayor Ine\u0301s Do\u0308ring \U0001f30a spoke on Monday.\r\n\r\n“The bridge\u00a0will reopen in May,”"
        " said Ms.\u202f\u200fDöring. Councillor Paul Reyes doubted it. [sic] [/bold] \x1b[31m"
    )
    answer = assistant_over(make_archive({"odd.txt": text})).ask("When will the bridge reopen?")
    assert answer.claims
    for found in answer.passages:
        assert text[found.citation.start : found.citation.end] == found.citation.quote
    assert text[answer.claims[0].citations[0].start : answer.claims[0].citations[0].end] == answer.claims[0].text


def test_no_other_module_makes_a_citation_or_goes_round_its_checks() -> None:
    makers: dict[str, set[str]] = {}
    for path in Path(assistant.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called in ("Citation", "Claim", "Found", "Reported", "model_construct", "Article"):
                makers.setdefault(path.name, set()).add(called)
    # A list of statements shows what stands there already; `Reported` checks it as it does for an answer.
    assert makers == {"verify.py": {"Citation", "Claim", "Found", "Reported"}, "present.py": {"Reported"}}
