"""The rules of primary suppression and protection as data, each with its source."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cop.kernel.errors import Refused, Where
from cop.kernel.resources import resource
from cop.kernel.validation import refusal


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class CountRules(_Part):
    """A count of 1 to `threshold` - 1 is withheld; zeros are published unless knowing them is confidential."""

    threshold: Annotated[int, Field(ge=1)] = 5
    zeros: Literal["publish", "withhold"] = "publish"


class UnitRules(_Part):
    """A figure with fewer units, or fewer primary sampling units, than this behind it is withheld; 0 asks nothing."""

    threshold: Annotated[int, Field(ge=0)] = 5
    psu: Annotated[int, Field(ge=0)] = 0


class DominanceRules(_Part):
    """The (n,k) rule and the p % rule on a cell's largest contributions; a rule without its numbers is not applied."""

    n: Annotated[int, Field(ge=1, le=5)] | None = None
    k: Annotated[float, Field(gt=0, lt=100)] | None = None
    p: Annotated[float, Field(gt=0, lt=100)] | None = None

    @model_validator(mode="after")
    def _pair(self) -> DominanceRules:
        if (self.n is None) != (self.k is None):
            raise ValueError("the (n,k) rule needs both n and k")
        return self


class ProtectionRules(_Part):
    """How wide the attacker's interval must stay: in per cent of the value, for cells that are not small counts."""

    percent: Annotated[float, Field(gt=0, le=100)] = 20.0
    revisions: Literal["protect", "free"] = "protect"


class Rules(_Part):
    """One set of rules and its source."""

    id: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    counts: CountRules = CountRules()
    units: UnitRules = UnitRules()
    dominance: DominanceRules = DominanceRules()
    protection: ProtectionRules = ProtectionRules()

    def at(self, threshold: int) -> Rules:
        """The same rules with another threshold for counts.

        Raises:
            Refused: it is below 1.
        """
        if threshold < 1:
            raise Refused.value(threshold, "is no threshold", field="threshold", expected="1 or more")
        return self.model_copy(update={"counts": CountRules(threshold=threshold, zeros=self.counts.zeros)})


def read_rules(path: Path) -> Rules:
    """Rules from a TOML file.

    Raises:
        Refused: not TOML, or a field is missing, unknown or wrong.
    """
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Refused(f"cannot be read: {error}", where=Where(path), expected="rules of disclosure in TOML") from error
    try:
        return Rules.model_validate(facts)
    except ValidationError as error:
        raise refusal(error, path, what="rules of disclosure") from None


@cache
def standard_rules() -> Rules:
    """The rules of `catalogue/disclosure/minimum-5.toml`."""
    return read_rules(resource("catalogue/disclosure") / "minimum-5.toml")
