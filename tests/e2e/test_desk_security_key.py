"""In a browser with a security key: it is the second factor, a lost one is not, and its pages bar nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from vaults import PASSWORD, Vault, served

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def desk(sqlite_vault: Vault) -> Iterator[str]:
    with served(sqlite_vault) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def said(page: Page) -> list[str]:
    """What the browser's console says: what the content policy stops is said there."""
    lines: list[str] = []
    page.on("console", lambda message: lines.append(message.text))
    page.on("pageerror", lambda error: lines.append(str(error)))
    return lines


def plug(devices: CDPSession) -> str:
    """A new key in the browser's socket."""
    return str(devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"])


def plugged(context: BrowserContext, page: Page) -> tuple[CDPSession, str]:
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    return devices, plug(devices)


def barriers(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds on the page, and what does not fit its width."""
    found = [
        (page.url, v["id"], [node["html"] for node in v["nodes"]])
        for v in Axe().run(page, options=AXE).response["violations"]
    ]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([(page.url, "wider than the window", [str(wider)])] if wider > 0 else [])


def come(page: Page, vault: Vault, desk: str) -> None:
    """Take an invitation, up to where the second factor is chosen."""
    from cop.vault.members.operations import invite

    actor, alpha = vault.actor("focal_point@alpha"), vault.organisations["alpha"]
    token = invite(actor=actor, organisation=alpha, email="new@alpha.example", name="New One", role="analyst")
    page.goto(f"{desk}/desk/invitation/{token}/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/factor/")


def add(page: Page, name: str) -> None:
    page.get_by_role("link", name="Add a security key").click()
    page.wait_for_url("**/keys/add/")
    page.locator("input[name=name]").fill(name)
    page.keyboard.press("Enter")


def sign_in(page: Page, desk: str, to: str = "") -> None:
    """Up to the page that asks for the second factor."""
    page.goto(f"{desk}/desk/{to}")
    page.get_by_label("Email").fill("new@alpha.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/authenticate/**")


def test_a_security_key_is_a_second_factor_from_the_invitation_on(
    context: BrowserContext, page: Page, said: list[str], sqlite_vault: Vault, desk: str
) -> None:
    devices, key = plugged(context, page)
    found: list[Any] = []
    come(page, sqlite_vault, desk)
    page.get_by_role("link", name="Add a security key").click()
    found += barriers(page)
    page.go_back()
    add(page, "Blue key")
    page.wait_for_url("**/recovery/")
    assert page.locator(".codes li").count() == 10
    found += barriers(page)
    held = devices.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert len(held) == 1

    page.goto(f"{desk}/desk/account/factor/keys/")
    assert "Blue key" in page.locator("table").inner_text()
    found += barriers(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/**")
    sign_in(page, desk)
    page.goto(f"{desk}/desk/")
    page.wait_for_url("**/authenticate/**")  # a password alone opens nothing
    found += barriers(page)
    page.get_by_role("button", name="Use the security key").click()
    page.wait_for_url("**/desk/")
    assert "You are signed in as New One." in page.locator("main").inner_text()
    used = devices.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert used[0]["signCount"] > held[0]["signCount"]

    assert found == []
    assert said == []


def test_a_key_that_is_not_the_persons_is_refused_in_words_and_the_right_one_is_taken_after(
    context: BrowserContext, page: Page, sqlite_vault: Vault, desk: str
) -> None:
    devices, key = plugged(context, page)
    come(page, sqlite_vault, desk)
    add(page, "Blue key")
    page.wait_for_url("**/recovery/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/**")
    held = devices.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"][0]
    devices.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    other = plug(devices)

    sign_in(page, desk)
    page.get_by_role("button", name="Use the security key").click()
    told = page.get_by_role("alert").filter(has_text="The security key was not accepted.")
    told.wait_for()
    found = barriers(page)
    page.goto(f"{desk}/desk/")
    page.wait_for_url("**/authenticate/**")

    devices.send("WebAuthn.addCredential", {"authenticatorId": other, "credential": held})
    page.get_by_role("button", name="Use the security key").click()
    page.wait_for_url("**/desk/")
    assert found == []


def test_the_last_key_stays_and_a_further_one_goes_after_the_key_was_used_once_more(
    context: BrowserContext, page: Page, said: list[str], sqlite_vault: Vault, desk: str
) -> None:
    from allauth.mfa.models import Authenticator

    devices, blue = plugged(context, page)
    come(page, sqlite_vault, desk)
    add(page, "Blue key")
    page.wait_for_url("**/recovery/")
    keys = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN)
    first = keys.get().pk
    page.goto(f"{desk}/desk/account/factor/keys/{first}/remove/")
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("You cannot deactivate two-factor authentication.").wait_for()
    assert keys.count() == 1

    # a key that holds a credential of the person is not registered twice: another one is put in
    devices.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": blue})
    red = plug(devices)
    page.goto(f"{desk}/desk/account/factor/keys/")
    add(page, "Red key")
    page.wait_for_url("**/factor/")
    assert keys.count() == 2
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/**")

    sign_in(page, desk)
    page.get_by_role("button", name="Use the security key").click()
    page.wait_for_url("**/desk/")
    page.goto(f"{desk}/desk/account/factor/keys/{first}/remove/")
    page.wait_for_url("**/account/confirm/**")
    page.locator("main").get_by_role("link", name="security key").click()
    page.wait_for_url("**/keys/confirm/**")
    page.get_by_role("button", name="Use the security key").click()
    page.wait_for_url("**/remove/")
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/keys/")
    assert "Blue key" not in page.locator("table").inner_text()
    assert keys.get().pk != first
    assert len(devices.send("WebAuthn.getCredentials", {"authenticatorId": red})["credentials"]) == 1
    assert said == []


def test_no_page_of_security_keys_bars_anybody(
    context: BrowserContext, page: Page, sqlite_vault: Vault, desk: str
) -> None:
    from allauth.mfa.models import Authenticator

    from cop.vault.members import operations, queries

    plugged(context, page)
    come(page, sqlite_vault, desk)
    add(page, "Blue key")
    page.wait_for_url("**/recovery/")
    key = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    found: list[Any] = []
    for language in LANGUAGES:
        operations.set_language(actor=queries.actor_of(key.user), language=language)
        for path in ("", "add/", f"{key.pk}/name/", f"{key.pk}/remove/", "confirm/"):
            page.goto(f"{desk}/desk/account/factor/keys/{path}")
            assert page.url.endswith(f"/keys/{path}")
            assert page.locator("html").get_attribute("lang") == language
            found += barriers(page)

    assert found == []
