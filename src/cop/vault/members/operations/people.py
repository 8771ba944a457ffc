"""People and their posts: given, taken, let in no more."""

from __future__ import annotations

from django.db import transaction

from cop.kernel.errors import Conflict, NotFound, Refused, Where
from cop.kernel.languages import OFFICIAL
from cop.vault.members import keys
from cop.vault.members.models import Organisation, Person, Post
from cop.vault.members.operations.checking import check_role, managed
from cop.vault.members.rules import APART, DESK_ROLES, Actor, Role, allow, may_give, may_manage_organisations
from cop.vault.registers.operations import record_event


@transaction.atomic
def add_post(*, actor: Actor, person: int, organisation: int, role: Role) -> None:
    """Give a person who has an account one more post.

    Raises:
        NotAllowed: the actor may not give this role here, or is that person.
        NotFound: there is no such organisation, or no such person among those the actor manages.
        Refused: the organisation has no such role, or the person holds one that it does not go with.
        Conflict: the person holds it already.

    Effects: one `Post`, one event `post.added`.
    """
    found = managed(actor, organisation)
    check_role(found, role)
    allow(may_give(actor, organisation, role), actor, f"give the role {role}", expected="an administrator")
    allow(actor.id != person, actor, "give a post to oneself", expected="somebody else who manages people")
    holder = _person(actor, person)
    if holder.posts.filter(organisation=found, role=role).exists():
        raise Conflict(f"the person is {role} of {found.slug} already")
    give(holder, found, role)
    record_event(kind="post.added", subject=f"person/{person}", details={**actor.doer, **_post(organisation, role)})


@transaction.atomic
def remove_post(*, actor: Actor, person: int, organisation: int, role: Role) -> None:
    """Take a post away; from the next request on it gives no right.

    Raises:
        NotAllowed: the actor may not take this role.
        NotFound: there is no such post in an organisation that the actor manages.

    Effects: one event `post.removed`.
    """
    managed(actor, organisation, active=False)
    allow(may_give(actor, organisation, role), actor, f"take the role {role}", expected="an administrator")
    gone, _ = Post.objects.filter(person=person, organisation=organisation, role=role).delete()
    if not gone:
        raise NotFound("there is no such post")
    keys.withdraw(actor=actor, person=person, organisation=organisation)
    record_event(kind="post.removed", subject=f"person/{person}", details={**actor.doer, **_post(organisation, role)})


@transaction.atomic
def deactivate(*, actor: Actor, person: int) -> None:
    """Let a person in no more: every session ends with the next request; what was done under the name stays.

    Raises:
        NotAllowed: the actor is no administrator, or is that person.
        NotFound: there is no such person.

    Effects: all posts gone, one event `person.deactivated`.
    """
    allow(may_manage_organisations(actor), actor, "deactivate a person", expected="an administrator")
    allow(actor.id != person, actor, "deactivate oneself", expected="another administrator")
    found = _person(actor, person)
    found.is_active = False
    found.set_unusable_password()  # sessions are bound to the password: all end
    found.save(update_fields=["is_active", "password"])
    found.posts.all().delete()
    keys.withdraw(actor=actor, person=person)
    record_event(kind="person.deactivated", subject=f"person/{person}", details=actor.doer)


@transaction.atomic
def set_language(*, actor: Actor, language: str) -> None:
    """The language in which a person reads the desk.

    Raises:
        Refused: it is not one of the six.

    Effects: none in the ledger: it changes nothing for anybody else.
    """
    if language not in OFFICIAL:
        raise Refused.value(language, "is no language of the desk", field="language", expected=", ".join(OFFICIAL))
    Person.objects.filter(pk=actor.id).update(language=language)


def _post(organisation: int, role: Role) -> dict[str, object]:
    return {"organisation": organisation, "role": role}


def _person(actor: Actor, number: int) -> Person:
    """An active person whom the actor knows of: administrators all, focal points those of their organisation."""
    people = Person.objects.filter(pk=number, is_active=True)
    if not may_manage_organisations(actor):
        people = people.filter(posts__organisation__in=actor.organisations("focal_point"))
    found = people.first()
    if found is None:
        raise NotFound("there is no such person")
    return found


def give(person: Person, organisation: Organisation, role: str) -> None:
    """Give a person a post, once; the event is the caller's.

    Raises:
        Refused: it does not go with what the person holds.
    """
    held = set(person.posts.values_list("role", flat=True)) | {role}
    if held & APART and held & DESK_ROLES:
        raise Refused(
            "this role does not go with those the person holds",
            where=Where(field="role"),
            expected="administrators and auditors who read no reports",
        )
    Post.objects.get_or_create(person=person, organisation=organisation, role=role)
