"""Releases as files: described, protected, audited, compared with the one before."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cop.kernel.errors import Conflict, Refused
from cop.measurement.disclosure.description import RELEASE, read
from cop.measurement.disclosure.release import audit_release, protect_release

HEAD = 'id = "r"\nthreshold = 5\n'


def described(folder: Path, text: str, **files: str) -> Path:
    """A description and its tables."""
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    (folder / "tables.toml").write_text(text, encoding="utf-8")
    return folder / "tables.toml"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


TABLE = '[dimensions.a]\n[dimensions.b]\n[[tables]]\nname = "t"\nfile = "t.csv"\ndimensions = ["a", "b"]\n'
CELLS = """a,b,value
x,p,3
x,q,20
x,r,
y,p,40
y,q,50
y,r,60
z,p,30
z,q,0
z,r,70
_T,p,73
_T,q,70
_T,r,
x,_T,
y,_T,150
z,_T,100
"""


def test_withheld_missing_and_zero_are_told_apart_in_the_file(tmp_path: Path) -> None:
    said = protect_release(read(described(tmp_path, HEAD + TABLE, t=CELLS)), tmp_path / "out")
    shown = {(r["a"], r["b"]): (r["value"], r["obs_status"], r["conf_status"]) for r in rows_of(tmp_path / "out/t.csv")}

    assert shown["x", "p"] == ("", "Q", "C")
    assert shown["x", "r"] == ("", "M", "F")
    assert shown["z", "q"] == ("0", "A", "F")
    assert {v for v, o, _ in shown.values() if o == "Q"} == {""}
    assert said["secondary"] == sum(c == "D" for *_, c in shown.values()) > 0
    assert audit_release(read(tmp_path / "out" / RELEASE)).safe
    with pytest.raises(Conflict):
        protect_release(read(tmp_path / "tables.toml"), tmp_path / "out")


def test_a_share_published_with_its_base_is_withheld_with_the_count(tmp_path: Path) -> None:
    table = """[dimensions.sex]
[[tables]]
name = "t"
file = "t.csv"
dimensions = ["sex"]
value = "yes"
share = { column = "percent", of = "asked" }
"""
    cells = "sex,yes,asked,percent\nF,3,60,5.0\nM,24,80,30.0\n_T,27,140,19.3\n"
    protect_release(read(described(tmp_path, HEAD + table, t=cells)), tmp_path / "out")
    shown = {r["sex"]: r for r in rows_of(tmp_path / "out/t.csv")}

    assert (shown["F"]["yes"], shown["F"]["percent"], shown["F"]["conf_status"]) == ("", "", "C")
    assert audit_release(read(tmp_path / "out" / RELEASE)).safe


def test_few_units_and_dominance_withhold_a_magnitude_and_their_columns_stay_inside(tmp_path: Path) -> None:
    table = TABLE + 'kind = "magnitude"\nvalue = "hours"\nunits = "n"\nlargest = ["first", "second"]\n'
    cells = "a,b,hours,n,first,second\n" + "".join(
        f"{a},{b},{h},{n},{f},{s}\n"
        for a, b, h, n, f, s in [
            ("x", "p", 1000, 9, 900, 50), ("x", "q", 800, 30, 60, 50), ("y", "p", 700, 3, 300, 250),
            ("y", "q", 900, 40, 80, 70), ("z", "p", 600, 25, 60, 50), ("z", "q", 650, 25, 60, 50),
            ("_T", "p", 2300, 37, 900, 300), ("_T", "q", 2350, 95, 80, 70), ("x", "_T", 1800, 39, 900, 60),
            ("y", "_T", 1600, 43, 300, 250), ("z", "_T", 1250, 50, 60, 50), ("_T", "_T", 4650, 132, 900, 300),
        ]
    )  # fmt: skip
    protect_release(read(described(tmp_path, HEAD + table, t=cells)), tmp_path / "out")
    shown = {(r["a"], r["b"]): r for r in rows_of(tmp_path / "out/t.csv")}

    assert list(shown["x", "p"]) == ["a", "b", "hours", "obs_status", "conf_status"]
    assert {k for k, r in shown.items() if r["conf_status"] == "C"} == {("x", "p"), ("y", "p")}
    assert audit_release(read(tmp_path / "out" / RELEASE)).safe


def test_the_next_release_is_protected_against_the_one_it_names(tmp_path: Path) -> None:
    axes = '[dimensions.area]\n[dimensions.period]\nkind = "periods"\ntotal = "{span}"\n'
    table = '[[tables]]\nname = "t"\nfile = "{file}.csv"\ndimensions = ["area", "period"]\n'
    head = 'id = "{id}"\nthreshold = 5\npast = {past}\n'
    first = (head + axes + table).format(id="one", past="[]", span="2025-01/2025-03", file="one")
    second = (head + axes + table).format(id="two", past='["one-out"]', span="2025-01/2025-04", file="two")
    described(tmp_path, first, one="area,period,value\nn,_T,40\ns,_T,50\n_T,_T,90\n")
    protect_release(read(tmp_path / "tables.toml"), tmp_path / "one-out")
    described(tmp_path, second, two="area,period,value\nn,_T,42\ns,_T,80\n_T,_T,122\n")
    protect_release(read(tmp_path / "tables.toml"), tmp_path / "two-out")
    shown = {r["area"]: r["conf_status"] for r in rows_of(tmp_path / "two-out/t.csv")}

    assert shown["n"] == "D"  # 42 less 40 were two reports
    assert audit_release(read(tmp_path / "two-out" / RELEASE)).safe
    published = (tmp_path / "two-out/t.csv").read_text().replace("n,_T,,Q,D", "n,_T,42,A,F")
    (tmp_path / "two-out/t.csv").write_text(published)
    assert not audit_release(read(tmp_path / "two-out" / RELEASE)).safe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + TABLE.replace('["a", "b"]', '["a", "c"]'), "names the dimension c"),
        (HEAD + 'method = "round"\n' + TABLE, "rounding needs secret"),
        (HEAD + 'method = "cell-key"\n' + TABLE, "has no key"),
        (HEAD + TABLE + 'value = "n"\n', "there is no such column"),
        (HEAD + TABLE + "colour = 1\n", "is not a field"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        protect_release(read(described(tmp_path, text, t=CELLS)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_value_that_is_no_count_is_refused_with_its_row(tmp_path: Path) -> None:
    path = described(tmp_path, HEAD + TABLE, t="a,b,value\nx,p,3\nx,q,2.5\n")
    with pytest.raises(Refused, match="is no count") as caught:
        protect_release(read(path), tmp_path / "out")
    assert (caught.value.where.row, caught.value.where.field) == (2, "value")


def test_rounding_and_cell_keys_withhold_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"sixteen bytes or more")
    keyed = "a,b,value,key\nx,p,3,17\nx,q,,5\ny,p,4,99\n"
    for method, more in (("round", 'secret = "secret"\n'), ("cell-key", "")):
        text = f'{HEAD}method = "{method}"\n{more}{TABLE}key = "key"\n'
        said = protect_release(read(described(tmp_path, text, t=keyed)), tmp_path / method)
        shown = rows_of(tmp_path / method / "t.csv")
        assert said["method"] == method
        assert [(r["obs_status"], r["conf_status"]) for r in shown] == [("A", "F"), ("M", "F"), ("A", "F")]
        assert shown[1]["value"] == ""
        assert "key" not in shown[0]
    assert {int(float(r["value"])) % 5 for r in rows_of(tmp_path / "round/t.csv") if r["value"]} == {0}
