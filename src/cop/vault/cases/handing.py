"""Passing one case on: as files in an envelope that the receiving body's key alone opens. Nothing unsealed leaves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.db import transaction

from cop.kernel.errors import NotFound, Refused, Unavailable
from cop.kernel.parcels import File, pack
from cop.kernel.sealing import Recipient, seal
from cop.vault.cases import rules
from cop.vault.cases.bodies import fingerprint
from cop.vault.cases.dossier import Dossier
from cop.vault.cases.operations import WORK
from cop.vault.cases.queries import body_facts, case_facts
from cop.vault.members.keys import OfficeOpener
from cop.vault.members.queries import names
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event
from cop.vault.reports.queries import facts as report_facts
from cop.vault.reports.queries import sealed_of

PARTS: Final = ("stix", "pdf")
STIX: Final = "application/stix+json;version=2.1"


@dataclass(frozen=True, slots=True)
class Handed:
    """A sealed export: the name it is downloaded under, and the envelope."""

    name: str
    sealed: bytes


def hand_over(
    *,
    actor: Actor,
    case: int,
    body: int,
    parts: Sequence[str],
    observatory: str,
    language: str = "en",
    opener: OfficeOpener | None = None,
) -> Handed:
    """One case for one body, sealed to the key that the office has compared with it.

    Args:
        actor: the analyst who passes it on.
        case: its number.
        body: the number of the body that receives it.
        parts: `stix`, `pdf` or both.
        observatory: the observatory's id, for the names of things in the bundle.
        language: of the PDF.
        opener: opens the office's envelopes: with it the narrative and the address are passed on, without it neither.

    Effects: one event `case.exported`, with the parts and whether the narrative is among them. Nothing is stored.

    Raises:
        NotFound, NotAllowed: as of `open_case`. Unavailable: the body has no key.
        Refused: no part, or one that does not exist.
    """
    found = case_facts(actor, case)
    allow(rules.may_work_cases(actor, found.organisation), actor, "pass a case on", expected=WORK)
    if not parts or (unknown := [part for part in parts if part not in PARTS]):
        raise Refused.value(unknown[0] if parts else "", "is no part of an export", field="parts",
                            expected=" or ".join(PARTS))  # fmt: skip
    to = body_facts(actor, body)
    if to.organisation != found.organisation:
        raise NotFound(f"there is no body {body}")
    if not to.recipient:
        raise Unavailable(f"{to.name} has no key", expected="a key that was compared with the body")
    report, office = report_facts(actor, found.report), found.organisation
    said = {**report.variables, **(found.coded.variables if found.coded else {})}
    dossier = Dossier(
        observatory=observatory, office=str(office), office_name=names([office])[office], body=to.name, case=found,
        received=report.received or found.opened, variables=said,
    )  # fmt: skip
    if opener is not None:
        text = json.loads(opener.open(sealed_of(actor, found.report)))
        dossier = replace(dossier, narrative=text["narrative"], address=text["url"] or None)
    sealed = seal(pack(_files(dossier, parts, language)), [Recipient.parse(to.recipient)])
    with transaction.atomic():
        record_event(
            kind="case.exported", subject=f"case {case}",
            details={
                "body": body, "key": fingerprint(to.recipient), "parts": sorted(set(parts)),
                "narrative": opener is not None, "by": actor.id,
            },
        )  # fmt: skip
    return Handed(f"case-{case}.cop", sealed)


def _files(dossier: Dossier, parts: Sequence[str], language: str) -> list[File]:
    from cop.vault.cases.sheet import pdf
    from cop.vault.cases.stix import bundle

    made = []
    if "stix" in parts:
        made.append(File(f"case-{dossier.case.id}.json", STIX, bundle(dossier)))
    if "pdf" in parts:
        made.append(File(f"case-{dossier.case.id}-{language}.pdf", "application/pdf", pdf(dossier, language)))
    return made
