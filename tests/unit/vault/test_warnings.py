"""Early warnings at the door: made of published counts alone, the same at every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from cop.editions.tables import COUNTS, DIMENSIONS, WARNING, WARNINGS
from cop.editions.write import Contents, write_edition
from cop.kernel.errors import Refused
from cop.kernel.resources import resource
from cop.kernel.signing import read_or_make_seal
from cop.measurement.warning import feed
from cop.measurement.warning.description import Monitor, Watching, read, watching
from cop.measurement.warning.settings import load
from cop.vault.release.warnings import EarlyWarnings, early_warnings

ABOUT = {"threshold": 5, "areas": {"XAL": "Alvemere"}, "date": "2026-01-15"}
NODES: list[dict[str, Any]] = [
    {"code": "B", "parent": None, "name": {"en": "Solicitation", "fr": "Sollicitation"}},
    {"code": "B03", "parent": "B", "name": {"en": "Sexual extortion"}},
]
Series = Mapping[tuple[str, str], Sequence[int]]


def steady(mean: float, last: int, *, months: int = 60, seed: int = 1) -> list[int]:
    """Counts about a mean from January 2021 on, the last one as given."""
    return [*np.random.default_rng(seed).poisson(mean, months - 1).tolist(), last]


def small_withheld(frame: pl.DataFrame, threshold: int = 5) -> pl.DataFrame:
    """The counts with small ones withheld and no others: these series are not parts of one another."""
    small = pl.col("value").is_between(1, threshold - 1)
    return frame.with_columns(
        pl.when(small).then(None).otherwise(pl.col("value")).alias("value"),
        pl.when(small).then(pl.lit("Q")).otherwise(pl.lit("A")).alias("obs_status"),
        pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status"),
    )


def published(series: Series) -> pl.DataFrame:
    """These series, code and area by month, as an edition shows them."""
    rows = [
        {
            "table": "class-month" if area == "_T" else "section-month-area", "measure": "reports",
            **dict.fromkeys(DIMENSIONS, "_T"), "code": code, "area": area,
            "period": f"{2021 + month // 12}-{month % 12 + 1:02d}", "value": value,
        }
        for (code, area), values in series.items()
        for month, value in enumerate(values)
    ]  # fmt: skip
    shown = small_withheld(pl.DataFrame(rows))
    return shown.with_columns(lineage=pl.lit("counts"))


def warn(series: Series, what: Watching | None = None) -> EarlyWarnings:
    return early_warnings(published(series), what or watching(Monitor(), Path()), about=ABOUT, nodes=NODES)


def test_a_planted_rise_is_a_row_with_its_count_threshold_method_and_what_to_look_at() -> None:
    found = warn({("B", "_T"): steady(20, 70), ("B03", "_T"): steady(9, 60), ("B", "XAL"): steady(12, 13)})
    rows = {row["code"]: row for row in found.table.to_pylist()}
    row = rows["B"]

    assert found.table.schema == WARNINGS
    assert sorted(rows) == ["B", "B03"]
    assert (row["table"], row["area"], row["period"]) == ("class-month", "_T", "2025-12")
    assert (row["observed"], row["at_least"], row["size"]) == (70, 70, "70")
    assert 15 < row["expected"] < 25 < row["upperbound"] < 70
    assert (row["method"], row["lineage"]) == ("monthly", "warnings")
    assert row["pvalue"] < 0.005 and row["score"] > 1
    assert row["look_at"][:2] == [
        "B03 Sexual extortion rose in the same period",
        "where most of them come from: Alvemere",
    ]


def test_the_document_says_what_was_watched_how_and_how_many_false_alarms_chance_would_raise() -> None:
    found = warn({("B", "_T"): steady(20, 70), ("B03", "_T"): [3] * 60}).about
    rate = load("monthly").false_alarms["rate"]

    assert (found["series"], found["assessed"], found["left_out"]) == (1, {"monthly": 2}, {"mostly withheld": 1})
    assert (found["tables"], found["last"]) == (["class-month", "section-month-area"], 2)
    assert [(s["id"], s["detector"]) for s in found["settings"]] == [
        ("monthly", "farrington"),
        ("ewma-monthly", "ewma"),
    ]
    assert found["settings"][0]["false_alarm_rate"] == rate
    assert found["expected_false"] == round(2 * rate, 2)


def test_a_rate_that_nobody_simulated_is_not_taken_for_none() -> None:
    own = replace(load("monthly"), id="own", false_alarms={})
    found = warn({("B", "_T"): steady(20, 70)}, replace(watching(Monitor(), Path()), settings=own)).about

    assert found["assessed"] == {"own": 2}
    assert found["expected_false"] is None
    assert found["settings"][0]["false_alarm_rate"] is None


def test_a_withheld_count_is_never_said() -> None:
    lenient = replace(load("monthly"), minimum_cases=0, threshold="nbPlugin")
    found = warn({("B", "_T"): [*[0] * 59, 4]}, replace(watching(Monitor(), Path()), settings=lenient))
    [row] = found.table.to_pylist()

    assert (row["observed"], row["at_least"], row["size"]) == (None, None, "fewer than 5")


@pytest.mark.parametrize("seed", range(6))
def test_what_is_withheld_changes_no_warning(seed: int) -> None:
    """Two truths that are published alike: every count of 1 to 4 is another one, and the table is the same."""
    draw = np.random.default_rng(seed)
    truth = [*draw.integers(0, 8, 59).tolist(), 40]
    twin = [int(draw.integers(1, 5)) if 0 < value < 5 else value for value in truth]
    one, other = (warn({("B", "_T"): values}) for values in (truth, twin))

    assert truth != twin
    assert one.table.equals(other.table)
    assert one.about == other.about


def test_counts_withheld_to_protect_others_raise_nothing() -> None:
    counts = published({("B", "_T"): steady(20, 70)}).with_columns(
        value=pl.when(pl.col("period") == "2025-12").then(None).otherwise(pl.col("value")),
        obs_status=pl.when(pl.col("period") == "2025-12").then(pl.lit("Q")).otherwise(pl.col("obs_status")),
        conf_status=pl.when(pl.col("period") == "2025-12").then(pl.lit("D")).otherwise(pl.col("conf_status")),
    )
    found = early_warnings(counts, watching(Monitor(), Path()), about=ABOUT, nodes=NODES)

    assert found.table.num_rows == 0
    assert found.about["assessed"] == {"monthly": 1}


def test_no_counts_give_an_empty_table() -> None:
    empty = pl.DataFrame(COUNTS.empty_table())
    found = early_warnings(empty, watching(Monitor(), Path()), about=ABOUT, nodes=[])

    assert (found.table.num_rows, found.table.schema) == (0, WARNINGS)
    assert (found.about["series"], found.about["assessed"], found.about["expected_false"]) == (0, {}, 0.0)


def test_the_same_counts_give_the_same_edition(tmp_path: Path) -> None:
    seal = read_or_make_seal(tmp_path / "key", "t")
    sums: list[str] = []
    for name in ("a", "b"):
        counts = published({("B", "_T"): steady(20, 70), ("B03", "_T"): steady(9, 60)})
        found = early_warnings(counts, watching(Monitor(), Path()), about=ABOUT, nodes=NODES)
        facts = {"counts": counts.select(COUNTS.names).to_arrow().cast(COUNTS), "warnings": found.table}
        path = write_edition(
            Contents(ABOUT, facts, {"warnings": found.about}), folder=tmp_path / name, edition_id=None, seal=seal
        )
        sums.append((path / "SHA256SUMS").read_text())

    assert sums[0] == sums[1]
    assert "facts/warnings.parquet" in sums[0]


def test_monitor_and_door_read_one_description_and_settings_from_the_observatorys_folder(tmp_path: Path) -> None:
    text = (
        (resource("catalogue/warning") / "monthly.yaml").read_text(encoding="utf-8").replace("id: monthly", "id: own")
    )
    (tmp_path / "own.yaml").write_text(text.replace("alpha: 0.005", "alpha: 0.05"), encoding="utf-8")
    (tmp_path / "monitor.toml").write_text(
        'tables = ["class-month"]\nlast = 1\nsettings = "own.yaml"\nshort = ""\n', encoding="utf-8"
    )
    what = watching(read(tmp_path), tmp_path)

    assert (what.tables, what.last, what.short) == (("class-month",), 1, None)
    assert (what.settings.id, what.settings.alpha) == ("own", 0.05)


def test_settings_for_another_kind_of_period_are_refused() -> None:
    with pytest.raises(Refused, match="noufaily is not for months, which class-month has"):
        warn({("B", "_T"): steady(20, 70)}, replace(watching(Monitor(), Path()), settings=load("noufaily")))


def test_the_edition_and_the_monitors_files_have_their_columns_from_one_place() -> None:
    assert WARNINGS.names == [*WARNING.names, "lineage"]
    assert feed.WARNINGS.names == [*WARNING.names, "edition", "status"]
