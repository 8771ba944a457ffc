"""Which past periods explain a present one: windows around the same season of earlier years, and seasonal groups.

Sources: Farrington CP et al., A statistical algorithm for the early detection of outbreaks of infectious disease, J R
Stat Soc A 159 (1996): windows of `half_window` periods either side, `years` years back. Noufaily A et al., An improved
algorithm for outbreak detection in multiple surveillance systems, Stat Med 32 (2013): the rest of each year in seasonal
groups, so that more of the past is used; the latest periods left out, so that an outbreak under way does not become its
own baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cop.measurement.warning.glm import Floats
from cop.measurement.warning.settings import Settings


@dataclass(frozen=True, slots=True)
class Baseline:
    """The rows that the present period is compared with.

    Attributes:
        rows: (n,) places of the past periods in the series, ascending.
        group: (n,) seasonal group of each, 0 to groups - 1; the last one is the present period's own.
        groups: how many there are.
        present: place of the present period.
    """

    rows: NDArray[np.int64]
    group: NDArray[np.int64]
    groups: int
    present: int

    def design(self, *, trend: bool) -> tuple[Floats, Floats]:
        """(n, p) design and (p,) row of the present period: constant, groups but the first, time in periods."""
        own = np.eye(self.groups)[:, 1:]
        start = self.rows[0]
        columns = [np.ones((len(self.rows), 1)), own[self.group]]
        present = [np.ones(1), own[-1]]
        if trend:
            columns.append((self.rows - start)[:, None].astype(np.float64))
            present.append(np.array([float(self.present - start)]))
        return np.hstack(columns), np.concatenate(present)


def first_period(settings: Settings) -> int:
    """The earliest place in a series that has its whole baseline before it."""
    return settings.years * settings.frequency + settings.half_window


def baseline(present: int, settings: Settings) -> Baseline:
    """The baseline of the period at place `present` (0-based).

    Raises:
        ValueError: the series does not reach that far back.
    """
    if present < first_period(settings):
        raise ValueError(f"place {present} has no {settings.years} years before it")
    half, own = settings.half_window, settings.seasonal_groups - 1
    group = np.full(present + 1, -1, np.int64)
    group[max(present - half, 0) :] = own
    for back in range(1, settings.years + 1):
        centre = present - back * settings.frequency
        group[centre - half : centre + half + 1] = own
        if own:
            start = centre + half + 1
            between = np.array_split(np.arange(start, start + settings.frequency - 2 * half - 1), own)
            for number, places in enumerate(between):
                group[places] = number
    group[max(present - settings.past_excluded, 0) :] = -1
    rows = np.flatnonzero(group >= 0)
    return Baseline(rows, group[rows], settings.seasonal_groups, present)
