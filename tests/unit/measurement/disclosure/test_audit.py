from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from adversary import TOTAL, cube

from cop.measurement.disclosure.assemble import Ratio
from cop.measurement.disclosure.audit import Audit, audit, refusal
from cop.measurement.disclosure.cells import Cells, distinct
from cop.measurement.disclosure.hierarchy import Dimension


def published(frame: pl.DataFrame, *names: str, secondary: Sequence[tuple[str, ...]] = (), plain: bool = True) -> Cells:
    """A release as someone else might publish it: small counts C, the named cells D."""
    key = pl.concat_str(names, separator="|")
    second = key.is_in(["|".join(codes) for codes in secondary])
    first = pl.col("value").is_between(1, 4) & ~second
    shown = frame.with_columns(
        pl.when(first | second).then(pl.lit("Q")).otherwise(pl.lit("A")).alias("obs_status"),
        pl.when(first).then(pl.lit("C")).when(second).then(pl.lit("D")).otherwise(pl.lit("F")).alias("conf_status"),
        pl.when(first | second).then(None).otherwise(pl.col("value")).alias("value"),
    )
    return distinct(shown, names, release="r", threshold=5, plain=plain)


def lists(*names: str) -> list[Dimension]:
    return [Dimension(name) for name in names]


def count(codes: dict[str, list[str]], values: list[int], *, measure: str = "children") -> pl.DataFrame:
    return pl.DataFrame({**codes, "value": values}).with_columns(
        table=pl.lit("t"), measure=pl.lit(measure), counted=pl.lit(value=True)
    )


def test_primary_suppression_alone_is_refused_naming_the_cell_its_value_and_the_sum() -> None:
    release = published(cube(np.array([[3, 20], [40, 50]]), "ab"), "a", "b")
    found = audit(lists("a", "b"), release)
    [finding] = found.findings

    assert (finding.cell, finding.low, finding.high) == ("measure=reports, a=a0, b=b0", 3, 3)
    assert (finding.asked_low, finding.asked_high) == (1, 4)
    assert finding.because in {
        (f"measure=reports, {whole}",) for whole in ("a=a0 is the sum over b", "b=b0 is the sum over a")
    }
    assert "1 suppressed cell is known more exactly than the rule allows" in str(refusal("r", found))


def test_a_rectangle_of_complements_is_safe_and_an_open_corner_is_not() -> None:
    frame = cube(np.array([[3, 20, 30], [40, 50, 60], [70, 80, 90]]), "ab")
    whole = [("a0", "b1"), ("a1", "b0"), ("a1", "b1")]

    assert audit(lists("a", "b"), published(frame, "a", "b", secondary=whole)).safe
    assert not audit(lists("a", "b"), published(frame, "a", "b", secondary=whole[:2])).safe


def test_a_bound_that_is_narrow_is_told_as_an_interval() -> None:
    """3 and 6 withheld, 9 published: the 6 is known to be 5 or more, so the 3 is 4 at most and 1 at least."""
    frame = cube(np.array([[2, 5, 90], [70, 80, 60]]), "ab")
    release = published(frame, "a", "b", secondary=[("a0", "b1"), ("a1", "b0"), ("a1", "b1")])
    [finding] = audit(lists("a", "b"), release).findings

    assert (finding.cell, finding.low, finding.high) == ("measure=reports, a=a0, b=b0", 1, 2)


def test_a_complement_is_a_subtraction() -> None:
    """Girls 3 withheld, all 50 and boys 47 published."""
    found = audit(lists("sex"), published(count({"sex": ["F", "M", TOTAL]}, [3, 47, 50]), "sex"))

    assert [(f.low, f.high) for f in found.findings] == [(3, 3)]


def shares(percent: float, half: float) -> Audit:
    frame = pl.concat([
        count({"answer": ["yes"]}, [3]), count({"answer": ["yes"]}, [60], measure="asked").with_columns(table=pl.lit("n"))
    ])  # fmt: skip
    ratio = Ratio(("children", "yes"), ("asked", "yes"), (percent - half) / 100, (percent + half) / 100)
    return audit(lists("answer"), published(frame, "answer"), ratios=[ratio])


def test_a_percentage_with_its_n_is_a_count() -> None:
    [finding] = shares(5.0, 0.05).findings

    assert (finding.low, finding.high) == (3, 3)
    assert "share" in finding.because[0]
    assert shares(5.0, 5.0).safe


def test_what_is_left_of_an_n_is_a_count_too() -> None:
    """58 of 60 said yes, both published: the two others are told as well."""
    frame = pl.concat([
        count({"answer": ["yes"]}, [58]), count({"answer": ["yes"]}, [60], measure="asked").with_columns(table=pl.lit("n"))
    ])  # fmt: skip
    ratio = Ratio(("children", "yes"), ("asked", "yes"), 0.0, 1.0)
    [finding] = audit(lists("answer"), published(frame, "answer"), ratios=[ratio]).findings

    assert (finding.low, finding.high) == (2, 2)
    assert "all but" in finding.cell


def test_overlapping_age_bands_are_subtracted_from_one_another() -> None:
    """9-17 is 100, 9-12 is 40, 12-17 is 63: three are 12 years old, whom no table shows."""
    frame = count({"age": ["9-17", "9-12", "12-17"]}, [100, 40, 63])
    [finding] = audit([Dimension("age", "ages")], published(frame, "age")).findings

    assert (finding.low, finding.high) == (3, 3)


def test_pooled_waves_give_the_wave_that_is_withheld() -> None:
    frame = count({"wave": ["2021", "2023", "2021+2023"]}, [3, 40, 43])
    waves = Dimension("wave", sums={"2021+2023": ["2021", "2023"]})

    assert [(f.low, f.high) for f in audit([waves], published(frame, "wave")).findings] == [(3, 3)]


def test_a_cell_withheld_for_its_contributors_must_not_be_found_within_a_fifth() -> None:
    """Withheld 100 beside a withheld 30, 130 published: the 100 lies between 0 and 130, the pair is wide enough."""
    frame = count({"a": ["x", "y", "z", TOTAL]}, [100, 30, 900, 1030])
    shown = frame.with_columns(
        pl.Series("obs_status", ["Q", "Q", "A", "A"]), pl.Series("conf_status", ["C", "D", "F", "F"]),
        pl.when(pl.col("a").is_in(["x", "y"])).then(None).otherwise(pl.col("value")).alias("value"),
    )  # fmt: skip
    wide = distinct(shown, ["a"], release="r", threshold=5, plain=False)
    alone = shown.with_columns(
        pl.when(pl.col("a") == "y").then(30).otherwise(pl.col("value")).alias("value"),
        pl.Series("obs_status", ["Q", "A", "A", "A"]),
    )
    narrow = distinct(alone, ["a"], release="r", threshold=5, plain=False)

    assert audit(lists("a"), wide).safe
    assert [(f.low, f.high) for f in audit(lists("a"), narrow).findings] == [(100, 100)]


def test_a_cell_that_one_table_withholds_and_another_shows_is_no_secret() -> None:
    frame = count({"a": ["x", "x", "y"]}, [3, 3, 40]).with_columns(
        pl.Series("table", ["t", "u", "t"]), pl.Series("obs_status", ["Q", "A", "A"]),
        pl.Series("conf_status", ["C", "F", "F"]), pl.Series("value", [None, 3, 40]),
    )  # fmt: skip
    [finding] = audit(lists("a"), distinct(frame, ["a"], release="r", threshold=5, plain=True)).findings

    assert (finding.cell, finding.low, finding.because) == (
        "measure=children, a=x", 3, ("a table of the release shows its value",)
    )  # fmt: skip
