"""Who may ask for what: every address of the desk and the service, tried by everybody, against a table.

The table is `tests/unit/desk/access.csv`: one row per address (by its name) and method, one column per person, and in
each cell what that person is answered:

    ok   2xx                       in   sent to the page of sign-in (or, without a second factor, to setting one up)
    go   sent elsewhere            bad  a form or body that must be mended: 400, 409, 411, 413, 415, 422, 428
    key  asked for the passphrase of one's key first, before anything is looked for
    401, 403, 404, 405, 429, 503   themselves

Every number in an address is one of the organisation `alpha` (`SPECIMENS` below makes them): so the columns of `beta`,
`xal` and `carrier` are those of another tenant, who must find nothing. Bodies are empty; nothing that a row does is
kept.

A room that adds an address adds its rows: give a maker of every new kind of number to `SPECIMENS`, then

    COP_WRITE_ACCESS=1 .venv/bin/python -m pytest -n 0 tests/unit/desk/test_access.py

writes what is answered now into rows that are missing (never over a row that is there), and fails until they are
looked at: read each of them and ask whether it is what the rules promise. `note` says why where it surprises.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from vaults import Vault

TABLE = Path(__file__).parent / "unit" / "desk" / "access.csv"
SIGNED_IN = (
    "delegate@alpha", "focal_point@alpha", "analyst@alpha", "reviewer@alpha", "key_custodian@alpha",
    "delegate@beta", "focal_point@beta", "analyst@beta", "reviewer@beta", "key_custodian@beta",
    "delegate@xal", "focal_point@xal", "delegate@carrier",
    "secretariat@office", "chair@office", "auditor@office", "administrator@office",
)  # fmt: skip
COLUMNS = ("anonymous", "no_second_factor", "token@alpha", "token@beta", *SIGNED_IN)
FOREIGN = ("beta", "xal", "carrier")
METHODS = ("GET", "POST")
OTHERS = ("PUT", "PATCH", "DELETE")
_BAD = {400, 409, 411, 413, 415, 422, 428}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address: its name, its path with places for numbers, what answers it."""

    name: str
    route: str
    places: tuple[str, ...]
    view: Any = field(compare=False, hash=False)

    @property
    def methods(self) -> tuple[str, ...]:
        """Those that rows are held for: of the service what it declares besides."""
        view = getattr(self.view, "__self__", None)
        declared = {m for operation in getattr(view, "operations", ()) for m in operation.methods}
        return (*METHODS, *sorted(declared & set(OTHERS)))


def endpoints() -> list[Endpoint]:
    """Every address that the desk's process answers, by name."""
    from django.urls import get_resolver

    return sorted(_walk(get_resolver(), "", ""), key=lambda e: e.name)


def _walk(resolver: Any, prefix: str, space: str) -> Iterator[Endpoint]:
    from django.urls import URLResolver

    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern, route, inner)
        else:
            places = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
            yield Endpoint(f"{space}{pattern.name or route}", route, places, pattern.callback)


# --- numbers of alpha


def _token(vault: Vault) -> int:
    from cop.vault.members import operations, queries

    actor = vault.actor("focal_point@alpha")
    operations.issue_token(actor=actor, organisation=vault.organisations["alpha"], name="intake")
    return queries.tokens(actor, vault.organisations["alpha"])[0].id


def _invitation(vault: Vault) -> int:
    from cop.vault.members import operations, queries

    actor, alpha = vault.actor("focal_point@alpha"), vault.organisations["alpha"]
    operations.invite(actor=actor, organisation=alpha, email="new@alpha.example", name="New", role="analyst")
    return queries.invitations(actor, alpha)[0].id


def _link(vault: Vault) -> str:
    from cop.vault.members import operations

    actor, alpha = vault.actor("focal_point@alpha"), vault.organisations["alpha"]
    return operations.invite(actor=actor, organisation=alpha, email="link@alpha.example", name="New", role="analyst")


def _case(vault: Vault) -> int:
    from cases_stock import put_report
    from cop.vault.cases import operations

    report = put_report(vault.organisations["alpha"])
    case = operations.open_case(actor=vault.actor("analyst@alpha"), report=report)
    operations.move(actor=vault.actor("analyst@alpha"), case=case, to="assessed", reason="unlawful", seen=1)
    return case


def _body(vault: Vault) -> int:
    from cases_stock import put_body

    return put_body(vault, name="Harbour police")


def _referral(vault: Vault) -> int:
    from cases_stock import put_body
    from cop.vault.cases import operations

    given = {"kind": "POLICE", "channel": "email", "reason": "crime", "seen": 2}
    body = put_body(vault, name="Coast police")
    return operations.refer(actor=vault.actor("analyst@alpha"), case=_case(vault), body=body, **given)  # type: ignore[arg-type]


def _hold(vault: Vault) -> int:
    from datetime import date

    from cases_stock import put_report
    from cop.vault.cases.expiry import hold

    report, until = put_report(vault.organisations["alpha"]), date(2099, 1, 1)
    return hold(actor=vault.actor("reviewer@alpha"), report=report, ground="claim", reference="1", until=until)


def _provider(_: Vault) -> str:
    from datetime import date

    from watching import STAYS, terms, watch

    watch("pebble", {date(2025, 1, 1): terms(STAYS)})
    return "pebble"


