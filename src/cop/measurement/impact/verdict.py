"""From findings to a verdict: the facts, the first rule that holds, and what would change it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cop.measurement.impact.description import Programme
from cop.measurement.impact.findings import Check, Findings
from cop.measurement.impact.rules import Class, Fact, Rules


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence to be said: its name in `sentences`, and the figures it holds."""

    sentence: str
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is told.

    Attributes:
        verdict: the class.
        facts: those that hold.
        reasons: why this verdict. changes: what would change it.
    """

    verdict: Class
    facts: frozenset[Fact]
    reasons: tuple[Reason, ...]
    changes: tuple[Reason, ...]


def judge(programme: Programme, findings: Findings, rules: Rules) -> Verdict:
    """The verdict on a programme by the rules."""
    missing, failed = _needed(programme, findings, rules)
    facts = _facts(programme, findings, rules, missing, failed)
    verdict: Class = next(rule.verdict for rule in rules.rules if facts.issuperset(rule.when))
    reasons = [Reason(f"failed.{check.name}", dict(check.figures)) for check in failed]
    reasons += [Reason(f"missing.{check.name}", dict(check.figures)) for check in missing]
    if verdict != "cannot-tell":
        reasons.append(Reason(f"because.{verdict}", {}))
    elif not reasons:
        reasons.append(Reason("because.fragile" if {"fragile", "excludes_zero"} <= facts else "because.imprecise", {}))
    return Verdict(
        verdict, facts, tuple(reasons), tuple(_changes(programme, findings, rules, verdict, missing, failed))
    )


def relevant(programme: Programme, findings: Findings) -> float:
    """The smallest change that would matter, in the good direction, as a size on the effect's scale."""
    if findings.effect.scale == "difference":
        return programme.outcome.matters
    share = programme.outcome.matters / 100
    return -math.log1p(-share) if programme.outcome.better == "lower" else math.log1p(share)


def benefit(programme: Programme, findings: Findings) -> tuple[float, float, float]:
    """Estimate, low and high with the good direction positive."""
    effect = findings.effect
    if programme.outcome.better == "higher":
        return effect.estimate, effect.low, effect.high
    return -effect.estimate, -effect.high, -effect.low


def _needed(programme: Programme, findings: Findings, rules: Rules) -> tuple[list[Check], list[Check]]:
    """Checks that are needed and could not be made, and those that failed."""
    names = set(rules.needed[findings.method])
    if programme.comparison.assigned == "random":
        names -= set(rules.not_needed_when_random)
    made = [check for check in findings.checks if check.name in names]
    return [check for check in made if check.passed is None], [check for check in made if check.passed is False]


def _facts(
    programme: Programme, findings: Findings, rules: Rules, missing: list[Check], failed: list[Check]
) -> frozenset[Fact]:
    good, _, most = benefit(programme, findings)
    held: dict[Fact, bool] = {
        "check_failed": bool(failed),
        "check_missing": bool(missing),
        "excludes_zero": findings.effect.excludes_zero,
        "fragile": _fragile(findings, rules),
        "benefit": good > 0,
        "damage": good < 0,
        "relevant_ruled_out": most < relevant(programme, findings),
    }
    return frozenset(fact for fact, holds in held.items() if holds)


def _fragile(findings: Findings, rules: Rules) -> bool:
    """Whether too few alternatives point the same way, or too few of those with an interval exclude zero."""
    limits = rules.thresholds
    if not findings.alternatives:
        return False
    sign = math.copysign(1, findings.effect.estimate)
    same = sum(one.estimate * sign > 0 for one in findings.alternatives) / len(findings.alternatives)
    clear = [one.excludes_zero for one in findings.alternatives if one.excludes_zero is not None]
    return same < limits.same_direction or (bool(clear) and sum(clear) / len(clear) < limits.excludes_zero)


def _changes(
    programme: Programme, findings: Findings, rules: Rules, verdict: Class, missing: list[Check], failed: list[Check]
) -> list[Reason]:
    out = [Reason(f"change.{check.name}", dict(check.figures)) for check in (*failed, *missing)]
    robust = findings.robustness
    if verdict in {"worked", "harm"}:
        if robust is not None and robust.breakdown is not None:
            out.append(Reason("change.drift", {"m": robust.breakdown}))
        turned = [one for one in findings.alternatives if one.excludes_zero is False]
        if turned:
            out.append(Reason("change.alternatives", {"listed": turned}))
        if findings.effect.se is not None:
            out.append(Reason("change.smaller", {}))
        else:
            out.append(Reason("change.rank", {}))
        return out
    wanted = relevant(programme, findings)
    if verdict == "no-effect":
        out.append(Reason("change.smaller_effect", {}))
        return out
    if findings.detectable is not None and findings.detectable > wanted:
        out.append(Reason("change.precision", {"times": (findings.detectable / wanted) ** 2}))
    against = [one for one in findings.alternatives if one.estimate * findings.effect.estimate <= 0]
    if against:
        out.append(Reason("change.direction", {"listed": against}))
    if not out:
        out.append(Reason("change.longer", {}))
    return out
