"""The access matrix: every address, tried by everybody with every method, answers as the table says. tests/access.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from access import (
    COLUMNS,
    FOREIGN,
    OTHERS,
    SIGNED_IN,
    UNBOUND,
    Endpoint,
    Trial,
    endpoints,
    read_table,
    write_table,
)
from records import PASSPHRASE
from vaults import Vault, vault_of

READ_ONLY = {"service:openapi-json", "service:api-root"}
"""What describes the service: it is answered to whatever method, and does nothing."""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, vault_templates: Callable[[str], str]) -> Iterator[Trial]:
    with vault_of("sqlite", vault_templates, tmp_path_factory.mktemp("trial")) as vault:
        yield Trial(vault)


def test_every_address_and_method_is_in_the_table_and_none_that_is_not_there(trial: Trial) -> None:
    wanted = {(e.name, method): e for e in endpoints() for method in e.methods}
    table = read_table()
    missing = sorted(wanted.keys() - table.keys())

    if missing and os.environ.get("COP_WRITE_ACCESS") == "1":
        kept = {key: row for key, row in table.items() if key in wanted}
        write_table({**kept, **{key: trial.answers(wanted[key], key[1]) for key in missing}})
        pytest.fail(f"rows were written for review: {missing}")

    assert not missing, f"addresses that the table does not know (tests/access.py says how to add them): {missing}"
    assert sorted(table.keys() - wanted.keys()) == []


def test_everybody_is_answered_as_the_table_says(trial: Trial) -> None:
    table = read_table()

    wrong = {}
    for endpoint in endpoints():
        for method in endpoint.methods:
            row = table.get((endpoint.name, method), {})
            found = trial.answers(endpoint, method)
            if different := {who: (row.get(who), found[who]) for who in COLUMNS if row.get(who) != found[who]}:
                wrong[f"{method} {endpoint.name}"] = different

    assert wrong == {}, "address: person: (what the table says, what is answered)"


def test_no_other_method_is_answered_by_any_address(trial: Trial) -> None:
    people = ("analyst@alpha", "administrator@office", "token@alpha")

    answered = [
        (method, endpoint.name, who, word)
        for endpoint in endpoints()
        for method in set(OTHERS) - set(endpoint.methods)
        for who, word in trial.answers(endpoint, method, people).items()
        if word not in {"405", "401", "403", "404", "in", "key"} and endpoint.name not in READ_ONLY
    ]

    assert answered == []


def bound(endpoint: Endpoint) -> bool:
    """Whether an address holds a number of a tenant's."""
    return bool(endpoint.places) and endpoint.name not in UNBOUND


def test_numbers_of_another_tenant_are_not_there_in_the_table() -> None:
    """404, never 403, where the same role finds something in its own organisation."""
    table = read_table()
    leaks = []
    for endpoint in filter(bound, endpoints()):
        for method in endpoint.methods:
            row = table[endpoint.name, method]
            for who in COLUMNS:
                role, _, tenant = who.partition("@")
                own = row.get(f"{role}@alpha", row["analyst@alpha"])
                if tenant in FOREIGN and row[who] != "404" and row[who] != own:
                    leaks.append((endpoint.name, method, who, row[who]))
                if tenant in FOREIGN and row[who] in {"ok", "go", "bad"}:
                    leaks.append((endpoint.name, method, who, row[who]))

    assert leaks == []


def test_nobody_comes_into_the_desk_who_has_not_signed_in_with_a_second_factor() -> None:
    table = read_table()
    open_to_all = {"account_inactive", "account_login", "invitation", "language"}
    before = {
        "account", "account_change_password", "account_reauthenticate", "usersessions_list", "mfa_index",
        "mfa_activate_totp", "mfa_add_webauthn",
    }  # fmt: skip
    inside = {e.name for e in endpoints() if e.route.startswith("desk/")} - {"account_logout", "mfa_authenticate"}

    assert {name for name in inside if table[name, "GET"]["anonymous"] != "in"} == open_to_all
    assert {name for name in inside if table[name, "GET"]["no_second_factor"] != "in"} == open_to_all | before


def test_every_room_in_the_head_of_a_page_opens_for_whom_it_is_listed(trial: Trial) -> None:
    from cop.desk.rooms import ROOMS

    table = read_table()
    closed = [
        (room.address, who)
        for room in ROOMS
        for who in SIGNED_IN
        if room.opens(trial.vault.actor(who)) and table[room.address, "GET"][who] != "ok"
    ]

    assert closed == []


def test_who_has_opened_a_key_finds_no_more_of_another_tenant(sqlite_vault: Vault) -> None:
    """Addresses that ask for a key first ask for the right next."""
    from cop.vault.members import keys

    trial = Trial(sqlite_vault)
    behind = [e for e in endpoints() if bound(e) and read_table()[e.name, "GET"]["analyst@alpha"] == "key"]
    assert behind
    for who in ("analyst@beta", "reviewer@beta", "delegate@xal"):
        keys.create_key(actor=sqlite_vault.actor(who), passphrase=PASSPHRASE)
        client = sqlite_vault.client(who)
        assert client.post("/desk/unlock/", {"cop_passphrase": PASSPHRASE}).status_code == 302
        found = {e.name: client.get(trial.path(e)).status_code for e in behind}
        assert set(found.values()) == {404}, (who, found)
