"""In a browser: an analyst works the queue by keyboard alone, in English and in Arabic; no page bars anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from records import PASSPHRASE, Office, report_texts
from vaults import Vault, served

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDER = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 ||
    e.getBoundingClientRect().left < -1).map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)"""
TEXTS = [
    "A boy of 16 had his full name, school and way home put on a list on social media after a dispute in a game.",
    "A girl of 14 paid for a concert ticket on a social network that never arrived. The seller answers no more.",
    "A caller asks how to set up parental controls for a girl of 10. Nothing has happened.",
    "A message mentions a boy, but not what happened, where or when.",
    "A girl of 13 is left out of the class chat and mocked for her clothes by four classmates every day.",
    "A girl of 13 is left out of the class chat and mocked for her clothes by four classmates every day.",
]


@pytest.fixture
def office(sqlite_vault: Vault) -> Office:
    return Office.of(sqlite_vault)


@pytest.fixture
def desk(office: Office) -> Iterator[str]:
    with served(office.vault) as address:
        yield address


def entered(browser: Browser, vault: Vault, desk: str, language: str, **given: Any) -> BrowserContext:
    """A window in which the analyst is signed in, in that language."""
    from cop.vault.members.operations import set_language

    set_language(actor=vault.actor("analyst@alpha"), language=language)
    context = browser.new_context(**given)
    cookie = vault.client("analyst@alpha").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": desk}])
    return context


def barriers(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds on the page, and what does not fit its width."""
    found = [
        (page.url, v["id"], [node["html"] for node in v["nodes"]])
        for v in Axe().run(page, options=AXE).response["violations"]
    ]
    return found + [(page.url, "wider than the window", [html]) for html in page.evaluate(WIDER)]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def enter(page: Page) -> None:
    """Press Enter and wait for the page that comes."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def veiled(page: Page) -> bool:
    return "veiled" in str(page.locator(".veil").get_attribute("class"))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_queue_is_worked_by_keyboard_alone(browser: Browser, office: Office, desk: str, language: str) -> None:
    from cop.vault.coding.queries import record_of

    numbers = report_texts(office, TEXTS)
    context = entered(browser, office.vault, desk, language)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    elsewhere: list[str] = []
    page.on("request", lambda r: elsewhere.append(r.url) if not r.url.startswith((desk, "data:")) else None)

    page.goto(f"{desk}/desk/queue/")
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    enter(page)  # the button that opens the next record has the focus; the key is asked for first
    assert "/desk/unlock/" in page.url
    page.locator("input[type=password]").focus()
    page.keyboard.type(PASSPHRASE)
    enter(page)

    # 1: read, then Enter accepts what the software thinks
    assert page.url.endswith(f"/desk/records/{numbers[0]}/")
    assert veiled(page) and page.locator(".veil").get_attribute("aria-hidden") == "true"
    press(page, "o")
    assert not veiled(page) and page.locator(".veil").get_attribute("aria-hidden") is None
    thought = page.locator("#classes input[name=code]:checked").get_attribute("value")
    enter(page)

    # 2: search by typing, choose, accept; shortcuts are letters while one types
    press(page, "o", "/")
    page.keyboard.type("C02")
    press(page, "Enter")
    page.wait_for_selector("input[name=code][value=C02]:checked", state="attached")
    page.wait_for_selector(".notes[data-code=C02]:not([hidden])")
    assert page.locator(".notes:not([hidden])").count() == 1
    enter(page)

    # 3: cannot be coded: the key goes to the button, Enter does it
    press(page, "c")
    assert page.evaluate("document.activeElement.value") == "cannot"
    enter(page)

    # 4: to a reviewer
    press(page, "e")
    enter(page)

    # 5: help opens and closes; j and k move; put back what one would rather not decide
    press(page, "?")
    assert page.locator("#help").is_visible()
    press(page, "?")
    before = page.locator("#classes input[name=code]:checked").get_attribute("value")
    press(page, "j", "k")
    assert page.locator("#classes input[name=code]:checked").get_attribute("value") == before
    enter(page)

    # 6: a duplicate of the one before, which the page names by itself
    press(page, "d")
    assert page.locator("#duplicate_of").input_value() == str(numbers[4])
    enter(page)
    assert "/desk/queue/" in page.url

    actor = office.vault.actor("analyst@alpha")
    found = [record_of(actor=actor, report=number) for number in numbers]
    assert [(r.state, r.decisions[-1].kind) for r in found] == [
        ("reviewed", "accept"), ("reviewed", "change"), ("cannot_code", "cannot"), ("escalated", "escalate"),
        ("reviewed", "accept"), ("reviewed", "duplicate"),
    ]  # fmt: skip
    assert (found[0].code, found[1].code, found[2].code) == (thought, "C02", "Z04")
    assert found[5].duplicate_of == numbers[4]
    assert (faults, elsewhere) == ([], [])
    context.close()


def test_without_script_the_same_can_be_done(browser: Browser, office: Office, desk: str) -> None:
    from cop.vault.coding.queries import record_of

    [number] = report_texts(office, TEXTS[:1])
    context = entered(browser, office.vault, desk, "en", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk}/desk/queue/")
    page.get_by_role("button", name="Open the next record").click()
    page.locator("input[type=password]").fill(PASSPHRASE)
    page.get_by_role("button", name="Unlock").click()
    assert "veiled" in page.content()
    page.get_by_role("link", name="Show the text").click()
    assert "veiled" not in page.content() and "way home" in page.locator(".narrative").inner_text()
    page.get_by_label("Another one? Search by word or code").fill("insults")
    page.get_by_role("button", name="Search").click()
    page.locator("#found input[type=radio]").first.check()
    code = page.locator("#found input[type=radio]").first.get_attribute("value")
    page.get_by_role("button", name="Give this class").click()
    assert record_of(actor=office.vault.actor("analyst@alpha"), report=number).code == code
    context.close()


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_no_page_of_the_coding_rooms_bars_anybody(browser: Browser, office: Office, desk: str, language: str) -> None:
    [number, *_] = report_texts(office, TEXTS)
    scheme = "dark" if language == "ar" else "light"
    context = entered(
        browser, office.vault, desk, language, viewport={"width": 320, "height": 640}, color_scheme=scheme
    )  # type: ignore[arg-type]
    page = context.new_page()
    found: list[Any] = []
    for path in ("queue/", "progress/", "team/", "audit/", "disagreements/", "rulings/?words=B03", "classes/B032/"):
        page.goto(f"{desk}/desk/{path}")
        found += barriers(page)
    page.goto(f"{desk}/desk/queue/")
    page.locator("button[data-key=n]").click()
    page.locator("input[type=password]").fill(PASSPHRASE)
    enter(page)
    assert page.url.endswith(f"/desk/records/{number}/")
    found += barriers(page)
    press(page, "o", "m", "Escape", "?")
    found += barriers(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    found += barriers(page)
    context.close()
    assert found == [], "\n".join(map(str, found))


def test_keys_count_by_their_place_on_a_keyboard_of_another_script(browser: Browser, office: Office, desk: str) -> None:
    report_texts(office, TEXTS[:1])
    context = entered(browser, office.vault, desk, "ar")
    page = context.new_page()
    page.goto(f"{desk}/desk/queue/")
    enter(page)
    page.locator("input[type=password]").fill(PASSPHRASE)
    enter(page)
    arabic = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '%s', code: '%s', bubbles: true}))"
    page.evaluate(arabic % ("خ", "KeyO"))
    assert not veiled(page)
    page.evaluate(arabic % ("ؤ", "KeyC"))
    assert page.evaluate("document.activeElement.value") == "cannot"
    context.close()
