"""The room of reports on the desk: entry of what came by other ways, the list, and the exchange with a reporter."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from cop.vault.members.rules import ANONYMOUS
from doors import TOLD, events, seal_to, submission
from vaults import Vault


@pytest.fixture
def office(sqlite_vault: Vault) -> Vault:
    seal_to(sqlite_vault, "alpha", "beta")
    return sqlite_vault


def entry(office: Vault, **given: Any) -> dict[str, Any]:
    return {
        "narrative": TOLD, "date": "2026-01-15", "count_unit": "CHILD", "organisation": office.organisations["alpha"],
        "channel_of_report": "HELPLINE", "age_band": "Y7T9", "sex": "_U", "ref": "T-7", **given,
    }  # fmt: skip


def test_what_an_analyst_enters_is_stored_and_its_receipt_shown_once(office: Vault) -> None:
    from cop.vault.reports.models import Report

    client = office.client("analyst@alpha")
    page = client.post("/desk/reports/new/", entry(office))
    receipt = re.findall(r"(\d{4} \d{4} \d{4} \d{4})", page.content.decode())
    report = Report.objects.get()

    assert (page.status_code, len(receipt), page.headers["Cache-Control"]) == (200, 1, "no-store")
    assert (report.origin, report.count_unit, report.channel, report.age_band, report.sex, report.ref) == (
        "desk", "CHILD", "helpline", "7-9", "unknown", "T-7",
    )  # fmt: skip
    assert report.variables == {"channel_of_report": "HELPLINE", "age_band": ["Y7T9"], "sex": ["_U"]}
    [event] = events("report.accepted")
    assert event.details["by"] == office.people["analyst@alpha"]
    listed = client.get("/desk/reports/").content.decode()
    assert f">{report.pk}</a>" in listed and "T-7" in listed
    shown = unescape(client.get(f"/desk/reports/{report.pk}/").content.decode())
    assert TOLD not in shown
    assert "child helpline" in shown


@pytest.mark.parametrize(
    "wrong", [{"narrative": "=cmd|' /C calc'!A0"}, {"event_date": "soon"}, {"address": "x"}, {"date": "2999-01-01"}]
)
def test_what_will_not_do_is_named_and_stays_on_the_page(office: Vault, wrong: dict[str, str]) -> None:
    page = office.client("analyst@alpha").post("/desk/reports/new/", entry(office, **wrong))
    text = unescape(page.content.decode())

    assert page.status_code == 422
    assert next(iter(wrong.values())) in text
    assert 'class="errorlist' in text
    assert events("report.accepted") == []


def test_nobody_enters_for_another_office(office: Vault) -> None:
    assert office.client("analyst@beta").post("/desk/reports/new/", entry(office)).status_code == 422
    assert office.client("key_custodian@alpha").get("/desk/reports/new/").status_code == 403
    assert events("report.accepted") == []


def test_another_offices_report_is_not_there(office: Vault) -> None:
    from cop.vault.reports.operations import accept

    number = accept(actor=ANONYMOUS, submission=submission(office.organisations["alpha"])).id
    stranger = office.client("reviewer@beta")

    for path in ("", "ask/", "read/"):
        method = stranger.post if path else stranger.get
        assert method(f"/desk/reports/{number}/{path}", {"text": "Where?"}).status_code == 404
    assert stranger.get(f"/desk/reports/?organisation={office.organisations['alpha']}").status_code == 404


def test_a_question_is_asked_and_an_answer_shown_sealed_until_the_key_is_open(office: Vault) -> None:
    from cop.vault.reports.operations import accept, answer

    done = accept(actor=ANONYMOUS, submission=submission(office.organisations["alpha"]))
    client = office.client("analyst@alpha")
    assert client.post(f"/desk/reports/{done.id}/ask/", {"text": "Which game?"}).status_code == 302
    assert client.post(f"/desk/reports/{done.id}/ask/", {"text": " "}).status_code == 422
    answer(receipt=done.receipt, text="Brick World.")
    page = client.get(f"/desk/reports/{done.id}/").content.decode()

    assert "Which game?" not in page and "Brick World" not in page
    assert "Unlock your key" in page
    assert "new" in client.get("/desk/reports/?news=1").content.decode()
    client.post(f"/desk/reports/{done.id}/read/")
    assert "There is none." in client.get("/desk/reports/?news=1").content.decode()
    assert len(events("report.asked")) == len(events("report.news_read")) == 1


def test_the_list_goes_on_where_the_page_before_ended(office: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    from cop.vault.reports import queries
    from cop.vault.reports.operations import accept_many

    monkeypatch.setattr(queries, "PAGE", 2)
    rows = [submission(office.organisations["alpha"], narrative=f"{TOLD} {n}") for n in range(5)]
    ids = [d.id for d in accept_many(actor=ANONYMOUS, submissions=rows) if not isinstance(d, Exception)]
    client, seen, address = office.client("analyst@alpha"), [], "/desk/reports/"
    while address:
        page = client.get(address).content.decode()
        seen += [int(n) for n in re.findall(r'/desk/reports/(\d+)/"', page)]
        more = re.findall(r'href="(\?before=[^"]+)"', page)
        address = "/desk/reports/" + unescape(more[0]) if more else ""

    assert seen == sorted(ids, reverse=True)
