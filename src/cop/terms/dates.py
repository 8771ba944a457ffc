"""The date that a text itself shows ("Last updated: 1 July 2026"), in the six official languages and German.

It is what the provider says, not when the text was first seen: the two differ, and a text that changes while its date
does not is a silent change.
"""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    )
    for number, name in enumerate(names.split(), start=1)
} | {"sept": 9, "fevrier": 2, "aout": 8, "decembre": 12, "marz": 3}
_NAME = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_DATE = re.compile(
    rf"""(?P<y1>(?:19|20)\d\d)[-/.](?P<m1>\d\d?)[-/.](?P<d1>\d\d?)
    | (?P<y2>(?:19|20)\d\d)\s*年\s*(?P<m2>\d\d?)\s*月\s*(?P<d2>\d\d?)\s*日
    | \b(?P<n3>{_NAME})\.?\s+(?P<d3>\d\d?)(?:st|nd|rd|th)?\s*,?\s+(?P<y3>(?:19|20)\d\d)
    | \b(?P<d4>\d\d?)(?:st|nd|rd|th|er|º|\.)?\s+(?:of\s+|de\s+|d')?(?P<n4>{_NAME})\.?,?\s+(?:de\s+|del\s+)?(?P<y4>(?:19|20)\d\d)
    | \b(?P<a5>\d\d?)[./](?P<b5>\d\d?)[./](?P<y5>(?:19|20)\d\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_UPDATED = re.compile(
    r"updat|modifi|revis|amend|changed|published|posted|version|mise? à jour|dernière|zuletzt|stand|geändert|aktualis|actualiza|"
    r"обновлен|редакци|更新|修订|修改|تحديث|تعديل",
    re.IGNORECASE,
)
_EFFECTIVE = re.compile(
    r"effective|in force|takes? effect|as of|dated?\b|en vigueur|entr[ée]e? en|gültig|in kraft|vigen|vigor|entra en|вступ|"
    r"生效|施行|سار|نفاذ",
    re.IGNORECASE,
)
_HEAD, _TAIL, _NEAR = 4_000, 1_500, 60


def visible_date(text: str) -> date | None:
    """The date a document shows as its own, or None: an update before an effective date, both before a bare one.

    Only the beginning and the end of the text are searched. Dates like 03/04/2025, which read two ways, are passed over.
    """
    head = text[:_HEAD]
    parts = (head, text[max(_HEAD, len(text) - _TAIL) :])
    found: list[tuple[int, int, date]] = []
    for part, place in zip(parts, (0, 1), strict=True):
        for match in _DATE.finditer(part):
            value = _value(match)
            if value is None:
                continue
            before = part[max(0, match.start() - _NEAR) : match.start()]
            labels = [(m.start(), 0) for m in _UPDATED.finditer(before)] + [
                (m.start(), 1) for m in _EFFECTIVE.finditer(before)
            ]
            if labels:
                found.append((max(labels)[1], place, value))
            elif place == 0 and match.start() < 400 and len(_line(part, match).split()) <= 6:
                found.append((2, place, value))
    return min(found, key=lambda f: (f[0], f[1]))[2] if found else None


def _line(part: str, match: re.Match[str]) -> str:
    begin = part.rfind("\n", 0, match.start()) + 1
    end = part.find("\n", match.end())
    return part[begin : end if end >= 0 else len(part)]


def _value(match: re.Match[str]) -> date | None:
    g = match.groupdict()
    if g["y1"] or g["y2"]:
        k = "1" if g["y1"] else "2"
        parts = (int(g[f"y{k}"]), int(g[f"m{k}"]), int(g[f"d{k}"]))
    elif g["y3"] or g["y4"]:
        k = "3" if g["y3"] else "4"
        parts = (int(g[f"y{k}"]), _MONTHS[g[f"n{k}"].lower()], int(g[f"d{k}"]))
    else:
        a, b = int(g["a5"]), int(g["b5"])
        if a <= 12 and b <= 12 and a != b and "." not in match.group():
            return None
        day, month = (b, a) if b > 12 else (a, b)
        parts = (int(g["y5"]), month, day)
    try:
        return date(*parts)
    except ValueError:
        return None  # "31 June 2024" is no date, and the text does not get one
