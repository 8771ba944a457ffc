"""The desk under load: reports come in through `cop serve` while an analyst reads the queue over a million stored.

Two server workers, the clients and the reader share the machine. Fills the vault (`desk_queue.fill`), then for a minute
lets clients report through the service and the form (`reports_door`) while somebody who is signed in asks for pages of
the queue, one after the other, through the same server.

Targets: at least 100 accepted reports a second with p99 under 2 s; the queue page under 500 ms at p95.

    .venv/bin/python benchmarks/desk_load.py [--reports 1000000] [--seconds 60] [--clients 32] [--postgres]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from reports_door import TARGET_P99, TARGET_RATE, Load
from served import DeskClient, Founded, Reporter, Server, environment, founded, own_postgres, postgres_programs

TARGET_PAGE = 0.5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--threads", default="8")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--fill", nargs=2, metavar=("FOLDER", "DESK"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fill:
        fill(Path(given.fill[0]), int(given.fill[1]), given.reports)
        return 0
    print(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        databases = {"SQLite": "vault/vault.sqlite3"}
        if given.postgres:
            programs = postgres_programs()
            assert programs is not None, "no PostgreSQL server is installed"
            databases["PostgreSQL"] = stack.enter_context(own_postgres(programs)).address
        met = [loaded(name, founded(Path(place) / name, address), given) for name, address in databases.items()]
    print("targets met" if all(met) else "targets missed")
    return 0 if all(met) else 1


def fill(folder: Path, desk: int, reports: int) -> None:
    """Store so many reports with their codes, in this process."""
    import desk_queue

    desk_queue.start(folder)
    from cop.vault.members.queries import person_numbered

    desk_queue.fill(desk, person_numbered("analyst@alpha.example"), reports)
    desk_queue.settle()


def loaded(name: str, made: Founded, given: argparse.Namespace) -> bool:
    """Load one observatory and tell; whether the targets are met."""
    began = time.monotonic()
    command = [sys.executable, __file__, "--reports", str(given.reports), "--fill", made.folder, str(made.organisation)]
    subprocess.run(list(map(str, command)), check=True, env=environment())
    print(f"{name}: {given.reports:,} reports stored in {time.monotonic() - began:.0f} s", flush=True)
    options = ("--workers", "2", "--threads", given.threads, "--warm")
    with Server(made.folder, options) as server, closing(DeskClient(server.port)) as analyst:
        analyst.sign_in()
        for _ in range(8):  # every worker reads its pages
            assert analyst.get("/desk/queue/")[0] == 200
            with closing(Reporter(server.port, made.token)) as first:
                first.note()
        until = time.monotonic() + given.seconds
        loads = [Load("service", until), Load("form", until)]
        threads = [
            threading.Thread(target=loads[n % 2].client, args=(Reporter(server.port, made.token), n))
            for n in range(given.clients)
        ]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        pages = []
        while time.monotonic() < until:
            asked = time.monotonic()
            status, _ = analyst.get("/desk/queue/")
            assert status == 200
            pages.append(time.monotonic() - asked)
            time.sleep(0.05)
        for thread in threads:
            thread.join()
        spent = time.monotonic() - began
    took = [seconds for load in loads for seconds in load.took]
    accepted, failed = sum(len(load.receipts) for load in loads), sum(len(load.failed) for load in loads)
    if len(took) < 2 or len(pages) < 2:
        print(f"  {accepted} accepted in {spent:.0f} s, {len(pages)} pages: too few to tell; {loads[0].failed[:2]}")
        return False
    why = [words for load in loads for words in load.failed]
    rate, p99, page = accepted / spent, quantiles(took, n=100)[98], quantiles(pages, n=20)[18]
    print(
        f"  {rate:.0f} accepted/s over {spent:.0f} s with {given.clients} clients (half through the form), "
        f"p99 {p99:.2f} s, {failed} failed {why[:1] or ''}; meanwhile {len(pages)} pages of the queue, "
        f"p95 {1000 * page:.0f} ms",
        flush=True,
    )
    return rate >= TARGET_RATE and p99 < TARGET_P99 and page < TARGET_PAGE and not failed


if __name__ == "__main__":
    sys.exit(main())
