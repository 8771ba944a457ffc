from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cop.kernel.errors import Refused
from cop.measurement.records.counts import Scheme
from cop.measurement.records.description import Records
from cop.measurement.records.measure import measure

Asked = Callable[..., Records]
WHOLE = {"period": "_T", "area": "_T"}


def row(frame: pl.DataFrame, **at: str) -> dict[str, Any]:
    [found] = frame.filter(**at).to_dicts()
    return found


def audited_by(records: Records, **given: Any) -> Records:
    assert records.audit is not None
    return records.model_copy(update={"audit": records.audit.model_copy(update=given)})


def true(coded: pl.DataFrame, code: str, area: str | None = None) -> int:
    picked = coded if area is None else coded.filter(area=area)
    return picked.filter(pl.col("truth").str.starts_with(code)).height


def test_corrected_counts_come_nearer_to_the_truth_than_the_coders_and_say_how_near(
    asked: Asked, coded: pl.DataFrame, scheme: Scheme
) -> None:
    found = measure(asked(), scheme)
    for code in ("A01", "A02", "B031", "B032", "A", "B", "B03"):
        one = row(found.frame, code=code, **WHOLE)
        assert one["raw"] == coded.filter(pl.col("code").str.starts_with(code)).height
        assert one["ci_low"] < true(coded, code) < one["ci_high"], code
        assert one["status"] == "corrected"
        assert abs(one["corrected"] - true(coded, code)) < abs(one["raw"] - true(coded, code)), code
    assert found.summary["power"][""] > 0.3
    assert found.summary["alike"] > 0.001


def test_codes_add_up_at_every_level_in_every_cell(asked: Asked, scheme: Scheme) -> None:
    frame = measure(asked(), scheme).frame.filter(pl.col("status") == "corrected")
    cells = frame.pivot("code", index=["period", "area"], values="corrected")

    assert cells.height == 9  # two years and two areas, with their totals
    for one in cells.iter_rows(named=True):
        assert one["A01"] + one["A02"] == pytest.approx(one["A"])
        assert one["B031"] + one["B032"] == pytest.approx(one["B03"])
        assert one["B03"] == pytest.approx(one["B"])


def test_how_many_records_there_are_is_certain(asked: Asked, scheme: Scheme) -> None:
    one = row(measure(asked(), scheme).frame, code="_T", **WHOLE)

    assert (one["raw"], one["corrected"], one["se"], one["ci_low"], one["ci_high"], one["status"]) == (
        4000, 4000, 0, 4000, 4000, "certain",
    )  # fmt: skip


def test_without_an_audit_no_count_passes_as_corrected(asked: Asked, scheme: Scheme) -> None:
    found = measure(asked().model_copy(update={"audit": None}), scheme)
    told = found.frame.filter(pl.col("code") != "_T")

    assert told["status"].unique().to_list() == ["uncorrected"]
    assert told["corrected"].null_count() == told.height
    assert told["flag"].unique().to_list() == ["use with caution"]
    assert told["flag_reason"].unique().to_list() == ["the coder's own count: no audit sample"]
    assert set(told["obs_status"]) == {"U"}


def test_a_cell_with_too_few_audited_records_is_not_corrected(
    asked: Asked, coded: pl.DataFrame, scheme: Scheme
) -> None:
    audit = coded.filter(route="auto").sample(60, seed=2)
    audit = pl.concat([audit, coded.filter(route="review").sample(20, seed=2)]).select("id", code="truth")
    frame = measure(asked(audit=audit), scheme).frame
    small = row(frame, code="A01", period="_T", area="XBB")

    assert small["audited"] < 30
    assert (small["status"], small["corrected"], small["obs_status"]) == ("uncorrected", None, "U")
    assert small["reason"] == f"{small['audited']} audited records, fewer than 30"
    assert row(frame, code="A01", **WHOLE)["status"] == "corrected"


def test_a_stratum_that_was_never_audited_is_refused(asked: Asked, coded: pl.DataFrame, scheme: Scheme) -> None:
    audit = coded.filter(route="auto").sample(200, seed=2).select("id", code="truth")
    with pytest.raises(Refused) as refusal:
        measure(asked(audit=audit), scheme)

    assert str(refusal.value) == (
        'audit.csv, field audit.strata: no record of route "review" was audited (expected a random sample of every '
        "stratum)"
    )


