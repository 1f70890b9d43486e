"""From evidence to what should be claimed: places to quote, in the order they are to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.answer import Claim, Kind, Stance
from assistant.read.sentences import Evidence
from assistant.read.statements import Said
from assistant.verify import Place, Proposal
from index.model import Span, Statement
from index.sentences import sentences
from index.snapshot import Snapshot

_MOST_CLAIMS = 5
# A sentence much weaker than the best one does not support an answer, it pads it.
_LEAST_OF_BEST = 0.6
# Statements that score this much less than the best one pad it too, unless the judge is sure that they are about what
# was asked: beyond this, in log-odds.
_BEHIND, _SURELY_ABOUT = 6.0, 1.5
_MOST_OPPOSED = 3
# A reported claim is quoted with its cue and speaker in whole sentences, unless they stretch over more than this.
_LONGEST_QUOTE = 600
# Mentions that name nobody, whoever stands behind them.
_NOBODY = frozenset({"who", "whom", "which", "that", "one", "it", "the", "some", "others", "there"})


def compose(snapshot: Snapshot, evidence: Sequence[Evidence]) -> list[Proposal]:
    """Claims from sentences, best first; a sentence that is somebody's words says whose."""
    if not evidence:
        return []
    least = _LEAST_OF_BEST * evidence[0].score
    return [
        Proposal(one.places, statement=_statement_in(snapshot, one))
        for one in evidence[:_MOST_CLAIMS]
        if one.score >= least
    ]


def leading(kind: Kind, *, declining: bool = False) -> tuple[Stance, ...]:
    """The stances that answer a question: of those who say so, who dispute it, or who would not say."""
    if declining:
        return ("declines",)
    return ("disputes",) if kind == "disagree" else ("supports", "qualifies")


def compose_who_said(said: Sequence[Said], leading: Sequence[Stance]) -> list[Proposal]:
    """Claims from statements, a speaker each: those whose stance is asked for, then the other side.

    Those who decline to say come last; where they are asked for, they stand alone.
    """
    if not said:
        return []
    near = _each_speaker_once(_near(said))
    first = [one for one in near if one[0].stance in leading]
    other = sorted((one for one in near if one[0].stance not in leading), key=lambda one: one[0].stance == "declines")
    if "declines" in leading:
        other = []
    return _distinct(_proposal(one) for one in (*first[:_MOST_CLAIMS], *other[:_MOST_OPPOSED]))


def compose_what_said(said: Sequence[Said]) -> list[Proposal]:
    """Claims from the statements of one speaker, those most about the topic first. They take no side."""
    near = _same_words_once(_near(said))
    return _distinct(_proposal(one)._replace(stance=None) for one in near)[:_MOST_CLAIMS]


def short_answer(kind: Kind, claims: Sequence[Claim], leading: Sequence[Stance]) -> str | None:
    """The answer in a line: the names of those whose stance is asked for; of a fact, the first quotation."""
    if not claims:
        return None
    if kind in ("who_said", "disagree"):
        named = [claim.reported.label for claim in claims if claim.stance in leading and claim.reported is not None]
        return "; ".join(dict.fromkeys(name for name in named if name and name.lower() not in _NOBODY)) or None
    return claims[0].text


def _near(said: Sequence[Said]) -> list[Said]:
    """The statements that are about the question, as far as the best one shows."""
    least = said[0].score - _BEHIND
    return [one for one in said if one.score >= least or one.verdict.aboutness > _SURELY_ABOUT]


def _distinct(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Proposals but those that quote nothing an earlier one does not: two statements of one sentence, say."""
    kept: list[Proposal] = []
    for one in proposals:
        if not any(_within(one.places, earlier.places) for earlier in kept):
            kept.append(one)
    return kept


def _within(places: Sequence[Place], others: Sequence[Place]) -> bool:
    return all(
        any(
            place.article == other.article and other.span.start <= place.span.start and place.span.end <= other.span.end
            for other in others
        )
        for place in places
    )


def _each_speaker_once(said: Iterable[Said]) -> list[tuple[Said, ...]]:
    """The best statement of each speaker, with the same words in other articles; without a name, each statement."""
    kept: dict[str, tuple[Said, ...]] = {}
    for group in _same_words_once(said):
        speaker = group[0].statement.speaker
        name = speaker.name if speaker is not None else None
        kept.setdefault(name.casefold() if name else _words(group[0]), group)
    return list(kept.values())


def _same_words_once(said: Iterable[Said]) -> list[tuple[Said, ...]]:
    """Statements by their words: the best one first in each group."""
    groups: dict[str, tuple[Said, ...]] = {}
    for one in said:
        groups[_words(one)] = (*groups.get(_words(one), ()), one)
    return list(groups.values())


def _words(one: Said) -> str:
    return " ".join(" ".join(one.text[span.start : span.end] for span in one.statement.content).split())


def _proposal(said: Sequence[Said]) -> Proposal:
    # Oldest first, undated last, as the articles of one content are.
    group = sorted(said, key=lambda one: (one.articles[0].published is None, one.articles[0].published or ""))
    places = tuple(
        Place(article.id, span, article.text[span.start : span.end])
        for one in group
        for article in one.articles
        for span in cited(one.text, one.statement, body=article.body)
    )
    return Proposal(places, statement=group[0].statement, stance=group[0].stance)


def cited(text: str, statement: Statement, *, body: int) -> list[Span]:
    """What to quote of a statement: the whole sentences around it, or, where those are long, each of its spans."""
    speaker = () if statement.speaker is None else (statement.speaker.mention,)
    # The cue and speaker of a continued quotation stand in another paragraph.
    parts = statement.content if statement.continued else (*statement.content, statement.cue, *speaker)
    first, last = min(span.start for span in parts), max(span.end for span in parts)
    whole = [span for span in sentences(text, body) if span.start < last and first < span.end]
    around = Span(min([first, *(span.start for span in whole)]), max([last, *(span.end for span in whole)]))
    if around.end - around.start <= _LONGEST_QUOTE:
        return [around]
    return sorted(set(parts))


def _statement_in(snapshot: Snapshot, evidence: Evidence) -> Statement | None:
    """The statement that a sentence mostly is; None where it is the article's own telling."""
    place = evidence.places[0]
    best: tuple[int, Statement] | None = None
    for stored in snapshot.statements_of_article(place.article):
        inside = sum(
            max(0, min(span.end, place.span.end) - max(span.start, place.span.start))
            for span in stored.statement.content
        )
        if 2 * inside >= place.span.end - place.span.start and (best is None or inside > best[0]):
            best = (inside, stored.statement)
    return None if best is None else best[1]
