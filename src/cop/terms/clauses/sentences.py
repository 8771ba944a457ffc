"""Where a sentence ends within a line: full stops with a capital after them, and the marks of Arabic and Chinese.

Chinese marks (GB/T 15834: 。！？, closing quotes after them) end a sentence without a space; `；` and `،` do not.
"""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re

from cop.terms.markup import HIDDEN

BULLETS = "•·◦▪●‣"
_H = HIDDEN
_UPPER = r"A-Z0-9À-ÖØ-ÞŒĀ-ſА-ЯЁ\u0600-\u06ff\u4e00-\u9fff¿¡"
_STOP = re.compile(
    rf"""(?:[.!?…؟][{_H}"')\]]*[ {_H}]*[ ][ {_H}]*(?=[{_H}"'(\[]*[{_UPPER}])|[。！？؟][{_H}"')」』）]*)""",
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\. ?g|i\. ?e|etc|inc|ltd|corp|co|llc|no|nos|arts?|sect?|vs?|mr|mrs|ms|dr|st|u\.s|u\.k|e\.u|pp?|cf|ca"  # English
    r"|z\. ?b|d\. ?h|u\. ?a|s\. ?o|i\. ?d\. ?r|i\. ?s\. ?d|i\. ?s\. ?v|bzw|ggf|abs|nr|vgl|gem|inkl|sog|evtl|zzgl|ziff"  # German
    r"|ej|sra?|srta|uds?|vd|núm|pág|apdo|ee|ee\. ?uu|d\.ª"  # Spanish
    r"|p\. ?ex|mme|mlle|al|chap|réf|tél|env"  # French
    r"|т\. ?[едкпн]|ст|пп?|гг?|др|руб|см|ред|ул)"  # Russian
    r"|\b(?-i:[a-zа-я])|^[ivx]{1,4}|(?:^|\s)\d{1,2}(?:\.\d{1,2})*)\.$",
    re.IGNORECASE,
)
_BEFORE = 12


def spans(masked: str) -> list[tuple[int, int]]:
    """Spans of the sentences of one masked line, white space, bullets and hidden characters trimmed from the ends."""
    found: list[tuple[int, int]] = []
    begin = 0
    for stop in _STOP.finditer(masked):
        if stop.group()[0] == ".":
            before = masked[max(begin, stop.start() - _BEFORE) : stop.start() + 1].replace(HIDDEN, "")
            before = before.lstrip() if stop.start() - begin <= _BEFORE else " " + before
            if _ABBREVIATION.search(before):
                continue
        found.append((begin, stop.end()))
        begin = stop.end()
    found.append((begin, len(masked)))
    trimmed: list[tuple[int, int]] = []
    for start, end in found:
        piece = masked[start:end]
        left = len(piece) - len(piece.lstrip(f" \n{HIDDEN}{BULLETS}"))
        right = len(piece.rstrip(f" \n{HIDDEN}"))
        if right > left:
            trimmed.append((start + left, start + right))
    return trimmed
