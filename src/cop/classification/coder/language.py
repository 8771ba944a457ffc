"""The language of a text: one of the six official languages, or `und`.

Script decides for Arabic, Chinese and Cyrillic letters (letters that those three languages do not use speak against
them); Latin letters are told apart by py3langid's naive Bayes model, offline. The same text has the same answer always.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from cop.classification.coder.text import masked
from cop.kernel.languages import OFFICIAL

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNKNOWN = "und"
"""ISO 639-2 code of a language that is none of the six, or cannot be told."""

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NOT_ARABIC = re.compile(r"[\u067e\u0686\u0698\u06af\u06a9\u06cc\u06d2\u0679\u0688\u0691\u06c1\u06ba]")
_NOT_RUSSIAN = re.compile(r"[ЄІЇєіїҐґЎўЂђЈјЉљЊњЏџ\u0492-\u04ff]")
_NOT_CHINESE = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_READ = 300
_FOREIGN = 0.02
_MASK = re.compile(r"\[[^\]]*\]|\burl\b|\bhandle\b")


def detect(text: str) -> str:
    """ISO 639-1 code of the official language the text is in, else `und`; the first 300 characters decide."""
    head = _MASK.sub(" ", masked(text[:_READ]))
    chinese, arabic, cyrillic, latin = (len(p.findall(head)) for p in (_CHINESE, _ARABIC, _CYRILLIC, _LATIN))
    # A Chinese character says as much as a short word of letters.
    scripts = {"zh": chinese * 3, "ar": arabic, "ru": cyrillic, "latin": latin}
    script = max(scripts, key=lambda s: scripts[s])
    if scripts[script] == 0:
        return UNKNOWN
    if script == "latin":
        found = _latin(head)
        return found if found in OFFICIAL else UNKNOWN
    foreign = {"ar": _NOT_ARABIC, "ru": _NOT_RUSSIAN, "zh": _NOT_CHINESE}[script]
    size = {"ar": arabic, "ru": cyrillic, "zh": chinese}[script]
    return UNKNOWN if len(foreign.findall(head)) > _FOREIGN * size else script


def _latin(text: str) -> str:
    return str(_identifier().classify(text)[0])


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
