"""Which side a statement takes, by rules over the judge's verdict: a denial is never support, a hedge is called one.

The judge reads the cue too, but it may err; these words do not leave it a choice.
"""

from __future__ import annotations

import re
from typing import Literal

from index.model import Span, Statement

Stance = Literal["supports", "disputes", "qualifies", "declines"]

# Words looked at before a cue (for "did not") and after it (for "to comment"); never over the end of a sentence.
_BEFORE, _AFTER = 3, 7
# Above this the judge holds that a statement says what was asked.
_EVEN = 0.5

_NOT = r"(?:not|n't|never|cannot|neither|nor|no longer|hardly|without)"
_MODAL = (
    r"(?:(?:would|will|could|can|did|does|do|has|have|had|is|was|are|were|should|may|might)(?:\s+not\b|\s+never\b)"
    r"|\w+n't\b|cannot\b)(?:\s+(?:yet|immediately|publicly|directly|even|further|be able to|want to|wish to))?"
)
_TELL = (
    r"(?:(?:publicly\s+|further\s+|directly\s+)?(?:comment|speculat|elaborat|respond|repl(?:y|ied)|answer|disclos|reveal"
    r"|discuss|specif|guess|predict|foretell|be drawn|confirm|verif|identif|nam(?:e|ing)\b|clarif|detail|divulg|explain"
    r"|say|tell|talk|speak|weigh in|take (?:any )?questions|give (?:details|reasons|any|a\b)|provide details)\w*)"
)
_DECLINES = re.compile(
    rf"\b(?:declin|refus|avoid|demurr|resist)\w*\s+(?:(?:to|from|even|all|any)\s+)*{_TELL}"
    rf"|\b(?:declin|refus)\w*\s+(?:\w+\s+){{0,3}}(?:comment|interview)s?\b"
    rf"|\b{_MODAL}\s+(?!say\s+that\b){_TELL}"
    rf"|\b(?:unable|unwilling|reluctant|too early|too soon|not (?:ready|prepared|in a position))\s+to\s+{_TELL}"
    r"|\bno (?:immediate )?comment\b|\bwithh(?:eld|olds?) comment\b"
    r"|\b(?:neither|nor) confirm\w*|\bconfirm\w* (?:n?or|and) den\w+"
    r"|\b(?:stay|remain|kept|keep)(?:s|ed)? (?:silent|quiet|mum)\b"
)
# Only where somebody speaks of what they themselves can say: at the beginning of what they say.
_DECLINES_TO_SAY = re.compile(
    r"^(?:that )?(?:it (?:is|was|would be)|it's|there (?:is|was)|this is)?\s*"
    r"(?:(?:still |far |much )?too (?:early|soon)|(?:not|n't) (?:yet )?(?:possible|clear)|impossible|difficult|hard"
    r"|premature|no way)\s+(?:yet\s+)?(?:to|of)\s+"
    r"(?:speculat|say|tell|predict|know|guess|judg|foretell|comment|foresee|conclud|draw)"
    r"|^(?:that )?(?:i|we|he|she|they)\s+(?:(?:simply|just|really|honestly)\s+)?"
    r"(?:(?:will|can|could|would|am|is|are) not|cannot|\w+n't)\s+(?:be (?:able|going) to |going to )?"
    r"(?:speculat|comment|guess|predict|foretell|discuss|say\b(?! that))"
    r"|^(?:that )?(?:(?:i|we) (?:do not|don't)|(?:he|she|they) (?:do|does|did)(?: not|n't)) (?:yet |really )?know"
    r"(?: (?:whether|if|what|when|where|how|who|why|yet|at this)\b(?!.*\bbut\b)|[.,]?$)"
    r"|^(?:that )?(?:nobody|no one|no-one|none of us)\s+(?:can |could )?(?:knows?|say|tell|predict|foretell|guess)\b"
    r"|^no comment\b"
)

