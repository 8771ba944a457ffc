"""A line of a few centimetres beside a number in a table: decoration, hidden from assistive technology.

It shows shape only; the numbers stand in the table beside it and on the page it leads to. Withheld periods are gaps.
"""

from __future__ import annotations

from collections.abc import Sequence


def spark(values: Sequence[float | None], *, width: int = 96, height: int = 22) -> str:
    """An `<svg>` of the values in order; empty text when fewer than two are known.

    Args:
        values: one per period, None where there is none to show.
        width: px.
        height: px.
    """
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    top = max(known) or 1
    step = (width - 4) / max(1, len(values) - 1)
    runs: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{2 + index * step:.1f},{height - 2 - (height - 4) * value / top:.1f}")
    lines = "".join(
        f'<polyline points="{" ".join(run)}"/>'
        if len(run) > 1
        else f'<circle cx="{run[0].split(",")[0]}" cy="{run[0].split(",")[1]}" r="1"/>'
        for run in runs
        if run
    )
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg class="spark" {size} aria-hidden="true" focusable="false">{lines}</svg>'
