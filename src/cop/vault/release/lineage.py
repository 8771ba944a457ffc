"""From a published figure back to its definition, its inputs and the code that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from cop.classification.coder import Coder
from cop.measurement import catalogue
from cop.vault.providers.figures import SURVEY as PROVIDERS
from cop.vault.registers.queries import RegisterFacts
from cop.vault.release.counts import LINEAGE as COUNTS
from cop.vault.release.warnings import LINEAGE as WARNINGS

if TYPE_CHECKING:
    from cop.vault.release.operations import ReceivedSeries

_COUNT = {
    "definition": "Reports received whose code is the class shown or under it, in the period, area and group shown.",
    "numerator": "number of reports; the unit of count is the report, duplicates are not removed",
    "denominator": None,
    "uncertainty": "not stated in this edition: codes are the coder's own, uncorrected for its errors (see quality)",
    "method": "each report coded once by the model named; grouped sums; counts below the threshold withheld",
}
_AUDITED = (
    "not stated for each count: codes are the coder's own until a person decides, and counts are not corrected; counts "
    "of sections corrected for the coder's errors by an audit sample, with 95 % intervals, are in quality"
)
_WARNING = {
    "definition": "A published count that is higher than its own past explains.",
    "numerator": None,
    "denominator": None,
    "uncertainty": "chance alone raises some: the settings' rate of false alarms, found by simulation (see warnings)",
    "method": "Farrington's algorithm, or a moving average for short series, over the published counts; a withheld "
    "count is taken at both ends of what it can be",
}
_SERIES = {
    "definition": "An official series as its publisher gives it.",
    "numerator": None,
    "denominator": None,
    "uncertainty": "as published by the source",
    "method": "read, not recomputed",
}
_TERMS = {
    "definition": "What the text of a provider's document says to a criterion, with the words quoted.",
    "numerator": None,
    "denominator": None,
    "uncertainty": "the finding's confidence; a finding is a proposal until people decide",
    "method": "rules over clauses of the document's text (cop.terms)",
}
_LIST = {
    "uncertainty": "none from sampling: every watched provider is in it; those not reviewed are left out and counted",
    "method": "decided findings only, by the rule of the list (catalogue/criteria/list.yaml)",
}
_SURVEY = {
    "uncertainty": "standard error by Taylor linearisation with the survey's strata and PSUs; 95 % confidence interval",
    "method": "weighted estimate; missing answers stay in the design",
}


def lineage(
    code: Mapping[str, str],
    registers: Sequence[RegisterFacts],
    *,
    coder: Coder,
    estimates: pl.DataFrame,
    series: Sequence[ReceivedSeries],
    corrected: bool,
) -> dict[str, Any]:
    """The edition's `lineage` document: code, inputs, and for each key in a `lineage` column what stands behind it.

    Where `corrected`, the edition's `quality` gives corrected counts of sections.
    """
    ids: dict[tuple[str, str], list[str]] = {}
    for r in registers:
        ids.setdefault((r.kind, r.source), []).append(_id(r))
    coded = {
        "inputs": [i for (kind, _), found in ids.items() if kind == "reports" for i in found],
        "scheme": coder.scheme,
        "model": coder.model,
    }
    sure = {"uncertainty": _AUDITED} if corrected else {}
    facts: dict[str, Any] = {COUNTS: {**_COUNT, **sure, **coded}, WARNINGS: {**_WARNING, **coded}}
    known = catalogue.load()
    watched = [i for (kind, _), found in ids.items() if kind == "provider" for i in found]
    for indicator, survey, key in (
        estimates.select("indicator", "survey", "lineage").unique().sort("lineage").iter_rows()
    ):
        entry = known[indicator]
        facts[key] = {
            **(_LIST if survey == PROVIDERS else _SURVEY),
            "definition": entry.definition["en"],
            "numerator": entry.numerator["en"],
            "denominator": entry.denominator["en"] if entry.denominator else None,
            "inputs": watched if survey == PROVIDERS else ids.get(("survey", survey), []),
        }
    for received in series:
        dataset = str(received.about["id"])
        facts[f"series:{dataset}"] = {**_SERIES, "inputs": ids.get(("series", dataset), [])}
    for (kind, source), inputs in ids.items():
        if kind == "provider":
            facts[f"terms:{source}"] = {**_TERMS, "inputs": inputs}
    return {
        "code": dict(code),
        "inputs": [
            {
                "id": _id(r), "kind": r.kind, "source": r.source, "name": r.name, "sha256": r.sha256, "bytes": r.bytes,
                "rows": r.rows, "rejected": r.rejected,
            }
            for r in registers
        ],
        "facts": facts,
    }  # fmt: skip


def _id(register: RegisterFacts) -> str:
    return f"{register.kind}:{register.source}:{register.name}"
