"""Coded records on a desk, for tests of the coding room: made without texts, where none is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vaults import Vault

if TYPE_CHECKING:
    from django.test import Client

FIRST = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Given:
    """What the coder is to have said of a record."""

    code: str = "C01"
    probability: float = 0.6
    class_set: tuple[str, ...] = ("C01", "C02")
    route: str = "review"
    urgency: int | None = 2
    language: str = "en"


def add_records(vault: Vault, given: Sequence[Given], *, organisation: str = "alpha") -> list[int]:
    """Put records on a desk, each a minute after the one before; their numbers."""
    from cop.classification.coder import Coded
    from cop.vault.coding.operations import record_codes
    from cop.vault.reports.models import Report

    desk = vault.organisations[organisation]
    numbers: list[int] = []
    for place, one in enumerate(given):
        received = FIRST + timedelta(minutes=place)
        report = Report.objects.create(
            organisation_id=desk, origin="desk", received=received, date=received.date(), platform="social",
            age_band="13-15", sex="girl", channel="hotline", reporter="parent", sealed=b"sealed",
        )  # fmt: skip
        coded = Coded(
            code=one.code, section=one.code[0], probability=one.probability, class_set=one.class_set, route=one.route,
            urgency=one.urgency, language=one.language, scheme="1.0", model="coder-1.0",
        )  # type: ignore[arg-type]  # fmt: skip
        record_codes(reports=[report.pk], codes=[coded], organisation=desk, received=received)
        numbers.append(report.pk)
    return numbers


PASSPHRASE = "seven grey herons stand still"


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation with a key that analysts and reviewer hold, so that narratives can be sealed and opened."""

    vault: Vault

    @classmethod
    def of(cls, vault: Vault) -> Office:
        """Make escrow, the people's keys and the key of `alpha`."""
        from nacl.public import PrivateKey

        from cop.vault.members import keys
        from cop.vault.members.keys.rules import PROGRAM
        from cop.vault.members.rules import program

        desk = vault.organisations["alpha"]
        keys.establish_escrow(
            actor=program(PROGRAM), public=bytes(PrivateKey.generate().public_key), threshold=2, shares=3
        )
        holders = ("key_custodian@alpha", "analyst@alpha", "analyst2@alpha", "reviewer@alpha")
        for who in holders:
            keys.create_key(actor=vault.actor(who), passphrase=PASSPHRASE)
        custodian = vault.actor(holders[0])
        keys.create_office(actor=custodian, organisation=desk)
        private = keys.open_key_of(actor=custodian, passphrase=PASSPHRASE)
        for who in holders[1:]:
            keys.grant(actor=custodian, organisation=desk, person=vault.people[who], private=private)
        return cls(vault)

    def unlocked(self, who: str) -> Client:
        """Django's test client, signed in, the key open."""
        client = self.vault.client(who)
        answer = client.post("/desk/unlock/", {"cop_passphrase": PASSPHRASE})
        assert answer.status_code == 302, answer.content.decode()
        return client


def report_texts(office: Office, texts: Sequence[str]) -> list[int]:
    """Take texts in at the desk as an analyst would, coded by the installed coder and sealed; their numbers."""
    from cop.vault.coding.models import Coding
    from cop.vault.reports import door
    from cop.vault.reports.operations import accept
    from cop.vault.reports.submission import Submission

    door._recipients_of.clear()  # of another test's office: a process remembers them for some seconds
    desk = office.vault.organisations["alpha"]
    actor = office.vault.actor("analyst@alpha")
    numbers = [accept(actor=actor, submission=Submission(desk, "desk", text, FIRST.date())).id for text in texts]
    Coding.objects.filter(report__in=numbers).update(place=1_000_000, state="queued", route="review")
    return numbers
