"""The tagger's verdicts on tokens → statements: which content, which cue and which source belong together.

Everything is linked through the cue (each attribution in PolNeAR has exactly one): with true spans, the nearest
source to a cue is right in .989, the nearest source to a content in .754. The tagger scores each token's role towards
a cue; rules stand in where it is unsure, and for the quotation that goes on over a paragraph in which nobody is
named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from index.model import Span
from index.statements import decoding
from index.statements.windows import Windows, quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["direct", "indirect", "mixed"]
# Columns of the tagger's logits, three each (outside, begin, inside), and of its roles.
SOURCE, CUE, CONTENT = range(3)
ROLE_SOURCE, ROLE_CONTENT = range(2)
# Log-odds beyond this say no more.
LIMIT = 8.0


_BEFORE_DATE = re.compile(r"(?<=\w)\s+(?:late |early )?(?:on|in|at)$", re.IGNORECASE)
_DATE = re.compile(
    r"\s+(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Jan|Feb|Mar|Apr|May\b|Jun|Jul|Aug|Sep|Oct|Nov|Dec|\d{1,4}\b)"
)


class Found(NamedTuple):
    """A statement as found in a text; spans in characters, contents ascending.

    `probability` is that of a person calling it a statement with this cue; `evidence` is what it was made of: the
    mean log-odds of the cue, of the content and of the link between them. `source_probability` is the tagger's that
    the source belongs to the cue, 0 without a source. `continued`: a paragraph of quotation without a cue, given to
    the speaker of the one before; its cue and source stand there.
    """

    content: tuple[Span, ...]
    cue: Span
    source: Span | None
    kind: Kind
    probability: float
    source_probability: float
    evidence: tuple[float, float, float]
    continued: bool = False


class Roles(NamedTuple):
    """How strongly tokens play a role towards a cue: `cue[i, r] · token[j, r] + distance[j - i, r]` are log-odds.

    `cue` and `token` are (tokens, 2, d) over one window; `distance` is (2 reach + 1, 2), its middle row for a
    distance of 0.
    """

    cue: NDArray[np.float32]
    token: NDArray[np.float32]
    distance: NDArray[np.float32]

    def of(self, position: int) -> NDArray[np.float32]:
        """Log-odds (tokens, 2) that each of the window's tokens is source or content of the cue at `position`."""
        reach = len(self.distance) // 2
        offset = np.clip(np.arange(len(self.token)) - position, -reach, reach) + reach
        scores: NDArray[np.float32] = np.einsum("rd,trd->tr", self.cue[position], self.token) + self.distance[offset]
        return scores


class Settings(NamedTuple):
    """What was fitted on held-out articles; written beside the weights.

    The biases are added to the log-probability of OUTSIDE, the thresholds compared with mean log-odds of roles.
    `statement` is an intercept and the weights of `Found.evidence`.
    """

    outside_bias: tuple[float, float, float] = (0.0, 0.0, 0.0)
    link: float = -3.0
    source: float = -1.5
    role: float = 0.0
    statement: tuple[float, float, float, float] = (0.0, 0.3, 0.3, 0.3)


class _Cue(NamedTuple):
    """A cue with its role scores (tokens, 2) over the whole text, and their running sums (tokens + 1, 2)."""

    tokens: Span
    scores: NDArray[np.float32]
    sums: NDArray[np.float64]
    certainty: float


def link(
    text: str, prepared: Windows, logits: NDArray[np.float32], roles: list[Roles], settings: Settings
) -> list[Found]:
    """The statements of a text, in the order of their contents.

    `logits` is (tokens, 9) over the whole text, `roles` has one entry a window.
    """
    if not len(prepared.ids):
        return []
    scores = [_log_softmax(logits[:, 3 * head : 3 * head + 3]) for head in (SOURCE, CUE, CONTENT)]
    for head, bias in enumerate(settings.outside_bias):
        scores[head][:, decoding.OUTSIDE] += bias
    sources, cue_spans, contents = (
        _whole_words(text, prepared, [span for raw in decoding.spans(score) for span in _by_paragraph(prepared, raw)])
        for score in scores
    )
    cues = [_cue(prepared, roles, scores[CUE], span) for span in cue_spans]
    inside = quoted(text, list(prepared.paragraphs))
    speech = [_kind(text, inside, [_characters(prepared, span)]) == "direct" for span in contents]
    given = _contents_of_cues(prepared, cues, contents, speech, settings)
    found = []
    for index, cue in enumerate(cues):
        mine = given.get(index) or _role_runs(text, prepared, cue, contents, settings)
        if not mine or _nested(cue, index, given):
            continue
        source = _source(text, prepared, cue, sources, mine, settings)
        found.append((cue, mine, source))
    statements = []
    for cue, mine, source in found:
        content = tuple(_characters(prepared, span) for span in mine)
        evidence = _evidence(cue, mine, scores[CONTENT])
        statements.append(
            Found(
                content=content,
                cue=_without_date(text, _characters(prepared, cue.tokens)),
                source=_characters(prepared, source) if source else None,
                kind=_kind(text, inside, content),
                probability=_sigmoid(float(np.dot(settings.statement, (1.0, *evidence)))),
                source_probability=_sigmoid(_strength(cue, source, ROLE_SOURCE)) if source else 0.0,
                evidence=evidence,
            )
        )
    statements += _continued(text, prepared, inside, statements)
    return sorted(statements, key=lambda one: (one.content[0], one.cue))


