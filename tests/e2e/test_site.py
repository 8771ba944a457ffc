"""The site in a browser: axe (WCAG 2.2 AA) on every template, reflow at 320 px, keyboard, no script, no third party."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEMPLATES = {
    "overview": "",
    "threats": "threats/",
    "section": "threats/B/",
    "class": "threats/B03/",
    "subclass": "threats/B032/",
    "class with withheld cells": "threats/B01/",
    "early warnings": "warnings/",
    "indicators": "indicators/",
    "indicator": "indicators/THR.CYBERBULLY_12M/",
    "indicator without estimates": "indicators/RSP.HOTLINE_REPORTS/",
    "list of series": "series/",
    "series": "series/internet-use/",
    "series in panels": "series/hotline-totals/",
    "providers": "providers/",
    "provider": "providers/beacon/",
    "provider not reviewed": "providers/cobble/",
    "library": "library/",
    "meeting": "meetings/1/",
    "paper": "documents/HG-CP/1/4/",
    "methods": "methods/",
    "data": "data/",
    "sitemap": "sitemap/",
    "missing": "no/such/page/",
}
Look = tuple[str, int, Literal["light", "dark"]]
LOOKS: list[Look] = [("wide", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 320, "light")]


@pytest.fixture(params=LOOKS, ids=lambda look: look[0])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    look: Look = request.param
    context = browser.new_context(viewport={"width": look[1], "height": 900}, color_scheme=look[2])
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_page_has_no_violation_keeps_to_its_width_and_asks_no_other_host(
    page: Page, site_url: str, template: str
) -> None:
    asked: list[str] = []
    said: list[str] = []
    missing = template == "missing"
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(site_url + TEMPLATES[template])
    page.evaluate("document.querySelectorAll('details').forEach(element => { element.open = true; })")

    found = Axe().run(page, options={"runOnly": TAGS, "resultTypes": ["violations"]}).response["violations"]

    assert [(v["id"], n["target"], n["failureSummary"]) for v in found for n in v["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate(
        "document.documentElement.clientWidth"
    )
    assert [url for url in asked if not url.startswith((site_url, "data:"))] == []
    assert [line for line in said if not (missing and "404" in line)] == []


def test_the_page_mirrors_right_to_left_and_its_pictures_do_not(browser: Browser, site_url: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(site_url + "threats/B032/")
    places = "['.brand', '.band-label'].map(s => document.querySelector(s).getBoundingClientRect().left)"
    before = page.evaluate(places)
    page.evaluate("document.documentElement.dir = 'rtl'")
    after = page.evaluate(places)

    assert before[0] < 640 < after[0]
    assert before[1] < 640 < after[1]
    assert page.evaluate("getComputedStyle(document.querySelector('.picture svg')).direction") == "ltr"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.close()


def test_the_first_tab_skips_to_the_content_and_every_stop_is_seen(browser: Browser, site_url: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(site_url + "threats/B032/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    stops = []
    for _ in range(25):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return [e.tagName, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; })()"
            )
        )
    assert [stop for stop in stops if not stop[1]] == []
    assert {"A", "SUMMARY", "DIV"} <= {stop[0] for stop in stops}, (
        "links, disclosures and scrolling regions take the focus"
    )
    page.close()


def test_everything_is_there_without_a_script(browser: Browser, site_url: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(site_url + "threats/")

    assert page.locator("tr[data-words]").count() == page.locator("tr[data-words]:visible").count() > 5
    assert page.locator("#find:visible").count() == 0
    page.goto(site_url + "threats/B032/")
    table = page.locator("#by-month table")
    page.locator("#by-month summary", has_text="Table").click()
    assert table.is_visible()
    context.close()


def test_the_filter_finds_classes_and_says_how_many(browser: Browser, site_url: str) -> None:
    page = browser.new_page()
    page.goto(site_url + "threats/")
    page.get_by_label("Find a class").fill("EXTORTION")

    assert page.locator("tr[data-words]:visible").all_inner_texts() != []
    assert all("extortion" in text.lower() for text in page.locator("tr[data-words]:visible th").all_inner_texts())
    assert page.get_by_role("status").inner_text() == f"{page.locator('tr[data-words]:visible').count()} classes"
    page.get_by_label("Find a class").fill("no such words")
    assert page.get_by_role("status").inner_text() == "No class has these words"
    page.close()


def test_the_dark_ground_reaches_into_the_charts_and_is_kept(browser: Browser, site_url: str) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(site_url + "threats/B032/")
    ink = "getComputedStyle(document.querySelector('.picture svg text')).fill"
    light = page.evaluate(ink)
    page.get_by_role("button", name="Dark ground").click()
    dark = page.evaluate(ink)
    page.goto(site_url + "threats/B031/")

    assert light != dark
    assert page.evaluate(ink) == dark
    context.close()


def test_a_page_opened_from_disk_looks_and_links_the_same(browser: Browser, site_folder: Path) -> None:
    page = browser.new_page()
    page.goto((site_folder / "index.html").as_uri())
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Threats").click()

    assert page.locator("h1").inner_text() == "Threats"
    assert page.evaluate("getComputedStyle(document.querySelector('.masthead')).display") == "flex"
    page.close()


def test_no_page_weighs_more_than_300_kilobytes(browser: Browser, site_url: str) -> None:
    weights: dict[str, int] = {}
    for name, path in TEMPLATES.items():
        context = browser.new_context()
        page = context.new_page()
        sizes: list[int] = []
        page.on("response", lambda response, sizes=sizes: sizes.append(len(response.body())))
        page.goto(site_url + path, wait_until="networkidle")
        weights[name] = sum(sizes)
        context.close()

    assert {name: weight for name, weight in weights.items() if weight > 300_000} == {}
