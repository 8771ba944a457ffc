"""A storm of reports during which the server is killed again and again, and what is left of it afterwards.

Half of the clients are a partner's program with idempotency keys, half fill in the public form. Whoever gets no answer
sends the same report again, under the same key or note, until it has a receipt. A report is *acknowledged* when its
receipt was read.
"""

from __future__ import annotations

import hashlib
import http.client
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from served import Postgres, Reporter, Server, founded, stored

TEXTS = (
    "A stranger asked a child of {n} for the name of the school in a game chat.",
    "An account that nobody knows sent messages to a child of {n} every evening and asked to meet.",
    "Classmates of a child of {n} made a group in which they call names and tell others to do the same.",
    "A page asked a child of {n} for the card number of a parent to go on playing.",
)

_PATIENCE = 600
"""Seconds after which a client that gets no answer gives up: a busy machine takes long to start a server again."""


@dataclass
class Outcome:
    """What the clients saw and what the vault holds."""

    acknowledged: int
    tries: int
    kills: list[str]
    seconds: float
    lost: int
    altered: int
    doubled: int
    same_receipts: int
    held: int
    integrity: str
    entries: int
    latencies: list[float] = field(repr=False, default_factory=list)

    @property
    def well(self) -> bool:
        """Nothing lost, nothing twice, nothing altered, every receipt one report's."""
        found = self.lost, self.altered, self.doubled, self.same_receipts
        return found == (0, 0, 0, 0) and self.integrity == "ok"

    def __str__(self) -> str:
        return (
            f"{len(self.kills)} kills ({', '.join(self.kills)}) in {self.seconds:.0f} s: {self.acknowledged:,} "
            f"acknowledged in {self.tries:,} tries, {self.held:,} stored; {self.lost} lost, {self.doubled} doubled, "
            f"{self.altered} altered, {self.same_receipts} receipts twice; ledger verifies at {self.entries:,} entries; "
            f"integrity {self.integrity}"
        )


@dataclass
class _Sent:
    """What one client sent under its keys: text's hash by key, receipt by key."""

    texts: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    latencies: list[float] = field(default_factory=list)
    fault: str = ""


def storm(
    folder: Path,
    *,
    clients: int,
    seconds: float,
    kills: Sequence[str],
    postgres: Postgres | None = None,
    database: str = "vault/vault.sqlite3",
    seed: int = 2026,
) -> Outcome:
    """Let clients report for so many seconds while what `kills` names is killed, evenly spread.

    Between two kills at least every other client gets a receipt, however long that takes.

    Args:
        folder: where the observatory is made.
        clients: how many report at once.
        seconds: for how long new reports are begun.
        kills: each of `tree` (the server with its workers), `worker`, `postmaster`.
        postgres: the server that `postmaster` means.
        database: the vault's address.
        seed: of the moments.
    """
    made = founded(folder, database)
    chance = random.Random(seed)
    end = threading.Event()
    sent = [_Sent() for _ in range(clients)]
    began = time.monotonic()
    with Server(folder, ("--workers", "2", "--warm")) as server:
        threads = [
            threading.Thread(target=_client, args=(n, server.port, made.token, sent[n], end)) for n in range(clients)
        ]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        for number, kill in enumerate(kills):
            moment = began + seconds * (number + chance.uniform(0.3, 0.9)) / len(kills)
            before = _acknowledged(sent)
            time.sleep(max(0.0, moment - time.monotonic()))
            while _acknowledged(sent) < before + clients // 2 and any(t.is_alive() for t in threads):
                time.sleep(0.05)  # a server that only just came up again has nothing to lose
            _kill(kill, server, postgres)
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        end.set()
        for thread in threads:
            thread.join(timeout=2 * _PATIENCE)
        took = time.monotonic() - began
        assert not any(thread.is_alive() for thread in threads), "a client never got its receipt"
    faults = [s.fault for s in sent if s.fault]
    assert not faults, faults[0]
    return _judged(folder, sent, list(kills), took)


def _acknowledged(sent: Sequence[_Sent]) -> int:
    return sum(len(s.receipts) for s in sent)


def _kill(kill: str, server: Server, postgres: Postgres | None) -> None:
    if kill == "tree":
        server.kill()
        server.start()
    elif kill == "worker":
        server.kill_worker()
    else:
        assert postgres is not None
        postgres.kill()
        postgres.start()


def _client(number: int, port: int, token: str, sent: _Sent, end: threading.Event) -> None:
    with closing(Reporter(port, token)) as reporter:
        _report(number, reporter, sent, end)


def _report(number: int, reporter: Reporter, sent: _Sent, end: threading.Event) -> None:
    turn = 0
    while not end.is_set():
        turn += 1
        text = f"{TEXTS[turn % len(TEXTS)].format(n=8 + turn % 9)} Case {number}-{turn}."
        asked = time.monotonic()
        try:
            key = f"{number}-{turn}" if number % 2 else _patient(reporter.note, sent)
            sent.texts[key] = hashlib.sha256(text.encode()).hexdigest()
            send = reporter.service if number % 2 else reporter.form
            sent.receipts[key] = _patient(lambda: _receipt(send, text, key), sent)  # noqa: B023 - called at once
        except AssertionError as error:
            sent.fault = str(error)
            return
        sent.latencies.append(time.monotonic() - asked)


def _receipt(send: Callable[[str, str], tuple[int, str]], text: str, key: str) -> str:
    status, said = send(text, key)
    if status >= 500:
        raise ConnectionError(f"{status}")
    assert status in {200, 201} and len(said) == 16 and said.isdigit(), f"{status} {said[:300]}"
    return said


def _patient(ask: Callable[[], str], sent: _Sent) -> str:
    """What it answers, asked again after every break."""
    until = time.monotonic() + _PATIENCE
    while True:
        sent.tries += 1
        try:
            return ask()
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < until, "no answer in ten minutes"
            time.sleep(0.2)


def _judged(folder: Path, sent: list[_Sent], kills: list[str], took: float) -> Outcome:
    texts = {key: text for s in sent for key, text in s.texts.items()}
    receipts = {key: receipt for s in sent for key, receipt in s.receipts.items()}
    said = stored(folder, list(receipts.values()))
    held: dict[str, list[str]] = {}
    for receipt, text in said["stored"]:
        held.setdefault(receipt, []).append(text)
    where = {key: held.get(said["hashes"][receipt], []) for key, receipt in receipts.items()}
    each = [text for found in held.values() for text in found]
    return Outcome(
        acknowledged=len(receipts),
        tries=sum(s.tries for s in sent),
        kills=kills,
        seconds=took,
        lost=sum(not found for found in where.values()),
        altered=sum(bool(found) and texts[key] not in found for key, found in where.items()),
        doubled=len(each) - len(set(each)),  # every text that was sent is another one
        same_receipts=len(receipts) - len(set(receipts.values())),
        held=len(each),
        integrity=said["integrity"],
        entries=said["entries"],
        latencies=[seconds for s in sent for seconds in s.latencies],
    )
