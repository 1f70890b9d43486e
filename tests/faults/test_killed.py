"""An adding process is killed at any step: the archive is sound, every article in it is whole, and adding again ends
where it would have ended."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from index.archive import create_archive, open_archive
from index.encoder import EncoderIdentity
from index.encoder.tokens import counter
from index.model import Filters
from index.passages import split
from tests.index.standin import Held, Numbers, held

if TYPE_CHECKING:
    from tests.faults.conftest import Child

LONG = "The ferry line closed on Tuesday, and its owner said that ticket sales had fallen by half. " * 40
OLD = {"a.txt": "The bridge reopens in May.", "b.txt": "Weavers voted to strike.", "c.txt": LONG}
NEW = {
    "a.txt": "The bridge reopens in June. " + LONG,
    "b.txt": "The strike is over.",
    "d.txt": LONG,  # a copy of c.txt
    "e.txt": "The harbour was quiet.",
    "wire.jsonl": "".join(
        json.dumps({"id": n, "text": f"Report {n}: the ferry. {LONG[:900]}"}) + "\n" for n in range(3)
    ),
}


class Story(NamedTuple):
    archive: Path
    folder: Path
    steps: int
    end: Held


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, identity: EncoderIdentity, model: Path, child: Child) -> Story:
    """An archive of the old files, the new files in their place, and how a writer that is not killed would end."""
    folder = tmp_path_factory.mktemp("killed")
    files, directory = folder / "files", folder / "archive"
    files.mkdir()
    for name, text in OLD.items():
        (files / name).write_text(text)
    numbers = Numbers(identity.dimension)
    numbers.add(create_archive(directory, identity), [files], model)
    for name, text in NEW.items():
        (files / name).write_text(text)
    whole = shutil.copytree(directory, folder / "whole")
    process = child("write", whole, files, 0)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return Story(directory, files, int(output), held(open_archive(whole), numbers))


@pytest.mark.parametrize("share", [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0])
def test_a_killed_writer_leaves_whole_articles_and_no_others(
    story: Story, child: Child, share: float, model: Path, identity: EncoderIdentity, tmp_path: Path
) -> None:
    directory = shutil.copytree(story.archive, tmp_path / "archive")
    process = child("write", directory, story.folder, max(1, int(story.steps * share)))
    _, errors = process.communicate()
    assert process.returncode == -9, errors
    archive = open_archive(directory)
    # That files have changed since is what the archive is to say; nothing else may be wrong.
    assert [problem for problem in archive.check() if not problem.startswith("source:")] == []
    tokens = counter(model)
    versions = {*OLD.values(), *NEW.values(), *(json.loads(line)["text"] for line in NEW["wire.jsonl"].splitlines())}
    with archive.snapshot() as snapshot:
        articles = [listed.article for listed in snapshot.listed(Filters())]
        places = [(article.source, article.record) for article in articles]
        assert len(places) == len(set(places))
        for listed in snapshot.listed(Filters()):
            assert listed.article.text in versions
            whole = split(listed.article.text, tokens=tokens, limit=identity.window - 2)
            assert listed.passages == len(whole)
    numbers = Numbers(identity.dimension)
    numbers.add(archive, [story.folder], model)
    assert held(archive, numbers) == story.end
    assert archive.check() == []
