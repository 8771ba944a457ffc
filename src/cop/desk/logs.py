"""Logs for operators, one JSON object a line, that hold nothing of anybody: what is not known to be safe is left out.

No line holds an address, a query, a body, a header or a name. A page is named by its route, an exception by its kind
and the places it passed, without its words and without values: both may quote what somebody wrote. What a library says
is kept as its template, never filled in; what we say is a constant.
"""

from __future__ import annotations

import logging
import time
from contextvars import ContextVar
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final

from pythonjsonlogger.json import JsonFormatter

FACTS: Final = ("route", "method", "status", "milliseconds")
"""What a line of ours may say beside its event."""

_OURS: Final = ("cop.", "_granian")
REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
"""The number of the request that is being answered."""


class Lines(JsonFormatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.startswith(_OURS)
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.msg if ours else _template(record),
            "at": f"{record.module}:{record.lineno}",
            "request": REQUEST.get(),
            **({fact: getattr(record, fact, None) for fact in FACTS} if ours else {}),
            "exception": _told(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None,
        }
        return self.serialize_log_record({name: value for name, value in line.items() if value is not None})


def _template(record: logging.LogRecord) -> str | None:
    """What a library says before its values are filled in; None where they may be in it already."""
    return record.msg if isinstance(record.msg, str) and record.args and "%" in record.msg else None


def _told(error: BaseException) -> list[dict[str, Any]]:
    """The kinds of an exception and of what caused it, outermost first, each with the places it passed."""
    told, seen, at = [], set[int](), error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        places = [
            f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
            for frame, line in walk_tb(at.__traceback__)
        ]
        told.append({"kind": f"{type(at).__module__}.{type(at).__qualname__}", "places": places[-12:]})
        at = at.__cause__ or at.__context__  # type: ignore[assignment]
    return told
