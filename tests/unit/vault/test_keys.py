"""Keys of people and offices: who opens what, who is shut out by what, and what is left when every holder is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from nacl.public import PrivateKey

from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused, TooMuch, Unavailable
from cop.kernel.sealing import Recipient, seal, unseal
from vaults import PASSWORD, Vault

PASSPHRASE = "harbour lantern stone ferry"
OTHER = "quiet copper meadow lighthouse"
CUSTODIAN, ANALYST, SECOND, REVIEWER = "key_custodian@alpha", "analyst@alpha", "analyst2@alpha", "reviewer@alpha"


@dataclass
class Office:
    """The office of `alpha`: an escrow, a custodian who holds its key, and who else was given it."""

    vault: Vault
    number: int
    escrow: PrivateKey
    keys: dict[str, PrivateKey] = field(default_factory=dict)

    def actor(self, who: str) -> Any:
        return self.vault.actor(who)

    def person(self, who: str) -> PrivateKey:
        """Somebody's key, made and opened."""
        from cop.vault.members import keys

        keys.create_key(actor=self.actor(who), passphrase=PASSPHRASE)
        self.keys[who] = keys.open_key_of(actor=self.actor(who), passphrase=PASSPHRASE)
        return self.keys[who]

    def give(self, who: str, by: str = CUSTODIAN) -> None:
        from cop.vault.members import keys

        if who not in self.keys:
            self.person(who)
        person = self.vault.people[who]
        keys.grant(actor=self.actor(by), organisation=self.number, person=person, private=self.keys[by])

    def opens(self, who: str, envelope: bytes) -> bool:
        """Whether somebody opens an envelope; the vault may refuse the office, or the key the envelope."""
        from cop.vault.members import keys

        try:
            keys.open_office(actor=self.actor(who), organisation=self.number, private=self.keys[who]).open(envelope)
        except NotAllowed:
            return False
        return True

    def sealed(self, text: str = "an offer of money for pictures, in a chat") -> bytes:
        from cop.vault.members import keys

        return seal(text, keys.recipients_of(self.number))

    def rotate(self) -> int:
        from cop.vault.members import keys

        return keys.rotate_office(actor=self.actor(CUSTODIAN), organisation=self.number, private=self.keys[CUSTODIAN])

    def events(self) -> list[str]:
        from cop.vault.registers.queries import page_of_events

        return [e.kind for e in reversed(page_of_events(limit=200)) if "key" in e.kind or "escrow" in e.kind]


def office_of(vault: Vault) -> Office:
    from cop.vault.members import keys
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program

    made = Office(vault, vault.organisations["alpha"], PrivateKey.generate())
    public = bytes(made.escrow.public_key)
    keys.establish_escrow(actor=program(PROGRAM), public=public, threshold=2, shares=3)
    made.person(CUSTODIAN)
    keys.create_office(actor=made.actor(CUSTODIAN), organisation=made.number)
    return made


class Drawer:
    """Envelopes of an app, as it lends them for re-sealing."""

    name = "drawer"

    def __init__(self, envelopes: Sequence[bytes]) -> None:
        self.rows = dict(enumerate(envelopes, 1))
        self.asked: list[tuple[int, int]] = []
        self.meanwhile: Callable[[int], None] = lambda row: None

    def after(self, organisation: int, row: int, limit: int) -> Sequence[tuple[int, bytes]]:
        self.asked.append((row, limit))
        return [(n, e) for n, e in sorted(self.rows.items()) if n > row][:limit]

    def replace(self, row: int, old: bytes, new: bytes) -> bool:
        self.meanwhile(row)
        if self.rows.get(row) != old:
            return False
        self.rows[row] = new
        return True


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[bytes]], Drawer]:
    """The only register there is, and no waiting after a rotation."""
    from cop.vault.members.keys import rotation

    def fill(envelopes: Sequence[bytes]) -> Drawer:
        made = Drawer(envelopes)
        monkeypatch.setattr(rotation, "_registers", {})
        monkeypatch.setattr(rotation, "SETTLED", timedelta(0))
        rotation.envelopes_in(made)
        return made

    return fill


