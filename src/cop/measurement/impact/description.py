"""A programme's description: what was done, where, when, for whom, what it should change, and what it is compared with.

One TOML file, read with `read`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cop.kernel.errors import Refused, Where
from cop.kernel.periods import EXPECTED as EXPECTED_PERIOD
from cop.kernel.periods import is_period
from cop.kernel.validation import refusal

Words = Annotated[str, Field(min_length=1, max_length=600)]
_Column = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Outcome(_Part):
    """What the programme should change.

    `better` says which way; `matters` is the smallest change that would matter, decided before looking: in `unit`,
    or in percent where the outcome is a count. `se` is the column of standard errors of survey estimates.
    `population` is the column that counts are divided by.
    """

    name: Words
    unit: str
    column: _Column
    kind: Literal["value", "count"] = "value"
    better: Literal["lower", "higher"]
    matters: float = Field(gt=0)
    se: _Column | None = None
    population: _Column | None = None


class Data(_Part):
    """Where the outcome is. `file` is relative to the description's folder.

    `period` is a column of periods as SDMX writes them, or the two columns of year and month. A `panel` has one row a
    unit and period; `microdata` one row a person, with `weights` and, where the sample has them, `strata` and `psu`.
    """

    file: Annotated[str, Field(min_length=1)]
    kind: Literal["panel", "microdata"] = "panel"
    period: _Column | tuple[_Column, _Column]
    unit: _Column | None = None
    weights: _Column | None = None
    strata: _Column | None = None
    psu: _Column | None = None

    @field_validator("period", mode="before")
    @classmethod
    def _one_or_two(cls, value: object) -> object:
        return _as_tuple(value)

    @model_validator(mode="after")
    def _coherent(self) -> Data:
        if (self.kind == "microdata") != (self.weights is not None):
            raise ValueError("weights belong to microdata, and microdata needs them")
        if self.kind == "panel" and (self.strata or self.psu):
            raise ValueError("strata and psu belong to microdata")
        return self


class _Comparison(_Part):
    """`whom` says in words what the programme is compared with; `assigned` whether chance decided who got it."""

    whom: Words
    assigned: Literal["observed", "random"] = "observed"


class TwoPeriod(_Comparison):
    """Difference-in-differences: before against after, `treated` units against `untreated` (default: all others)."""

    method: Literal["two-period"]
    treated: tuple[str, ...] = Field(min_length=1)
    untreated: tuple[str, ...] = ()

    @field_validator("treated", "untreated", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return _as_tuple(value)


class Staggered(_Comparison):
    """Group-time effects of Callaway and Sant'Anna (2021). `first`: the column of each unit's first period with it."""

    method: Literal["staggered"]
    first: _Column
    against: Literal["never_treated", "not_yet_treated"] = "never_treated"
    estimation: Literal["reg", "dr", "ipw"] = "reg"
    covariates: tuple[_Column, ...] = ()
    anticipation: int = Field(default=0, ge=0)

    @field_validator("covariates", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return _as_tuple(value)


class Predictor(_Part):
    """A column averaged over the periods `since` to `until`."""

    column: _Column
    since: str
    until: str


class Synthetic(_Comparison):
    """Synthetic control of Abadie, Diamond and Hainmueller (2010).

    Without predictors every value of the outcome before the start is one. `starts` and `tolerance` are of the search
    for the predictors' importance: more starts and a smaller tolerance are slower.
    """

    method: Literal["synthetic"]
    treated: str
    predictor: tuple[Predictor, ...] = ()
    starts: int = Field(default=4, ge=1, le=64)
    tolerance: float = Field(default=1e-8, gt=0, le=0.1)
    seed: int = Field(default=0, ge=0)

    @field_validator("predictor", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return _as_tuple(value)


class Interrupted(_Comparison):
    """Interrupted time series: a step at the start, with `slope` also a change of trend; the average after it counts.

    `harmonics` are pairs of sine and cosine in a `cycle` of periods. `inference` says which standard error decides:
    the model's, `quasi` (overdispersed), `hac` (autocorrelated; Newey and West, `lags`) or the widest of the three.
    """

    method: Literal["interrupted"]
    harmonics: int = Field(default=0, ge=0, le=6)
    cycle: int = Field(default=12, ge=2)
    slope: bool = False
    inference: Literal["model", "quasi", "hac", "widest"] = "widest"
    lags: int | None = Field(default=None, ge=0)


class Programme(_Part):
    """The whole description. `path` is the file it was read from. `start` is the first period with the programme.

    `synthetic` labels an example whose figures were made up.
    """

    path: Path
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    what: Words
    where: Words
    whom: Words
    start: str
    synthetic: bool = False
    outcome: Outcome
    data: Data
    comparison: Annotated[TwoPeriod | Staggered | Synthetic | Interrupted, Field(discriminator="method")]

    @property
    def file(self) -> Path:
        """The file of the outcome."""
        return (self.path.parent / self.data.file).resolve()

    @field_validator("start")
    @classmethod
    def _a_period(cls, value: str) -> str:
        if not is_period(value):
            raise ValueError(f'"{value}" is not a period (expected {EXPECTED_PERIOD})')
        return value

    @model_validator(mode="after")
    def _fits(self) -> Programme:
        method = self.comparison.method
        if (method == "interrupted") != (self.data.unit is None):
            raise ValueError("an interrupted series has no units; every other comparison names the column data.unit")
        if self.data.kind == "microdata" and method != "two-period":
            raise ValueError(f"microdata is read for two-period only: give {method} the estimates of each unit")
        if self.data.kind == "microdata" and self.outcome.se is not None:
            raise ValueError("microdata has no standard errors: they come from its design")
        if self.outcome.kind == "count" and method != "interrupted":
            raise ValueError(f"counts are modelled in an interrupted series only: give {method} rates, as values")
        if self.outcome.kind == "count" and self.outcome.se is not None:
            raise ValueError("a count has no standard error of its own")
        if self.outcome.population is not None and self.outcome.kind != "count":
            raise ValueError("population is what counts are divided by: the outcome is no count")
        if self.outcome.kind == "count" and self.outcome.better == "lower" and self.outcome.matters >= 100:
            raise ValueError("matters: a count cannot fall by 100 percent or more")
        if self.outcome.se is not None and method == "synthetic":
            raise ValueError("a synthetic control weighs units, not estimates: se is not used")
        return self


def read(path: Path) -> Programme:
    """Read and check a description; the outcome itself is not opened.

    Raises:
        Refused: not TOML, or a field missing, unknown or wrong. Names the file and the field.
    """
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refused("is not a file", where=Where(path), expected="a programme's description in TOML") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Refused(
            f"is not TOML: {error}", where=Where(path), expected="a programme's description in TOML"
        ) from error
    return describe(facts, path)


def describe(facts: dict[str, object], path: Path) -> Programme:
    """The description from its parsed TOML; `read` says the rest."""
    try:
        return Programme.model_validate({**facts, "path": path})
    except ValidationError as error:
        raise refusal(error, path, what="a programme's description") from None
