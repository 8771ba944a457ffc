"""What is written of an index: always its scores with the indicators they are made of, never scores alone."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import Any

from cop.kernel.errors import Refused, Where, shown
from cop.measurement.composite.build import Composite
from cop.measurement.composite.description import Measured
from cop.measurement.composite.tree import Tree

COLUMNS = (
    "index", "period", "unit", "unit_name", "code", "code_name", "kind", "parent", "raw", "denominated", "imputed",
    "treated", "score", "weight", "rank", "rank_low", "rank_high",
)  # fmt: skip


def rows(made: Composite, *, codes: Collection[str] | None = None) -> list[dict[str, Any]]:
    """One row per unit and code: each indicator, then each node above them, the index last.

    `raw` is the file's value, `denominated` after division, `imputed` whether the value was filled in, `treated` after
    outliers were, `score` on the index's scale, `weight` what the code counts in the index (0 to 1). `rank`, and the
    interval it lies in over the alternatives, are of nodes. What does not exist is None.

    Args:
        made: the index.
        codes: only these; all by default.

    Raises:
        Refused: a code is not in the index, or a score is asked for without an indicator it is made of.
    """
    chosen = set(made.tree.codes if codes is None else codes)
    whole(made.tree, chosen)
    places = [at for at, code in enumerate(made.tree.codes) if code in chosen]
    return [_row(made, unit, at) for unit in range(len(made.values.units)) for at in places]


def whole(tree: Tree, codes: Iterable[str]) -> None:
    """See that no score stands without its indicators.

    Raises:
        Refused: one does, or a code is not in the index.
    """
    chosen = set(codes)
    where = Where(tree.index.path)
    for code in sorted(chosen):
        if code not in tree.at:
            raise Refused(f"{shown(code)} is not in the index", where=where, expected=", ".join(tree.codes))
        lacking = [leaf for leaf in tree.under(code) if leaf not in chosen]
        if lacking:
            raise Refused(
                f"the score {code} would stand without {len(lacking)} of its indicators ({', '.join(lacking[:3])}"
                f"{', ...' if len(lacking) > 3 else ''})",
                where=where, expected="a score together with every indicator it is made of",
            )  # fmt: skip


def _row(made: Composite, unit: int, at: int) -> dict[str, Any]:
    code = made.tree.codes[at]
    part = made.tree.parts[code]
    leaf = isinstance(part, Measured)
    done = made.steps
    return {
        "index": made.index.id,
        "period": made.index.period,
        "unit": made.values.units[unit],
        "unit_name": made.values.names[unit],
        "code": code,
        "code_name": part.name,
        "kind": "indicator" if leaf else "score" if part.parent else "index",
        "parent": part.parent,
        "raw": _value(done.raw[at, unit]) if leaf else None,
        "denominated": _value(done.denominated[at, unit]) if leaf else None,
        "imputed": math.isnan(done.denominated[at, unit]) and not math.isnan(done.imputed[at, unit]) if leaf else None,
        "treated": _value(done.treated[at, unit]) if leaf else None,
        "score": _value(made.scores[at, unit]),
        "weight": float(made.shares[at]),
        "rank": None if leaf else _rank(made.ranks[at, unit]),
        "rank_low": _rank(made.sensitivity.low[at, unit]),
        "rank_high": _rank(made.sensitivity.high[at, unit]),
    }


def sensitivity_rows(made: Composite) -> list[dict[str, Any]]:
    """One row per unit and factor, and per factor for the average shift of all units (unit `_T`).

    `first` and `total` are Sobol indices of the rank; `margin_first` and `margin_total` half widths of their 95 %
    bootstrap intervals, for the average shift. A unit whose rank never moves has none.
    """
    found = made.sensitivity
    out: list[dict[str, Any]] = []
    for unit, decided in (("_T", found.decided), *zip(made.values.units, found.by_unit, strict=True)):
        for factor in found.factors:
            margin = found.margin.get(factor) if unit == "_T" else None
            out.append(
                {
                    "index": made.index.id,
                    "unit": unit,
                    "factor": factor,
                    "first": decided.first[factor] if decided.first is not None else None,
                    "total": decided.total[factor] if decided.total is not None else None,
                    "margin_first": margin[0] if margin else None,
                    "margin_total": margin[1] if margin else None,
                }
            )
    return out


def document(made: Composite) -> dict[str, Any]:
    """The whole index for a program: its units with scores and indicators, what was left out, how sure ranks are."""
    return {
        "index": made.index.id,
        "title": made.index.title,
        "period": made.index.period,
        "missing": made.index.missing.model_dump(exclude={"texts"}),
        "excluded": list(made.excluded),
        "runs": made.sensitivity.runs,
        "level": made.sensitivity.level,
        "mean_shift": made.sensitivity.shift,
        "rows": rows(made),
        "sensitivity": sensitivity_rows(made),
    }


def _value(number: float) -> float | None:
    return None if math.isnan(number) else float(number)


def _rank(number: float) -> int | None:
    return None if math.isnan(number) else int(number)
