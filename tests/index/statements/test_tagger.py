"""The trained tagger on an article of our own: who is found to have said what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.errors import OnrecordError
from index.statements.linking import Found
from index.statements.tagger import WEIGHTS, Tagger

ARTICLE = """Council votes to close the old harbour

“We cannot go on paying for a quay nobody uses,” Mayor Helena Ruiz told reporters on Tuesday. “The money is needed.”

Fishermen denied that the quay was empty. According to Tomás Okafor, who leads their union, forty boats land there.

The finance committee warned that repairs would cost three million euros.

Ruiz said the union had been heard in March and had made no offer.

“Some of us were never asked.

“Others were asked and were not listened to,” Okafor said.

The vote was eleven to four. A ferry leaves the harbour twice a day.
"""


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger()


@pytest.fixture(scope="module")
def found(tagger: Tagger) -> list[Found]:
    return tagger.tag([ARTICLE])[0]


def about(found: list[Found], words: str) -> Found:
    """The statement whose content holds the words."""
    position = ARTICLE.index(words)
    (one,) = [each for each in found if any(a <= position < b for a, b in each.content)]
    return one


def source(one: Found) -> str:
    return ARTICLE[slice(*one.source)] if one.source else ""


@pytest.mark.parametrize(
    ("words", "speaker", "cue", "kind"),
    [
        ("cannot go on", "Helena Ruiz", "told", "direct"),
        ("money is needed", "Helena Ruiz", "told", "direct"),
        ("quay was empty", "Fishermen", "denied", "indirect"),
        ("forty boats", "Tomás Okafor", "According to", "indirect"),
        ("would cost three", "finance committee", "warned", "indirect"),
        ("had made no offer", "Ruiz", "said", "indirect"),
        ("were asked and were not", "Okafor", "said", "direct"),
    ],
)
def test_each_statement_has_its_speaker_and_cue(
    found: list[Found], words: str, speaker: str, cue: str, kind: str
) -> None:
    one = about(found, words)
    assert speaker in source(one)
    assert cue in ARTICLE[slice(*one.cue)]
    assert one.kind == kind


def test_narration_is_nobodys_statement(found: list[Found]) -> None:
    last = ARTICLE.index("The vote was")
    assert not any(b > last for one in found for _, b in one.content)


def test_a_text_is_tagged_alike_alone_and_among_others(tagger: Tagger, found: list[Found]) -> None:
    short = "Anna Petrov said on Friday that the bridge would stay closed."
    together = tagger.tag([short, ARTICLE, "", "No one spoke."])
    assert [one.content for one in together[1]] == [one.content for one in found]
    assert [short[slice(*one.cue)] for one in together[0]] == ["said"]
    assert together[2] == []


def test_what_stands_before_the_start_is_not_looked_at(tagger: Tagger) -> None:
    matter = "---\ntitle: The mayor said that all was well\n---\n"
    text = matter + "Anna Petrov said that the bridge would stay closed."
    (one,) = tagger.tag([text], [len(matter)])[0]
    assert min(one.cue.start, *(span.start for span in one.content)) >= len(matter)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    card = json.loads((WEIGHTS / "tagger.json").read_bytes())
    (tmp_path / "tagger.json").write_text(json.dumps(card))
    (tmp_path / "tagger.onnx").write_bytes(b"not a graph")
    with pytest.raises(OnrecordError, match="damaged"):
        Tagger(tmp_path).tag(["Anna Petrov said no."])
