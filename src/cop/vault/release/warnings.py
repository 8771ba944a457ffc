"""Early warnings on their way out: which published counts are higher than their own past explains.

Only counts that disclosure control let through are read, so a warning says no more than they do. Nothing is remembered
from one edition to the next: the same counts give the same warnings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from cop.editions.tables import WARNINGS
from cop.measurement.warning.description import Watching
from cop.measurement.warning.feed import as_row
from cop.measurement.warning.monitor import Watched, as_published, watch
from cop.measurement.warning.settings import EwmaSettings, Settings

LINEAGE = "warnings"


@dataclass(frozen=True, slots=True)
class EarlyWarnings:
    """The edition's table of warnings, and its `warnings` document."""

    table: pa.Table
    about: Mapping[str, Any]


def early_warnings(
    counts: pl.DataFrame, watching: Watching, *, about: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]
) -> EarlyWarnings:
    """Watch the counts of an edition.

    Args:
        counts: as the edition publishes them.
        watching: what the observatory's description says to watch.
        about: `threshold` and `areas` of the edition.
        nodes: of its classification.

    Raises:
        Refused: the settings are for another kind of period than a table's.
    """
    # the edition shows its counts to whoever reads its warnings, a draft too: nothing is made a range
    given = as_published("", counts, about=about, nodes=nodes, draft=False)
    watched = watch(given, tables=watching.tables, settings=watching.settings, short=watching.short, last=watching.last)
    rows = [{**as_row(warned), "lineage": LINEAGE} for warned in watched.warnings]
    return EarlyWarnings(pa.Table.from_pylist(rows, schema=WARNINGS), _about(watched, watching))


def _about(watched: Watched, watching: Watching) -> dict[str, Any]:
    """What was watched and how; `expected_false` is null where settings in use say no rate of false alarms."""
    used = [s for s in (watching.settings, watching.short) if s is not None]
    known = all("rate" in s.false_alarms for s in used if s.id in watched.assessed)
    return {
        "tables": list(watching.tables),
        "last": watching.last,
        "settings": [_settings(s) for s in used],
        "series": watched.series,
        "assessed": dict(watched.assessed),
        "left_out": dict(watched.left_out),
        "expected_false": round(watched.expected_false, 2) if known else None,
    }


def _settings(settings: Settings | EwmaSettings) -> dict[str, Any]:
    return {
        "id": settings.id,
        "detector": "farrington" if isinstance(settings, Settings) else "ewma",
        "source": settings.source,
        "false_alarm_rate": settings.false_alarms.get("rate"),
    }
