"""From a form over items to the terms of a survey's description: conditions and formulas over the columns of a file.

A composite becomes a condition, a scale a formula, a pair two conditions, a distribution one proportion a category, and
a contrast of domains the same terms once and a domain of two codes. Nothing is computed here: a survey's engine does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal as OneOf

from cop.kernel.errors import Refused, shown
from cop.measurement.expression import NULL, ONE, Call, Column, Expression, Literal, all_of, parse, when
from cop.measurement.measures.forms import (
    Composite,
    DifferenceOfDomains,
    Distribution,
    Form,
    Mean,
    Median,
    Paired,
    Proportion,
    Quantile,
    Ratio,
    RatioOfDomains,
    Scale,
    Total,
)

FIRST, SECOND = "first", "second"
_ZERO = Literal("0")
_TRUE, _FALSE = Literal("TRUE", "boolean"), Literal("FALSE", "boolean")


@dataclass(frozen=True, slots=True)
class Terms:
    """What one entry of a survey's description says, as expressions over columns.

    `kind` is proportion, mean, total, ratio, median or quantile; `p` is the share of a quantile.
    """

    kind: str
    numerator: Expression | None = None
    denominator: Expression | None = None
    variable: Expression | None = None
    where: Expression | None = None
    p: float | None = None

    def entry(self, code: str) -> dict[str, str | float]:
        """The `[[indicator]]` table that says the same, its expressions as text."""
        found: dict[str, str | float] = {"code": code, "kind": self.kind}
        for name in ("numerator", "denominator", "variable", "where"):
            expression: Expression | None = getattr(self, name)
            if expression is not None:
                found[name] = text_of(expression)
        return found if self.p is None else {**found, "p": self.p}


@dataclass(frozen=True, slots=True)
class Contrast:
    """One estimate in two domains of the same sample, to be subtracted or divided with their covariance.

    `domain` has the codes "first" and "second", and no value for units in neither.
    """

    terms: Terms
    domain: Expression
    how: OneOf["difference", "ratio"]


def text_of(expression: Expression) -> str:
    """The expression as a description writes it (`sql` guards divisions with a function, which no description may)."""
    match expression:
        case Call(op, args) if op in {"/", "%"}:
            return f"({text_of(args[0])} {op} {text_of(args[1])})"
        case Call(op, args):
            return Call(op, tuple(Literal(text_of(arg)) for arg in args)).sql()
        case _:
            return expression.sql()


def bind(expression: Expression, items: Mapping[str, Expression]) -> Expression:
    """The expression with each item replaced by what it is in a file.

    Raises:
        Refused: an item has no meaning there.
    """
    match expression:
        case Column(name):
            if name not in items:
                raise Refused(f"item {shown(name)} is not mapped", expected=", ".join(sorted(items)) or None)
            return items[name]
        case Call(op, args):
            return Call(op, tuple(bind(arg, items) for arg in args))
        case Literal():
            return expression


def lower(form: Form, items: Mapping[str, Expression]) -> Terms:  # noqa: PLR0911 - one case per form
    """The terms of a form that is one estimate of a survey.

    Args:
        form: the measure.
        items: what each item is: a condition for a yes or no, a value for a number.

    Raises:
        Refused: an item is not mapped, or the form is no single estimate of a survey.
    """

    def read(text: str | None) -> Expression | None:
        return None if text is None else bind(parse(text), items)

    match form:
        case Proportion():
            return Terms("proportion", numerator=read(form.numerator), denominator=read(form.denominator))
        case Ratio():
            return Terms(
                "ratio", numerator=read(form.numerator), denominator=read(form.denominator), where=read(form.among)
            )
        case Mean() | Total() | Median():
            return Terms(form.kind, variable=read(form.variable), where=read(form.among))
        case Quantile():
            return Terms("quantile", variable=read(form.variable), where=read(form.among), p=form.p)
        case Paired():
            parent = bind(parse(form.parent), items)
            return Terms("proportion", numerator=Call("not", (parent,)), denominator=read(form.child))
        case Composite():
            parts = [bind(Column(name), items) for name in form.items]
            if form.rule == "count":
                return Terms("mean", variable=_sum([_counted(part) for part in parts]), where=read(form.among))
            return Terms("proportion", numerator=_composite(form, parts), denominator=read(form.among))
        case Scale():
            return Terms("mean", variable=_scale(form, items), where=read(form.among))
        case _:
            raise Refused.value(form.kind, "is not one estimate of a survey", expected="another form", field="kind")


def lower_categories(form: Distribution, items: Mapping[str, Expression]) -> dict[str, Terms]:
    """The terms of a distribution: by category, the proportion of those who gave one of the categories."""
    value = bind(Column(form.variable), items)
    names = tuple(Literal(category, "text") for category in form.categories)
    given = all_of(Call("in", (value, *names)), None if form.among is None else bind(parse(form.among), items))
    return {name.text: Terms("proportion", numerator=Call("=", (value, name)), denominator=given) for name in names}


def lower_contrast(form: RatioOfDomains | DifferenceOfDomains, items: Mapping[str, Expression]) -> Contrast:
    """The terms of a contrast of domains. A unit in both domains counts in the first."""
    first, second = (bind(parse(text), items) for text in (form.first, form.second))
    domain = Call("case", (first, Literal(FIRST, "text"), second, Literal(SECOND, "text"), NULL))
    return Contrast(lower(form.of, items), domain, "ratio" if isinstance(form, RatioOfDomains) else "difference")


def _sum(parts: Sequence[Expression]) -> Expression:
    return reduce(lambda a, b: Call("+", (a, b)), parts)


def _counted(part: Expression) -> Expression:
    """One for true, zero for false, nothing for no answer."""
    return Call("case", (part, ONE, Call("not", (part,)), _ZERO, NULL))


def _composite(form: Composite, parts: Sequence[Expression]) -> Expression:
    """True or false as soon as the answers given decide it, else unknown."""
    if form.rule in {"any", "all"}:
        return Call("or" if form.rule == "any" else "and", tuple(parts))
    least = Literal(str(form.least))
    true = _sum([when(part, ONE, _ZERO) for part in parts])
    possible = _sum([Call("case", (Call("not", (part,)), _ZERO, ONE)) for part in parts])
    return Call("case", (Call(">=", (true, least)), _TRUE, Call("<", (possible, least)), _FALSE, NULL))


def _scale(form: Scale, items: Mapping[str, Expression]) -> Expression:
    low, high = (Literal(_number(end)) for end in form.answers)
    answers: list[Expression] = []
    for name in form.items:
        value = bind(Column(name), items)
        if isinstance(value, Column):  # what is mapped per wave has its range already
            value = when(Call("between", (value, low, high)), value)
        if name in form.reversed:
            value = Call("-", (Literal(_number(sum(form.answers))), value))
        answers.append(value)
    given = _sum([when(Call("is null", (value,)), _ZERO, ONE) for value in answers])
    total = _sum([Call("coalesce", (value, _ZERO)) for value in answers])
    score: Expression = Call("/", (total, given))
    size = 1 if form.score == "mean" else len(form.items)
    if size > 1:
        score = Call("*", (score, Literal(str(size))))
    if form.rescale is not None:
        slope = (form.rescale[1] - form.rescale[0]) / (size * (form.answers[1] - form.answers[0]))
        start = form.rescale[0] - slope * size * form.answers[0]
        score = Call("+", (Call("*", (score, Literal(_number(slope)))), Literal(_number(start))))
    return when(Call(">=", (given, Literal(str(form.min_answered)))), score)


def _number(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() else repr(value)
