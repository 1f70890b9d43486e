"""Speakers: whom a source names inside its article, what proves it, and when nobody is named."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.model import Span, Speaker
from index.statements import bodies, names
from index.statements.antecedents import FEATURES, WEIGHTS
from index.statements.speakers import matches, resolve, same_person

HARBOUR = """\
Harbour master wants a new pier

Tobias van der Berg, chairman of the harbour board, said on Monday that the old pier would be closed. He added \
that divers had found rust.

"We cannot wait," Mr. van der Berg said. The engineer, Ines Quintana, told reporters that the pier might last a \
year. She warned against haste.

The chairman said the board would vote in May. A spokesman for the town declined to comment, and officials said \
nothing had been decided.

"It will be costly," said retired brigadier general Yusuf al-Hariri. Al-Hariri believes that the ferries should \
move. The Harbour Daily reported that the vote was off.
"""


def found(text: str, *mentions: str) -> list[Speaker]:
    """The speakers of mentions, each looked for as a whole word after the one before it."""
    spans: list[Span] = []
    at = 0
    for mention in mentions:
        match = re.compile(rf"(?<!\w){re.escape(mention)}(?!\w)").search(text, at)
        assert match is not None, mention
        spans.append(Span(*match.span()))
        at = match.end()
    return resolve(text, spans)


def told(text: str, *mentions: str) -> list[tuple[str | None, str]]:
    """Name and way of each mention's speaker."""
    return [(speaker.name, speaker.resolved) for speaker in found(text, *mentions)]


def test_one_article_from_name_to_pronoun() -> None:
    assert told(
        HARBOUR,
        "Tobias van der Berg, chairman of the harbour board",
        "He",
        "Mr. van der Berg",
        "The engineer, Ines Quintana",
        "She",
        "The chairman",
        "retired brigadier general Yusuf al-Hariri",
        "Al-Hariri",
        "The Harbour Daily",
    ) == [
        ("Tobias van der Berg", "named"),
        ("Tobias van der Berg", "pronoun"),
        ("Tobias van der Berg", "surname"),
        ("Ines Quintana", "named"),
        ("Ines Quintana", "pronoun"),
        ("Tobias van der Berg", "role"),
        ("Yusuf al-Hariri", "named"),
        ("Yusuf al-Hariri", "surname"),
        ("Harbour Daily", "named"),
    ]


def test_who_is_not_named_stays_unresolved_with_the_mention_as_printed() -> None:
    for speaker in found(HARBOUR, "A spokesman for the town", "officials"):
        assert (speaker.name, speaker.named_at, speaker.resolved) == (None, None, "unresolved")
    assert HARBOUR[slice(*found(HARBOUR, "officials")[0].mention)] == "officials"


@pytest.mark.parametrize(
    ("mention", "role"),
    [
        ("Tobias van der Berg, chairman of the harbour board", "chairman of the harbour board"),
        ("The engineer, Ines Quintana", "engineer"),
        ("retired brigadier general Yusuf al-Hariri", "retired brigadier general"),
        ("Al-Hariri", "retired brigadier general"),
    ],
)
def test_the_role_is_the_articles_own_words(mention: str, role: str) -> None:
    (speaker,) = found(HARBOUR, mention)
    assert speaker.role is not None
    assert HARBOUR[slice(*speaker.role)] == role


def test_the_proof_of_a_surname_is_where_the_full_name_stands_even_if_it_stands_later() -> None:
    text = "Marlow denied everything. The police questioned Greta Marlow, a baker, on Friday."
    (speaker,) = found(text, "Marlow")
    assert speaker.named_at == Span(text.index("Greta"), text.index(", a baker"))


def test_an_honorific_tells_husband_from_wife() -> None:
    text = "Henry Ashdown and his wife, Clara Ashdown, spoke. Mrs. Ashdown said no. Mr. Ashdown said yes."
    assert told(text, "Mrs. Ashdown", "Mr. Ashdown") == [("Clara Ashdown", "surname"), ("Henry Ashdown", "surname")]


def test_a_surname_two_people_bear_is_nobodys_without_a_sign() -> None:
    text = "The brothers Paul Ashdown and Mark Ashdown own boats.\n\nThe weather was bad.\n\n“No,” Ashdown said."
    spans = [Span(text.rindex("Ashdown"), text.rindex("Ashdown") + 7)]
    assert [speaker.name for speaker in resolve(text, spans)] == [None]


