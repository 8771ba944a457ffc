"""How good the coder is, in words and numbers, for the methods page and the report.

What its card measured, and where people coded an audit sample blind, the counts of sections corrected by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cop.editions.tables import TOTAL
from cop.kernel.errors import Refused, Where
from cop.publication.charts.intervals import quality as flag_words
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


@dataclass(frozen=True, slots=True)
class Corrected:
    """A section's count as published and as corrected, in words; shares are of the records each is of."""

    code: str
    name: str
    count: str
    count_share: str
    corrected: str
    interval: str
    corrected_share: str
    flag: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of a table with the headings of `Audit.headings`."""
        what = f"{self.code} {self.name}"
        return what, self.count, self.count_share, self.corrected, self.interval, self.corrected_share, self.flag


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit sample says, ready to be shown.

    Attributes:
        reading: sentences: what the sample is, and what the correction stands for.
        note: what is not corrected and what is left out.
        sections: by code.
    """

    headings: tuple[str, ...]
    reading: tuple[str, ...]
    note: str
    sections: Mapping[str, Corrected]


def audit(facts: Facts) -> Audit | None:
    """The corrected counts of sections; None where the edition gives none.

    Raises:
        Refused: a section has a corrected count whose published count is withheld.
    """
    said: Mapping[str, Any] = (facts.edition.metadata("quality") or {}).get("audit") or {}
    if not said.get("sections"):
        return None
    language = facts.language
    _ = language.gettext
    whole = (facts.total(TOTAL) or {}).get("value")
    records, audited = int(said["records"]), int(said["audited"])
    reading = [
        _(
            "To measure the coder's errors, records were drawn by lot and coded again by people who did not see its "
            "code: two for each, and a third where they disagreed. %(audited)s of %(records)s records that could be "
            "drawn are settled. From what people said of them follows how many of the %(records)s people would give "
            "to each section. The interval holds that number in about 19 of 20 such samples.",
            audited=language.number(audited),
            records=language.number(records),
        )
    ]
    if whole is None:
        reading.append(_("Not all reports could be drawn, so the two counts are of different records."))
    elif whole != records:
        reading.append(
            _(
                "The published counts are of %(whole)s reports, because some could not be drawn: compare shares, not "
                "counts.",
                whole=language.number(whole),
            )
        )
    headings = (
        _("Section"), _("As published"), _("Share"), _("Corrected"), _("95% interval"), _("Share, corrected"),
        _("Quality"),
    )  # fmt: skip
    note = _(
        "Only these counts are corrected. A section that is missing here has too few reports, or its figure would "
        "reveal a number that is withheld."
    )
    sections = {row["code"]: _corrected(row, records, whole, facts) for row in said["sections"]}
    return Audit(headings, tuple(reading), note, sections)


def _corrected(row: Mapping[str, Any], records: int, whole: int | None, facts: Facts) -> Corrected:
    language, code = facts.language, str(row["code"])
    count = (facts.total(code) or {}).get("value")
    if count is None:
        raise Refused(
            f"section {code} has a corrected count, and its count is not published",
            where=Where("quality.json", field="audit"),
            expected="corrected counts of sections whose count is published",
        )
    low, high = language.number(int(row["ci_low"])), language.number(int(row["ci_high"]))
    return Corrected(
        code=code,
        name=facts.node_name(code),
        count=language.number(count),
        count_share=language.percent(100 * count / whole) if whole else "",
        corrected=language.number(int(row["corrected"])),
        interval=language.gettext("%(low)s to %(high)s", low=low, high=high),
        corrected_share=language.percent(100 * int(row["corrected"]) / records),
        flag=flag_words(row["flag"], "", language),
    )


def _unnamed(given: Mapping[str, Any]) -> list[str]:
    return [name for name in given if name not in _MEASURES and name not in _GROUPED]


def _group(name: str, group: str, facts: Facts) -> str:
    return facts.language.name(group) if name.endswith("_by_language") else group


def _number(value: object, facts: Facts) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return facts.language.number(value)
    return facts.language.number(value, 3) if isinstance(value, float) else str(value)
