"""The faults of a checked file (pydantic) in the house's one shape."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from cop.kernel.errors import Refused, Where, shown


def refusal(error: ValidationError, path: Path) -> Refused:
    """The first fault found, and how many more there are."""
    faults = error.errors(include_url=False)
    first = faults[0]
    field = ".".join(str(p) for p in first["loc"]) or None
    value = "" if first["type"] in {"missing", "value_error"} else f"{shown(first['input'])}: "
    message = first["msg"].removeprefix("Value error, ")
    note = f"{len(faults) - 1} more" if len(faults) > 1 else None
    return Refused(f"{value}{message[:1].lower()}{message[1:]}", where=Where(path, field=field), note=note)
