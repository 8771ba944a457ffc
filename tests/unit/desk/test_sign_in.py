"""Signing in: nobody without a second factor, guesses limited per account, sessions that end, nothing else mounted."""

from __future__ import annotations

import re
from typing import Any

import pytest

from vaults import PASSWORD, TOTP_SECRET, Vault, totp_code

LOGIN, FACTOR, HOME = "/desk/account/login/", "/desk/account/factor/", "/desk/"


def sign_in(client: Any, who: str = "analyst@alpha", password: str = PASSWORD, **given: Any) -> Any:
    return client.post(LOGIN, {"login": f"{who}.example", "password": password}, **given)


def text(response: Any) -> str:
    return response.content.decode()


def test_the_password_alone_lets_nobody_in(vault: Vault) -> None:
    client = vault.client()

    assert sign_in(client).headers["Location"] == "/desk/account/factor/authenticate/"
    assert client.get(HOME).headers["Location"].startswith(LOGIN)
    assert client.post("/desk/account/factor/authenticate/", {"code": "000000"}).status_code == 200
    assert client.get(HOME).headers["Location"].startswith(LOGIN)
    done = client.post("/desk/account/factor/authenticate/", {"code": totp_code()})
    assert done.headers["Location"] == HOME
    assert client.get(HOME).status_code == 200


def test_a_code_lets_in_once(vault: Vault) -> None:
    code = totp_code()
    first, second = vault.client(), vault.client()
    for client in (first, second):
        sign_in(client)

    assert first.post("/desk/account/factor/authenticate/", {"code": code}).status_code == 302
    assert second.post("/desk/account/factor/authenticate/", {"code": code}).status_code == 200
    assert second.get(HOME).headers["Location"].startswith(LOGIN)


def test_who_has_no_second_factor_comes_no_further_than_setting_one_up(sqlite_vault: Vault) -> None:
    client = sqlite_vault.client("analyst@alpha", second_factor=False)

    for path in (HOME, "/desk/people/", "/desk/keys/"):
        assert client.get(path).headers["Location"] == FACTOR
    page = client.get(FACTOR)
    assert page.status_code == 200 and "You need a second factor" in text(page)
    assert 'aria-label="Rooms"' not in text(page)


def test_from_the_invitation_to_the_desk(vault: Vault) -> None:
    from cop.vault.members.operations import invite

    actor, alpha = vault.actor("focal_point@alpha"), vault.organisations["alpha"]
    token = invite(actor=actor, organisation=alpha, email="new@alpha.example", name="New One", role="analyst")
    client = vault.client()
    page = client.get(f"/desk/invitation/{token}/")
    assert "New One, you are invited to Alpha." in text(page) and "Analyst" in text(page)
    both = {"password": PASSWORD, "again": PASSWORD}
    unlike = client.post(f"/desk/invitation/{token}/", {**both, "again": "another one 77"})
    assert unlike.status_code == 422 and "not the same" in text(unlike)
    assert client.post(f"/desk/invitation/{token}/", both).headers["Location"] == FACTOR
    assert client.get(HOME).headers["Location"] == FACTOR

    app = client.get("/desk/account/factor/app/")  # without giving the password again
    [secret] = re.findall(r'<code dir="ltr" id="secret"[^>]*>([A-Z2-7]+)</code>', text(app))
    done = client.post("/desk/account/factor/app/", {"code": totp_code(secret)}, follow=True)

    codes = re.findall(r"<li><code>(\d{8})</code></li>", text(done))
    assert len(codes) == 10
    assert client.get(HOME).status_code == 200
    again = client.get("/desk/account/factor/recovery/")
    assert "The codes were shown once." in text(again) and codes[0] not in text(again)
    assert client.get(f"/desk/invitation/{token}/").status_code == 404
    other = vault.client()
    other.post(LOGIN, {"login": "new@alpha.example", "password": PASSWORD})
    for code, status in ((codes[0], 302), (codes[0], 200)):
        if status == 200:
            other = vault.client()
            other.post(LOGIN, {"login": "new@alpha.example", "password": PASSWORD})
        assert other.post("/desk/account/factor/authenticate/", {"code": code}).status_code == status


