"""Figures as pixels, for places that cannot hold a drawing."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from cop.kernel.errors import Refused
from cop.kernel.fonts import files

_JOINED = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')


def size(svg: str) -> tuple[float, float]:
    """Width and height of a drawing in px.

    Raises:
        Refused: it does not say.
    """
    found = _SIZE.match(svg)
    if found is None:
        raise Refused("a figure has no size", expected="an <svg> element with width and height in px")
    return float(found[1]), float(found[2])


def joined(svg: str) -> bool:
    """Whether the drawing has text in a script that is written joined.

    Arabic letters are drawn as a base and its dots; the dots have no character of their own, and the typesetter cannot
    yet tell a reading program so within a drawing. PDF/UA then refuses it, while a picture in pixels passes.
    """
    return _JOINED.search(svg) is not None


@cache
def png(svg: str, scale: float) -> bytes:
    """The drawing as PNG, `scale` pixels for each px."""
    return bytes(_drawer().svg_to_png(svg, scale=scale))


@cache
def _drawer() -> Any:  # noqa: ANN401 - the module, with the fonts registered once
    import vl_convert

    for folder in sorted({str(p.parent) for p in files()}):
        vl_convert.register_font_directory(folder)
    return vl_convert
