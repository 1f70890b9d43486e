"""`Assistant.ask`: what the command line, the batch and the chat all call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from assistant.answer import Answer, Collection, Found, Kind
from assistant.compose import compose, compose_fact, compose_what_said, compose_who_said, leading, short_answer
from assistant.kinds import by_vector
from assistant.question import Question, understand
from assistant.read import facts, sentences, statements
from assistant.read.confidence import FACT_THRESHOLD, THRESHOLD, confidence, of_facts
from assistant.read.facts import Fact
from assistant.read.judge import Judge
from assistant.read.reader import Reader
from assistant.retrieve import Candidate, retrieve
from assistant.speakers import described, mentions, named, resolved
from assistant.verify import Place, Proposal, verify
from index.archive import Archive, open_archive
from index.encoder import DEFAULT, identify, locate
from index.encoder.question import QuestionEncoder, load
from index.errors import Interrupted
from index.model import Article, Filters, Span
from index.snapshot import Snapshot
from index.statements.finder import Finder

_NO_FILTERS = Filters()
_SAYING: tuple[Kind, ...] = ("who_said", "what_said", "disagree")
# Looking at every source file costs microseconds each; beyond this many only those of the answer are looked at.
_MOST_SOURCES_LOOKED_AT = 5000
# Those who dispute it do not answer who said it, unless it is likelier than not that they speak of it at all.
_SURE_ENOUGH_ALONE = 0.5
# Why and how are told by no fewer words than these, and by words that are likelier right than not.
_FEWEST_WORDS, _SURE_ENOUGH = 4, 0.5


class Assistant:
    """An open archive and the models that read it. Questions may come from any thread, one at a time."""

    def __init__(
        self,
        archive: Archive,
        encoder: QuestionEncoder,
        finder: Finder | None = None,
        judge: Judge | None = None,
        reader: Reader | None = None,
    ) -> None:
        self.archive = archive
        self.encoder = encoder
        self.finder = finder or Finder()
        self.judge = judge or Judge()
        self.reader = reader or Reader()
        self._one_at_a_time = threading.Lock()

    @classmethod
    def open(cls, directory: Path, *, notify: Callable[[str], None] | None = None) -> Assistant:
        """Open the archive in `directory` with the encoder it was made with.

        `notify` is told when the question encoder has to be prepared first. Raises `NoArchive`, `WrongEncoder` and
        their like from `index.errors`.
        """
        recorded = open_archive(directory).encoder
        model = locate(None if recorded.name == DEFAULT else recorded.name)
        identity = identify(model)
        archive = open_archive(directory, identity)
        return cls(archive, load(model, identity, notify=notify))

    def ask(
        self,
        text: str,
        *,
        filters: Filters = _NO_FILTERS,
        passages: int = 10,
        session: str | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a question, or abstain; with the `passages` nearest ones.

        Raises `UnusableQuestion`; `Interrupted` when `stopped` turned true between two steps.
        """
        start = perf_counter()
        question = understand(text, filters)
        with self._one_at_a_time, self.archive.snapshot() as snapshot:
            vector = self.encoder.encode([question.text])[0]
            kind = question.kind or by_vector(question.text, vector)
            exact = resolved(snapshot, filters)
            candidates = retrieve(snapshot, question.text, vector, exact, limit=max(passages, 10))
            retrieved = perf_counter()
            _go_on(stopped)
            sure, proposed = self._said(snapshot, question, kind, candidates, exact)
            _go_on(stopped)
            read: list[Fact] = []
            # Where only the vector told the kind, the other way to answer is tried as well before there is silence.
            guessed = kind if question.kind is None else None
            if not proposed and guessed == "who_said":
                kind = "fact"
            if not proposed and kind in ("fact", "open"):
                read = facts.read(snapshot, question.text, candidates, self.reader, exact)
                _go_on(stopped)
                told = of_facts(read)
                read = read if told >= FACT_THRESHOLD and (question.kind != "open" or _tell(read)) else []
                proposed = compose_fact(snapshot, read)
                if proposed or kind == "fact":
                    sure = max(sure, told)
                if not proposed and guessed == "fact":
                    said, claims = self._said(snapshot, question, "who_said", candidates, exact)
                    _go_on(stopped)
                    if said >= _SURE_ENOUGH_ALONE and claims:
                        kind, sure, proposed = "who_said", said, claims
                if not proposed and guessed is not None:
                    kind = guessed
            # Who said something is answered with statements or not at all, and so is a fact with its words: a sentence
            # that only resembles the question does not tell.
            if not proposed and kind in ("open", "what_said"):
                evidence = sentences.read(snapshot, question.text, candidates, self.encoder, exact)
                if question.subject is not None:
                    evidence = [one for one in evidence if mentions(one.places[0].text, question.subject)]
                _go_on(stopped)
                sure = max(sure, confidence(candidates, evidence))
                proposed = compose(snapshot, evidence) if sure >= THRESHOLD else []
            verified = verify(snapshot, proposed, _places(snapshot, candidates[:passages], exact))
            answered = bool(verified.claims)
            articles, number_of_passages = snapshot.counts()
            return Answer(
                question=text,
                interpreted_as=question.text,
                kind=kind,
                filters=filters,
                session=session,
                outcome="answered" if answered else "abstained",
                answer=short_answer(kind, verified.claims, leading(kind, declining=question.declining), read),
                # Silence because nothing could be verified is as sure as it gets that there is no answer to show.
                confidence=sure if answered or not proposed else 0.0,
                claims=verified.claims,
                passages=verified.passages,
                notes=_notes(snapshot, filters, verified.passages, dropped=verified.dropped),
                timings_ms=_timings(start, retrieved, perf_counter()),
                archive=Collection(generation=snapshot.generation, articles=articles, passages=number_of_passages),
            )

    def search(self, text: str, *, filters: Filters = _NO_FILTERS, limit: int = 10) -> tuple[Found, ...]:
        """The passages nearest to a question, best first, each verified. Raises `UnusableQuestion`."""
        question = understand(text, filters)
        with self._one_at_a_time, self.archive.snapshot() as snapshot:
            vector = self.encoder.encode([question.text])[0]
            exact = resolved(snapshot, filters)
            candidates = retrieve(snapshot, question.text, vector, exact, limit=limit)
            return verify(snapshot, [], _places(snapshot, candidates, exact)).passages

    def collection(self) -> Collection:
        """What the archive holds now."""
        with self.archive.snapshot() as snapshot:
            articles, passages = snapshot.counts()
            return Collection(generation=snapshot.generation, articles=articles, passages=passages)

    def article(self, identity: str) -> Article | None:
        """One article by its id, None when it is gone."""
        with self.archive.snapshot() as snapshot:
            return snapshot.article(identity)

    def counts(self) -> tuple[int, int]:
        """How many articles and passages the archive holds now."""
        now = self.collection()
        return now.articles, now.passages

    def _said(
        self, snapshot: Snapshot, question: Question, kind: Kind, passages: Sequence[Candidate], exact: Filters
    ) -> tuple[float, list[Proposal]]:
        """How sure an answer from statements is, and its claims; none where the question asks for something else."""
        if kind not in _SAYING and not exact.speaker:
            return 0.0, []
        names: Sequence[str] | None = exact.speaker or None
        if question.subject is not None and names is None:
            names = named(snapshot, question.subject) or None
        said = statements.read(
            snapshot,
            question.text,
            question.topic or question.text,
            self.finder.encoder.encode([question.text])[0],
            passages,
            exact,
            self.finder,
            self.judge,
            names=names,
            disputed=kind == "disagree",
        )
        if question.subject is not None and names is None:
            said = described(said, question.subject)
        if question.claimant is not None:
            own = set(named(snapshot, question.claimant))
            said = [one for one in said if one.stance != "disputes" or not own & {_name(one)}]
        sure = statements.confidence(said)
        if sure < statements.THRESHOLD:
            return sure, []
        if kind not in ("who_said", "disagree"):
            return sure, compose_what_said(said)
        wanted = leading(kind, declining=question.declining)
        proposed = compose_who_said(said, wanted)
        answered = question.subject is not None or any(one.stance in wanted for one in proposed)
        return sure, proposed if answered or sure >= _SURE_ENOUGH_ALONE else []


