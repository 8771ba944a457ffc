"""The forms of a measure: one small frozen model each, told apart by `kind`.

Conditions and values are texts of `cop.measurement.expression` over items: `upset_12m`, `age_at_first_use < 7`. An item
is a yes or no, a number, or a category; which column of a file it is, and what answers it has, is said per wave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from cop.kernel.errors import Refused, shown
from cop.kernel.validation import refusal
from cop.measurement.expression import Column, Expression, columns, is_predicate, parse


def _expression(text: str) -> Expression:
    try:
        return parse(text)
    except Refused as error:
        raise ValueError(str(error)) from error


def _condition(text: str) -> str:
    found = _expression(text)
    if not (is_predicate(found) or isinstance(found, Column)):
        raise ValueError(f"{shown(text)} is not a condition, such as upset_12m or age < 13")
    return text


def _value(text: str) -> str:
    _expression(text)
    return text


def _listed(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


Item = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Condition = Annotated[str, AfterValidator(_condition)]
Value = Annotated[str, AfterValidator(_value)]
Items = Annotated[tuple[Item, ...], BeforeValidator(_listed), Field(min_length=2)]
Share = Annotated[float, Field(gt=0, lt=1)]
Pair = Annotated[tuple[float, float], BeforeValidator(_listed)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @property
    def measure(self) -> str:
        """What the catalogue calls the measure: the kind a survey's description names, where a survey gives it."""
        return str(type(self).model_fields["kind"].default)

    def expressions(self) -> Iterator[Expression]:
        """The conditions and values of the form."""
        for name in ("numerator", "denominator", "variable", "among", "first", "second", "child", "parent"):
            text = getattr(self, name, None)
            if isinstance(text, str):
                yield parse(text)

    def asked(self) -> tuple[str, ...]:
        """The items of the form, each once, in order of appearance."""
        named: list[str] = [name for expression in self.expressions() for name in columns(expression)]
        return tuple(dict.fromkeys((*getattr(self, "items", ()), *named)))


class _OfItems(_Form):
    """A form over a list of items."""

    items: Items

    @model_validator(mode="after")
    def _once(self) -> _OfItems:
        if len(set(self.items)) != len(self.items):
            raise ValueError("items has one twice")
        return self


class Proportion(_Form):
    """The share of units where `numerator` is true among those where it is true or false and `denominator` holds."""

    kind: Literal["proportion"] = "proportion"
    numerator: Condition
    denominator: Condition | None = None


class Mean(_Form):
    """The mean of `variable` over units with a value, `among` those for which a condition holds."""

    kind: Literal["mean"] = "mean"
    variable: Value
    among: Condition | None = None


class Total(_Form):
    """The total of `variable` in the population."""

    kind: Literal["total"] = "total"
    variable: Value
    among: Condition | None = None


class Median(_Form):
    """The median of `variable`."""

    kind: Literal["median"] = "median"
    variable: Value
    among: Condition | None = None


class Quantile(_Form):
    """The quantile of `variable` below which the share `p` of the population lies."""

    kind: Literal["quantile"] = "quantile"
    variable: Value
    p: Share
    among: Condition | None = None


class Ratio(_Form):
    """The total of `numerator` over the total of `denominator`."""

    kind: Literal["ratio"] = "ratio"
    numerator: Value
    denominator: Value
    among: Condition | None = None


class Distribution(_Form):
    """The shares of the `categories` of a categorical item: one proportion each, which add up to all."""

    kind: Literal["distribution"] = "distribution"
    variable: Item
    categories: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=2)]
    among: Condition | None = None

    @model_validator(mode="after")
    def _once(self) -> Distribution:
        if len(set(self.categories)) != len(self.categories):
            raise ValueError("categories has one twice")
        return self


class Composite(_OfItems):
    """Yes-or-no items taken together: at least one (`any`), each (`all`), `at_least` k, or how many (`count`).

    A unit whose missing answers leave the result open has no valid answer: one yes decides `any`, whatever is missing.
    """

    kind: Literal["composite"] = "composite"
    rule: Literal["any", "all", "at_least", "count"]
    k: int | None = Field(default=None, ge=1)
    among: Condition | None = None

    @model_validator(mode="after")
    def _enough(self) -> Composite:
        if (self.rule == "at_least") != (self.k is not None):
            raise ValueError("k goes with at_least, and at_least needs it")
        if self.k is not None and self.k > len(self.items):
            raise ValueError(f"at least {self.k} of {len(self.items)} items can never be")
        return self

    @property
    def measure(self) -> str:
        return "mean" if self.rule == "count" else "proportion"

    @property
    def least(self) -> int:
        """How many items must be true (a count has no threshold and is not asked)."""
        return {"any": 1, "all": len(self.items)}.get(self.rule, self.k or 1)


class Scale(_OfItems):
    """A score over items answered on one scale, for units that answered at least `min_answered` of them.

    `answers` are the lowest and the highest answer; items in `reversed` are turned round first. `mean` is the mean of
    the answers given; `sum` is that mean times the number of items, so that a missing answer counts as the unit's own
    mean. `rescale` maps the lowest and the highest possible score to two other numbers.
    """

    kind: Literal["scale"] = "scale"
    score: Literal["mean", "sum"]
    answers: Pair
    min_answered: int = Field(ge=1)
    reversed: Annotated[tuple[Item, ...], BeforeValidator(_listed)] = ()
    rescale: Pair | None = None
    among: Condition | None = None

    @model_validator(mode="after")
    def _possible(self) -> Scale:
        if self.answers[0] >= self.answers[1]:
            raise ValueError("the lowest of answers is not below the highest")
        if self.min_answered > len(self.items):
            raise ValueError(f"min_answered {self.min_answered} is more than the {len(self.items)} items")
        if not set(self.reversed) <= set(self.items):
            raise ValueError("reversed names an item that is not in items")
        if self.rescale is not None and self.rescale[0] == self.rescale[1]:
            raise ValueError("rescale maps everything to one number")
        return self

    @property
    def measure(self) -> str:
        return "mean"


