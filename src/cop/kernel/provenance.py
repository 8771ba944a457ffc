"""Which code made a figure: the version, and one hash over the code and the data it carries."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cop
from cop.kernel.hashing import tree_sha256
from cop.kernel.resources import resource

_PACKAGE = Path(cop.__file__).resolve().parent
_CARRIED = ("catalogue", "models")


@cache
def code_version() -> dict[str, str]:
    """`version` of the software and `sha256` over its modules, templates, catalogue and models."""
    parts = [tree_sha256(_PACKAGE, _files(_PACKAGE))]
    parts += [tree_sha256(resource(name), _files(resource(name))) for name in _CARRIED]
    return {"version": cop.__version__, "sha256": "".join(part[:16] for part in parts)}


def _files(root: Path) -> list[Path]:
    return [
        p
        for p in root.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts and "share" not in p.relative_to(root).parts
    ]