def reseal(office: Office, who: str = CUSTODIAN, **given: Any) -> Any:
    from cop.vault.members import keys

    return keys.reseal_all(actor=office.actor(who), organisation=office.number, private=office.keys[who], **given)


# --- one's own key


def test_a_key_opens_with_its_passphrase_alone_and_nothing_of_it_lies_open(vault: Vault) -> None:
    from cop.vault.members import keys
    from cop.vault.members.models import PersonKey
    from cop.vault.registers.queries import events

    actor = vault.actor(ANALYST)
    number = keys.create_key(actor=actor, passphrase=PASSPHRASE)
    private = keys.open_key_of(actor=actor, passphrase=PASSPHRASE)
    row = PersonKey.objects.get(pk=number)

    assert bytes(private.public_key) == bytes(row.public)
    with pytest.raises(NotAllowed, match="does not open this key"):
        keys.open_key_of(actor=actor, passphrase=OTHER)
    with pytest.raises(NotFound, match="you have no key"):
        keys.open_key_of(actor=vault.actor(SECOND), passphrase=PASSPHRASE)
    with pytest.raises(Conflict, match="you have a key"):
        keys.create_key(actor=actor, passphrase=OTHER)
    kept = row.wrapped + " ".join(f"{e.subject}{e.details}" for e in events())
    assert PASSPHRASE not in kept
    assert bytes(private).hex() not in kept
    assert [e.kind for e in events()][-3:] == ["key.created", "key.opened", "key.refused"]


@pytest.mark.parametrize(
    ("passphrase", "said"),
    [
        ("fifteen letters", "too short"),
        ("x" * 1025, "too long"),
        ("abababababababababab", "repeats itself"),
        ("analyst@alpha.example", "easily guessed"),
        (PASSWORD, "this is your password"),
    ],
)
def test_a_passphrase_that_is_no_good_is_refused(sqlite_vault: Vault, passphrase: str, said: str) -> None:
    from cop.vault.members import keys

    with pytest.raises(Refused, match=said):
        keys.create_key(actor=sqlite_vault.actor(ANALYST), passphrase=passphrase)
    assert keys.key_state(sqlite_vault.actor(ANALYST)) is None


def test_only_who_holds_a_post_has_a_key(sqlite_vault: Vault) -> None:
    from cop.vault.members import keys
    from cop.vault.members.rules import ANONYMOUS, Actor

    for nobody in (ANONYMOUS, Actor(sqlite_vault.people[ANALYST], "dismissed")):
        with pytest.raises(NotAllowed, match="may not have a key"):
            keys.create_key(actor=nobody, passphrase=PASSPHRASE)


def test_after_ten_tries_even_the_right_passphrase_waits(vault: Vault) -> None:
    from cop.vault.members import keys

    actor, other = vault.actor(ANALYST), vault.actor(SECOND)
    keys.create_key(actor=actor, passphrase=PASSPHRASE)
    keys.create_key(actor=other, passphrase=PASSPHRASE)
    for _ in range(10):
        with pytest.raises(NotAllowed):
            keys.open_key_of(actor=actor, passphrase=OTHER)

    with pytest.raises(TooMuch, match="too many passphrases"):
        keys.open_key_of(actor=actor, passphrase=PASSPHRASE)
    assert keys.open_key_of(actor=other, passphrase=PASSPHRASE)


