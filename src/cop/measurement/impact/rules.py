"""The rules of the verdict, which are data: `catalogue/impact/verdict-1.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from cop.kernel.documents import read_document
from cop.kernel.resources import resource

Class = Literal["worked", "no-effect", "harm", "cannot-tell"]
Fact = Literal[
    "check_failed", "check_missing", "excludes_zero", "fragile", "benefit", "damage", "relevant_ruled_out"
]  # fmt: skip
CheckName = Literal[
    "units", "pretrend", "periods_before", "prefit", "placebos", "points_before", "points_after", "placebo_start",
    "backdated",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of the checks; the file says what each is of."""

    pretrend_p: float
    units_per_arm: int
    prefit_ratio: float
    backdated_share: float
    periods_before: int
    points_before: int
    points_after: int
    same_direction: float
    excludes_zero: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A verdict, and the facts that must all hold for it."""

    verdict: Class
    when: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """One set of rules and its source."""

    id: str
    source: str
    level: float
    power: float
    thresholds: Thresholds
    needed: dict[str, tuple[CheckName, ...]]
    not_needed_when_random: tuple[CheckName, ...]
    rules: tuple[Rule, ...]

    @property
    def alpha(self) -> float:
        return 1 - self.level


@cache
def load(name: str = "verdict-1") -> Rules:
    """The rules of that name from `catalogue/impact`."""
    folder = resource("catalogue/impact")
    facts = read_document(folder / f"{name}.yaml", folder / "verdict.schema.json")
    return Rules(
        id=facts["id"],
        source=facts["source"],
        level=facts["level"],
        power=facts["power"],
        thresholds=Thresholds(**facts["thresholds"]),
        needed={method: tuple(names) for method, names in facts["needed"].items()},
        not_needed_when_random=tuple(facts["not_needed_when_random"]),
        rules=tuple(Rule(rule["verdict"], tuple(rule["when"])) for rule in facts["rules"]),
    )