def test_an_audit_of_what_the_coder_was_unsure_of_is_found_out(
    asked: Asked, coded: pl.DataFrame, scheme: Scheme
) -> None:
    audit = coded.filter(code="B032").head(150).vstack(coded.filter(code="A01").head(150)).select("id", code="truth")
    found = measure(audited_by(asked(audit=audit), strata=()), scheme)

    assert found.summary["alike"] < 1e-6
    flagged = found.frame.filter(pl.col("status") == "corrected")
    assert "ok" not in flagged["flag"].to_list()


def test_strata_and_weights_say_the_same(asked: Asked, coded: pl.DataFrame, scheme: Scheme) -> None:
    by_stratum = measure(asked(), scheme).frame
    sizes = dict(coded.group_by("route").len().iter_rows())
    drawn = pl.concat([coded.filter(route=r).sample(300, seed=1) for r in ("auto", "review")])
    audit = drawn.select("id", pl.col("truth").alias("code"), pl.col("route").replace_strict(sizes).truediv(300)
                         .alias("w"))  # fmt: skip

    assert_frame_equal(measure(audited_by(asked(audit=audit), weight="w"), scheme).frame, by_stratum)


def test_a_break_is_marked_where_the_coder_changed(asked: Asked, coded: pl.DataFrame, scheme: Scheme) -> None:
    changed = coded.with_columns(
        pl.when(pl.col("date") >= "2025-03").then(pl.lit("cop-1.1")).otherwise(pl.lit("cop-1.0")).alias("model")
    )
    table = [{"name": "months", "dimensions": ["code", "period"], "levels": ["section", "total"]}]
    found = measure(asked(records=changed, table=table), scheme)
    marked = found.frame.filter(pl.col("break") != "")

    assert marked["period"].unique().to_list() == ["2025-03"]
    assert marked["break"].unique().to_list() == ["coder: cop-1.0 to cop-1.1"]
    assert marked["obs_status"].unique().to_list() == ["B"]
    assert [b["area"] for b in found.summary["breaks"]] == ["_T", "XAL", "XBB"]


def test_counts_of_an_older_version_are_carried_with_their_error(
    asked: Asked, coded: pl.DataFrame, tmp_path: Path, scheme: Scheme
) -> None:
    (tmp_path / "old.csv").write_text("old,new,weight,sample\nP1,A01,0.6,200\nP1,A02,0.4,200\nP2,B031,,\nP3,B032,,\n")
    names = {"A01": "P1", "A02": "P1", "B031": "P2", "B032": "P3"}
    early = pl.col("date") < "2025"
    older = [pl.when(early).then(pl.col(c).replace_strict(names)).otherwise(pl.col(c)).alias(c)
             for c in ("code", "truth")]  # fmt: skip
    records = coded.with_columns(*older, pl.when(early).then(pl.lit("0.1")).otherwise(pl.lit("1.0")).alias("scheme"))
    audit = records.sample(800, seed=3).select("id", code="truth")
    described = asked(records=records, audit=audit, backcast={"file": "old.csv", "version": "0.1"})
    found = measure(audited_by(described, strata=()), scheme)
    split = row(found.frame, code="A01", period="2024", area="_T")
    whole = row(found.frame, code="A", period="2024", area="_T")
    now = row(found.frame, code="A01", period="2025", area="_T")
    truth = coded.filter((pl.col("date") < "2025") & (pl.col("truth") < "B")).height

    assert split["corrected"] == pytest.approx(0.6 * whole["corrected"])
    assert split["raw_se"] > 0
    assert now["raw_se"] == 0
    assert split["se"] / split["corrected"] > 2 * whole["se"] / whole["corrected"]
    assert whole["ci_low"] < truth < whole["ci_high"]
    assert "classification: 0.1 to 1.0" in row(found.frame, code="A", period="2025", area="_T")["break"]
    assert row(found.frame, code="_T", **WHOLE)["corrected"] == 4000


