"""What other apps, the desk and exports may ask of codes: facts without a narrative."""

from __future__ import annotations

from cop.vault.coding.queries.audit import Agreement, Sample, agreement_of, audited, disputes, sample_of
from cop.vault.coding.queries.counted import (
    RECORD_COLUMNS,
    audit_frame,
    audit_judgements,
    coded_records,
    routes_by_source,
)
from cop.vault.coding.queries.progress import Backlog, OwnProgress, Worker, backlog_of, desks_of, own_progress, team_of
from cop.vault.coding.queries.queue import COUNTED, Queue, Row, Step, queue_of, waiting_of
from cop.vault.coding.queries.record import Decided, Record, codes_of, record_of
from cop.vault.coding.queries.reviewed import reviews
from cop.vault.coding.rulings import found as find_rulings
from cop.vault.coding.rulings import register as rulings

__all__ = [
    "COUNTED",
    "RECORD_COLUMNS",
    "Agreement",
    "Backlog",
    "Decided",
    "OwnProgress",
    "Queue",
    "Record",
    "Row",
    "Sample",
    "Step",
    "Worker",
    "agreement_of",
    "audit_frame",
    "audit_judgements",
    "audited",
    "backlog_of",
    "coded_records",
    "codes_of",
    "desks_of",
    "disputes",
    "find_rulings",
    "own_progress",
    "queue_of",
    "record_of",
    "reviews",
    "routes_by_source",
    "rulings",
    "sample_of",
    "team_of",
    "waiting_of",
]
