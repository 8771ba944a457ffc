"""A cell settled in the browser by two reviewers and an adjudicator, and answered by the provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from vaults import Vault, vault_of
from watching import ENDS, STAYS, join, terms, watch
from windows import SignIn, program_of, signed_in

FIRST, SECOND = date(2025, 1, 1), date(2025, 3, 1)
CELL, OTHER = "desk/providers/pebble/LIC-2/", "desk/providers/reef/LIC-2/"
OWN = "We may use what you post in our advertising without asking you."
ARABIC = "تستمر هذه الرخصة حتى بعد حذف المحتوى أو إغلاق الحساب."


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, vault_templates: Callable[[str], str]) -> Iterator[Vault]:
    """A vault with two reviewers, and providers of which one is spoken for."""
    with vault_of("sqlite", vault_templates, tmp_path_factory.mktemp("watched")) as vault:
        from cop.vault.providers.operations import name_speaker

        watch("pebble", {FIRST: terms(STAYS, OWN)}, name="Pebble")
        watch("reef", {FIRST: terms(STAYS, OWN), SECOND: terms(ENDS)}, name="Reef")
        watch("dune", {FIRST: "\n\n".join([ARABIC] * 40)}, name="Dune")
        join(vault, "one@office", "reviewer", "office")
        join(vault, "two@office", "reviewer", "office")
        for slug in ("pebble", "reef"):
            name_speaker(actor=vault.actor("secretariat@office"), provider=slug, slug="carrier")
        yield vault


@pytest.fixture(scope="module")
def desk(watched: Vault) -> Iterator[str]:
    """The address of a served desk over that vault."""
    with program_of(watched) as address:
        yield address


@pytest.fixture
def sign_in(browser: Browser, desk: str, watched: Vault) -> Iterator[SignIn]:
    """A page on the desk for somebody who has signed in."""
    with signed_in(browser, desk, watched) as opening:
        yield opening


def test_two_reviewers_and_an_adjudicator_settle_a_cell_and_the_provider_replies(desk: str, sign_in: SignIn) -> None:
    one = sign_in("one@office")
    one.goto(desk + "desk/providers/")
    one.get_by_role("link", name="Pebble · LIC-2").click()
    one.get_by_role("button", name="Next j").wait_for()  # the script has run
    for key in ("j", "x", "3", "r"):  # the first passage, accepted; not met; the reason
        one.keyboard.press(key)
    one.keyboard.type("The licence never ends.")
    one.keyboard.press("Escape")
    one.keyboard.press("Enter")
    one.get_by_text("Your review is in.").wait_for()

    two = sign_in("two@office", script=False)
    two.goto(desk + CELL)
    assert two.get_by_text("One review is in.").is_visible()
    assert "The licence never ends." not in two.content()
    two.get_by_text("Other words of a text").click()
    two.get_by_label("Words", exact=True).first.fill("perpetual and irrevocable")
    two.get_by_label("partly met").check()
    two.get_by_label("Reason").fill("Only as far as we can tell.")
    two.get_by_role("button", name="Give the review").click()
    assert "The licence never ends." in two.content()

    chair = sign_in("chair@office")
    chair.goto(desk + CELL)
    assert chair.get_by_text("Only as far as we can tell.").is_visible()
    _select(chair, "irrevocable")
    chair.keyboard.press("q")
    assert chair.get_by_label("Words", exact=True).first.input_value() == "irrevocable"
    chair.keyboard.press("3")
    chair.get_by_label("Reason").fill("Perpetual is perpetual.")
    chair.get_by_role("button", name="Settle it").click()
    assert "settled by a third person" in chair.content()

    provider = sign_in("delegate@carrier")
    provider.goto(desk + "desk/providers/")
    provider.get_by_role("link", name="Pebble").click()
    provider.get_by_role("link", name="LIC-2").first.click()
    assert "Perpetual is perpetual." in provider.content()
    assert "Only as far as we can tell." not in provider.content()
    provider.get_by_label("Answer", exact=True).fill("The clause has no effect in most countries.")
    provider.get_by_role("button", name="Contest the finding").click()
    assert provider.get_by_text("The provider contests this finding.").is_visible()
    assert provider.goto(desk + "desk/providers/dune/LIC-2/").status == 404  # type: ignore[union-attr]


def _select(page: Page, words: str) -> None:
    """Select some words of a text as a person does."""
    page.evaluate(
        """words => {
            for (const line of document.querySelectorAll(".terms [data-at]")) {
                for (const node of walk(line)) {
                    const at = node.data.indexOf(words);
                    if (at >= 0) { getSelection().setBaseAndExtent(node, at, node, at + words.length); return; }
                }
            }
            function walk(line) {
                const found = [], walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
                while (walker.nextNode()) found.push(walker.currentNode);
                return found;
            }
        }""",
        words,
    )
    page.wait_for_timeout(50)


def test_selected_words_keep_their_place_in_the_text(desk: str, sign_in: SignIn) -> None:
    page = sign_in("one@office")
    page.goto(desk + OTHER)
    _select(page, "delete")
    page.get_by_role("button", name="Accept the selected words").click()

    start = terms(ENDS).index("delete")
    assert page.locator("input[name=place1]").input_value() == f"{start} {start + len('delete')}"


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "zh", "ar"])
def test_no_page_has_a_violation_or_runs_over_its_width(desk: str, sign_in: SignIn, language: str) -> None:
    wide, narrow = ("desk/providers/", OTHER), ("desk/providers/reef/", OTHER + "changes/", OTHER)
    for who, width, addresses in (("one@office", 1400, wide), ("delegate@carrier", 320, narrow)):
        page = sign_in(who, width=width, language=language)
        for address in addresses:
            page.goto(desk + address)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, width)
            assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")


def test_a_text_in_arabic_is_read_from_the_right(desk: str, sign_in: SignIn) -> None:
    page = sign_in("one@office")
    page.goto(desk + "desk/providers/dune/LIC-2/")

    assert page.locator(".terms").get_attribute("dir") == "rtl"
    assert page.locator(".terms").get_attribute("lang") == "ar"


def test_single_keys_can_be_turned_off(desk: str, sign_in: SignIn) -> None:
    page = sign_in("one@office")
    page.goto(desk + OTHER)
    page.keyboard.press("?")
    page.get_by_label("Use single keys").uncheck()
    page.reload()
    page.keyboard.press("1")

    assert page.locator("input[name=finding]:checked").count() == 0
