"""The fact tables of an edition: columns, types, and the codes that stand for "all" and "withheld".

Observation and confidentiality status follow SDMX's cross-domain code lists CL_OBS_STATUS and CL_CONF_STATUS:
a suppressed value is null with OBS_STATUS Q and CONF_STATUS C (primary) or D (secondary); a missing one is null with M.
"""

from __future__ import annotations

import pyarrow as pa

TOTAL = "_T"
"""The code of "all categories together" in every dimension (SDMX convention)."""

UNKNOWN = "_U"
"""The code of a value that is not known: a record that leaves a dimension empty counts here (SDMX convention)."""

COUNTS = pa.schema(
    [
        ("table", pa.string()),  # which published table the cell belongs to: "class-month", ...
        ("measure", pa.string()),  # "reports"
        ("code", pa.string()),  # class, section or _T
        ("area", pa.string()),  # ISO 3166-1 alpha-3, a declared code, or _T
        ("period", pa.string()),  # SDMX time period: 2025, 2025-03; _T for the whole reference period
        ("age_band", pa.string()),
        ("sex", pa.string()),
        ("platform", pa.string()),
        ("language", pa.string()),
        ("value", pa.int64()),
        ("obs_status", pa.string()),
        ("conf_status", pa.string()),
        ("lineage", pa.string()),  # key in metadata/lineage.json
    ]
)

ESTIMATES = pa.schema(
    [
        ("indicator", pa.string()),
        ("survey", pa.string()),
        ("area", pa.string()),
        ("period", pa.string()),
        ("domain", pa.string()),  # _T, or "sex=F;grade=9" in the order of the survey's description
        ("estimate", pa.float64()),
        ("se", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("cv", pa.float64()),
        ("n", pa.int64()),
        ("deff", pa.float64()),
        ("df", pa.float64()),
        ("unit", pa.string()),
        ("flag", pa.string()),
        ("flag_reason", pa.string()),
        ("obs_status", pa.string()),
        ("conf_status", pa.string()),
        ("lineage", pa.string()),
    ]
)

SERIES = pa.schema(
    [
        ("dataset", pa.string()),
        ("flow", pa.string()),
        ("key", pa.string()),  # the series key, dimensions joined by dots
        ("dims", pa.string()),  # JSON object: dimension -> code
        ("area", pa.string()),
        ("period", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("obs_status", pa.string()),
        ("attributes", pa.string()),  # JSON object
        ("lineage", pa.string()),
    ]
)

DOCUMENTS = pa.schema(
    [
        ("provider", pa.string()),
        ("document", pa.string()),  # provider/kind[/region]
        ("kind", pa.string()),
        ("title", pa.string()),
        ("language", pa.string()),
        ("version", pa.string()),  # date first seen, YYYY-MM-DD
        ("sha256", pa.string()),  # of the raw file
        ("words", pa.int64()),
        ("visible_date", pa.string()),
        ("change", pa.string()),  # first, new_text, format_or_link_only, ...
        ("silent", pa.bool_()),  # the text changed, its visible date did not
        ("grade", pa.float64()),  # Flesch-Kincaid grade, null where the language has another formula
        ("long_sentences", pa.float64()),  # share of sentences over 25 words, 0-1
        ("minutes", pa.float64()),  # reading time at 200 words a minute
        ("warnings", pa.string()),  # JSON list
        ("lineage", pa.string()),
    ]
)

FINDINGS = pa.schema(
    [
        ("provider", pa.string()),
        ("document", pa.string()),
        ("version", pa.string()),
        ("criterion", pa.string()),
        ("finding", pa.string()),  # met, partly, not_met, not_addressed, contradictory, not_reviewed
        ("confidence", pa.float64()),
        ("evidence", pa.string()),  # JSON list of {quote, start, end, score}
        ("why", pa.string()),
        ("status", pa.string()),  # proposed (by the machine) or decided (by people)
        ("lineage", pa.string()),
    ]
)

TABLES: dict[str, pa.Schema] = {
    "counts": COUNTS,
    "estimates": ESTIMATES,
    "series": SERIES,
    "documents": DOCUMENTS,
    "findings": FINDINGS,
}

METADATA = (
    "classification",
    "indicators",
    "surveys",
    "series",
    "criteria",
    "providers",
    "library",
    "report",
    "disclosure",
    "quality",
    "lineage",
)
"""The names of the metadata documents, each `metadata/<name>.json`."""
