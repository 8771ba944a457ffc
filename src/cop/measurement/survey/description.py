"""A survey's description: where its microdata lies, its sampling design, its domains and what is estimated from it.

One TOML file, read with `read`. Nothing in it is code: conditions are the small language of
`cop.measurement.expression`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cop.kernel.areas import EXPECTED as EXPECTED_AREA
from cop.kernel.areas import Areas
from cop.kernel.errors import Refused, Where, shown
from cop.kernel.periods import EXPECTED as EXPECTED_PERIOD
from cop.kernel.periods import is_period, is_span
from cop.kernel.validation import refusal
from cop.measurement.catalogue import Catalogue, load
from cop.measurement.expression import Column as ColumnOf
from cop.measurement.expression import Expression, is_predicate, parse

LonelyPolicy = Literal["fail", "adjust", "average", "remove", "certainty"]
IndicatorKind = Literal["proportion", "mean", "total", "ratio"]
RESERVED = frozenset(
    {
        "indicator", "survey", "area", "period", "domain", "estimate", "se", "ci_low", "ci_high", "cv", "n", "deff",
        "df", "unit", "flag", "flag_reason", "obs_status", "conf_status", "lineage",
    }
)  # fmt: skip
"""Column names of the result, which no domain may take."""

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Design(_Part):
    """How the sample was drawn.

    `fpc` names one column per stage: population sizes, or sampling fractions when all values are at most 1. Without
    `psu` every row is its own PSU. PSU codes are read within their stratum: code 1 of two strata is two PSUs.
    `lonely_psu` says what a stratum with one PSU adds to the variance, as R's `survey.lonely.psu`: `fail` refuses,
    `remove` and `certainty` add nothing, `adjust` measures its distance from the mean of all PSUs, `average` adds the
    mean of the other strata. `df` counts PSUs less strata in the whole design (as SUDAAN and the CDC) or in the domain
    (as R). `jk1` and `jkn` are the delete-one-PSU jackknife without and with strata.
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
    variance: Literal["taylor", "jk1", "jkn"] = "taylor"

    @field_validator("fpc", mode="before")
    @classmethod
    def _one_or_two(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else _as_tuple(value)

    @model_validator(mode="after")
    def _coherent(self) -> Design:
        if len(self.fpc) == 2 and self.psu is None:
            raise ValueError("fpc has two stages, and psu is missing")
        if self.ssu is not None and len(self.fpc) < 2:
            raise ValueError("ssu is used only with the fpc of two stages")
        if self.variance != "taylor" and (self.psu is None or self.fpc):
            raise ValueError("the jackknife needs psu and knows no fpc")
        if self.variance == "jk1" and self.strata is not None:
            raise ValueError("jk1 knows no strata; jkn does")
        return self


class Domain(_Part):
    """A variable to break figures down by: a column, or an expression.

    `labels` maps values to the codes that are published; two values may share one. A value that is not listed is
    refused, or counts as missing where `unlisted` says so. Without labels the values themselves are the codes.
    """

    column: str | None = None
    expression: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    unlisted: Literal["refuse", "missing"] = "refuse"

    @model_validator(mode="after")
    def _one(self) -> Domain:
        if (self.column is None) == (self.expression is None):
            raise ValueError("give column or expression, one of them")
        if any(code in {"", "_T"} for code in self.labels.values()):
            raise ValueError("a label is empty or _T, which stands for all")
        return self

    @property
    def value(self) -> Expression:
        return ColumnOf(self.column) if self.column is not None else parse(self.expression or "")


class Measured(_Part):
    """What is estimated: one indicator of the catalogue.

    A proportion is of rows where `numerator` is true among those where it is true or false and `denominator`, where
    given, is true. A mean or a total is of `variable`. A ratio is of the totals of `numerator` and `denominator`.
    `where` is a subpopulation: the design is kept whole.
    """

    code: str
    kind: IndicatorKind
    numerator: str | None = None
    denominator: str | None = None
    variable: str | None = None
    where: str | None = None

    @model_validator(mode="after")
    def _terms(self) -> Measured:
        needed = {"proportion": {"numerator"}, "ratio": {"numerator", "denominator"}}.get(self.kind, {"variable"})
        allowed = needed | ({"denominator"} if self.kind == "proportion" else set())
        given = {name for name in ("numerator", "denominator", "variable") if getattr(self, name) is not None}
        if not needed <= given or not given <= allowed:
            raise ValueError(f"a {self.kind} takes {' and '.join(sorted(needed))}, not {', '.join(sorted(given))}")
        return self


class Survey(_Part):
    """The whole description. `path` is the file it was read from; `file` is relative to its folder."""

    path: Path
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    title: Annotated[str, Field(min_length=1)]
    area: str
    period: str
    file: Annotated[str, Field(min_length=1)]
    publisher: str | None = None
    licence: str | None = None
    missing: tuple[str, ...] = ("",)
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    design: Design
    domains: dict[_Name, Domain] = Field(default_factory=dict)
    breakdowns: tuple[tuple[str, ...], ...] = ((),)
    indicator: tuple[Measured, ...]

    @property
    def data(self) -> Path:
        """The microdata file."""
        return (self.path.parent / self.file).resolve()

    @field_validator("missing", "indicator", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return _as_tuple(value)

    @field_validator("breakdowns", mode="before")
    @classmethod
    def _crossed(cls, value: object) -> object:
        return tuple(_as_tuple(v) for v in cast("list[object]", value)) if isinstance(value, list) else value

    @field_validator("area")
    @classmethod
    def _an_area(cls, value: str) -> str:
        try:
            Areas({} if value in Areas() else {value: value})
        except Refused:
            raise ValueError(f"{shown(value)} is not an area (expected {EXPECTED_AREA})") from None
        return value

    @field_validator("period")
    @classmethod
    def _a_period(cls, value: str) -> str:
        if not (is_period(value) or is_span(value)):
            raise ValueError(f"{shown(value)} is not a period (expected {EXPECTED_PERIOD})")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Survey:
        if not self.indicator:
            raise ValueError("there is no indicator to estimate")
        for name in self.domains:
            if name in RESERVED:
                raise ValueError(f"a domain cannot be called {name}")
        for names in self.breakdowns:
            for name in names:
                if name not in self.domains:
                    raise ValueError(f"breakdowns names {shown(name)}, which is not one of the domains")
            if len(set(names)) != len(names):
                raise ValueError("a breakdown names a domain twice")
        if len({frozenset(names) for names in self.breakdowns}) != len(self.breakdowns):
            raise ValueError("breakdowns has the same one twice")
        return self


def _as_tuple(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def read(path: Path, *, catalogue: Catalogue | None = None) -> Survey:
    """Read and check a description; the microdata itself is not opened.

    Args:
        path: the TOML file.
        catalogue: the indicators that may be named; the installed ones where none is given.

    Raises:
        Refused: not TOML, a field missing, unknown or wrong, an expression that is none, an indicator that is not in
            the catalogue or is measured in another way there. Names the file and the field.
    """
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refused("is not a file", where=Where(path), expected="a survey description in TOML") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Refused(f"is not TOML: {error}", where=Where(path), expected="a survey description in TOML") from error
    return describe(facts, path, catalogue=catalogue)


def describe(facts: dict[str, Any], path: Path, *, catalogue: Catalogue | None = None) -> Survey:
    """The description from its parsed TOML; `read` says the rest."""
    try:
        survey = Survey.model_validate({**facts, "path": path})
    except ValidationError as error:
        raise refusal(error, path, what="a survey description") from None
    known = catalogue or load()
    for place, measured in enumerate(survey.indicator):
        field = f"indicator[{place}]"
        if measured.code not in known:
            raise Refused.value(
                measured.code, "is not in the catalogue", file=path, field=f"{field}.code",
                expected="a code of catalogue/indicators",
            )  # fmt: skip
        if known[measured.code].measure != measured.kind:
            raise Refused.value(
                measured.kind, f"is not how {measured.code} is measured", file=path, field=f"{field}.kind",
                expected=known[measured.code].measure,
            )  # fmt: skip
        if measured.kind == "total" and survey.design.weights_kind == "normalised":
            raise Refused.value(
                measured.kind, "cannot be estimated with normalised weights", file=path, field=f"{field}.kind",
                expected='weights_kind = "population", or another kind',
            )  # fmt: skip
        _check_expressions(measured, path, field)
    if len({measured.code for measured in survey.indicator}) != len(survey.indicator):
        raise Refused("an indicator is given twice", where=Where(path, field="indicator"), expected="one entry a code")
    for name, domain in survey.domains.items():
        if domain.expression is not None:
            parse(domain.expression, where=Where(path, field=f"domains.{name}.expression"))
    return survey


def _check_expressions(measured: Measured, path: Path, field: str) -> None:
    for name in ("numerator", "denominator", "variable", "where"):
        text: str | None = getattr(measured, name)
        if text is None:
            continue
        where = Where(path, field=f"{field}.{name}")
        value = parse(text, where=where)
        condition = name == "where" or (measured.kind == "proportion" and name != "variable")
        if condition and not (is_predicate(value) or isinstance(value, ColumnOf)):
            raise Refused(f"{shown(text)} is not a condition", where=where, expected="true or false, such as qn24 = 1")
