"""Assistants over real archives: the seeds once for all tests, small ones where a test changes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.engine import Assistant
from index.adding import add
from index.archive import Archive, create_archive
from index.encoder import EncoderIdentity
from index.encoder.bulk import BulkEncoder
from index.encoder.question import QuestionEncoder

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="session")
def seeds_archive(
    tmp_path_factory: pytest.TempPathFactory, identity: EncoderIdentity, model: Path, bulk_encoder: BulkEncoder
) -> Archive:
    archive = create_archive(tmp_path_factory.mktemp("seeds") / "archive", identity)
    refusals: list[object] = []
    add(archive, [SEEDS], model, refused=refusals.append, encoder=bulk_encoder)
    assert refusals == []
    return archive


@pytest.fixture(scope="session")
def seeds(seeds_archive: Archive, question_encoder: QuestionEncoder) -> Assistant:
    return Assistant(seeds_archive, question_encoder)


@pytest.fixture
def assistant_over(question_encoder: QuestionEncoder) -> Callable[[Archive], Assistant]:
    return lambda archive: Assistant(archive, question_encoder)
