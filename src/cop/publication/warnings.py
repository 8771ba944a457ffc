"""The early warnings of an edition in words, for the site, its feed and the report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cop.editions.tables import DIMENSIONS, TOTAL, UNKNOWN
from cop.publication.facts import Facts
from cop.publication.language import N_
from cop.publication.words import LISTS, said

DETECTOR = {"farrington": N_("Farrington's algorithm"), "ewma": N_("moving average (EWMA)")}
LEFT_OUT = {"too short": N_("series with too short a past"), "mostly withheld": N_("series that are mostly withheld")}

_LOOK_AT = (
    N_("%(series)s rose in the same period"),
    N_("where most of them come from: %(areas)s"),
    N_("whether one campaign, sender or case made many of the reports"),
    N_("whether reports of another period came in late, or a source began to report"),
)
"""What an edition says to look at; its writer is `cop.measurement.warning.monitor`."""

_LEAST = 0.05
"""An expected count below which "so many times" means nothing."""


@dataclass(frozen=True, slots=True)
class Method:
    """Settings that were used: their id, the detector in words, counts assessed, share of false alarms, source."""

    id: str
    detector: str
    assessed: str
    false_alarms: str
    source: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning in words.

    Attributes:
        id: of the edition's table.
        code: of the series, `_T` for all reports.
        series: in words.
        period: in words.
        size: the published count, or that it is withheld and below what.
        expected: what the past leads to expect.
        threshold: which the count passed.
        times: how many times the expected count; empty where the count is withheld or next to nothing was expected.
        method: of the edition's settings; None where they are not described.
        title: series, period and size.
        sentence: all of it in one sentence.
        look_at: what to look at.
    """

    id: str
    code: str
    series: str
    period: str
    size: str
    expected: str
    threshold: str
    times: str
    method: Method | None
    title: str
    sentence: str
    look_at: tuple[str, ...]


