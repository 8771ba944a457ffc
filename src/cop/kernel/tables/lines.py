"""Lines of text from bytes: UTF-8 only, none longer than a limit, so that no file can fill the memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cop.kernel.errors import Refused, Where

LINE_LIMIT = 1 << 20
"""The longest line accepted, in bytes (1 MiB): some 200 times the longest report."""

_CHUNK = 1 << 16
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_BOM = b"\xef\xbb\xbf"


def lines(stream: BinaryIO, name: str | Path) -> Iterator[str]:
    """The lines of a UTF-8 stream with their ends; a byte order mark is left out.

    Raises:
        Refused: the text is UTF-16 or not UTF-8, holds a NUL byte, or a line is longer than `LINE_LIMIT`. The row
            named is the line's number.
    """
    number, held = 0, b""
    while chunk := stream.read(_CHUNK):
        if number == 0 and not held:
            if chunk.startswith(_UTF16):
                raise Refused("the file is UTF-16", where=Where(name), expected="UTF-8")
            chunk = chunk.removeprefix(_UTF8_BOM)
        *complete, held = (held + chunk).split(b"\n")
        for line in complete:
            number += 1
            yield _decode(line + b"\n", name, number)
        if len(held) > LINE_LIMIT:
            raise Refused(
                f"the line is longer than {LINE_LIMIT:,} bytes",
                where=Where(name, number + 1),
                expected="one record a line",
            )
    if held:
        yield _decode(held, name, number + 1)


def _decode(line: bytes, name: str | Path, number: int) -> str:
    if len(line) > LINE_LIMIT:
        raise Refused(
            f"the line is longer than {LINE_LIMIT:,} bytes", where=Where(name, number), expected="one record a line"
        )
    if b"\0" in line:
        utf16 = line.count(b"\0") * 3 > len(line)
        problem = "the file looks like UTF-16" if utf16 else "the line holds a NUL byte"
        raise Refused(problem, where=Where(name, number), expected="UTF-8 text")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise Refused(
            f"byte 0x{line[error.start]:02x} at column {error.start + 1} is not UTF-8",
            where=Where(name, number),
            expected="UTF-8",
        ) from error
