"""Vega-Lite to SVG with vl-convert, without a network and without a browser.

The type is measured with the installed Noto Sans, so that labels fit where the page has it. What screen readers do
not need (Vega's own roles and labels on every mark) is taken out: a figure speaks by its alt sentence and its table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from cop.kernel.errors import Refused
from cop.publication.charts.theme import FONT, Theme, colour, config

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_INNER = re.compile(r' (?:(?:aria-[a-z]+|role|pointer-events|class)="[^"]*"|opacity="1"|stroke-miterlimit="10")')
_HIDDEN = re.compile(r'<path [^>]*d="(?:M0,0h0v0h0Z)?"[^>]*/>')
_GROUND = re.compile(r'<path aria-hidden="true" d="[^"]*"/>|<path class="background"[^>]*/>')
_ROOT = re.compile(r'<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>')
_LONG = re.compile(r"(\d+\.\d{2})\d+")
_EMPTY = re.compile(r"<g(?: transform=\"translate\([^)]*\)\")?></g>")


@cache
def _ready() -> Any:  # noqa: ANN401 - the module, with the fonts registered once
    import fontpkg_noto_sans
    import fontpkg_noto_sans_arabic
    import vl_convert

    for package in (fontpkg_noto_sans, fontpkg_noto_sans_arabic):
        vl_convert.register_font_directory(str(Path(str(package.__file__)).parent / "files"))
    return vl_convert


@cache
def _drawn(spec: str, symbols: str) -> str:
    """The SVG of a specification, in stand-in colours; the same specification is drawn once in a process."""
    try:
        svg = str(
            _ready().vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[], format_locale=json.loads(symbols))
        )
    except ValueError as error:
        raise Refused(f"the chart cannot be drawn: {str(error).splitlines()[0]}") from error
    if "<clipPath" in svg:  # its id is a counter of the process: neither unique on a page nor the same in two builds
        raise Refused("the chart clips a mark", expected="marks without rounded ends or clip")
    svg = _GROUND.sub("", svg)
    svg = _HIDDEN.sub("", svg)
    svg = _INNER.sub("", svg)
    svg = svg.replace(f' font-family="{FONT}"', "")  # the root says it once, with what to fall back on
    svg = _LONG.sub(r"\1", svg)
    while True:
        shorter = _EMPTY.sub("", svg)
        if shorter == svg:
            return svg
        svg = shorter


def render(spec: Mapping[str, Any], *, alt: str, theme: Theme, symbols: Mapping[str, object]) -> str:
    """Draw a specification.

    Args:
        spec: Vega-Lite without `$schema` and `config`, in the stand-in colours of `theme`.
        alt: the sentence that stands for the picture.
        theme: where it is shown.
        symbols: Vega's `formatLocale`.

    Returns:
        One `<svg>` element with `role="img"` and the alt sentence as label. It has no ids and no style attributes,
        so it can stand in a page any number of times under a strict policy.

    Raises:
        Refused: the specification is not valid.
    """
    whole = {"$schema": _SCHEMA, "config": config(), **spec}
    svg = _drawn(json.dumps(whole, sort_keys=True, ensure_ascii=False), json.dumps(symbols, sort_keys=True))
    root = _ROOT.match(svg)
    if root is None:
        raise Refused("the chart came out without a size")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {root[1]} {root[2]}" '
        f'width="{root[1]}" height="{root[2]}" '
        f'role="img" aria-label="{escape(alt)}" direction="ltr" font-family="{FONT}, sans-serif">'
    )
    return colour(head + svg[root.end() :], theme)
