"""One case passed on: what is in the bundle and on the sheet, that only the body opens it, that no narrative slips in."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import stix2
from nacl.public import PrivateKey
from pypdf import PdfReader
from stix2patterns.validator import validate

from cases_stock import put_body, put_report
from cop.kernel.errors import Conflict, NotAllowed, NotFound, Refused, Unavailable
from cop.kernel.languages import OFFICIAL
from cop.kernel.parcels import File, pack, unpack, write
from cop.kernel.sealing import Recipient, recipient_of, seal, unseal
from vaults import Vault

NARRATIVE = "An adult asked a child of thirteen to keep their talks secret. Повторно. 再次。 وتكرر ذلك."
ADDRESS = "https://forum.example/it's?id=1"


@dataclass
class Opener:
    """Opens what the office's key opens, as `open_office` would."""

    private: PrivateKey

    def open(self, envelope: bytes) -> str:
        return unseal(envelope, self.private)


@dataclass
class Office:
    """A vault with one case, a body with a key, and the office's own key."""

    vault: Vault
    case: int
    body: int
    private: PrivateKey
    opener: Any

    def hand(self, *parts: str, opener: Any = None, who: str = "analyst@alpha", **more: Any) -> list[File]:
        from cop.vault.cases.handing import hand_over

        given = {"case": self.case, "body": self.body, "parts": parts, "observatory": "small", "opener": opener, **more}
        handed = hand_over(actor=self.vault.actor(who), **given)
        assert handed.name == f"case-{self.case}.cop"
        return unpack(unseal(handed.sealed, self.private))


@pytest.fixture
def office(sqlite_vault: Vault) -> Office:
    from cop.vault.cases import operations as do

    own, bodys = PrivateKey.generate(), PrivateKey.generate()
    sealed = seal(json.dumps({"narrative": NARRATIVE, "url": ADDRESS}), [recipient_of(own, "alpha")])
    alpha, analyst = sqlite_vault.organisations["alpha"], sqlite_vault.actor("analyst@alpha")
    report = put_report(alpha, code="B01", urgency=1, sealed=sealed, variables={"sex": "GIRL", "genai": "_U"})
    body = put_body(sqlite_vault, recipient=recipient_of(bodys, "Harbour police").line())
    case = do.open_case(actor=analyst, report=report)
    do.move(actor=analyst, case=case, to="assessed", reason="unlawful", seen=1)
    given: dict[str, Any] = {"kind": "POLICE", "channel": "sealed_file", "reason": "crime", "reference": "P 1"}
    referral = do.refer(actor=analyst, case=case, body=body, seen=2, **given)
    do.observe(actor=analyst, referral=referral, seen="gone")
    return Office(sqlite_vault, case, body, bodys, Opener(own))


def test_the_bundle_is_stix_with_our_class_and_variables_and_ids_that_stay(office: Office) -> None:
    [file] = office.hand("stix", opener=office.opener)
    [again] = office.hand("stix", opener=office.opener)
    bundle = stix2.parse(file.data.decode(), allow_custom=False)
    by_type = {o["type"]: o for o in bundle.objects if o["type"] != "identity"}
    incident, report, indicator = by_type["incident"], by_type["report"], by_type["indicator"]
    [facts] = [dict(e) for e in incident.extensions.values()]
    names = {o["id"]: o["name"] for o in bundle.objects if o["type"] == "identity"}

    assert file == again
    assert file.media == "application/stix+json;version=2.1"
    assert sorted(o["type"] for o in bundle.objects) == [
        "extension-definition", "identity", "identity", "incident", "indicator", "marking-definition", "relationship",
        "report",
    ]  # fmt: skip
    assert (incident.name, incident.description) == ("B01 Sexual grooming", NARRATIVE)
    assert incident.labels == ['online-threats-to-children:B="B01"']
    assert (facts["code"], facts["scheme_version"], facts["urgency"], facts["status"]) == ("B01", "1.0", 1, "referred")
    assert facts["variables"] == {"genai": "_U", "sex": "GIRL"}
    assert [h["after"] for h in facts["history"]] == ["received", "assessed", "referred"]
    assert [(r["kind"], r["outcome"], r["hours_to_removal"]) for r in facts["referrals"]] == [("POLICE", "", 0.0)]
    assert sorted(names.values()) == ["Alpha", "Harbour police"]
    assert names[incident.created_by_ref] == "Alpha"
    assert validate(indicator.pattern) is True
    assert "it\\'s" in indicator.pattern
    assert {incident.id, indicator.id} < set(report.object_refs) <= {o["id"] for o in bundle.objects}
    assert "Analyst of Alpha" not in file.data.decode()


