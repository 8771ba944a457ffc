"""Official series brought to one unit for one population, side by side and never silently joined.

Every row keeps what its publisher gave: value, unit, dataset. A unit is changed only by a declared factor; a population
is never changed, as no factor makes households into children. Where two series speak of the same area and period, both
stay, and which of them leads is declared or refused.

Source: SDMX 3.0, content-oriented guidelines, cross-domain concepts UNIT_MEASURE and UNIT_MULT.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from cop.kernel.errors import Refused, shown
from cop.measurement.series.reading import SCHEMA as READ

SCHEMA: dict[str, pl.DataType] = {
    **READ, "value_given": pl.Float64(), "unit_given": pl.String(), "factor": pl.Float64(), "population": pl.String(),
}  # fmt: skip
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Target:
    """What a harmonised series is in: a unit ("percent", "persons"), and whom it is of ("children aged 9 to 17")."""

    unit: str
    population: str


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of one dataset beside its observations.

    `population` is whom it is of; `factors` say by what a value in a unit is multiplied to be in the target's.
    """

    population: str
    factors: Mapping[str, float] = field(default_factory=dict)


def harmonise(observed: pl.DataFrame, target: Target, given: Given) -> pl.DataFrame:
    """One dataset in the target's unit.

    Args:
        observed: as `read_series` returns it, of one dataset.
        target: unit and population wanted.
        given: what the dataset is of.

    Returns:
        The same rows with `value` in the target's unit, `value_given`, `unit_given`, `factor` and `population`. A
        UNIT_MULT among the attributes (a power of ten) is taken into the factor.

    Raises:
        Refused: another population, a unit without a factor, a multiplier that is no power of ten.
    """
    dataset = str(observed["dataset"][0]) if observed.height else "the dataset"
    if given.population != target.population:
        raise Refused.value(
            given.population, f"is not the population that {dataset} is wanted for", field=f"{dataset}.population",
            expected=f"{shown(target.population)}; a population is not converted",
        )  # fmt: skip
    factors = {target.unit: 1.0, **given.factors}
    rows: list[tuple[float | None, str, float]] = []
    for row in observed.iter_rows(named=True):
        unit = str(row["unit"])
        if unit not in factors:
            raise Refused.value(unit, "has no factor", field=f"{dataset}.unit",
                                expected=f"one to {shown(target.unit)}, or that unit")  # fmt: skip
        factor = factors[unit] * 10.0 ** _power(row["attributes"], dataset)
        value = row["value"]
        rows.append((None if value is None else value * factor, unit, factor))
    more = pl.DataFrame(rows, schema={"value": pl.Float64, "unit_given": pl.String, "factor": pl.Float64}, orient="row")
    return observed.rename({"value": "value_given", "unit": "_"}).drop("_").with_columns(
        more["value"], more["unit_given"], more["factor"], pl.lit(target.unit).alias("unit"),
        pl.lit(target.population).alias("population"),
    ).select(list(SCHEMA))  # fmt: skip


def _power(attributes: str, dataset: str) -> int:
    text = str(json.loads(attributes).get("UNIT_MULT", "0"))
    if not text.lstrip("-").isdigit() or abs(int(text)) > 15:
        raise Refused.value(text, "is no power of ten", field=f"{dataset}.UNIT_MULT", expected="a whole number")
    return int(text)


def beside(frames: Sequence[pl.DataFrame], *, lead: Sequence[str] = ()) -> pl.DataFrame:
    """Harmonised datasets in one table, none overwritten.

    Args:
        frames: as `harmonise` returns them.
        lead: datasets in the order in which they lead where several have a value for one area and period.

    Returns:
        All rows with `leads`: true for the one value of an area and a period that is to be used. Rows that do not lead
        stay, so that what was not used can be seen beside what was.

    Raises:
        Refused: units or populations differ; several datasets have a value for one area and period and `lead` does not
            say which leads; a dataset has several series (keys) for one area and period.
    """
    rows = pl.concat([pl.DataFrame(schema=SCHEMA), *frames])
    for column in ("unit", "population"):
        if rows[column].n_unique() > 1:
            named = ", ".join(shown(v) for v in rows[column].unique().sort())
            raise Refused(f"the series have several of {column}: {named}", expected="one, by harmonise")
    valued = rows.filter(pl.col("value").is_not_null())
    several = valued.filter(pl.struct("dataset", "area", "period").is_duplicated())
    if several.height:
        at = several.row(0, named=True)
        raise Refused.value(
            f"{at['area']} {at['period']}", f"has several series in {at['dataset']}", field="key",
            expected="one; choose among its dimensions first",
        )  # fmt: skip
    order = {name: place for place, name in enumerate(lead)}
    ranked = valued.with_columns(
        pl.col("dataset").replace_strict(order, default=None, return_dtype=pl.Int64).alias("_order")
    )
    clashes = ranked.filter(pl.struct("area", "period").is_duplicated() & pl.col("_order").is_null())
    if clashes.height:
        named = ", ".join(f"{a} {p}" for a, p in clashes.select("area", "period").unique().sort(pl.all()).head(_SHOWN)
                          .iter_rows())  # fmt: skip
        both = ", ".join(sorted(ranked.join(clashes, on=["area", "period"], how="semi")["dataset"].unique()))
        raise Refused(f"{both} have values for {named}", expected="lead to say which of them leads")
    first = ranked.sort("_order", nulls_last=True).unique(subset=["area", "period"], keep="first", maintain_order=True)
    leading = first.select("dataset", "key", "period", "area", pl.lit(True).alias("leads"))
    return rows.join(leading, on=["dataset", "key", "period", "area"], how="left", maintain_order="left").with_columns(
        pl.col("leads").fill_null(False)
    )
