"""`cop providers`: a decision from the queue to the list, and what it says where it may not be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

PAD = "# Terms of Service\n\n" + "You agree to these terms of service when you use the service. " * 30
TERMS = PAD + "\n\nThis licence is perpetual and irrevocable.\n"
TOML = '[[providers]]\nid = "p"\nname = "Pebble"\nfolder = "terms"\n'


@pytest.fixture
def folder(observatory: Callable[..., Path], inside: Callable[..., Any]) -> Path:
    def work(observatory: Any) -> None:
        from cop.kernel.progress import SILENT
        from cop.road.build import Road

        [stage] = [s for s in Road(observatory).stages if s.id == "provider:p"]
        stage.work(stage.key, SILENT)

    made = observatory({"terms/p__tos__2025-01-01.md": TERMS}, toml=TOML)
    inside(made, work)
    return made


def test_a_finding_goes_from_the_queue_to_the_list(folder: Path, cop: Callable[..., Any]) -> None:
    def providers(verb: str, *rest: str) -> Any:
        return cop("providers", verb, folder, *rest)

    review = ("p", "LIC-2", "--finding", "not_met", "--evidence", "1", "--reason", "Perpetual.", "--date", "2025-02-01")
    waiting = {r["criterion"]: r for r in providers("queue", "--json").json}
    first = providers("decide", *review, "--by", "A", "--seen", "0", "--json").json
    again = providers("decide", *review, "--by", "A", "--seen", "1")
    late = providers("decide", *review, "--by", "B", "--seen", "0")
    second = providers("decide", *review, "--by", "B", "--seen", "1", "--json").json
    contest = ("p", "LIC-2", "--contest", "--text", "No.", "--by", "P", "--seen", "2", "--date", "2025-02-02", "--json")
    contested = providers("reply", *contest).json
    shown = providers("show", "p", "LIC-2", "--json").json
    [whole] = providers("list", "--json").json["watched"]
    feed = ET.fromstring(providers("feed").out.encode())

    assert (waiting["LIC-2"]["state"], waiting["LIC-2"]["proposed"]) == ("undecided", "not_met")
    assert (first["state"], first["finding"]) == ("second_needed", None)
    assert again.refusal == "A may not decide on p/LIC-2 (expected a second reviewer)"
    assert late.refusal.startswith("0 acts on p/LIC-2 were seen, and there are 1")
    assert (second["state"], second["finding"]) == ("decided", "not_met")
    assert (contested["contested"], contested["seen"]) == (True, 3)
    assert (shown["status"], shown["failing"], [a["act"] for a in shown["cells"][0]["acts"]]) == (
        "not_listed", ["LIC-2"], ["decide", "decide", "contest"],
    )  # fmt: skip
    assert shown["evidence"][0]["quote"] == "This licence is perpetual and irrevocable."
    assert shown["example"].startswith("This licence ends when")
    assert (whole["status"], whole["missing"]["failing"]) == ("not_listed", ["LIC-2"])
    assert [t.text for t in feed.iter("{http://www.w3.org/2005/Atom}title")] == [
        "Small: what providers promise",
        "Pebble, LIC-2: the provider contests the finding",
        "Pebble is not on the list",
        "Pebble, LIC-2: not met, decided by people",
    ]


def test_what_is_not_there_is_refused_and_a_filed_text_is_kept_under_its_hash(
    folder: Path, cop: Callable[..., Any], tmp_path: Path
) -> None:
    def refused(*given: str) -> str:
        told = ("--finding", "met", "--reason", "r", "--by", "A", "--seen", "0")
        done = cop("providers", "decide", folder, *given, *told)
        assert done.code == 2
        return done.refusal

    assert refused("p", "LIC-2", "--quote", "p/tos=It ends soon.").startswith('field quote: "It ends soon." does not')
    assert refused("p", "LIC-2", "--evidence", "9") == 'field --evidence: "9" is no evidence (expected 1 to 1)'
    assert refused("q", "LIC-2").startswith('field provider: no provider "q" is watched')

    filed = tmp_path / "new.md"
    filed.write_text(PAD + "\n\nThis licence ends when you delete the content.\n", encoding="utf-8")
    told = ("--file", str(filed), "--text", "New.", "--by", "P", "--seen", "0", "--json")

    assert cop("providers", "reply", folder, "p", "LIC-2", *told).json["state"] == "undecided"
    [kept] = (folder / "filed").iterdir()
    assert kept.read_bytes() == filed.read_bytes()
    assert cop("providers", "list", folder, "--csv").out.count(kept.stem) == 1


def test_a_review_is_withdrawn_and_an_address_acts_with_the_posts_of_the_desk(
    folder: Path, cop: Callable[..., Any], inside: Callable[..., Any]
) -> None:
    def people(_: Any) -> None:
        from cop.vault.members.operations import accept_invitation, add_organisation, invite
        from cop.vault.members.rules import PROGRAM, program

        actor = program(PROGRAM)
        office = add_organisation(actor=actor, slug="office", name="Office", kind="observatory")
        carrier = add_organisation(actor=actor, slug="carrier", name="Carrier", kind="sector_member")
        for name, role, where in (("Ann", "reviewer", office), ("Dan", "delegate", carrier)):
            given = {"email": f"{name.lower()}@example.org", "name": name, "role": role}
            accept_invitation(token=invite(actor=actor, organisation=where, **given), password="harbour lantern quay 7")

    inside(folder, people)

    def providers(verb: str, *rest: str) -> Any:
        return cop("providers", verb, folder, "p", *rest)

    review = ("LIC-2", "--finding", "not_met", "--evidence", "1", "--reason", "Perpetual.", "--date", "2025-02-01")
    first = providers("decide", *review, "--by", "ann@example.org", "--seen", "0", "--json").json
    again = providers("decide", *review, "--by", "Ann", "--seen", "1")
    other = providers("decide", *review, "--by", "dan@example.org", "--seen", "1")
    gone = ("--reason", "Mistaken.", "--seen", "1", "--date", "2025-02-02")
    wrong = providers("withdraw", "LIC-2", *gone, "--by", "B")
    withdrawn = providers("withdraw", "LIC-2", *gone, "--by", "ann@example.org", "--json").json
    mute = ("LIC-2", "--text", "No.", "--by", "dan@example.org", "--seen", "2", "--date", "2025-02-03")
    silent = providers("reply", *mute)
    named = providers("speaker", "carrier", "--by", "ann@example.org")
    speakers = providers("speaker", "carrier", "--json").json
    spoken = providers("reply", *mute, "--json").json
    acts = providers("show", "LIC-2", "--json").json["cells"][0]["acts"]

    assert (first["state"], withdrawn["state"], withdrawn["seen"]) == ("second_needed", "undecided", 2)
    assert again.refusal == "Ann may not decide on p/LIC-2 (expected a second reviewer)"
    assert other.refusal == "Dan may not decide on p/LIC-2 (expected a reviewer)"
    assert wrong.refusal == "B may not withdraw on p/LIC-2 (expected who gave the review)"
    assert silent.refusal == "Dan may not answer on p/LIC-2 (expected who speaks for p)"
    assert named.refusal == "Ann may not say who speaks for a provider (expected the secretariat)"
    assert (speakers, spoken["seen"]) == ([{"organisation": "carrier", "name": "Carrier"}], 3)
    assert [(a["act"], a["by"]) for a in acts] == [("decide", "Ann"), ("withdraw", "Ann"), ("answer", "Carrier")]
    unknown = providers("decide", *review, "--by", "eve@example.org", "--seen", "3")
    assert unknown.code == 2 and unknown.refusal.startswith("there is no person with this address")
