"""Four surveys of children aged 9 to 17, one a country, in the four formats that statistics offices hand over.

Strata are urban and rural parts of regions, PSUs are schools (their numbers start again in every stratum, as they often
do), weights bring the sample to a population. Answers are drawn from a model with true associations, so that a reader
who looks finds them: bullying is commonest among girls of 13 to 15, skills grow with age, rules fall with it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

import polars as pl
import pyreadstat

SEED = 917
LABELS = {
    "region": "Region", "stratum": "Sampling stratum", "psu": "School, numbered within the stratum",
    "weight": "Population weight", "age": "Age in years", "sex": "Sex", "urban": "Urban or rural",
    "net3m": "Used the internet in the last three months", "daily": "Uses the internet every day",
    "phone": "Has a smartphone of their own", "ebully": "Bullied electronically in the past 12 months",
    "met": "Met face to face someone first met online, past 12 months",
    "upset": "Something online bothered or upset the child, past 12 months",
    "told": "Who was told about the last upsetting event", "knows": "Knows where to report or get help",
    "rules": "Parents have rules on what may be done online", "privacy": "Can change privacy settings",
}  # fmt: skip
YES_NO = ("net3m", "daily", "phone", "ebully", "met", "upset", "knows", "rules", "privacy")
STAMP = b"15 Jan 26"


@dataclass(frozen=True, slots=True)
class Country:
    """What differs from one survey to the next; `online` and `harm` move the model's logits."""

    area: str
    regions: int
    schools: int  # PSUs a stratum
    pupils: int  # children a PSU, about
    children: int  # aged 9 to 17 in the population
    online: float
    harm: float


COUNTRIES = (
    Country("XAL", 4, 7, 22, 184_000, 0.3, 0.1),
    Country("XBR", 5, 6, 18, 412_000, 0.0, 0.3),
    Country("XCO", 3, 8, 20, 655_000, -0.5, -0.2),
    Country("XDU", 5, 7, 20, 301_000, 0.2, 0.0),
)


def write(folder: Path) -> None:
    """Write the four microdata files below `folder`."""
    target = folder / "inputs" / "surveys"
    target.mkdir(parents=True, exist_ok=True)
    frames = {country.area: _survey(country) for country in COUNTRIES}
    frames["XAL"].write_csv(target / "xal.csv")
    frames["XBR"].write_parquet(target / "xbr.parquet", compression="zstd", statistics=False)
    _write_spss(target / "xco.sav", frames["XCO"])
    _write_stata(target / "xdu.dta", frames["XDU"])


def _survey(country: Country) -> pl.DataFrame:
    rng = Random(f"{SEED}-{country.area}")
    rows: list[dict[str, float | None]] = []
    strata = [(region, urban) for region in range(1, country.regions + 1) for urban in (1, 0)]
    shares = [(0.62 if urban else 0.38) * (0.7 + 0.6 * rng.random()) for _, urban in strata]
    for number, ((region, urban), share) in enumerate(zip(strata, shares, strict=True), start=1):
        inside: list[dict[str, float | None]] = []
        for psu in range(1, country.schools + 1):
            school = rng.gauss(0, 0.35)
            for _ in range(country.pupils - 4 + int(rng.random() * 9)):
                child = {"region": region, "stratum": number, "psu": psu, "weight": 0.7 + 0.6 * rng.random()}
                inside.append(child | {"urban": urban} | _answers(country, urban, school, rng))
        scale = country.children * share / sum(shares) / sum(float(row["weight"] or 0) for row in inside)
        rows += [row | {"weight": round(float(row["weight"] or 0) * scale, 4)} for row in inside]
    whole = [name for name in LABELS if name != "weight"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(LABELS, pl.Float64))
    return frame.with_columns(pl.col(whole).cast(pl.Int64))


def _answers(country: Country, urban: int, school: float, rng: Random) -> dict[str, float | None]:
    """One child's answers: 1 yes, 2 no, null where the question was not put or not answered."""
    age = 9 + int(rng.random() * 9)
    sex = 1 if rng.random() < 0.51 else 2  # 1 boy, 2 girl
    girl = sex == 2
    online, harm = country.online + 0.4 * urban, country.harm + school

    def says(logit: float) -> int:
        return 1 if rng.random() < 1 / (1 + math.exp(-logit)) else 2

    net3m = says(2.2 + 0.25 * (age - 12) + online)
    answers: dict[str, float | None] = {"age": age, "sex": sex, "net3m": net3m}
    used = net3m == 1
    answers["daily"] = says(0.2 + 0.35 * (age - 12) + online) if used else None
    answers["phone"] = says(0.1 + 0.5 * (age - 11.5) + online)
    middle = 1.0 if 13 <= age <= 15 else 0.0
    answers["ebully"] = says(-2.1 + 0.25 * girl + 0.45 * middle + 0.6 * girl * middle + harm)
    answers["met"] = says(-3.0 + 0.28 * (age - 12) + 0.6 * harm) if used else None
    upset = says(-0.9 + 0.35 * girl + 0.05 * (age - 13) + 1.1 * (answers["ebully"] == 1) + 0.5 * harm) if used else None
    answers["upset"] = upset
    answers["told"] = _told(age, rng) if upset == 1 else None
    answers["knows"] = says(-0.4 + 0.18 * (age - 12) + 0.2 * girl + 0.3 * online) if used else None
    answers["rules"] = says(0.9 - 0.30 * (age - 12) + 0.2 * girl) if used else None
    answers["privacy"] = says(-0.3 + 0.32 * (age - 12)) if used else None
    for name in YES_NO:  # an item is left blank now and then
        if rng.random() < 0.02:
            answers[name] = None
    return answers


def _told(age: int, rng: Random) -> int:
    """1 a parent, 2 a friend, 3 another person, 4 nobody: with age friends take the place of parents."""
    parent = 0.55 - 0.03 * (age - 9)
    point = rng.random()
    if point < parent:
        return 1
    if point < parent + 0.18:
        return 2
    return 3 if point < parent + 0.25 else 4


def _labels() -> dict[str, dict[int | float, str]]:
    yes_no: dict[int | float, str] = {1: "yes", 2: "no"}
    return dict.fromkeys(YES_NO, yes_no) | {
        "sex": {1: "boy", 2: "girl"},
        "urban": {0: "rural", 1: "urban"},
        "told": {1: "a parent", 2: "a friend", 3: "another person", 4: "nobody"},
    }


def _write_spss(path: Path, frame: pl.DataFrame) -> None:
    pyreadstat.write_sav(
        frame, path, column_labels=LABELS, variable_value_labels=_labels(), row_compress=True,
        file_label="Survey of children, synthetic",
    )  # fmt: skip
    # the header's creation date and time (bytes 92 to 108), which the library takes from the clock
    raw = bytearray(path.read_bytes())
    raw[92:109] = STAMP + b"12:00:00"
    path.write_bytes(raw)


def _write_stata(path: Path, frame: pl.DataFrame) -> None:
    pyreadstat.write_dta(
        frame, path, column_labels=LABELS, variable_value_labels=_labels(), file_label="Survey of children, synthetic"
    )
    # the header's time stamp, likewise
    raw = path.read_bytes()
    path.write_bytes(re.sub(rb"(<timestamp>.)[^<]{17}(</timestamp>)", rb"\g<1>15 Jan 2026 12:00\2", raw, count=1))
