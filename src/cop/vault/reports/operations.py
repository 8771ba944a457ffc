"""The only writers of reports and of what is exchanged with those who made them, each where it belongs.

Files of records (`files`), the doors (`door`), the return of a reporter (`returning`), the work on a report (`work`).
"""

from __future__ import annotations

from cop.vault.reports.door import MOST_ROWS, Accepted, accept, accept_many
from cop.vault.reports.files import Intake, Taken, forget, take_in
from cop.vault.reports.returning import add_facts, answer, ask, mark_read, withdraw
from cop.vault.reports.work import (
    advance,
    claim,
    hold,
    keep_until,
    let_go,
    remove,
    set_status,
)

__all__ = [
    "MOST_ROWS",
    "Accepted",
    "Intake",
    "Taken",
    "accept",
    "accept_many",
    "add_facts",
    "advance",
    "answer",
    "ask",
    "claim",
    "forget",
    "hold",
    "keep_until",
    "let_go",
    "mark_read",
    "remove",
    "set_status",
    "take_in",
    "withdraw",
]