def test_one_stretching_at_a_time_and_who_waits_too_long_is_told(
    sqlite_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cop.vault.members import keys
    from cop.vault.members.keys import persons

    actor = sqlite_vault.actor(ANALYST)
    keys.create_key(actor=actor, passphrase=PASSPHRASE)
    monkeypatch.setattr(persons, "_PATIENCE", 0.05)
    with persons._stretching(), pytest.raises(Unavailable, match="too many keys are being opened"):
        keys.open_key_of(actor=actor, passphrase=PASSPHRASE)
    assert keys.open_key_of(actor=actor, passphrase=PASSPHRASE)


def test_a_new_passphrase_opens_the_same_key_and_the_old_one_no_more(vault: Vault) -> None:
    from cop.vault.members import keys

    office = office_of(vault)
    envelope = office.sealed()
    actor = office.actor(CUSTODIAN)
    with pytest.raises(NotAllowed):
        keys.change_passphrase(actor=actor, old=OTHER, new="another sentence entirely")
    with pytest.raises(Refused, match="too short"):
        keys.change_passphrase(actor=actor, old=PASSPHRASE, new="short")

    keys.change_passphrase(actor=actor, old=PASSPHRASE, new=OTHER)

    with pytest.raises(NotAllowed):
        keys.open_key_of(actor=actor, passphrase=PASSPHRASE)
    assert bytes(keys.open_key_of(actor=actor, passphrase=OTHER)) == bytes(office.keys[CUSTODIAN])
    assert office.opens(CUSTODIAN, envelope)


def test_a_key_is_retired_with_its_grants_but_never_the_last_holders(vault: Vault) -> None:
    from cop.vault.members import keys

    office = office_of(vault)
    envelope = office.sealed()
    with pytest.raises(Conflict, match="last holder"):
        keys.retire_key(actor=office.actor(CUSTODIAN))
    office.give(ANALYST)

    keys.retire_key(actor=office.actor(ANALYST))

    assert not office.opens(ANALYST, envelope)
    assert keys.key_state(office.actor(ANALYST)) is None
    office.person(ANALYST)
    assert not office.opens(ANALYST, envelope)
    office.give(ANALYST)
    assert office.opens(ANALYST, envelope)


# --- the office's key


def test_nothing_is_taken_in_before_there_are_a_key_and_an_escrow(vault: Vault) -> None:
    from cop.vault.members import keys

    alpha = vault.organisations["alpha"]
    with pytest.raises(Unavailable, match="no key yet"):
        keys.recipients_of(alpha)
    keys.create_key(actor=vault.actor(CUSTODIAN), passphrase=PASSPHRASE)
    with pytest.raises(Unavailable, match="no escrow yet"):
        keys.create_office(actor=vault.actor(CUSTODIAN), organisation=alpha)


def test_what_is_sealed_opens_for_holders_and_the_escrow_and_for_nobody_else(vault: Vault) -> None:
    office = office_of(vault)
    office.give(ANALYST)
    office.person(SECOND)
    envelope = office.sealed("she was asked for pictures")

    assert office.opens(CUSTODIAN, envelope)
    assert office.opens(ANALYST, envelope)
    assert not office.opens(SECOND, envelope)
    assert unseal(envelope, office.escrow) == "she was asked for pictures"
    for key in office.keys.values():  # a person's key alone opens nothing
        with pytest.raises(NotAllowed):
            unseal(envelope, key)


def test_an_altered_envelope_and_a_strangers_are_refused(vault: Vault) -> None:
    from cop.vault.members import keys

    office = office_of(vault)
    opener = keys.open_office(actor=office.actor(CUSTODIAN), organisation=office.number, private=office.keys[CUSTODIAN])
    envelope = bytearray(office.sealed())
    envelope[-1] ^= 1

    with pytest.raises(NotAllowed, match="no key of this organisation"):
        opener.open(bytes(envelope))
    with pytest.raises(NotAllowed, match="no key of this organisation"):
        opener.open(seal("x", [Recipient("stranger", bytes(PrivateKey.generate().public_key))]))
    assert "PrivateKey" not in repr(opener)


def test_who_may_do_what_with_an_offices_key(vault: Vault) -> None:
    from cop.vault.members import keys

    office = office_of(vault)
    office.give(ANALYST)
    foreign, delegate = "key_custodian@beta", "delegate@alpha"
    office.person(foreign)
    office.person(delegate)
    second = vault.people[SECOND]

    def deeds(who: str) -> dict[str, type[CopError] | None]:
        actor, private, number = office.actor(who), office.keys[who], office.number
        return {
            name: _raised(deed)
            for name, deed in {
                "open": lambda: keys.open_office(actor=actor, organisation=number, private=private),
                "see": lambda: keys.office(actor, number),
                "create": lambda: keys.create_office(actor=actor, organisation=number),
                "grant": lambda: keys.grant(actor=actor, organisation=number, person=second, private=private),
                "revoke": lambda: keys.revoke(actor=actor, organisation=number, person=second),
                "rotate": lambda: keys.rotate_office(actor=actor, organisation=number, private=private),
                "escrow": lambda: keys.grant_escrow(actor=actor, organisation=number, private=private),
            }.items()
        }

    assert deeds(foreign) == dict.fromkeys(deeds(foreign), NotFound)
    assert deeds(delegate) == {**dict.fromkeys(deeds(delegate), NotAllowed), "see": NotFound}
    # an analyst who holds it may give it, but neither make, take nor rotate it; the second analyst has no key yet
    assert deeds(ANALYST) == {
        "open": None, "see": None, "create": NotAllowed, "grant": Refused, "revoke": NotAllowed,
        "rotate": NotAllowed, "escrow": None,
    }  # fmt: skip
    assert deeds(CUSTODIAN) == {
        "open": None, "see": None, "create": Conflict, "grant": Refused, "revoke": NotFound,
        "rotate": None, "escrow": None,
    }  # fmt: skip


def _raised(deed: Callable[[], object]) -> type[CopError] | None:
    from django.db import transaction

    try:
        with transaction.atomic():
            deed()
            transaction.set_rollback(True)
    except CopError as error:
        return type(error)
    return None


def test_a_key_is_granted_only_to_those_who_read_there_and_once(vault: Vault) -> None:
    from cop.vault.members import keys

    office = office_of(vault)
    office.give(ANALYST)
    for who, error in (("delegate@alpha", Refused), ("analyst@beta", Refused), (ANALYST, Conflict)):
        with pytest.raises(error):
            office.give(who)
    with pytest.raises(NotAllowed, match="was not granted to you"):
        keys.open_office(actor=office.actor(SECOND), organisation=office.number, private=PrivateKey.generate())
    with pytest.raises(NotAllowed, match="does not open the sealed key"):  # a stolen session without the key
        keys.open_office(actor=office.actor(ANALYST), organisation=office.number, private=PrivateKey.generate())


def test_a_grant_that_somebody_put_in_by_hand_opens_nothing(vault: Vault) -> None:
    """Whoever writes into the database can seal a key of their own to a holder: it is not the office's."""
    from cop.kernel.sealing import recipient_of, seal_key
    from cop.vault.members import keys
    from cop.vault.members.models import Grant

    office = office_of(vault)
    false = seal_key(PrivateKey.generate(), recipient_of(office.keys[CUSTODIAN], "x"))
    Grant.objects.filter(holder__isnull=False).update(sealed=false)

    with pytest.raises(NotAllowed, match="put in the place"):
        keys.open_office(actor=office.actor(CUSTODIAN), organisation=office.number, private=office.keys[CUSTODIAN])


def test_the_last_holder_cannot_be_revoked(vault: Vault) -> None:
    from cop.vault.members import keys

    office = office_of(vault)
    with pytest.raises(Conflict, match="last holder"):
        keys.revoke(actor=office.actor(CUSTODIAN), organisation=office.number, person=vault.people[CUSTODIAN])


def test_the_state_warns_of_what_is_to_be_done(vault: Vault) -> None:
    from cop.vault.members import keys
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program

    def warned() -> tuple[str, ...]:
        found = {o.slug: o.warnings for o in keys.offices(program(PROGRAM))}
        assert found["beta"] == ("no key",)
        assert set(found) == {"alpha", "beta"}
        return found["alpha"]

    office = office_of(vault)
    assert warned() == ("one holder",)
    office.give(ANALYST)
    assert warned() == ()
    keys.revoke(actor=office.actor(CUSTODIAN), organisation=office.number, person=vault.people[ANALYST])
    assert warned() == ("one holder", "rotation due")
    office.rotate()
    assert warned() == ("one holder", "re-sealing due")
    public = bytes(PrivateKey.generate().public_key)
    keys.establish_escrow(actor=program(PROGRAM), public=public, threshold=2, shares=2, replace=True)
    assert warned() == ("one holder", "not escrowed", "re-sealing due")
    added = keys.grant_escrow(actor=office.actor(CUSTODIAN), organisation=office.number, private=office.keys[CUSTODIAN])
    assert added == 2
    assert warned() == ("one holder", "re-sealing due")
    with pytest.raises(NotAllowed, match="every organisation's key"):
        keys.offices(office.actor(CUSTODIAN))


# --- somebody leaves


def test_who_is_removed_loses_the_key_at_once_and_after_rotation_and_resealing_everything(
    vault: Vault, drawer: Callable[[Sequence[bytes]], Drawer]
) -> None:
    from cop.vault.members import keys, operations
    from cop.vault.members.models import Grant

    office = office_of(vault)
    office.give(ANALYST)
    before = office.sealed("before")
    kept = keys.open_office(  # what a dishonest holder would have taken along
        actor=office.actor(ANALYST), organisation=office.number, private=office.keys[ANALYST]
    )
    table = drawer([before])

    operations.remove_post(
        actor=vault.actor("focal_point@alpha"), person=vault.people[ANALYST], organisation=office.number, role="analyst"
    )

    assert not Grant.objects.filter(holder__person=vault.people[ANALYST]).exists()
    assert keys.office(office.actor(CUSTODIAN), office.number).exposed is not None
    with pytest.raises(NotFound):
        keys.open_office(actor=office.actor(ANALYST), organisation=office.number, private=office.keys[ANALYST])
    office.rotate()
    after = office.sealed("after")
    with pytest.raises(NotAllowed):
        kept.open(after)
    assert kept.open(table.rows[1]) == "before"
    assert reseal(office).done == 1
    with pytest.raises(NotAllowed):
        kept.open(table.rows[1])
    assert office.opens(CUSTODIAN, table.rows[1])
    assert unseal(table.rows[1], office.escrow) == "before"
    assert keys.office(office.actor(CUSTODIAN), office.number).warnings == ("one holder",)


def test_who_keeps_another_reading_post_keeps_the_key(vault: Vault) -> None:
    from cop.vault.members import operations
    from cop.vault.members.models import Grant

    office = office_of(vault)
    office.give(ANALYST)
    manager, person = vault.actor("focal_point@alpha"), vault.people[ANALYST]
    operations.add_post(actor=manager, person=person, organisation=office.number, role="reviewer")
    operations.remove_post(actor=manager, person=person, organisation=office.number, role="analyst")
    assert Grant.objects.filter(holder__person=person).count() == 1

    operations.deactivate(actor=vault.actor("administrator@office"), person=person)
    assert Grant.objects.filter(holder__person=person).count() == 0


def test_a_new_version_goes_to_those_who_hold_the_key_and_may(vault: Vault) -> None:
    from cop.vault.members.models import OfficeKey

    office = office_of(vault)
    for who in (ANALYST, REVIEWER):
        office.give(who)
    office.person(SECOND)
    old = office.sealed("old")

    assert office.rotate() == 2

    new = office.sealed("new")
    assert {who: (office.opens(who, old), office.opens(who, new)) for who in office.keys} == {
        CUSTODIAN: (True, True), ANALYST: (True, True), REVIEWER: (True, True), SECOND: (False, False),
    }  # fmt: skip
    assert unseal(new, office.escrow) == "new"
    assert list(OfficeKey.objects.filter(retired=None).values_list("version", flat=True)) == [2]
    office.give(SECOND)
    assert office.opens(SECOND, old)


# --- sealing anew


def test_sealing_anew_goes_on_where_it_stopped_and_leaves_a_strangers_envelopes(
    vault: Vault, drawer: Callable[[Sequence[bytes]], Drawer]
) -> None:
    from cop.vault.members.models import Grant

    office = office_of(vault)
    office.give(ANALYST)
    stranger = seal("theirs", [Recipient("s", bytes(PrivateKey.generate().public_key))])
    olds = [office.sealed(f"text {n}") for n in range(5)]
    office.rotate()
    table = drawer([*olds[:3], office.sealed("new"), stranger, *olds[3:]])

    first = reseal(office, limit=2)
    assert (first.done, first.passed, first.unopened, first.finished) == (2, 0, 0, False)
    rest = reseal(office)
    assert (rest.done, rest.passed, rest.unopened, rest.finished) == (3, 1, 1, True)

    assert table.asked[1][0] == 2  # behind the second row, not from the first
    assert table.rows[5] == stranger
    assert [office.opens(ANALYST, e) for n, e in table.rows.items() if n != 5] == [True] * 6
    assert Grant.objects.filter(key__version=1, holder__isnull=False).count() == 0
    assert Grant.objects.filter(key__version=1, escrow__isnull=False).count() == 1
    assert reseal(office) == type(rest)(0, 0, 0, True)
    assert office.events()[-1] == "office_key.resealed"


def test_a_row_that_changes_meanwhile_is_left_as_it_is_then(
    vault: Vault, drawer: Callable[[Sequence[bytes]], Drawer]
) -> None:
    office = office_of(vault)
    olds = [office.sealed("one"), office.sealed("two")]
    office.rotate()
    table = drawer(olds)
    changed = office.sealed("one, with more facts")
    table.meanwhile = lambda row: table.rows.update({row: changed} if row == 1 else {})

    did = reseal(office)

    assert (did.done, did.passed, did.finished) == (1, 1, True)
    assert table.rows[1] == changed


def test_sealing_anew_waits_until_what_was_sealed_before_the_rotation_is_stored(vault: Vault) -> None:
    office = office_of(vault)
    office.rotate()

    with pytest.raises(Conflict, match="rotated only just now"):
        reseal(office)


def test_only_a_holder_of_every_version_seals_anew(vault: Vault, drawer: Callable[[Sequence[bytes]], Drawer]) -> None:
    """Otherwise what only an older version opens would be left to the escrow alone."""
    from cop.vault.members.models import Grant

    office = office_of(vault)
    office.give(ANALYST)
    drawer([office.sealed()])
    office.rotate()
    Grant.objects.filter(key__version=1, holder__person=vault.people[ANALYST]).delete()

    with pytest.raises(NotAllowed, match="not every version"):
        reseal(office, ANALYST)
    assert reseal(office).done == 1


# --- the escrow


def test_the_escrow_gives_the_key_to_a_new_holder_when_all_are_gone(vault: Vault) -> None:
    from cop.kernel.escrow import combine, split
    from cop.vault.members import keys, operations
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program

    office = office_of(vault)
    old = office.sealed("old")
    office.rotate()
    new = office.sealed("new")
    operations.deactivate(actor=vault.actor("administrator@office"), person=vault.people[CUSTODIAN])
    office.person(REVIEWER)
    given = {"organisation": office.number, "person": vault.people[REVIEWER]}
    lines = split(office.escrow, threshold=2, shares=3)
    with pytest.raises(NotAllowed, match="of no escrow of this observatory"):
        keys.recover_office(actor=program(PROGRAM), escrow=PrivateKey.generate(), **given)
    with pytest.raises(NotAllowed, match="may not recover"):
        keys.recover_office(actor=office.actor(REVIEWER), escrow=combine(lines[:2]), **given)

    assert keys.recover_office(actor=program(PROGRAM), escrow=combine(lines[1:]), **given) == 2

    assert office.opens(REVIEWER, old)
    assert office.opens(REVIEWER, new)


def test_a_second_escrow_only_where_it_is_said(vault: Vault) -> None:
    from django.db import IntegrityError, transaction

    from cop.vault.members import keys
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.models import Escrow
    from cop.vault.members.rules import program

    office = office_of(vault)
    public = bytes(PrivateKey.generate().public_key)
    with pytest.raises(Conflict, match="there is an escrow of 2 of 3"):
        keys.establish_escrow(actor=program(PROGRAM), public=public, threshold=2, shares=3)
    with pytest.raises(NotAllowed):
        keys.establish_escrow(actor=office.actor(CUSTODIAN), public=public, threshold=2, shares=3, replace=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Escrow.objects.create(public=public, threshold=2, shares=3)

    keys.establish_escrow(actor=program(PROGRAM), public=public, threshold=3, shares=5, replace=True)

    state = keys.escrow_in_use()
    assert state is not None
    assert (state.threshold, state.shares) == (3, 5)
    assert keys.recipients_of(office.number)[1].key == public
