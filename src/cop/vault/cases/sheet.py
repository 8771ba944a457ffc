"""A case on paper: PDF/UA-1 (ISO 14289-1) in one of the six languages, its words from `catalogue/cases/sheet.yaml`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cop.classification.variables import Variable
from cop.kernel.errors import Refused
from cop.kernel.fonts import families, files, legible
from cop.kernel.languages import OFFICIAL, direction, pick
from cop.kernel.resources import resource
from cop.vault.cases.course import course
from cop.vault.cases.dossier import Dossier
from cop.vault.cases.queries import CaseFacts, ReferralFacts
from cop.vault.cases.stix import class_name
from cop.vault.reports.variables import catalogue

_TEMPLATE = Path(__file__).with_name("sheet.typ")


def pdf(dossier: Dossier, language: str) -> bytes:
    """The case as a PDF; the same case is the same bytes.

    Raises:
        Refused: the language is none of the six, or the typesetter finds what PDF/UA does not allow.
    """
    import typst

    if language not in OFFICIAL:
        raise Refused.value(language, "is no language of the sheet", field="language", expected=", ".join(OFFICIAL))
    facts = json.dumps(_shown(_sheet(dossier, language)), ensure_ascii=False)
    compiler = typst.Compiler(_TEMPLATE.read_bytes(), font_paths=_fonts(), sys_inputs={"sheet": facts})
    made, stamp = None, dossier.case.changed.replace(microsecond=0)
    with contextlib.suppress(typst.TypstError):  # what it says may quote the case
        made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=stamp)
    if not isinstance(made, bytes):
        raise Refused("the case cannot be set as PDF", expected="what PDF/UA allows")
    return made


@cache
def _fonts() -> Any:  # noqa: ANN401 - typst's handle on the fonts, read once in a process
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=sorted({str(p.parent) for p in files()})
    )


@cache
def _words() -> Mapping[str, Any]:
    path = resource("catalogue/cases") / "sheet.yaml"
    words: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


def _sheet(dossier: Dossier, language: str) -> dict[str, Any]:
    said, case = _words()[language], dossier.case
    return {
        "language": language,
        "rtl": direction(language) == "rtl",
        "fonts": list(families(language)),
        "title": said["title"].format(case=case.id),
        "author": dossier.office_name,
        "notice": said["notice"].format(body=dossier.body),
        "sections": said["sections"],
        "columns": said["columns"],
        "none": said["none"],
        "facts": _facts(dossier, said, language),
        "variables": [_variable(name, value, said, language) for name, value in sorted(dossier.variables.items())],
        "history": _history(case, language),
        "referrals": [_referral(r, said, language) for r in case.referrals],
        "narrative": dossier.narrative,
        "address": dossier.address,
    }


def _facts(dossier: Dossier, said: Mapping[str, Any], language: str) -> list[list[str]]:
    case, code = dossier.case, dossier.case.coded
    values = {
        "office": dossier.office_name,
        "received": _time(dossier.received),
        "class": class_name(code.code, language) if code else said["none"],
        "secondary": "; ".join(class_name(c, language) for c in code.secondary) if code else "",
        "urgency": str(code.urgency or "") if code else "",
        "status": course().word("statuses", case.status, language),
        "outcome": _item(catalogue().variable("outcome"), case.outcome, language) if case.outcome else "",
        "scheme": code.scheme if code else "",
    }
    return [[said["facts"][name], value] for name, value in values.items() if value]


def _history(case: CaseFacts, language: str) -> list[list[str]]:
    def status(code: str) -> str:
        return course().word("statuses", code, language) if code else ""

    return [
        [
            _time(c.at), status(c.before), status(c.after),
            course().word("reasons", c.reason, language) if c.reason else "",
        ]
        for c in case.changes
    ]  # fmt: skip


def _referral(r: ReferralFacts, said: Mapping[str, Any], language: str) -> list[str]:
    least = said["at_least"].format(hours=f"{r.removal.at_least:g}") if r.removal.at_least else ""
    return [
        f"{r.body} ({_item(catalogue().variable('referred_to'), r.kind, language)})",
        course().word("channels", r.channel, language),
        _time(r.sent),
        _time(r.acknowledged) if r.acknowledged else "",
        _item(catalogue().variable("outcome"), r.outcome, language) if r.outcome else "",
        f"{r.removal.at_most:g}" if r.removal.at_most is not None else least,
    ]


def _variable(name: str, value: object, said: Mapping[str, Any], language: str) -> list[str]:
    known = catalogue().by_id.get(name)
    values = value if isinstance(value, list) else [value]
    shown = "; ".join(said["unknown"] if v == "_U" else _item(known, str(v), language) for v in values)
    return [pick(known.name, language) if known else name, shown]


def _item(variable: Variable | None, code: str, language: str) -> str:
    item = next((i for i in variable.items if i.id == code), None) if variable else None
    return pick(item.name, language) if item else code


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _shown(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Every text with what no font has written as its code point: the typesetter refuses a missing glyph."""
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {key: _shown(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shown(one) for one in value]
    return value
