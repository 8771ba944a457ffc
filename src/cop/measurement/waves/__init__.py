"""Which column of a wave's file is which item of the indicators.

Questions are inserted between waves and the later ones renumbered, so a column name alone means nothing: electronic
bullying is qn24 in the Youth Risk Behavior Survey of 2021 and qn25 in that of 2023, where qn24 asks about school. A
wave is therefore named, never guessed; its file is told from those of the other waves by columns that only it has or
lacks; and where the file says what its variables mean, that is compared too.
"""

from __future__ import annotations

from cop.measurement.waves.binding import base, bind_items, contrasted, domain, measured, recognise
from cop.measurement.waves.checking import check_description, wave_faults
from cop.measurement.waves.mapping import Axis, Mapped, Wave, Waves, load_waves, read_waves, spelling

__all__ = [
    "Axis",
    "Mapped",
    "Wave",
    "Waves",
    "base",
    "bind_items",
    "check_description",
    "contrasted",
    "domain",
    "load_waves",
    "measured",
    "read_waves",
    "recognise",
    "spelling",
    "wave_faults",
]