def _name(said: statements.Said) -> str | None:
    return None if said.statement.speaker is None else said.statement.speaker.name


def _tell(read: Sequence[Fact]) -> bool:
    """Whether the words found do for a question that asks for more than a name or a number."""
    return len(read[0].words.split()) >= _FEWEST_WORDS and of_facts(read) >= _SURE_ENOUGH


def _go_on(stopped: Callable[[], bool] | None) -> None:
    if stopped is not None and stopped():
        raise Interrupted("the question was cancelled")


def _places(snapshot: Snapshot, candidates: Sequence[Candidate], filters: Filters) -> list[tuple[float, Place]]:
    places: list[tuple[float, Place]] = []
    for candidate in candidates:
        span = Span(candidate.passage.start, candidate.passage.end)
        # Wire copies share their passages: the oldest that passes the filters stands for all.
        for article in snapshot.appearances(candidate.passage.content, filters)[:1]:
            places.append((candidate.score, Place(article.id, span, article.text[span.start : span.end])))
    return places


def _notes(snapshot: Snapshot, filters: Filters, passages: Sequence[Found], *, dropped: int) -> tuple[str, ...]:
    notes: list[str] = []
    sources = snapshot.all_sources()
    if len(sources) > _MOST_SOURCES_LOOKED_AT:
        sources = list(dict.fromkeys(found.citation.article.source for found in passages))
    if not sources:
        notes.append("the archive holds no articles yet: onrecord add takes them in")
    if changed := snapshot.changed_sources(sources):
        files, they = ("1 file has", "it was") if len(changed) == 1 else (f"{len(changed):,} files have", "they were")
        notes.append(f"{files} changed or vanished since {they} indexed: onrecord check says which")
    if unfinished := len(snapshot.unfinished_sources()):
        files = "1 file is" if unfinished == 1 else f"{unfinished:,} files are"
        notes.append(f"{files} not in to the end: an add is at work there, or was stopped; the same add goes on")
    if (filters.since or filters.until) and (undated := snapshot.undated()):
        articles = "1 article without a date was" if undated == 1 else f"{undated:,} articles without a date were"
        notes.append(f"{articles} left out")
    if dropped:
        quotations = "1 quotation" if dropped == 1 else f"{dropped:,} quotations"
        notes.append(f"left out {quotations} that could not be verified")
    return tuple(notes)


def _timings(start: float, retrieved: float, end: float) -> dict[str, float]:
    milliseconds = {"retrieve": retrieved - start, "read": end - retrieved, "total": end - start}
    return {name: round(1000 * seconds, 1) for name, seconds in milliseconds.items()}