@pytest.mark.parametrize(
    ("text", "mention", "name"),
    [
        ("A spokesman for Senator Ruth Okafor said no.", "A spokesman for Senator Ruth Okafor", None),
        ("Ruth Okafor's lawyer said no.", "Ruth Okafor's lawyer", None),
        ("A spokeswoman for the city, Ruth Okafor, said no.",
         "A spokeswoman for the city, Ruth Okafor,", "Ruth Okafor"),
        ("Secretary of State Ruth Okafor said no.", "Secretary of State Ruth Okafor", "Ruth Okafor"),
        ("Harbour Bank chief economist Ruth Okafor said so.", "Harbour Bank chief economist Ruth Okafor",
         "Ruth Okafor"),
        ("Ruth Okafor, aide to Peter Lund, said no.", "Ruth Okafor, aide to Peter Lund,", "Ruth Okafor"),
        ("A new CNN poll says no.", "A new CNN poll", "CNN"),
        ("A report in the Harbour Times says no.", "A report in the Harbour Times", "Harbour Times"),
        ("The White House said no.", "The White House", "White House"),
        ("According to the statement of the Ravel movement led by Akram Issa, no.",
         "the statement of the Ravel movement led by Akram Issa", "Ravel movement"),
        ("Ruth Okafor and Peter Lund said no.", "Ruth Okafor and Peter Lund", "Ruth Okafor and Peter Lund"),
        ("Iraqi officials said no.", "Iraqi officials", None),
        ("Critics said no.", "Critics", None),
    ],
)  # fmt: skip
def test_the_speaker_is_the_head_of_the_mention(text: str, mention: str, name: str | None) -> None:
    assert told(text, mention)[0][0] == name


def test_she_is_not_the_man_who_spoke_last() -> None:
    text = 'Anna Berg opened the school. Peter Lund said it was late. "We are proud," she said.'
    assert told(text, "Peter Lund", "she")[1][0] in ("Anna Berg", None)
    assert told(text, "Peter Lund", "she")[1][0] != "Peter Lund"


def test_what_stands_before_the_body_names_nobody() -> None:
    text = "Author: Ines Quintana\n\nQuintana said no."
    at = text.rindex("Quintana")
    assert resolve(text, [Span(at, at + 8)], start=at)[0].name == "Quintana"
    assert resolve(text, [Span(at, at + 8)])[0].name == "Ines Quintana"


def test_a_source_shared_by_statements_has_one_speaker() -> None:
    span = Span(HARBOUR.index("He added"), HARBOUR.index("He added") + 2)
    first, second = resolve(HARBOUR, [span, span])
    assert first == second


_PIECES = [
    *(
        "Ruth Okafor",
        "Mr. Lund",
        "al-Rubaie",
        "Peter\xa0Lund",
        "he",
        "said",
        "The chairman",
        "of",
        "the",
        "“No,”",
        "Dr.",
    ),
    *("D’Arcy", "Øst-Berg", "U.S.", "Post", "and", ",", ".", "\n\n", "(R-Ohio)", "—", "’s", "officials", "Secretary"),
    *("poll", "WHO", "\u202e", "🌊", "İ", "ǆ", "-", "'"),
]
_TEXT = st.lists(st.sampled_from(_PIECES), max_size=40).map(" ".join)


@settings(max_examples=80, deadline=None)
@given(text=st.one_of(_TEXT, st.text(max_size=80)), data=st.data())
def test_a_name_is_what_the_article_prints_where_the_proof_says(text: str, data: st.DataObject) -> None:
    ends = st.integers(0, len(text))
    drawn = data.draw(st.lists(st.tuples(ends, ends), max_size=6))
    sources = sorted(Span(min(pair), max(pair)) for pair in drawn)
    speakers = resolve(text, sources)
    assert [speaker.mention for speaker in speakers] == sources
    for speaker in speakers:
        assert (speaker.name is None) == (speaker.named_at is None) == (speaker.resolved == "unresolved")
        if speaker.named_at is not None:
            assert speaker.name == " ".join(text[slice(*speaker.named_at)].split()) != ""
        if speaker.role is not None:
            assert 0 <= speaker.role.start < speaker.role.end <= len(text)


@settings(max_examples=60, deadline=None)
@given(text=st.one_of(_TEXT, st.text(max_size=120)))
def test_names_are_ascending_spans_of_the_text(text: str) -> None:
    words = names.words(text)
    end = 0
    for name in names.names(text, words):
        assert end <= name.start < name.end <= len(text)
        assert text[name.start : name.end].startswith(words[name.first].text[:1])
        end = name.end


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Mahmoud al-Rubaie", "Mahmoud Al Rubaie", True),
        ("Mahmoud al-Rubaie", "Mahmoud el-Rubaie", True),
        ("José Peña", "Jose Pena", True),
        ("Donald J. Trump", "Donald Trump", True),
        ("Sen. Ruth Okafor", "Ruth Okafor", True),
        ("Jean-Claude Juncker", "jean claude juncker", True),
        ("Okafor", "Ruth Okafor", False),
        ("Al Gore", "Gore", False),
        ("al-Rubaie", "Al-Rubaie", True),
        ("Timothy Ash", "Timothy", False),
        ("Donald Trump Jr.", "Donald Trump", False),
        ("Ruth Okafor", "Ruth Lund", False),
        ("", "", False),
    ],
)
def test_one_person_across_articles_only_by_the_full_name(a: str, b: str, same: bool) -> None:
    assert same_person(a, b) is same
    assert same_person(b, a) is same


