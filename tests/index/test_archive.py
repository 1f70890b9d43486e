"""An archive says what was added, no more and no less: added again, edited, removed, and while others write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.model import Filters

if TYPE_CHECKING:
    from tests.conftest import MakeArchive

BRIDGE = "The bridge reopens in May, Ms. Döring said.\r\nCouncillor Paul Reyes doubted it."


def test_what_was_added_is_listed_with_its_text_as_it_was(make_archive: MakeArchive) -> None:
    archive = make_archive({"bridge.txt": BRIDGE})
    with archive.snapshot() as snapshot:
        (listed,) = snapshot.listed(Filters())
    assert listed.article.text == BRIDGE
    assert listed.passages == 1
    assert archive.check() == []
