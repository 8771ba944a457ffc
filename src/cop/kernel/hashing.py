"""SHA-256 of files and folders, and canonical JSON: the two ways content gets its name here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

_CHUNK = 1 << 20


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def text_sha256(text: str) -> str:
    """Hex digest of a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical_json(value: object) -> str:
    """JSON with one form per value: keys sorted, one space of indent, UTF-8 left as it is, a newline at the end.

    Raises:
        ValueError: the value holds NaN or an infinity; both would not be JSON.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def tree_sha256(root: Path, files: Iterable[Path]) -> str:
    """Hex digest over the names (relative to `root`) and contents of `files`, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(root).as_posix()}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()
