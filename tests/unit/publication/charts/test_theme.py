"""Colours of the charts: contrast to their ground, and apart for colour-blind eyes."""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest

from cop.publication.charts.theme import GROUND, INKS, QUIET, SERIES, TEXT, Ink, colour

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SEEN_AS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(code: str) -> tuple[float, ...]:
    parts = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)


def contrast(one: str, other: str) -> float:
    light = sorted((0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other))), reverse=True)
    return (light[0] + 0.05) / (light[1] + 0.05)


def lab(code: str, vision: str) -> tuple[float, float, float]:
    rgb = linear(code)
    r, g, b = (min(1.0, max(0.0, sum(m * v for m, v in zip(row, rgb, strict=True)))) for row in SEEN_AS[vision])
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("ink", SERIES, ids=lambda ink: ink.variable)
def test_a_series_colour_has_three_to_one_on_its_ground(ink: Ink) -> None:
    assert contrast(ink.light, GROUND.light) >= 3
    assert contrast(ink.dark, GROUND.dark) >= 3


@pytest.mark.parametrize("ink", [TEXT, QUIET], ids=lambda ink: ink.variable)
def test_text_has_four_and_a_half_to_one_on_its_ground(ink: Ink) -> None:
    assert contrast(ink.light, GROUND.light) >= 4.5
    assert contrast(ink.dark, GROUND.dark) >= 4.5


@pytest.mark.parametrize("vision", SEEN_AS)
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_series_colours_stay_apart(vision: str, ground: str) -> None:
    seen = {ink.variable: lab(getattr(ink, ground), vision) for ink in SERIES}

    apart = {(a, b): dist(seen[a], seen[b]) for a, b in combinations(seen, 2)}

    assert min(apart.values()) >= 15, min(apart, key=lambda pair: apart[pair])


def test_stand_in_colours_are_all_replaced_and_no_two_are_alike() -> None:
    drawn = "".join(f'<path fill="{ink.stand_in}"/>' for ink in INKS)

    assert len({ink.stand_in for ink in INKS}) == len(INKS)
    assert colour(drawn, "print") == "".join(f'<path fill="{ink.light}"/>' for ink in INKS)
    assert all(f"var({ink.variable},{ink.light})" in colour(drawn, "site") for ink in INKS)
