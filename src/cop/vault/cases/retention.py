"""How long a report is kept: rules as data, the first that fits decides.

An observatory says its own under `[[retention]]`; without any, those of `catalogue/retention/default.yaml` hold. The
last rule fits every report, so that nothing is kept for ever by an oversight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from cop.kernel.documents import read_document
from cop.kernel.errors import Refused
from cop.kernel.resources import resource
from cop.kernel.validation import refusal

Origin = Literal["file", "form", "api", "desk"]
Status = Literal["received", "assessed", "actioned", "referred", "closed", "withdrawn"]


class Rule(BaseModel):
    """`[[retention]]`: which reports it is for (an empty condition is none), how long they are kept, what stays after.

    `days` counts from `after`: the day of receipt, or the day the case was closed, and then the rule is for closed
    cases alone. Without `days` the report stays until its file is taken away, or it is withdrawn. `keep` is what stays:
    its coded facts as one more in a count, or nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    origin: tuple[Origin, ...] = ()
    code: tuple[Annotated[str, Field(pattern=r"^[A-HZ](?:[0-9]{2}[0-9]?)?$")], ...] = ()
    urgency: tuple[Annotated[int, Field(ge=1, le=3)], ...] = ()
    area: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...] = ()
    status: tuple[Status, ...] = ()
    outcome: tuple[Annotated[str, Field(pattern=r"^[A-Z_]{3,24}$")], ...] = ()
    after: Literal["received", "closed"] = "received"
    days: Annotated[int, Field(ge=0, le=36_525)] | None = None
    keep: Literal["counts", "nothing"] = "counts"

    @property
    def fits_all(self) -> bool:
        conditions = (self.origin, self.code, self.urgency, self.area, self.status, self.outcome)
        return not any(conditions) and self.after == "received"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules ask of a report; `closed` is None while its case is open or there is none."""

    origin: str
    code: str
    urgency: int | None
    area: str
    status: str
    outcome: str
    received: date
    closed: date | None


def fits(rule: Rule, facts: Facts) -> bool:
    """Whether a rule is for a report with these facts."""
    return all(
        (
            not rule.origin or facts.origin in rule.origin,
            not rule.code or facts.code.startswith(rule.code),
            not rule.urgency or facts.urgency in rule.urgency,
            not rule.area or facts.area in rule.area,
            not rule.status or facts.status in rule.status,
            not rule.outcome or facts.outcome in rule.outcome,
            rule.after == "received" or facts.closed is not None,
        )
    )


def rule_for(facts: Facts, rules: Sequence[Rule]) -> Rule:
    """The first rule that fits; the last one always does."""
    return next(rule for rule in rules if fits(rule, facts))


def expires(facts: Facts, rule: Rule) -> date | None:
    """The day on which a report under that rule is erased; None: not by time."""
    if rule.days is None:
        return None
    begin = facts.closed if rule.after == "closed" and facts.closed else facts.received
    return begin + timedelta(days=rule.days)


def check_rules(rules: Sequence[Rule]) -> None:
    """Let rules pass that are complete.

    Raises:
        Refused: an id stands twice, the last rule does not fit every report, or one before it does.
    """
    ids = [rule.id for rule in rules]
    if double := next((i for i in ids if ids.count(i) > 1), None):
        raise Refused.value(double, "is used twice", field="retention.id", expected="one id each")
    if not rules or not rules[-1].fits_all:
        raise Refused(
            "the last rule of retention has conditions", expected="a last rule that fits every report: no conditions"
        )
    if early := next((rule.id for rule in rules[:-1] if rule.fits_all), None):
        raise Refused.value(early, "fits every report, so no later rule is ever used", field="retention",
                            expected="the rule without conditions last")  # fmt: skip


@cache
def default_rules() -> tuple[Rule, ...]:
    """The rules that hold where an observatory has none of its own."""
    folder = resource("catalogue/retention")
    path = folder / "default.yaml"
    document = read_document(path, folder / "retention.schema.json")
    try:
        rules = TypeAdapter(tuple[Rule, ...]).validate_python(document["rules"])
    except ValidationError as error:
        raise refusal(error, path, what="a rule of retention") from error
    check_rules(rules)
    return rules
