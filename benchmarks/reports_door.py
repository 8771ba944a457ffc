"""Accepted reports per second and how long they take: `cop serve`, the service and the public form, both databases.

Two server workers and the clients share the machine, so on two cores the server has less than both. Every client waits
for its answer before it sends the next report, each with a text of its own. At the end the vault is asked whether every
receipt that was given is stored.

Target: at least 100 accepted reports a second with p99 under 2 s.

    .venv/bin/python benchmarks/reports_door.py [--seconds 60] [--clients 32] [--postgres]
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from served import Founded, Reporter, Server, founded, own_postgres, postgres_programs, stored

TARGET_RATE, TARGET_P99 = 100.0, 2.0
DOORS = ("service", "form")
TEXT = (
    "a person met in an online game asked my daughter for pictures and wrote that he would tell everyone at school if "
    "she did not send them she is afraid and has not slept for two days we blocked the account but he came back with "
    "another name and offered money and gift cards in a private chat of the same platform yesterday evening"
)
WORDS = TEXT.split()


def narrative(seed: random.Random) -> str:
    """A sober summary of some forty words that no other client sends."""
    return f"{' '.join(seed.choices(WORDS, k=40))} {seed.getrandbits(40)}"


@dataclass
class Load:
    """What the clients of one door saw."""

    door: str
    until: float
    took: list[float] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def client(self, reporter: Reporter, number: int) -> None:
        """Send report after report, each on its own note or key."""
        seed = random.Random(f"{self.door} {number}")
        while time.monotonic() < self.until:
            try:
                note = reporter.note() if self.door == "form" else f"{number}-{seed.getrandbits(60)}"
                began = time.monotonic()
                send = reporter.form if self.door == "form" else reporter.service
                status, said = send(narrative(seed), note)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                continue
            self.took.append(time.monotonic() - began)
            (self.receipts if status in {200, 201} else self.failed).append(said[:200])


def processor_seconds(server: Server) -> float:
    """What the server's workers have used of the processors."""
    ticks = 0
    for number in server.workers():
        parts = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def run(found: Founded, door: str, clients: int, seconds: float, options: tuple[str, ...]) -> tuple[bool, list[str]]:
    """One load of one door; whether the target is met, and the receipts."""
    with Server(found.folder, options=options) as server:
        for number in range(8):  # every worker reads its coder and the pages
            reporter = Reporter(server.port, found.token)
            reporter.service(narrative(random.Random(number)), f"warm {door} {number}")
            reporter.note()
        used, began = processor_seconds(server), time.monotonic()
        load = Load(door, began + seconds)
        reporters = [Reporter(server.port, found.token) for _ in range(clients)]
        threads = [threading.Thread(target=load.client, args=(r, n)) for n, r in enumerate(reporters)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent, used = time.monotonic() - began, processor_seconds(server) - used
    if len(load.took) < 2:
        print(f"  {door}: nothing was accepted: {load.failed[:3]}")
        return False, load.receipts
    cuts = statistics.quantiles(load.took, n=100)
    rate = len(load.receipts) / spent
    print(
        f"  {door}: {rate:.0f} accepted/s over {spent:.0f} s with {clients} clients, p50 {cuts[49]:.3f} s, "
        f"p99 {cuts[98]:.3f} s, slowest {max(load.took):.3f} s, {len(load.failed)} failed {load.failed[:1] or ''}; "
        f"the workers used {1000 * used / max(len(load.receipts), 1):.1f} ms of a core a report",
        flush=True,
    )
    return rate >= TARGET_RATE and cuts[98] < TARGET_P99 and not load.failed, load.receipts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--threads", default="16")
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}")
    good = True
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        folder = Path(place)
        databases = {"SQLite": "vault/vault.sqlite3"}
        if given.postgres:
            programs = postgres_programs()
            assert programs is not None, "no PostgreSQL server is installed"
            databases["PostgreSQL"] = stack.enter_context(own_postgres(programs)).address
        for name, address in databases.items():
            print(name)
            found = founded(folder / name, address)
            receipts: list[str] = []
            for door in DOORS:
                options = ("--workers", "2", "--threads", given.threads, "--warm")
                met, more = run(found, door, given.clients, given.seconds, options)
                good, receipts = good and met, receipts + more
            kept = {receipt for receipt, _ in stored(found.folder, [])["stored"]}
            print(f"  {len(kept):,} stored, {len(receipts):,} acknowledged, {len(set(receipts)):,} distinct receipts")
            good = good and len(set(receipts)) == len(receipts) <= len(kept)
    print("target met" if good else "target missed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
