"""The Youth Risk Behavior Survey, 2017 to 2021: R survey 4.1-1, the CDC's codebook, software comparison and headlines.

Sources: CDC User's Guide 2021; CDC, Software for Analysis of YRBS Data (August 2020), table 3; MMWR SS 67(8), MMWR
Suppl 69(1) and 72(1). The files are in ../shared/data/statistics/yrbs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scipy import special

from cop.measurement.catalogue import Catalogue, load
from cop.measurement.survey.compare import changes, compare
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.description import describe
from cop.measurement.survey.estimate import count, domain_text, estimate
from cop.measurement.survey.trend import trend

DOMAINS = {
    "sex": {"column": "q2", "labels": {"1": "Female", "2": "Male"}},
    "grade": {"column": "q3", "labels": {"1": "9", "2": "10", "3": "11", "4": "12"}, "unlisted": "missing"},
    "race": {
        "column": "raceeth",
        "labels": {"1": "AIAN", "2": "Asian", "3": "Black", "4": "NHPI", "5": "White", "6": "Hispanic", "7": "Hispanic",
                   "8": "Multiple"},
    },
}  # fmt: skip
BREAKDOWNS = [[], ["sex"], ["grade"], ["race"], ["sex", "grade"], ["sex", "race"]]
BULLIED = {"code": "THR.CYBERBULLY_12M", "kind": "proportion", "numerator": "qn24 = 1", "denominator": "qn24 IN (1, 2)"}
SCHOOL = {
    "code": "THR.SCHOOL_BULLY_12M",
    "kind": "proportion",
    "numerator": "qn23 = 1",
    "denominator": "qn23 IN (1, 2)",
}
NAMES = {"eb": BULLIED["code"], "sb": SCHOOL["code"], "qn24": BULLIED["code"], "qn23": SCHOOL["code"]}


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    return shared / "data/statistics/yrbs"


@pytest.fixture(scope="session")
def wave(folder: Path) -> Callable[..., dict[tuple[str, str], dict[str, Any]]]:
    """The estimates of a wave by indicator and domain text."""

    def run(year: int, indicators: list[dict[str, str]], catalogue: Catalogue | None = None, **design: str) -> Any:
        facts: dict[str, Any] = {
            "id": f"yrbs-{year}", "title": "YRBS", "area": "USA", "period": str(year),
            "file": str(folder / f"yrbs{year}.parquet"), "indicator": indicators,
            "design": {"weights": "weight", "weights_kind": "normalised", "strata": "stratum", "psu": "psu"} | design,
        }  # fmt: skip
        if catalogue is None:
            facts |= {"domains": DOMAINS, "breakdowns": BREAKDOWNS}
        survey = describe(facts, folder / "survey.toml", catalogue=catalogue)
        rows = estimate(survey, catalogue=catalogue).iter_rows(named=True)
        return {(row["indicator"], domain_text(row, survey)): row for row in rows}

    return run


@pytest.mark.parametrize("year", [2017, 2019, 2021])
def test_every_figure_of_r_is_reproduced(year: int, wave: Callable[..., Any], folder: Path) -> None:
    logit = wave(year, [BULLIED, SCHOOL], ci="logit", df="design")
    beta = wave(year, [BULLIED, SCHOOL], ci="beta", df="domain")
    wald = wave(year, [BULLIED, SCHOOL], ci="wald", df="design")
    reference = pl.read_csv(folder / "R_survey_reference.csv").filter(pl.col("year") == year)
    compared = 0
    for row in reference.iter_rows(named=True):
        key = NAMES[row["var"]], row["domain"].replace("Total", "_T")
        one = logit[key]
        assert (one["n"], one["df"], beta[key]["df"]) == (row["n"], row["df"], row["df_dom"])
        assert [one["estimate"], one["se"]] == pytest.approx([row["pct"], row["se"]], rel=1e-8)
        assert [one["ci_low"], one["ci_high"]] == pytest.approx([row["logit_lo"], row["logit_hi"]], abs=1e-6)
        limits = [beta[key]["ci_low"], beta[key]["ci_high"]]
        assert limits == pytest.approx([row["beta_lo"], row["beta_hi"]], abs=1e-6)
        if row["df"] == row["df_dom"]:  # the reference's Wald limits take the domain's degrees of freedom
            limits = [wald[key]["ci_low"], wald[key]["ci_high"]]
            assert limits == pytest.approx([row["wald_lo"], row["wald_hi"]], abs=1e-6)
        compared += 1

    assert compared == 72


def test_all_published_headlines_agree_to_the_printed_decimal(wave: Callable[..., Any], folder: Path) -> None:
    published = pl.read_csv(folder / "published_headlines.csv")
    found = {year: wave(year, [BULLIED, SCHOOL]) for year in (2017, 2019, 2021)}
    got = [
        round(found[row["year"]][NAMES[row["variable"]], row["domain"].replace("Total", "_T")]["estimate"] + 1e-9, 1)
        for row in published.iter_rows(named=True)
    ]

    assert len(got) == 27
    assert got == published["published_pct"].to_list()


@pytest.fixture(scope="session")
def waves(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Cube]:
    """The cubes of three waves: both indicators, by sex and by what the trend holds constant."""
    four = {"1": "other", "2": "other", "3": "Black", "4": "other", "5": "White", "6": "Hispanic", "7": "Hispanic",
            "8": "other"}  # fmt: skip
    labels = DOMAINS["race"]["labels"]
    assert isinstance(labels, dict)
    domains = {**DOMAINS, "race": {"column": "raceeth", "labels": {code: four[code] for code in labels}}}
    found: dict[int, Cube] = {}
    for year in (2017, 2019, 2021):
        facts: dict[str, Any] = {
            "id": f"yrbs-{year}", "title": "YRBS", "area": "USA", "period": str(year), "indicator": [BULLIED, SCHOOL],
            "file": str(folder / f"yrbs{year}.parquet"), "domains": domains,
            "breakdowns": [[], ["sex"], ["sex", "grade", "race"]],
            "design": {"weights": "weight", "weights_kind": "normalised", "strata": "stratum", "psu": "psu"},
            "contrast": [{"name": "girls less boys", "of": {"sex": "Female"}, "against": {"sex": "Male"}}],
        }  # fmt: skip
        found[year] = count(describe(facts, tmp_path_factory.mktemp("waves") / f"{year}.toml"))
    return found


def test_changes_gaps_and_trends_equal_r(waves: dict[int, Cube], folder: Path) -> None:
    reference = pl.read_csv(folder / "R_trend_contrast_reference.csv")
    compared = 0
    for row in reference.iter_rows(named=True):
        code, digits = NAMES[row["var"]], 5e-9
        if row["test"] == "change_between_waves":
            then, now = (int(year) for year in row["detail"].split("->"))
            [found] = [r for r in changes(waves[now], waves[then]) if (r["indicator"], r["domain"]) == (code, "_T")]
        elif row["test"] == "female_minus_male":
            [found] = compare(waves[int(row["detail"])]).filter(indicator=code).to_dicts()
        else:
            fitted = trend(list(waves.values()), code, adjust=("sex", "grade", "race"))
            value, se = fitted.coefficients[0], fitted.errors[0]
            found = {"estimate": value, "se": se, "statistic": value / se, "df": fitted.df}
            found["p_value"] = 2 * special.stdtr(fitted.df, -abs(value / se))
            # glm stops where the deviance does not change by 1e-8, and takes the weights of the step before into the
            # standard error: it is off by 1.4e-5 of itself. At rest the coefficient is R's to 5e-9
            assert value == pytest.approx(row["est"], rel=1e-8)
            digits = 2e-5
        expected = [row[name] for name in ("est", "se", "stat")]
        assert [found[name] for name in ("estimate", "se", "statistic")] == pytest.approx(expected, rel=digits)
        assert (found["df"], found["p_value"]) == (row["df"], pytest.approx(row["p"], rel=max(digits * 10, 1e-7)))
        compared += 1

    assert compared == 14


def _shares(names: list[str], conditions: list[str], denominators: list[str]) -> tuple[list[dict[str, str]], Catalogue]:
    base = load()["THR.CYBERBULLY_12M"]
    codes = [f"THR.ITEM_{place}" for place in range(len(names))]
    indicators = [
        {"code": code, "kind": "proportion", "numerator": condition, "denominator": denominator}
        for code, condition, denominator in zip(codes, conditions, denominators, strict=True)
    ]
    return indicators, Catalogue(dict.fromkeys(codes, base))


def test_cdc_table_3_is_reproduced_to_its_printed_digits(wave: Callable[..., Any], folder: Path) -> None:
    table = pl.read_csv(folder / "cdc_table3_2019.csv").filter(pl.col("software") == "SUDAAN Crosstab")
    names = table["variable"].to_list()
    indicators, catalogue = _shares(names, [f"{n} = 1" for n in names], [f"{n} IN (1, 2)" for n in names])
    found = wave(2019, indicators, catalogue, ci="logit", df="design")
    for row, (indicator, _), one in zip(table.iter_rows(named=True), found, found.values(), strict=True):
        printed = [row["est_pct"], row["se_pct"], row["ci_lo"], row["ci_hi"]]
        got = [round(one[k], 2) for k in ("estimate", "se", "ci_low", "ci_high")]
        assert (indicator, one["n"], one["df"]) == (indicator, row["n"], row["df"])
        assert got == printed

    assert names == ["qn8", "qn58", "qn52"]


def test_all_785_codebook_pairs_agree(wave: Callable[..., Any], folder: Path) -> None:
    columns = pl.read_parquet_schema(folder / "yrbs2021.parquet")
    book = pl.read_csv(folder / "official_codebook_2021.csv", infer_schema_length=None)
    book = book.filter(pl.col("weighted_pct").is_not_null(), pl.col("variable").str.to_lowercase().is_in(list(columns)))
    counts: list[int] = []
    shares: list[float] = []
    for start in range(0, book.height, 100):
        part = book.slice(start, 100)
        names = part["variable"].str.to_lowercase().to_list()
        conditions = [f"{n} = {c}" for n, c in zip(names, part["code"].to_list(), strict=True)]
        indicators, catalogue = _shares(names, conditions, [f"{n} IS NOT NULL" for n in names])
        # the same item among those who gave the answer: its n is the codebook's count
        answered = [i | {"code": f"{i['code']}_N", "where": i["numerator"]} for i in indicators]
        known = {**catalogue.indicators, **{i["code"]: catalogue.indicators[i["code"][:-2]] for i in answered}}
        found = list(wave(2021, indicators + answered, Catalogue(known)).values())
        shares += [row["estimate"] for row in found[: len(names)]]
        counts += [row["n"] for row in found[len(names) :]]

    assert len(counts) == 785
    assert counts == book["unweighted_n"].to_list()
    assert shares == pytest.approx(book["weighted_pct"].to_list(), abs=0.05 + 1e-9)
