"""How good the coder is, in words and numbers: what its card measured, for the methods page and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cop.publication.facts import Facts
from cop.publication.language import N_

_MEASURES = {
    "texts": N_("Texts measured on, none of which it had learnt from"),
    "leaf_accuracy": N_("Right class"),
    "section_accuracy": N_("Right section"),
    "top3_accuracy": N_("Right class among its first three"),
    "hard_leaf_accuracy": N_("Right class, hard texts alone"),
    "calibration_error": N_("Calibration error (0 is best)"),
    "set_coverage": N_("Class sets that hold the right class"),
    "set_coverage_urgency_1": N_("Class sets that hold the right class, where a child may be in danger now"),
    "set_size": N_("Classes in a class set, on average"),
    "auto_share": N_("Share coded without a person"),
    "auto_precision": N_("Right class among those"),
    "urgency_1_lost_share": N_("Urgent reports that no person would see"),
    "share_at_promised_precision": N_("Share whose class would be right in 95 of 100 cases, the surest first"),
    "fast_tier_share": N_("Share answered by the fast tier"),
    "fast_tier_precision": N_("Right class among those answered by the fast tier"),
    "leaf_accuracy_with_fast_tier": N_("Right class where the fast tier answers first"),
}
_GROUPED = {
    "leaf_accuracy_by_language": N_("Right class: %(group)s"),
    "leaf_accuracy_by_section": N_("Right class: section %(group)s"),
    "calibration_error_by_language": N_("Calibration error: %(group)s"),
    "errors_caught_by_share_reviewed": N_("Errors caught when people review the least certain %(group)s"),
}


def measures(coder: Mapping[str, Any], facts: Facts) -> list[tuple[str, str]]:
    """The card's measures as (name, value), in the order they are explained; one that has no words keeps its name."""
    given: Mapping[str, Any] = coder.get("measures") or {}
    rows: list[tuple[str, str]] = []
    for name in (*(n for n in _MEASURES if n in given), *(n for n in _GROUPED if n in given), *_unnamed(given)):
        value = given[name]
        if isinstance(value, Mapping):
            stem = _GROUPED.get(name, name.replace("_", " ") + ": %(group)s")
            rows += [
                (facts.language.gettext(stem, group=_group(name, str(group), facts)), _number(inner, facts))
                for group, inner in value.items()
                if inner is not None
            ]
        elif value is not None:
            rows.append((facts.language.gettext(_MEASURES.get(name, name.replace("_", " "))), _number(value, facts)))
    return rows


def _unnamed(given: Mapping[str, Any]) -> list[str]:
    return [name for name in given if name not in _MEASURES and name not in _GROUPED]


def _group(name: str, group: str, facts: Facts) -> str:
    return facts.language.name(group) if name.endswith("_by_language") else group


def _number(value: object, facts: Facts) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return facts.language.number(value)
    return facts.language.number(value, 3) if isinstance(value, float) else str(value)
