"""The text of a PDF, read in a child process with limits: a hostile file costs seconds and nothing else.

Run as a script it reads a PDF on standard input and writes `{"pages": n, "text": ...}` or `{"error": ...}`.
Source of the limits: the project's reliability rules, 4 and 9 (documents are opened in a child process).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MOST_PAGES = 500
MOST_CHARACTERS = 5_000_000
SECONDS = 20
MEMORY = 1_500_000_000


def read(data: bytes, *, name: str) -> tuple[int, str]:
    """Pages and text of a PDF.

    Raises:
        Refused: it is damaged, encrypted, or has more pages than `MOST_PAGES`.
        TooMuch: it takes more than `SECONDS` or `MEMORY`.
    """
    from cop.kernel.errors import Refused, TooMuch, Where

    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(__file__).resolve())], input=data, capture_output=True,
            timeout=SECONDS + 10, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as expired:
        raise TooMuch(
            "takes too long to read as a PDF", where=Where(name), expected=f"{SECONDS} s at most"
        ) from expired
    if done.returncode != 0 or not done.stdout:
        raise TooMuch(
            "takes too much time or memory to read as a PDF", where=Where(name),
            expected=f"{SECONDS} s and {MEMORY // 1_000_000} MB at most",
        )  # fmt: skip
    answer: dict[str, str | int] = json.loads(done.stdout)
    if "error" in answer:
        raise Refused(str(answer["error"]), where=Where(name), expected="a readable PDF without a password")
    return int(answer["pages"]), str(answer["text"])


def _child(data: bytes) -> dict[str, str | int]:
    import io
    import logging
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.disable(logging.CRITICAL)
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"error": "is a PDF with a password"}
        count = len(reader.pages)
        if count > MOST_PAGES:
            return {"error": f"has {count} pages; {MOST_PAGES} are read at most"}
        parts: list[str] = []
        total = 0
        for page in reader.pages:
            parts.append(page.extract_text())
            total += len(parts[-1])
            if total > MOST_CHARACTERS:
                return {"error": f"holds more than {MOST_CHARACTERS} characters"}
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        # A damaged file breaks the reader in many ways; each of them is the file's fault and is said so.
        return {"error": f"cannot be read as a PDF: {type(error).__name__}"}
    return {"pages": count, "text": "\n\n".join(parts)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_child(sys.stdin.buffer.read())))