@pytest.mark.parametrize(
    ("name", "wanted", "does"),
    [
        ("Mahmoud al-Rubaie", "rubaie", True),
        ("Mahmoud al-Rubaie", "Al-Rubaie", True),
        ("Mahmoud al-Rubaie", "alrubaie", True),
        ("Mahmoud al-Rubaie", "mahmoud al rubaie", True),
        ("José Peña", "pena", True),
        ("Bill de Blasio", "De Blasio", True),
        ("Ruth Okafor", "Mrs. Okafor", True),
        ("Ruth Okafor", "Lund", False),
        ("Ruth Okafor", "Okafor Ruth", False),
        ("Ruth Okafor", "", False),
        ("Ruth Okafor", "Oka", False),
    ],
)
def test_a_filter_forgives_how_a_name_is_typed(name: str, wanted: str, does: bool) -> None:
    assert matches(name, wanted) is does


@pytest.mark.parametrize(("ranker", "columns"), [("persons", FEATURES), ("bodies", bodies.FEATURES)])
def test_the_weights_that_ship_are_those_the_features_need(ranker: str, columns: tuple[str, ...]) -> None:
    kept = json.loads(WEIGHTS.read_text("utf-8"))[ranker]
    assert set(kept["weights"]) == set(columns)
    assert set(kept["none"]) == set(kept["threshold"])
    assert all(0.5 <= threshold < 1 for threshold in kept["threshold"].values())


@pytest.mark.parametrize(
    ("text", "mention", "name"),
    [
        ("Nadia Holm, 24, from Leeds, who said the tide was high, left.", "who", "Nadia Holm"),
        ("Peter Lund, who earlier this year vowed to stay, left.", "who earlier this year", "Peter Lund"),
        ("The story was told by Ruth Okafor, a baker from York, who said it was late.", "who", "Ruth Okafor"),
        ("A friend who knew Ruth Okafor said a man who asked for her said no.", "who asked", None),
        ("It ran in the Harbour Times, which said the pier was shut.", "which", "Harbour Times"),
    ],
)
def test_a_relative_pronoun_is_who_stands_before_it(text: str, mention: str, name: str | None) -> None:
    assert told(text, mention)[0][0] == name


@pytest.mark.parametrize(
    ("text", "mention", "name"),
    [
        ("Pop expert and “Lost Tides” author Ruth Okafor said no.", "Pop expert and “Lost Tides” author Ruth Okafor",
         "Ruth Okafor"),
        ("Former Secretary of State and Democratic frontrunner Ruth Okafor said no.",
         "Former Secretary of State and Democratic frontrunner Ruth Okafor", "Ruth Okafor"),
        ("Smith & Dunn credit analyst Ines Lund said no.", "Smith & Dunn credit analyst Ines Lund", "Ines Lund"),
        ("A forecast Friday by the consulting firm Harbour Economics said no.",
         "A forecast Friday by the consulting firm Harbour Economics", "Harbour Economics"),
        ("An analysis of Harbour Commission data by Tidewatch Institute said no.",
         "An analysis of Harbour Commission data by Tidewatch Institute", "Tidewatch Institute"),
        ("Two brokers, Peter Lund and Ruth Okafor, said no.", "Two brokers, Peter Lund and Ruth Okafor,",
         "Peter Lund and Ruth Okafor"),
        ("Okoro's counsel Ruth Okafor said no.", "Okoro's counsel Ruth Okafor", "Ruth Okafor"),
        ("A judge overseeing a case involving Lund University said no.",
         "A judge overseeing a case involving Lund University", None),
        ("Virginia Sen. Peter Lund said no.", "Virginia Sen. Peter Lund", "Peter Lund"),
        ("American-born Okafor said no.", "American-born Okafor", "Okafor"),
        ("The news was first on harbournews.com as harbournews.com said.", "harbournews.com", "harbournews.com"),
    ],
)  # fmt: skip
def test_a_name_inside_a_long_mention_is_taken_if_it_is_its_head(text: str, mention: str, name: str | None) -> None:
    assert told(text, mention)[0][0] == name


