"""A programme from its description to its verdict: read, estimate, judge, and everything as one document."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from cop.kernel.errors import Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.measurement.impact import interrupted, page, staggered, synthetic, two_period
from cop.measurement.impact.description import Programme
from cop.measurement.impact.findings import Findings
from cop.measurement.impact.rules import Rules, load
from cop.measurement.impact.sentences import VERDICTS, Translate
from cop.measurement.impact.table import read_table
from cop.measurement.impact.verdict import Verdict, judge

METHODS: dict[str, Callable[..., Findings]] = {
    "two-period": two_period.estimate,
    "staggered": staggered.estimate,
    "synthetic": synthetic.estimate,
    "interrupted": interrupted.estimate,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A programme with what was found and what follows."""

    programme: Programme
    rules: Rules
    findings: Findings
    verdict: Verdict

    def markdown(self, *, translate: Translate = str) -> str:
        """The page for a ministry."""
        return page.page(self.programme, self.findings, self.verdict, self.rules, translate=translate)

    def document(self) -> dict[str, Any]:
        """Everything for a program: description, findings, verdict, rules. An infinite number is null."""
        effect = self.findings.effect
        estimate, low, high = effect.shown()
        return _plain(
            {
                "programme": self.programme.model_dump(mode="json", exclude={"path"}),
                "verdict": self.verdict.verdict,
                "said": VERDICTS[self.verdict.verdict],
                "facts": sorted(self.verdict.facts),
                "reasons": [_reason(one.sentence, one.figures) for one in self.verdict.reasons],
                "changes": [_reason(one.sentence, one.figures) for one in self.verdict.changes],
                "effect": asdict(effect)
                | {
                    "shown": {"estimate": estimate, "low": low, "high": high},
                    "unit": "percent" if effect.scale == "ratio" else self.programme.outcome.unit,
                },
                "detectable": self.findings.detectable,
                "checks": [asdict(check) for check in self.findings.checks],
                "alternatives": [asdict(one) for one in self.findings.alternatives],
                "robustness": None if self.findings.robustness is None else asdict(self.findings.robustness),
                "tables": self.findings.tables,
                "notes": self.findings.notes,
                "rules": asdict(self.rules),
            }
        )


def evaluate(programme: Programme, *, rules: Rules | None = None, progress: Progress = SILENT) -> Judged:
    """Estimate and judge a programme.

    Args:
        programme: its description, as `description.read` returns it.
        rules: of the verdict; the installed ones by default.
        progress: told of refits: alternatives, placebos.

    Raises:
        NotFound: its file is not there. Refused: the data does not fit the description or does not carry the method.
    """
    rules = rules or load()
    table = read_table(programme)
    if table.y.min() == table.y.max():
        raise Refused("is the same in every row", where=Where(programme.file, field=programme.outcome.column),
                      expected="values that vary")  # fmt: skip
    findings = METHODS[programme.comparison.method](programme, table, rules, progress=progress)
    if findings.effect.se is not None and not 0 < findings.effect.se < math.inf:
        raise Refused("no standard error can be estimated from these values", where=Where(programme.file),
                      expected="values that vary, of enough units and periods")  # fmt: skip
    return Judged(programme, rules, findings, judge(programme, findings, rules))


def _reason(sentence: str, figures: dict[str, Any]) -> dict[str, Any]:
    return {"sentence": sentence, "figures": {k: [asdict(one) for one in v] if k == "listed" else v
                                              for k, v in figures.items()}}  # fmt: skip


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
