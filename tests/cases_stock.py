"""Reports with codes for tests of cases: put into a vault directly, without the door and its coder."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

_ROWS = count(1)


def put_report(
    organisation: int,
    *,
    code: str = "B01",
    urgency: int | None = 2,
    sealed: bytes = b"sealed",
    origin: str = "form",
    received: datetime | None = None,
    **columns: Any,
) -> int:
    """A report of that organisation as the door would have stored it; its number."""
    from django.utils import timezone

    from cop.classification.coder import Coded
    from cop.vault.coding.operations import record_codes
    from cop.vault.reports.models import Report

    came = received or timezone.now() - timedelta(hours=2)
    facts = {
        "organisation_id": organisation, "origin": origin, "received": came, "date": date(2025, 3, 9), "area": "XAL",
        "platform": "social", "age_band": "13-15", "sex": "girl", "channel": "hotline", "reporter": "child",
        "sealed": sealed, "variables": {"age_band": "13-15", "genai": "_U"}, **columns,
    }  # fmt: skip
    report = Report.objects.create(**facts)
    said = Coded(code, code[0], 0.9, (code,), "review", urgency, "en", "1.0", "test 1")
    record_codes(reports=[report.pk], codes=[said], organisation=organisation, received=came)
    return report.pk


def put_file_report(source: str = "hotline", **columns: Any) -> int:
    """A report that came by a file, on nobody's desk; its number."""
    from cop.classification.coder import Coded
    from cop.vault.coding.operations import record_codes
    from cop.vault.registers.operations import FileFacts, record_register
    from cop.vault.reports.models import Report

    row = next(_ROWS)
    facts = FileFacts("reports", source, f"{row}.csv", "0" * 64, 1, f"k{row}")
    register = record_register(facts=facts, rows=1, refused=(), accepted=True, recipients=())
    values = {
        "register_id": register, "row": row, "origin": "file", "date": date(2024, 5, 6), "area": "", "platform": "dating",
        "age_band": "unknown", "sex": "unknown", "channel": "police", "reporter": "unknown", **columns,
    }  # fmt: skip
    report = Report.objects.create(**values)
    record_codes(reports=[report.pk], codes=[Coded("C02", "C", 0.8, ("C02",), "auto", 3, "fr", "1.0", "test 1")])
    return report.pk


def put_body(
    vault: Any, *, recipient: str = "", kinds: tuple[str, ...] = ("POLICE",), name: str = "Harbour police"
) -> int:
    """A body that alpha refers to; its number."""
    from cop.vault.cases.bodies import put_body as put

    return put(
        actor=vault.actor("reviewer@alpha"), organisation=vault.organisations["alpha"], name=name, kinds=kinds,
        area="XAL", recipient=recipient, evidence=date(2026, 1, 5) if recipient else None,
    )  # fmt: skip
