"""A survey's description: where its microdata lies, its sampling design, its domains and what is estimated from it.

One TOML file, read with `read`. Nothing in it is code: conditions are the small language of
`cop.measurement.expression`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, ValidationError, field_validator, model_validator

from cop.kernel.areas import EXPECTED as EXPECTED_AREA
from cop.kernel.areas import Areas
from cop.kernel.errors import Refused, Where, shown
from cop.kernel.periods import EXPECTED as EXPECTED_PERIOD
from cop.kernel.periods import is_period, is_span
from cop.kernel.validation import refusal
from cop.measurement.catalogue import Catalogue, load
from cop.measurement.expression import Column as ColumnOf
from cop.measurement.expression import Expression, is_predicate, parse
from cop.measurement.survey.design import Calibration, Design, Part, as_tuple

IndicatorKind = Literal["proportion", "mean", "total", "ratio", "median", "quantile"]
RESERVED = frozenset(
    {
        "indicator", "survey", "area", "period", "domain", "estimate", "se", "ci_low", "ci_high", "cv", "n", "deff",
        "df", "unit", "flag", "flag_reason", "obs_status", "conf_status", "lineage",
    }
)  # fmt: skip
"""Column names of the result, which no domain may take."""

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Domain(Part):
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


class Measured(Part):
    """What is estimated: one indicator of the catalogue.

    A proportion is of rows where `numerator` is true among those where it is true or false and `denominator`, where
    given, is true. A mean, a total, a median or the quantile `p` is of `variable`. A ratio is of the totals of
    `numerator` and `denominator`. `where` is a subpopulation: the design is kept whole.
    """

    code: str
    kind: IndicatorKind
    numerator: str | None = None
    denominator: str | None = None
    variable: str | None = None
    where: str | None = None
    p: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _terms(self) -> Measured:
        needed = {"proportion": {"numerator"}, "ratio": {"numerator", "denominator"}}.get(self.kind, {"variable"})
        allowed = needed | ({"denominator"} if self.kind == "proportion" else set())
        given = {name for name in ("numerator", "denominator", "variable") if getattr(self, name) is not None}
        if not needed <= given or not given <= allowed:
            raise ValueError(f"a {self.kind} takes {' and '.join(sorted(needed))}, not {', '.join(sorted(given))}")
        if (self.kind == "quantile") != (self.p is not None):
            raise ValueError("p goes with a quantile, and a quantile needs it")
        return self

    @property
    def share(self) -> float | None:
        """The share of the population below the figure, for a median or a quantile."""
        return 0.5 if self.kind == "median" else self.p


_Title = Annotated[str, Field(min_length=1, max_length=80)]


class Contrast(Part):
    """The difference, or the ratio, of two domains within the survey: `of` less `against` (or divided by it).

    A domain is written as its codes, `{ sex = "F" }`; an empty one is everybody. `indicators` are all where none is
    named; `other` is the indicator on the side of `against` where it is another one. `df_less` is taken off the
    degrees of freedom: 1 gives R's `svyttest`.
    """

    name: _Title
    of: dict[str, str] = Field(default_factory=dict)
    against: dict[str, str] = Field(default_factory=dict)
    kind: Literal["difference", "ratio"] = "difference"
    indicators: tuple[str, ...] = ()
    other: str | None = None
    df_less: int = Field(default=0, ge=0)

    @field_validator("indicators", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return as_tuple(value)

    @model_validator(mode="after")
    def _two_sides(self) -> Contrast:
        if self.of == self.against and self.other is None:
            raise ValueError("of and against are the same domain")
        return self


class Change(Part):
    """The change of each figure since an earlier wave: another description, an independent sample.

    `since` is that description's file, from this file's folder. Indicators and domains are matched by their codes, so
    that each wave keeps its own names of variables.
    """

    since: Annotated[str, Field(min_length=1)]


class Association(Part):
    """Whether a proportion, or a domain, varies with a domain: Pearson's statistic with Rao and Scott's correction."""

    of: str
    by: str


class Trend(Part):
    """The trend of a proportion over earlier waves and this one: orthogonal polynomials of the order of the waves.

    `waves` are the descriptions of the earlier waves, oldest first; `adjust` are domains held constant; `degree` is
    the highest power that is fitted.
    """

    waves: tuple[str, ...] = Field(min_length=1)
    indicator: str
    adjust: tuple[str, ...] = ()
    degree: int = Field(default=1, ge=1, le=4)

    @field_validator("waves", "adjust", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return as_tuple(value)

    @model_validator(mode="after")
    def _enough(self) -> Trend:
        if self.degree > len(self.waves):
            raise ValueError(f"a trend of degree {self.degree} needs {self.degree + 1} waves")
        return self


class Survey(Part):
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
    calibration: tuple[Calibration, ...] = ()
    indicator: tuple[Measured, ...]
    contrast: tuple[Contrast, ...] = ()
    change: tuple[Change, ...] = ()
    association: tuple[Association, ...] = ()
    trend: tuple[Trend, ...] = ()

    @property
    def data(self) -> Path:
        """The microdata file."""
        return (self.path.parent / self.file).resolve()

    @property
    def calibrated_by(self) -> tuple[str, ...]:
        """The domains of the margins, each once."""
        return tuple(dict.fromkeys(name for margin in self.calibration for name in margin.by))

    @field_validator("missing", "calibration", "indicator", "contrast", "change", "association", "trend", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return as_tuple(value)

    @field_validator("breakdowns", mode="before")
    @classmethod
    def _crossed(cls, value: object) -> object:
        return tuple(as_tuple(v) for v in cast("list[object]", value)) if isinstance(value, list) else value

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
        self._fit_comparisons()
        return self

    def _fit_comparisons(self) -> None:
        proportions = {measured.code for measured in self.indicator if measured.kind == "proportion"}
        codes = {measured.code for measured in self.indicator if measured.share is None}
        named: list[tuple[str, str]] = [("calibration", name) for name in self.calibrated_by]
        for contrast in self.contrast:
            named += [("contrast", name) for name in (*contrast.of, *contrast.against)]
            for code in (*contrast.indicators, *([contrast.other] if contrast.other else [])):
                if code not in codes:
                    raise ValueError(f"contrast names {shown(code)}, which is no proportion, mean, total or ratio here")
        for association in self.association:
            named += [("association", association.by)]
            named += [("association", association.of)] if association.of not in proportions else []
            if association.of == association.by:
                raise ValueError("association compares a domain with itself")
        for trend in self.trend:
            named += [("trend", name) for name in trend.adjust]
            if trend.indicator not in proportions:
                raise ValueError(f"trend names {shown(trend.indicator)}, which is no proportion here")
        for part, name in named:
            if name not in self.domains:
                raise ValueError(f"{part} names {shown(name)}, which is not one of the domains")
        for what in ([c.name for c in self.contrast], [c.since for c in self.change]):
            if len(set(what)) != len(what):
                raise ValueError("a contrast or a change is given twice")


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
        if measured.kind == "total" and survey.design.weights_kind == "normalised" and not survey.calibration:
            raise Refused.value(
                measured.kind, "cannot be estimated with normalised weights", file=path, field=f"{field}.kind",
                expected='weights_kind = "population", a calibration to population totals, or another kind',
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


def indicator_of(survey: Survey, code: str) -> tuple[int, Measured]:
    """The place of an indicator in the description."""
    for place, measured in enumerate(survey.indicator):
        if measured.code == code:
            return place, measured
    raise Refused.value(code, "is not an indicator of the survey", file=survey.path,
                        expected=f"one of {', '.join(m.code for m in survey.indicator)}")  # fmt: skip
