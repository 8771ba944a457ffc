"""One edition as the pages ask for it: nodes with their children, cells by dimension, lineage by key.

It is also the last gate: a cell marked as suppressed that still carries a value stops the build, because what is
written here is public.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from cop.editions.read import Edition
from cop.editions.tables import DIMENSIONS as SERIES_KEYS
from cop.editions.tables import TOTAL, UNKNOWN
from cop.kernel.errors import Refused, Where
from cop.publication.charts.figure import MISSING, SUPPRESSED
from cop.publication.language import Language
from cop.publication.words import RESIDUAL

DIMENSIONS = ("area", "age_band", "sex", "platform", "language")
PROVIDERS = "providers"
"""What stands for a survey in the estimates that are shares of watched providers."""
_MONTH = r"^\d{4}-\d{2}$"
_YEAR = r"^\d{4}$"


@dataclass(frozen=True)
class Facts:
    """What the pages read. Everything is loaded once and kept; nothing is computed that the edition does not say."""

    edition: Edition
    language: Language
    nodes: dict[str, dict[str, Any]] = field(repr=False)
    children: dict[str | None, list[str]] = field(repr=False)
    _counts: dict[str, pl.DataFrame] = field(repr=False)

    @property
    def about(self) -> dict[str, Any]:
        return self.edition.about

    @property
    def observatory(self) -> dict[str, Any]:
        return self.about["observatory"]

    @property
    def threshold(self) -> int:
        return int(self.about.get("threshold", 0))

    @cached_property
    def estimates(self) -> pl.DataFrame:
        """Estimates; the numbers of a row that is flagged as not published are empty whatever the table holds."""
        numbers = ("estimate", "se", "ci_low", "ci_high", "cv", "deff")
        hidden = (pl.col("flag") == "not published") | pl.col("obs_status").is_in([SUPPRESSED, MISSING])
        return self.edition.table("estimates").with_columns(pl.when(~hidden).then(pl.col(c)).alias(c) for c in numbers)

    @cached_property
    def surveyed(self) -> pl.DataFrame:
        """The estimates from surveys: all but the shares of watched providers."""
        return self.estimates.filter(pl.col("survey") != PROVIDERS)

    @cached_property
    def series(self) -> pl.DataFrame:
        return self.edition.table("series")

    @cached_property
    def documents(self) -> pl.DataFrame:
        return self.edition.table("documents")

    @cached_property
    def findings(self) -> pl.DataFrame:
        return self.edition.table("findings")

    @cached_property
    def provider_list(self) -> pl.DataFrame:
        return self.edition.table("provider_list")

    @cached_property
    def provider_history(self) -> pl.DataFrame:
        return self.edition.table("provider_history")

    @cached_property
    def warnings(self) -> pl.DataFrame:
        return self.edition.table("warnings")

    @cached_property
    def lineage(self) -> dict[str, Any]:
        found = self.edition.metadata("lineage")
        return {
            "code": found.get("code", {}),
            "facts": found.get("facts", {}),
            "inputs": {i["id"]: i for i in found.get("inputs", [])},
        }

    def metadata_list(self, name: str) -> list[dict[str, Any]]:
        """A metadata document that is a list; an edition that lacks it has an empty object there."""
        found = self.edition.metadata(name)
        return list(found) if isinstance(found, list) else []

    def area(self, code: str) -> str:
        if code == TOTAL:
            return self.language.gettext("All areas")
        if code == UNKNOWN:
            return self.language.gettext("Area not recorded")
        return str(self.about.get("areas", {}).get(code, code))

    def node_name(self, code: str) -> str:
        return self.language.pick(self.nodes[code]["name"]) if code in self.nodes else code

    def section_of(self, code: str) -> str:
        return code[:1]

    def count_codes(self) -> set[str]:
        return set(self._counts)

    def cells(self, code: str, *dims: str) -> pl.DataFrame:
        """Cells of a code by some dimensions, all others being "all".

        The whole reference period is taken where the edition publishes it, else its latest year. A cell that stands
        in several tables and is withheld in one of them is withheld.

        Returns:
            Columns `dims`, period, value, status, lineage, in the order of the dimensions' codes.
        """
        frame = self._at(code, *dims)
        whole = frame.filter(pl.col("period") == TOTAL)
        if whole.is_empty():
            years = frame.filter(pl.col("period").str.contains(_YEAR))
            whole = years.filter(pl.col("period") == years["period"].max()) if years.height else years
        return whole.sort(*dims) if dims else whole

    def months(self, code: str) -> pl.DataFrame:
        """Monthly cells of a code: period, value, status, lineage; a gap in the calendar is a missing value."""
        found = self._at(code).filter(pl.col("period").str.contains(_MONTH)).sort("period")
        if found.is_empty():
            return found
        first, last = str(found["period"][0]), str(found["period"][-1])
        start, end = (int(p[:4]) * 12 + int(p[5:]) - 1 for p in (first, last))
        every = pl.DataFrame({"period": [f"{m // 12}-{m % 12 + 1:02d}" for m in range(start, end + 1)]})
        return every.join(found, on="period", how="left").with_columns(pl.col("status").fill_null(MISSING))

    def total(self, code: str) -> dict[str, Any] | None:
        """The published total of a code: a row with value, status, period, lineage; None when the edition has none."""
        found = self.cells(code)
        return found.row(0, named=True) if found.height else None

    def _at(self, code: str, *dims: str) -> pl.DataFrame:
        frame = self._counts.get(code, _NOTHING)
        frame = frame.filter(*((pl.col(d) != TOTAL) if d in dims else (pl.col(d) == TOTAL) for d in DIMENSIONS))
        return frame.group_by(*dims, "period").agg(
            pl.when((pl.col("obs_status") == SUPPRESSED).any())
            .then(None)
            .otherwise(pl.col("value").drop_nulls().first())
            .alias("value"),
            pl.when((pl.col("obs_status") == SUPPRESSED).any())
            .then(pl.lit(SUPPRESSED))
            .otherwise(pl.col("obs_status").first())
            .alias("status"),
            pl.col("lineage").first(),
        )


def first_lineage(frame: pl.DataFrame) -> str | None:
    """The lineage key of a frame's facts; the facts of one figure share theirs."""
    known = frame["lineage"].drop_nulls()
    return str(known[0]) if known.len() else None


