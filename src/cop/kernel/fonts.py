"""The type that documents are set in, and what it can show.

PDF/UA forbids a character without a glyph, and the typesetter refuses the whole report for one. A quotation may hold
any character, so what no font has is written as its code point, visibly, and never left out. Controls that would
reorder or hide text are shown in the same way: a quotation must read as it stands.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

FAMILIES = ("Noto Sans", "Noto Sans Arabic", "Noto Sans SC")
"""In order of preference; an Arabic or Chinese report has its own script first."""

MONOSPACE = "DejaVu Sans Mono"
"""Comes with the typesetter."""

_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u061c")
"""Format characters that are shaped, not drawn; they are kept where the text has them, but for a byte order mark."""


def families(language: str) -> tuple[str, ...]:
    """The families for text in `language`, its own script first, Latin letters always from Noto Sans in Arabic."""
    if language == "zh":
        return ("Noto Sans SC", "Noto Sans", "Noto Sans Arabic")
    return FAMILIES


@cache
def files() -> tuple[Path, ...]:
    """The font files, from the installed packages."""
    import fontpkg_noto_sans
    import fontpkg_noto_sans_arabic
    import justmytype_intl_cjk

    found: list[Path] = []
    for package, inner in (
        (fontpkg_noto_sans, "files"),
        (fontpkg_noto_sans_arabic, "files"),
        (justmytype_intl_cjk, "fonts/ofl/notosanssc"),
    ):
        found += sorted((Path(str(package.__file__)).parent / inner).glob("*.ttf"))
    return tuple(found)


@cache
def covered() -> frozenset[int]:
    """Every code point that the upright fonts of `FAMILIES` have a glyph for."""
    from fontTools.ttLib import TTFont

    points: set[int] = set()
    for path in files():
        if "Italic" not in path.name:
            with TTFont(path, lazy=True) as font:
                points |= set(font.getBestCmap() or ())
    return frozenset(points)


def legible(text: str) -> str:
    """The text with everything that cannot be shown written as its code point, as in `[U+1F600]`.

    Spaces of other kinds become a space; line ends become a line feed.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text.replace("\r\n", "\n").replace("\r", "\n")))


@cache
def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    if character == "\n" or character in _INVISIBLE - {"\ufeff"}:
        return character
    if character == "\t" or kind in {"Zs", "Zl", "Zp"}:
        return character if character == "\u00a0" else "\n" if kind in {"Zl", "Zp"} else " "
    if kind in {"Cc", "Cf", "Co", "Cs", "Cn"} or ord(character) not in covered():
        return f"[U+{ord(character):04X}]"
    return character


def xml_safe(text: str) -> str:
    """The text with what XML 1.0 cannot hold, or what would reorder it, as code points; the reader has the fonts."""
    return "".join(
        c
        if c in "\n\t"
        or (c.isprintable() and unicodedata.category(c) not in {"Cs", "Cn"})
        or c == "\u00a0"
        or c in _INVISIBLE
        else f"[U+{ord(c):04X}]"
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
    )
