"""Traps of survey estimation, on small designs worked out by hand or by a plain textbook computation."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused

Estimated = Callable[..., pl.DataFrame]
MEAN = {"code": "ACC.MEAN", "kind": "mean", "variable": "y"}
TOTAL = {"code": "ACC.TOTAL", "kind": "total", "variable": "y"}
SHARE = {"code": "ACC.SHARE", "kind": "proportion", "numerator": "y > 4"}
DESIGN = {"strata": "h", "psu": "psu"}

# three strata: two PSUs, one PSU, three PSUs
TOY = pl.DataFrame(
    {
        "h": [1, 1, 1, 2, 2, 3, 3, 3, 3],
        "psu": [1, 1, 2, 1, 1, 1, 2, 3, 3],
        "w": [1.0, 2.0, 1.5, 1.0, 0.5, 2.0, 1.0, 1.0, 0.5],
        "y": [3, 5, 4, 10, 8, 1, 2, 6, 4],
        "g": ["a", "a", "a", "a", "a", "a", "b", "b", "b"],
    }
)


def written(folder: Path, frame: pl.DataFrame) -> Path:
    path = folder / "survey.parquet"
    frame.write_parquet(path)
    return path


def textbook(frame: pl.DataFrame, member: list[bool], lonely: str = "fail") -> tuple[float, float]:
    """The mean over a domain and its variance: Särndal et al., formula 5.5.10 with (4.3.6), with replacement."""
    rows = list(zip(frame["h"], frame["psu"], frame["w"], frame["y"], member, strict=True))
    valid = [r for r in rows if r[4] and r[3] is not None]
    weight = sum(r[2] for r in valid)
    mean = sum(r[2] * r[3] for r in valid) / weight
    totals: dict[int, dict[int, float]] = {}
    for h, psu, w, y, inside in rows:
        z = w * (y - mean) / weight if inside and y is not None else 0.0
        by_psu = totals.setdefault(h, {})
        by_psu[psu] = by_psu.get(psu, 0.0) + z
    parts = {}
    every = [z for psus in totals.values() for z in psus.values()]
    for h, psus in totals.items():
        n, centre = len(psus), sum(psus.values()) / len(psus)
        if n > 1:
            parts[h] = n / (n - 1) * sum((z - centre) ** 2 for z in psus.values())
        elif lonely == "adjust":
            parts[h] = (centre - sum(every) / len(every)) ** 2
    return mean, sum(parts.values()) * (len(totals) / len(parts) if lonely == "average" else 1)


@pytest.mark.parametrize("policy", ["adjust", "average", "remove", "certainty"])
def test_a_lonely_psu_follows_the_declared_policy(policy: str, estimated: Estimated, tmp_path: Path) -> None:
    found = estimated(written(tmp_path, TOY), [MEAN], design=DESIGN | {"lonely_psu": policy}).row(0, named=True)
    mean, variance = textbook(TOY, [True] * 9, policy)

    assert found["estimate"] == pytest.approx(mean, rel=1e-12)
    assert found["se"] == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert found["df"] == 3


def test_the_adjusted_variance_is_the_one_worked_out_by_hand(estimated: Estimated, tmp_path: Path) -> None:
    # PSU totals of z in units of 1/73.5: (1, -3), (53), (-46, -16, 11); 2(10 - 2) + 53^2 + 3/2 (2493 - 867) = 5264
    found = estimated(written(tmp_path, TOY), [MEAN], design=DESIGN | {"lonely_psu": "adjust"}).row(0, named=True)

    assert found["estimate"] == pytest.approx(30 / 7, rel=1e-14)
    assert found["se"] == pytest.approx(math.sqrt(5264 / 5402.25), rel=1e-12)


def test_a_lonely_psu_fails_loudly_by_default(estimated: Estimated, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        estimated(written(tmp_path, TOY), [MEAN], design=DESIGN)

    assert str(refusal.value) == (
        'survey.toml, field design.lonely_psu: stratum "2" has only one PSU (expected two PSUs in each stratum, or '
        'lonely_psu = "adjust", "average", "remove" or "certainty")'
    )


def test_a_domain_keeps_the_psus_it_does_not_reach(estimated: Estimated, tmp_path: Path) -> None:
    # domain b lies in two of the three PSUs of stratum 3: mean 4, totals -0.8 and 0.8 and 0: 3/2 (0.64 + 0.64) = 1.92
    found = estimated(
        written(tmp_path, TOY), [MEAN], design=DESIGN | {"lonely_psu": "remove", "df": "domain"},
        domains={"g": {"column": "g"}}, breakdowns=[["g"]],
    ).row(1, named=True)  # fmt: skip

    assert (found["g"], found["n"], found["df"]) == ("b", 3, 1)
    assert found["estimate"] == pytest.approx(4)
    assert found["se"] == pytest.approx(math.sqrt(1.92), rel=1e-12)


def test_a_missing_answer_stays_in_the_design(estimated: Estimated, tmp_path: Path) -> None:
    holes = TOY.with_columns(pl.when((pl.col("h") == 1) & (pl.col("psu") == 1)).then(None).otherwise("y").alias("y"))
    design = DESIGN | {"lonely_psu": "remove"}
    kept = estimated(written(tmp_path, holes), [MEAN], design=design).row(0, named=True)
    dropped = estimated(written(tmp_path, holes.drop_nulls()), [MEAN], design=design).row(0, named=True)

    assert (kept["n"], kept["estimate"]) == (7, pytest.approx(32 / 7.5))
    assert kept["se"] == pytest.approx(math.sqrt(textbook(holes, [True] * 9)[1]), rel=1e-12)
    assert dropped["se"] == pytest.approx(math.sqrt(textbook(holes.drop_nulls(), [True] * 7)[1]), rel=1e-12)
    assert kept["se"] > dropped["se"] * 1.001


def test_psu_codes_of_two_strata_are_two_psus(estimated: Estimated, tmp_path: Path) -> None:
    design = DESIGN | {"lonely_psu": "remove"}
    reused = estimated(written(tmp_path, TOY), [MEAN, TOTAL], design=design)
    distinct = TOY.with_columns((pl.col("h") * 100 + pl.col("psu")).alias("psu"))

    assert reused.equals(estimated(written(tmp_path, distinct), [MEAN, TOTAL], design=design))


def test_a_weight_of_zero_leaves_the_sample_and_not_the_design(estimated: Estimated, tmp_path: Path) -> None:
    zero = pl.concat([TOY, TOY.head(1).with_columns(pl.lit(2, pl.Int64).alias("h"), pl.lit(2, pl.Int64).alias("psu"),
                                                    pl.lit(0.0).alias("w"))])  # fmt: skip
    found = estimated(written(tmp_path, zero), [MEAN], design=DESIGN).row(0, named=True)

    assert (found["n"], found["df"]) == (9, 3)
    assert found["se"] == pytest.approx(math.sqrt(textbook(zero, [True] * 10)[1]), rel=1e-12)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (-1.0, 'survey.parquet row 4, field w: "-1.0" is negative or not finite (expected a weight of 0 or more)'),
        (None, 'survey.parquet row 4, field w: "" is missing (expected a weight of 0 or more)'),
        (math.nan, 'survey.parquet row 4, field w: "" is missing (expected a weight of 0 or more)'),
        (math.inf, 'survey.parquet row 4, field w: "inf" is negative or not finite (expected a weight of 0 or more)'),
    ],
)
def test_a_bad_weight_is_refused_with_its_row(
    weight: float | None, message: str, estimated: Estimated, tmp_path: Path
) -> None:
    weights = [*TOY["w"][:3], weight, *TOY["w"][4:]]
    with pytest.raises(Refused) as refusal:
        estimated(written(tmp_path, TOY.with_columns(pl.Series("w", weights))), [MEAN], design=DESIGN)

    assert str(refusal.value) == message


def test_faults_of_the_data_are_one_clear_line_each(estimated: Estimated, tmp_path: Path) -> None:
    file = written(tmp_path, TOY.with_columns(pl.when(pl.col("y") == 10).then(None).otherwise("psu").alias("psu")))
    cases: list[tuple[Path, dict[str, Any], dict[str, Any], str]] = [
        (file, MEAN, DESIGN, 'survey.parquet row 4, field psu: "" is missing (expected a value in every row: '
         "the design has no place for the row otherwise)"),
        (file, MEAN | {"variable": "yy"}, DESIGN, 'survey.parquet, field indicator[0].variable: "yy" is not a column '
         "of the table (expected one of y)"),
        (file, MEAN, {"weights": "g"}, 'survey.parquet row 1, field g: "a" is in a column that does not hold numbers '
         "(expected numbers, as design.weights needs)"),
        (file, SHARE | {"numerator": "y"}, {}, 'survey.toml, field indicator[0].numerator: "y" is not a column of true '
         "and false (expected a condition such as y = 1)"),
        (file, MEAN | {"where": "y > 99"}, {}, "survey.toml, field indicator[0]: has no valid answers (expected at "
         f"least one row of {file} that counts for ACC.MEAN)"),
    ]  # fmt: skip
    for path, indicator, design, message in cases:
        with pytest.raises(Refused) as refusal:
            estimated(path, [indicator], design=design)
        assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "survey.csv: is empty (expected a header and at least one row)"),
        (b"h,psu,w,y\n", "survey.csv: has no rows (expected a header and at least one row)"),
    ],
)
def test_an_empty_file_is_refused(content: bytes, message: str, estimated: Estimated, tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_bytes(content)
    with pytest.raises(Refused) as refusal:
        estimated("survey.csv", [MEAN])

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "content", ["h,w,y\n1,1,2\n".encode("utf-16"), b"h,w,y\n1,1,\x00\n1,1,2,3,4\n", b"\xff\xfe\x00"]
)
def test_a_csv_that_is_none_is_refused(content: bytes, estimated: Estimated, tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_bytes(content)
    with pytest.raises(Refused, match=r"^survey\.csv"):
        estimated("survey.csv", [MEAN])


def test_an_unlisted_value_is_refused_or_missing_as_declared(estimated: Estimated, tmp_path: Path) -> None:
    file, design = written(tmp_path, TOY), DESIGN | {"lonely_psu": "remove"}
    labelled = {"column": "g", "labels": {"a": "A"}}
    with pytest.raises(Refused, match=r'survey\.parquet, field g: "b" has no label'):
        estimated(file, [MEAN], design=design, domains={"g": labelled}, breakdowns=[["g"]])
    found = estimated(
        file, [MEAN], design=design, domains={"g": labelled | {"unlisted": "missing"}}, breakdowns=[[], ["g"]]
    )

    assert found.select("g", "n").rows() == [("_T", 9), ("A", 6)]


def test_a_domain_that_no_breakdown_uses_is_all_throughout(estimated: Estimated, tmp_path: Path) -> None:
    found = estimated(written(tmp_path, TOY), [MEAN], domains={"g": {"column": "g"}})

    assert found.select("g", "n").rows() == [("_T", 9)]


def test_without_strata_and_psus_rows_are_the_sample(estimated: Estimated, tmp_path: Path) -> None:
    # equal weights: the textbook's s / sqrt(n)
    frame = pl.DataFrame({"w": [2.0] * 6, "y": [2, 4, 4, 5, 7, 8]})
    found = estimated(written(tmp_path, frame), [MEAN]).row(0, named=True)

    assert (found["estimate"], found["df"]) == (5, 5)
    assert found["se"] == pytest.approx(frame["y"].std() / math.sqrt(6), rel=1e-12)  # type: ignore[operator]


def test_two_values_with_one_label_are_one_domain(estimated: Estimated, tmp_path: Path) -> None:
    merged = {"g": {"column": "g", "labels": {"a": "all", "b": "all"}}}
    found = estimated(
        written(tmp_path, TOY), [MEAN], design=DESIGN | {"lonely_psu": "adjust"}, domains=merged, breakdowns=[[], ["g"]]
    )

    assert found.drop("g").row(0) == found.drop("g").row(1)


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_spss_and_stata_files_give_the_figures_of_parquet(suffix: str, estimated: Estimated, tmp_path: Path) -> None:
    import pyreadstat

    frame = TOY.with_columns(pl.when(pl.col("y") == 6).then(None).otherwise("y").alias("y"))
    write = pyreadstat.write_sav if suffix == ".sav" else pyreadstat.write_dta
    write(frame.to_pandas(), str(tmp_path / f"survey{suffix}"))
    given: dict[str, Any] = {
        "design": DESIGN | {"lonely_psu": "remove"}, "domains": {"h": {"column": "h"}, "g": {"column": "g"}},
        "breakdowns": [[], ["h"], ["g"]],
    }  # fmt: skip

    assert estimated(f"survey{suffix}", [MEAN, SHARE], **given).equals(
        estimated(written(tmp_path, frame), [MEAN, SHARE], **given)
    )


def test_the_jackknife_needs_two_psus_in_each_stratum(estimated: Estimated, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="only one PSU, and the jackknife drops one"):
        estimated(written(tmp_path, TOY), [MEAN], design=DESIGN | {"variance": "jkn", "lonely_psu": "remove"})


@st.composite
def samples(draw: st.DrawFn) -> pl.DataFrame:
    strata = draw(st.integers(1, 4))
    rows: list[tuple[int, int, float, int | None, str | None]] = []
    value = st.one_of(st.none(), st.integers(-50, 50))
    for h in range(strata):
        for psu in range(draw(st.integers(2, 4))):
            for _ in range(draw(st.integers(1, 4))):
                weight = draw(st.floats(0.1, 50, allow_subnormal=False))
                rows.append((h, psu, weight, draw(value), draw(st.sampled_from(["a", "b", None]))))
    rows += [(0, 0, 1.0, 1, "a"), (0, 1, 2.0, 3, "a")]
    return pl.DataFrame(rows, schema=["h", "psu", "w", "y", "g"], orient="row")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=samples())
def test_every_domain_equals_a_plain_textbook_computation(
    frame: pl.DataFrame, estimated: Estimated, tmp_path: Path
) -> None:
    found = estimated(
        written(tmp_path, frame), [MEAN], design=DESIGN, domains={"g": {"column": "g"}}, breakdowns=[[], ["g"]]
    )
    for row in found.iter_rows(named=True):
        member = [row["g"] in {"_T", g} for g in frame["g"]]
        if row["n"] == 0:
            assert (row["estimate"], row["flag"]) == (None, "not published")
            continue
        mean, variance = textbook(frame, member)
        assert row["estimate"] == pytest.approx(mean, rel=1e-9, abs=1e-9)
        assert row["se"] == pytest.approx(math.sqrt(variance), rel=1e-8, abs=1e-9)


def test_the_same_file_gives_the_same_bits_twice(estimated: Estimated, tmp_path: Path) -> None:
    file = written(tmp_path, TOY)
    given: dict[str, Any] = {"design": DESIGN | {"lonely_psu": "adjust"}}

    assert estimated(file, [MEAN, TOTAL], **given).equals(estimated(file, [MEAN, TOTAL], **given))
