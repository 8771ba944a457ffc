"""Pages of the coding rooms: what they show, what they do without script, what they never show."""

from __future__ import annotations

import re

import pytest

from records import Given, Office, add_records, report_texts
from vaults import Vault

TEXT = (
    "A girl of 13 says that a boy she met in a game asked her for photographs and now threatens to send them to her "
    "class unless she pays him in vouchers."
)
PAGES = ["queue/", "progress/", "team/", "audit/", "disagreements/", "rulings/", "classes/", "classes/B032/"]


@pytest.fixture
def office(sqlite_vault: Vault) -> Office:
    """Alpha with a key that analyst, second analyst and reviewer hold."""
    return Office.of(sqlite_vault)


def test_an_analyst_takes_the_next_record_reads_it_decides_and_is_given_the_next(office: Office) -> None:
    first, second = report_texts(office, [TEXT, TEXT.replace("13", "14")])
    client = office.unlocked("analyst@alpha")

    taken = client.post("/desk/queue/next/")
    assert taken.url == f"/desk/records/{first}/"
    page = client.get(taken.url).content.decode()
    assert TEXT in page and "veiled" in page
    done = client.post(f"/desk/records/{first}/decide/", {"act": "code", "code": "B032", "version": "1"})
    assert done.url == f"/desk/records/{second}/"

    from cop.vault.coding.queries import record_of

    found = record_of(actor=office.vault.actor("analyst@alpha"), report=first)
    assert (found.code, found.state, found.mine) == ("B032", "reviewed", False)


def test_the_text_is_on_the_page_of_who_has_it_open_and_of_nobody_else(office: Office) -> None:
    [number] = report_texts(office, [TEXT])
    one, other = office.unlocked("analyst@alpha"), office.unlocked("reviewer@alpha")

    assert "vouchers" not in one.get(f"/desk/records/{number}/").content.decode()
    one.post(f"/desk/records/{number}/take/")
    assert "vouchers" in one.get(f"/desk/records/{number}/").content.decode()
    page = other.get(f"/desk/records/{number}/").content.decode()
    assert "vouchers" not in page and "Somebody else has this record open" in page
    other.post(f"/desk/records/{number}/take/")
    assert "vouchers" not in other.get(f"/desk/records/{number}/").content.decode()


def test_a_locked_key_shows_no_record(office: Office) -> None:
    [number] = report_texts(office, [TEXT])
    page = office.vault.client("analyst@alpha").get(f"/desk/records/{number}/")
    assert (page.status_code, page.url) == (302, f"/desk/unlock/?next=%2Fdesk%2Frecords%2F{number}%2F")


def test_the_page_says_why_and_what_belongs_to_the_class(office: Office) -> None:
    [number] = report_texts(office, [TEXT])
    client = office.unlocked("analyst@alpha")
    client.post(f"/desk/records/{number}/take/")
    page = client.get(f"/desk/records/{number}/?open=1").content.decode()

    assert "Words that spoke for it" in page and "veiled" not in page
    assert re.search(r'value="B03\d" checked', page)
    assert "Any demand" not in page
    for word in ("Includes", "Excludes", "not recorded", "unknown", "Earlier rulings between these classes"):
        assert word in page
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", page), "nothing that the content policy forbids"


def test_search_works_without_script(office: Office) -> None:
    [number] = report_texts(office, [TEXT])
    client = office.unlocked("analyst@alpha")
    client.post(f"/desk/records/{number}/take/")
    page = client.get(f"/desk/records/{number}/?words=gambling").content.decode()
    found = page[page.index('id="found"') : page.index('id="all"')]
    assert re.search(r'name="code" value="G0\d\d?"', found)
    assert "No class is found" in client.get(f"/desk/records/{number}/?words=xyzzyx").content.decode()


def test_a_stale_page_is_told_what_changed_and_stores_nothing(office: Office) -> None:
    from cop.vault.coding.queries import record_of

    [number] = report_texts(office, [TEXT])
    one, other = office.unlocked("analyst@alpha"), office.unlocked("analyst2@alpha")
    one.post(f"/desk/records/{number}/take/")
    one.post(f"/desk/records/{number}/decide/", {"act": "code", "code": "C01", "version": "1"})

    page = other.post(f"/desk/records/{number}/decide/", {"act": "code", "code": "C02", "version": "1"})
    said = page.content.decode()
    assert page.status_code == 409
    assert "The record changed since you opened it" in said and "Analyst of Alpha" in said and "C02" in said
    assert record_of(actor=office.vault.actor("analyst2@alpha"), report=number).code == "C01"


