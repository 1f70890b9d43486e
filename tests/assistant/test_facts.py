"""Facts over the seeds: the words that answer, as printed, within a verified quotation; silence where nothing does."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.engine import Assistant
from assistant.read.facts import Fact, Seen, Signals, key, together
from assistant.verify import Place
from index.archive import Archive
from index.model import Filters, Span

RESERVOIR = (
    "The reservoir at Oster holds nine million cubic metres, the water board said on Monday. Its dam was built in 1961."
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who leads the Nujaba movement?", "Akram al-Kaabi"),
        ("When will the bridge reopen?", "May"),
        ("How much does the free ferry cost a day?", "2,300 euros"),
        ("How far was the pier pushed out of place?", "11 centimetres"),
        ("How much will Northmoor Mutual pay towards the repair?", "1.9 million euros"),
        ("How many people signed the ferry petition?", "4,182"),
        ("Who is the harbour master?", "Tomas Okafor"),
    ],
)
def test_the_answer_is_the_words_as_printed(seeds: Assistant, question: str, answer: str) -> None:
    given = seeds.ask(question)
    assert (given.outcome, given.answer) == ("answered", answer)
    assert answer in given.claims[0].citations[0].quote


@pytest.mark.parametrize(
    "question",
    [
        "What is the name of the mayor's dog?",
        "How many votes did the mayor get in the last election?",
        "What was the captain of the barge paid?",
    ],
)
def test_what_the_articles_do_not_tell_of_what_they_are_about_is_not_answered(seeds: Assistant, question: str) -> None:
    given = seeds.ask(question)
    assert (given.outcome, given.answer, given.claims) == ("abstained", None, ())
    assert given.passages


def test_whole_sentences_are_quoted_and_whose_words_they_are_is_said(seeds: Assistant) -> None:
    claim = seeds.ask("How much does the free ferry cost a day?").claims[0]
    assert claim.text == "The ferry costs the city 2,300 euros a day."
    assert claim.reported is not None
    assert claim.reported.label == "Jorge Iturralde"
    told = seeds.ask("Who leads the Nujaba movement?").claims[0]
    assert told.reported is None


def test_a_wire_copy_gives_one_claim_and_adds_nothing_to_its_answer(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    question = "When was the dam of the reservoir at Oster built?"
    alone = assistant_over(make_archive({"one.txt": RESERVOIR})).ask(question)
    twice = assistant_over(make_archive({"one.txt": RESERVOIR, "copy.txt": RESERVOIR})).ask(question)
    assert (alone.answer, twice.answer) == ("1961", "1961")
    assert [len(claim.citations) for claim in twice.claims] == [2]
    assert twice.confidence == pytest.approx(alone.confidence, abs=0.05)


def test_filters_keep_an_answer_out(
    make_archive: Callable[..., Archive], assistant_over: Callable[..., Assistant]
) -> None:
    assistant = assistant_over(make_archive({"one.txt": RESERVOIR}))
    question = "When was the dam of the reservoir at Oster built?"
    assert assistant.ask(question, filters=Filters(since="2000-01-01")).outcome == "abstained"
    assert assistant.ask(question).outcome == "answered"


def seen(words: str, sentence: str, span: float, article: str = "a") -> Seen:
    return Seen(words, (Place(article, Span(0, len(sentence)), sentence),), 0.5, Signals(span, 0.0, 0.0, 0.5, 0.5))


def test_an_answer_that_several_texts_give_gains_and_the_same_sentence_counts_once() -> None:
    one = seen("4,182", "It was signed by 4,182 people.", 2.0)
    copy = seen("4,182", "It was  signed by 4,182 people.", 1.0, "b")
    other = seen("the 4,182", "The 4,182 who signed want it back.", 2.0, "c")
    alone, copied, both = (together(some)[0] for some in ([one], [one, copy], [one, other]))
    assert copied.score == alone.score
    assert [place.article for place in copied.sentences[0]] == ["a", "b"]
    assert both.score == pytest.approx(alone.score + math.log(2))
    assert len(both.sentences) == 2


def test_the_margin_is_to_the_next_different_answer() -> None:
    first, second = together(
        [seen("May", "In May.", 3.0), seen("may", "In may, then.", 2.5), seen("June", "June.", 1.0)]
    )
    assert (first.words, second.words) == ("May", "June")
    assert first.signals.margin == pytest.approx(first.score - second.score)


@given(st.lists(st.tuples(st.sampled_from(["May", "the May", "June", "“June”", "1961"]), st.floats(-9, 9)), max_size=8))
def test_answers_come_best_first_and_each_once(some: list[tuple[str, float]]) -> None:
    facts: list[Fact] = together([seen(words, f"{words}, they say.", span) for words, span in some])
    assert {key(fact.words) for fact in facts} == {key(words) for words, _ in some}
    assert len(facts) == len({key(fact.words) for fact in facts})
    assert [fact.score for fact in facts] == sorted((fact.score for fact in facts), reverse=True)
    assert all(fact.signals.margin >= 0 for fact in facts)