def _cue(prepared: Windows, roles: list[Roles], scores: NDArray[np.float32], span: Span) -> _Cue:
    window = int(prepared.owner[span.start])
    first, last = prepared.window[window]
    # Over the whole text, so that positions need no translation; what the window did not show is out of the question.
    everywhere = np.full((len(prepared.ids), 2), -1e3, dtype=np.float32)
    everywhere[first:last] = roles[window].of(span.start - first)
    sums = np.zeros((len(everywhere) + 1, 2))
    np.cumsum(everywhere, axis=0, dtype=np.float64, out=sums[1:])
    return _Cue(span, everywhere, sums, _certainty(scores, span))


def _contents_of_cues(
    prepared: Windows, cues: list[_Cue], contents: list[Span], speech: list[bool], settings: Settings
) -> dict[int, list[Span]]:
    """Contents by cue: the tagger's verdict, or the nearest cue of the paragraph where that is too weak.

    Only speech (words all in quotation marks) may stand in another paragraph than its cue; a heading there may look
    like it.
    """
    given: dict[int, list[Span]] = {}
    for content, spoken in zip(contents, speech, strict=True):
        strengths = [_strength(cue, content, ROLE_CONTENT) for cue in cues]
        best = strengths.index(max(strengths)) if strengths else -1
        sure = best >= 0 and strengths[best] >= settings.link
        if not sure or not (spoken or _same_paragraph(prepared, cues[best].tokens, content)):
            near = [
                (_gap(cue.tokens, content), index)
                for index, cue in enumerate(cues)
                if _same_paragraph(prepared, cue.tokens, content)
            ]
            best = min(near)[1] if near else -1
        if best >= 0:
            given.setdefault(best, []).append(content)
    return given


def _role_runs(text: str, prepared: Windows, cue: _Cue, contents: list[Span], settings: Settings) -> list[Span]:
    """The content of a cue that got none: the longest run of tokens that its role scores claim and no other cue has."""
    free = cue.scores[:, ROLE_CONTENT] > settings.role
    for span in contents:
        free[span.start : span.end] = False
    free[cue.tokens.start : cue.tokens.end] = False
    runs = _runs(free & (prepared.end > prepared.start))
    return _whole_words(text, prepared, [max(runs, key=lambda run: run.end - run.start)]) if runs else []


def _nested(cue: _Cue, index: int, given: dict[int, list[Span]]) -> bool:
    """Whether a cue stands inside the content of another: of statements in statements the outermost counts."""
    return any(
        span.start <= cue.tokens.start and cue.tokens.end <= span.end
        for other, spans in given.items()
        if other != index
        for span in spans
    )


def _source(
    text: str, prepared: Windows, cue: _Cue, sources: list[Span], contents: list[Span], settings: Settings
) -> Span | None:
    """The source of a cue: the span that the role scores favour, else a run of tokens they are sure of, else none."""
    free = [span for span in sources if not any(span.start < c.end and c.start < span.end for c in contents)]
    strengths = [_strength(cue, span, ROLE_SOURCE) for span in free]
    if strengths and max(strengths) > settings.source:
        return free[strengths.index(max(strengths))]
    sure = (cue.scores[:, ROLE_SOURCE] > settings.role) & (prepared.end > prepared.start)
    runs = _runs(sure)
    if not runs:
        return None
    surest = max(runs, key=lambda run: float(cue.scores[run.start : run.end, ROLE_SOURCE].max()))
    return _whole_words(text, prepared, [surest])[0]


