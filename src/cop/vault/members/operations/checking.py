"""What every operation on members asks first: whose organisation it is, and whether names and roles will do."""

from __future__ import annotations

from cop.kernel.errors import NotFound, Refused
from cop.vault.members.models import Organisation
from cop.vault.members.rules import ROLES, ROLES_IN, Actor, allow, may_manage_organisations, may_manage_people


def organisation_numbered(number: int) -> Organisation:
    """The organisation of that number.

    Raises:
        NotFound: there is none.
    """
    found = Organisation.objects.filter(pk=number).first()
    if found is None:
        raise NotFound("there is no such organisation")
    return found


def managed(actor: Actor, organisation: int, *, active: bool = True) -> Organisation:
    """The organisation whose people the actor manages.

    Raises:
        NotFound: there is none, it is closed and `active` is asked for, or it is none of the actor's.
        NotAllowed: the actor does not manage its people.
    """
    ours = may_manage_organisations(actor) or actor.holds(organisation)
    found = Organisation.objects.filter(pk=organisation).first() if ours else None
    if found is None or (active and not found.active):
        raise NotFound("there is no such organisation")
    may = may_manage_organisations(actor) or may_manage_people(actor, organisation)
    allow(may, actor, "manage people", expected="an administrator, or a focal point of the organisation")
    return found


def check_role(organisation: Organisation, role: str) -> None:
    """Let a role pass that the kind of organisation has.

    Raises:
        Refused: it has no such role.
    """
    known = ROLES_IN[organisation.kind]
    if role not in known:
        expected = ", ".join(r for r in ROLES if r in known)
        raise Refused.value(role, f"is no role in a {organisation.kind}", field="role", expected=expected)


def name_of(value: str, *, most: int = 200) -> str:
    """A name as it is kept: one space between words.

    Raises:
        Refused: it is empty, too long, or holds what cannot be printed.
    """
    name = " ".join(value.split())
    if not name or len(name) > most or not name.isprintable():
        raise Refused.value(value, "is no name", field="name", expected=f"1 to {most} printable characters")
    return name
