"""Source files → drafts of articles: find the files of known formats, read each as a stream of drafts and refusals."""

from index.readers.files import find
from index.readers.refusal import Refusal
from index.readers.registry import FORMATS, read

__all__ = ["FORMATS", "Refusal", "find", "read"]
