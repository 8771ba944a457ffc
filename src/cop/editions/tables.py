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

DIMENSIONS = ("code", "area", "age_band", "sex", "platform", "language")
"""What names a series of counts; the period is told apart."""

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
        ("region", pa.string()),  # for whom the text says it; "" for all
        ("ages", pa.string()),
        ("finding", pa.string()),  # as proposed: met, partly, not_met, not_addressed, contradictory, not_reviewed
        ("confidence", pa.float64()),
        ("evidence", pa.string()),  # JSON list of {quote, start, end, score}
        ("why", pa.string()),
        ("status", pa.string()),  # decided where a decision that stands rests on this version, else proposed
        ("lineage", pa.string()),
    ]
)

PROVIDER_LIST = pa.schema(
    [
        ("provider", pa.string()),
        ("criterion", pa.string()),
        ("region", pa.string()),  # for whom it counts; "" for all
        ("ages", pa.string()),
        ("finding", pa.string()),  # what counts: the last decision, else what is proposed
        ("status", pa.string()),  # decided, stale (the words under it are gone: to be confirmed), proposed
        ("proposed", pa.string()),  # by the machine, over the newest documents
        ("declared", pa.string()),  # by the provider, of itself; null where it declared nothing
        ("date", pa.string()),  # of the decision
        ("reviewers", pa.int64()),
        ("adjudicated", pa.bool_()),
        ("reason", pa.string()),
        ("evidence", pa.string()),  # JSON list of {document, version, sha256, quote, start, end}
        ("documents", pa.string()),  # JSON list of {document, version, sha256}: what the decision rests on
        ("replies", pa.string()),  # JSON list of {act, date, by, text, filed}: what the provider says beside it
        ("contested", pa.bool_()),  # by the provider, since the decision
        ("lineage", pa.string()),
    ]
)

PROVIDER_HISTORY = pa.schema(
    [
        ("provider", pa.string()),
        ("number", pa.int64()),  # of the change, oldest first
        ("date", pa.string()),
        ("event", pa.string()),  # decided, adjudicated, stale, answer, new_text, contest, declare, list
        ("criterion", pa.string()),  # "" for a move on the list
        ("region", pa.string()),
        ("ages", pa.string()),
        ("finding", pa.string()),
        ("status", pa.string()),  # of a move on the list: listed, not_listed, proposed
        ("by", pa.string()),  # who speaks for the provider; reviewers go unnamed
        ("text", pa.string()),
        ("evidence", pa.string()),
        ("documents", pa.string()),
        ("filed", pa.string()),  # SHA-256 of a text that the provider filed
        ("lineage", pa.string()),
    ]
)

WARNING = pa.schema(
    [
        ("warning", pa.string()),  # its id, of the series and the period
        ("table", pa.string()),  # of counts
        *((name, pa.string()) for name in DIMENSIONS),  # _T for all, as in the counts
        ("period", pa.string()),
        ("observed", pa.int64()),  # null where the count is withheld
        ("at_least", pa.int64()),  # null where the count is withheld
        ("size", pa.string()),  # the count in words: "37", "fewer than 5"
        ("expected", pa.float64()),
        ("upperbound", pa.float64()),
        ("score", pa.float64()),
        ("pvalue", pa.float64()),  # null for a moving average
        ("method", pa.string()),  # settings of catalogue/warning
        ("look_at", pa.list_(pa.string())),  # in English
    ]
)
"""What is said of a count that its past does not explain, in an edition and in the files of the standing monitor."""

WARNINGS = pa.schema([*WARNING, ("lineage", pa.string())])

TABLES: dict[str, pa.Schema] = {
    "counts": COUNTS,
    "estimates": ESTIMATES,
    "series": SERIES,
    "documents": DOCUMENTS,
    "findings": FINDINGS,
    "provider_list": PROVIDER_LIST,
    "provider_history": PROVIDER_HISTORY,
    "warnings": WARNINGS,
}

METADATA = (
    "classification",
    "indicators",
    "surveys",
    "series",
    "criteria",
    "providers",
    "list",
    "library",
    "report",
    "disclosure",
    "quality",
    "lineage",
    "warnings",
)
"""The names of the metadata documents, each `metadata/<name>.json`."""

LATER = frozenset({"warnings", "provider_list", "provider_history", "list"})
"""Tables and documents that editions written before there were any lack."""
