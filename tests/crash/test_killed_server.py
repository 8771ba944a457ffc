"""Nothing acknowledged is lost or doubled when the server, its workers or the database are killed under load.

Fifteen seconds and three kills; a minute and more than eight are `benchmarks/crash.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crashing import storm
from databases import absent
from served import own_postgres, postgres_programs


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_acknowledged_report_is_lost_or_doubled(kind: str, tmp_path: Path) -> None:
    if kind == "sqlite":
        outcome = storm(tmp_path / "o", clients=20, seconds=15, kills=["worker", "tree", "worker"])
    else:
        programs = postgres_programs()
        if programs is None:
            absent("a PostgreSQL server's programs")
            return
        with own_postgres(programs) as postgres:
            outcome = storm(
                tmp_path / "o",
                clients=20,
                seconds=15,
                kills=["worker", "postmaster", "tree"],
                postgres=postgres,
                database=postgres.address,
            )

    assert outcome.well, str(outcome)
    assert outcome.acknowledged >= 20, str(outcome)  # how fast is benchmarks/desk_load.py's to say
    assert outcome.entries > outcome.held
