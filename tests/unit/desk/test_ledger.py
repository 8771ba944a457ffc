"""The auditor's page of the ledger: pages, filters, who did it, and what the last verification found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from vaults import Vault

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def auditor(sqlite_vault: Vault) -> Client:
    from cop.vault.registers.operations import record_event

    for n in range(70):
        kind = "case.opened" if n % 2 else "case.closed"
        record_event(kind=kind, subject=f"case/{n % 5}", details={"by": sqlite_vault.people["analyst@alpha"], "n": n})
    return sqlite_vault.client("auditor@office")


def entries(client: Client, query: str = "") -> list[int]:
    answer = client.get(f"/desk/ledger/{query}")
    assert answer.status_code == 200
    return [
        int(n.replace(",", ""))
        for n in re.findall(r'<th scope="row" class="number">([\d,]+)</th>', answer.content.decode())
    ]


def test_pages_hang_together_without_overlap_or_gap(auditor: Client) -> None:
    from cop.vault.registers.queries import current_head

    last = current_head()[0]
    first = entries(auditor)
    assert first == list(range(last, last - 50, -1))
    body = auditor.get("/desk/ledger/").content.decode()
    [older] = re.findall(r'href="(\?[^"]+)" rel="next"', body)
    assert entries(auditor, older)[0] == last - 50


def test_filters_are_kept_from_page_to_page(auditor: Client) -> None:
    body = auditor.get("/desk/ledger/?kind=case.opened&subject=case/1").content.decode()
    assert len(entries(auditor, "?kind=case.opened&subject=case/1")) == 7
    assert 'rel="next"' not in body
    assert "Analyst of Alpha" in body
    assert entries(auditor, "?kind=nothing") == []
    assert entries(auditor, "?since=2000-01-01") == entries(auditor)
    assert entries(auditor, "?since=2100-01-01") == []


@pytest.mark.parametrize(
    "query", ["?before=0", "?before=x", "?since=yesterday", "?before=99999999999999999999", "?kind=" + "k" * 41]
)
def test_a_filter_that_is_none_is_said(auditor: Client, query: str) -> None:
    assert auditor.get(f"/desk/ledger/{query}").status_code == 422


def test_what_a_verification_found_stands_above(auditor: Client) -> None:
    from cop.vault.registers.operations import record_verification

    assert "cop audit verify" in auditor.get("/desk/ledger/").content.decode()
    record_verification(seq=60)
    assert "up to entry 60" in auditor.get("/desk/ledger/").content.decode()
    record_verification(seq=60, broken="entry 3 of the ledger was altered")
    assert "Entry 3 of the ledger was altered" in auditor.get("/desk/ledger/").content.decode()


@pytest.mark.parametrize("who", ["analyst@alpha", "key_custodian@alpha", "administrator@office", "secretariat@office"])
def test_nobody_but_an_auditor_reads_it(sqlite_vault: Vault, who: str) -> None:
    assert sqlite_vault.client(who).get("/desk/ledger/").status_code == 403
