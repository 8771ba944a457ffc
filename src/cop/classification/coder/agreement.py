"""Agreement between coders: Krippendorff's alpha for nominal codes, any number of coders, values missing.

Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), sections A to C; "Content Analysis"
(4th ed., 2018), 12.3, for what a value allows: .800 to rely on, .667 for tentative conclusions. The interval is a
percentile bootstrap over units. Written here and not taken from the package `krippendorff`: that is under the GPL, and
this project under Apache-2.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cop.classification.coder.fields import Fields
from cop.classification.scheme import Scheme
from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.kernel.tables import open_rows

Level = Literal["leaf", "class", "section"]
Array = NDArray[np.float64]

LEVELS: Mapping[Level, int] = {"leaf": 4, "class": 3, "section": 1}
"""How many characters of a code name it at each level."""

RELIABLE, TENTATIVE = 0.800, 0.667
DRAWS = 1000
LEAST_UNITS = 20
"""Units below which no interval is given: so few cannot show how much alpha varies."""

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Judgement:
    """The code that a coder gave to a unit; None where none was given."""

    unit: str
    coder: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Alpha:
    """Agreement at one level, overall (`section` None) or for one section.

    For a section at level `section`, its codes are told from all others; at the levels below, codes of other sections
    count as missing: how well coders part the section's classes once they see the section. `alpha` is None where it is
    not defined (no unit with two values, or no two different values), `low` and `high` (95 %) also with fewer than
    `LEAST_UNITS` units. `units` and `values` count what could be paired.
    """

    level: Level
    section: str | None
    units: int
    values: int
    alpha: float | None
    low: float | None
    high: float | None

    @property
    def reading(self) -> Literal["reliable", "tentative", "unreliable", "unknown"]:
        """What the lower limit allows, in Krippendorff's words."""
        if self.low is None:
            return "unknown"
        return "reliable" if self.low >= RELIABLE else "tentative" if self.low >= TENTATIVE else "unreliable"

    def as_json(self) -> dict[str, Any]:
        """The same facts for a program."""
        return {**asdict(self), "reading": self.reading}


def read_judgements(path: Path | str, scheme: Scheme, *, progress: Progress = SILENT) -> tuple[Judgement, ...]:
    """The judgements of a JSONL, CSV or Parquet file: a row a judgement with `unit`, `coder` and `code`.

    Raises:
        NotFound: there is no such file.
        Refused: a row is not as said above, or a coder judged a unit twice.
    """
    found: dict[tuple[str, str], Judgement] = {}
    with open_rows(path) as rows:
        for row in rows:
            fields = Fields(row, rows.name)
            judgement = Judgement(
                fields.name("unit"), fields.name("coder"), fields.code("code", scheme) if fields.has("code") else None
            )
            key = (judgement.unit, judgement.coder)
            if key in found:
                raise fields.refuse("coder", "the coder judged the unit before", "one judgement a coder and unit")
            found[key] = judgement
            progress.advance()
        if not found:
            raise Refused("the file has no record", where=Where(rows.name), expected="rows of unit, coder, code")
    return tuple(found.values())


def nominal_alpha(counts: Array, weights: Array | None = None) -> float | None:
    """Alpha of units by the number of coders who gave each value; None where it is not defined.

    Args:
        counts: (n_units, n_values) how many coders gave the value to the unit; missing judgements are just not there.
        weights: (n_units,) how often each unit counts (a bootstrap draw); once when None.
    """
    pairable = counts.sum(axis=1) >= 2
    kept = counts[pairable]
    times = np.ones(len(kept)) if weights is None else weights[pairable]
    found = _alphas(kept, times[None, :])
    return None if np.isnan(found[0]) else float(found[0])


def _alphas(counts: Array, times: Array) -> Array:
    """(n_draws,) alphas, NaN where not defined.

    Args:
        counts: (n_units, n_values) of pairable units.
        times: (n_draws, n_units) how often each unit is in each draw.
    """
    size = counts.sum(axis=1)
    matches = (counts * (counts - 1)).sum(axis=1) / np.maximum(size - 1, 1)
    total, by_value = times @ size, times @ counts
    observed = total - times @ matches
    expected = total**2 - (by_value**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (total - 1) * observed / expected, np.nan)


def agreement(
    judgements: Iterable[Judgement], *, draws: int = DRAWS, seed: int = 0, progress: Progress = SILENT
) -> tuple[Alpha, ...]:
    """Alpha at each level, overall first, then for each section that any coder used.

    The order of judgements, and the names of units and coders, do not matter to the values.
    """
    units: dict[str, list[str]] = {}
    for judgement in judgements:
        if judgement.code is not None:
            units.setdefault(judgement.unit, []).append(judgement.code)
    coded = sorted(sorted(codes) for codes in units.values())
    sections = sorted({code[0] for codes in coded for code in codes})
    wanted: list[tuple[Level, str | None]] = [(lev, s) for s in (None, *sections) for lev in LEVELS]
    progress.total(len(wanted))
    found: list[Alpha] = []
    for level, section in wanted:
        found.append(_alpha(level, section, _counts(coded, level, section), draws, seed))
        progress.advance()
    return tuple(found)


def _counts(units: Sequence[Sequence[str]], level: Level, section: str | None) -> Array:
    if section is None:
        values = [[code[: LEVELS[level]] for code in codes] for codes in units]
    elif level == "section":
        values = [[section if code[0] == section else "other" for code in codes] for codes in units]
    else:
        values = [[code[: LEVELS[level]] for code in codes if code[0] == section] for codes in units]
    number = {value: n for n, value in enumerate(sorted({v for row in values for v in row}))}
    counts = np.zeros((len(values), max(len(number), 1)))
    for row, unit in enumerate(values):
        for value in unit:
            counts[row, number[value]] += 1
    return counts[counts.sum(axis=1) >= 2]


def _alpha(level: Level, section: str | None, counts: Array, draws: int, seed: int) -> Alpha:
    low, high = _interval(counts, draws, seed)
    return Alpha(level, section, len(counts), int(counts.sum()), _rounded(nominal_alpha(counts)), low, high)


def _interval(counts: Array, draws: int, seed: int) -> tuple[float | None, float | None]:
    n = len(counts)
    if n < LEAST_UNITS or nominal_alpha(counts) is None:
        return None, None
    random = np.random.default_rng(seed)
    found: list[Array] = []
    for start in range(0, draws, _AT_ONCE):
        times = random.multinomial(n, np.full(n, 1 / n), size=min(_AT_ONCE, draws - start)).astype(np.float64)
        found.append(_alphas(counts, times))
    alphas = np.concatenate(found)
    alphas = alphas[~np.isnan(alphas)]
    if not len(alphas):
        return None, None
    low, high = np.quantile(alphas, [0.025, 0.975])
    return _rounded(float(low)), _rounded(float(high))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def as_table(alphas: Sequence[Alpha]) -> list[str]:
    """Lines for a person."""
    lines = [f"{'section':<9}{'level':<9}{'units':>7}{'values':>8}{'alpha':>8}  95 % interval   reading"]
    for a in alphas:
        value = "-" if a.alpha is None else f"{a.alpha:.3f}"
        interval = "-" if a.low is None or a.high is None else f"{a.low:.3f} to {a.high:.3f}"
        lines.append(
            f"{a.section or 'all':<9}{a.level:<9}{a.units:>7,}{a.values:>8,}{value:>8}  {interval:<16}{a.reading}"
        )
    return lines
