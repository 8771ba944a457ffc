"""Health for everybody in one word; figures for who brings the operators' token."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults

import pytest

from vaults import Vault, connect

TOKEN = "a-token-of-operators-0001"


def ask(page: str, **more: str) -> tuple[int, str]:
    from cop.desk import health  # only once the vault has started Django

    application: WSGIApplication = getattr(health, page)
    environ: dict[str, Any] = dict(more)
    setup_testing_defaults(environ)
    began: list[str] = []
    start: Callable[..., Any] = lambda status, _headers, *_: began.append(status)  # noqa: E731
    body = b"".join(application(environ, start))
    return int(began[0].split()[0]), body.decode()


def test_health_is_one_word(sqlite_vault: Vault) -> None:
    assert ask("health") == (200, '{"status": "ok"}')
    assert ask("health", REQUEST_METHOD="HEAD") == (200, "")
    assert ask("health", REQUEST_METHOD="POST")[0] == 405


def test_a_database_that_does_not_answer_is_degraded_without_saying_so(
    sqlite_vault: Vault,
) -> None:
    connect(str(sqlite_vault.folder / "nowhere" / "vault.sqlite3"), sqlite_vault.folder)

    assert ask("health") == (503, '{"status": "degraded"}')


def test_a_full_disk_is_degraded(sqlite_vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000, total=10_000, used=9000))

    assert json.loads(ask("health")[1]) == {"status": "degraded"}


@pytest.mark.parametrize(
    ("token", "given"),
    [
        ("", ""),
        ("", "Bearer "),
        (TOKEN, ""),
        (TOKEN, "Bearer wrong"),
        (TOKEN, f"Bearer {TOKEN}x"),
        ("short", "Bearer short"),
    ],
)
def test_figures_are_not_there_for_anybody_else(
    sqlite_vault: Vault, monkeypatch: pytest.MonkeyPatch, token: str, given: str
) -> None:
    monkeypatch.setenv("COP_METRICS_TOKEN", token)

    assert ask("metrics", HTTP_AUTHORIZATION=given) == (404, "not found\n")


def test_figures_tell_requests_ledger_disk_and_what_waits(sqlite_vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COP_METRICS_TOKEN", TOKEN)
    client = sqlite_vault.client()
    client.get("/desk/")
    client.get("/desk/nothing-of-that-name/")
    status, text = ask("metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))

    assert status == 200
    assert float(lines['cop_requests_total{method="GET",route="desk/",status="302"}']) >= 1
    assert "nothing-of-that-name" not in text
    assert float(lines["cop_ledger_entries"]) > 10
    assert float(lines["cop_disk_free_bytes"]) > 0
    assert float(lines["cop_reports_waiting"]) == 0
    assert float(lines['cop_key_warnings{organisation="alpha",warning="no key"}']) == 1
