"""The public form, the receipt and the way back, as somebody without an account, a cookie or a script meets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from doors import TOLD, events, seal_to
from vaults import Vault

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
Fill = Callable[..., Any]


def note(page: Any) -> str:
    """The note that the form on a page carries."""
    return re.findall(r'name="note" value="([^"]+)"', page.content.decode())[0]


def receipt_on(page: Any) -> str:
    found = re.findall(r'id="receipt">([0-9 ]+)<', page.content.decode())
    assert len(found) == 1, page.content.decode()
    return found[0]


@pytest.fixture
def fill(sqlite_vault: Vault) -> Fill:
    """Fill the form in and press a button."""
    seal_to(sqlite_vault, "alpha")

    def press(do: str = "send", *, language: str = "en", client: Any = None, headers: Any = None, **typed: str) -> Any:
        client = client or sqlite_vault.client()
        address = f"/report/{language}/"
        given = {"narrative": TOLD, "note": note(client.get(address)), "do": do, **typed}
        return client.post(address, given, headers=headers or {})

    return press


@pytest.fixture
def back(sqlite_vault: Vault) -> Fill:
    """Come back with a receipt and press a button."""

    def press(receipt: str, do: str = "look", **typed: str) -> Any:
        client = sqlite_vault.client()
        address = "/report/en/return/"
        given = {"receipt": receipt, "note": note(client.get(address)), "do": do, **typed}
        return client.post(address, given)

    return press


def stored() -> list[Any]:
    from cop.vault.reports.models import Report

    return list(Report.objects.order_by("pk"))


def test_the_door_leads_to_the_form_in_the_browsers_language(sqlite_vault: Vault) -> None:
    response = sqlite_vault.client().get("/report/", headers={"Accept-Language": "zh-CN,zh;q=0.9"})

    assert (response.status_code, response.headers["Location"]) == (302, "/report/zh/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_is_there_in_every_language_without_cookie_file_or_inline_script(
    sqlite_vault: Vault, language: str
) -> None:
    response = sqlite_vault.client().get(f"/report/{language}/")
    page = response.content.decode()

    assert response.status_code == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert not response.cookies
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert 'type="file"' not in page
    assert "/desk/" not in page.replace("/desk/static/", "")
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", page)


def test_no_other_language_has_a_form(sqlite_vault: Vault) -> None:
    assert sqlite_vault.client().get("/report/de/").status_code == 404


def test_a_sent_form_is_a_report_and_its_answer_the_receipt(fill: Fill) -> None:
    page = fill(
        when="2026-01-03", where="ONLINE_GAME", age="Y10T12", sex="_U", country="XAL", who="PARENT", danger="YES",
        address="example.org/room?id=7",
    )  # fmt: skip
    receipt = receipt_on(page)
    [report] = stored()

    assert page.status_code == 200
    assert len(receipt.replace(" ", "")) == 16
    assert page.headers["Cache-Control"] == "no-store"
    assert not page.cookies
    assert report.variables == {
        "event_date": "2026-01-03", "platform_type": ["ONLINE_GAME"], "age_band": ["Y10T12"], "sex": ["_U"],
        "country_of_child": ["XAL"], "reporter": "PARENT", "at_risk": "YES",
    }  # fmt: skip
    assert (report.platform, report.age_band, report.sex, report.area, report.reporter) == (
        "online_game", "10-12", "unknown", "XAL", "parent",
    )  # fmt: skip
    assert (report.origin, report.language, report.count_unit) == ("form", "en", "REPORT")
    [event] = events("report.accepted")
    assert event.details == {"program": "form", "organisation": report.organisation_id, "origin": "form"}


def test_who_is_in_danger_comes_first_and_is_read_by_a_person(fill: Fill) -> None:
    from cop.vault.coding.models import Coding

    fill(danger="YES", narrative="The weather page of the school has an advertisement for lemonade.")

    [coding] = Coding.objects.all()
    assert (coding.urgency, coding.route) == (1, "review")


def test_what_is_not_answered_is_not_recorded(fill: Fill) -> None:
    fill()
    [report] = stored()

    assert report.variables == {}
    assert {report.platform, report.age_band, report.sex, report.reporter} == {"not_recorded"}


def test_a_second_press_of_the_button_is_the_same_report(sqlite_vault: Vault, fill: Fill) -> None:
    client = sqlite_vault.client()
    sent = {"narrative": TOLD, "note": note(client.get("/report/en/")), "do": "send"}
    first, second = (client.post("/report/en/", sent) for _ in range(2))
    changed = client.post("/report/en/", {**sent, "narrative": TOLD + " It goes on."})

    assert receipt_on(first) == receipt_on(second) != receipt_on(changed)
    assert len(stored()) == 2


def test_reading_it_through_stores_nothing_and_keeps_what_was_typed(fill: Fill) -> None:
    page = fill("read", where="_U", danger="NO").content.decode()

    assert stored() == []
    assert TOLD in unescape(page)
    assert "Nothing is sent yet" in page
    assert 'name="where" value="_U"' in page
    assert "I do not know" in page


FAULTS = {
    "nothing": ({"narrative": " "}, "narrative", "Please write what happened"),
    "too much": ({"narrative": "a " * 10_001}, "narrative", "too long"),
    "NUL": ({"narrative": "a\0b"}, "narrative", "signs in it that we cannot read"),
    "a formula": ({"narrative": "=cmd|' /C calc'!A0"}, "narrative", "Please begin with a word"),
    "a picture as text": ({"narrative": "data:image/png;base64,AAAA"}, "narrative", "Pictures and files"),
    "long base64": ({"narrative": "QUJD" * 200}, "narrative", "Pictures and files"),
    "no address": ({"address": "look there"}, "address", "does not look like an address"),
    "a script as address": ({"address": "javascript://x/alert(1)"}, "address", "does not look like an address"),
    "a day to come": ({"when": "2099-01-01"}, "when", "not a day that has been"),
    "no day": ({"when": "yesterday"}, "when", "not a day that has been"),
    "an answer that is none": ({"where": "MOON"}, "where", "choose one of the answers"),
    "a country that is none": ({"country": "ZZZ"}, "country", "choose one of the answers"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_will_not_do_is_named_and_what_was_typed_stays(fill: Fill, name: str) -> None:
    typed, field, words = FAULTS[name]
    page = fill(sex="GIRL", **typed)
    text = unescape(page.content.decode())

    assert page.status_code == 422
    assert f'<a href="#{field}">' in text
    assert words in text
    assert '<option value="GIRL" selected>' in text
    assert stored() == []


def test_invisible_marks_of_a_telephone_are_taken_out_and_refuse_nobody(fill: Fill) -> None:
    assert fill(narrative="\u2068Nour\u2069 wrote to me again").status_code == 200


def test_a_form_from_another_page_is_refused(fill: Fill) -> None:
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert fill(headers=headers).status_code == 403
    assert fill(headers={"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert len(stored()) == 1


def test_a_form_without_our_note_is_shown_again_with_what_was_typed(fill: Fill) -> None:
    page = fill(note="made up")

    assert page.status_code == 403
    assert TOLD in unescape(page.content.decode())
    assert stored() == []


def test_a_school_is_no_flood_and_a_machine_is_asked_to_wait(fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "DESK", settings.DESK.model_copy(update={"reports_per_minute": 3}))
    pages = [fill(narrative=f"{TOLD} {n}") for n in range(4)]

    assert [p.status_code for p in pages] == [200, 200, 200, 429]
    assert f"{TOLD} 3" in unescape(pages[3].content.decode())
    assert len(stored()) == 3


def test_where_nobody_can_read_it_nothing_is_kept_and_what_was_typed_stays(sqlite_vault: Vault) -> None:
    from cop.vault.reports import door

    door._recipients_of.clear()
    client = sqlite_vault.client()
    page = client.post("/report/en/", {"narrative": TOLD, "note": note(client.get("/report/en/")), "do": "send"})

    assert page.status_code == 503
    assert TOLD in unescape(page.content.decode())
    assert stored() == []


# --- the way back


def test_a_question_is_answered_and_something_is_added(fill: Fill, back: Fill, sqlite_vault: Vault) -> None:
    from cop.vault.reports.operations import ask

    receipt = receipt_on(fill())
    [report] = stored()
    ask(actor=sqlite_vault.actor("analyst@alpha"), report=report.pk, text="What is the game called?")

    assert "What is the game called?" in back(receipt).content.decode()
    assert "Your answer has arrived" in back(receipt, "answer", text="Brick World.").content.decode()
    after = back(receipt, "add", text="He is called Tom there.").content.decode()
    assert "What you added has arrived" in after
    assert "What is the game called?" not in after
    assert "2 times" in after
    assert [e.kind for e in report.exchanges.order_by("pk")] == ["question", "answer", "facts"]
    assert stored()[0].news


@pytest.mark.parametrize("change", ["digit", "length", "letters"])
def test_a_slip_of_the_hand_is_told_from_a_receipt_that_is_not_there(fill: Fill, back: Fill, change: str) -> None:
    receipt = receipt_on(fill()).replace(" ", "")
    wrong = {"digit": str((int(receipt[0]) + 1) % 10) + receipt[1:], "length": receipt[:-1], "letters": "x" * 16}[
        change
    ]
    page = back(wrong)

    assert page.status_code == 422
    assert ("One of the digits is wrong" if change == "digit" else "has 16 digits") in page.content.decode()


def test_a_receipt_that_nobody_has_is_not_found(fill: Fill, back: Fill) -> None:
    from cop.vault.reports.receipts import new_receipt

    fill()

    page = back(new_receipt())
    assert page.status_code == 404
    assert "no report with this receipt" in page.content.decode()


def test_a_report_is_taken_back_after_being_asked_once_more(fill: Fill, back: Fill) -> None:
    receipt = receipt_on(fill(address="https://example.org/x"))
    back(receipt, "add", text="Something more.")

    assert "Are you sure?" in back(receipt, "ask").content.decode()
    assert stored()[0].sealed is not None
    assert "taken back" in back(receipt, "withdraw").content.decode()
    [report] = stored()
    assert (report.status, report.sealed, report.address_match, report.text_match) == ("withdrawn", None, "", "")
    assert report.exchanges.count() == 0
    assert back(receipt, "add", text="again").status_code == 409
    assert len(events("report.withdrawn")) == 1


def test_receipts_are_not_guessed_at_without_end(back: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    from cop.desk import reporting_guard
    from cop.vault.reports.receipts import new_receipt

    monkeypatch.setattr(reporting_guard, "_TRIES", 3)

    assert [back(new_receipt()).status_code for _ in range(4)] == [404, 404, 404, 429]


def test_what_was_written_is_in_no_log(fill: Fill, back: Fill, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    receipt = receipt_on(fill(address="https://canary.example/x"))
    fill(narrative="=canary()!A0|")
    back(receipt, "add", text="canary words")

    assert "canary" not in caplog.text.lower()
    assert receipt not in caplog.text
    assert receipt.replace(" ", "") not in caplog.text


# --- a copy of everything


def test_a_reporter_asks_for_a_copy_and_reads_and_saves_it_with_the_receipt(sqlite_vault: Vault, back: Fill) -> None:
    import json

    from cop.vault.cases.operations import open_case
    from cop.vault.reports import door
    from records import Office

    office, alpha = Office.of(sqlite_vault), sqlite_vault.organisations["alpha"]
    door._recipients_of.clear()
    client = sqlite_vault.client()
    sent = client.post("/report/en/", {"narrative": TOLD, "note": note(client.get("/report/en/")), "do": "send"})
    receipt = receipt_on(sent)
    [report] = stored()

    first = back(receipt)
    wish = back(receipt, "wish")
    analyst = office.unlocked("analyst@alpha")
    page = analyst.get(f"/desk/reports/{report.pk}/").content.decode()
    case = open_case(actor=sqlite_vault.actor("analyst@alpha"), report=report.pk)
    assert analyst.post(f"/desk/cases/{case}/copy/").status_code == 302
    waiting, shown, saved = back(receipt), back(receipt, "copy"), back(receipt, "save")

    assert report.organisation_id == alpha
    assert "Ask for a copy" in first.content.decode() and "Show it" not in first.content.decode()
    assert "Your wish has arrived." in wish.content.decode() and "Ask for a copy" not in wish.content.decode()
    assert "Please give me a copy of everything you keep about my report." in page
    assert "Show it" in waiting.content.decode() and TOLD not in waiting.content.decode()
    assert TOLD in unescape(shown.content.decode())
    assert json.loads(saved.content)["narrative"] == TOLD
    assert (saved.headers["Content-Type"], saved.headers["Content-Disposition"]) == (
        "application/json", 'attachment; filename="report.json"',
    )  # fmt: skip
    for answer in (waiting, shown, saved):
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert not answer.cookies

    gone = back(receipt, "withdraw")
    assert "Show it" not in gone.content.decode()
    assert TOLD not in back(receipt, "copy").content.decode()
    assert back(receipt, "save").headers["Content-Type"].startswith("text/html")


def test_another_receipt_opens_no_copy_and_neither_does_an_address(sqlite_vault: Vault, fill: Fill, back: Fill) -> None:
    from django.utils import timezone

    from cop.kernel.sealing import seal
    from cop.vault.cases.models import AccessCopy
    from cop.vault.reports.receipts import reporter

    receipts = [receipt_on(fill(narrative=f"{TOLD} {n}")) for n in (1, 2)]
    mine, _ = stored()
    analyst = sqlite_vault.actor("analyst@alpha")
    AccessCopy.objects.create(
        report=mine, at=timezone.now(), by_id=analyst.id, sealed=seal('{"a": 1}', [reporter(bytes(mine.reply_key))])
    )
    client = sqlite_vault.client()

    assert back(receipts[0], "save").content == b'{"a": 1}'
    assert back(receipts[1], "save").headers["Content-Type"].startswith("text/html")
    assert client.get("/report/en/return/", {"receipt": receipts[0], "do": "save"}).content.count(b'"a": 1') == 0
    assert client.post("/report/en/return/", {"receipt": receipts[0], "do": "save"}).status_code == 403, "no note"


@pytest.mark.parametrize(
    ("language", "day"),
    [("en", "28 November 2026"), ("fr", "28 novembre 2026"), ("es", "28 de noviembre de 2026"),
     ("ru", "28 ноября 2026"), ("zh", "2026年11月28日"), ("ar", "28 نوفمبر، 2026")],
)  # fmt: skip
def test_a_reporter_reads_the_day_in_the_long_form_of_the_language(
    sqlite_vault: Vault, language: str, day: str
) -> None:
    from datetime import UTC, datetime

    from django.template import Context, Template
    from django.utils import translation

    with translation.override("zh-hans" if language == "zh" else language):
        shown = Template('{{ at|date:"DATE_FORMAT" }}').render(Context({"at": datetime(2026, 11, 28, tzinfo=UTC)}))
    assert shown.startswith(day)


def test_days_at_the_desk_are_iso_dates_everywhere() -> None:
    from pathlib import Path

    import cop.desk

    room = Path(cop.desk.__file__).parent / "templates"
    told = {
        (page.relative_to(room).parts[0], form)
        for page in room.rglob("*.html")
        for form in re.findall(r"""\|(?:date|time):["']([^"']+)""", page.read_text(encoding="utf-8"))
    }
    assert {form for folder, form in told if folder != "report"} == {"Y-m-d", "Y-m-d H:i"}
    assert {form for folder, form in told if folder == "report"} == {"Y-m-d", "DATE_FORMAT"}