def test_without_the_key_neither_narrative_nor_address_is_passed_on(office: Office) -> None:
    files = office.hand("stix", "pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(files[1].data)).pages)
    bundle = json.loads(files[0].data)

    assert [f.name for f in files] == [f"case-{office.case}.json", f"case-{office.case}-en.pdf"]
    for part in ("secret", "forum.example"):
        assert part not in text
        assert part not in json.dumps(bundle)
    assert "indicator" not in {o["type"] for o in bundle["objects"]}
    assert "B01 Sexual grooming" in text


@pytest.mark.parametrize("language", OFFICIAL)
def test_the_sheet_is_pdf_ua_in_every_language(office: Office, language: str) -> None:
    [file] = office.hand("pdf", opener=office.opener, language=language)
    reader = PdfReader(io.BytesIO(file.data))
    root: Any = reader.trailer["/Root"]
    text = "".join(page.extract_text() for page in reader.pages)

    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid:part" in root["/Metadata"].get_data().decode()
    assert reader.metadata is not None
    assert reader.metadata.title
    assert "B01" in text
    assert "keep their talks secret" in text
    assert "forum.example" in text


def test_only_the_body_opens_it_and_the_ledger_says_what_was_passed_on(office: Office) -> None:
    from cop.vault.cases.handing import hand_over
    from cop.vault.registers.queries import events

    handed = hand_over(
        actor=office.vault.actor("analyst@alpha"), case=office.case, body=office.body, parts=["pdf", "stix"],
        observatory="small", opener=office.opener,
    )  # fmt: skip
    [event] = [e for e in events() if e.kind == "case.exported"]

    assert b"secret" not in handed.sealed
    with pytest.raises(NotAllowed):
        unseal(handed.sealed, PrivateKey.generate())
    assert event.details["parts"] == ["pdf", "stix"]
    assert event.details["narrative"] is True
    assert len(event.details["key"]) == 19


def test_nothing_leaves_without_a_key_nor_for_whom_it_is_not(office: Office) -> None:
    keyless = put_body(office.vault, name="No key")
    with pytest.raises(Unavailable, match="has no key"):
        office.hand("stix", body=keyless)
    with pytest.raises(Refused):
        office.hand("stix", "word")
    with pytest.raises(Refused):
        office.hand()
    for who in ("analyst@beta", "auditor@office"):
        with pytest.raises(NotFound):
            office.hand("stix", who=who)
    with pytest.raises(NotAllowed):
        office.hand("stix", who="key_custodian@alpha")


# --- parcels


@pytest.mark.parametrize("name", ["../x.pdf", "/etc/x.json", "x", "a/b.json", ".json", "x.py", "é.pdf", "x\n.pdf", ""])
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="cannot be the name of a file"):
        unpack(pack([File(name, "application/pdf", b"x")]))


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"cop-parcel": 2, "files": []}', '{"cop-parcel": 1, "files": [{"name": 1}]}',
             '{"cop-parcel": 1, "files": [{"name": "a.pdf", "media": "m", "base64": "é"}]}']
)  # fmt: skip
def test_what_is_no_parcel_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        unpack(text)


def test_a_parcel_is_written_for_its_owner_alone_and_over_nothing(tmp_path: Path) -> None:
    files = [File("a.json", "m", b"1"), File("b.pdf", "m", b"2")]
    paths = write(files, tmp_path / "new")

    assert [p.read_bytes() for p in paths] == [b"1", b"2"]
    assert {p.stat().st_mode & 0o777 for p in paths} == {0o600}
    with pytest.raises(Conflict, match=r"b\.pdf"):
        write([File("c.json", "m", b"3"), files[1]], tmp_path / "new")
    assert not (tmp_path / "new" / "c.json").exists()


def test_the_verb_opens_what_was_sealed_to_the_bodys_key(tmp_path: Path, cop: Any) -> None:
    key = tmp_path / "police.key"
    line = cop("keys", "new", "Harbour police", "-o", key, "--passphrase", "a long passphrase").out
    recipient = Recipient.parse(line)
    (tmp_path / "case-1.cop").write_bytes(seal(pack([File("case-1.json", "m", b"{}")]), [recipient]))
    given = ("cases", "open", tmp_path / "case-1.cop", "--key", tmp_path / "police.key", "--passphrase")
    wrong = cop(*given, "another")
    done = cop(*given, "a long passphrase", "--json")
    again = cop(*given, "a long passphrase")

    assert wrong.refusal == "the passphrase does not open this key"
    assert done.code == 0, done
    assert [(Path(f["file"]).name, f["bytes"]) for f in done.json] == [("case-1.json", 2)]
    assert (tmp_path / "case-1" / "case-1.json").read_bytes() == b"{}"
    assert again.refusal == "case-1.json is there already (expected another folder, with -o)"
