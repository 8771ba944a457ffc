"""In a browser: from the invitation to the desk and in again with the second factor; no barrier in six languages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from vaults import PASSWORD, TOTP_SECRET, Vault, served, totp_code

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def desk(sqlite_vault: Vault) -> Iterator[str]:
    with served(sqlite_vault) as address:
        yield address


def barriers(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds on the page, and what does not fit its width."""
    found = [
        (page.url, v["id"], [node["html"] for node in v["nodes"]])
        for v in Axe().run(page, options=AXE).response["violations"]
    ]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([(page.url, "wider than the window", [str(wider)])] if wider > 0 else [])


def next_code() -> str:
    """The code of the next half minute: the one of now was used."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // 30 + 1))


def invitation(vault: Vault, email: str) -> str:
    from cop.vault.members.operations import invite

    actor, alpha = vault.actor("focal_point@alpha"), vault.organisations["alpha"]
    return invite(actor=actor, organisation=alpha, email=email, name="New One", role="analyst")


def test_a_person_who_is_invited_sets_up_a_second_factor_and_signs_in_again(
    browser: Browser, sqlite_vault: Vault, desk: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    elsewhere: list[str] = []
    page.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith((desk, "data:")) else None)
    found: list[Any] = []

    page.goto(f"{desk}/desk/invitation/{invitation(sqlite_vault, 'new@alpha.example')}/")
    found += barriers(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/factor/")
    found += barriers(page)
    page.get_by_role("link", name="Set up an app").click()
    found += barriers(page)
    secret = page.locator("#secret").inner_text()
    page.locator("input[name=code]").fill(totp_code(secret))
    page.get_by_role("button", name="Set up the app").click()
    page.wait_for_url("**/recovery/")
    found += barriers(page)
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/desk/")
    assert "You are signed in as New One." in page.locator("main").inner_text()
    found += barriers(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/**")
    page.goto(f"{desk}/desk/people/")
    page.wait_for_url("**/login/**")

    page.get_by_label("Email").fill("new@alpha.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/authenticate/**")
    found += barriers(page)
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + 1))
    page.locator("input[name=code]").fill(code)
    page.locator("form:has(input[name=code])").get_by_role("button").click()
    page.wait_for_url("**/desk/people/")

    assert found == []
    assert elsewhere == []
    refused = "the server responded with a status of 403"  # an analyst does not manage people
    assert [line for line in said if refused not in line] == []
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_sign_in_account_and_people_bars_anybody(
    browser: Browser, sqlite_vault: Vault, desk: str, language: str
) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, color_scheme="dark" if language in {"ar", "fr"} else "light"
    )
    context.add_cookies([{"name": "cop_language", "value": language, "url": desk}])
    page = context.new_page()
    found: list[Any] = []
    page.goto(f"{desk}/desk/account/login/")
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    found += barriers(page)
    page.goto(f"{desk}/desk/invitation/{invitation(sqlite_vault, 'new@alpha.example')}/")
    found += barriers(page)

    from cop.vault.members import operations

    operations.set_language(actor=sqlite_vault.actor("administrator@office"), language=language)
    key = sqlite_vault.client("administrator@office").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": key, "url": desk}])
    alpha = sqlite_vault.organisations["alpha"]
    for path in (
        "",
        "people/",
        f"people/{alpha}/",
        "account/",
        "account/password/",
        "account/sessions/",
        "account/factor/",
        "nowhere/",
    ):
        page.goto(f"{desk}/desk/{path}")
        found += barriers(page)

    assert found == []
    context.close()


def test_an_administrator_invites_by_keyboard_alone(browser: Browser, sqlite_vault: Vault, desk: str) -> None:
    context = browser.new_context()
    key = sqlite_vault.client("administrator@office").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": key, "url": desk}])
    page = context.new_page()
    page.goto(f"{desk}/desk/people/{sqlite_vault.organisations['alpha']}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "id_name":
            break
    page.keyboard.type("Second One")
    page.keyboard.press("Tab")
    page.keyboard.type("second@alpha.example")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#link")

    assert f"{desk}/desk/invitation/" in page.locator("#link").input_value()
    context.close()