class Paired(_Form):
    """Among pairs in which the child's answer is yes, the share in which the parent's is no."""

    kind: Literal["paired"] = "paired"
    child: Condition
    parent: Condition

    @property
    def measure(self) -> str:
        return "proportion"


OfSurvey = Annotated[
    Proportion | Mean | Total | Ratio | Median | Quantile | Composite | Scale | Paired, Field(discriminator="kind")
]
"""Forms that are one estimate of a survey."""


class _Domains(_Form):
    of: OfSurvey
    first: Condition
    second: Condition

    def asked(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.of.asked(), *super().asked())))


class RatioOfDomains(_Domains):
    """The estimate `of` in the domain `first` divided by the same in the domain `second`."""

    kind: Literal["ratio_of_domains"] = "ratio_of_domains"


class DifferenceOfDomains(_Domains):
    """The estimate `of` in the domain `first` less the same in the domain `second`."""

    kind: Literal["difference_of_domains"] = "difference_of_domains"


class Count(_Form):
    """A number of records."""

    kind: Literal["count"] = "count"
    events: Item

    def asked(self) -> tuple[str, ...]:
        return (self.events,)


class Rate(_Form):
    """Events per so many of a population that another source counts."""

    kind: Literal["rate"] = "rate"
    events: Item
    population: Item
    per: int = Field(ge=1)

    def asked(self) -> tuple[str, ...]:
        return (self.events,)


class Series(_Form):
    """An official series as its publisher gives it; where a population is named, its rate is published beside it."""

    kind: Literal["series"] = "series"
    population: Item | None = None
    per: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _both(self) -> Series:
        if (self.population is None) != (self.per is None):
            raise ValueError("population and per go together")
        return self


class Difference(_Form):
    """`first` less `second`: `relative` to the second, `absolute` without its sign."""

    kind: Literal["difference"] = "difference"
    first: Annotated[Count | Rate | Proportion | Mean, Field(discriminator="kind")]
    second: Annotated[Count | Rate | Proportion | Mean, Field(discriminator="kind")]
    relative: bool = False
    absolute: bool = False

    def asked(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.first.asked(), *self.second.asked())))


class _Survival(_Form):
    duration: Item
    ended: Item

    def asked(self) -> tuple[str, ...]:
        return (self.duration, self.ended)


class SurvivalQuantile(_Survival):
    """Kaplan-Meier quantiles of a duration that has not always `ended`: the time by which the share `p` has."""

    kind: Literal["survival_quantile"] = "survival_quantile"
    p: Annotated[tuple[Share, ...], BeforeValidator(_listed), Field(min_length=1)]


class SurvivalShare(_Survival):
    """The Kaplan-Meier share that has `ended` at a time, in the unit of the duration."""

    kind: Literal["survival_share"] = "survival_share"
    at: float = Field(gt=0)


class Coded(_Form):
    """Elements coded on `levels` by several coders who do not see each other's codes.

    `sum` and `mean` give a score per unit, `share` the share of units per element that reach the highest level.
    """

    kind: Literal["coded"] = "coded"
    elements: Items
    levels: Annotated[tuple[float, ...], BeforeValidator(_listed), Field(min_length=2)]
    score: Literal["sum", "mean", "share"]
    coders: int = Field(default=2, ge=2)

    @model_validator(mode="after")
    def _ordered(self) -> Coded:
        if list(self.levels) != sorted(set(self.levels)):
            raise ValueError("levels is not in ascending order")
        if len(set(self.elements)) != len(self.elements):
            raise ValueError("elements has one twice")
        return self

    def asked(self) -> tuple[str, ...]:
        return self.elements


Form = (
    Proportion
    | Mean
    | Total
    | Ratio
    | Median
    | Quantile
    | Distribution
    | Composite
    | Scale
    | Paired
    | RatioOfDomains
    | DifferenceOfDomains
    | Difference
    | Rate
    | Count
    | Series
    | SurvivalQuantile
    | SurvivalShare
    | Coded
)
KINDS: tuple[str, ...] = tuple(str(form.model_fields["kind"].default) for form in Form.__args__)  # type: ignore[attr-defined]
"""Every kind of form."""


class _Holder(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    form: Annotated[Form, Field(discriminator="kind")]


def read_form(facts: Mapping[str, object], *, file: Path) -> Form:
    """The form from its parsed YAML.

    Raises:
        Refused: no such kind, a field missing, unknown or wrong, a text that is no condition. Names the field.
    """
    try:
        return _Holder.model_validate({"form": facts}).form
    except ValidationError as error:
        refused = refusal(error, file, what="a form")
    raise refused  # outside, for what pydantic's error holds is never given back while it is this one's context


def as_facts(form: Form) -> dict[str, object]:
    """The form as its YAML says it: kind first, defaults left out."""
    told = form.model_dump(mode="json", exclude_unset=True)
    return {"kind": form.kind, **{name: value for name, value in told.items() if name != "kind"}}