def _filed(_: Vault) -> str:
    from datetime import date
    from hashlib import sha256

    from cop.vault.providers.course import Cell
    from cop.vault.providers.operations import file_text
    from cop.vault.providers.rules import named
    from watching import ENDS, terms

    data, cell, day = terms(ENDS).encode(), Cell("pebble", "LIC-2"), date(2025, 1, 2)
    file_text(actor=named("Pebble"), cell=cell, data=data, name="new.md", text="New.", on=day, seen=0)
    return sha256(data).hexdigest()


def _report(vault: Vault) -> int:
    from records import Given, add_records

    return add_records(vault, [Given()])[0]


Maker = Callable[[Vault], object]
SPECIMENS: dict[str, Maker] = {
    # the place's name alone, or `address.place` where one address means something else by it
    "organisation": lambda vault: vault.organisations["alpha"],
    "report": _report,
    "number": _report,
    "service:look.id": _report,
    "code": lambda _: "B01",
    "language": lambda _: "en",
    "case": _case,
    "body": _body,
    "referral": _referral,
    "hold": _hold,
    "person": lambda vault: vault.people["analyst2@alpha"],
    "token": _token,
    "invitation": _invitation,
    "invitation.token": _link,
    "provider": _provider,
    "criterion": lambda _: "LIC-2",
    "deed": lambda _: "decide",
    "sha256": _filed,
    "mfa_remove_webauthn.pk": lambda _: 1,
    "mfa_edit_webauthn.pk": lambda _: 1,
}
UNBOUND = {
    "class", "invitation", "mfa_edit_webauthn", "mfa_remove_webauthn", "report_form", "report_leave", "report_return",
    "provider", "provider_speaker", "provider_filed", "provider_cell", "provider_changes", "provider_act",
}  # fmt: skip
"""Addresses whose place is no number of a tenant's: a secret that itself is the right, something of one's own, or what
all share: classes, languages, providers."""


# --- trying


class Trial:
    """Everybody at every door of one vault; what a try does is undone."""

    def __init__(self, vault: Vault) -> None:
        from cop.vault.members import operations

        self.vault = vault
        self._made: dict[str, object] = {}
        self._tokens = {}
        for tenant in ("alpha", "beta"):
            actor = vault.actor(f"focal_point@{tenant}")
            number = vault.organisations[tenant]
            self._tokens[tenant] = operations.issue_token(actor=actor, organisation=number, name="trial")

    @cached_property
    def _clients(self) -> dict[str, Any]:
        from django.test import Client

        found = {who: self.vault.client(who, raise_request_exception=True) for who in SIGNED_IN}
        found["anonymous"] = self.vault.client()
        found["no_second_factor"] = self.vault.client("analyst2@alpha", second_factor=False)
        for tenant, token in self._tokens.items():
            found[f"token@{tenant}"] = Client(headers={"Authorization": f"Bearer {token}"})
        return found

    def path(self, endpoint: Endpoint) -> str:
        """The path with alpha's numbers in its places."""
        from django.urls import reverse

        if ":" not in endpoint.name and not endpoint.places:
            return "/" + endpoint.route
        values = {place: self._value(endpoint.name, place) for place in endpoint.places}
        return reverse(endpoint.name, kwargs=values)

    def _value(self, name: str, place: str) -> object:
        key = f"{name}.{place}" if f"{name}.{place}" in SPECIMENS else place
        if key not in SPECIMENS:
            raise AssertionError(f"no specimen for {name}.{place}: add a maker to SPECIMENS in tests/access.py")
        if key not in self._made:
            self._made[key] = SPECIMENS[key](self.vault)
        return self._made[key]

    def answers(self, endpoint: Endpoint, method: str, people: tuple[str, ...] = COLUMNS) -> dict[str, str]:
        """What everybody is answered."""
        path = self.path(endpoint)
        return {who: self.answer(who, path, method) for who in people}

    def answer(self, who: str, path: str, method: str) -> str:
        """What one is answered: a word of the table."""
        from django.db import transaction

        client = self._clients[who]
        cookies = client.cookies.copy()
        with transaction.atomic():
            response = client.generic(method, path)
            transaction.set_rollback(True)
        client.cookies = cookies
        return word(response)


def word(response: Any) -> str:
    """A response as the table says it."""
    status, where = response.status_code, response.headers.get("Location", "")
    if status in {301, 302, 303, 307, 308}:
        words = (("/desk/account/login/", "in"), ("/desk/account/factor/", "in"), ("/desk/unlock/", "key"))
        return next((word for start, word in words if where.startswith(start)), "go")
    if status < 300:
        return "ok"
    return "bad" if status in _BAD else str(status)


# --- the table


def read_table() -> dict[tuple[str, str], dict[str, str]]:
    """The rows by name of the address and method."""
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {(row["url"], row["method"]): row for row in rows}


def write_table(rows: dict[tuple[str, str], dict[str, str]]) -> None:
    """The rows in order."""
    with TABLE.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, ["url", "method", *COLUMNS, "note"], lineterminator="\n")
        writer.writeheader()
        for (url, method), row in sorted(rows.items()):
            writer.writerow({"note": "", **row, "url": url, "method": method})
