"""Faults of an index's description are named with their field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cop.kernel.errors import Refused
from cop.measurement.catalogue import Catalogue
from cop.measurement.composite.description import Index, describe, read

PLAIN = "unit,a,b\nx,1,10\ny,2,20\nz,4,10\n"


def _indicator(code: str, **given: Any) -> dict[str, Any]:
    return {"code": code, "name": code, "parent": "I", "direction": "higher_better"} | given


ROOT = {"code": "I", "name": "I"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"node": [ROOT, {"code": "J", "name": "J"}]}, "exactly one node has no parent: the index itself"),
        ({"node": [ROOT, {"code": "P", "name": "P", "parent": "I"}], "indicator": [_indicator("a"), _indicator("b")]},
         'nothing hangs on "P"'),
        ({"node": [ROOT, {"code": "P", "name": "P", "parent": "R"}, {"code": "R", "name": "R", "parent": "P"}],
          "indicator": [_indicator("a"), _indicator("b")]}, '"P" is its own parent'),
        ({"node": [ROOT], "indicator": [_indicator("a"), _indicator("a")]}, '"a" is the code of two indicators or nodes'),
        ({"node": [ROOT], "indicator": [_indicator("a"), _indicator("b", parent="Z")]}, '"b" hangs on "Z", which is no node'),
        ({"normalisation": {"method": "goalposts"}}, 'normalisation by goalposts is asked for, and "a" has none'),
        ({"aggregation": {"method": "geometric"}},
         "a geometric mean is asked for: aggregation.floor says what scores of 0 or less count as"),
        ({"missing": {"method": "group_mean", "minimum_share": 0.5}},
         "values of a group's mean or median are asked for, and missing.group is not given"),
        ({"missing": {"minimum_share": 0.5}}, "field missing.method: is missing"),
        ({"uncertainty": {"seed": 1, "sample": 100}}, "field uncertainty: sample is not a power of two"),
        ({"period": "last year"}, 'field period: "last year" is not a period'),
        ({"weighting": "pca"}, "field weighting: \"pca\" will not do (expected 'given', 'hierarchical' or 'equal')"),
        ({"scores_only": True}, "field scores_only: is not a field of an index's description"),
    ],
)  # fmt: skip
def test_a_fault_is_named(given: dict[str, Any], message: str, described: Callable[..., Index]) -> None:
    with pytest.raises(Refused) as refusal:
        described(PLAIN, **given)

    assert message in str(refusal.value)


def test_a_direction_may_not_contradict_the_catalogue(tmp_path: Path, small_catalogue: Catalogue) -> None:
    import dataclasses

    bad = dataclasses.replace(small_catalogue["ACC.MEAN"], polarity="higher_worse")
    facts: dict[str, Any] = {
        "id": "t", "title": "t", "period": "2025", "file": "f.csv", "unit": "u",
        "missing": {"method": "refuse", "minimum_share": 1.0}, "treatment": {"method": "none"},
        "normalisation": {"method": "minmax"}, "aggregation": {"method": "arithmetic"},
        "uncertainty": {"seed": 1, "weights": 0.1}, "node": [ROOT],
        "indicator": [_indicator("a", catalogue="ACC.MEAN"), _indicator("b")],
    }  # fmt: skip
    with pytest.raises(Refused, match=r'indicator\[0\].direction: "higher_better" contradicts ACC.MEAN'):
        describe(facts, tmp_path / "t.toml", catalogue=Catalogue({"ACC.MEAN": bad}))
    facts["indicator"][0]["catalogue"] = "NO.SUCH"
    with pytest.raises(Refused, match=r'"NO.SUCH" is not in the catalogue'):
        describe(facts, tmp_path / "t.toml", catalogue=Catalogue({"ACC.MEAN": bad}))


def test_what_is_not_toml_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not a file"):
        read(tmp_path / "none.toml")
    (tmp_path / "i.toml").write_text("id = ")
    with pytest.raises(Refused, match=r"^i\.toml: is not TOML"):
        read(tmp_path / "i.toml")