_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied|ying|ials?)|reject\w*|dismiss\w*|refut\w*|rebut\w*|disput\w*|doubt\w*|disbeliev\w*"
    r"|contradict\w*|disagree\w*|repudiat\w*|debunk\w*|disavow\w*|disclaim\w*|scoff\w*|sceptic\w*|skeptic\w*"
    r"|pooh-pooh\w*|rubbish(?:es|ed)|object(?:s|ed|ing)?\b|oppos(?:es?|ed|ing)|rul(?:e|es|ed|ing) out"
    r"|(?:push|hit)\w* back|sh(?:oo|o)ts? down|t(?:ake|akes|ook|aking) issue|brush\w* (?:off|aside)|laugh\w* off"
    r"|refus\w* to (?:accept|believe|acknowledge|admit|concede|agree|recogni[sz]e))"
)
_DISBELIEF = re.compile(
    rf"\b{_MODAL}\s+(?:\w+ly\s+)?(?:believ|think|thought|accept|agree|buy|convinced|expect|foresee|consider|see\b)\w*"
    r"|\bno longer (?:believ|think)\w*|\bnever (?:said|says|claimed|thought|believed|told|suggested|promised)\b"
)
_NEGATED = re.compile(rf"\b{_NOT}\s+(?:(?:\w+ly|even|to|yet|be|have)\s+){{0,2}}$|n't\s+(?:\w+ly\s+)?$", re.IGNORECASE)
_SURE = re.compile(r"\b(?:no|little|any|beyond|leaves? no|without)\s+(?:a |any )?(?:reasonable )?$")

_HEDGED_CUE = re.compile(
    r"\b(?:hint(?:s|ed|ing)?|wonder\w*|speculat(?:es?|ed|ing)|suspect(?:s|ed|ing)?|unsure|uncertain|undecided"
    r"|question(?:s|ed|ing)? (?:whether|if)|may|might|could)\b"
)
_HEDGED = re.compile(
    # Far into a sentence "may" is somebody else's, or beside the point.
    r"^(?:\S+\s+){0,9}(?:(?:may|might|could)\b(?!\s+not\b|n't|\s+have chosen\b)"
    r"|(?:perhaps|possibly|maybe|conceivably|presumably|potentially)\b)"
    r"|\b(?:not|n't) (?:be(?:en)? )?rul(?:e|ed|ing) out\b|\bremains to be seen\b|\bit depends\b"
    r"|^(?:that |and |but )?if (?!you\b)"
    r"|(?<!\bas )(?<!\beven )(?<!\bonly )(?<!, )\bif (?!you\b|not\b)(?:\S+\s+){2,8}\S+$"
    r"|\bunless\b|\bon condition that\b|\bprovided (?:that|they|he|she|it)\b"
)
# Theresa May, and the month.
_NAMED_MAY = re.compile(r"\bMay\b")
# Asked whether something will be done, "reluctance to do it" is no support, however much it is about that.
_HOLDS_BACK = re.compile(
    r"\b(?:reluctan\w+|hesita\w+|unwilling\w*|unlikely|disinclin\w+|afraid)\b(?:\s+\S+){0,4}?\s+(?:to|of)\b"
    r"|\bfear(?:s|ed)?\b(?!\s+that\b)",
    re.IGNORECASE,
)
_ASKED_INTENT = re.compile(
    r"\b(?:would|will|going to|ready|readiness|plans?|intends?|mean to|about to|prepared)\b", re.IGNORECASE
)
_ASKED_NEGATIVE = re.compile(
    rf"\b{_NOT}\b|\w+n't\b|\b(?:no|none|nobody|nothing|false|untrue|wrong|against|opposite)\b|{_DENIAL.pattern}"
)