_NOTHING = pl.DataFrame(
    schema={**dict.fromkeys((*DIMENSIONS, "period", "obs_status", "lineage"), pl.String), "value": pl.Int64}
)


def read_facts(edition: Edition, language: Language) -> Facts:
    """Load what the pages need.

    Raises:
        Refused: a table holds a value in a cell that its own status calls suppressed or missing, or a warning a count
            that the table of counts does not.
    """
    counts = edition.table("counts")
    for name, column in (("counts", "value"), ("series", "value"), ("estimates", "estimate")):
        frame = counts if name == "counts" else edition.table(name)
        leaked = frame.filter(pl.col("obs_status") == SUPPRESSED, pl.col(column).is_not_null()).height
        if leaked:
            raise Refused(
                f"{leaked} cells are marked as suppressed and still hold a value",
                where=Where(f"{name}.parquet", field=column),
                expected="null in every suppressed cell",
            )
    _only_published(edition.table("warnings"), counts)
    classification = edition.metadata("classification")
    nodes: dict[str, dict[str, Any]] = {n["code"]: n for n in classification.get("nodes", [])}
    reports = counts.filter(pl.col("measure") == "reports")
    by_code = {str(key[0]): frame for key, frame in reports.partition_by("code", as_dict=True).items()}
    for code in sorted(set(by_code) - set(nodes) - {TOTAL}):
        nodes[code] = _residual(code, nodes, language)
    children: dict[str | None, list[str]] = {}
    for code, node in nodes.items():
        children.setdefault(node.get("parent"), []).append(code)
    return Facts(edition, language, nodes, children, by_code)


def _only_published(warnings: pl.DataFrame, counts: pl.DataFrame) -> None:
    """Refuse a warning with a count that is withheld, or not the one that is published."""
    keys = ["table", *SERIES_KEYS, "period"]
    beside = warnings.join(counts.select(*keys, "value"), on=keys, how="left")
    told = pl.max_horizontal("observed", "at_least")
    if others := beside.filter(told.is_not_null() & told.ne_missing(pl.col("value"))).height:
        raise Refused(
            f"{others} warnings hold a count that is not published",
            where=Where("warnings.parquet", field="observed"),
            expected="the count of the same series and period in counts.parquet, null where it is withheld",
        )


def _residual(code: str, nodes: dict[str, dict[str, Any]], language: Language) -> dict[str, Any]:
    """A node for a counted code that the classification does not list: the residuals reserved in every section."""
    section = code[:1]
    words = RESIDUAL.get(code[1:])
    name = (
        language.gettext(words, section=language.pick(nodes[section]["name"])) if words and section in nodes else code
    )
    definition = {
        "98": language.gettext(
            "The section is certain and the event is described, but no class of the section fits it."
        ),
        "99": language.gettext("The section is certain, but the record does not say enough to choose a class."),
    }.get(code[1:], "")
    return {
        "code": code,
        "level": "class",
        "parent": section if section in nodes else None,
        "name": name,
        "definition": definition,
        "includes": [],
        "excludes": [],
        "examples": [],
        "index": {},
        "urgency": None,
        "refer": [],
        "attributes": {},
        "correspondences": {},
    }


def domain_words(facts: Facts, survey: str, domain: str) -> tuple[str, str]:
    """A domain code as (by what, which): `sex=F;grade=9` is ("Sex, Grade", "Girls, Grade 9")."""
    if domain == TOTAL:
        return "", facts.language.gettext("All")
    described: dict[str, Any] = next(
        (s.get("domains", {}) for s in facts.metadata_list("surveys") if s["id"] == survey), {}
    )
    if survey == PROVIDERS:
        _ = facts.language.gettext
        weight = {"title": _("Weight"), "labels": {"young_users": _("users under 18")}}
        described = {"criterion": {"title": _("Criterion")}, "weight": weight}
    by, which = [], []
    for part in domain.split(";"):
        name, _, code = part.partition("=")
        about = described.get(name, {})
        by.append(facts.language.pick(about.get("title")) or name)
        which.append(facts.language.pick((about.get("labels") or {}).get(code)) or code)
    return ", ".join(by), ", ".join(which)
