"""What other apps may ask of codes: facts without a narrative."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Count, Q

from cop.vault.coding.models import Coding

RECORD_COLUMNS = ("code", "date", "area", "platform", "age_band", "sex", "language", "route", "source")
_CHUNK = 20_000


def coded_records() -> Iterator[dict[str, list[Any]]]:
    """Every coded report as columns of `RECORD_COLUMNS`, some 20,000 at a time, in no promised order."""
    rows = Coding.objects.values_list(
        "code",
        "report__date",
        "report__area",
        "report__platform",
        "report__age_band",
        "report__sex",
        "language",
        "route",
        "report__register__source",
    ).iterator(chunk_size=_CHUNK)
    while chunk := list(islice(rows, _CHUNK)):
        yield dict(zip(RECORD_COLUMNS, map(list, zip(*chunk, strict=True)), strict=True))


def routes_by_source() -> dict[str, tuple[int, int]]:
    """Records coded automatically and records for review, by source."""
    rows = Coding.objects.values("report__register__source").annotate(
        auto=Count("pk", filter=Q(route="auto")), review=Count("pk", filter=Q(route="review"))
    )
    return {r["report__register__source"]: (r["auto"], r["review"]) for r in rows.order_by("report__register__source")}
