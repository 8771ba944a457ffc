"""The room of cases in the browser: worked without script, free of violations in six languages, 320 px wide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from nacl.public import PrivateKey
from playwright.sync_api import Browser

from cases_stock import put_body, put_report
from cop.kernel.parcels import unpack
from cop.kernel.sealing import recipient_of, unseal
from vaults import Vault, vault_of
from windows import SignIn, program_of, signed_in

PRIVATE = PrivateKey.generate()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, vault_templates: Callable[[str], str]) -> Iterator[Vault]:
    """A vault with a body that has a key, a case with an overdue referral, and a report that has no case yet."""
    with vault_of("sqlite", vault_templates, tmp_path_factory.mktemp("cases")) as vault:
        from django.utils import timezone

        from cop.vault.cases import expiry, operations
        from cop.vault.cases.models import Case

        alpha, analyst = vault.organisations["alpha"], vault.actor("analyst@alpha")
        body = put_body(vault, recipient=recipient_of(PRIVATE, "Harbour police").line())
        report = put_report(alpha, urgency=1)
        case = operations.open_case(actor=analyst, report=report)
        Case.objects.filter(pk=case).update(opened=timezone.now() - timedelta(days=30))
        operations.move(actor=analyst, case=case, to="assessed", reason="unlawful", seen=1)
        sent = timezone.now() - timedelta(days=20)
        given = {"kind": "POLICE", "channel": "portal", "reason": "crime", "reference": "AB 12/26"}
        referral = operations.refer(actor=analyst, case=case, body=body, seen=2, sent=sent, **given)  # type: ignore[arg-type]
        operations.observe(actor=analyst, referral=referral, seen="up")
        until = (timezone.now() + timedelta(days=9)).date()
        reviewer = vault.actor("reviewer@alpha")
        expiry.hold(actor=reviewer, report=report, ground="court_order", reference="C 7/26", until=until)
        operations.open_case(actor=analyst, report=put_report(alpha))
        yield vault


@pytest.fixture(scope="module")
def desk(filled: Vault) -> Iterator[str]:
    """The address of a served desk over that vault."""
    with program_of(filled) as address:
        yield address


@pytest.fixture
def sign_in(browser: Browser, desk: str, filled: Vault) -> Iterator[SignIn]:
    """A page on the desk for somebody who has signed in."""
    with signed_in(browser, desk, filled) as opening:
        yield opening


def test_a_case_is_worked_to_its_end_without_script_and_leaves_sealed(
    desk: str, sign_in: SignIn, tmp_path: Path
) -> None:
    page = sign_in("analyst@alpha", script=False)
    page.goto(desk + "desk/cases/")
    page.get_by_role("link", name="2", exact=True).click()
    page.get_by_label("New status, and why").select_option(label="assessed: unlawful here")
    page.get_by_role("button", name="Move", exact=True).click()
    assert page.get_by_text("The case was moved.").is_visible()
    page.get_by_label("To", exact=True).select_option(label="Harbour police (police)")
    page.get_by_label("Reason", exact=True).select_option(label="a crime is suspected")
    page.get_by_role("button", name="Record the referral").click()
    page.get_by_label("The number that the body gave").fill("P-9/26")
    page.get_by_role("button", name="It was acknowledged").click()
    page.get_by_label("What you saw when you looked again").select_option(label="gone")
    page.get_by_role("button", name="Record it").first.click()
    assert page.get_by_text("0.0 hours").is_visible()
    with page.expect_download(timeout=90_000) as download:  # the first sheet of a process reads every font
        page.get_by_role("button", name="Download the sealed file").click(no_wait_after=True)
    download.value.save_as(tmp_path / "case.cop")
    files = unpack(unseal((tmp_path / "case.cop").read_bytes(), PRIVATE))
    assert [f.name for f in files] == ["case-2.json", "case-2-en.pdf"]
    page.get_by_label("New status, and why").select_option(label="closed: handled to the end")
    page.get_by_role("button", name="Move", exact=True).click()
    assert page.get_by_text("is no outcome").first.is_visible()
    page.get_by_label("New status, and why").select_option(label="closed: handled to the end")
    page.get_by_label("Outcome", exact=True).select_option(label="content no longer available")
    page.get_by_role("button", name="Move", exact=True).click()
    assert page.get_by_text("content no longer available").first.is_visible()


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "zh", "ar"])
def test_no_page_has_a_violation_or_runs_over_its_width(desk: str, sign_in: SignIn, language: str) -> None:
    for who, width in (("analyst@alpha", 1400), ("reviewer@alpha", 320)):
        page = sign_in(who, width=width, language=language)
        for address in (
            "desk/cases/",
            "desk/cases/1/",
            "desk/cases/overdue/",
            "desk/cases/bodies/",
            "desk/cases/bodies/1/",
        ):
            page.goto(desk + address)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, width)
            assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
