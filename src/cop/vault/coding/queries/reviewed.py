"""Reviewed records without their texts, as `cop coder train --with` reads them (`coder.reviews.FIELDS`)."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any

from cop.vault.coding.models import AuditDraw, Coding, Decision
from cop.vault.coding.operations.deciding import JUDGED
from cop.vault.coding.rules import may_export
from cop.vault.coding.schemas import scheme
from cop.vault.members.rules import Actor, allow

_CHUNK = 2_000


def reviews(*, actor: Actor, organisation: int, secret: bytes) -> Iterator[dict[str, Any]]:
    """Every record that people settled, in order of number; `text` is left out.

    A record of the audit sample comes once both people agree or a reviewer settled it, and before that not at all: it
    must not train. Residual codes are left out: the coder gives none.

    Args:
        actor: the command that exports.
        organisation: whose desk.
        secret: turns the number of a reviewer into a hash that names no one.

    Raises:
        NotAllowed: the actor may not export.
    """
    allow(may_export(actor), actor, "export reviewed records", expected="`cop coding export`")
    draws = {d.report_id: d for d in AuditDraw.objects.filter(organisation=organisation)}
    decisions = Decision.objects.filter(organisation=organisation, kind__in=[*JUDGED, "adjudicate"])
    found = decisions.order_by("report", "version").iterator(chunk_size=_CHUNK)
    for report, group in groupby(found, key=attrgetter("report_id")):
        made = list(group)
        row = _review(report, made, draws.get(report), secret)
        if row is not None:
            yield row


def _review(report: int, made: list[Decision], draw: AuditDraw | None, secret: bytes) -> dict[str, Any] | None:
    if draw is not None and draw.state not in ("agreed", "adjudicated"):
        return None
    last = made[-1]
    if draw is not None:
        wanted = draw.settled_id or draw.first_id
        last = next(d for d in made if d.pk == wanted)
    if last.code not in scheme().by_code:
        return None
    coding = Coding.objects.get(report=report)
    agreed = "reviewed-agreed" if last.code == coding.proposed else "reviewed-changed"
    return {
        "id": str(report),
        "language": coding.language,
        "code": coding.proposed,
        "probability": coding.probability,
        "class_set": list(coding.class_set),
        "route": coding.route,
        "model": coding.model,
        "reviewed_code": last.code,
        "reviewer": hmac.new(secret, b"reviewer %d" % last.by_id, sha256).hexdigest()[:16],
        "date": last.at.date().isoformat(),
        "review": "adjudicated" if last.kind == "adjudicate" else agreed,
        "audit": draw is not None,
        "weight": 1 / draw.probability if draw is not None else None,
    }
