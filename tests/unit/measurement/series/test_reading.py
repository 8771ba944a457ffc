"""Official series. The specimens are SDMX's and khaeru/sdmx-test-data's, in ../shared/data/statistics/sdmx."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused, TooMuch
from cop.measurement.series import reading
from cop.measurement.series.reading import Columns, Format, SeriesSpec, read_series

EXR = "data/statistics/sdmx/sdmx-test-data/ECB_EXR"
SHAPES = ["ng-flat", "ng-flat-ss", "ng-ts", "ng-ts-ss", "ng-ts-gf", "ng-ts-gf-ss", "ng-xs", "ng-xs-ss"]


def spec(file: Path, form: Format, **given: object) -> SeriesSpec:
    return SeriesSpec("s", "A series", file, form, **given)  # type: ignore[arg-type]


def csv(folder: Path, text: str, mapping: Columns) -> pl.DataFrame:
    (folder / "s.csv").write_text(text, encoding="utf-8")
    return read_series(spec(folder / "s.csv", "csv", mapping=mapping))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_one_message_gives_the_same_observations(shape: str, shared: Path) -> None:
    folder = shared / EXR
    found = read_series(spec(folder / f"{shape}.xml", "sdmx-ml", structure=folder / "ng-structure-full.xml",
                             area_dimension="CURRENCY"))  # fmt: skip
    first = found.sort("key", "period").row(0, named=True)

    assert found.height == 12
    assert first["flow"] == "ECB:ECB_EXR_NG(1.0)"
    assert (first["key"], first["period"], first["value"]) == ("M.CHF.EUR.SP00.E", "2010-08", 1.3413)
    assert (first["area"], first["unit"], first["obs_status"]) == ("CHF", "CHF", "A")
    assert json.loads(first["dims"]) == {
        "FREQ": "M", "CURRENCY": "CHF", "CURRENCY_DENOM": "EUR", "EXR_TYPE": "SP00", "EXR_VAR": "E",
    }  # fmt: skip
    assert json.loads(first["attributes"])["TITLE"] == "ECB reference exchange rate, Swiss franc/Euro"


def test_several_values_of_an_attribute_are_all_kept(shared: Path) -> None:
    folder = shared / "data/statistics/sdmx/sdmx-ml-3.0/samples/Data_-_Complex_Data_Attributes"
    found = read_series(spec(folder / "ECB_EXR_CA.xml", "sdmx-ml", structure=folder / "ECB_EXR_CA_DSD.xml"))

    assert found["obs_status"].to_list() == ["A", "J", "A"]
    kept = [json.loads(text).get("OBS_STATUS") for text in found["attributes"]]
    assert kept == ['["A", "F"]', '["J", "U", "N"]', None]


@pytest.mark.parametrize("name", ["ng-ts.xml", "ng-xs.xml", "ng-flat-ss.xml"])
def test_a_message_of_another_structure_is_refused(name: str, shared: Path) -> None:
    folder = shared / EXR
    with pytest.raises(Refused) as refusal:
        read_series(spec(folder / name, "sdmx-ml", structure=folder / "sg-structure-full.xml"))

    assert str(refusal.value) == (
        f'{name}: "ECB:ECB_EXR_NG(1.0)" is another structure than the one given (expected ECB:ECB_EXR_SG(1.0))'
    )


def test_country_sums_equal_the_official_totals(shared: Path) -> None:
    # NCMEC CyberTipline: total reports of 2019 to 2022
    years = ("2019", "2020", "2021", "2022")
    mapping = Columns(area="iso3", period_columns=years, dimensions=("country",), thousands=",", missing_area="_U")
    found = read_series(
        spec(shared / "data/statistics/admin/ocse-reports-per-country.csv", "csv", mapping=mapping, unit="reports")
    )
    totals = found.group_by("period").agg(pl.col("value").sum()).sort("period")["value"].to_list()

    assert totals == [16_987_361, 21_751_085, 29_397_681, 32_059_029]
    assert set(found["unit"]) == {"reports"}


def test_an_empty_value_is_null_and_marked_missing(tmp_path: Path) -> None:
    found = csv(
        tmp_path, 'iso3,2019,2020\nXAA,"1,234",\n', Columns(area="iso3", period_columns=("2019", "2020"), thousands=",")
    )

    assert found.select("area", "period", "value", "obs_status").rows() == [
        ("XAA", "2019", 1234.0, "A"), ("XAA", "2020", None, "M"),
    ]  # fmt: skip


LONG = Columns(area="iso3", period="year", value="n", thousands=",")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("iso3,year,n\nXAA,2019,1\nXAA,19,2\n", 's.csv row 2: "19" is not a period'),
        ("iso3,year,n\nXAA,2019,1\nXAA,2020,many\n", 's.csv row 2: "many" is not a number'),
        ('iso3,year,n\nXAA,2019,"12,34"\n', 's.csv row 1: "12,34" is not a number'),
        ("iso3,year,n\nXAA,2019,1\nXAA,2019,2\n", 's.csv row 2: "XAA 2019" is there twice'),
        ("iso3,year,n\n,2019,1\n", "s.csv row 1: the area is missing"),
        ("iso3,year\nXAA,2019\n", 's.csv, field series.s.mapping: "n" is not a column of the file'),
        ("iso3,year,n\n", "s.csv: has no observations"),
        ("iso3,year,n\nXAA,2019,=1+1\n", 's.csv row 1: "=1+1" is not a number'),
    ],
)
def test_a_wrong_row_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        csv(tmp_path, text, LONG)

    assert str(refusal.value).startswith(message)


SDMX_CSV = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,OBS_STATUS\n"


def test_sdmx_csv_reads_without_a_structure(tmp_path: Path) -> None:
    row = "dataflow,XX:DF(1.0),I,A,"
    (tmp_path / "s.csv").write_text(f"{SDMX_CSV}{row}NA,2019,5.5,PT,A\n{row}XAA,2019,,PT,\n")
    found = read_series(spec(tmp_path / "s.csv", "sdmx-csv", area_dimension="REF_AREA"))

    assert found.select("flow", "key", "area", "period", "value", "unit", "obs_status").rows() == [
        ("XX:DF(1.0)", "A.NA", "NA", "2019", 5.5, "PT", "A"), ("XX:DF(1.0)", "A.XAA", "XAA", "2019", None, "PT", "M"),
    ]  # fmt: skip


def test_an_order_to_delete_is_no_series(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(f"{SDMX_CSV}dataflow,XX:DF(1.0),D,A,XAA,2019,-,,\n")
    with pytest.raises(Refused, match="asks to delete observations"):
        read_series(spec(tmp_path / "s.csv", "sdmx-csv"))


HOSTILE = {
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "expansion": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>',
    "external dtd": '<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x/>',
    "depth": "<x>" * 100 + "</x>" * 100,
    "not xml": "STRUCTURE,STRUCTURE_ID\n",
    "other xml": "<html/>",
    "cut off": '<m:GenericData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><m:Header>',
    "nothing inside": '<m:GenericData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"/>',
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_or_broken_xml_is_refused_as_data_and_as_structure(kind: str, shared: Path, tmp_path: Path) -> None:
    bad, folder = tmp_path / "bad.xml", shared / EXR
    bad.write_text(HOSTILE[kind])
    for file, structure in ((bad, folder / "ng-structure-full.xml"), (folder / "ng-ts.xml", bad)):
        with pytest.raises(Refused, match=r"^bad\.xml: "):
            read_series(spec(file, "sdmx-ml", structure=structure))


def test_sdmx_ml_without_a_structure_is_refused(shared: Path) -> None:
    with pytest.raises(Refused, match="without its structure"):
        read_series(spec(shared / EXR / "ng-ts.xml", "sdmx-ml"))


def test_a_file_over_the_limit_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", {"csv": 1 << 20})
    (tmp_path / "s.csv").write_bytes(b"x" * (3 << 20))
    with pytest.raises(TooMuch, match="3 MiB are more than are read"):
        read_series(spec(tmp_path / "s.csv", "csv", mapping=LONG))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(st.sampled_from([str(y) for y in range(1990, 2026)]), st.integers(0, 10**9), min_size=1))
def test_what_is_written_long_or_wide_is_read_alike(values: dict[str, int], tmp_path: Path) -> None:
    periods = tuple(sorted(values))
    rows = "".join(f'XAA,{year},"{values[year]:,}"\n' for year in periods)
    wide_row = ",".join(f'"{values[year]:,}"' for year in periods)
    long = csv(tmp_path, f"iso3,year,n\n{rows}", LONG)
    wide = csv(tmp_path, f"iso3,{','.join(periods)}\nXAA,{wide_row}\n",
               Columns(area="iso3", period_columns=periods, thousands=","))  # fmt: skip

    assert long.equals(wide)
    assert dict(zip(long["period"], long["value"], strict=True)) == values


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(content)
    with pytest.raises(Refused):
        read_series(spec(tmp_path / "s.csv", "csv", mapping=LONG))
