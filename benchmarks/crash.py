"""Reports that are acknowledged while the server is killed: none lost, none doubled (`python benchmarks/crash.py`).

Fifty clients for a minute, half through the public form and half through the service, on SQLite and on a PostgreSQL
server of its own; at least eight SIGKILLs each: of single workers, of the whole tree, and of the postmaster. Prints
what was acknowledged and what the vault holds afterwards; exits 1 where anything is missing, twice or altered.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from crashing import Outcome, storm
from served import own_postgres, postgres_programs

CLIENTS, SECONDS = 50, 60
KILLS = ["worker", "tree", "worker", "tree", "worker", "tree", "worker", "tree"]
POSTGRES_KILLS = ["worker", "postmaster", "tree", "postmaster", "worker", "tree", "postmaster", "worker", "postmaster"]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cop-crash-") as name:
        folder = Path(name)
        outcomes = [told("SQLite", storm(folder / "sqlite", clients=CLIENTS, seconds=SECONDS, kills=KILLS))]
        programs = postgres_programs()
        if programs is None:
            sys.exit("PostgreSQL's server programs are absent: half of this benchmark cannot be run")
        with own_postgres(programs) as postgres:
            outcome = storm(
                folder / "postgresql",
                clients=CLIENTS,
                seconds=SECONDS,
                kills=POSTGRES_KILLS,
                postgres=postgres,
                database=postgres.address,
            )
            outcomes.append(told("PostgreSQL", outcome))
    sys.exit(0 if all(outcome.well for outcome in outcomes) else 1)


def told(name: str, outcome: Outcome) -> Outcome:
    waits = sorted(outcome.latencies)
    print(f"{name}: {outcome}; a report took {waits[len(waits) // 2]:.2f} s at the median, {waits[-1]:.1f} s at most")
    return outcome


if __name__ == "__main__":
    main()
