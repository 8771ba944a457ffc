from __future__ import annotations

from pathlib import Path

import pytest

from cop.kernel.errors import Refused
from cop.measurement.survey.description import read

GOOD = """
id = "children-2025"
title = "Children online 2025"
area = "XAA"
period = "2025"
file = "children.csv"
breakdowns = [[], ["sex"]]

[design]
weights = "w"
weights_kind = "normalised"
psu = "school"

[domains.sex]
column = "sex"
labels = { "1" = "F", "2" = "M" }

[[indicator]]
code = "THR.CYBERBULLY_12M"
kind = "proportion"
numerator = "eb = 1"
"""


def test_a_description_says_where_the_data_is_and_what_is_asked(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(GOOD)
    survey = read(tmp_path / "s.toml")

    assert survey.data == (tmp_path / "children.csv").resolve()
    assert (survey.design.lonely_psu, survey.design.df, survey.design.ci) == ("fail", "design", "logit")
    assert [(m.code, m.kind) for m in survey.indicator] == [("THR.CYBERBULLY_12M", "proportion")]
    assert survey.breakdowns == ((), ("sex",))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('weights = "w"\n', "", "s.toml, field design.weights: is missing"),
        ('psu = "school"', 'cluster = "school"',
         "s.toml, field design.cluster: is not a field of a survey description"),
        ('area = "XAA"', 'area = "ZZZZ"', 's.toml, field area: "ZZZZ" is not an area (expected an ISO 3166-1 alpha-3'
         " code such as EGY, or one declared under [areas])"),
        ('period = "2025"', 'period = "25"',
         's.toml, field period: "25" is not a period (expected a period such as 2025,'
         " 2025-Q3, 2025-03 or 2025-03-14)"),
        ('["sex"]]', '["age"]]', 's.toml: breakdowns names "age", which is not one of the domains'),
        ("[domains.sex]", "[domains.estimate]", "s.toml: a domain cannot be called estimate"),
        ('kind = "proportion"', 'kind = "mean"', "s.toml, field indicator[0]: a mean takes variable, not numerator"),
        ('"THR.CYBERBULLY_12M"', '"THR.NOTHING"',
         's.toml, field indicator[0].code: "THR.NOTHING" is not in the catalogue '
         "(expected a code of catalogue/indicators)"),
        ('"THR.CYBERBULLY_12M"', '"ACC.TIME_ONLINE"', 's.toml, field indicator[0].kind: "proportion" is not how '
         "ACC.TIME_ONLINE is measured (expected mean)"),
        ('"eb = 1"', '"eb + 1"', 's.toml, field indicator[0].numerator: "eb + 1" is not a condition (expected true or '
         "false, such as qn24 = 1)"),
        ('psu = "school"', 'psu = "school"\nlonely_psu = "ignore"',
         's.toml, field design.lonely_psu: "ignore" will not do '
         "(expected 'fail', 'adjust', 'average', 'remove' or 'certainty')"),
        ('psu = "school"', 'psu = "school"\nfpc = ["N", "M"]\nvariance = "jk1"',
         "s.toml, field design: the jackknife needs "
         "psu and knows no fpc"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_field(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in GOOD
    (tmp_path / "s.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(Refused) as refusal:
        read(tmp_path / "s.toml")

    assert str(refusal.value) == message


def test_normalised_weights_give_no_population_totals(tmp_path: Path, small_catalogue: object) -> None:
    text = GOOD.replace("THR.CYBERBULLY_12M", "ACC.TOTAL").replace('"proportion"\nnumerator', '"total"\nvariable')
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(Refused, match='"total" cannot be estimated with normalised weights'):
        read(tmp_path / "s.toml", catalogue=small_catalogue)  # type: ignore[arg-type]


@pytest.mark.parametrize("content", [b"id = ", b"\xff\xfe", b"id = 1\nid = 2"])
def test_what_is_not_toml_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_bytes(content)
    with pytest.raises(Refused, match=r"^s\.toml: is not TOML"):
        read(tmp_path / "s.toml")


COMPARED = """
[[contrast]]
name = "girls less boys"
of = { sex = "F" }
against = { sex = "M" }
[[change]]
since = "2023.toml"
[[association]]
of = "THR.CYBERBULLY_12M"
by = "sex"
[[trend]]
waves = ["2023.toml"]
indicator = "THR.CYBERBULLY_12M"
adjust = ["sex"]
[[calibration]]
by = "sex"
totals = { F = 410, M = 420 }
"""


def test_comparisons_and_calibration_are_read(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(GOOD + COMPARED)
    survey = read(tmp_path / "s.toml")

    assert survey.contrast[0].of == {"sex": "F"}
    assert (survey.change[0].since, survey.trend[0].degree) == ("2023.toml", 1)
    assert (survey.calibrated_by, survey.calibration[0].totals) == (("sex",), {"F": 410, "M": 420})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('of = { sex = "F" }', 'of = { age = "9" }', 's.toml: contrast names "age", which is not one of the domains'),
        ('of = { sex = "F" }', 'of = { sex = "M" }',
         "s.toml, field contrast[0]: of and against are the same domain"),
        ('against = { sex = "M" }', 'indicators = ["ACC.USE_3M"]',
         's.toml: contrast names "ACC.USE_3M", which is no proportion, mean, total or ratio here'),
        ('of = "THR.CYBERBULLY_12M"', 'of = "sex"', "s.toml: association compares a domain with itself"),
        ('indicator = "THR.CYBERBULLY_12M"\n', 'indicator = "THR.X"\n',
         's.toml: trend names "THR.X", which is no proportion here'),
        ("adjust =", "degree = 2\nadjust =", "s.toml, field trend[0]: a trend of degree 2 needs 3 waves"),
        ("F = 410", "F = 0", "s.toml, field calibration[0]: a population is not above 0"),
        ('by = "sex"\ntotals', 'by = ["sex", "sex"]\ntotals',
         "s.toml, field calibration[0]: totals needs a code of each of sex, sex, with | between them"),
        ("[[change]]", '[[change]]\nsince = "2023.toml"\n[[change]]', "s.toml: a contrast or a change is given twice"),
    ],
)  # fmt: skip
def test_a_comparison_that_does_not_fit_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in COMPARED
    (tmp_path / "s.toml").write_text(GOOD + COMPARED.replace(old, new, 1))
    with pytest.raises(Refused) as refusal:
        read(tmp_path / "s.toml")

    assert str(refusal.value) == message


@pytest.mark.parametrize("given", [{"kind": "quantile"}, {"kind": "median", "p": 0.5}])
def test_a_share_goes_with_a_quantile_and_nothing_else(given: dict[str, object], tmp_path: Path) -> None:
    from pydantic import ValidationError

    from cop.measurement.survey.description import Measured

    with pytest.raises(ValidationError, match="p goes with a quantile, and a quantile needs it"):
        Measured.model_validate({"code": "ACC.TIME_ONLINE", "variable": "hours", **given})
