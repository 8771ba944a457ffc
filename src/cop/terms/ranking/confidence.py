"""How often proposals of a given strength are right: cases with a known answer, and the curve through them.

Three kinds of cases: quotes whose case in ToS;DR says what they mean ("you maintain ownership", "may be changed at any
time"); what a reader found per provider and criterion, silence included, beside what each document is proposed to say;
and draft findings of another reader, which the rules were written with in view.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from cop.terms.clauses import split
from cop.terms.criteria import criteria
from cop.terms.documents import read
from cop.terms.findings import standing, strength
from cop.terms.provider import newest, version
from cop.terms.ranking.examples import CODES, FOLDS, family, fold
from cop.terms.ranking.ranker import strengths
from cop.terms.rules import Hit, readings
from cop.terms.surroundings import places

_LEAST = 0.4
_SAYS: Mapping[tuple[str, str], frozenset[str]] = {
    key: frozenset(findings.split())
    for key, findings in {
        ("OWN-1", "retained"): "met", ("OWN-1", "transferred"): "not_met", ("LIC-1", "broad"): "not_met partly",
        ("LIC-1", "limited"): "met", ("LIC-4", "waived"): "not_met partly", ("LIC-5", "transferred"): "not_met",
        ("LIC-5", "licensed"): "partly", ("LIC-3", "sublicensable"): "not_met partly", ("DEL-1", "available"): "met",
        ("DEL-1", "account"): "met", ("DEL-1", "unavailable"): "not_met partly", ("DEL-2", "kept"): "partly not_met",
        ("DEL-2", "limited"): "met partly", ("DEL-2", "minimum"): "partly not_met met",
        ("MKT-1", "does not sell"): "met partly", ("MKT-1", "sells"): "not_met", ("MKT-1", "marketing"): "not_met",
        ("MKT-1", "targeted ads"): "not_met", ("MKT-1", "ads"): "not_met", ("MKT-2", "opt-out"): "partly",
        ("MKT-2", "none"): "not_met", ("MKT-3", "shared"): "partly not_met met", ("MKT-3", "not shared"): "met",
        ("MKT-3", "consent"): "met partly", ("MKT-3", "aggregate"): "met partly", ("MKT-3", "legal basis"): "met",
        ("AGE-1", "stated"): "met", ("CHG-1", "no notice"): "not_met", ("CHG-1", "check back"): "not_met",
        ("CHG-1", "notice"): "partly met", ("CHG-1", "notice period"): "met partly",
    }.items()
}  # fmt: skip
"""What a case of ToS;DR means on our scale; where it does not tell two findings apart, either is right."""


_WEIGHT = {"quote": 0.5, "cell": 2.0, "draft": 0.5}
"""Cells show what whole documents do: wrong passages, silence. They count most."""


@dataclass(frozen=True, slots=True)
class Case:
    """A proposal whose answer is known. `strength` is (chance, weight, rival); `kind` quote, cell or draft."""

    family: str
    code: str
    strength: tuple[float, float, float]
    finding: str
    right: bool
    kind: str


Chance = Callable[[str, str, str], float | None]
"""Of a family, a text in lower case and a criterion: the cross-fitted chance."""


def quoted(path: Path, chances: Mapping[str, NDArray[np.float64]]) -> list[Case]:
    """Cases from quotes; `chances` are (n_codes,) by quote."""
    cases: list[Case] = []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code, expected = row["criterion"], _SAYS.get((row["criterion"], row["finding"]))
            if expected is None or row["irrelevant"] == "True":
                continue
            hits = readings()[code].hits(places(split(row["text"], markdown=False)))
            value = float(chances[row["id"]][CODES.index(code)])
            case = _case(family(row["provider"]), code, hits, [value] * len(hits), expected, "quote")
            cases.extend([case] if case else [])
    return cases


def drafted(gold: Path, folder: Path, chance: Chance) -> list[Case]:
    """Cases from draft findings on whole documents."""
    cases: list[Case] = []
    with gold.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["start"]]
    for name in sorted({row["file"] for row in rows}):
        document = read(folder / name)
        held = places(split(document.text, markdown=document.markdown))
        here = family(name.split("__")[0])
        for row in (r for r in rows if r["file"] == name and r["criterion"] in CODES):
            code = row["criterion"]
            hits = readings()[code].hits(held)
            values = [chance(here, hit.place.clause.low, code) or 0.0 for hit in hits]
            case = _case(here, code, hits, values, frozenset([row["finding"]]), "draft")
            cases.extend([case] if case else [])
    return cases


def celled(cells: Path, folder: Path, chance: Chance) -> list[Case]:
    """Cases from what a reader found at the newest versions of each provider."""
    with cells.open(encoding="utf-8", newline="") as file:
        read_there = {(row["provider"], row["criterion"]): row["reader"] for row in csv.DictReader(file)}
    cases: list[Case] = []
    for item in newest(version(path) for path in sorted(folder.glob("*.md"))):
        held = places(split(item.content.text, markdown=item.content.markdown))
        here = family(item.provider)
        for code in CODES:
            expected = read_there.get((item.provider, code))
            if expected is None or code == "CHG-2" or item.content.kind not in (*criteria()[code].documents, None):
                continue
            hits = [hit for hit in readings()[code].hits(held) if hit.weight >= _LEAST]
            values = [chance(here, hit.place.clause.low, code) or 0.0 for hit in hits]
            case = _case(here, code, hits, values, frozenset([expected]), "cell")
            cases.extend([case] if case else [])
    return cases


def _case(
    name: str, code: str, hits: Sequence[Hit], values: Sequence[float], expected: frozenset[str], kind: str
) -> Case | None:
    by_start = {hit.start: value for hit, value in zip(hits, values, strict=True)}
    kept = standing(hits, values)
    if not kept:
        return None
    finding, _ = readings()[code].decision(kept)
    strong = strength(code, lambda _, start: by_start[start], kept, finding)
    return Case(name, code, strong, finding, finding in expected, kind)


def fit(cases: Sequence[Case]) -> dict[str, tuple[float, ...]]:
    """Criterion to constant and slopes: the slopes are common, the constants are drawn towards one another."""
    present = sorted({case.code for case in cases})
    weight = [_WEIGHT[case.kind] for case in cases]
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(_table(cases, present), [case.right for case in cases], sample_weight=weight)
    coefficients: list[float] = np.ravel(model.coef_).tolist()
    slopes = tuple(round(x, 4) for x in coefficients[:3])
    constant = float(np.ravel(model.intercept_)[0])
    own = dict(zip(present, coefficients[3:], strict=True))
    return {code: (round(constant + own.get(code, -0.5), 4), *slopes) for code in CODES}


def _table(cases: Sequence[Case], codes: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[*strengths(*case.strength), *(case.code == code for code in codes)] for case in cases], float)


def cross_fitted(cases: Sequence[Case]) -> NDArray[np.float64]:
    """(n,) confidence of each case from a curve that did not see its family."""
    found = np.zeros(len(cases))
    folds = np.array([fold(case.family) for case in cases])
    for part in range(FOLDS):
        curve = fit([case for case, where in zip(cases, folds, strict=True) if where != part])
        for i in np.flatnonzero(folds == part).tolist():
            constant, *slopes = curve[cases[i].code]
            odds = constant + float(np.dot(slopes, strengths(*cases[i].strength)))
            found[i] = 1 / (1 + np.exp(-odds))
    return found


def usual(cases: Sequence[Case]) -> dict[str, str]:
    """Criterion to the finding most often right among the cases, "partly" where there are none."""
    found: dict[str, str] = {}
    for code in CODES:
        counts: dict[str, int] = dict.fromkeys(("partly", "not_met", "met"), 0)
        for case in cases:
            if case.code == code and case.right:
                counts[case.finding] += 1
        found[code] = max(counts, key=lambda name: counts[name])
    return found
