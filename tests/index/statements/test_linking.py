"""From verdicts on tokens to statements. The verdicts are written by hand, so each test shows one rule of linking."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoder.weights import locate
from index.statements.decoding import BEGIN, INSIDE, OUTSIDE
from index.statements.linking import Found, Roles, Settings, link
from index.statements.windows import Windows, prepare, tokenizer

HEADS = "SQC"  # source, cue (for "quoth"), content
MARK = re.compile(r"([SQC]\d\[|\])")


def read(marked: str, *, roles: bool = True) -> tuple[str, list[Found]]:
    """Statements of a text in which `S1[…]`, `Q1[…]`, `C1[…]` mark source, cue and content of statement 1.

    With `roles` the tagger is sure which belong together; without, it has no opinion.
    """
    text, spans, opened = "", [], []
    for part in MARK.split(marked):
        if part == "]":
            head, number, start = opened.pop()
            spans.append((head, number, start, len(text)))
        elif MARK.fullmatch(part):
            opened.append((HEADS.index(part[0]), int(part[1]), len(text)))
        else:
            text += part
    one = prepare(text, tokenizer(locate() / "tokenizer.json"))
    logits = np.zeros((len(one.ids), 3, 3), dtype=np.float32)
    logits[:, :, OUTSIDE] = 6
    size = 10
    cue = np.zeros((len(one.ids), 2, size), dtype=np.float32)
    token = np.zeros_like(cue)
    for head, number, start, end in spans:
        where = np.flatnonzero((one.start < end) & (one.end > start) & (one.end > one.start))
        logits[where, head, OUTSIDE] = 0
        logits[where, head, INSIDE] = 6
        logits[where[0], head, BEGIN] = 9
        if head == 1:
            cue[where, :, number] = 1
        elif roles:
            token[where, 0 if head == 0 else 1, number] = 10
    return text, link(text, one, logits.reshape(-1, 9), window_roles(one, cue, token), Settings())


def window_roles(one: Windows, cue: np.ndarray, token: np.ndarray) -> list[Roles]:
    distance = np.full((3, 2), -5, dtype=np.float32)
    return [Roles(cue[a:b], token[a:b], distance) for a, b in one.window]


def shown(text: str, one: Found) -> tuple[str | None, str, list[str]]:
    source = text[slice(*one.source)] if one.source else None
    return source, text[slice(*one.cue)], [text[a:b] for a, b in one.content]


def test_a_quotation_broken_by_its_cue_is_one_statement() -> None:
    text, found = read("C1[“We sail at noon,”] S1[Kofi Mensah] Q1[said], C1[“and not before.”]")
    assert [shown(text, one) for one in found] == [("Kofi Mensah", "said", ["“We sail at noon,”", "“and not before.”"])]
    assert found[0].kind == "direct"


def test_two_statements_may_share_a_source_mention() -> None:
    text, found = read("S1[Mensah] Q1[said] C1[the port was shut] and Q2[denied] C2[that anyone was hurt].")
    assert [shown(text, one)[1:] for one in found] == [
        ("said", ["the port was shut"]),
        ("denied", ["that anyone was hurt"]),
    ]
    assert found[0].kind == "indirect"


def test_of_statements_in_statements_the_outermost_counts() -> None:
    text, found = read("S1[Mensah] Q1[said] C1[that Owusu Q2[denied] the strike].")
    assert [shown(text, one) for one in found] == [("Mensah", "said", ["that Owusu denied the strike"])]


def test_an_unlinked_content_goes_to_the_nearest_cue_of_its_paragraph() -> None:
    text, found = read("S1[Mensah] Q1[said] C1[it was over]. S2[Owusu] Q2[replied] C2[it was not].", roles=False)
    assert [shown(text, one)[1:] for one in found] == [("said", ["it was over"]), ("replied", ["it was not"])]
    assert all(one.source is None for one in found)


def test_a_paragraph_of_quotation_belongs_to_the_speaker_before() -> None:
    text, found = read("C1[“Some of them are afraid,”] S1[Mensah] Q1[said].\n\n“Others have left.”\n\nNobody was hurt.")
    assert [(shown(text, one)[0], one.content[0].start, one.continued) for one in found] == [
        ("Mensah", 0, False),
        ("Mensah", text.index("“Others"), True),
    ]


def test_narration_after_a_quotation_is_no_statement() -> None:
    _, found = read(
        "C1[“Some of them are afraid,”] S1[Mensah] Q1[said].\n\nThe harbour was calm.\n\n“Others have left.”"
    )
    assert len(found) == 1


def test_words_are_never_cut() -> None:
    text, found = read("S1[Ali al]-Rubaie Q1[confirm]ed C1[that unrest]s.")
    assert [shown(text, one) for one in found] == [("Ali al-Rubaie", "confirmed", ["that unrests"])]


def test_a_heading_before_a_quotation_is_no_part_of_it() -> None:
    text, found = read(f"C1[Hard times\n“We are afraid,”] S1[Mensah] Q1[said]. {'The night was long. ' * 8}\nHe left.")
    assert [shown(text, one)[2] for one in found] == [["“We are afraid,”"]]


def test_a_half_quoted_content_is_mixed() -> None:
    _, found = read("S1[Mensah] Q1[called] C1[the plan “a disgrace” for the town].")
    assert found[0].kind == "mixed"


def test_sure_tokens_give_a_likelier_statement_than_doubtful_ones() -> None:
    _, sure = read("S1[Mensah] Q1[said] C1[it was over].")
    _, doubtful = read("S1[Mensah] Q1[said] C1[it was over].", roles=False)
    assert sure[0].probability > doubtful[0].probability
    assert sure[0].source_probability > 0.9


@settings(deadline=None, max_examples=40)
@given(st.text(alphabet="ab “”.\n", min_size=1, max_size=120), st.integers(0, 2**32 - 1))
def test_whatever_the_verdicts_spans_lie_in_the_text_and_contents_do_not_overlap(text: str, seed: int) -> None:
    one = prepare(text, tokenizer(locate() / "tokenizer.json"))
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 4, (len(one.ids), 9)).astype(np.float32)
    cue, token = rng.normal(0, 2, (2, len(one.ids), 2, 4)).astype(np.float32)
    found = link(text, one, logits, window_roles(one, cue, token), Settings())
    spans = [span for each in found for span in (*each.content, each.cue, *([each.source] if each.source else []))]
    assert all(0 <= a < b <= len(text) and text[a:b].strip() == text[a:b] for a, b in spans)
    for each in found:
        assert all(x.end <= y.start for x, y in zip(each.content, each.content[1:], strict=False))
        assert 0 <= each.probability <= 1
