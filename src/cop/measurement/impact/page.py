"""The page a ministry reads, in Markdown: the verdict, why, and what would change it, in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cop.measurement.impact import sentences as say
from cop.measurement.impact.description import Programme
from cop.measurement.impact.findings import Alternative, Findings, percent
from cop.measurement.impact.rules import Rules
from cop.measurement.impact.sentences import Translate
from cop.measurement.impact.verdict import Reason, Verdict

_SHOWN = 8
"""Alternatives on the page: the furthest from the estimate. The figures hold them all."""
_ERRORS = ("dispersion", "autocorrelation_p", "inference")


def page(
    programme: Programme, findings: Findings, verdict: Verdict, rules: Rules, *, translate: Translate = str
) -> str:
    """One page of Markdown.

    Args:
        programme: its description.
        findings: what was estimated.
        verdict: what follows.
        rules: by which.
        translate: gettext of the language; English by default.
    """
    writer = _Writer(programme, findings, rules, translate)
    parts = [
        f"# {_inline(programme.title)}",
        f"**{translate(say.VERDICTS[verdict.verdict])}.** {writer.effect(verdict)}",
        *([translate(say.SYNTHETIC)] if programme.synthetic else []),
        writer.heading("programme"),
        writer.programme(),
        writer.heading("found"),
        writer.found(),
        writer.heading("why"),
        _bullets(writer.reason(reason, say.REASONS) for reason in verdict.reasons),
        writer.heading("change"),
        _bullets(writer.reason(reason, say.CHANGES) for reason in verdict.changes),
        writer.heading("checks"),
        writer.checks(),
        *([writer.heading("otherwise"), writer.otherwise()] if findings.alternatives or findings.robustness else []),
        writer.heading("limits"),
        translate(say.LIMITS[findings.method]),
        writer.footer(),
    ]
    return "\n\n".join(parts) + "\n"


class _Writer:
    def __init__(self, programme: Programme, findings: Findings, rules: Rules, translate: Translate) -> None:
        self.described, self.findings, self.rules, self.translate = programme, findings, rules, translate

    def heading(self, name: str) -> str:
        return f"## {self.translate(say.HEADINGS[name])}"

    def text(self, table: Mapping[str, str], name: str, /, **figures: object) -> str:
        return self.translate(table[name]).format(**figures)

    def label(self, name: str) -> str:
        return self.translate(say.LABELS[name])

    def size(self, value: float) -> str:
        """A size on the effect's scale with its unit, without a sign."""
        if math.isinf(value):
            return "∞"
        shown = percent(value) if self.findings.effect.scale == "ratio" else value
        return f"{number(abs(shown))} {self.unit}".strip()

    @property
    def unit(self) -> str:
        return "%" if self.findings.effect.scale == "ratio" else _inline(self.described.outcome.unit)

    def signed(self, value: float) -> str:
        """A change on the effect's scale with its unit and sign."""
        sign = "−" if value < 0 else "+" if value > 0 else ""
        return f"{sign}{self.size(value)}"

    def bare(self, value: float) -> str:
        """A change without its unit, which the head of the table has."""
        return self.signed(value).removesuffix(self.unit).strip()

    def level(self) -> str:
        return f"{100 * self.findings.effect.level:g} %"

    def matters(self) -> str:
        return f"{number(self.described.outcome.matters)} {self.unit}".strip()

    def effect(self, verdict: Verdict) -> str:
        """The estimate in words: as an effect only where the verdict is that there is one."""
        estimate = self.findings.effect.estimate
        way = "lower" if estimate < 0 else "higher" if estimate > 0 else "same"
        said = way if verdict.verdict in {"worked", "harm"} else verdict.verdict
        name = _inline(self.described.outcome.name)
        return self.text(say.EFFECTS, said, name=name, size=self.size(estimate), change=self.signed(estimate))

    def programme(self) -> str:
        p = self.described
        outcome = self.text(say.LABELS, f"better_{p.outcome.better}", name=p.outcome.name, unit=p.outcome.unit)
        facts = (("what", p.what), ("where", p.where), ("when", p.start), ("whom", p.whom), ("outcome", outcome),
                 ("comparison", p.comparison.whom))  # fmt: skip
        return "\n".join(f"- **{self.label(name)}**: {_inline(value)}" for name, value in facts)

    def found(self) -> str:
        effect = self.findings.effect
        ends = {(True, True): "open", (True, False): "open_low", (False, True): "open_high"}
        said = ends.get((math.isinf(effect.low), math.isinf(effect.high)), "interval")
        lines = [
            self.text(
                say.EFFECTS, said, low=self.signed(effect.low),
                high=self.signed(effect.high), level=self.level(), p=p_value(effect.p),
            ),
        ]  # fmt: skip
        if self.findings.detectable is None:
            lines.append(self.text(say.EFFECTS, "undetectable", matters=self.matters()))
        else:
            good = -1 if self.described.outcome.better == "lower" else 1
            lines.append(
                self.text(
                    say.EFFECTS, "detectable", power=f"{100 * self.rules.power:g} %",
                    size=self.size(good * self.findings.detectable), matters=self.matters(),
                )
            )  # fmt: skip
        if self.findings.method == "interrupted":
            notes = self.findings.notes
            lines.append(self.text(say.EFFECTS, "errors", **self.figures({name: notes[name] for name in _ERRORS})))
        return " ".join(lines)

    def reason(self, reason: Reason, table: Mapping[str, str]) -> str:
        return self.text(table, reason.sentence, **self.figures(reason.figures))

    def figures(self, given: Mapping[str, Any]) -> dict[str, object]:
        effect = self.findings.effect
        nearest = min(abs(effect.low), abs(effect.high))
        units = len(self.findings.tables.get("placebos", []))
        rank = round(effect.p * units) if units else 0
        figures: dict[str, object] = {
            "matters": self.matters(),
            "room": self.size(nearest if effect.estimate > 0 else -nearest),
            "p": p_value(effect.p),
            "next": p_value((rank + 1) / (units + 1)),
            "ranked": units,
            "needed": math.ceil(1 / self.rules.alpha) - 1,
        }
        for name, value in given.items():
            if name == "listed":
                figures[name] = self.listed(value)
            elif name == "share":
                figures[name] = f"{number(100 * value)} %"
            elif name == "estimate":
                figures[name] = self.signed(value)
            elif name in {"p", "smallest_p", "autocorrelation_p"}:
                figures[name] = p_value(value)
            else:
                figures[name] = number(value) if isinstance(value, float) else value
        return figures

    def listed(self, alternatives: Sequence[Alternative]) -> str:
        named = [self.way(one) for one in alternatives[:5]]
        return "; ".join(named) + ("; …" if len(alternatives) > len(named) else "")

    def way(self, one: Alternative) -> str:
        return self.text(say.WAYS, one.kind, what=one.what)

    def checks(self) -> str:
        rows = [(self.label("check"), self.label("result"), self.label("passed"))]
        for check in self.findings.checks:
            passed = {True: "yes", False: "no", None: "not_made"}[check.passed]
            result = "" if check.passed is None else self.text(say.RESULTS, check.name, **self.figures(check.figures))
            rows.append((self.translate(say.CHECKS[check.name]), result, self.label(passed)))
        return _table(rows)

    def otherwise(self) -> str:
        estimate = self.findings.effect.estimate
        furthest = sorted(self.findings.alternatives, key=lambda one: -abs(one.estimate - estimate))[:_SHOWN]
        heads = self.text(say.LABELS, "effect", unit=self.unit), self.text(say.LABELS, "interval", level=self.level())
        rows = [(self.label("way"), *heads)]
        rows += [(self.way(one), self.bare(one.estimate), self.interval(one.low, one.high)) for one in furthest]
        if self.findings.robustness is not None:
            rows += [
                (self.text(say.WAYS, "drift", what=number(m)), "", self.interval(low, high))
                for m, low, high in self.findings.robustness.rows
                if m > 0
            ]
        return _table(rows)

    def interval(self, low: float | None, high: float | None) -> str:
        return "" if low is None or high is None else f"{self.bare(low)} … {self.bare(high)}"

    def footer(self) -> str:
        notes = self.findings.notes
        method = self.translate(say.METHODS[self.findings.method])
        return self.text(say.LABELS, "footer", method=method, rules=self.rules.id, file=self.described.data.file,
                         rows=notes["rows"], left_out=notes["left_out"])  # fmt: skip


def number(value: float) -> str:
    """Three significant digits, and whole numbers whole."""
    if math.isinf(value):
        return "∞"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def p_value(p: float) -> str:
    """A p-value as it is printed: three decimals, and never 0."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _inline(text: str) -> str:
    """Words of the description as one line that no sign of Markdown or HTML can turn into something else."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in " ".join(text.split()))


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
