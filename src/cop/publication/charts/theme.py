"""How every chart looks: type, colours, and the two places it is shown.

A chart is drawn once, in stand-in colours. On the site these become CSS variables (with the light colours to fall
back on), so that a page's dark mode reaches into its charts; in print they become the fixed colours of paper.

The series colours keep 3:1 contrast to their ground (WCAG 2.2, 1.4.11) and stay apart under protanopia, deuteranopia
and tritanopia; both are tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Theme = Literal["site", "print"]

FONT = "Noto Sans"


@dataclass(frozen=True, slots=True)
class Ink:
    """One colour of the charts: the stand-in a chart is drawn with, the CSS variable, and its value by ground."""

    stand_in: str
    variable: str
    light: str
    dark: str

    def shown(self, theme: Theme) -> str:
        return f"var({self.variable},{self.light})" if theme == "site" else self.light


# Stand-ins are colours that no rounding or blending makes of another, and that nobody would choose.
TEXT = Ink("#010201", "--fig-text", "#14212b", "#eaf0f2")
QUIET = Ink("#010202", "--fig-quiet", "#52626c", "#a3b4bd")
GRID = Ink("#010203", "--fig-grid", "#d9e0e3", "#2b3c47")
SHADE = Ink("#010204", "--fig-shade", "#e9edee", "#22313b")
GROUND = Ink("#010205", "--fig-ground", "#ffffff", "#14202a")
SERIES = (
    Ink("#010301", "--fig-1", "#00696b", "#4cc2bd"),
    Ink("#010302", "--fig-2", "#c8560f", "#f29a5c"),
    Ink("#010303", "--fig-3", "#2b35c9", "#95a0eb"),
    Ink("#010304", "--fig-4", "#b81fa6", "#c043a6"),
    Ink("#010305", "--fig-5", "#503511", "#f7ecd9"),
    Ink("#010306", "--fig-6", "#272a2b", "#6f7779"),
)
INKS = (TEXT, QUIET, GRID, SHADE, GROUND, *SERIES)
MAIN = SERIES[0]
SECOND = SERIES[1]

SMALL = 12
"""Size of text in a chart, px at its natural width."""


def colour(svg: str, theme: Theme) -> str:
    """Replace the stand-in colours of a drawn chart by those of the place it is shown."""
    for ink in INKS:
        svg = svg.replace(ink.stand_in, ink.shown(theme))
    return svg


def config() -> dict[str, object]:
    """Vega-Lite's `config` for every chart: no frame, no ticks, hairline grid, labels in quiet ink."""
    label = {"font": FONT, "fontSize": SMALL, "fontWeight": 400}
    return {
        "font": FONT,
        "background": None,
        "padding": 2,
        "view": {"stroke": None},
        "axis": {
            "labelFont": FONT,
            "labelFontSize": SMALL,
            "labelColor": QUIET.stand_in,
            "labelPadding": 6,
            "titleFont": FONT,
            "titleFontSize": SMALL,
            "titleFontWeight": 400,
            "titleColor": QUIET.stand_in,
            "domain": False,
            "ticks": False,
            "gridColor": GRID.stand_in,
            "gridWidth": 1,
            "labelLimit": 260,
        },
        "header": {
            "labelFont": FONT,
            "labelFontSize": SMALL,
            "labelFontWeight": 600,
            "labelColor": TEXT.stand_in,
            "labelLimit": 260,
            "labelPadding": 6,
        },
        "text": {**label, "color": TEXT.stand_in},
        "line": {"strokeWidth": 2, "color": MAIN.stand_in, "strokeCap": "round", "strokeJoin": "round"},
        "bar": {"color": MAIN.stand_in},
        "rule": {"color": MAIN.stand_in},
        "point": {"color": MAIN.stand_in, "filled": True, "opacity": 1},
    }
