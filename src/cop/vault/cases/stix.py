"""A case as a STIX 2.1 bundle: an incident with its class, a report about it, and the address as an indicator.

Source: STIX Version 2.1 (OASIS Standard, 10 June 2021), sections 3.2 (common properties), 4.6 (incident), 4.9
(indicator), 4.15 (report), 7.3 (extension definition). The class stands in a property extension and, for tools that
know no extension, as a label in the form of a MISP machine tag. The same case is the same bytes: identifiers are made
from its number (RFC 4122, version 5), times are those of the case. It is written here, and read back by the OASIS
library in the tests: that library takes seconds to load, which no page of the desk should wait for.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid5

from cop.kernel.languages import pick
from cop.vault.cases.dossier import Dossier
from cop.vault.coding.schemas import scheme

NAMESPACE: Final = UUID("6f0bfb1e-6a6c-5b1f-9d0d-7b1f5f9a3c52")
EXTENSION: Final = "extension-definition--2b7fbd3c-6f3e-5f0a-8a53-0d7cf3a6f1e4"
TAXONOMY: Final = "online-threats-to-children"
_SCHEMA = "https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#extension-definition"

_AMBER: Final[dict[str, Any]] = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "created": "2017-01-20T00:00:00.000Z",
    "definition_type": "tlp",
    "name": "TLP:AMBER",
    "definition": {"tlp": "amber"},
}
"""As section 7.2.1.4 of the specification has it."""


def bundle(dossier: Dossier) -> bytes:
    """The bundle as UTF-8 JSON, in the order of the specification's properties."""
    name = f"{dossier.observatory}/{dossier.office}/{dossier.case.id}"
    begun, changed = dossier.case.opened, dossier.case.changed
    office = _identity(dossier, "office", dossier.office_name, begun)
    body = _identity(dossier, "body", dossier.body, begun)
    common = {
        "created_by_ref": office["id"], "created": _stamp(begun), "modified": _stamp(changed),
        "labels": _labels(dossier), "object_marking_refs": [_AMBER["id"]],
    }  # fmt: skip
    incident = _object("incident", name, common) | {"name": _class_name(dossier), **_told(dossier)}
    subjects = [incident]
    if dossier.address:
        subjects += _indicator(dossier.address, name, incident["id"], dossier.received, common)
    report = _object("report", name, common) | {
        "name": f"Case {dossier.case.id} of {dossier.office_name}",
        "report_types": ["threat-report"],
        "published": _stamp(begun),
        "object_refs": [*(o["id"] for o in subjects), body["id"]],
    }
    objects = [_AMBER, office, body, _definition(office["id"], begun), *subjects, report]
    made = {"type": "bundle", "id": _id("bundle", f"{name}/{changed.isoformat()}"), "objects": objects}
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def _object(kind: str, name: str, common: dict[str, Any]) -> dict[str, Any]:
    """An object's common properties; a list that is empty must not be there at all."""
    return {"type": kind, "spec_version": "2.1", "id": _id(kind, name)} | {k: v for k, v in common.items() if v}


def _identity(dossier: Dossier, part: str, name: str, created: datetime) -> dict[str, Any]:
    key = f"{part}/{dossier.observatory}/{dossier.office if part == 'office' else name}"
    times = {"created": _stamp(created), "modified": _stamp(created)}
    return _object("identity", key, times) | {"name": name, "identity_class": "organization"}


def _definition(author: str, created: datetime) -> dict[str, Any]:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created_by_ref": author,
        "created": _stamp(created),
        "modified": _stamp(created),
        "name": "Classification of Online Threats to Children",
        "description": "Class, variables, status and referrals of a report, in the codes of the classification.",
        "schema": _SCHEMA,
        "version": "1.0",
        "extension_types": ["property-extension"],
    }


def _told(dossier: Dossier) -> dict[str, Any]:
    told: dict[str, Any] = {"extensions": {EXTENSION: _extension(dossier)}}
    if dossier.narrative:
        told["description"] = dossier.narrative
    if references := _references(dossier):
        told["external_references"] = references
    return told


def _extension(dossier: Dossier) -> dict[str, Any]:
    case, code = dossier.case, dossier.case.coded
    facts: dict[str, Any] = {
        "extension_type": "property-extension",
        "status": case.status,
        "received": _time(dossier.received),
        "variables": dict(sorted(dossier.variables.items())),
        "history": [{"at": _time(c.at), "after": c.after, "reason": c.reason} for c in case.changes],
        "referrals": [
            {
                "kind": r.kind, "channel": r.channel, "sent": _time(r.sent), "outcome": r.outcome,
                "hours_to_removal": r.removal.at_most,
            }
            for r in case.referrals
        ],
    }  # fmt: skip
    if case.outcome:
        facts["outcome"] = case.outcome
    if code:
        facts |= {"code": code.code, "secondary": list(code.secondary), "scheme_version": code.scheme}
        facts |= {"urgency": code.urgency} if code.urgency else {}
    return facts


def _indicator(address: str, name: str, incident: str, since: datetime, common: dict[str, Any]) -> list[dict[str, Any]]:
    quoted = address.replace("\\", "\\\\").replace("'", "\\'")
    indicator = _object("indicator", name, common) | {
        "pattern": f"[url:value = '{quoted}']", "pattern_type": "stix", "valid_from": _stamp(since)
    }  # fmt: skip
    link = _object("relationship", name, {k: v for k, v in common.items() if k != "labels"}) | {
        "relationship_type": "related-to", "source_ref": indicator["id"], "target_ref": incident
    }  # fmt: skip
    return [indicator, link]


def _labels(dossier: Dossier) -> list[str]:
    code = dossier.case.coded
    return [f'{TAXONOMY}:{c[0]}="{c}"' for c in (code.code, *code.secondary)] if code else []


def _references(dossier: Dossier) -> list[dict[str, str]]:
    code = dossier.case.coded
    if not code:
        return []
    return [{"source_name": f"Classification of Online Threats to Children {code.scheme}", "external_id": code.code}]


def _class_name(dossier: Dossier) -> str:
    return class_name(dossier.case.coded.code, "en") if dossier.case.coded else "Report not coded yet"


def class_name(code: str, language: str) -> str:
    """What a class is called; for a residual code the name of its section with the code."""
    node = scheme().by_code.get(code) or scheme().by_code[code[0]]
    return f"{code} {pick(node.name, language)}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _stamp(at: datetime) -> str:
    """A timestamp of the specification, in UTC, to the millisecond (3.1, 2.16)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@cache
def _id(kind: str, name: str) -> str:
    return f"{kind}--{uuid5(NAMESPACE, f'{kind}/{name}')}"
