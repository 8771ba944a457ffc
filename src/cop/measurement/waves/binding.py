"""From a wave's mapping to what a survey's description says of its file.

A wave is named by its user and never guessed; a file that does not bear its marks is refused, so that no item of one
wave is read from the column of another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from cop.kernel.errors import NotFound, Refused, Where, shown
from cop.measurement.catalogue import Indicator
from cop.measurement.expression import Expression
from cop.measurement.measures.forms import DifferenceOfDomains, RatioOfDomains, Scale
from cop.measurement.measures.lowering import FIRST, SECOND, lower, lower_contrast, text_of
from cop.measurement.survey.description import Domain, Measured
from cop.measurement.waves.mapping import Wave, Waves, spelling

SIDE = "side"
"""The domain of a contrast."""


def recognise(waves: Waves, wave: str, found: Collection[str]) -> None:
    """Make sure that a file with these columns is of the wave it is said to be.

    Args:
        waves: of the survey.
        wave: the name of one of them.
        found: the names of all columns of the file, in any case.

    Raises:
        NotFound: there is no such wave. Refused: a column that marks the wave is missing, or one that it lacks is
            there; says which wave the file looks like.
    """
    one = waves[wave]
    here = {column.casefold() for column in found}
    absent, alien = sorted(one.has - here), sorted(one.lacks & here)
    if not absent and not alien:
        return
    said = "; ".join([*(f"{column} is missing" for column in absent), *(f"{column} is there" for column in alien)])
    like = [other.wave for other in waves.waves.values() if other.has <= here and not other.lacks & here]
    note = f"the columns are those of {', '.join(like)}" if like else None
    raise Refused(f"the file is not that of {one}: {said}", expected=f"the columns of {wave}", note=note)


def bind_items(
    names: Iterable[str],
    waves: Waves,
    wave: str,
    found: Collection[str],
    *,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Expression]:
    """What each item is in the wave's file.

    Args:
        names: the items.
        waves: of the survey.
        wave: the name of one of them.
        found: the names of all columns of the file, in any case.
        labels: what the file itself calls its variables, by column, where it does.

    Raises:
        NotFound: there is no such wave. Refused: the file is of another wave, an item is not asked in this one, its
            column is missing, or the file calls the column something else.
    """
    recognise(waves, wave, found)
    one = waves[wave]
    known = {column.casefold(): column for column in found}
    bound: dict[str, Expression] = {}
    for name in names:
        if name not in one.items:
            raise Refused(
                f"{one} has no item {shown(name)}", where=Where(one.file), expected=", ".join(sorted(one.items))
            )
        mapped = one.items[name]
        column = known.get(mapped.column.casefold())
        if column is None:
            raise Refused(f"column {shown(mapped.column)} of item {name} is missing", expected=f"the file of {one}")
        said = (labels or {}).get(column)
        if said is not None and mapped.label is not None and spelling(said) != spelling(mapped.label):
            raise Refused(
                f"column {shown(column)} is {shown(said)} in the file, not what {one} says of item {name}",
                expected=f'"{mapped.label}"',
            )
        bound[name] = mapped.expression(column)
    return bound


def measured(
    indicator: Indicator, waves: Waves, wave: str, found: Collection[str], *, labels: Mapping[str, str] | None = None
) -> Measured:
    """The entry of a survey's description that estimates an indicator from the wave's file.

    Raises:
        NotFound, Refused: as `bind_items`; or the indicator is no single estimate of a survey, or the wave's answers go
            beyond the scale's.
    """
    form = indicator.form
    if isinstance(form, Scale):
        _within(form, waves[wave])
    items = bind_items(form.asked(), waves, wave, found, labels=labels)
    return Measured.model_validate(lower(form, items).entry(indicator.code))


def contrasted(
    indicator: Indicator, waves: Waves, wave: str, found: Collection[str], *, labels: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The parts of a survey's description that estimate a contrast of two domains from the wave's file.

    Returns:
        `indicator`, `domains`, `breakdowns` and `contrast`, as the description writes them. The estimate that is
        contrasted goes under the indicator's code, as `base` says it is measured.

    Raises:
        NotFound, Refused: as `bind_items`; or the indicator is no contrast of domains.
    """
    form = indicator.form
    if not isinstance(form, (RatioOfDomains, DifferenceOfDomains)):
        raise Refused.value(form.kind, "is no contrast of domains", expected="another form", field="kind")
    found_here = lower_contrast(form, bind_items(form.asked(), waves, wave, found, labels=labels))
    return {
        "indicator": [found_here.terms.entry(indicator.code)],
        "domains": {SIDE: {"expression": text_of(found_here.domain)}},
        "breakdowns": [[SIDE]],
        "contrast": [
            {"name": indicator.name["en"][:80], "of": {SIDE: FIRST}, "against": {SIDE: SECOND}, "kind": found_here.how}
        ],
    }


def base(indicator: Indicator) -> Indicator:
    """The estimate that a contrast of domains compares, as an indicator of the same code.

    Raises:
        Refused: the indicator is no contrast of domains.
    """
    form = indicator.form
    if not isinstance(form, (RatioOfDomains, DifferenceOfDomains)):
        raise Refused.value(form.kind, "is no contrast of domains", expected="another form", field="kind")
    measure = form.of.measure
    return replace(
        indicator, form=form.of, measure=measure, unit="percent" if measure == "proportion" else indicator.unit
    )


def domain(wave: Wave, name: str, values: Iterable[object]) -> Domain:
    """The description of a domain for a file that has these values, codes or labels alike.

    Args:
        wave: the wave.
        name: of the domain.
        values: the distinct values of its column; missing ones are left out.

    Raises:
        NotFound: the wave has no such domain. Refused: a value has no code.
    """
    if name not in wave.domains:
        raise NotFound(f"{wave} has no domain {shown(name)}", expected=", ".join(sorted(wave.domains)))
    axis = wave.domains[name]
    codes = {spelling(answer): code for code, answers in axis.codes.items() for answer in answers}
    missing = {spelling(answer) for answer in axis.missing}
    labels: dict[str, str] = {}
    for value in values:
        spelt = spelling(str(value))
        if value is None or spelt in missing:
            continue
        if spelt not in codes:
            raise Refused.value(
                value, f"has no code in {wave}", file=wave.file, field=f"domains.{name}",
                expected=", ".join(str(answer) for answers in axis.codes.values() for answer in answers),
            )  # fmt: skip
        labels[str(value)] = codes[spelt]
    return Domain(column=axis.column, labels=labels, unlisted="missing" if missing else "refuse")


def _within(form: Scale, wave: Wave) -> None:
    for name in form.items:
        mapped = wave.items.get(name)
        if mapped is None or mapped.low is None or mapped.high is None:
            continue
        if mapped.low < form.answers[0] or mapped.high > form.answers[1]:
            raise Refused(
                f"item {name} goes from {mapped.low:g} to {mapped.high:g}",
                where=Where(wave.file, field=f"waves.{wave.wave}.items.{name}"),
                expected=f"answers within {form.answers[0]:g} to {form.answers[1]:g}",
            )
