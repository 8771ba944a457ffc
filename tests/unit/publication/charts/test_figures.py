"""What every figure promises: finding, sentence, table, picture; an absent value is a word, never a number."""

from __future__ import annotations

import re

import polars as pl
import pytest
from lxml import etree

from cop.publication.charts.bars import bars
from cop.publication.charts.figure import Figure
from cop.publication.charts.intervals import intervals
from cop.publication.charts.lines import lines
from cop.publication.charts.spark import spark
from cop.publication.charts.trend import panels, tick_periods, trend
from cop.publication.language import Language

MONTHS = [f"{y}-{m:02d}" for y in (2024, 2025) for m in range(1, 13)]


def months(values: list[int | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"period": MONTHS[: len(values)], "value": values, "status": ["Q" if v is None else "A" for v in values]},
        schema={"period": pl.String, "value": pl.Int64, "status": pl.String},
    )


def estimates(rows: list[tuple[str, str, float | None, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "group": g,
                "label": name,
                "estimate": e,
                "ci_low": None if e is None else e - 2,
                "ci_high": None if e is None else e + 3,
                "n": 200,
                "flag": flag,
                "reason": "" if flag == "ok" else "a reason",
                "status": "Q" if e is None else "A",
            }
            for g, name, e, flag in rows
        ],
        schema_overrides={"estimate": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64},
    )


def words(figure: Figure) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", figure.svg())


@pytest.fixture
def some(english: Language) -> dict[str, Figure]:
    series = pl.DataFrame(
        {
            "series": ["North", "North", "South"],
            "period": ["2024", "2025", "2025"],
            "value": [1.0, 2.5, None],
            "status": ["A", "A", "M"],
        }
    )
    return {
        "trend": trend(months([8, None, 12, 9]), what="reports", language=english, threshold=5),
        "panels": panels(
            pl.concat(
                months(v).with_columns(panel=pl.lit(n))
                for n, v in (("A class of acts", [8, None, 9]), ("B", [None, None, None]))
            ),
            what="reports",
            language=english,
            threshold=5,
        ),
        "bars": bars(
            pl.DataFrame({"label": ["Games & <b>", "Forums"], "value": [7, None], "status": ["A", "Q"]}),
            what="reports",
            by="Service",
            language=english,
            threshold=5,
        ),
        "intervals": intervals(
            estimates([("Sex", "Girls", 20.0, "ok"), ("Sex", "Boys", None, "not published")]),
            what="bullying",
            unit="percent",
            language=english,
        ),
        "lines": lines(series, what="use", unit="Per cent", language=english),
    }


@pytest.mark.parametrize("kind", ["trend", "panels", "bars", "intervals", "lines"])
@pytest.mark.parametrize("theme", ["site", "print"])
def test_a_picture_is_one_labelled_image_without_ids_styles_or_stand_ins(
    some: dict[str, Figure], kind: str, theme: str
) -> None:
    svg = some[kind].svg(theme)  # type: ignore[arg-type]
    root = etree.fromstring(svg)

    assert root.get("role") == "img"
    assert root.get("aria-label") == some[kind].alt
    assert root.get("direction") == "ltr"
    assert not [e for e in root.iter() if e.get("id") or e.get("style") or e.get("class")]
    assert not re.findall("#0102|#0103", svg)
    assert ("var(--fig-" in svg) == (theme == "site")
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", svg)


@pytest.mark.parametrize("kind", ["trend", "panels", "bars", "intervals", "lines"])
def test_a_figure_has_a_finding_a_sentence_and_a_table_in_words(some: dict[str, Figure], kind: str) -> None:
    figure = some[kind]

    assert figure.title and figure.alt.endswith(".")
    assert len(figure.rows()) == figure.table.height > 0
    assert all(len(row) == len(figure.headings()) for row in figure.rows())
    assert not [cell for row in figure.rows() for cell in row if cell in ("None", "nan", "null")]


