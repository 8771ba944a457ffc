"""Where the data that is not code lies: `catalogue/` and `models/`.

In a wheel they are packed as `cop/share/...`; in a checkout they stand at the project's root.
"""

from __future__ import annotations

from pathlib import Path

from cop.kernel.errors import NotFound

_PACKAGE = Path(__file__).resolve().parent.parent
_ROOTS = (_PACKAGE / "share", _PACKAGE.parent.parent)


def resource(name: str) -> Path:
    """The folder or file of that name, for instance `resource("catalogue/threats")`.

    Raises:
        NotFound: the installation lacks it.
    """
    for root in _ROOTS:
        if (root / name).exists():
            return root / name
    raise NotFound(f"{name} is missing from this installation", expected=f"one of {', '.join(map(str, _ROOTS))}")
