"""A share of the escrow as one printed page: words to be typed again, and what its keeper has to know.

The page is PDF/UA-1 (ISO 14289-1), in the observatory's languages. Its words are English whatever the language:
SLIP-0039 has one list of words.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from cop.kernel.errors import Refused
from cop.kernel.languages import RIGHT_TO_LEFT

_HERE = Path(__file__).parent
_WORD = re.compile(r"\b(\d{1,2})\.\s*([a-z]{4,8})\b")  # SLIP-0039, "Wordlist": four to eight letters


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one page says. `set` tells the pages of one ceremony from those of another."""

    words: str
    number: int
    shares: int
    threshold: int
    observatory: str
    set: str
    languages: Sequence[str]


def sheet_pdf(sheet: Sheet) -> bytes:
    """The page as PDF.

    Raises:
        Refused: it does not fit on one page, or the typesetter finds what PDF/UA does not allow.
    """
    import typst

    from cop.kernel.fonts import files, legible

    said = yaml.safe_load((_HERE / "sheet.yaml").read_text(encoding="utf-8"))
    facts = {
        "words": sheet.words.split(),
        "observatory": legible(sheet.observatory),
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "set": sheet.set,
        "languages": [_language(code, said[code], sheet) for code in sheet.languages],
    }
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=sorted({str(p.parent) for p in files()})
    )
    compiler = typst.Compiler(
        (_HERE / "sheet.typ").read_bytes(),
        font_paths=fonts,
        sys_inputs={"sheet": json.dumps(facts, ensure_ascii=False)},
    )
    try:
        made = compiler.compile(
            format="pdf", pdf_standards=["ua-1"], timestamp=datetime.now(UTC).replace(microsecond=0)
        )
    except typst.TypstError as error:
        problem = str(error.message).strip().splitlines()[0]
        raise Refused(f"the share cannot be set: {problem}", expected="what PDF/UA allows") from error
    if not isinstance(made, bytes) or _pages(made) != 1:
        raise Refused("the share does not fit on one page", expected="a shorter title of the observatory")
    return made


def words_on(pdf: bytes) -> str:
    """The words of a share as its page says them, by their numbers.

    Raises:
        Refused: a word is missing.
    """
    found = {int(number): word for number, word in _WORD.findall(_text(pdf))}
    if sorted(found) != list(range(1, 34)):
        raise Refused("the page does not show 33 numbered words", expected="a page that the ceremony made")
    return " ".join(found[number] for number in sorted(found))


def _language(code: str, said: dict[str, Any], sheet: Sheet) -> dict[str, object]:
    from cop.kernel.fonts import families

    numbers = {"number": sheet.number, "shares": sheet.shares, "threshold": sheet.threshold}
    return {
        "code": code,
        "rtl": code in RIGHT_TO_LEFT,
        "fonts": list(families(code)),
        "title": said["title"].format(**numbers),
        "advice": [said[part].format(**numbers) for part in ("rule", "keep", "use", "lost")],
        "fields": said["fields"],
        "words": said["words"],
    }


def _pages(pdf: bytes) -> int:
    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(pdf)).pages)


def _text(pdf: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
