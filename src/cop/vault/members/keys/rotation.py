"""Rotation: a new version of an office's key, and what was sealed to older ones sealed anew by a holder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from django.db import transaction
from django.utils import timezone
from nacl.public import PrivateKey

from cop.kernel.errors import Conflict, NotAllowed
from cop.kernel.progress import SILENT, Progress
from cop.kernel.sealing import Recipient, seal, unseal
from cop.vault.members.keys.offices import add_version, opened_versions, recipients_of
from cop.vault.members.keys.rules import may_keep_keys, within
from cop.vault.members.models import Grant, OfficeKey, Organisation, PersonKey, Post
from cop.vault.members.rules import DESK_ROLES, Actor, allow
from cop.vault.registers.operations import record_event

BATCH = 200
SETTLED = timedelta(minutes=1)
"""How long after a rotation something may still be stored that was sealed before it: re-sealing waits so long."""


class Envelopes(Protocol):
    """A table of envelopes sealed to organisations, as the app that owns it lends it for re-sealing."""

    name: str
    """Of the register, at most 40 characters: `reports`."""

    def after(self, organisation: int, row: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """The next rows of an organisation behind a row number, in order of number: the number and the envelope."""
        ...

    def replace(self, row: int, old: bytes, new: bytes) -> bool:
        """Put an envelope in the place of another; false when the row is gone or holds something else by now."""
        ...


_registers: dict[str, Envelopes] = {}


def envelopes_in(register: Envelopes) -> None:
    """Enter a table of envelopes; its app does so once, when it is loaded."""
    _registers[register.name] = register


@dataclass(frozen=True, slots=True)
class Resealed:
    """What one call of `reseal_all` did.

    Attributes:
        done: envelopes sealed anew.
        passed: that were sealed to the key in use already, or changed meanwhile and are sealed to it therefore.
        unopened: that no version of the key opens, which stay as they are.
        finished: nothing is left.
    """

    done: int
    passed: int
    unopened: int
    finished: bool


@transaction.atomic
def rotate_office(*, actor: Actor, organisation: int, private: PrivateKey) -> int:
    """Make the next version of an office's key, for those who hold it and may, and for the escrow; its version.

    Older versions stay with their holders, until `reseal_all` has gone through what was sealed to them.

    Effects: one `OfficeKey`, `Grant`s, the version before retired, one event `office_key.rotated`.

    Raises:
        NotFound, NotAllowed: the actor is no key custodian there, or holds nothing. Unavailable: there is no escrow.
    """
    within(actor, organisation)
    allow(
        may_keep_keys(actor, organisation),
        actor,
        "rotate this organisation's key",
        expected="its key custodian",
    )
    Organisation.objects.select_for_update().filter(pk=organisation).first()
    versions = opened_versions(actor=actor, organisation=organisation, private=private)
    before = versions[0][0]
    if before.retired is not None:
        raise NotAllowed("the key in use was not granted to you", expected="a holder to grant it")
    may = Post.objects.filter(organisation_id=organisation, role__in=DESK_ROLES, person__is_active=True)
    holders = PersonKey.objects.filter(retired=None, grants__key=before, person__in=may.values("person_id")).order_by(
        "pk"
    )
    before.retired = timezone.now()
    before.save(update_fields=["retired"])
    key = add_version(
        organisation=organisation, version=before.version + 1, private=PrivateKey.generate(), holders=list(holders)
    )
    record_event(
        kind="office_key.rotated",
        subject=f"organisation/{organisation}",
        details={"by": actor.id, "version": key.version, "holders": [h.person_id for h in holders]},
    )
    return key.version


def reseal_all(
    *,
    actor: Actor,
    organisation: int,
    private: PrivateKey,
    limit: int | None = None,
    progress: Progress = SILENT,
) -> Resealed:
    """Seal to the key in use what was sealed to older versions, from where the last call stopped.

    Every batch is a transaction of its own and leaves its place behind, so a call that is killed loses nothing and the
    next goes on. A row that is changed meanwhile by somebody else is left to them.

    Args:
        actor: a holder of all versions.
        organisation: whose.
        private: the actor's private key.
        limit: how many rows at most; all when none is given.
        progress: hears of every row.

    Effects: envelopes replaced; when nothing is left, one event `office_key.resealed`, and the older versions' grants
    to persons gone: with the envelopes goes the reason to hold them.

    Raises:
        NotFound, NotAllowed: as `open_office`, or the actor does not hold every version.
        Conflict: the key was rotated less than a minute ago.
    """
    done = passed = unopened = 0
    while limit is None or done + passed + unopened < limit:
        room = BATCH if limit is None else min(BATCH, limit - done - passed - unopened)
        batch = _reseal_batch(actor=actor, organisation=organisation, private=private, limit=room)
        done, passed, unopened = done + batch.done, passed + batch.passed, unopened + batch.unopened
        progress.advance(batch.done + batch.passed + batch.unopened)
        if batch.finished:
            return Resealed(done, passed, unopened, batch.finished)
    return Resealed(done, passed, unopened, finished=False)


@transaction.atomic
def _reseal_batch(*, actor: Actor, organisation: int, private: PrivateKey, limit: int) -> Resealed:
    versions = opened_versions(actor=actor, organisation=organisation, private=private)
    key = OfficeKey.objects.select_for_update().get(pk=versions[0][0].pk)
    _may_reseal(key, [version.pk for version, _ in versions])
    counts = dict.fromkeys(("done", "passed", "unopened"), 0)
    openers, recipients = [opened for _, opened in versions], recipients_of(organisation)
    for name in [] if key.resealed else sorted(n for n in _registers if n >= key.resealing):
        if name > key.resealing:
            key.resealing, key.resealed_to = name, 0
        for row, envelope in _registers[name].after(organisation, key.resealed_to, limit - sum(counts.values())):
            counts[_reseal_row(_registers[name], row, bytes(envelope), openers, recipients)] += 1
            key.resealed_to = row
        if sum(counts.values()) >= limit:
            break
    else:
        _finish(actor=actor, key=key)
    key.save(update_fields=["resealing", "resealed_to", "resealed"])
    return Resealed(**counts, finished=key.resealed is not None)


def _may_reseal(key: OfficeKey, held: Sequence[int]) -> None:
    """Only a holder of everything, and only when nothing can arrive any more that was sealed before the rotation."""
    others = OfficeKey.objects.filter(organisation_id=key.organisation_id, grants__holder__isnull=False)
    if key.retired is not None or others.exclude(pk__in=held).exists():
        raise NotAllowed("not every version of the key was granted to you", expected="a holder of all of them")
    left = key.created + SETTLED - timezone.now()
    if key.version > 1 and left > timedelta(0):
        raise Conflict("the key was rotated only just now", expected=f"to wait {int(left.total_seconds()) + 1} seconds")


def _reseal_row(
    register: Envelopes, row: int, envelope: bytes, openers: Sequence[PrivateKey], recipients: Sequence[Recipient]
) -> Literal["done", "passed", "unopened"]:
    for place, opener in enumerate(openers):
        try:
            text = unseal(envelope, opener)
        except NotAllowed:
            continue
        if place == 0:
            return "passed"
        return "done" if register.replace(row, envelope, seal(text, recipients)) else "passed"
    return "unopened"


def _finish(*, actor: Actor, key: OfficeKey) -> None:
    if key.resealed is not None:
        return
    key.resealed = timezone.now()
    older = Grant.objects.filter(key__organisation_id=key.organisation_id, holder__isnull=False).exclude(key=key)
    ended, _ = older.delete()
    record_event(
        kind="office_key.resealed",
        subject=f"organisation/{key.organisation_id}",
        details={"by": actor.id, "version": key.version, "grants_ended": ended},
    )
