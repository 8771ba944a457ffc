"""Files put together to be sealed: what one office passes to another, opened with the receiver's key alone.

A parcel is a JSON document with the files in it, as text or as base64; the envelope around it is that of
`cop.kernel.sealing`. Whoever opens one needs neither a vault nor an observatory.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cop.kernel.errors import Conflict, Refused

VERSION: Final = 1
LIMIT: Final = 64 * 1024 * 1024
"""Bytes of the largest envelope that is opened."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.(?:json|pdf)")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a parcel: its name (no folder), media type and bytes."""

    name: str
    media: str
    data: bytes


def pack(files: Sequence[File]) -> str:
    """The parcel as text, ready to be sealed."""
    return json.dumps(
        {
            "cop-parcel": VERSION,
            "files": [
                {"name": f.name, "media": f.media, "base64": base64.b64encode(f.data).decode("ascii")} for f in files
            ],
        }
    )


def unpack(text: str) -> list[File]:
    """The files of a parcel.

    Raises:
        Refused: this is no parcel, or a file's name could lead out of the folder it is written to.
    """
    try:
        document: Any = json.loads(text)
        if document["cop-parcel"] != VERSION:
            raise Refused("this is a parcel of another version", expected=f"version {VERSION}")
        files = [
            File(str(f["name"]), str(f["media"]), base64.b64decode(f["base64"], validate=True))
            for f in document["files"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("what the envelope holds is no parcel", expected="what an export of a case made") from error
    for file in files:
        if not _NAME.fullmatch(file.name):
            raise Refused.value(file.name, "cannot be the name of a file", expected="letters, digits, .json or .pdf")
    if len({f.name for f in files}) != len(files):
        raise Refused("two files of the parcel have one name", expected="a name once")
    return files


def write(files: Sequence[File], folder: Path) -> list[Path]:
    """Write the files of a parcel into a folder, readable by their owner alone; their paths.

    Raises:
        Conflict: one of them is there already: nothing is written over, and nothing is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / file.name for file in files]
    if there := next((path for path in paths if path.exists()), None):
        raise Conflict(f"{there.name} is there already", expected="another folder, with -o")
    for path, file in zip(paths, files, strict=True):
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(file.data)
    return paths
