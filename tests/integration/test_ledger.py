"""Eight processes append to one ledger at once: no gap, no number twice, and it verifies, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Make = Callable[..., Path]
Inside = Callable[..., Any]

PROCESSES, EACH = 8, 12


def test_eight_processes_append_without_a_gap(observatory: Make, inside: Inside, database: str) -> None:
    def append(_: Any, who: int, number: int) -> Any:
        from django.db import transaction

        from cop.vault.registers.operations import record_event

        class Stopped(Exception):
            pass

        written = []
        for n in range(number):
            try:
                with transaction.atomic():
                    entry = record_event(kind="test", subject=f"process/{who}", details={"n": n})
                    if n % 4 == 3:  # one in four is given up after it had its number
                        raise Stopped
                written.append(entry.seq)
            except Stopped:
                pass
        return written

    def look(_: Any) -> Any:
        from cop.vault.registers.queries import current_head, events, verify_ledger

        last = verify_ledger()
        return [[e.seq for e in events()], [e.subject for e in events()], last.seq, last.hash == current_head()[1]]

    folder = observatory(database=database)
    before = inside(folder, look)[2]
    with ThreadPoolExecutor(PROCESSES) as pool:
        written = list(pool.map(lambda who: inside(folder, append, who, EACH), range(PROCESSES)))

    seqs, subjects, last, whole = inside(folder, look)
    kept = EACH - EACH // 4
    assert sorted(n for mine in written for n in mine) == list(range(before + 1, before + PROCESSES * kept + 1))
    assert seqs == list(range(1, last + 1))
    assert last == before + PROCESSES * kept
    assert {who: subjects.count(f"process/{who}") for who in range(PROCESSES)} == dict.fromkeys(range(PROCESSES), kept)
    assert whole
