"""The open key: only within its holder's own requests, neither in the session alone nor in the cookie alone."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse

from vaults import Vault

if TYPE_CHECKING:
    from django.test import Client

PASSPHRASE = "harbour lantern stone ferry"
WHO = "analyst@alpha"


@pytest.fixture
def client(sqlite_vault: Vault) -> Client:
    from cop.vault.members import keys

    keys.create_key(actor=sqlite_vault.actor(WHO), passphrase=PASSPHRASE)
    return sqlite_vault.client(WHO)


def unlock(client: Client, passphrase: str = PASSPHRASE, **more: str) -> Any:
    return client.post("/desk/unlock/", {"cop_passphrase": passphrase, **more})


def is_open(client: Client) -> bool:
    """Whether the page of unlocking has nothing left to do."""
    return client.get("/desk/unlock/").status_code == 302


def private_key(vault: Vault) -> bytes:
    from cop.vault.members import keys

    return bytes(keys.open_key_of(actor=vault.actor(WHO), passphrase=PASSPHRASE))


def test_the_passphrase_opens_the_key_and_leads_back(client: Client) -> None:
    assert not is_open(client)
    assert unlock(client, next="/desk/keys/?x=1").headers["Location"] == "/desk/keys/?x=1"
    assert is_open(client)


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/desk/", "//elsewhere.example/desk/", "javascript:alert(1)", "/report/", ""]
)
def test_it_leads_nowhere_outside_the_desk(client: Client, back: str) -> None:
    assert unlock(client, next=back).headers["Location"] == "/desk/"


def test_a_wrong_passphrase_opens_nothing_and_is_not_shown_again(client: Client) -> None:
    answer = unlock(client, "seven other words entirely")

    assert answer.status_code == 403
    assert "The passphrase does not open this key." in answer.content.decode()
    assert "seven other words" not in answer.content.decode()
    assert not is_open(client)
    assert "cop_unlock" not in answer.cookies


def test_neither_the_session_nor_the_cookie_opens_it_alone(sqlite_vault: Vault, client: Client) -> None:
    from django.contrib.sessions.models import Session

    cookie = unlock(client).cookies["cop_unlock"]
    secret, key = private_key(sqlite_vault), base64.urlsafe_b64decode(cookie.value)
    stored = json.dumps([s.get_decoded() for s in Session.objects.all()])

    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
        True,
        "Strict",
        "/desk/",
        28800,
    )
    for form in (secret.hex(), base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode()):
        assert form not in stored
        assert form != cookie.value
    assert base64.b64encode(key).decode() not in stored
    assert PASSPHRASE not in stored
    del client.cookies["cop_unlock"]
    assert not is_open(client)


def test_the_cookie_opens_nothing_in_another_session(sqlite_vault: Vault, client: Client) -> None:
    value = unlock(client).cookies["cop_unlock"].value
    other = sqlite_vault.client(WHO)
    other.cookies["cop_unlock"] = value

    assert not is_open(other)
    assert is_open(client)


@pytest.mark.parametrize("value", ["", "x", "=" * 44, base64.urlsafe_b64encode(bytes(32)).decode(), "é" * 44])
def test_a_cookie_that_is_no_key_is_a_locked_key(client: Client, value: str) -> None:
    unlock(client)
    client.cookies["cop_unlock"] = value

    assert not is_open(client)


def test_locking_and_signing_out_end_it_and_take_the_cookie_away(client: Client) -> None:
    unlock(client)
    locked = client.post("/desk/lock/")
    assert (locked.status_code, locked.cookies["cop_unlock"]["max-age"]) == (302, 0)
    assert not is_open(client)

    unlock(client)
    kept = client.cookies["cop_unlock"].value
    left = client.post("/desk/account/logout/")
    assert left.cookies["cop_unlock"]["max-age"] == 0
    client.cookies["cop_unlock"] = kept
    assert client.get("/desk/unlock/").headers["Location"].startswith("/desk/account/login/")


def test_after_eight_hours_it_is_locked_whatever_the_browser_still_sends(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(client)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 8 * 3600 - 60)
    assert is_open(client)
    monkeypatch.setattr(time, "time", lambda: now + 8 * 3600 + 1)

    assert not is_open(client)
    assert "unlock_box" not in client.session


def test_the_eleventh_try_of_a_quarter_of_an_hour_is_not_made(client: Client) -> None:
    answers = [unlock(client, "seven other words entirely").status_code for _ in range(11)]

    assert answers == [403] * 10 + [429]
    assert unlock(client).status_code == 429


def test_what_was_posted_while_the_key_was_locked_goes_on_once_it_is_open(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cop.desk import unlocking, urls

    took: list[dict[str, list[str]]] = []

    @unlocking.needs_key
    def view(request: Any) -> HttpResponse:
        assert unlocking.private_key_of(request) is not None
        took.append({k: v for k, v in request.POST.lists() if k != unlocking.PASSPHRASE})
        return HttpResponse("done")

    pattern = next(p for p in urls.urlpatterns if getattr(p, "name", "") == "home")
    monkeypatch.setattr(pattern, "callback", view)
    sent = {"reason": "\nshe was told to keep it secret <b>", "class": ["A01", "A02"]}

    locked = client.post("/desk/", sent)
    assert locked.status_code == 403
    assert took == []
    assert '<textarea name="class" hidden>' in locked.content.decode()
    assert "&lt;b&gt;" in locked.content.decode()
    wrong = client.post("/desk/", {**sent, "cop_passphrase": "seven other words entirely"})
    assert wrong.status_code == 403
    opened = client.post("/desk/", {**sent, "cop_passphrase": PASSPHRASE})

    assert opened.content == b"done"
    assert took == [{"reason": ["\nshe was told to keep it secret <b>"], "class": ["A01", "A02"]}]
    assert is_open(client)
    assert client.get("/desk/?page=2").content == b"done"
    client.post("/desk/lock/")
    assert client.get("/desk/?page=2").headers["Location"] == "/desk/unlock/?next=%2Fdesk%2F%3Fpage%3D2"


def test_neither_passphrase_nor_key_is_logged(
    sqlite_vault: Vault, client: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    unlock(client, "seven other words entirely")
    cookie = unlock(client).cookies["cop_unlock"].value
    client.post("/desk/keys/passphrase/", {"old": PASSPHRASE, "passphrase": "a b c", "again": "a b c"})

    told = caplog.text + "".join(map(repr, caplog.records)) + "".join(capfd.readouterr())
    for secret in (PASSPHRASE, "seven other words", cookie, private_key(sqlite_vault).hex()):
        assert secret not in told
