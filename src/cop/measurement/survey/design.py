"""How a sample was drawn and weighted: `[design]`, `[design.replicates]` and `[[calibration]]` of a description.

Sources: Lumley, Complex Surveys (2010), chapters 2 and 7; Wolter, Introduction to Variance Estimation (2007), chapters
3 to 5; Fay and Train, Aspects of survey and model-based postcensal estimation (1995), for successive differences.
"""

from __future__ import annotations

import math
import re
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LonelyPolicy = Literal["fail", "adjust", "average", "remove", "certainty"]
ReplicateMethod = Literal["brr", "fay", "jk1", "jkn", "bootstrap", "sdr", "custom"]
MAX_REPLICATES = 10_000
_RANGE = re.compile(r"(.*)\{(\d+)-(\d+)\}(.*)")


class Part(BaseModel):
    """A table of a description: frozen, strict, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Replicates(Part):
    """Replicate weights given as columns.

    `weights` lists the columns, or names a row of them: `"brr_{1-32}"`, `"rw{001-200}"`. The variance is the sum over
    replicates of scale x rscales x (estimate of the replicate - centre) squared; the centre is the mean of the
    replicates or, with `mse`, the estimate itself (as R's svrepdesign). `brr` scales by 1/R, `fay` by
    1/(R(1 - rho)^2), `jk1` by (R - 1)/R, `sdr` by 4/R, `bootstrap` by 1/(R - 1), or 1/R with `mse`; `jkn` needs
    `rscales`, (n - 1)/n of the stratum whose PSU a replicate drops; `custom` needs `scale` and `rscales`. `df` is R - 1
    where it is not given, for `jkn` the sum of its factors, which is the number of PSUs less that of strata.
    """

    method: ReplicateMethod
    weights: tuple[str, ...]
    rho: float | None = Field(default=None, gt=0, lt=1)
    scale: float | None = Field(default=None, gt=0)
    rscales: tuple[float, ...] = ()
    mse: bool = False
    df: int | None = Field(default=None, gt=0)

    @field_validator("weights", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        return expanded(value) if isinstance(value, str) else as_tuple(value)

    @field_validator("rscales", mode="before")
    @classmethod
    def _one_or_all(cls, value: object) -> object:
        return (value,) if isinstance(value, int | float) else as_tuple(value)

    @model_validator(mode="after")
    def _coherent(self) -> Replicates:
        count = len(self.weights)
        if not 2 <= count <= MAX_REPLICATES or len(set(self.weights)) != count:
            raise ValueError(f"weights names {count} columns (expected 2 to {MAX_REPLICATES:,} different ones)")
        if (self.method == "fay") != (self.rho is not None):
            raise ValueError("rho goes with fay, and fay needs it")
        needed = {"jkn": {"rscales"}, "custom": {"scale", "rscales"}}.get(self.method, set())
        allowed = needed | ({"scale"} if self.method in {"jk1", "jkn", "bootstrap"} else set())
        given = {name for name in ("scale", "rscales") if getattr(self, name)}
        if not needed <= given or not given <= allowed:
            said = " and ".join(sorted(needed)) or ("scale at most" if allowed else "neither scale nor rscales")
            raise ValueError(f"{self.method} takes {said}")
        if len(self.rscales) not in {0, 1, count} or any(not 0 <= r < math.inf for r in self.rscales):
            raise ValueError(f"rscales has {len(self.rscales)} numbers (expected one, or {count} of 0 or more)")
        return self

    @property
    def factors(self) -> tuple[float, ...]:
        """What the squared deviation of each replicate is multiplied by."""
        count = len(self.weights)
        scale = self.scale
        if scale is None:
            scale = {
                "brr": 1 / count, "fay": 1 / (count * (1 - (self.rho or 0.0)) ** 2), "jk1": (count - 1) / count,
                "sdr": 4 / count, "bootstrap": 1 / count if self.mse else 1 / (count - 1),
            }.get(self.method, 1.0)  # fmt: skip
        each = self.rscales if len(self.rscales) == count else (self.rscales or (1.0,)) * count
        return tuple(scale * r for r in each)

    @property
    def freedom(self) -> int:
        """Degrees of freedom."""
        if self.df is not None:
            return self.df
        return max(round(sum(self.factors)), 1) if self.method == "jkn" else len(self.weights) - 1


class Calibration(Part):
    """One margin that the weights are made to add up to: the population of each code of `by`, a domain or several.

    One margin is post-stratification, several are raked. Codes of several domains are written with a stroke between
    them, `"F|9-12"`.
    """

    by: tuple[str, ...] = Field(min_length=1)
    totals: dict[str, float] = Field(min_length=1)

    @field_validator("by", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else as_tuple(value)

    @model_validator(mode="after")
    def _counted(self) -> Calibration:
        if any(not 0 < total < math.inf for total in self.totals.values()):
            raise ValueError("a population is not above 0")
        if any(code.count("|") != len(self.by) - 1 for code in self.totals):
            raise ValueError(f"totals needs a code of each of {', '.join(self.by)}, with | between them")
        if len(set(self.by)) != len(self.by):
            raise ValueError("by names a domain twice")
        return self


class Design(Part):
    """How the sample was drawn.

    `fpc` names one column per stage: population sizes, or sampling fractions when all values are at most 1. Without
    `psu` every row is its own PSU. PSU codes are read within their stratum: code 1 of two strata is two PSUs.
    `lonely_psu` says what a stratum with one PSU adds to the variance, as R's `survey.lonely.psu`: `fail` refuses,
    `remove` and `certainty` add nothing, `adjust` measures its distance from the mean of all PSUs, `average` adds the
    mean of the other strata. `df` counts PSUs less strata in the whole design (as SUDAAN and the CDC) or in the domain
    (as R). `jk1` and `jkn` are the delete-one-PSU jackknife without and with strata; `replicates` uses the columns of
    `[design.replicates]`, which carry the design: strata and PSUs are not named with them. A table with replicate
    weights that is described without strata, PSUs and replicates is refused unless `ignore_replicates` says so.
    """

    weights: str
    weights_kind: Literal["population", "normalised"]
    strata: str | None = None
    psu: str | None = None
    ssu: str | None = None
    fpc: tuple[str, ...] = Field(default=(), max_length=2)
    lonely_psu: LonelyPolicy = "fail"
    df: Literal["design", "domain"] = "design"
    ci: Literal["logit", "beta", "wald"] = "logit"
    level: float = Field(default=0.95, gt=0.5, lt=1)
    variance: Literal["taylor", "jk1", "jkn", "replicates"] = "taylor"
    replicates: Replicates | None = None
    ignore_replicates: bool = False

    @field_validator("fpc", mode="before")
    @classmethod
    def _one_or_two(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else as_tuple(value)

    @model_validator(mode="before")
    @classmethod
    def _by_replicates(cls, value: object) -> object:
        if isinstance(value, dict) and "replicates" in value and "variance" not in value:
            return {**cast("dict[str, Any]", value), "variance": "replicates"}
        return cast("object", value)

    @model_validator(mode="after")
    def _coherent(self) -> Design:
        if len(self.fpc) == 2 and self.psu is None:
            raise ValueError("fpc has two stages, and psu is missing")
        if self.ssu is not None and len(self.fpc) < 2:
            raise ValueError("ssu is used only with the fpc of two stages")
        if self.variance in {"jk1", "jkn"} and (self.psu is None or self.fpc):
            raise ValueError("the jackknife needs psu and knows no fpc")
        if self.variance == "jk1" and self.strata is not None:
            raise ValueError("jk1 knows no strata; jkn does")
        if (self.variance == "replicates") != (self.replicates is not None):
            raise ValueError('variance = "replicates" goes with the table design.replicates')
        if self.replicates is not None:
            if self.strata or self.psu or self.ssu or self.fpc:
                raise ValueError("replicate weights carry the design: strata, psu, ssu and fpc are not used with them")
            if self.df == "domain":
                raise ValueError('replicate weights have the df of the design: give replicates.df, not df = "domain"')
            if self.weights in self.replicates.weights:
                raise ValueError("weights is one of the replicates")
        return self

    @property
    def elements(self) -> bool:
        """Whether rows are themselves units of the last stage that has a sampling variance."""
        return self.replicates is None and (self.psu is None or (len(self.fpc) == 2 and self.ssu is None))


def expanded(text: str) -> tuple[str, ...]:
    """The columns that `brr_{1-32}` or `rw{001-200}` stands for; a name without braces is itself."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return (text,)
    before, first, last, after = match.groups()
    if int(last) - int(first) >= MAX_REPLICATES:
        raise ValueError(f"{text} names more than {MAX_REPLICATES:,} columns")
    width = len(first) if first.startswith("0") else 0
    return tuple(f"{before}{number:0{width}d}{after}" for number in range(int(first), int(last) + 1))


def as_tuple(value: object) -> object:
    """A list of TOML as the tuple that a frozen part keeps."""
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value
