"""The words that codes, decisions and the audit sample are kept in, and what a decision may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, get_args

from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.areas import EXPECTED
from cop.kernel.errors import Refused
from cop.vault.reports.submission import known_areas
from cop.vault.reports.variables import catalogue

State = Literal["machine", "queued", "reviewed", "escalated", "adjudicating", "settled", "cannot_code"]
STATES: Final[tuple[State, ...]] = get_args(State)
"""Closed by software; waiting; decided by one person; sent to a reviewer; two people disagree; settled; no class."""

OPEN: Final[frozenset[State]] = frozenset({"queued", "escalated", "adjudicating"})
"""States in which a record waits for somebody."""

Kind = Literal["accept", "change", "split", "duplicate", "refer", "escalate", "cannot", "adjudicate"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

Act = Literal["code", "split", "duplicate", "refer", "escalate", "cannot"]
ACTS: Final[tuple[Act, ...]] = get_args(Act)
"""What a person asks for; whether a code was accepted or changed is found out, so that a blind coder need not know."""

Reason = Literal["notes", "ruling", "facts", "language", "several", "source", "other"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

Rule = Literal["same_text", "same_address", "same_event", "same_sender"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
"""By what a report repeats another: its text, the address it names, the event it tells of, its sender's number."""

DrawState = Literal["first", "second", "agreed", "disputed", "adjudicated"]
DRAW_STATES: Final[tuple[DrawState, ...]] = get_args(DrawState)

CANNOT: Final = "Z04"
"""The code of a record that tells too little."""

NOT_RECORDED, UNKNOWN = "_N", "_U"
SECONDARY_LIMIT, PARTS_LIMIT = 5, 6

DESK_GROUPS: Final = ("event", "child", "alleged_perpetrator", "means")
"""Groups of variables that an analyst fills in; those of the response are the case's."""
_NOT_ASKED = frozenset({"duplicate_of", "duplicate_rule", "report_date", "campaign_id"})


@cache
def scheme() -> Scheme:
    """The classification that people code in, read once a process."""
    return load_scheme()


@cache
def asked_variables() -> tuple[str, ...]:
    """The variables that the record page asks for, in the catalogue's order."""
    known = catalogue().variables
    return tuple(v.id for v in known if v.group in DESK_GROUPS and v.id not in _NOT_ASKED)


def may_be_given(code: str) -> bool:
    """Whether people may give a code: a class, a subclass, an administrative code, or a residual of a section."""
    known = scheme()
    if code in known.by_code:
        return known.node(code).level != "section"
    return code[1:] in known.residuals and code[:1] in known.by_code


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of a record, before it is checked.

    Attributes:
        act: what is asked for.
        code: the principal class; for `escalate`, `cannot` and `duplicate` it may be empty.
        secondary: further classes of the same event.
        parts: for `split`, the class of each event, the gravest first.
        variables: name -> value; None or `_N` is not recorded. What is not named stays.
        reason: why.
        ruling: number of the ruling cited.
        duplicate_of: for `duplicate`, the number of the report it repeats.
        rule: for `duplicate`, by what.
    """

    act: Act
    code: str = ""
    secondary: Sequence[str] = ()
    parts: Sequence[str] = ()
    variables: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    reason: str = ""
    ruling: int | None = None
    duplicate_of: int | None = None
    rule: str = ""


def check(choice: Choice) -> None:
    """Refuse what no decision may hold, whatever the record.

    Raises:
        Refused: a code, a variable, a reason or a rule is none, or is missing.
    """
    if choice.act not in ACTS:
        raise Refused.value(choice.act, "is no decision", expected=", ".join(ACTS), field="act")
    if choice.act in ("code", "refer"):
        _code(choice.code, "code")
    if choice.act == "split":
        if not 2 <= len(choice.parts) <= PARTS_LIMIT:
            raise Refused.value(
                str(len(choice.parts)), "events are no split", expected=f"2 to {PARTS_LIMIT} classes", field="parts"
            )
        for code in choice.parts:
            _code(code, "parts")
    if len(choice.secondary) > SECONDARY_LIMIT:
        raise Refused("too many secondary classes", expected=f"at most {SECONDARY_LIMIT}")
    for code in choice.secondary:
        _code(code, "secondary")
    if choice.reason not in ("", *REASONS):
        raise Refused.value(choice.reason, "is no reason", expected=", ".join(REASONS), field="reason")
    if (choice.act == "duplicate") != (choice.duplicate_of is not None) or (
        choice.act == "duplicate" and choice.rule not in RULES
    ):
        raise Refused(
            "a duplicate needs the record it repeats and a rule",
            expected=f"a record's number, and {' or '.join(RULES)}",
        )
    for name, value in choice.variables.items():
        _variable(name, value)


def _code(code: str, where: str) -> None:
    if not may_be_given(code):
        raise Refused.value(code, "is no class to code to", expected="a class or subclass, such as B031", field=where)


def _variable(name: str, value: str | None) -> None:
    if name not in asked_variables():
        raise Refused.value(
            name, "is no variable of a record", expected=", ".join(asked_variables()), field="variables"
        )
    if value is None or value == NOT_RECORDED:
        return
    known = catalogue()
    variable = known.by_id[name]
    if value == UNKNOWN and variable.optional:
        return
    if variable.codelist is not None:
        if value not in known.values(name):
            raise Refused.value(value, "is not in the code list", expected=", ".join(known.values(name)), field=name)
    elif variable.kind == "integer":
        if not (value.isascii() and value.isdigit() and len(value) <= 4):
            raise Refused.value(value, "is no number", expected="a whole number", field=name)
    elif variable.kind == "date":
        _day(name, value)
    elif name == "country_of_child":
        if value not in known_areas():
            raise Refused.value(value, "is no known country", expected=EXPECTED, field=name)
    elif not (value.isascii() and value.isalnum() and len(value) <= 3):
        raise Refused.value(value, "is no code", expected="two or three letters, such as FRA", field=name)


def _day(name: str, value: str) -> None:
    from cop.kernel.periods import parse_date

    try:
        parse_date(value)
    except Refused as error:
        raise Refused.value(value, "is no day", expected="YYYY-MM-DD", field=name) from error
