"""What each command imports, seen from a fresh interpreter: what is not needed is not waited for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from index.encoder.question import QuestionEncoder
    from tests.conftest import MakeArchive

REPOSITORY = Path(__file__).parents[2]
TORCH = {"torch", "sentence_transformers", "transformers"}
SCREEN = {"textual"}
MODELS = {"onnx", "onnxruntime", "tokenizers", "sentencex", "numpy", "faiss", "tantivy"}
SLOW = {"pydantic", "rich", "yaml", "charset_normalizer", "multiprocessing", "asyncio"}

FERRY = "The ferry line closed on Tuesday. Its owner, Marta Quill, said that ticket sales had fallen by half."


def imported(statement: str) -> set[str]:
    """The packages that are in after `statement` has run, whatever it printed and however it ended."""
    program = f"""
import sys
try:
    {statement}
except SystemExit:
    pass
print("\\n" + " ".join({{name.partition(".")[0] for name in sys.modules}}))
"""
    process = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return set(process.stdout.splitlines()[-1].split())


def command(*arguments: object) -> str:
    return f"from assistant.cli import main; main({[str(argument) for argument in arguments]!r})"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["ask", "--help"], ["no such command"]])
def test_help_imports_nothing_slow(arguments: list[str]) -> None:
    modules = imported(command(*arguments))
    assert "assistant" in modules
    assert modules & (TORCH | SCREEN | MODELS | SLOW) == set()


@pytest.mark.parametrize(
    "module", ["index", "index.errors", "index.model", "index.readers", "index.archive", "index.adding"]
)
def test_nothing_of_the_index_imports_torch_by_itself(module: str) -> None:
    assert imported(f"import {module}") & (TORCH | SCREEN | {"onnx", "onnxruntime", "assistant"}) == set()


@pytest.mark.parametrize(
    "arguments",
    [["ask", "Who owns the ferry line?"], ["ask", "--json", "Who?"], ["search", "ferry"], ["list"], ["check"]],
    ids=" ".join,
)
def test_what_reads_an_archive_never_waits_for_torch_or_the_chat(
    make_archive: MakeArchive, question_encoder: QuestionEncoder, arguments: list[str]
) -> None:
    archive = make_archive({"ferry.txt": FERRY})
    modules = imported(command("--archive", archive.directory, *arguments))
    assert "index" in modules
    unneeded = TORCH | SCREEN | {"onnx", "charset_normalizer"}
    if arguments[0] in ("list", "check"):
        unneeded |= {"onnxruntime", "tokenizers", "sentencex"}
    assert modules & unneeded == set()


def test_the_chat_is_imported_without_any_model() -> None:
    modules = imported("import assistant.tui.app")
    assert "textual" in modules
    assert modules & (TORCH | {"onnx", "onnxruntime", "faiss", "tantivy"}) == set()
