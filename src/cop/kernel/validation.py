"""The faults of a checked description (pydantic) in the house's one shape."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import ValidationError

from cop.kernel.errors import Refused, Where, shown

_SHOULD = re.compile(r"^(?:input|string|value|list|tuple|dictionary) should (?:be )?", re.IGNORECASE)


def refusal(error: ValidationError, path: Path, *, what: str) -> Refused:
    """The first fault found, and how many more there are.

    Args:
        error: what pydantic says.
        path: the file.
        what: what the file is, with its article: "a survey description".
    """
    faults = error.errors(include_url=False, include_input=True)
    fault = faults[0]
    field = ""
    for part in fault["loc"]:
        field += f"[{part}]" if isinstance(part, int) else f".{part}" if field else str(part)
    where = Where(path, field=field or None)
    said = fault["msg"].removeprefix("Value error, ")
    note = f"{len(faults) - 1} more to mend in the file" if len(faults) > 1 else None
    match fault["type"]:
        case "missing":
            return Refused("is missing", where=where, note=note)
        case "extra_forbidden":
            return Refused(f"is not a field of {what}", where=where, note=note)
        case "value_error":
            return Refused(said, where=where, note=note)
        case _:
            expected = _SHOULD.sub("", said[:1].lower() + said[1:])
            return Refused(f"{shown(fault['input'])} will not do", where=where, expected=expected, note=note)
