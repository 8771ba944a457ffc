"""The public form as somebody with a small telephone and no script meets it, from the first page to taking it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from served import Server, founded

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TOLD = "Somebody in an online game asks me for pictures of myself. I do not want to."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    found = founded(tmp_path_factory.mktemp("served") / "o")
    with Server(found.folder, options=("--workers", "1", "--threads", "8", "--warm")) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


def sound(browser: Browser, page: Page) -> None:
    """No violation of WCAG 2.2 AA and nothing beside the page at 320 px; looked at with scripts, which axe needs."""
    context = browser.new_context(viewport={"width": 320, "height": 640})
    looked = context.new_page()
    looked.set_content(page.content().replace("<head>", f'<head><base href="{page.url}">'))
    looked.wait_for_load_state()
    violations = Axe().run(looked, options={"runOnly": RULES}).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    assert looked.evaluate("document.documentElement.scrollWidth") == 320
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_goes_its_whole_way_without_a_script(
    browser: Browser, page: Page, address: str, language: str
) -> None:
    page.goto(f"{address}/report/{language}/")
    sound(browser, page)
    page.locator("button[value=send]").click()
    assert page.locator("[role=alert]").count() == 1
    sound(browser, page)
    page.locator("#narrative").fill(TOLD)
    page.locator("#danger-1").check()
    page.locator("button[value=read]").click()
    assert page.locator("dd.words").first.inner_text() == TOLD
    sound(browser, page)
    page.locator("button[value=send]").click()
    receipt = page.locator("#receipt").inner_text()
    assert len(receipt.replace(" ", "")) == 16
    sound(browser, page)
    page.goto(f"{address}/report/{language}/return/")
    sound(browser, page)
    page.locator("#receipt").fill(receipt)
    page.locator("button[value=look]").click()
    sound(browser, page)
    page.locator("#text").fill("It goes on.")
    page.locator("button[value=add]").click()
    assert page.locator("[role=status]").count() == 1
    page.locator("button[value=ask]").click()
    page.locator("button[value=withdraw]").click()
    assert page.locator("button[value=withdraw]").count() == 0
    sound(browser, page)
    assert receipt not in page.url and receipt.replace(" ", "") not in page.url


def test_every_field_is_reached_by_keyboard_alone(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/report/en/")
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(str(page.evaluate("document.activeElement.name || document.activeElement.id")))
        if reached[-1] == "do":
            break
    context.close()

    wanted = ["narrative", "danger", "when", "when_unknown", "where", "address", "who", "age", "sex", "country", "do"]
    assert [name for name in dict.fromkeys(reached) if name in wanted] == wanted
    assert reached.index("leave") < reached.index("narrative")
