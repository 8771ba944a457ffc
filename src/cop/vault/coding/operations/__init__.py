"""The only writers of codes, decisions, the audit sample and rulings."""

from __future__ import annotations

from cop.vault.coding.operations.auditing import draw_audit
from cop.vault.coding.operations.codes import forget_codes, forget_records, record_codes
from cop.vault.coding.operations.deciding import Decided, adjudicate, decide
from cop.vault.coding.operations.exporting import record_export
from cop.vault.coding.operations.opening import Opened, open_record, put_back, take_break, take_next
from cop.vault.coding.operations.ruling import record_ruling

__all__ = [
    "Decided",
    "Opened",
    "adjudicate",
    "decide",
    "draw_audit",
    "forget_codes",
    "forget_records",
    "open_record",
    "put_back",
    "record_codes",
    "record_export",
    "record_ruling",
    "take_break",
    "take_next",
]