def stance(text: str, statement: Statement, *, supports: float, asked: str = "") -> Stance:
    """The side a statement takes towards what was asked.

    `supports` is the judge's probability that the statement, its cue included, says what was asked rather than the
    opposite. `asked` is the question or proposition where it is known: asked for a denial ("who denied it?", "who said
    they would not …"), a denial is what was asked for, and asked for a "might", a "might" is no reservation.
    """
    cue, before, after = _around_cue(text, statement)
    said = _opening(text, statement.content)
    asked = _plain(asked).lower()
    if _declines(cue, before, after, said):
        return "declines"
    denial = _denial(cue, before, after) or ("denied" if _denied_before(text, statement) else None)
    if denial == "denied" and not _ASKED_NEGATIVE.search(asked):
        return "disputes"
    if supports < _EVEN:
        return "disputes"
    if _HOLDS_BACK.search(said) and _ASKED_INTENT.search(asked) and not _HOLDS_BACK.search(asked):
        return "disputes"
    if denial == "left open" or (_hedged(cue, said) and not _HEDGED.search(asked)):
        return "qualifies"
    return "supports"


def _declines(cue: str, before: str, after: str, said: str) -> bool:
    if _in_cue(_DECLINES, cue, before, after):
        return True
    return bool(_DECLINES_TO_SAY.match(said))


def _denial(cue: str, before: str, after: str) -> Literal["denied", "left open"] | None:
    """Whether the cue denies; "left open" where it is the denial that is denied ("did not rule out")."""
    whole = f"{before}{cue} {after}"
    for match in _DENIAL.finditer(whole, len(before)):
        if match.start() >= len(before) + len(cue):
            break
        leading = whole[: match.start()]
        if _SURE.search(leading):
            return None
        return "left open" if _NEGATED.search(leading) else "denied"
    return "denied" if _in_cue(_DISBELIEF, cue, before, after) else None


def _denied_before(text: str, statement: Statement) -> bool:
    """Whether what is said hangs on a denial that is not its cue: "A doubts that P …, A told reporters"."""
    start = statement.content[0].start
    if start - 60 <= statement.cue.start < start:  # then it is the cue that leads, and it was looked at
        return False
    leading = _plain(text[max(0, start - 60) : start]).lower()
    opening = _plain(text[start : start + 6]).lower()
    found = list(_DENIAL.finditer(leading))
    return (
        bool(found)
        and leading[found[-1].end() :].strip() in ("", "that")
        and (opening.startswith("that ") or leading.endswith("that"))
    )


def _in_cue(pattern: re.Pattern[str], cue: str, before: str, after: str) -> bool:
    """Whether a match has part of the cue in it. One that begins later is about what somebody else said or thought."""
    cue_ends = len(before) + len(cue)
    found = pattern.finditer(f"{before}{cue} {after}")
    return any(match.start() < cue_ends and match.end() > len(before) for match in found)


def _hedged(cue: str, said: str) -> bool:
    return bool(_HEDGED_CUE.search(cue) or _HEDGED.search(said))


def _around_cue(text: str, statement: Statement) -> tuple[str, str, str]:
    """The cue, a few words before it that are not content, and a few after it, content or not; in lower case."""
    cue = statement.cue
    floor = max((span.end for span in statement.content if span.end <= cue.start), default=0)
    before = re.split(r"[.!?;:,\n”\"]", text[floor : cue.start])[-1].split()[-_BEFORE:]
    after = re.split(r"[.!?;\n]", text[cue.end : cue.end + 120])[0].split()[:_AFTER]
    lead = _plain(" ".join(before)).lower()
    return _plain(text[cue.start : cue.end]).lower(), f"{lead} " if lead else "", _plain(" ".join(after)).lower()


def _opening(text: str, content: tuple[Span, ...]) -> str:
    """The first sentence of what is said, without quotation marks, in lower case; May is no "may"."""
    whole = " ".join(_plain(text[start:end]) for start, end in content)
    whole = re.sub(r"[\"“”«»]|(?<!\w)'|'(?!\w)", "", whole).strip()
    first = re.split(r"(?<=[.!?])\s", whole, maxsplit=1)[0]
    return _NAMED_MAY.sub("(name)", first).lower()


def _plain(text: str) -> str:
    """White space folded, one kind of apostrophe, and "does n't" as one word."""
    return " ".join(text.split()).replace("’", "'").replace("‘", "'").replace(" n't", "n't")