@pytest.mark.parametrize(
    ("text", "mention", "name"),
    [
        ("The Lebanese army said no.", "The Lebanese army", "Lebanese army"),
        ("The Centers for Tide Control and Prevention said no.", "The Centers for Tide Control and Prevention",
         "Centers for Tide Control and Prevention"),
        ("It rose, the Lund County Sheriff's Office said.", "the Lund County Sheriff's Office",
         "Lund County Sheriff's Office"),
        ("It rose, the Al Ittihad news network said.", "the Al Ittihad news network", "Al Ittihad"),
        ("Karl Marlow spoke. The Marlow ad says no.", "The Marlow ad", None),
        ("Norway's embassy said no.", "Norway's embassy", "Norway's embassy"),
        ("The mayor's office said no.", "The mayor's office", "mayor's office"),
        ("The interior ministry said no.", "The interior ministry", "interior ministry"),
        ("Okafor's office said no. Ruth Okafor was out.", "Okafor's office", "Okafor's office"),
        ("The bill failed. Republicans said no.", "Republicans", "Republicans"),
        ("The bill failed. Some Republicans said no.", "Some Republicans", None),
        ("The ministry was quiet. Voters said no.", "Voters", None),
    ],
)  # fmt: skip
def test_a_mention_that_names_one_body_is_named(text: str, mention: str, name: str | None) -> None:
    assert told(text, mention)[0][0] == name


def test_a_short_form_that_the_article_explains_has_the_whole_name() -> None:
    text = "The Swiss Farmers Institute (SBV) met on Monday. Prices will rise, the SBV said."
    assert told(text, "the SBV") == [("Swiss Farmers Institute", "surname")]


def test_the_company_is_the_one_the_article_calls_so_and_that_spoke() -> None:
    text = (
        "Nordic Airlines cancelled all flights. Storms hit Oslo on Monday, Nordic Airlines said.\n\n"
        "“We are sorry,” the airline said. Police closed a road."
    )
    assert told(text, "Nordic Airlines said"[:15], "the airline")[1] == ("Nordic Airlines", "role")
    assert told("A shop burnt down. The company said no.", "The company")[0][0] is None


@pytest.mark.parametrize(
    ("text", "mention", "name"),
    [
        ("A schoolboy who was hit by lightning says he feels well.\n\nIvo Brandt, 12, was on his way home.",
         "A schoolboy", "Ivo Brandt"),
        ("The country's interior minister said the bridge was shut.\n\nInterior Minister Omar Haddad told reporters.",
         "The country's interior minister", "Omar Haddad"),
        ("A schoolgirl says she feels well.\n\nPeter Lund, 12, was on his way home.", "A schoolgirl", None),
        ("An official said no. The talks were long.\n\nPeter Lund welcomed the news.", "An official", None),
    ],
)  # fmt: skip
def test_a_story_may_name_its_first_speaker_in_the_next_sentence(text: str, mention: str, name: str | None) -> None:
    assert told(text, mention)[0][0] == name


@pytest.mark.parametrize(
    ("text", "mention", "name"),
    [
        ("“No,” said the pathologist, Dr. Omar Haddad.", "the pathologist", "Omar Haddad"),
        ("She called her public defender, Nathan Oduya, at once. Her public defender said no.", "Her public defender",
         "Nathan Oduya"),
        ("Jasmine Singer opened a shop. It is full. Singer said so.", "Singer", "Jasmine Singer"),
        ("Joe Marlow left. Joseph Marlow is a baker. Marlow said so.", "Marlow", "Joe Marlow"),
        ("Will Marlow run? Greta Marlow left. Marlow said so.", "Marlow said"[:6], "Greta Marlow"),
        ("Greta Shuttleworth left. Shutleworth said so.", "Shutleworth", "Greta Shuttleworth"),
    ],
)  # fmt: skip
def test_a_name_is_found_where_it_stands(text: str, mention: str, name: str | None) -> None:
    at = text.rindex(mention)
    assert resolve(text, [Span(at, at + len(mention))])[0].name == name


def test_she_is_the_spokeswoman_whatever_her_first_name() -> None:
    text = "“It is late,” said bank spokeswoman Chris Lund.\n\nShe said the vault was shut."
    assert told(text, "bank spokeswoman Chris Lund", "She")[1] == ("Chris Lund", "pronoun")


@pytest.mark.parametrize(
    ("text", "cut", "name"),
    [
        ("Norway's embassy spokesman Peter Lund was late.", "s embassy spokesman Peter Lund", "Peter Lund"),
        ("A Harbour Bank report said no.", "A", "Harbour Bank"),
        ("Harbour Times magazine said no.", "magazine", "Harbour Times"),
        ("Ruth Okafor, a baker from York, said no.", "a baker from York", "Ruth Okafor"),
    ],
)
def test_a_mention_that_was_cut_is_mended(text: str, cut: str, name: str) -> None:
    at = text.index(cut)
    assert resolve(text, [Span(at, at + len(cut))])[0].name == name
