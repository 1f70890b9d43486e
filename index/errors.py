"""What can go wrong, by name. Each error is one line for a person: what, where, and what to do about it."""

from pathlib import Path
from typing import Self


class OnrecordError(Exception):
    """Base of every error that a person is meant to read.

    `message` says what is wrong and where; `hint` says what to do. Neither holds a line break.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = _one_line(message)
        self.hint = _one_line(hint)
        super().__init__(f"{self.message}; {self.hint}" if self.hint else self.message)


class UnreadableSource(OnrecordError):
    """A file, or a record of it, that cannot become an article."""


class NoArchive(OnrecordError):
    """There is no archive where one was looked for, or what is there is not one."""


class DamagedArchive(OnrecordError):
    """The archive's database contradicts itself or cannot be read."""


class WrongEncoder(OnrecordError):
    """The archive was made with another encoder than the one asked for, or its weights are not to be had."""


class ArchiveBusy(OnrecordError):
    """Another process is writing to the archive."""


class UnwritableProjection(OnrecordError):
    """The FAISS file or the tantivy index cannot be written. The database, read in their stead, is whole."""

    @classmethod
    def of(cls, name: str, directory: Path, error: Exception) -> Self:
        """The error for a projection in an archive's directory."""
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return cls(
            f"the articles are in, but the index of {name} in {directory} cannot be written ({reason})",
            "see to the disk; what is missing is written at the next question",
        )


class UnknownArticle(OnrecordError):
    """No article has this id, or more than one has it as a prefix."""


class UnusableQuestion(OnrecordError):
    """A question, a filter or a row of questions that cannot be asked."""


class Interrupted(OnrecordError):
    """Stopped by the user between two whole steps: nothing is half done."""


def _one_line(text: str) -> str:
    return " ".join(text.split())
