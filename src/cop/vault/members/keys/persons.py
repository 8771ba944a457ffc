"""A person's own key: made, opened and given another passphrase by that person alone.

What an attacker can try is bounded twice: a few passphrases a quarter of an hour for each key, counted in the vault;
and one stretching at a time in each process, so that its 256 MiB are never asked for many times over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from nacl.public import PrivateKey

from cop.kernel.errors import Conflict, NotAllowed, NotFound, Refused, TooMuch, Unavailable, Where
from cop.kernel.sealing import new_recipient, unlock, wrap
from cop.vault.members import throttle
from cop.vault.members.keys.rules import may_have_a_key
from cop.vault.members.models import Grant, Person, PersonKey
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event

LEAST, MOST = 16, 1024
"""Characters of a passphrase."""
TRIES, WINDOW = 10, 15 * 60
"""Passphrases that are tried on one key within so many seconds, right or wrong."""
_PATIENCE = 15.0  # seconds that a request waits for its turn to stretch

_turn = BoundedSemaphore(1)


@sensitive_variables("passphrase")
def create_key(*, actor: Actor, passphrase: str) -> int:
    """Make the actor's key; its number.

    Effects: one `PersonKey`, one event `key.created`.

    Raises:
        NotAllowed: the actor holds no post. Conflict: there is a key in use. Refused: the passphrase is no good.
        Unavailable: too many keys are being opened at this moment.
    """
    allow(may_have_a_key(actor), actor, "have a key", expected="somebody with a post in an organisation")
    person = Person.objects.get(pk=actor.id)
    _acceptable(passphrase, person)
    if PersonKey.objects.filter(person=person, retired=None).exists():
        raise Conflict("you have a key", expected="to change its passphrase, or to retire it first")
    with _stretching():
        recipient, line = new_recipient(f"person {person.pk}", passphrase)
    return _store(actor=actor, public=recipient.key, wrapped=line)


@transaction.atomic
def _store(*, actor: Actor, public: bytes, wrapped: str) -> int:
    Person.objects.select_for_update().get(pk=actor.id)
    if PersonKey.objects.filter(person_id=actor.id, retired=None).exists():
        raise Conflict("you have a key", expected="to change its passphrase, or to retire it first")
    key = PersonKey.objects.create(person_id=actor.id, public=public, wrapped=wrapped)
    record_event(kind="key.created", subject=f"person/{actor.id}", details={"by": actor.id, "key": key.pk})
    return key.pk


@sensitive_variables("passphrase")
def open_key_of(*, actor: Actor, passphrase: str) -> PrivateKey:
    """The actor's private key, for the length of a request.

    Effects: one event `key.opened` or `key.refused`.

    Raises:
        NotFound: the actor has no key in use. TooMuch: too many passphrases were tried lately.
        NotAllowed: the passphrase is not the right one. Unavailable: too many keys are being opened at this moment.
    """
    key = PersonKey.objects.filter(person_id=actor.id, retired=None).first()
    if key is None:
        raise NotFound("you have no key", expected="to make one first")
    if not throttle.allow(f"passphrase:{key.pk}", limit=TRIES, seconds=WINDOW):
        raise TooMuch("too many passphrases were tried", expected=f"to wait {WINDOW // 60} minutes")
    subject, details = f"person/{actor.id}", {"by": actor.id, "key": key.pk}
    with _stretching():
        try:
            private = unlock(key.wrapped, passphrase)
        except NotAllowed:
            record_event(kind="key.refused", subject=subject, details=details)
            raise
    record_event(kind="key.opened", subject=subject, details=details)
    return private


@sensitive_variables("old", "new")
def change_passphrase(*, actor: Actor, old: str, new: str) -> None:
    """Wrap the actor's key under another passphrase; what was granted to it stays.

    Effects: the line of the `PersonKey`, one event `key.passphrase_changed`.

    Raises:
        As `open_key_of`; Refused: the new passphrase is no good. Conflict: the key changed meanwhile.
    """
    _acceptable(new, Person.objects.get(pk=actor.id))
    before = PersonKey.objects.filter(person_id=actor.id, retired=None).values_list("pk", "wrapped").first()
    private = open_key_of(actor=actor, passphrase=old)
    with _stretching():
        line = wrap(private, f"person {actor.id}", new)
    with transaction.atomic():
        number, wrapped = before or (0, "")
        if not PersonKey.objects.filter(pk=number, wrapped=wrapped, retired=None).update(wrapped=line):
            raise Conflict("the key changed meanwhile", expected="to try again")
        record_event(
            kind="key.passphrase_changed", subject=f"person/{actor.id}", details={"by": actor.id, "key": number}
        )


@transaction.atomic
def retire_key(*, actor: Actor) -> None:
    """Put the actor's key out of use, and with it all that was granted to it.

    Effects: the `PersonKey` retired, its `Grant`s gone, one event `key.retired`.

    Raises:
        NotFound: the actor has no key in use. Conflict: the actor is an office's last holder.
    """
    key = PersonKey.objects.select_for_update().filter(person_id=actor.id, retired=None).first()
    if key is None:
        raise NotFound("you have no key", expected="a key in use")
    mine = Grant.objects.filter(holder=key, key__retired=None)
    for held in mine:
        if not Grant.objects.filter(key=held.key, holder__isnull=False).exclude(pk=held.pk).exists():
            raise Conflict(
                "you are the last holder of an organisation's key",
                expected="to grant it to somebody else first",
            )
    ended, _ = Grant.objects.filter(holder=key).delete()
    key.retired = timezone.now()
    key.save(update_fields=["retired"])
    record_event(
        kind="key.retired",
        subject=f"person/{actor.id}",
        details={"by": actor.id, "key": key.pk, "grants_ended": ended},
    )


def _acceptable(passphrase: str, person: Person) -> None:
    """Long, not the password, not common, not made of the person's name."""
    where = Where(field="passphrase")
    text = unicodedata.normalize("NFC", passphrase)
    if not LEAST <= len(text) <= MOST:
        raise Refused(
            "the passphrase is too short" if len(text) < LEAST else "the passphrase is too long",
            where=where,
            expected=f"at least {LEAST} characters, four or five words for instance",
        )
    if len(set(text.casefold())) < 6:
        raise Refused("the passphrase repeats itself", where=where, expected="several words")
    unlike = text.casefold()
    for part in {*re.split(r"[\W_]+", f"{person.name} {person.email}".casefold())} - {""}:
        unlike = unlike.replace(part, "") if len(part) > 2 else unlike
    try:
        CommonPasswordValidator().validate(text)
    except ValidationError:
        unlike = ""
    if len(unlike) < LEAST:
        raise Refused("the passphrase is easily guessed", where=where, expected="several unrelated words")
    if person.check_password(passphrase):
        raise Refused("this is your password", where=where, expected="a passphrase that opens nothing else")


@contextmanager
def _stretching() -> Generator[None]:
    if not _turn.acquire(timeout=_PATIENCE):
        raise Unavailable("too many keys are being opened at this moment", expected="to try again in a minute")
    try:
        yield
    finally:
        _turn.release()