def test_rates_are_of_the_population_of_the_same_area_and_year(asked: Asked, tmp_path: Path, scheme: Scheme) -> None:
    lines = [f"{area},{year},{people}" for area, people in (("XAL", 80_000), ("XBB", 20_000), ("", 100_000))
             for year in ("2024", "2025", "")]  # fmt: skip
    (tmp_path / "children.csv").write_text("area,period,value\n" + "\n".join(lines) + "\n")
    by = {"file": "children.csv", "population": "children aged 0 to 17", "source": "invented"}
    one = row(measure(asked(rates=by), scheme).frame, code="A01", period="2025", area="XAL")

    assert one["denominator"] == 80_000
    assert one["rate_corrected"] == pytest.approx(one["corrected"] / 80_000 * 100_000)
    assert one["rate_ci_high"] == pytest.approx(one["ci_high"] / 80_000 * 100_000)


def test_addresses_are_counted_once_and_what_repeats_is_said(asked: Asked, coded: pl.DataFrame, scheme: Scheme) -> None:
    twice = coded.with_columns(pl.concat_str(pl.lit("u"), pl.int_range(4000) % 3000).alias("address"))
    found = measure(asked(records=twice, unit={"name": "addresses", "column": "address"}), scheme)
    one = row(found.frame, code="_T", **WHOLE)

    assert (one["measure"], one["raw"]) == ("addresses", 3000)
    assert (found.summary["records"], found.summary["units"], found.summary["repeated"]) == (4000, 3000, 1000)
    assert found.summary["audited"] < 600  # audited rows that repeat an address are not of the units


@pytest.mark.parametrize(
    ("audit", "message"),
    [
        ("id,code\nr0,A01\nnobody,A01\n", 'audit.csv, field id: "nobody" is no record of the file (expected an id of '
         "it)"),
        ("id,code\nr0,Q9\n", 'audit.csv row 1, field code: "Q9" is not a code of the classification (expected one of '
         "its codes)"),
        ("id,code\nr0,A01\nr0,A02\n", 'audit.csv row 2, field id: "r0" is there twice (expected one judgement each)'),
        ("id,truth\nr0,A01\n", 'audit.csv: "code" is not a column of the table (expected one of id, truth)'),
    ],
)  # fmt: skip
def test_a_wrong_audit_is_refused(asked: Asked, tmp_path: Path, scheme: Scheme, audit: str, message: str) -> None:
    records = asked()
    (tmp_path / "audit.csv").write_text(audit)
    with pytest.raises(Refused) as refusal:
        measure(records, scheme)

    assert str(refusal.value) == message


def test_the_confusion_matrix_gives_nearly_the_same_with_a_wider_interval(
    asked: Asked, coded: pl.DataFrame, scheme: Scheme
) -> None:
    one = row(measure(asked(), scheme).frame, code="A02", **WHOLE)

    assert one["confusion_low"] < true(coded, "A02") < one["confusion_high"]
    assert one["confusion_high"] - one["confusion_low"] > one["ci_high"] - one["ci_low"]


def test_a_cell_mostly_of_a_stratum_that_was_not_audited_there_is_not_corrected(
    asked: Asked, coded: pl.DataFrame, scheme: Scheme
) -> None:
    audit = coded.filter((pl.col("route") == "auto") | (pl.col("area") == "XAL")).sample(1500, seed=5)
    frame = measure(asked(audit=audit.select("id", code="truth")), scheme).frame
    small = row(frame, code="A01", period="_T", area="XBB")

    assert small["audited"] > 100
    assert small["status"] == "uncorrected"
    assert small["reason"].endswith("of the records are of strata without an audited record here")


def test_a_record_without_a_probability_is_refused(asked: Asked, coded: pl.DataFrame, scheme: Scheme) -> None:
    records = coded.with_columns(pl.when(pl.col("id") == "r7").then(1.2).otherwise("probability").alias("probability"))
    with pytest.raises(Refused) as refusal:
        measure(asked(records=records), scheme)

    assert str(refusal.value) == (
        'coded.csv row 8, field probability: "1.2" is no probability (expected 0 to 1 in every row, or the column left '
        "out)"
    )


def test_bodies_that_did_not_report_are_named(asked: Asked, scheme: Scheme) -> None:
    found = measure(asked(sources=["hotline", "police"]), scheme).summary["coverage"]

    assert len(found) == 24
    assert found[0] == {"period": "2024-01", "share": 0.5, "missing": ["police"]}
