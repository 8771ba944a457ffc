"""The worker: takes records that wait, through the steps they have not had, until it is told to stop.

Several may run at once, on several machines with PostgreSQL: a lease belongs to one, and a step happens in effect once
(`cop.vault.reports.work`). A record whose step fails is put off and the others go on.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Final

from django.utils import timezone

from cop.kernel.errors import Conflict, CopError
from cop.vault.cases.steps import Step, take
from cop.vault.reports.leases import put_off
from cop.vault.reports.operations import claim, let_go

LEASE: Final = 60
"""Seconds that a worker has for the records it claims at once: a thousand times what they take."""
CLAIM: Final = 20
"""Records that are claimed at once: what a killed worker keeps from the others until its lease ends."""
PUT_OFF: Final = 600
"""Seconds until a record whose step failed is tried again."""
IDLE: Final = 2.0
"""Seconds between looks at an empty queue."""

_log = logging.getLogger("cop.work")


@dataclass(slots=True)
class Worker:
    """One worker with its name, its steps and what it has done.

    Attributes:
        course: the steps, in order.
        name: what its leases are under; no other worker has it.
        stop: set by whoever wants it to end after the record in hand.
        done: records taken through all their steps.
        failed: records whose step failed, each once per attempt.
        lost: records whose lease went to another worker meanwhile.
    """

    course: Sequence[Step]
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    stop: Event = field(default_factory=Event)
    done: int = 0
    failed: int = 0
    lost: int = 0

    def run(self, *, once: bool = False, told: Callable[[int], object] = lambda _: None) -> None:
        """Work until stopped; with `once`, until nothing waits that this worker may claim."""
        try:
            while not self.stop.is_set():
                now = timezone.now()
                records = claim(by=self.name, now=now, until=now + timedelta(seconds=LEASE), limit=CLAIM)
                for record in records:
                    if self.stop.is_set():
                        break
                    self._take(record)
                if records:
                    told(len(records))
                elif once:
                    break
                else:
                    self.stop.wait(IDLE)
        finally:
            let_go(by=self.name)

    def _take(self, record: tuple[int, int]) -> None:
        try:
            take(record, self.course, by=self.name)
        except Conflict:
            self.lost += 1
        except Exception as error:  # one bad record must not stop the others; its kind is told, its content never
            self.failed += 1
            kind = error.title if isinstance(error, CopError) else type(error).__name__
            _log.error("a step failed", extra={"report": record[0], "step": record[1] + 1, "error": kind})
            put_off(report=record[0], by=self.name, seconds=PUT_OFF)
        else:
            self.done += 1
