"""What cases and retention ask of codes: the standing code of given reports, without a narrative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cop.vault.coding.models import Coding


@dataclass(frozen=True, slots=True)
class Coded:
    """What a report counts as now, who said so first, and where it stands on the coding desk."""

    code: str
    secondary: tuple[str, ...]
    urgency: int | None
    language: str
    route: str
    scheme: str
    model: str
    state: str
    variables: dict[str, str]
    version: int


def coded(reports: Sequence[int]) -> dict[int, Coded]:
    """The code of each of these reports that has one."""
    rows = Coding.objects.filter(report__in=reports).values_list(
        "report",
        "code",
        "secondary",
        "urgency",
        "language",
        "route",
        "scheme",
        "model",
        "state",
        "variables",
        "version",
    )
    return {row[0]: Coded(row[1], tuple(row[2]), *row[3:]) for row in rows}
