"""`cop keys`: the ceremony prints what opens everything and keeps nothing of it; recovery; what is to be done."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from cop.cli.keys.sheets import Sheet, sheet_pdf, words_on
from cop.kernel.errors import Refused
from cop.kernel.escrow import combine, read_share, split

Make = Callable[..., Path]
Cop = Callable[..., Any]
Inside = Callable[..., Any]


def people(_: Any) -> Any:
    """A hotline with a custodian who holds its key, and a reviewer who has a key and waits."""
    from cop.kernel.sealing import seal
    from cop.vault.members import keys
    from cop.vault.members.operations import accept_invitation, add_organisation, invite
    from cop.vault.members.queries import actor_numbered
    from cop.vault.members.rules import PROGRAM, program

    actor = program(PROGRAM)
    office = add_organisation(actor=actor, slug="hotline", name="Hotline", kind="hotline", area="XAL")
    for role in ("key_custodian", "reviewer"):
        token = invite(actor=actor, organisation=office, email=f"{role}@hotline.example", name=role, role=role)
        person = actor_numbered(accept_invitation(token=token, password="a quay of lanterns 7"))
        keys.create_key(actor=person, passphrase="harbour lantern stone ferry")
        if role == "key_custodian":
            keys.create_office(actor=person, organisation=office)
    return seal("a sober summary", keys.recipients_of(office)).hex()


def opened(_: Any, email: str, envelope: str) -> Any:
    from cop.vault.members import keys, queries

    actor = queries.actor_numbered(queries.person_numbered(email))
    private = keys.open_key_of(actor=actor, passphrase="harbour lantern stone ferry")
    office = queries.organisation("hotline").pk
    return keys.open_office(actor=actor, organisation=office, private=private).open(bytes.fromhex(envelope))


def words(folder: Path) -> list[str]:
    return [words_on(path.read_bytes()) for path in sorted(folder.iterdir())]


def everything(folder: Path) -> Iterator[bytes]:
    return (path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_ceremony_prints_shares_that_open_and_keeps_nothing_of_them(
    observatory: Make, cop: Cop, inside: Inside, database: str, tmp_path: Path
) -> None:
    folder, shares = observatory(database=database), tmp_path / "shares"
    assert "hold a ceremony" in cop("keys", "status", folder).out

    done = cop("keys", "ceremony", folder, "--threshold", "2", "--shares", "3", "-o", shares)

    assert done.code == 0, done.err
    assert [p.name for p in sorted(shares.iterdir())] == [f"share-{n}-of-3.pdf" for n in (1, 2, 3)]
    assert {stat.S_IMODE(p.stat().st_mode) for p in shares.iterdir()} == {0o600}
    assert stat.S_IMODE(shares.stat().st_mode) == 0o700
    lines = words(shares)
    keys = {bytes(combine(some)) for some in combinations(lines, 2)}
    assert len(keys) == 1
    [private] = keys
    for said in (done.out.encode(), done.err.encode(), *everything(folder)):
        assert private not in said
        assert private.hex().encode() not in said
        assert not any(" ".join(line.split()[4:8]).encode() in said for line in lines)
    state = cop("keys", "status", folder, "--json").json
    assert (state["escrow"]["threshold"], state["escrow"]["shares"], state["organisations"]) == (2, 3, [])

    assert "Hotline" not in done.out
    again = cop("keys", "ceremony", folder, "-o", tmp_path / "again")
    assert (again.code, again.refusal.partition(" since")[0]) == (2, "there is an escrow of 2 of 3 shares")
    assert not (tmp_path / "again").exists()
    there = cop("keys", "ceremony", folder, "--replace", "-o", shares)
    assert (there.code, "exists" in there.refusal) == (2, True)
    new = cop("keys", "ceremony", folder, "--replace", "--threshold", "3", "--shares", "4", "-o", tmp_path / "new")
    assert new.code == 0, new.err
    assert bytes(combine(words(tmp_path / "new")[1:])) != private
    assert cop("keys", "status", folder, "--json").json["escrow"]["threshold"] == 3


@pytest.mark.parametrize(("threshold", "shares"), [("4", "3"), ("1", "3"), ("2", "17")])
def test_a_ceremony_that_cannot_be_leaves_nothing(
    observatory: Make, cop: Cop, tmp_path: Path, threshold: str, shares: str
) -> None:
    done = cop(
        "keys", "ceremony", observatory(), "--threshold", threshold, "--shares", shares, "-o", tmp_path / "shares"
    )

    assert done.code == 2
    assert not (tmp_path / "shares").exists()


def test_the_key_is_recovered_from_two_shares(observatory: Make, cop: Cop, inside: Inside, tmp_path: Path) -> None:
    folder, shares = observatory(), tmp_path / "shares"
    cop("keys", "ceremony", folder, "-o", shares)
    envelope = inside(folder, people)
    lines = words(shares)
    for number, line in enumerate(lines):
        (tmp_path / f"{number}.txt").write_text(line.upper() + "\n")
    status = cop("keys", "status", folder)
    assert "hotline              version 1" in status.out
    assert "one person alone holds the key" in status.out
    recover = ("keys", "recover", folder, "--organisation", "hotline", "--to", "reviewer@hotline.example")

    few = cop(*recover, "--share", tmp_path / "0.txt")
    assert (few.code, "2 shares are needed and 1 were given" in few.refusal) == (2, True)
    done = cop(*recover, "--share", tmp_path / "2.txt", "--share", tmp_path / "0.txt")

    assert done.code == 0, done.err
    assert inside(folder, opened, "reviewer@hotline.example", envelope) == "a sober summary"
    assert cop("keys", "status", folder, "--json").json["organisations"][0]["warnings"] == []
    typed = cop(*recover, stdin=f"wrong words\n{lines[0]}\n{lines[1]}\n".encode())
    assert "33 words and this has 2" in typed.err
    assert (typed.code, "holds the key already" in typed.err) == (2, True)


def test_a_holder_works_on_the_server_itself(observatory: Make, cop: Cop, inside: Inside, tmp_path: Path) -> None:
    folder = observatory()
    cop("keys", "ceremony", folder, "-o", tmp_path / "shares")
    envelope = inside(folder, people)
    acting = (folder, "hotline", "--as", "key_custodian@hotline.example", "--passphrase", "harbour lantern stone ferry")

    given = cop("keys", "office", "grant", *acting, "--to", "reviewer@hotline.example")
    assert given.code == 0, given.err
    assert inside(folder, opened, "reviewer@hotline.example", envelope) == "a sober summary"
    assert "version 2" in cop("keys", "office", "rotate", *acting).out
    early = cop("keys", "office", "reseal", *acting)
    assert (early.code, "rotated only just now" in early.err) == (2, True)
    wrong = cop("keys", "office", "rotate", *acting[:4], "--passphrase", "another one entirely")
    assert (wrong.code, wrong.refusal) == (2, "the passphrase does not open this key")


# --- the page


LANGUAGES = [["en"], ["ar"], ["zh"], ["ru", "en"], ["fr", "es"], ["ar", "zh", "en", "fr", "ru", "es"]]


@pytest.mark.parametrize("languages", LANGUAGES, ids="-".join)
def test_a_share_is_one_tagged_page_from_which_its_words_are_read_back(tmp_path: Path, languages: list[str]) -> None:
    from nacl.public import PrivateKey

    line = split(PrivateKey(bytes(range(32))), threshold=16, shares=16)[15]
    title = "Observatoire de la protection des enfants en ligne du Port, région du Sud"
    pdf = sheet_pdf(Sheet(line, 16, 16, 16, title, "1a2b3c4d", languages))
    (tmp_path / "share.pdf").write_bytes(pdf)

    reader = PdfReader(tmp_path / "share.pdf")
    assert len(reader.pages) == 1
    assert reader.root_object["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert str(reader.root_object["/Lang"]) == languages[0]
    assert read_share(words_on(pdf)).number == 16
    assert words_on(pdf) == line
    assert "cop keys recover" in reader.pages[0].extract_text()


def test_a_page_without_words_is_no_share() -> None:
    import io

    from pypdf import PdfWriter

    made, empty = io.BytesIO(), PdfWriter()
    empty.add_blank_page(100, 100)
    empty.write(made)

    with pytest.raises(Refused, match="33 numbered words"):
        words_on(made.getvalue())
