"""The encoder: passages in bulk and questions alone are one model; wrong weights and a dead process are named."""

from __future__ import annotations

import json
import os
import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from index.encoder import EncoderIdentity, identify, locate, question
from index.encoder.bulk import BulkEncoder
from index.encoder.question import QuestionEncoder, load
from index.encoder.tokens import counter
from index.errors import OnrecordError, WrongEncoder

TEXTS = [
    "Who said the factions would attack?",
    "al-Rubaie said: “We are ready.”",
    "The ferry closed.",
    "Mayor Ine\u0301s Do\u0308ring 🌊 spoke on Monday.\r\n\r\nCouncillor Paul Reyes doubted it.",
    "価格が上がった。市長は否定した。",
    "\u202eחדשות\u202c \u200fأخبار؟ نعم.",
    "?",
    "The harbour office gave no reason for the delay on any of the three days. " * 40,
]


@pytest.fixture
def other_model(model: Path, tmp_path: Path) -> Path:
    """A model in a folder of the user's own."""
    folder = tmp_path / "other"
    shutil.copytree(model, folder)
    return folder


class TestQuestions:
    def test_they_are_encoded_as_passages_are(
        self, bulk_encoder: BulkEncoder, question_encoder: QuestionEncoder
    ) -> None:
        cosines = (question_encoder.encode(TEXTS) * bulk_encoder.encode(TEXTS)).sum(axis=1)
        assert cosines.min() >= 0.9999

    def test_company_and_order_do_not_change_a_vector(self, question_encoder: QuestionEncoder) -> None:
        together = question_encoder.encode(TEXTS)
        alone = np.concatenate([question_encoder.encode([text]) for text in TEXTS])
        assert np.allclose(together, alone, atol=1e-4)

    def test_vectors_are_of_unit_length(self, question_encoder: QuestionEncoder, identity: EncoderIdentity) -> None:
        vectors = question_encoder.encode(TEXTS)
        assert vectors.shape == (len(TEXTS), identity.dimension)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert question_encoder.encode([]).shape == (0, identity.dimension)

    def test_a_torn_export_is_made_anew_and_a_copied_one_is_not(
        self,
        model: Path,
        identity: EncoderIdentity,
        question_encoder: QuestionEncoder,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        kept = Path(os.environ["ONRECORD_CACHE"]) / "encoders"
        shutil.copytree(kept, tmp_path / "encoders")
        (exported,) = (tmp_path / "encoders").rglob("question.onnx")
        monkeypatch.setenv("ONRECORD_CACHE", str(tmp_path))
        # The real export takes 15 seconds, and the session has made one already.
        monkeypatch.setattr(question, "_run_export", lambda _, file: shutil.copy(*kept.rglob("question.onnx"), file))
        told: list[str] = []
        os.utime(exported, ns=(0, 0))
        load(model, identity, notify=told.append)
        assert told == []
        os.truncate(exported, exported.stat().st_size // 2)
        again = load(model, identity, notify=told.append)
        assert len(told) == 1
        assert np.array_equal(again.encode(TEXTS), question_encoder.encode(TEXTS))

    def test_a_cache_that_cannot_be_written_is_named(
        self, model: Path, identity: EncoderIdentity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "cache").write_text("a file where a folder should be")
        monkeypatch.setenv("ONRECORD_CACHE", str(tmp_path / "cache"))
        with pytest.raises(WrongEncoder, match="ONRECORD_CACHE"):
            load(model, identity)


class TestBulk:
    def test_batches_come_back_in_order(self, bulk_encoder: BulkEncoder) -> None:
        before = bulk_encoder.seconds
        bulk_encoder.submit(TEXTS[:3])
        bulk_encoder.submit(TEXTS[3:5])
        first, second = bulk_encoder.receive(), bulk_encoder.receive()
        assert (len(first), len(second)) == (3, 2)
        expected = bulk_encoder.encode(TEXTS[:5])
        assert (np.concatenate([first, second]) * expected).sum(axis=1).min() >= 0.9999
        assert bulk_encoder.seconds > before

    @pytest.mark.parametrize("moment", ["loading", "encoding"])
    def test_the_death_of_its_process_is_named(self, model: Path, moment: str) -> None:
        with BulkEncoder(model) as encoder:
            if moment == "encoding":
                assert encoder.dtype in ("bfloat16", "float32")
                encoder.submit(TEXTS[-1:] * 2000)
            encoder._process.kill()
            with pytest.raises(OnrecordError, match="ended unexpectedly") as raised:
                encoder.encode(TEXTS)
        assert len(str(raised.value).splitlines()) == 1

    def test_closing_ends_its_process(self, model: Path) -> None:
        with BulkEncoder(model) as encoder:
            process = encoder._process
        assert process.poll() is not None


class TestWeights:
    def test_the_default_ones_are_checked_against_their_sum(
        self, other_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with (other_model / "model.safetensors").open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\x7f")

        installed = other_model.rename(tmp_path / "model")
        found = ModuleSpec("weights", None, origin=str(installed.parent / "__init__.py"))
        monkeypatch.setattr("importlib.util.find_spec", lambda _: found)
        with pytest.raises(WrongEncoder, match="damaged"):
            locate()

    def test_another_model_is_known_by_weights_and_settings(self, other_model: Path, identity: EncoderIdentity) -> None:
        assert identify(locate(str(other_model))).sha256 == identity.sha256
        settings = other_model / "sentence_bert_config.json"
        settings.write_text(json.dumps({**json.loads(settings.read_text()), "max_seq_length": 128}))
        changed = identify(other_model)
        assert (changed.window, changed.dimension) == (128, identity.dimension)
        assert changed.sha256 != identity.sha256

    def test_weights_that_change_are_hashed_again(self, other_model: Path) -> None:
        before = identify(other_model).sha256
        with (other_model / "model.safetensors").open("ab") as file:
            file.write(b"\0")
        assert identify(other_model).sha256 != before

    @pytest.mark.parametrize("missing", ["modules.json", "model.safetensors", "sentence_bert_config.json"])
    def test_a_folder_that_is_no_model_is_named(self, other_model: Path, missing: str) -> None:
        (other_model / missing).unlink()
        with pytest.raises(WrongEncoder):
            identify(locate(str(other_model)))


def test_tokens_are_counted_without_special_ones(model: Path) -> None:
    count = counter(model)
    assert count(["ferry", "the ferry closed", "", "word" * 100]) == [1, 3, 0, 1]
    assert count(["the ferry " * 1000]) == [2000]
