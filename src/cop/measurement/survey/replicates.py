"""Whether a table has replicate weights that its description leaves out: such a design must not be run as a plain one.

Without strata and PSUs its Taylor variance is that of a simple random sample, and mostly far too small.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from cop.kernel.errors import Refused, Where
from cop.measurement.engines.contract import SET, Engine, GroupedSums, Kind, Named, Source
from cop.measurement.expression import Column, Literal, columns, times
from cop.measurement.survey.description import Survey
from cop.measurement.survey.sums import quantity

_NUMBERED = re.compile(r"(.*?)(\d+)")
_FEWEST = 4
_DOUBLE = Literal("1e0")
_NEAR = (0.8, 1.25)


def refuse_unused(survey: Survey, source: Source, engine: Engine, known: Mapping[str, Kind]) -> None:
    """Refuse a plain design over a table with replicate weights.

    Replicate weights are known by what they are: a row of numbered columns each of which adds up to about the same as
    the weights.

    Raises:
        Refused: names the columns.
    """
    design = survey.design
    if design.strata or design.psu or design.replicates or design.ignore_replicates:
        return
    for names in _families(survey, known):
        sums = (*names, design.weights)
        query = GroupedSums(source, (), tuple(Named(name, times(_DOUBLE, Column(name))) for name in sums))
        found = engine.sums(query).drop_columns([SET])
        total = cast("float", found.column(design.weights)[0].as_py())
        shares = [cast("float", found.column(name)[0].as_py()) / total for name in names] if total > 0 else [0.0]
        if all(_NEAR[0] < share < _NEAR[1] for share in shares):
            raise Refused(
                f"has no strata, PSUs or replicates, and {names[0]} to {names[-1]} are replicate weights",
                where=Where(survey.path, field="design"),
                expected="[design.replicates], or ignore_replicates = true",
            )


def _families(survey: Survey, known: Mapping[str, Kind]) -> list[list[str]]:
    """Rows of numbered columns of numbers that the description does not name."""
    used = {survey.design.weights, *survey.design.fpc}
    for measured in survey.indicator:
        q = quantity(measured)
        used |= {name for term in (q.y, q.x, q.condition) if term is not None for name in columns(term)}
    for domain in survey.domains.values():
        used |= set(columns(domain.value))
    found: dict[str, list[tuple[int, str]]] = {}
    for name, kind in known.items():
        match = _NUMBERED.fullmatch(name)
        if match and kind == "number" and name not in used:
            found.setdefault(match[1], []).append((int(match[2]), name))
    rows = [[name for _, name in sorted(members)] for members in found.values()]
    return [names for names in rows if len(names) >= _FEWEST]