def test_the_desk_keeps_the_limits_of_the_observatory(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from cop.config.observatory import Coding

    monkeypatch.setattr(settings, "CODING", Coding(daily_cap=2, break_after_records=1))
    numbers = report_texts(office, [TEXT, TEXT + " It goes on.", TEXT + " And on."])
    client = office.unlocked("analyst@alpha")
    assert client.post("/desk/queue/next/").url == f"/desk/records/{numbers[0]}/"
    client.post(f"/desk/records/{numbers[1]}/take/")
    client.post(f"/desk/records/{numbers[2]}/take/")
    page = client.get("/desk/queue/").content.decode()

    assert "You opened 2 of at most 2 records today." in page
    assert "A short break now does you good" in page
    assert "2 of at most 2 today" in client.get(f"/desk/records/{numbers[1]}/").content.decode()
    assert "You opened 2 of at most 2 records today." in client.get("/desk/progress/").content.decode()


def test_a_blind_page_tells_nothing_of_what_others_said(office: Office) -> None:
    from cop.vault.coding.operations import draw_audit
    from cop.vault.members.rules import program

    [number] = report_texts(office, [TEXT])
    draw_audit(actor=program("work"), seed=b"s", reports=[number], rate=1.0)
    client = office.unlocked("analyst@alpha")
    assert client.post("/desk/queue/next/", {"audit": "1"}).url == f"/desk/records/{number}/?audit=1"
    page = client.get(f"/desk/records/{number}/?audit=1").content.decode()
    assert "coded blind" in page and "Words that spoke for it" not in page and "checked" not in page
    done = client.post(f"/desk/records/{number}/decide/", {"act": "code", "code": "C01", "version": "1", "audit": "1"})
    assert done.url.startswith("/desk/queue/")
    assert "is coded" in client.get("/desk/queue/").content.decode()

    second = office.unlocked("analyst2@alpha")
    second.post("/desk/queue/next/", {"audit": "1"})
    assert "C01" not in _without_list(second.get(f"/desk/records/{number}/?audit=1").content.decode())
    second.post(f"/desk/records/{number}/decide/", {"act": "code", "code": "C02", "version": "2", "audit": "1"})

    reviewer = office.unlocked("reviewer@alpha")
    assert "C02" in reviewer.get("/desk/disagreements/").content.decode()
    reviewer.post(f"/desk/records/{number}/take/")
    assert "Which class settles it" in reviewer.get(f"/desk/records/{number}/").content.decode()
    settled = reviewer.post(f"/desk/records/{number}/decide/", {"act": "code", "code": "C01", "version": "3"})
    assert settled.url == "/desk/disagreements/"


def _without_list(page: str) -> str:
    """The page without the list of every class."""
    return page[: page.index('id="all"')] + page[page.index('id="notes-title"') :]


def test_a_ruling_from_a_record_may_not_quote_it(office: Office) -> None:
    [number] = report_texts(office, [TEXT])
    reviewer = office.unlocked("reviewer@alpha")
    reviewer.post(f"/desk/records/{number}/take/")
    posted = {
        "desk": str(office.vault.organisations["alpha"]), "report": str(number), "codes": "B031 B032",
        "principal": "b032", "answer": "B032.", "question": "A boy she met in a game asked her for photographs?",
    }  # fmt: skip
    refused = reviewer.post("/desk/rulings/new/", posted)
    assert refused.status_code == 422 and "quotes the report" in refused.content.decode()
    made = reviewer.post("/desk/rulings/new/", {**posted, "question": "Vouchers are demanded: which subclass?"})
    assert made.url == f"/desk/records/{number}/"
    assert "Vouchers are demanded" in reviewer.get("/desk/rulings/?words=vouchers").content.decode()


def test_variables_tell_unknown_from_not_recorded(office: Office) -> None:
    from cop.vault.coding.queries import record_of

    [number] = report_texts(office, [TEXT])
    client = office.unlocked("analyst@alpha")
    client.post(f"/desk/records/{number}/take/")
    form = {
        "act": "code",
        "code": "B032",
        "version": "1",
        "v-live": "_U",
        "v-genai": "_N",
        "v-n_children": " 2 ",
        "secondary": "c02, f.01",
        "ruling": "r105",
    }
    client.post(f"/desk/records/{number}/decide/", form)
    found = record_of(actor=office.vault.actor("analyst@alpha"), report=number)
    assert (found.variables, found.secondary) == ({"live": "_U", "n_children": "2"}, ("C02", "F01"))
    assert found.decisions[0].ruling == 105


@pytest.mark.parametrize("who", ["analyst@alpha", "reviewer@alpha"])
@pytest.mark.parametrize("page", PAGES)
def test_pages_open_for_who_codes(sqlite_vault: Vault, who: str, page: str) -> None:
    add_records(sqlite_vault, [Given(urgency=1), Given(route="auto", class_set=("C01",))])
    assert sqlite_vault.client(who).get(f"/desk/{page}").status_code == 200


@pytest.mark.parametrize("page", [*PAGES, "records/1/"])
def test_pages_are_not_there_for_who_does_not(sqlite_vault: Vault, page: str) -> None:
    [number] = add_records(sqlite_vault, [Given()])
    assert number == 1
    for who in ("delegate@alpha", "administrator@office", "secretariat@office"):
        assert sqlite_vault.client(who).get(f"/desk/{page}").status_code in (302, 404), who


def test_an_auditor_sees_figures_and_rulings_and_no_record(sqlite_vault: Vault) -> None:
    add_records(sqlite_vault, [Given()])
    client = sqlite_vault.client("auditor@office")
    for page in ("team/", "audit/", "rulings/"):
        assert client.get(f"/desk/{page}").status_code == 200
    for page in ("queue/", "progress/", "disagreements/"):
        assert client.get(f"/desk/{page}").status_code == 404
    assert client.post("/desk/queue/next/").status_code == 404
    assert client.post("/desk/records/1/take/").status_code == 404


def test_another_desk_is_not_there(sqlite_vault: Vault) -> None:
    [foreign] = add_records(sqlite_vault, [Given()], organisation="beta")
    client = sqlite_vault.client("reviewer@alpha")
    beta = sqlite_vault.organisations["beta"]
    for page in (f"queue/?desk={beta}", f"team/?desk={beta}", f"audit/?desk={beta}", f"disagreements/?desk={beta}"):
        assert client.get(f"/desk/{page}").status_code == 404
    for page in ("take/", "back/"):
        assert client.post(f"/desk/records/{foreign}/{page}").status_code == 404


@pytest.mark.parametrize(
    "after", ["x", "1.2", "1.2.3.4", "9" * 30 + ".1.1", "1.-1.1", "1.999999999999999999.1", "١.١.١"]
)
def test_a_place_that_is_none_is_refused(sqlite_vault: Vault, after: str) -> None:
    assert sqlite_vault.client("analyst@alpha").get("/desk/queue/", {"after": after}).status_code == 422