def test_secrets_of_second_factors_lie_encrypted_and_a_session_that_waits_holds_no_cookie(vault: Vault) -> None:
    from django.apps import apps
    from django.contrib.sessions.models import Session

    rows = str(list(apps.get_model("mfa", "Authenticator").objects.values()))
    assert TOTP_SECRET not in rows

    client = vault.client("analyst@alpha")
    client.cookies["cop_unlock"] = "k" * 43
    waiting = client.post("/desk/account/factor/recovery/new/", {"given": "once"}, REMOTE_ADDR="203.0.113.9")
    assert waiting.headers["Location"].startswith("/desk/account/confirm/")
    [session] = [s.get_decoded() for s in Session.objects.all() if "account_reauthentication_state" in s.get_decoded()]
    assert "given=once" in str(session)
    assert "k" * 43 not in str(session) and "203.0.113.9" not in str(session)


def test_guesses_of_one_account_are_limited_wherever_they_come_from_and_a_restart_forgets_nothing(
    vault: Vault,
) -> None:
    from django.core.cache import caches

    for n in range(10):
        refused = sign_in(vault.client(), password="a wrong guess", REMOTE_ADDR=f"198.51.100.{n}")
        assert "are not correct" in text(refused)
    del caches["default"]  # what a process remembers; the vault keeps the rest

    limited = sign_in(vault.client(), REMOTE_ADDR="198.51.100.99")
    assert limited.status_code == 200 and "Too many failed login attempts" in text(limited)
    neighbour = sign_in(vault.client(), "reviewer@alpha", REMOTE_ADDR="198.51.100.1")
    assert neighbour.headers["Location"] == "/desk/account/factor/authenticate/"


def test_an_office_behind_one_address_is_not_locked_out_by_one_who_guesses(sqlite_vault: Vault) -> None:
    for n in range(40):
        sign_in(sqlite_vault.client(), f"nobody{n}@alpha", "a wrong guess", REMOTE_ADDR="203.0.113.7")

    found = sign_in(sqlite_vault.client(), REMOTE_ADDR="203.0.113.7")
    assert found.headers["Location"] == "/desk/account/factor/authenticate/"


def test_codes_of_the_second_factor_are_limited_too(sqlite_vault: Vault) -> None:
    client = sqlite_vault.client()
    sign_in(client)
    for _ in range(10):
        client.post("/desk/account/factor/authenticate/", {"code": "000000"})

    assert client.post("/desk/account/factor/authenticate/", {"code": totp_code()}).status_code == 200
    assert client.get(HOME).headers["Location"].startswith(LOGIN)


def test_no_address_lies_in_the_vault_and_equal_ones_are_told_apart_from_others(vault: Vault) -> None:
    from django.apps import apps
    from django.db import connection

    first, second, third = vault.client(), vault.client(), vault.client()
    sign_in(first, REMOTE_ADDR="203.0.113.7")
    first.post("/desk/account/factor/authenticate/", {"code": totp_code()}, REMOTE_ADDR="203.0.113.7")
    sign_in(second, "reviewer@alpha", "wrong one", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="198.51.100.20")
    sign_in(third, "reviewer@alpha", "wrong one", REMOTE_ADDR="2001:db8:1:2::5")

    [session] = apps.get_model("usersessions", "UserSession").objects.all()
    assert session.ip.startswith("fd")
    everything = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            everything += map(str, cursor.fetchall())
    whole = "\n".join(everything)
    for address in ("203.0.113.7", "198.51.100.20", "2001:db8:1:2"):
        assert address not in whole


def test_made_up_addresses_are_one_for_a_whole_ipv6_network_and_another_one_for_each_ipv4(sqlite_vault: Vault) -> None:
    from cop.desk.middleware import _made_up

    assert _made_up("2001:db8:1:2::5") == _made_up("2001:db8:1:2:ffff::1") != _made_up("2001:db8:1:3::5")
    assert _made_up("203.0.113.7") == _made_up("203.0.113.7") != _made_up("203.0.113.8")
    assert _made_up("unix:") == _made_up("")


def test_sessions_are_listed_and_all_others_end(vault: Vault) -> None:
    clients = []
    for n, browser in enumerate(("Browser One", "Browser Two")):
        client = vault.client(headers={"User-Agent": browser})
        sign_in(client, ("analyst@alpha"))
        code = totp_code() if n == 0 else _next_code()
        assert client.post("/desk/account/factor/authenticate/", {"code": code}).status_code == 302
        clients.append(client)
    first, second = clients
    page = text(first.get("/desk/account/sessions/"))
    assert "Browser One" in page and "Browser Two" in page

    first.post("/desk/account/sessions/")
    assert first.get(HOME).status_code == 200
    assert second.get(HOME).headers["Location"].startswith(LOGIN)


