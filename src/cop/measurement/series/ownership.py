"""Sums over named bodies of which some are inside others: an owner and its brands, a total and its parts.

Lists of providers put an owner's figure beside those of its brands in one year and only one of them in another, and
their own totals below. A plain sum counts what is inside twice or three times: the 2019 list of one clearing house adds
up to 50.5 million reports, three times what it received. So a sum is made only with a table that says what is inside
what, and what is inside a body that has a figure of its own is left out of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cop.kernel.errors import Refused, Where, shown

ALONE = ""
"""What stands for "inside nothing" in an ownership table."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """What is inside what: every name, and the name that it is inside (`ALONE` where it is inside none)."""

    inside: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in self.inside:
            self.above(name)

    def above(self, name: str) -> tuple[str, ...]:
        """The bodies that a body is inside, the nearest first.

        Raises:
            Refused: one of them is not in the table, or the way leads in a circle.
        """
        line: list[str] = []
        at = self.inside[name]
        while at != ALONE:
            if at not in self.inside or at in line or at == name:
                raise Refused.value(at, f"cannot be what {shown(name)} is inside", field="inside",
                                    expected="a name of the table, without a circle")  # fmt: skip
            line.append(at)
            at = self.inside[at]
        return tuple(line)


@dataclass(frozen=True, slots=True)
class Summed:
    """A sum, the names that made it, and those left out because a body that they are inside is in it."""

    total: float
    of: tuple[str, ...]
    within: Mapping[str, str]


def total(
    figures: Sequence[tuple[str, float | None]], ownership: Ownership | None, *,
    repeated: Literal["refuse", "add"] = "refuse", tolerance: float = 0.0,
) -> Summed:  # fmt: skip
    """Add figures so that each is counted once.

    Args:
        figures: of one measure and one period, by name; None where a body has no figure, which hides nothing below it.
        ownership: what is inside what; every name must be in it.
        repeated: what several figures of one name are: a fault, or parts that add up to it.
        tolerance: by which share of a body what is inside it may exceed it.

    Raises:
        Refused: there is no ownership table, a name is not in it, a name is there twice, a figure is below 0, or what
            is inside a body sums to more than the body.
    """
    if ownership is None:
        raise Refused(
            "bodies are not added without a table of what is inside what", where=Where(field="ownership"),
            expected="name and inside for every body, or a total that the publisher gives",
        )  # fmt: skip
    held: dict[str, float] = {}
    for row, (name, value) in enumerate(figures, start=1):
        if name not in ownership.inside:
            raise Refused.value(name, "is not in the ownership table", row=row, field="name",
                                expected="every body, with what it is inside or nothing")  # fmt: skip
        if value is None:
            continue
        if value < 0:
            raise Refused.value(value, f"is no figure of {name}", row=row, expected="0 or more")
        if name in held and repeated == "refuse":
            raise Refused.value(name, "is there twice", row=row, field="name",
                                expected='one figure, or repeated = "add"')  # fmt: skip
        held[name] = held.get(name, 0.0) + value
    within: dict[str, str] = {}
    for name in held:
        covering = next((above for above in ownership.above(name) if above in held), None)
        if covering is not None:
            within[name] = covering
    for body in dict.fromkeys(within.values()):
        parts = sum(held[name] for name, above in within.items() if above == body)
        if parts > held[body] * (1 + tolerance):
            raise Refused.value(
                f"{parts:,.0f}", f"is inside {body}, which has {held[body]:,.0f}", field="inside",
                expected="no more than the whole: one of them is not inside, or counts something else",
            )  # fmt: skip
    of = tuple(name for name in held if name not in within)
    return Summed(sum(held[name] for name in of), of, within)
