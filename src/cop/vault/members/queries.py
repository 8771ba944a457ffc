"""What other apps and the desk may ask of organisations and people."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from cop.kernel.errors import NotFound
from cop.vault.members.models import Organisation, Person
from cop.vault.members.rules import ANONYMOUS, Actor, Post


def actor_of(person: AbstractBaseUser | AnonymousUser) -> Actor:
    """The person as an actor, with the posts in organisations that are active; nobody where the account is not."""
    if not isinstance(person, Person) or not person.is_active:
        return ANONYMOUS
    posts = person.posts.filter(organisation__active=True).values_list("organisation_id", "role")
    return Actor(person.pk, person.name, frozenset(Post(organisation, role) for organisation, role in posts))


def organisation(slug: str) -> Organisation:
    """The organisation of that short name.

    Raises:
        NotFound: there is none.
    """
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"there is no organisation {slug}", expected="one that `cop members list` shows")
    return found
