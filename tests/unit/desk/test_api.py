"""The service of partner organisations: what it takes in, what it refuses and how, and whose reports one sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from doors import TOLD, events, seal_to, token_of
from vaults import Vault

NEW = {"narrative": TOLD, "date": "2026-01-15", "count_unit": "REPORT"}
Send = Callable[..., Any]


@pytest.fixture
def send(sqlite_vault: Vault) -> Send:
    """Call the service for alpha: a path, a body (as JSON unless it is bytes), headers."""
    seal_to(sqlite_vault, "alpha", "beta")
    token = token_of(sqlite_vault, "alpha")

    def call(path: str, body: Any = None, *, kind: str = "application/json", **headers: str) -> Any:
        client = sqlite_vault.client()
        given = {"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        address = f"/api/v1/reports{path}"
        if body is None:
            return client.get(address, headers=given)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(address, data, content_type=kind, headers=given)

    return call


def told(response: Any) -> tuple[int, str]:
    """Status and what is said; it is problem+json and repeats nothing of what was sent."""
    assert response.headers["Content-Type"] == "application/problem+json"
    assert TOLD not in response.content.decode()
    return response.status_code, response.json()["detail"]


def test_a_report_is_taken_in_and_its_standing_can_be_asked(send: Send) -> None:
    done = send("", {**NEW, "ref": "H-1", "variables": {"age_band": ["Y10T12"], "n_children": 1, "sex": ["_U"]}})
    number = done.json()["id"]

    assert (done.status_code, done.json()["repeated"]) == (201, False)
    assert len(done.json()["receipt"]) == 16
    found = send(f"/{number}").json()
    assert {k: found[k] for k in ("id", "status", "ref", "asked")} == {
        "id": number, "status": "received", "ref": "H-1", "asked": False,
    }  # fmt: skip
    [event] = events("report.accepted")
    assert event.details["program"].startswith("partner api ")
    assert set(event.details) == {"program", "organisation", "origin"}


def test_the_same_key_gives_the_same_receipt_and_another_body_is_a_conflict(send: Send) -> None:
    first = send("", NEW, Idempotency_Key="k-1")
    again = send("", NEW, Idempotency_Key="k-1")
    other = send("", {**NEW, "narrative": TOLD + " Since May."}, Idempotency_Key="k-1")

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == {**first.json(), "repeated": True}
    assert told(other) == (409, "field Idempotency-Key: this key was used for another report (expected a new key)")
    assert len(events("report.accepted")) == 1


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer cop_nothing"}, {"Authorization": "Basic eDp5"}, {}])
def test_without_a_token_in_use_nothing_is_said(sqlite_vault: Vault, headers: dict[str, str]) -> None:
    for path, method in (("", "post"), ("/bulk", "post"), ("/1", "get")):
        response = getattr(sqlite_vault.client(), method)(f"/api/v1/reports{path}", headers=headers)
        assert told(response)[0] == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_another_organisations_report_is_not_there(send: Send, sqlite_vault: Vault) -> None:
    number = send("", NEW).json()["id"]
    other = {"Authorization": f"Bearer {token_of(sqlite_vault, 'beta')}"}
    response = sqlite_vault.client().get(f"/api/v1/reports/{number}", headers=other)

    assert told(response) == (404, f"there is no report {number}")


DEEP = b'{"narrative":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
REFUSED = {
    "deep JSON": (DEEP, 400),
    "no JSON": (b"{", 400),
    "bad UTF-8": (b'{"narrative": "\xff\xfe", "date": "2026-01-15", "count_unit": "REPORT"}', 400),
    "NaN": (b'{"narrative": "x", "date": "2026-01-15", "count_unit": NaN}', 400),
    "an endless number": (b'{"narrative": "x", "date": ' + b"9" * 10_000 + b"}", 400),
    "a field twice": (b'{"narrative": "x", "narrative": "y", "date": "2026-01-15", "count_unit": "REPORT"}', 400),
    "a large body": (json.dumps({**NEW, "narrative": "x" * 300_000}).encode(), 413),
    "a long narrative": (json.dumps({**NEW, "narrative": "x " * 10_001}).encode(), 422),
    "NUL": (json.dumps({**NEW, "narrative": "a\0b"}).encode(), 422),
    "a lone surrogate": (b'{"narrative": "\\ud800 x", "date": "2026-01-15", "count_unit": "REPORT"}', 422),
    "bidi controls": (json.dumps({**NEW, "narrative": "a \u202e b"}).encode(), 422),
    "a formula": (json.dumps({**NEW, "narrative": "=cmd|' /C calc'!A0"}).encode(), 422),
    "a formula as reference": (json.dumps({**NEW, "ref": "=HYPERLINK(1)"}).encode(), 422),
    "a data address": (json.dumps({**NEW, "narrative": "look data:image/png;base64,AAAA"}).encode(), 422),
    "long base64": (json.dumps({**NEW, "narrative": "QUJD" * 200}).encode(), 422),
    "a script as address": (json.dumps({**NEW, "address": "javascript:alert(1)"}).encode(), 422),
    "an unknown field": (json.dumps({**NEW, "picture": "x"}).encode(), 422),
    "an unknown variable": (json.dumps({**NEW, "variables": {"name": "x"}}).encode(), 422),
    "a code that is none": (json.dumps({**NEW, "variables": {"sex": ["female"]}}).encode(), 422),
    "unknown and known": (json.dumps({**NEW, "variables": {"sex": ["_U", "GIRL"]}}).encode(), 422),
    "a number in quotes": (json.dumps({**NEW, "variables": {"n_children": "1"}}).encode(), 422),
    "no unit of count": (json.dumps({k: v for k, v in NEW.items() if k != "count_unit"}).encode(), 422),
    "a day to come": (json.dumps({**NEW, "date": "2099-01-01"}).encode(), 422),
    "no day": (json.dumps({**NEW, "date": "2026-02-30"}).encode(), 422),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_body_is_refused_without_a_word_of_it(send: Send, name: str) -> None:
    body, status = REFUSED[name]

    assert told(send("", body))[0] == status
    assert events("report.accepted") == []


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-ndjson"])
def test_another_kind_of_body_is_refused(send: Send, kind: str) -> None:
    assert told(send("", json.dumps(NEW).encode(), kind=kind))[0] == 415


def test_nothing_is_stored_where_there_is_nobody_to_seal_to(sqlite_vault: Vault) -> None:
    headers = {"Authorization": f"Bearer {token_of(sqlite_vault, 'beta')}"}
    from cop.vault.reports import door

    door._recipients_of.clear()
    response = sqlite_vault.client().post(
        "/api/v1/reports", json.dumps(NEW), content_type="application/json", headers=headers
    )

    assert told(response)[0] == 503
    assert events("report.accepted") == []


# --- many


def lines(response: Any) -> list[Any]:
    assert response.status_code == 200, response.content
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def bulk(send: Send, *rows: bytes, **headers: str) -> list[Any]:
    return lines(send("/bulk", b"\n".join(rows), kind="application/x-ndjson", **headers))


def test_every_line_is_taken_in_or_refused_by_itself(send: Send) -> None:
    good = json.dumps(NEW).encode()
    found = bulk(send, good, b"", b"[]", json.dumps({**NEW, "narrative": ""}).encode(), good, DEEP)

    assert [(r["row"], r["status"]) for r in found] == [(1, 201), (3, 422), (4, 422), (5, 201), (6, 400)]
    assert found[2]["problem"]["field"] == "narrative"
    [event] = events("reports.accepted")
    assert event.details["reports"] == [found[0]["id"], found[3]["id"]]


def test_what_is_sent_again_with_its_key_is_known_line_by_line(send: Send) -> None:
    rows = [json.dumps({**NEW, "narrative": f"{TOLD} {n}"}).encode() for n in range(250)]
    first = bulk(send, *rows[:120], Idempotency_Key="may")
    again = bulk(send, *rows, Idempotency_Key="may")

    assert [r["status"] for r in first] == [201] * 120
    assert [r["status"] for r in again] == [200] * 120 + [201] * 130
    assert [r["receipt"] for r in again[:120]] == [r["receipt"] for r in first]
    assert len({r["id"] for r in again}) == len({r["receipt"] for r in again}) == 250


def test_a_line_that_is_no_report_ends_it_and_what_came_before_is_kept(send: Send) -> None:
    good = json.dumps(NEW).encode()
    found = bulk(send, good, b"x" * 300_000, good)

    assert [(r["row"], r["status"]) for r in found] == [(1, 201), (2, 413)]


def test_a_body_larger_than_is_taken_at_once_is_refused_before_it_is_read(send: Send) -> None:
    assert told(send("/bulk", b"\n" * (17 << 20), kind="application/x-ndjson"))[0] == 413


# --- the description


def test_the_description_names_every_variable_and_every_problem(sqlite_vault: Vault) -> None:
    from cop.vault.reports.variables import sayable

    described = sqlite_vault.client().get("/api/v1/openapi.json").json()
    variables = described["components"]["schemas"]["Variables"]["properties"]

    assert set(variables) == {v.id for v in sayable()}
    assert all(v["description"] for v in variables.values())
    assert set(described["paths"]["/api/v1/reports"]["post"]["responses"]) >= {"201", "200", "401", "409", "413", "422"}
