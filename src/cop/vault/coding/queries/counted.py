"""Codes on their way to counts: every coded report, and what the audit sample says of the coder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast

from cop.vault.coding.models import AuditDraw, Coding
from cop.vault.coding.schemas import scheme
from cop.vault.reports.variables import assessed_columns

RECORD_COLUMNS = ("code", "date", "area", "platform", "age_band", "sex", "language", "route", "source")
_CHUNK = 20_000
_ASSESSED = Cast("variables", TextField())
"""As text, because nearly all are empty and need not be read."""


def coded_records() -> Iterator[dict[str, list[Any]]]:
    """Every coded report as columns of `RECORD_COLUMNS`, some 20,000 at a time, in no promised order.

    A residual code (`B98`) counts in its section and in no class of it. Area, platform, age and sex are what people
    established at the desk, and where they did not, what was reported.
    """
    residuals = scheme().residuals
    rows = (
        Coding.objects.exclude(report__status="withdrawn")
        .values_list(
            "code",
            "report__date",
            "report__area",
            "report__platform",
            "report__age_band",
            "report__sex",
            "language",
            "route",
            "report__register__source",
            _ASSESSED,
        )
        .iterator(chunk_size=_CHUNK)
    )
    while chunk := list(islice(rows, _CHUNK)):
        *found, assessed = map(list, zip(*chunk, strict=True))
        columns = dict(zip(RECORD_COLUMNS, found, strict=True))
        for row, values in enumerate(assessed):
            if values != "{}":
                _assess(columns, row, json.loads(values))
        columns["code"] = [code[:1] if code[1:] in residuals else code for code in columns["code"]]
        yield columns


def _assess(columns: dict[str, list[Any]], row: int, values: Mapping[str, str]) -> None:
    for name, value in assessed_columns(values).items():
        if name in columns:
            columns[name][row] = value


def routes_by_source() -> dict[str, tuple[int, int]]:
    """Records of files coded automatically and records for review, by source."""
    rows = Coding.objects.filter(report__register__isnull=False).values("report__register__source")
    rows = rows.annotate(auto=Count("pk", filter=Q(route="auto")), review=Count("pk", filter=Q(route="review")))
    return {r["report__register__source"]: (r["auto"], r["review"]) for r in rows.order_by("report__register__source")}


def audit_frame() -> Iterator[tuple[int, str, str]]:
    """Report, what the coder had said, and the chance of being drawn, for every record that had a lot."""
    residuals = scheme().residuals
    rows = Coding.objects.filter(draw_rate__gt=0).order_by("report").values_list("report", "proposed", "draw_rate")
    for report, code, rate in rows.iterator(chunk_size=_CHUNK):
        yield report, code[:1] if code[1:] in residuals else code, repr(rate)


def audit_judgements() -> Iterator[tuple[int, str]]:
    """Report and the code that people gave it blind, for every record of the audit sample that is settled."""
    residuals = scheme().residuals
    rows = AuditDraw.objects.filter(state__in=["agreed", "adjudicated"]).order_by("report")
    for report, state, first, settled in rows.values_list("report", "state", "first__code", "settled__code").iterator():
        code = first if state == "agreed" else settled
        yield report, code[:1] if code[1:] in residuals else code