def _continued(text: str, prepared: Windows, inside: NDArray[np.bool_], statements: list[Found]) -> list[Found]:
    """Quotations that fill a paragraph in which there is no statement: the speaker of the quotation before goes on."""
    found: list[Found] = []
    latest: Found | None = None
    for paragraph in prepared.paragraphs:
        mine = [one for one in statements if any(_overlap(span, paragraph) for span in (one.cue, *one.content))]
        if mine:
            last = max(mine, key=lambda one: one.content[-1].end)
            latest = last if last.kind != "indirect" else None
            continue
        letters = np.array([char.isalnum() for char in text[paragraph.start : paragraph.end]])
        if latest is None or not letters.any() or not inside[paragraph.start : paragraph.end][letters].all():
            latest = None
            continue
        latest = latest._replace(content=(paragraph,), kind="direct", continued=True)
        found.append(latest)
    return found


def _kind(text: str, inside: NDArray[np.bool_], spans: Sequence[Span]) -> Kind:
    marks = [bool(inside[position]) for a, b in spans for position in range(a, b) if text[position].isalnum()]
    if marks and all(marks):
        return "direct"
    return "mixed" if any(marks) else "indirect"


def _without_date(text: str, cue: Span) -> Span:
    """A cue without the preposition of a date behind it: "said" of "said on Friday"."""
    end = _BEFORE_DATE.search(text[cue.start : cue.end])
    if end is None or not _DATE.match(text, cue.end):
        return cue
    return Span(cue.start, cue.start + end.start())


def _evidence(cue: _Cue, contents: list[Span], scores: NDArray[np.float32]) -> tuple[float, float, float]:
    best = max(contents, key=lambda span: _strength(cue, span, ROLE_CONTENT))
    return cue.certainty, _certainty(scores, best), _strength(cue, best, ROLE_CONTENT)


def _strength(cue: _Cue, span: Span, role: int) -> float:
    """Mean log-odds that the tokens of a span play a role towards a cue, limited."""
    mean = float(cue.sums[span.end, role] - cue.sums[span.start, role]) / (span.end - span.start)
    return min(max(mean, -LIMIT), LIMIT)


def _certainty(scores: NDArray[np.float32], span: Span) -> float:
    """Mean log-odds that the tokens of a span are not OUTSIDE, limited."""
    rows = scores[span.start : span.end]
    odds = np.logaddexp(rows[:, decoding.BEGIN], rows[:, decoding.INSIDE]) - rows[:, decoding.OUTSIDE]
    return float(np.clip(odds.mean(), -LIMIT, LIMIT))


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def _runs(flags: NDArray[np.bool_]) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [Span(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _by_paragraph(prepared: Windows, span: Span) -> list[Span]:
    """A token span cut at the ends of paragraphs: nothing said runs on without a mark from one into the next."""
    real = prepared.end[span.start : span.end] > prepared.start[span.start : span.end]
    return [Span(span.start + a, span.start + b) for a, b in _runs(real)]


def _whole_words(text: str, prepared: Windows, spans: list[Span]) -> list[Span]:
    """The spans, ascending and still apart, grown to the edges of the words they cut."""

    def inside_word(token: int) -> bool:
        position = int(prepared.start[token])
        if not token or position != prepared.end[token - 1]:
            return False
        # "al-Rubaie" is one word.
        around = text[max(position - 2, 0) : position + 2].split("-")
        if len(around) == 2 and all(around) and "-" in text[position - 1 : position + 1]:
            return around[0][-1].isalnum() and around[1][0].isalnum()
        return text[position - 1 : position + 1].isalnum()

    grown: list[Span] = []
    for start, end in spans:
        floor = grown[-1].end if grown else 0
        while start > floor and inside_word(start):
            start -= 1
        start = max(start, floor)
        while end < len(prepared.ids) and prepared.end[end] > prepared.start[end] and inside_word(end):
            end += 1
        if start < end:
            grown.append(Span(start, end))
    return grown


def _characters(prepared: Windows, span: Span) -> Span:
    return Span(int(prepared.start[span.start]), int(prepared.end[span.end - 1]))


def _same_paragraph(prepared: Windows, a: Span, b: Span) -> bool:
    between = slice(min(a.start, b.start), max(a.end, b.end))
    return bool((prepared.end[between] > prepared.start[between]).all())


def _gap(a: Span, b: Span) -> int:
    return max(a.start - b.end, b.start - a.end, 0)


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end
