"""What a reader says instead of a draft, and how it names files and text in it."""

from __future__ import annotations

import os
import unicodedata
from contextlib import suppress
from pathlib import Path

from index.model import Frozen

# Joiners belong to the spelling of Persian, Indic and emoji names; every other invisible character is spelt out.
_JOINERS = "\u200c\u200d"
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class Refusal(Frozen):
    """A file or record that cannot become an article.

    `where` is "path" or "path:line" as the user gave the path, `why` says what is wrong, `hint` what to do. Each is
    printable on one line.
    """

    where: str
    why: str
    hint: str

    def __str__(self) -> str:
        """Place, reason and remedy on one line."""
        return f"{self.where}: {self.why}; {self.hint}"


def shown(name: str | Path) -> str:
    """`name` fit for one line of a screen: control characters, bidi marks, stray bytes and line breaks spelt out."""
    text = str(name)
    if isinstance(name, Path):
        with suppress(UnicodeEncodeError):  # a name that no disk can hold
            text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(map(_visible, text))


def is_unicode(text: str) -> bool:
    """Whether `text` can be written as UTF-8 at all, that is, has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def system_refusal(where: str, error: OSError) -> Refusal:
    """The refusal for a file or folder that the operating system does not hand out."""
    if isinstance(error, FileNotFoundError):
        return Refusal(where=where, why="no such file or folder", hint="check the name, or whether it was moved")
    if isinstance(error, PermissionError):
        return Refusal(where=where, why="permission denied", hint="allow yourself to read it, or leave it out")
    reason = (error.strerror or type(error).__name__).lower()
    return Refusal(where=where, why=f"cannot be read ({reason})", hint="check the file, the link or the disk")


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE or character in _JOINERS:
        return character
    return character.encode("unicode_escape").decode("ascii")
