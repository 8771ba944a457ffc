"""The room of cases: a case is worked to its end by its forms alone, and what goes wrong is said where it happened."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from nacl.public import PrivateKey
from pypdf import PdfReader

from cases_stock import put_body, put_report
from cop.kernel.errors import NotAllowed
from cop.kernel.parcels import unpack
from cop.kernel.sealing import recipient_of, unseal
from records import FIRST, Office
from vaults import Vault


@pytest.fixture
def case(sqlite_vault: Vault) -> int:
    """A case of alpha, opened by the button."""
    from cop.vault.cases.queries import case_of

    report = put_report(sqlite_vault.organisations["alpha"], urgency=1)
    answer = sqlite_vault.client("analyst@alpha").post(f"/desk/cases/of/{report}/")
    case = case_of(sqlite_vault.actor("analyst@alpha"), report)
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/cases/{case}/")
    assert case is not None
    return case


def said(answer: Any) -> list[str]:
    """What stands in the boxes of errors."""
    found = re.findall(r'<p class="errorlist"[^>]*>(.*?)</p>', answer.content.decode(), re.DOTALL)
    return [" ".join(text.split()) for text in found]


def test_a_case_is_worked_from_the_list_to_its_end_by_forms(sqlite_vault: Vault, case: int) -> None:
    from cop.vault.cases.queries import case_facts

    analyst, body = sqlite_vault.client("analyst@alpha"), put_body(sqlite_vault)
    where = f"/desk/cases/{case}/"

    def send(path: str, **fields: str) -> None:
        answer = analyst.post(path, fields)
        assert (answer.status_code, answer.get("Location")) == (302, where), said(answer)

    send(f"{where}move/", way="assessed unlawful", seen="1")
    send(f"{where}refer/", body=f"{body} POLICE", channel="portal", reason="crime", reference="AB 1", seen="2")
    [referral] = case_facts(sqlite_vault.actor("analyst@alpha"), case).referrals
    for act, field in (
        ("acknowledge", {"reference": "P-7"}),
        ("observe", {"seen": "gone"}),
        ("settle", {"outcome": "INVESTIGATION"}),
    ):
        send(f"/desk/cases/referrals/{referral.id}/{act}/", **field)
    send(f"{where}move/", way="closed handled", outcome="CONTENT_GONE", seen="3")
    page = analyst.get(where).content.decode()
    listed = analyst.get("/desk/cases/?status=closed").content.decode()

    for words in (
        "unlawful here",
        "a crime is suspected",
        "handled to the end",
        "Harbour police",
        "P-7",
        "content no longer available",
        "investigation opened",
        "0.0 hours",
    ):
        assert words in page, words
    assert f'href="{where}"' in listed
    assert "B01 Sexual grooming" in listed
    assert f'href="{where}"' not in analyst.get("/desk/cases/?status=assessed").content.decode()


def test_what_goes_wrong_is_said_beside_the_form_and_changes_nothing(sqlite_vault: Vault, case: int) -> None:
    from cop.vault.cases.queries import case_facts

    analyst, where = sqlite_vault.client("analyst@alpha"), f"/desk/cases/{case}/"
    for fields, status, words in (
        ({"way": "referred crime", "seen": "1"}, 422, "does not follow received"),
        ({"way": "assessed unlawful", "seen": "7"}, 409, "changed since it was shown"),
        ({"way": "closed no_threat", "seen": "1"}, 422, "is no outcome"),
        ({"way": "", "seen": "x"}, 422, "is no number"),
        ({}, 409, "changed since it was shown"),
    ):
        answer = analyst.post(f"{where}move/", fields)
        assert answer.status_code == status
        assert all(words in text for text in said(answer))
        assert len(said(answer)) == 2  # at the head of the page and beside the form
    bad_time = analyst.post(f"{where}refer/", {"body": "1 POLICE", "sent": "yesterday"})
    assert bad_time.status_code == 422
    assert case_facts(sqlite_vault.actor("analyst@alpha"), case).version == 1


def test_the_sealed_file_is_downloaded_and_opens_with_the_bodys_key_alone(sqlite_vault: Vault, case: int) -> None:
    private = PrivateKey.generate()
    body = put_body(sqlite_vault, recipient=recipient_of(private, "Harbour police").line())
    analyst = sqlite_vault.client("analyst@alpha")
    answer = analyst.post(
        f"/desk/cases/{case}/export/", {"body": str(body), "parts": ["stix", "pdf"], "language": "ru"}
    )
    files = unpack(unseal(answer.content, private))
    none = analyst.post(f"/desk/cases/{case}/export/", {"body": str(body)})
    locked = analyst.post(f"/desk/cases/{case}/export/", {"body": str(body), "parts": ["stix"], "narrative": "1"})

    assert answer["Content-Disposition"] == f'attachment; filename="case-{case}.cop"'
    assert answer["Cache-Control"] == "no-store"
    assert [f.name for f in files] == [f"case-{case}.json", f"case-{case}-ru.pdf"]
    assert json.loads(files[0].data)["type"] == "bundle"
    assert "Дело" in PdfReader(io.BytesIO(files[1].data)).pages[0].extract_text()
    assert none.status_code == 422
    assert locked.status_code == 403
    assert b"no key yet" in locked.content


def test_a_hold_is_put_and_lifted_by_a_reviewer_and_not_by_an_analyst(sqlite_vault: Vault, case: int) -> None:
    from cop.vault.cases.queries import case_facts

    reviewer, analyst = sqlite_vault.client("reviewer@alpha"), sqlite_vault.client("analyst@alpha")
    fields = {"ground": "court_order", "reference": "C 1/26", "until": "2099-01-01"}
    where = f"/desk/cases/{case}/"

    assert analyst.post(f"{where}hold/", fields).status_code == 403
    assert reviewer.post(f"{where}hold/", {**fields, "until": "2020-01-01"}).status_code == 422
    assert reviewer.post(f"{where}hold/", {**fields, "until": "soon"}).status_code == 422
    assert reviewer.post(f"{where}hold/", fields).status_code == 302
    [hold] = case_facts(sqlite_vault.actor("analyst@alpha"), case).holds
    assert "order of a court" in analyst.get(where).content.decode()
    assert "not while it is on hold" in analyst.get(where).content.decode()
    assert analyst.post(f"{where}holds/{hold.id}/lift/", {"reason": "ended"}).status_code == 403
    assert reviewer.post(f"{where}holds/{hold.id}/lift/", {"reason": "ended"}).status_code == 302
    assert not case_facts(sqlite_vault.actor("analyst@alpha"), case).place.held


def test_bodies_are_kept_by_reviewers_and_their_faults_keep_what_was_typed(sqlite_vault: Vault) -> None:
    from cop.vault.cases.queries import bodies

    reviewer, analyst = sqlite_vault.client("reviewer@alpha"), sqlite_vault.client("analyst@alpha")
    line = recipient_of(PrivateKey.generate(), "Harbour police").line()
    fields: dict[str, Any] = {"name": "Harbour police", "kinds": ["POLICE", "CERT"], "area": "xal", "recipient": line}
    fault = reviewer.post("/desk/cases/bodies/", fields)
    done = reviewer.post("/desk/cases/bodies/", {**fields, "evidence": "2026-01-05"})
    [found] = bodies(sqlite_vault.actor("analyst@alpha"), sqlite_vault.organisations["alpha"])
    changed = reviewer.post(f"/desk/cases/bodies/{found.id}/", {"name": "Harbour police", "kinds": ["POLICE"]})
    [after] = bodies(sqlite_vault.actor("analyst@alpha"), sqlite_vault.organisations["alpha"])

    assert fault.status_code == 422
    assert "is no day of evidence" in said(fault)[0]
    assert line in fault.content.decode().replace("&#x2B;", "+").replace("&#x2F;", "/")
    assert 'value="CERT" checked' in fault.content.decode()
    assert done.status_code == changed.status_code == 302
    assert (found.kinds, found.area, found.active, len(found.fingerprint)) == (("CERT", "POLICE"), "XAL", True, 19)
    assert (after.kinds, after.recipient, after.active) == (("POLICE",), "", False)
    assert analyst.post("/desk/cases/bodies/", fields).status_code == 403
    assert b"Add a body" not in analyst.get("/desk/cases/bodies/").content


def test_the_lists_go_on_by_key_and_another_tenants_organisation_is_not_found(sqlite_vault: Vault) -> None:
    from cop.vault.cases.operations import open_case

    alpha, client = sqlite_vault.organisations["alpha"], sqlite_vault.client("analyst@alpha")
    cases = [open_case(actor=sqlite_vault.actor("analyst@alpha"), report=put_report(alpha)) for _ in range(53)]

    def numbers(path: str) -> list[int]:
        return [
            int(n)
            for n in re.findall(r'<th scope="row"><a href="/desk/cases/(\d+)/"', client.get(path).content.decode())
        ]

    first = numbers("/desk/cases/")
    assert first == sorted(cases, reverse=True)[:50]
    assert numbers(f"/desk/cases/?before={first[-1]}") == sorted(cases)[2::-1]
    assert client.get(f"/desk/cases/?organisation={sqlite_vault.organisations['beta']}").status_code == 404
    assert client.get("/desk/cases/overdue/").status_code == 200
    assert client.get("/desk/cases/overdue/?after=x_y").status_code == 422
    assert client.get("/desk/cases/?before=x").status_code == 422


def test_the_words_of_codes_are_those_of_the_page(sqlite_vault: Vault, case: int) -> None:
    from cop.vault.members.operations import set_language

    client = sqlite_vault.client("analyst@alpha")
    for language, words in (("fr", "illicite ici"), ("ar", "غير قانوني هنا"), ("zh", "在本地违法")):
        set_language(actor=sqlite_vault.actor("analyst@alpha"), language=language)
        assert words in client.get(f"/desk/cases/{case}/").content.decode()


def test_with_an_open_key_the_text_is_in_the_file_and_the_reporter_reads_a_copy(sqlite_vault: Vault) -> None:
    from cop.vault.cases.access import open_access_copy
    from cop.vault.cases.operations import open_case
    from cop.vault.reports import door
    from cop.vault.reports.operations import accept
    from cop.vault.reports.receipts import open_receipt
    from cop.vault.reports.submission import Submission

    office, alpha = Office.of(sqlite_vault), sqlite_vault.organisations["alpha"]
    door._recipients_of.clear()
    text = "A stranger asked a child of thirteen to keep their talks secret."
    given = Submission(alpha, "form", text, FIRST.date(), address="https://forum.example/t/1")
    accepted = accept(actor=sqlite_vault.actor("analyst@alpha"), submission=given)
    case = open_case(actor=sqlite_vault.actor("analyst@alpha"), report=accepted.id)
    private = PrivateKey.generate()
    body = put_body(sqlite_vault, recipient=recipient_of(private, "Harbour police").line())
    analyst = office.unlocked("analyst@alpha")
    answer = analyst.post(
        f"/desk/cases/{case}/export/", {"body": str(body), "parts": ["stix", "pdf"], "narrative": "1"}
    )
    bundle, sheet = unpack(unseal(answer.content, private))
    copied = analyst.post(f"/desk/cases/{case}/copy/")
    copy = open_access_copy(report=accepted.id, opened=open_receipt(accepted.receipt))
    assert copy is not None
    held = json.loads(copy)

    assert text.encode() not in answer.content
    assert text in bundle.data.decode()
    assert "[url:value = 'https://forum.example/t/1']" in bundle.data.decode()
    assert "keep their talks secret" in PdfReader(io.BytesIO(sheet.data)).pages[0].extract_text()
    assert copied.status_code == 302
    assert (held["narrative"], held["url"], held["status"]) == (text, "https://forum.example/t/1", "received")
    assert [step["status"] for step in held["case"]] == ["received"]
    assert held["code"]["classification"] == "1.0"
    assert "Analyst of Alpha" not in copy
    with pytest.raises(NotAllowed):
        open_access_copy(report=accepted.id, opened=open_receipt("0" * 16))
