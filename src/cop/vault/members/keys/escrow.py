"""The escrow: established in a ceremony, used when every holder of an office's key is gone."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from nacl.public import PrivateKey

from cop.kernel.errors import Conflict, NotAllowed, Unavailable
from cop.kernel.sealing import open_key
from cop.vault.members.keys.offices import give
from cop.vault.members.keys.rules import may_hold_the_ceremony
from cop.vault.members.models import Escrow, Grant
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event


@transaction.atomic
def establish_escrow(*, actor: Actor, public: bytes, threshold: int, shares: int, replace: bool = False) -> int:
    """Keep the public key of a new escrow; its private key was printed as shares and is kept nowhere. Its number.

    Effects: one `Escrow`, the one before retired, one event `escrow.established`.

    Raises:
        NotAllowed: this is no ceremony. Conflict: there is an escrow, and `replace` is not said.
    """
    allow(may_hold_the_ceremony(actor), actor, "establish an escrow", expected="`cop keys ceremony`")
    before = Escrow.objects.select_for_update().filter(retired=None).first()
    if before is not None and not replace:
        raise Conflict(
            f"there is an escrow of {before.threshold} of {before.shares} shares since {before.created:%Y-%m-%d}",
            expected="--replace, if its shares are lost or were seen",
        )
    Escrow.objects.filter(retired=None).update(retired=timezone.now())
    escrow = Escrow.objects.create(public=public, threshold=threshold, shares=shares)
    record_event(
        kind="escrow.established",
        subject=f"escrow/{escrow.pk}",
        details={"program": actor.program, "threshold": threshold, "shares": shares},
    )
    return escrow.pk


@transaction.atomic
def recover_office(*, actor: Actor, organisation: int, escrow: PrivateKey, person: int) -> int:
    """Give a person every version of an office's key, from the escrow's private key; how many that were.

    Effects: `Grant`s, one event `office_key.granted` that says it came from the escrow.

    Raises:
        NotAllowed: this is no recovery, or the shares are of no escrow of ours. Unavailable: nothing was granted to it.
        Refused: the person reads no narratives there, or has no key. Conflict: the person holds all of it.
    """
    allow(may_hold_the_ceremony(actor), actor, "recover a key from escrow", expected="`cop keys recover`")
    ours = Escrow.objects.filter(public=bytes(escrow.public_key)).first()
    if ours is None:
        raise NotAllowed("the shares are of no escrow of this observatory", expected="shares of its own ceremony")
    grants = Grant.objects.filter(escrow=ours, key__organisation_id=organisation).select_related("key")
    if not grants:
        raise Unavailable("nothing of this organisation was granted to that escrow", expected="its key, once created")
    versions = [
        (g.key, open_key(bytes(g.sealed), escrow, public=bytes(g.key.public))) for g in grants.order_by("-key__version")
    ]
    by: dict[str, object] = {"program": actor.program, "escrow": ours.pk}
    return give(versions, organisation=organisation, person=person, by=by)
