"""`cop members`: the first administrator comes by the command line; secrets are shown once; faults are one line."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Make = Callable[..., Path]
Cop = Callable[..., Any]


def test_an_office_its_administrator_and_a_partners_token(observatory: Make, cop: Cop) -> None:
    folder = observatory()

    def members(*words: str) -> Any:
        return cop("members", *words, "--dir", folder)

    added = members("organisations", "add", "office", "Office", "--kind", "observatory", "--json")
    assert added.json == {"id": 1, "slug": "office", "name": "Office", "kind": "observatory", "area": ""}
    assert members("organisations", "add", "line", "Line", "--kind", "hotline", "--area", "XAL").out == "added line\n"
    link = members("invite", "office", "administrator", "ada@example.org", "Ada Admin").out.strip()
    assert link.startswith("http://localhost:8765/desk/invitation/")
    at = members("invite", "line", "analyst", "ana@example.org", "Ana", "--at", "https://desk.example/", "--json").json
    assert at["link"].startswith("https://desk.example/desk/invitation/") and at["days"] == 7
    token = members("token", "new", "line", "case system").out.strip()
    assert token.startswith("cop_")

    assert members("organisations", "list").out.splitlines() == [
        "line                 hotline        XAL  Line",
        "office               observatory    -    Office",
    ]
    [line, office] = members("list", "--json").json
    assert [t["name"] for t in line["tokens"]] == ["case system"]
    assert [(i["email"], i["role"], i["open"]) for i in office["invitations"]] == [
        ("ada@example.org", "administrator", True)
    ]
    assert members("token", "revoke", str(line["tokens"][0]["id"])).out.endswith("is void\n")
    assert "case system (revoked)" in members("list").out
    with sqlite3.connect(folder / "vault" / "vault.sqlite3") as connection:
        whole = "\n".join(connection.iterdump())
    connection.close()
    assert token not in whole and link.rstrip("/").rpartition("/")[2] not in whole


def test_a_person_loses_a_post_and_then_the_way_in(observatory: Make, cop: Cop, inside: Callable[..., Any]) -> None:
    folder = observatory()

    def fill(_: Any) -> None:
        from cop.vault.members import operations
        from cop.vault.members.rules import program

        actor = program("cop members")
        line = operations.add_organisation(actor=actor, slug="line", name="Line", kind="hotline")
        token = operations.invite(actor=actor, organisation=line, email="a@b.example", name="A", role="analyst")
        person = operations.accept_invitation(token=token, password="harbour lantern quay 7")
        operations.add_post(actor=actor, person=person, organisation=line, role="reviewer")

    inside(folder, fill)
    removed = cop("members", "remove", "A@B.example", "--post", "line", "reviewer", "--dir", folder)
    assert removed.out == "A@B.example is not reviewer of line any more\n"
    assert cop("members", "list", "--json", "--dir", folder).json[0]["people"][0]["roles"] == ["analyst"]
    assert cop("members", "remove", "a@b.example", "--dir", folder).out == "a@b.example is let in no more\n"
    assert cop("members", "list", "--json", "--dir", folder).json[0]["people"] == []
    gone = cop("members", "remove", "a@b.example", "--dir", folder)
    assert (gone.code, "there is no person with this address" in gone.refusal) == (2, True)


def test_faults_are_one_line(observatory: Make, cop: Cop) -> None:
    folder = observatory()
    cases = [
        (("invite", "nowhere", "analyst", "a@b.example", "A"), "there is no organisation nowhere"),
        (("organisations", "add", "X Y", "X", "--kind", "hotline"), "is no short name"),
        (("organisations", "add", "x", "X", "--kind", "police"), "--kind"),
        (("token", "revoke", "7"), "there is no such token in use"),
        (("token", "new", "nowhere", "x"), "there is no organisation nowhere"),
    ]
    for words, said in cases:
        done = cop("members", *words, "--dir", folder)
        assert done.code == 2
        assert said in done.refusal