def test_a_withheld_month_is_a_gap_a_word_and_a_note_and_never_a_zero(some: dict[str, Figure]) -> None:
    figure = some["trend"]

    assert figure.rows() == [
        ["January 2024", "8"],
        ["February 2024", "withheld"],
        ["March 2024", "12"],
        ["April 2024", "9"],
    ]
    assert figure.csv().splitlines()[2] == "2024-02,February 2024,,Q"
    assert "1 period is withheld." in figure.alt
    assert "not zero" in figure.note
    assert len(re.findall(r'<path d="M[^"]*L', figure.svg())) == 1, (
        "the line is broken at the gap and only its second run has two points"
    )


def test_a_trend_speaks_of_years_only_where_every_month_is_published(english: Language) -> None:
    whole = trend(months([10] * 12 + [15] * 12), what="reports", language=english, threshold=5)
    holed = trend(months([10] * 12 + [15] * 11 + [None]), what="reports", language=english, threshold=5)

    assert whole.title == "Up 50%: 180 in the last twelve months, 120 in the twelve before"
    assert holed.title == "Most in January 2025: 15"


def test_a_trend_of_nothing_but_withheld_months_says_so(english: Language) -> None:
    figure = trend(months([None, None]), what="reports of X", language=english, threshold=5)

    assert figure.title == "Every period is withheld or missing"
    assert (
        figure.alt
        == "No value of reports of X from January 2024 to February 2024 can be shown. 2 periods are withheld."
    )


def test_panels_call_a_partly_withheld_sum_a_lower_bound(some: dict[str, Figure]) -> None:
    assert "A class of acts at least 17 and B withheld" in some["panels"].alt


def test_words_of_a_label_survive_the_cleaning_of_the_picture(some: dict[str, Figure]) -> None:
    assert "A class of acts" in words(some["panels"])
    assert "Games &amp; &lt;b&gt;" in words(some["bars"])


def test_bars_rank_and_leave_a_withheld_category_without_a_bar(some: dict[str, Figure]) -> None:
    figure = some["bars"]

    assert figure.title == "Most: Games & <b>, 7"
    assert figure.rows() == [["Games & <b>", "7"], ["Forums", "withheld"]]
    assert words(figure).count("withheld") == 1
    assert "0" not in words(figure)


def test_an_estimate_is_never_drawn_or_told_without_its_interval(some: dict[str, Figure]) -> None:
    figure = some["intervals"]

    assert figure.title == "Girls: 20.0% (18.0% to 23.0%)"
    assert figure.rows() == [
        ["Girls", "20.0%", "18.0%", "23.0%", "200", "meets the publication standard"],
        ["Boys", "withheld", "withheld", "withheld", "200", "not published: a reason"],
    ]
    assert len(re.findall('stroke-width="6"', figure.svg())) == 1, "one bar for one published estimate"


def test_the_highest_estimate_is_named_with_its_interval_and_caution_is_marked(english: Language) -> None:
    figure = intervals(
        estimates([("Sex", "Girls", 20.0, "ok"), ("Age", "9–11", 31.0, "use with caution")]),
        what="x",
        unit="percent",
        language=english,
        reference=("all", 24.0),
    )

    assert figure.title == "Highest estimate: Age: 9–11, 31.0% (29.0% to 34.0%)"
    assert "Hollow dot" in figure.note
    assert "Dashed line: all, 24.0%." in figure.note
    assert "stroke-dasharray" in figure.svg()


def test_more_lines_than_colours_become_panels(english: Language) -> None:
    frame = pl.DataFrame(
        [{"series": f"S{i}", "period": p, "value": float(i), "status": "A"} for i in range(9) for p in ("2024", "2025")]
    )

    figure = lines(frame, what="use", unit="Per cent", language=english)

    assert figure.spec["facet"]["sort"] == [f"S{i}" for i in range(9)]
    assert "own vertical scale" in figure.note


@pytest.mark.parametrize(
    ("most", "expected"), [(4, ["2024-01", "2024-07", "2025-01", "2025-07"]), (2, ["2024-01", "2025-01"]), (24, MONTHS)]
)
def test_time_labels_begin_years_and_half_years(most: int, expected: list[str]) -> None:
    assert tick_periods(MONTHS, most) == expected


def test_a_spark_breaks_at_gaps_and_is_hidden_from_assistive_technology() -> None:
    svg = spark([1, 2, None, 3, 4])

    assert svg.count("<polyline") == 2
    assert 'aria-hidden="true"' in svg
    assert spark([None, 3]) == ""
