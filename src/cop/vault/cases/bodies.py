"""The bodies that an office refers to, and the keys it vouches for. Part of the app's only writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from cop.kernel.areas import Areas, country_name
from cop.kernel.errors import Conflict, NotFound, Refused
from cop.kernel.sealing import Recipient
from cop.vault.cases import rules
from cop.vault.cases.course import KINDS
from cop.vault.cases.models import Body, BodyKind
from cop.vault.cases.schemas import named
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event


@transaction.atomic
def put_body(
    *,
    actor: Actor,
    organisation: int,
    name: str,
    kinds: Sequence[str],
    area: str = "",
    recipient: str = "",
    evidence: date | None = None,
    body: int | None = None,
    active: bool = True,
) -> int:
    """Enter a body, or change the one of the number `body`; its number.

    Args:
        actor: who vouches for it.
        organisation: whose body it is: no other organisation sees it.
        name: what it is called.
        kinds: what it is, codes of the classification's referrals.
        area: ISO 3166-1 alpha-3; empty: of no one country.
        recipient: its public key as `cop keys new` prints it; empty: nothing can be sealed to it.
        evidence: the day on which the key was compared with the body over another channel.
        body: the number of the body to change.
        active: whether cases may be referred to it.

    Effects: the `Body` with its kinds, one event `body.entered` or `body.changed` with the key's fingerprint.

    Raises:
        Refused: a field is not what is expected. NotAllowed: the actor may not. NotFound: no such body here.
        Conflict: the name is taken.
    """
    allow(
        rules.may_keep_bodies(actor, organisation), actor, "keep the list of bodies",
        expected="a reviewer or key custodian of the office",
    )  # fmt: skip
    if body is not None and not Body.objects.filter(pk=body, organisation_id=organisation).exists():
        raise NotFound(f"there is no body {body}")
    values = {"name": named(name), "area": _area(area), "active": active, **_key(recipient, evidence)}
    chosen = _kinds(kinds)
    found = Body(pk=body, organisation_id=organisation, **values)
    try:
        with transaction.atomic():
            found.save(force_insert=body is None, force_update=body is not None)
    except IntegrityError as error:
        raise Conflict(f"there is a body of that name: {values['name']}", expected="a name once") from error
    found.kinds.all().delete()
    BodyKind.objects.bulk_create(BodyKind(body=found, kind=kind) for kind in chosen)
    details = {
        "kinds": chosen, "area": found.area, "key": fingerprint(found.recipient), "active": active, "by": actor.id
    }  # fmt: skip
    record_event(kind="body.entered" if body is None else "body.changed", subject=f"body {found.pk}", details=details)
    return found.pk


def fingerprint(recipient: str) -> str:
    """The first 16 hex digits of a key's hash in groups of four, to be read out by telephone; "" without a key."""
    if not recipient:
        return ""
    digits = sha256(Recipient.parse(recipient).key).hexdigest()[:16]
    return " ".join(digits[place : place + 4] for place in range(0, 16, 4))


def _kinds(kinds: Sequence[str]) -> list[str]:
    wrong = [kind for kind in kinds if kind not in KINDS] if kinds else [""]
    if wrong:
        raise Refused.value(wrong[0], "is no kind of body", field="kinds", expected=f"some of {', '.join(KINDS)}")
    return sorted(set(kinds))


def _area(area: str) -> str:
    """A country, or a code of the kind that an observatory may declare for what is no country."""
    if area and country_name(area) is None:
        Areas({area: area})
    return area


def _key(recipient: str, evidence: date | None) -> dict[str, object]:
    """The key's columns: a key needs the day of its evidence, which is not in the future."""
    line = recipient.strip()
    if not line:
        return {"recipient": "", "evidence": None}
    parsed = Recipient.parse(line)
    if len(parsed.line()) > 300:
        raise Refused("the name in the key's line is too long", expected="a line of up to 300 characters")
    if evidence is None or evidence > timezone.now().date():
        raise Refused.value(
            str(evidence or ""), "is no day of evidence", field="evidence",
            expected="the day on which you compared the key with the body over another channel",
        )  # fmt: skip
    return {"recipient": parsed.line(), "evidence": evidence}