def _next_code() -> str:
    """The code of the next half minute, which a clock that runs ahead shows."""
    import time

    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // 30 + 1))


def test_another_password_ends_every_session(vault: Vault) -> None:
    client, other = vault.client("analyst@alpha"), vault.client("analyst@alpha")
    new = "lantern quay harbour 8"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/desk/account/password/", fields).status_code == 302

    assert other.get(HOME).headers["Location"].startswith(LOGIN)
    assert client.get(HOME).headers["Location"].startswith(LOGIN)
    assert sign_in(vault.client(), password=new).headers["Location"] == "/desk/account/factor/authenticate/"


def test_signing_out_ends_the_session(sqlite_vault: Vault) -> None:
    client = sqlite_vault.client("analyst@alpha")
    client.post("/desk/account/logout/")

    assert client.get(HOME).headers["Location"].startswith(LOGIN)


def test_the_last_second_factor_is_not_given_up(vault: Vault) -> None:
    client = vault.client("analyst@alpha")
    client.post("/desk/account/confirm/", {"password": PASSWORD})
    client.post("/desk/account/factor/app/remove/")

    assert client.get(HOME).status_code == 200


def test_a_security_key_of_somebody_else_is_not_there(sqlite_vault: Vault) -> None:
    from django.apps import apps

    key = apps.get_model("mfa", "Authenticator").objects.create(
        user_id=sqlite_vault.people["reviewer@alpha"], type="webauthn", data={"name": "k", "credential": {}}
    )
    client = sqlite_vault.client("analyst@alpha")
    client.post("/desk/account/confirm/", {"password": PASSWORD})

    assert client.post(f"/desk/account/factor/keys/{key.pk}/remove/").status_code == 404
    assert client.post(f"/desk/account/factor/keys/{key.pk}/name/", {"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["signup/", "email/", "password/reset/", "password/set/", "confirm-email/", "factor/trust/", "3rdparty/",
     "login/code/confirm/", "factor/recovery/download/", "factor/keys/login/"],
)  # fmt: skip
def test_what_a_desk_without_self_registration_does_not_need_is_not_there(sqlite_vault: Vault, path: str) -> None:
    assert sqlite_vault.client().get(f"/desk/account/{path}").status_code == 404
    assert sqlite_vault.client("analyst@alpha").get(f"/desk/account/{path}").status_code == 404


def test_nothing_is_ever_mailed(sqlite_vault: Vault) -> None:
    from django.conf import settings

    assert settings.EMAIL_BACKEND == "django.core.mail.backends.dummy.EmailBackend"


# --- the language


def test_the_language_is_the_persons_else_the_cookies_else_the_browsers(sqlite_vault: Vault) -> None:
    nobody = sqlite_vault.client()
    assert 'lang="en" dir="ltr"' in text(nobody.get(LOGIN))
    assert 'lang="fr" dir="ltr"' in text(nobody.get(LOGIN, headers={"Accept-Language": "fr-CA, en;q=0.5"}))
    assert 'lang="zh" dir="ltr"' in text(nobody.get(LOGIN, headers={"Accept-Language": "zh-TW"}))
    assert 'lang="en" dir="ltr"' in text(nobody.get(LOGIN, headers={"Accept-Language": "sw"}))
    changed = nobody.post("/desk/language/", {"language": "ar", "next": LOGIN})
    assert changed.headers["Location"] == LOGIN
    assert 'lang="ar" dir="rtl"' in text(nobody.get(LOGIN, headers={"Accept-Language": "fr"}))

    person = sqlite_vault.client("analyst@alpha")
    person.post("/desk/language/", {"language": "es", "next": HOME})
    assert 'lang="es"' in text(sqlite_vault.client("analyst@alpha").get(HOME, headers={"Accept-Language": "fr"}))


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:1", "", "\\\\e.example"]
)
def test_a_change_of_language_leads_nowhere_else(sqlite_vault: Vault, back: str) -> None:
    done = sqlite_vault.client().post("/desk/language/", {"language": "fr", "next": back})

    assert done.headers["Location"] == "/desk/"


def test_an_unknown_language_is_refused(sqlite_vault: Vault) -> None:
    assert sqlite_vault.client().post("/desk/language/", {"language": "xx"}).status_code == 422
