"""Bodies of the service, read so that a hostile one costs little: a cap on bytes, on depth, and no strange numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from django.conf import settings
from django.http import HttpRequest
from ninja.parser import Parser

from cop.kernel.errors import Refused, TooMuch

DEPTH: Final = 8
"""How deep lists and objects may lie in one another; a report has three."""
MOST_LINES: Final = 20_000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class TooLarge(TooMuch):
    """The body has more bytes or lines than are taken at once (413)."""


class OtherKind(Refused):
    """The body is of another media type (415)."""


class Unreadable(Refused):
    """The body cannot be read at all (400)."""


class Guarded(Parser):
    """Reads a JSON body."""

    def parse_body(self, request: HttpRequest) -> Any:  # noqa: ANN401 - JSON
        if request.content_type != "application/json":
            raise OtherKind("the body is not JSON", expected="Content-Type: application/json")
        return read_json(request.body)


def read_json(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """What a body holds.

    Raises:
        Unreadable: it is not UTF-8, not JSON, lies too deep, or names a field twice.
    """
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH:
            raise Unreadable("the body lies too deep", expected=f"at most {DEPTH} lists or objects in one another")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON", expected="UTF-8 JSON, each field once, no NaN") from None


def read_lines(request: HttpRequest) -> Iterator[bytes]:
    """The lines of a body of NDJSON, one at a time, each with at most the bytes that a single report may have.

    Raises:
        TooLarge: there are more bytes or lines than are taken at once, or a line is too long to be a report.
    """
    most = settings.DESK.bulk_megabytes << 20
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise TooLarge("the body is too large", expected=f"at most {settings.DESK.bulk_megabytes} MB")
    return _lines(request, 1024 * settings.DESK.body_kilobytes)


def _lines(request: HttpRequest, longest: int) -> Iterator[bytes]:
    for _ in range(MOST_LINES):
        line = request.readline(longest + 1)
        if not line:
            return
        if len(line) > longest:
            raise TooLarge("the line is too long", expected=f"at most {longest // 1024} kB")
        yield line.rstrip(b"\r\n")
    if request.readline(1):
        raise TooLarge("there are too many lines", expected=f"at most {MOST_LINES:,}")


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