@dataclass(frozen=True)
class Warnings:
    """What an edition watched and what it warns of, in the words of one language."""

    facts: Facts

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """The edition's own document; empty where the edition watched nothing."""
        found: Mapping[str, Any] = self.facts.edition.metadata("warnings")
        return found

    @cached_property
    def watched(self) -> bool:
        """Whether any count was assessed."""
        return any(self.about.get("assessed", {}).values())

    @cached_property
    def methods(self) -> tuple[Method, ...]:
        """The settings that assessed counts."""
        language = self.facts.language
        assessed = self.about.get("assessed", {})
        return tuple(
            Method(
                s["id"],
                language.gettext(DETECTOR[s["detector"]]) if s["detector"] in DETECTOR else s["detector"],
                language.number(assessed[s["id"]]),
                language.gettext("not simulated")
                if s["false_alarm_rate"] is None
                else language.percent(100 * s["false_alarm_rate"], 2),
                s["source"],
            )
            for s in self.about.get("settings", [])
            if assessed.get(s["id"])
        )

    @cached_property
    def all(self) -> tuple[Warned, ...]:
        """Every warning, the highest score first."""
        ordered = self.facts.warnings.sort("score", "warning", descending=[True, False], nulls_last=True)
        return tuple(self._warned(row) for row in ordered.iter_rows(named=True))

    def of(self, code: str) -> tuple[Warned, ...]:
        """The warnings of a class."""
        return tuple(w for w in self.all if w.code == code)

    @cached_property
    def headline(self) -> str:
        """What the watch found, in one sentence."""
        language = self.facts.language
        if not self.watched:
            return language.gettext("No count of this edition was watched for early warnings.")
        last, found = int(self.about["last"]), len(self.all)
        if not found:
            return language.ngettext(
                "No published count of the last month is higher than its past explains.",
                "No published count of the last %(n)s months is higher than its past explains.",
                last,
            )
        months = language.ngettext("the last month", "the last %(n)s months", last)
        return language.ngettext(
            "%(n)s published count of %(months)s is higher than its past explains.",
            "%(n)s published counts of %(months)s are higher than their past explains.",
            found,
            months=months,
        )

    @cached_property
    def scope(self) -> tuple[str, ...]:
        """How much was watched, how many warnings chance alone would raise, and what was not watched; sentences."""
        if not self.about:
            return ()
        language, about = self.facts.language, self.about
        assessed = sum(about["assessed"].values())
        lines = [
            language.ngettext(
                "%(n)s series was watched, with %(counts)s counts at its end.",
                "%(n)s series were watched, with %(counts)s counts at their ends.",
                about["series"],
                counts=language.number(assessed),
            )
        ]
        if assessed and about["expected_false"] is not None:
            lines.append(
                language.gettext(
                    "Where nothing happens, chance alone would raise about %(number)s warnings in so many counts.",
                    number=language.number(about["expected_false"], 1),
                )
            )
        lines += [
            language.gettext(
                "Not watched: %(number)s %(reason)s.",
                number=language.number(number),
                reason=language.gettext(LEFT_OUT[reason]) if reason in LEFT_OUT else reason,
            )
            for reason, number in sorted(about["left_out"].items())
        ]
        return tuple(lines)

    def _warned(self, row: Mapping[str, Any]) -> Warned:
        language, observed = self.facts.language, row["observed"]
        below = self.facts.threshold if observed is None else observed
        size = language.gettext("fewer than %(n)s", n=language.number(below)) if observed is None else None
        given = {
            "series": self._series(row),
            "period": language.period(row["period"]),
            "size": size or language.number(below),
            "expected": language.number(row["expected"], 1),
            "threshold": language.number(row["upperbound"], 1),
            "times": self._times(row),
        }
        return Warned(
            id=row["warning"],
            code=row["code"],
            method=next((m for m in self.methods if m.id == row["method"]), None),
            title=language.ngettext(
                "%(series)s, %(period)s: %(size)s report", "%(series)s, %(period)s: %(size)s reports", below, **given
            ),
            sentence=self._sentence(below, given),
            look_at=tuple(self._look_at(line) for line in row["look_at"]),
            **given,
        )

    def _sentence(self, count: int, given: Mapping[str, str]) -> str:
        if given["times"]:
            return self.facts.language.ngettext(
                "%(series)s, %(period)s: %(size)s report where the past leads to expect %(expected)s (threshold "
                "%(threshold)s), %(times)s times that.",
                "%(series)s, %(period)s: %(size)s reports where the past leads to expect %(expected)s (threshold "
                "%(threshold)s), %(times)s times that.",
                count,
                **given,
            )
        return self.facts.language.ngettext(
            "%(series)s, %(period)s: %(size)s report where the past leads to expect %(expected)s (threshold "
            "%(threshold)s).",
            "%(series)s, %(period)s: %(size)s reports where the past leads to expect %(expected)s (threshold "
            "%(threshold)s).",
            count,
            **given,
        )

    def _times(self, row: Mapping[str, Any]) -> str:
        known = row["at_least"] is not None and row["expected"] >= _LEAST
        return self.facts.language.number(row["at_least"] / row["expected"], 1) if known else ""

    def _series(self, row: Mapping[str, Any]) -> str:
        facts, code = self.facts, row["code"]
        first = facts.language.gettext("All reports") if code == TOTAL else f"{code} {facts.node_name(code)}"
        rest = [self._category(name, row[name]) for name in DIMENSIONS if name != "code" and row[name] != TOTAL]
        return ", ".join([first, *rest])

    def _category(self, dimension: str, code: str) -> str:
        facts = self.facts
        if dimension == "area":
            return facts.area(code)
        if dimension == "language":
            return facts.language.name(code)
        return said(dimension, code, facts.language) if dimension in LISTS and code != UNKNOWN else code

    def _look_at(self, line: str) -> str:
        """A line of the edition in this language; one that is not known is shown as it is."""
        for message in _LOOK_AT:
            pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(message))
            if match := re.fullmatch(pattern, line):
                return self.facts.language.gettext(message, **match.groupdict())
        return line
