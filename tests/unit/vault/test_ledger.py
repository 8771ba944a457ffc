"""The ledger in the vault: every way of changing it afterwards is found and the row named; pages come by an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cop.kernel.ledger import Broken, Entry, Head, link
from cop.kernel.signing import read_or_make_seal
from vaults import Vault


def fill(number: int = 12) -> None:
    """A ledger of its own: the twelve entries that these tests bend."""
    from django.db import connection

    from cop.kernel.ledger import GENESIS
    from cop.vault.registers.models import LedgerHead
    from cop.vault.registers.operations import record_event

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registers_event")
    LedgerHead.objects.update(seq=0, hash=GENESIS)
    for n in range(1, number + 1):
        kind = "key.opened" if n % 3 else "post.added"
        record_event(kind=kind, subject=f"person/{n % 4}", details={"by": n, "é": [1, None, 0.5]})


def said(heads: tuple[Head, ...] = ()) -> tuple[int, str]:
    """Which entry the verification names, and how it begins."""
    from cop.vault.registers.queries import verify_ledger

    try:
        verify_ledger(heads)
    except Broken as error:
        return error.seq, error.problem
    return 0, ""


def flipped(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


def change(seq: int, **columns: object) -> None:
    from cop.vault.registers.models import Event

    Event.objects.filter(seq=seq).update(**columns)


def row(seq: int) -> Entry:
    from cop.vault.registers.queries import entry

    found = entry(seq)
    assert found is not None
    return found


def tried(spoil: Callable[[], object]) -> tuple[int, str]:
    """What is said once the ledger was spoiled; it is whole again afterwards."""
    from django.db import transaction

    with transaction.atomic():
        spoil()
        found = said()
        transaction.set_rollback(True)
    return found


def test_one_flipped_byte_in_any_column_is_found_and_the_row_named(vault: Vault) -> None:
    from cop.vault.registers.models import Event

    fill()
    for seq in (1, 5, 12):
        was = row(seq)
        others: dict[str, object] = {
            "seq": seq + 16,
            "details": {**was.details, "by": seq ^ 1},
            **{name: flipped(getattr(was, name)) for name in ("at", "kind", "subject", "previous", "hash")},
        }
        for column, other in others.items():
            problem = "is missing or has another number" if column == "seq" else "was altered"

            found = tried(lambda s=seq, c=column, o=other: Event.objects.filter(seq=s).update(**{c: o}))  # type: ignore[misc]

            assert found == (seq, f"entry {seq} of the ledger {problem}"), column
    assert said() == (0, "")


def test_a_removed_row_is_named(vault: Vault) -> None:
    from cop.vault.registers.models import Event

    fill()
    for seq in (1, 6, 11):
        found = tried(lambda s=seq: Event.objects.filter(seq=s).delete())  # type: ignore[misc]

        assert found == (seq, f"entry {seq} of the ledger is missing or has another number")


def test_a_cut_tail_is_found_by_the_head_and_when_that_is_forged_by_what_was_published(vault: Vault) -> None:
    from cop.vault.registers.models import Event, LedgerHead

    fill()
    published = Head("2026-01-05", 11, row(11).hash)
    Event.objects.filter(seq__gt=9).delete()
    assert said() == (10, "entry 10 of the ledger is missing: it was cut off")

    LedgerHead.objects.update(seq=9, hash=row(9).hash)

    assert said() == (0, "")
    assert said((published,)) == (10, "entry 10 of the ledger is missing: it was cut off")


def test_a_ledger_written_anew_is_whole_in_itself_and_not_the_one_that_was_published(vault: Vault) -> None:
    from cop.vault.registers.models import LedgerHead

    fill()
    published = Head("2026-01-05", 8, row(8).hash)
    previous = row(4).previous
    for seq in range(4, 13):
        old = row(seq)
        made = link(seq=seq, at=old.at, kind=old.kind, subject="person/9", details=old.details, previous=previous)
        change(seq, subject="person/9", previous=previous, hash=made.hash)
        previous = made.hash
    LedgerHead.objects.update(hash=previous)

    assert said() == (0, "")
    assert said((published,)) == (8, "entry 8 of the ledger is not the one that was published on 2026-01-05")


def test_an_entry_put_in_behind_the_head_is_found(vault: Vault) -> None:
    from cop.vault.registers.models import Event, LedgerHead

    fill()
    last = row(12)
    Event.objects.filter(seq=12).delete()
    LedgerHead.objects.update(seq=11, hash=last.previous)
    Event.objects.create(
        seq=12, at=last.at, kind=last.kind, subject=last.subject, details=dict(last.details),
        previous=last.previous, hash=last.hash,
    )  # fmt: skip

    assert said() == (12, "entry 12 of the ledger was put in behind its head")


def test_a_lost_head_is_said_and_nothing_is_appended(vault: Vault) -> None:
    from cop.kernel.errors import Conflict
    from cop.vault.registers.models import Event, LedgerHead
    from cop.vault.registers.operations import record_event

    fill()
    LedgerHead.objects.all().delete()

    assert said() == (0, "the ledger lost its head")
    with pytest.raises(Conflict, match="lost its head"):
        record_event(kind="key.opened", subject="person/1", details={})
    assert Event.objects.count() == 12


def test_what_is_rolled_back_leaves_no_gap(vault: Vault) -> None:
    from django.db import transaction

    from cop.vault.registers.operations import record_event
    from cop.vault.registers.queries import current_head, events

    fill()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record_event(kind="key.opened", subject="person/1", details={})
        raise ZeroDivisionError
    record_event(kind="key.opened", subject="person/2", details={})

    assert [e.seq for e in events()] == list(range(1, 14))
    assert current_head() == (13, row(13).hash)
    assert said() == (0, "")


def test_an_entry_costs_the_same_however_long_the_ledger_is(vault: Vault) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from cop.vault.registers.operations import record_event

    fill()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        record_event(kind="key.opened", subject="person/1", details={})

    asked = [q["sql"] for q in queries if q["sql"].startswith("SELECT")]
    assert len(asked) == 1
    assert "registers_ledgerhead" in asked[0]
    assert "registers_event" not in asked[0]


def numbers(**wanted: Any) -> list[int]:
    from cop.vault.registers.queries import page_of_events

    return [e.seq for e in page_of_events(**wanted)]


def test_pages_come_newest_first_and_go_on_where_the_last_one_ended(vault: Vault) -> None:
    fill()

    assert numbers(limit=5) == [12, 11, 10, 9, 8]
    assert numbers(limit=5, before=8) == [7, 6, 5, 4, 3]
    assert numbers(limit=5, before=3) == [2, 1]
    assert numbers(kind="post.added") == [12, 9, 6, 3]
    assert numbers(subject="person/1") == [9, 5, 1]
    assert numbers(kind="post.added", subject="person/1") == [9]
    assert numbers(kind="post.removed") == []


def test_since_finds_the_first_moment_by_halving(vault: Vault) -> None:
    fill()
    for seq in range(1, 13):
        change(seq, at=f"2026-01-{seq:02}T10:00:00+00:00")

    assert numbers(since="2026-01-01") == list(range(12, 0, -1))
    assert numbers(since="2026-01-05") == [12, 11, 10, 9, 8, 7, 6, 5]
    assert numbers(since="2026-01-05T12:00") == [12, 11, 10, 9, 8, 7, 6]
    assert numbers(since="2026-01-12T10:00:00+00:00") == [12]
    assert numbers(since="2027-01-01") == []


@pytest.mark.parametrize(
    "wanted",
    [{}, {"before": 6}, {"kind": "key.opened"}, {"subject": "person/1"}, {"since": "2026-01-01"},
     {"kind": "key.opened", "subject": "person/1", "before": 9}],
)  # fmt: skip
def test_no_page_walks_the_ledger(sqlite_vault: Vault, wanted: dict[str, Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    fill()
    with CaptureQueriesContext(connection) as queries:
        numbers(**wanted)

    plans: list[str] = []
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans += [str(step[3]) for step in cursor.fetchall()]
    # the newest 50 without a filter are read from the end of the numbers' own index
    walked = [p for p in plans if p.startswith("SCAN") and "registers_event" in p]
    assert [p for p in walked if wanted or "USING INDEX sqlite_autoindex" not in p] == []
    assert not [p for p in plans if "TEMP B-TREE" in p]


def test_what_a_verification_found_is_remembered(vault: Vault) -> None:
    from cop.vault.registers.operations import record_verification
    from cop.vault.registers.queries import last_verification

    fill()
    assert last_verification() is None
    record_verification(seq=12)
    found = last_verification()
    assert found is not None
    assert (found.seq, found.broken) == (12, "")
    record_verification(seq=12, broken="entry 3 of the ledger was altered " * 20)
    again = last_verification()
    assert again is not None
    assert again.broken.startswith("entry 3")


def test_the_migration_takes_over_a_ledger_that_stands(vault: Vault) -> None:
    from django.core.management import call_command

    from cop.vault.registers.operations import record_event
    from cop.vault.registers.queries import current_head

    fill()
    before = current_head()
    call_command("migrate", "registers", "0001", verbosity=0)
    call_command("migrate", verbosity=0)

    assert current_head() == before
    assert record_event(kind="key.opened", subject="person/1", details={}).seq == 13
    assert said() == (0, "")


# --- heads


def test_a_head_is_read_back_only_if_it_was_signed(tmp_path: Any) -> None:
    from cop.kernel.errors import Refused
    from cop.kernel.ledger import read_heads, write_head

    seal = read_or_make_seal(tmp_path / "signing.key", "small")
    stranger = read_or_make_seal(tmp_path / "other.key", "other")
    heads = [Head("2026-01-01", 3, "a" * 64), Head("2026-01-02", 9, "b" * 64)]
    for head in reversed(heads):
        write_head(tmp_path / "audit", head, seal)

    assert read_heads(tmp_path / "audit", [stranger.signer, seal.signer]) == heads
    assert read_heads(tmp_path / "nowhere", [seal.signer]) == []
    for spoil in (_flip_a_byte, _drop_signature, _sign_by(stranger)):
        path = write_head(tmp_path / "audit", heads[1], seal)
        spoil(path)
        with pytest.raises(Refused, match=r"2026-01-02\.json: the head is not signed by a known key"):
            read_heads(tmp_path / "audit", [seal.signer])


def _flip_a_byte(path: Any) -> None:
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)


def _drop_signature(path: Any) -> None:
    path.with_name(f"{path.name}.sig").unlink()


def _sign_by(seal: Any) -> Callable[[Any], None]:
    def sign(path: Any) -> None:
        path.with_name(f"{path.name}.sig").write_text(seal.sign(path.read_bytes()))

    return sign
