"""An index's description: its indicators, the tree they hang on, and every choice that leads from them to a score.

One TOML file, read with `read`. The steps and their names follow the OECD and JRC Handbook on Constructing Composite
Indicators (2008) and the R package COINr (Becker and others, Journal of Open Source Software 7(78), 2022).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cop.kernel.errors import Refused, Where
from cop.kernel.periods import EXPECTED as EXPECTED_PERIOD
from cop.kernel.periods import is_period, is_span
from cop.kernel.validation import refusal
from cop.measurement.catalogue import Catalogue, load

Imputation = Literal["refuse", "available", "mean", "median", "group_mean", "group_median"]
Outliers = Literal["none", "winsorise", "log", "winsorise_log"]
Scale = Literal["minmax", "zscore", "rank", "goalposts"]
Weighting = Literal["given", "hierarchical", "equal"]
Mean = Literal["arithmetic", "geometric"]
Direction = Literal["higher_better", "lower_better"]

_Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,59}$")]
_Weight = Annotated[float, Field(gt=0)]
_AGAINST: dict[str, Direction] = {"higher_better": "lower_better", "higher_worse": "higher_better"}
"""The direction that contradicts a polarity of the catalogue."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Measured(_Part):
    """An indicator: the column it is read from, the node above it, which end is better.

    `denominator` is a column to divide by, the result times `per`. `goalposts` are the values that score lowest and
    highest under that normalisation, in order of value. `treat` false keeps outliers. `catalogue` is the indicator of
    the project's catalogue that this is, whose polarity `direction` may not contradict.
    """

    code: _Code
    name: Annotated[str, Field(min_length=1)]
    parent: _Code
    direction: Direction
    column: str | None = None
    unit: str = ""
    weight: _Weight = 1.0
    denominator: str | None = None
    per: _Weight = 1.0
    treat: bool = True
    goalposts: tuple[float, float] | None = None
    catalogue: str | None = None

    @property
    def source(self) -> str:
        """The column of the file."""
        return self.column or self.code

    @field_validator("goalposts", mode="before")
    @classmethod
    def _pair(cls, value: object) -> object:
        return tuple(float(v) if isinstance(v, int) else v for v in value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _in_order(self) -> Measured:
        if self.goalposts is not None and not self.goalposts[0] < self.goalposts[1]:
            raise ValueError("goalposts are not in order: the lower value comes first")
        if self.denominator is None and self.per != 1.0:
            raise ValueError("per is used only with a denominator")
        return self


class Node(_Part):
    """An aggregate: a dimension, a pillar, or the index itself, which has no parent.

    `aggregation` is this node's own, where it differs from the index's.
    """

    code: _Code
    name: Annotated[str, Field(min_length=1)]
    parent: _Code | None = None
    weight: _Weight = 1.0
    aggregation: Mean | None = None


class Missing(_Part):
    """What becomes of a value that is not there. There is no default: somebody decides.

    `refuse` accepts none; `available` aggregates what is there, weights rescaled; the others put the mean or median of
    all units, or of the unit's group (column `group`), in its place, and say so in the result. A unit with less than
    `minimum_share` of its indicators is left out and named, or refuses the index. `texts` stand for no value.
    """

    method: Imputation
    minimum_share: float = Field(gt=0, le=1)
    below: Literal["exclude", "refuse"] = "refuse"
    group: str | None = None
    texts: tuple[str, ...] = ("",)

    @field_validator("texts", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class Treatment(_Part):
    """Outliers: an indicator with |skewness| above `skew` and kurtosis above `kurtosis` is treated.

    `winsorise` gives the most extreme value the next one's, again and again, at most `points` of them; `log` takes
    log(x - min + range / 100); `winsorise_log` winsorises, and where that is not enough takes the log of the original.
    """

    method: Outliers
    skew: float = Field(default=2.0, gt=0)
    kurtosis: float = Field(default=3.5, gt=0)
    points: int = Field(default=6, ge=1)


class Normalisation(_Part):
    """One scale for all. `minmax`, `rank` and `goalposts` go from `low` to `high`, the better end high.

    `zscore` has mean halfway and a standard deviation of a tenth of the range: 50 and 10 on a scale of 0 to 100.
    Goalposts keep what lies beyond them at the end of the scale.
    """

    method: Scale
    low: float = 0.0
    high: float = 100.0

    @model_validator(mode="after")
    def _in_order(self) -> Normalisation:
        if not self.low < self.high:
            raise ValueError("low is not below high")
        return self


class Aggregation(_Part):
    """How scores come together. `floor` is what a geometric mean counts a lower score as."""

    method: Mean
    floor: float | None = Field(default=None, gt=0)


class Uncertainty(_Part):
    """What else could have been chosen, and by how much weights could have differed.

    The choice described is always one of the alternatives. `weights` 0.25 lets every weight lie anywhere within 25 % of
    its own. `sample` is the base of the Sobol sequence, a power of two: ranks come from twice as many runs, the indices
    from `sample` times the number of factors more. `level` is of the rank intervals.
    """

    sample: int = Field(default=1024, ge=64, le=65_536)
    seed: int = Field(ge=0)
    level: float = Field(default=0.90, gt=0.5, lt=1)
    weights: float = Field(default=0.0, ge=0, lt=1)
    imputations: tuple[Imputation, ...] = ()
    treatments: tuple[Outliers, ...] = ()
    normalisations: tuple[Scale, ...] = ()
    weightings: tuple[Weighting, ...] = ()
    aggregations: tuple[Mean, ...] = ()
    leave_one_out: bool = False

    @field_validator("imputations", "treatments", "normalisations", "weightings", "aggregations", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _varies(self) -> Uncertainty:
        if self.sample & (self.sample - 1):
            raise ValueError("sample is not a power of two")
        if "refuse" in self.imputations:
            raise ValueError("imputations cannot be refuse: that is no way to fill in")
        return self


class Index(_Part):
    """The whole description. `path` is the file it was read from; `file` is relative to its folder.

    `unit` and `name` are the columns of the units' codes (countries, districts) and names.
    """

    path: Path
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    title: Annotated[str, Field(min_length=1)]
    period: str
    file: Annotated[str, Field(min_length=1)]
    unit: Annotated[str, Field(min_length=1)]
    name: str | None = None
    weighting: Weighting = "given"
    missing: Missing
    treatment: Treatment
    normalisation: Normalisation
    aggregation: Aggregation
    uncertainty: Uncertainty
    node: tuple[Node, ...] = Field(min_length=1)
    indicator: tuple[Measured, ...] = Field(min_length=2)

    @property
    def data(self) -> Path:
        """The file of the indicators' values."""
        return (self.path.parent / self.file).resolve()

    @property
    def root(self) -> str:
        """The code of the index itself."""
        return next(node.code for node in self.node if node.parent is None)

    @field_validator("node", "indicator", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("period")
    @classmethod
    def _a_period(cls, value: str) -> str:
        if not (is_period(value) or is_span(value)):
            raise ValueError(f'"{value}" is not a period (expected {EXPECTED_PERIOD})')
        return value

    @model_validator(mode="after")
    def _a_tree(self) -> Index:
        codes = [one.code for one in (*self.node, *self.indicator)]
        double = next((code for code in codes if codes.count(code) > 1), None)
        if double is not None:
            raise ValueError(f'"{double}" is the code of two indicators or nodes')
        parents = {node.code: node.parent for node in self.node}
        if sum(parent is None for parent in parents.values()) != 1:
            raise ValueError("exactly one node has no parent: the index itself")
        for one in (*self.node, *self.indicator):
            if one.parent is not None and one.parent not in parents:
                raise ValueError(f'"{one.code}" hangs on "{one.parent}", which is no node')
        for code, above in parents.items():
            line, at = {code}, above
            while at is not None:
                if at in line:
                    raise ValueError(f'"{code}" is its own parent')
                line.add(at)
                at = parents[at]
            if code not in {one.parent for one in (*self.node, *self.indicator)}:
                raise ValueError(f'nothing hangs on "{code}"')
        return self

    @model_validator(mode="after")
    def _choices(self) -> Index:
        scales = {self.normalisation.method, *self.uncertainty.normalisations}
        without = next((one.code for one in self.indicator if one.goalposts is None), None)
        if "goalposts" in scales and without is not None:
            raise ValueError(f'normalisation by goalposts is asked for, and "{without}" has none')
        means = {self.aggregation.method, *self.uncertainty.aggregations, *(node.aggregation for node in self.node)}
        if "geometric" in means and self.aggregation.floor is None:
            raise ValueError("a geometric mean is asked for: aggregation.floor says what scores of 0 or less count as")
        fills = {self.missing.method, *self.uncertainty.imputations}
        if any(fill.startswith("group") for fill in fills) and self.missing.group is None:
            raise ValueError("values of a group's mean or median are asked for, and missing.group is not given")
        return self


def read(path: Path, *, catalogue: Catalogue | None = None) -> Index:
    """Read and check a description; the values themselves are not opened.

    Raises:
        Refused: not TOML, a field missing, unknown or wrong, a tree that is none, a direction that contradicts the
            catalogue. Names the file and the field.
    """
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refused("is not a file", where=Where(path), expected="an index's description in TOML") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Refused(f"is not TOML: {error}", where=Where(path), expected="an index's description in TOML") from error
    return describe(facts, path, catalogue=catalogue)


def describe(facts: dict[str, object], path: Path, *, catalogue: Catalogue | None = None) -> Index:
    """The description from its parsed TOML; `read` says the rest."""
    try:
        index = Index.model_validate({**facts, "path": path})
    except ValidationError as error:
        raise refusal(error, path, what="an index's description") from None
    named = [(place, one) for place, one in enumerate(index.indicator) if one.catalogue is not None]
    if named:
        _agree(named, path, catalogue or load())
    return index


def _agree(named: Iterable[tuple[int, Measured]], path: Path, known: Catalogue) -> None:
    for place, one in named:
        code = str(one.catalogue)
        if code not in known:
            raise Refused.value(
                code, "is not in the catalogue", file=path, field=f"indicator[{place}].catalogue",
                expected="a code of catalogue/indicators",
            )  # fmt: skip
        polarity = known[code].polarity
        if _AGAINST.get(polarity) == one.direction:
            raise Refused.value(
                one.direction, f"contradicts {code}", file=path, field=f"indicator[{place}].direction",
                expected=f"what its polarity says: {polarity}",
            )  # fmt: skip
