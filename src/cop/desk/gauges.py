"""The observatory's state as figures for operators, asked of the vault when somebody looks."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cop.kernel.backups import last_backup
from cop.vault.members.keys import offices
from cop.vault.members.keys.rules import PROGRAM
from cop.vault.members.rules import program
from cop.vault.registers.queries import head
from cop.vault.reports.leases import backlog


class Gauges(Collector):
    """The ledger's head, the disk, the last backup, what waits."""

    def collect(self) -> Iterator[Metric]:
        entry = head()
        yield GaugeMetricFamily("cop_ledger_entries", "Entries of the ledger.", value=entry.seq if entry else 0)
        if entry:
            at = datetime.fromisoformat(entry.at).timestamp()
            yield GaugeMetricFamily("cop_ledger_last_seconds", "When the last entry was made (Unix time).", value=at)
        folder = Path(settings.FOLDER or ".")
        free = shutil.disk_usage(folder).free
        yield GaugeMetricFamily("cop_disk_free_bytes", "Room left where the observatory lies.", value=free)
        if backup := last_backup(folder):
            age = time.time() - backup.at.timestamp()
            yield GaugeMetricFamily("cop_backup_age_seconds", "Since the last backup was written.", value=age)
        yield from _waiting()
        yield _keys()


def _waiting() -> Iterator[Metric]:
    found = backlog()
    waiting = found.total
    yield GaugeMetricFamily("cop_reports_waiting", "Reports that the worker has not gone through.", value=waiting)
    age = time.time() - found.oldest.timestamp() if found.oldest else 0.0
    yield GaugeMetricFamily("cop_reports_oldest_waiting_seconds", "How long the oldest of them waits.", value=age)


def _keys() -> Metric:
    """A series per warning: `no key`, `no holder`, `one holder`, `not escrowed`, `rotation due`, `re-sealing due`."""
    found = GaugeMetricFamily("cop_key_warnings", "What is to be done about keys.", labels=["organisation", "warning"])
    for office in offices(program(PROGRAM)):
        for warning in office.warnings:
            found.add_metric([office.slug, warning], 1)
    return found
