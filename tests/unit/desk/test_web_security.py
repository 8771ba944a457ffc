"""What the web demands of the desk: content policy, forgery, cookies, framing, nothing from elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from access import Trial, endpoints
from vaults import DESCRIPTION, PASSWORD, Vault, totp_code

PAGES = ("/desk/", "/desk/account/", "/desk/account/login/", "/desk/account/factor/", "/desk/people/", "/desk/nowhere/")


@pytest.fixture
def pages(sqlite_vault: Vault) -> list[Any]:
    client = sqlite_vault.client("administrator@office")
    return [sqlite_vault.client().get("/desk/account/login/"), *(client.get(path) for path in PAGES)]


def test_every_answer_carries_a_policy_without_unsafe_parts_and_is_kept_by_nobody(pages: list[Any]) -> None:
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";") if part.strip())
        assert parts["default-src"] == "'none'" and parts["base-uri"] == "'none'"
        assert parts["frame-ancestors"] == "'none'" and parts["form-action"] == "'self'"
        assert parts["script-src"] == parts["style-src"] == "'self'"
        assert "unsafe" not in policy and "http" not in policy and "*" not in policy
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "no-store" in page.headers["Cache-Control"] or page.status_code == 302


def test_no_page_names_another_server_nor_holds_a_script_or_style_of_its_own(pages: list[Any]) -> None:
    for page in pages:
        text = page.content.decode()
        assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//[^"']*""", text) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
        assert [s for s in re.findall(r"<script[^>]*>", text) if "src=" not in s and "application/json" not in s] == []


def test_templates_hold_no_script_style_or_address_of_elsewhere(root: Path) -> None:
    for path in (root / "src" / "cop" / "desk").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"""<style|\sstyle=|\son[a-z]+=["']|javascript:|\|safe\b|autoescape off""", text) == [], path
        assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//[^"']*""", text) == [], path
        for form in re.findall(r"<form\b[^>]*post[^>]*>.*?</form>", text, flags=re.S | re.I):
            token = 'name="note"' if path.parent.name == "report" else "csrf_token"  # test_reporting.py has the note
            assert token in form, path


def test_every_unsafe_method_without_the_forms_token_is_refused(sqlite_vault: Vault) -> None:
    """Except by the service and the form of those who report, where no cookie signs anybody in."""
    trial = Trial(sqlite_vault)
    client = sqlite_vault.client("administrator@office", enforce_csrf_checks=True)
    analyst = sqlite_vault.client("analyst@alpha", enforce_csrf_checks=True)

    taken = []
    for endpoint in endpoints():
        if endpoint.route.startswith(("api/", "report/")):
            continue
        path = trial.path(endpoint)
        for who in (client, analyst):
            status = who.post(path).status_code
            if status not in {403, 405}:
                taken.append((endpoint.name, status))

    assert taken == []


def test_cookies_are_for_this_site_and_no_script(sqlite_vault: Vault) -> None:
    client = sqlite_vault.client()
    client.get("/desk/account/login/")
    client.post("/desk/account/login/", {"login": "analyst@alpha.example", "password": PASSWORD})
    client.post("/desk/account/factor/authenticate/", {"code": totp_code()})
    client.post("/desk/language/", {"language": "fr"})

    assert set(client.cookies) >= {"sessionid", "csrftoken", "cop_language"}
    for cookie in client.cookies.values():
        assert cookie["httponly"] and cookie["samesite"] == "Strict", cookie
    assert client.cookies["sessionid"]["expires"] == "", "a session ends with the browser"


CHECK = """
import json, sys
import django
from django.core.management import call_command
django.setup()
from django.conf import settings
call_command("check", deploy=True, fail_level="WARNING")
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""
SECURE = (
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG",
    "SILENCED_SYSTEM_CHECKS", "SESSION_COOKIE_HTTPONLY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS",
)  # fmt: skip


def test_the_framework_has_nothing_to_say_of_a_desk_that_is_served_by_https(tmp_path: Path) -> None:
    text = DESCRIPTION.replace(
        'hosts = ["testserver", "localhost", "127.0.0.1"]', 'hosts = ["desk.example"]\nhttps = true'
    )
    (tmp_path / "observatory.toml").write_text(text, encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO_")}
    environment = {**kept, "COP_OBSERVATORY": str(tmp_path), "DJANGO_SETTINGS_MODULE": "cop.config.settings"}

    done = subprocess.run(
        [sys.executable, "-c", CHECK, *SECURE],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "DEBUG": False,
        "SILENCED_SYSTEM_CHECKS": [],
        "SESSION_COOKIE_HTTPONLY": True,
        "ALLOWED_HOSTS": ["desk.example"],
        "CSRF_TRUSTED_ORIGINS": ["https://desk.example"],
    }


def test_a_host_that_is_not_ours_is_refused(sqlite_vault: Vault) -> None:
    assert sqlite_vault.client().get("/desk/account/login/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_a_file_is_never_taken(sqlite_vault: Vault) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = sqlite_vault.client("administrator@office")
    upload = SimpleUploadedFile("a.txt", b"text")
    response = client.post("/desk/people/", {"slug": "x", "file": upload})

    assert response.status_code == 422
    assert not response.wsgi_request.FILES
