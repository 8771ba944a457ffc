"""PDF and DOCX files, opened in a child process with limits: a hostile file costs seconds and nothing else.

Run as a script with `pdf` or `docx` it reads a file on standard input and writes `{"parts": ...}` or `{"error": ...}`.
Source of the limits: the project's reliability rules, 4 and 9 (documents are opened in a child process).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

MOST_PAGES = 500
MOST_CHARACTERS = 5_000_000
SECONDS = 20
MEMORY = 1_500_000_000

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_STYLE = re.compile(r"^(?:heading|title|überschrift|titre|título)\s*(\d?)", re.IGNORECASE)


def opened(data: bytes, kind: Literal["pdf", "docx"], *, name: str) -> list[Any]:
    """The parts of a file: for a PDF the text of each page, for DOCX `[level, item, [text of each run]]` a paragraph.

    Raises:
        Refused: it is damaged, encrypted, or has more pages or characters than are read.
        TooMuch: it takes more than `SECONDS` or `MEMORY`.
    """
    from cop.kernel.errors import Refused, TooMuch, Where

    what = kind.upper()
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(__file__).resolve()), kind], input=data, capture_output=True,
            timeout=SECONDS + 10, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as expired:
        raise TooMuch(
            f"takes too long to read as {what}", where=Where(name), expected=f"{SECONDS} s at most"
        ) from expired
    if done.returncode != 0 or not done.stdout:
        raise TooMuch(
            f"takes too much time or memory to read as {what}", where=Where(name),
            expected=f"{SECONDS} s and {MEMORY // 1_000_000} MB at most",
        )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    if "error" in answer:
        raise Refused(str(answer["error"]), where=Where(name), expected=f"a readable {what} file without a password")
    return answer["parts"]


def _pdf(data: bytes) -> dict[str, Any]:
    import io

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
            parts.append(_UNWRITABLE.sub("", page.extract_text()))
            total += len(parts[-1])
            if total > MOST_CHARACTERS:
                return {"error": f"holds more than {MOST_CHARACTERS} characters"}
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        # A damaged file breaks the reader in many ways; each of them is the file's fault and is said so.
        return {"error": f"cannot be read as a PDF: {type(error).__name__}"}
    return {"parts": parts}


def _docx(data: bytes) -> dict[str, Any]:
    """Every paragraph in order, those of tables, text boxes and content controls among them; deleted text left out."""
    import io
    import zipfile

    import docx
    from docx.opc.exceptions import OpcError
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run
    from lxml.etree import LxmlError  # pyright: ignore[reportMissingImports, reportUnknownVariableType, reportAttributeAccessIssue]

    fallback = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
    passed_over = {qn("w:del"), qn("w:moveFrom"), fallback}
    parts: list[tuple[int, bool, list[str]]] = []
    total = 0
    try:
        document = docx.Document(io.BytesIO(data))
        for element in document.element.body.iter(qn("w:p")):
            if any(above.tag == fallback for above in element.iterancestors()):
                continue
            paragraph = Paragraph(element, document)
            runs: list[str] = []
            for run in element.iter(qn("w:r")):
                above = list(run.iterancestors(qn("w:p"), *passed_over))
                if above and above[0] is element:
                    runs.append(_UNWRITABLE.sub("", Run(run, paragraph).text))
            style = (paragraph.style.name or "") if paragraph.style is not None else ""
            found = _STYLE.match(style)
            properties = element.pPr
            item = style.lower().startswith("list") or (properties is not None and properties.numPr is not None)
            parts.append((min(6, int(found.group(1) or 1)) if found else 0, item and not found, runs))
            total += sum(map(len, runs))
            if total > MOST_CHARACTERS:
                return {"error": f"holds more than {MOST_CHARACTERS} characters"}
    except (OpcError, LxmlError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        return {"error": f"cannot be read as DOCX: {type(error).__name__}"}
    return {"parts": parts}


def _limited(kind: str, data: bytes) -> dict[str, Any]:
    import logging
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.disable(logging.CRITICAL)
    return _pdf(data) if kind == "pdf" else _docx(data)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_limited(sys.argv[1], sys.stdin.buffer.read())))
