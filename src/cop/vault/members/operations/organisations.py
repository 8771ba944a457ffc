"""Organisations: added, renamed, closed."""

from __future__ import annotations

from django.db import transaction

from cop.kernel.errors import Conflict, Refused
from cop.vault.members.models import Organisation
from cop.vault.members.operations.checking import name_of, organisation_numbered
from cop.vault.members.rules import KINDS, Actor, Kind, allow, may_manage_organisations
from cop.vault.registers.operations import record_event

_SLUG = 63


@transaction.atomic
def add_organisation(*, actor: Actor, slug: str, name: str, kind: Kind, area: str = "") -> int:
    """Add an organisation; its number.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: a value is not what is expected.
        Conflict: the short name is taken, or there is an observatory already.

    Effects: one event `organisation.added`.
    """
    allow(may_manage_organisations(actor), actor, "add an organisation", expected="an administrator")
    if not slug or len(slug) > _SLUG or not all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in slug):
        raise Refused.value(slug, "is no short name", field="slug", expected="a-z, 0-9 and -, at most 63")
    if kind not in KINDS:
        raise Refused.value(kind, "is no kind of organisation", field="kind", expected=", ".join(KINDS))
    if Organisation.objects.filter(slug=slug).exists():
        raise Conflict(f"there is an organisation {slug}", expected="another short name")
    if kind == "observatory" and Organisation.objects.filter(kind=kind).exists():
        raise Conflict("there is an observatory already", expected="another kind: an observatory has one office")
    made = Organisation.objects.create(slug=slug, name=name_of(name), kind=kind, area=_area(area))
    record_event(
        kind="organisation.added",
        subject=f"organisation/{made.pk}",
        details={**actor.doer, "slug": slug, "kind": kind, "area": made.area},
    )
    return made.pk


@transaction.atomic
def rename_organisation(*, actor: Actor, organisation: int, name: str) -> None:
    """Give an organisation another name; its short name stays.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such organisation.

    Effects: one event `organisation.renamed`.
    """
    allow(may_manage_organisations(actor), actor, "rename an organisation", expected="an administrator")
    found = organisation_numbered(organisation)
    found.name = name_of(name)
    found.save(update_fields=["name"])
    record_event(kind="organisation.renamed", subject=f"organisation/{organisation}", details=actor.doer)


@transaction.atomic
def close_organisation(*, actor: Actor, organisation: int) -> None:
    """Close an organisation: its posts and tokens give no right any more; what it recorded stays.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such organisation.
        Conflict: it is the observatory itself.

    Effects: one event `organisation.closed`.
    """
    allow(may_manage_organisations(actor), actor, "close an organisation", expected="an administrator")
    found = organisation_numbered(organisation)
    if found.kind == "observatory":
        raise Conflict("the observatory's own office cannot be closed")
    found.active = False
    found.save(update_fields=["active"])
    record_event(kind="organisation.closed", subject=f"organisation/{organisation}", details=actor.doer)


def _area(value: str) -> str:
    if value and (len(value) != 3 or not value.isalpha() or not value.isupper()):
        raise Refused.value(value, "is no country", field="area", expected="ISO 3166-1 alpha-3")
    return value
