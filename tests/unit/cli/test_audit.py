"""`cop audit`: the ledger is verified, shown, and its signed head stands where anybody can fetch it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cop.kernel.ledger import Head
from cop.kernel.signing import decode_signature, read_signer

Make = Callable[..., Path]
Cop = Callable[..., Any]
Inside = Callable[..., Any]


def append(_: Any, number: int) -> Any:
    from cop.vault.registers.operations import record_event

    return [record_event(kind="test", subject=f"s/{n % 2}", details={"n": n}).seq for n in range(number)]


def forge(_: Any, what: str) -> Any:
    from cop.vault.registers.models import Event, LedgerHead

    if what == "alter":
        Event.objects.filter(seq=3).update(subject="s/9")
    if what == "cut":
        Event.objects.filter(seq__gt=4).delete()
        LedgerHead.objects.update(seq=4, hash=Event.objects.get(seq=4).hash)
    return None


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def test_a_whole_ledger_is_said_to_be_whole_and_an_altered_row_named(
    observatory: Make, cop: Cop, inside: Inside, database: str
) -> None:
    folder = observatory(database=database)
    inside(folder, append, 6)
    whole = cop("audit", "verify", folder, "--json")
    assert (whole.code, whole.json["whole"], whole.json["entries"]) == (0, True, 6)
    assert whole.json["head"] == cop("audit", "show", folder, "--json").json[0]["hash"]

    inside(folder, forge, "alter")

    broken = cop("audit", "verify", folder)
    assert broken.code == 2
    assert "entry 3 of the ledger was altered" in broken.err
    told = cop("audit", "verify", folder, "--json").json
    assert (told["error"], told["entry"]) == ("broken", 3)


def test_show_filters(observatory: Make, cop: Cop, inside: Inside) -> None:
    folder = observatory()
    inside(folder, append, 6)

    assert [e["seq"] for e in cop("audit", "show", folder, "--subject", "s/1", "--json").json] == [6, 4, 2]
    assert [e["seq"] for e in cop("audit", "show", folder, "--limit", "2", "--json").json] == [6, 5]
    assert cop("audit", "show", folder, "--kind", "none", "--json").json == []
    assert len(cop("audit", "show", folder, "--since", today()).out.splitlines()) == 6
    assert cop("audit", "show", folder, "--since", "yesterday").code == 2


def test_a_cut_tail_is_found_by_the_head_that_was_published(
    observatory: Make, cop: Cop, inside: Inside, database: str, tmp_path: Path
) -> None:
    folder = observatory(database=database)
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("a site")
    inside(folder, append, 6)

    done = cop("audit", "head", folder, "--json")

    assert done.code == 0, done.err
    name = f"{today()}.json"
    for place in (folder / "audit", folder / "site" / "audit"):  # what anybody can check with the public key alone
        message = (place / name).read_bytes()
        signature = decode_signature((place / f"{name}.sig").read_text())
        assert read_signer(place / "signer.pub").verifies(message, signature)
        assert Head(**json.loads(message)) == Head(today(), 6, done.json["hash"])
    assert cop("audit", "verify", folder, "--json").json["published_heads"] == 1
    kept = shutil.copytree(folder / "site" / "audit", tmp_path / "kept")

    inside(folder, forge, "cut")

    cut = cop("audit", "verify", folder)
    assert (cut.code, "entry 5 of the ledger is missing: it was cut off" in cut.err) == (2, True)
    refused = cop("audit", "head", folder)
    assert (refused.code, "is not the one that was published" in refused.err) == (2, True)
    shutil.rmtree(folder / "audit")  # whoever cut the ledger can remove what is kept here, not what others fetched
    assert cop("audit", "verify", folder).code == 0
    assert cop("audit", "verify", folder, "--heads", kept).code == 2


def test_a_head_that_nobody_known_signed_is_refused(observatory: Make, cop: Cop, inside: Inside) -> None:
    folder = observatory()
    inside(folder, append, 2)
    cop("audit", "head", folder)
    path = folder / "audit" / f"{today()}.json"
    path.write_text(path.read_text().replace('"seq": 2', '"seq": 1'))

    done = cop("audit", "verify", folder)

    assert done.code == 2
    assert "the head is not signed by a known key" in done.err


def test_an_empty_ledger_has_a_head_too(observatory: Make, cop: Cop) -> None:
    folder = observatory()

    assert cop("audit", "head", folder, "--json").json["seq"] == 0
    assert cop("audit", "verify", folder).code == 0
