"""The pages of keys: a custodian creates, grants, takes back, rotates and seals anew, with forms alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from nacl.public import PrivateKey

from vaults import Vault

if TYPE_CHECKING:
    from django.test import Client

PASSPHRASE = "harbour lantern stone ferry"
CUSTODIAN, ANALYST = "key_custodian@alpha", "analyst@alpha"


def ceremony() -> None:
    from cop.vault.members import keys
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program

    public = bytes(PrivateKey.generate().public_key)
    keys.establish_escrow(actor=program(PROGRAM), public=public, threshold=2, shares=3)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_custodian_walks_from_nothing_to_a_key_that_two_people_hold(sqlite_vault: Vault) -> None:
    alpha = sqlite_vault.organisations["alpha"]
    custodian, analyst = sqlite_vault.client(CUSTODIAN), sqlite_vault.client(ANALYST)
    address, person = f"/desk/keys/{alpha}/", sqlite_vault.people[ANALYST]
    assert "no key yet · something is to be done" in page(custodian, "/desk/keys/")
    assert "First the shares of the escrow are printed." in page(custodian, address)
    ceremony()
    assert "First make your own key" in page(custodian, address)
    chosen = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
    assert custodian.post("/desk/keys/new/", chosen).headers["Location"] == "/desk/keys/"
    assert analyst.post("/desk/keys/new/", chosen).status_code == 302
    assert "A key custodian of the organisation creates the key." in page(analyst, address)
    assert custodian.post(f"{address}create/").headers["Location"] == address
    shown = page(custodian, address)
    assert "One person alone holds the key." in shown
    assert "Any 2 of 3 printed shares" in shown
    assert 'waits for the key</td> <td> <form method="post" action="' + f'{address}grant/{person}/"' in shown

    assert "Your key is locked." in custodian.post(f"{address}grant/{person}/").content.decode()
    assert custodian.post(f"{address}grant/{person}/", {"cop_passphrase": PASSPHRASE}).status_code == 302

    shown = page(custodian, address)
    assert "The key is granted." in shown
    assert 'class="warning"' not in shown
    assert "2 holders" in page(analyst, "/desk/keys/")
    assert f"{address}revoke/" not in page(analyst, address)


def test_somebody_leaves_and_the_page_says_what_to_do_until_it_is_done(
    sqlite_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from cop.kernel.sealing import seal
    from cop.vault.members import keys
    from cop.vault.members.keys import rotation

    class Drawer:
        name = "drawer"
        rows: ClassVar[dict[int, bytes]] = {}

        def after(self, organisation: int, row: int, limit: int) -> Sequence[tuple[int, bytes]]:
            return [(n, e) for n, e in sorted(self.rows.items()) if n > row][:limit]

        def replace(self, row: int, old: bytes, new: bytes) -> bool:
            self.rows[row] = new
            return True

    alpha = sqlite_vault.organisations["alpha"]
    ceremony()
    for who in (CUSTODIAN, ANALYST):
        keys.create_key(actor=sqlite_vault.actor(who), passphrase=PASSPHRASE)
    keys.create_office(actor=sqlite_vault.actor(CUSTODIAN), organisation=alpha)
    custodian, address = sqlite_vault.client(CUSTODIAN), f"/desk/keys/{alpha}/"
    custodian.post("/desk/unlock/", {"cop_passphrase": PASSPHRASE})
    custodian.post(f"{address}grant/{sqlite_vault.people[ANALYST]}/")
    drawer = Drawer()
    drawer.rows = {n: seal(f"text {n}", keys.recipients_of(alpha)) for n in range(1, 4)}
    monkeypatch.setattr(rotation, "_registers", {"drawer": drawer})

    custodian.post(f"{address}revoke/{sqlite_vault.people[ANALYST]}/")
    assert "Rotate it." in page(custodian, address)
    custodian.post(f"{address}rotate/")
    assert "Version 2" in page(custodian, address)
    custodian.post(f"{address}reseal/")
    assert "The key was rotated only just now." in page(custodian, address)
    monkeypatch.setattr(rotation, "SETTLED", timedelta(0))
    monkeypatch.setattr("cop.desk.keys.AT_ONCE", 2)
    custodian.post(f"{address}reseal/")
    assert "2 envelopes are sealed anew." in page(custodian, address)
    custodian.post(f"{address}reseal/")
    assert "Everything is sealed to the key in use." in page(custodian, address)
    assert "Seal older reports anew" not in page(custodian, address)


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"passphrase": "short", "again": "short"}, 422, "The passphrase is too short."),
        ({"passphrase": PASSPHRASE, "again": "other"}, 422, "The two passphrases differ."),
        ({}, 422, "The passphrase is too short."),
    ],
)
def test_a_passphrase_that_is_no_good_is_said_beside_the_field(
    sqlite_vault: Vault, sent: dict[str, str], status: int, said: str
) -> None:
    answer = sqlite_vault.client(ANALYST).post("/desk/keys/new/", sent)

    assert answer.status_code == status
    assert said in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert PASSPHRASE not in answer.content.decode()


def test_changing_and_retiring(sqlite_vault: Vault) -> None:
    from cop.vault.members import keys

    client = sqlite_vault.client(ANALYST)
    keys.create_key(actor=sqlite_vault.actor(ANALYST), passphrase=PASSPHRASE)
    new = "quiet copper meadow lighthouse"
    wrong = client.post("/desk/keys/passphrase/", {"old": new, "passphrase": new, "again": new})
    assert (wrong.status_code, "does not open this key" in wrong.content.decode()) == (403, True)
    right = client.post("/desk/keys/passphrase/", {"old": PASSPHRASE, "passphrase": new, "again": new})
    assert right.status_code == 302
    assert client.post("/desk/unlock/", {"cop_passphrase": new}).status_code == 302

    assert client.post("/desk/keys/retire/").status_code == 422
    assert client.post("/desk/keys/retire/", {"sure": "yes"}).status_code == 302

    assert "You have no key yet." in page(client, "/desk/keys/")
    assert "You have no key yet." in page(client, "/desk/unlock/")


@pytest.mark.parametrize("who", ["key_custodian@beta", "delegate@alpha", "auditor@office", "administrator@office"])
def test_an_organisations_key_is_not_there_for_others(sqlite_vault: Vault, who: str) -> None:
    client, alpha = sqlite_vault.client(who), sqlite_vault.organisations["alpha"]
    deeds: list[Callable[[str], Any]] = [client.get] + [client.post] * 6
    tails = ("", "create/", "rotate/", "reseal/", "escrow/", "grant/1/", "revoke/1/")

    assert [deed(f"/desk/keys/{alpha}/{tail}").status_code for deed, tail in zip(deeds, tails, strict=True)] == [
        404
    ] * 7
