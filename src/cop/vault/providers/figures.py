"""The indicator of provider watch: the share of reviewed providers whose texts say, at least in part, what is asked.

Numerator: providers on the list, or whose decided finding on a criterion is acceptable. Denominator: providers of which
that is decided. Those that nobody has reviewed are left out and counted. Weighted by young users the same is taken over
the providers whose number is known. It is a count of all watched providers: there is no sampling error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cop.editions.tables import TOTAL

INDICATOR = "RSP.PROVIDER_TERMS"
SURVEY = "providers"
LINEAGE = f"{SURVEY}:{INDICATOR}"
WEIGHTED = "weight=young_users"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided of one provider on the list or on a criterion: True, False, or None; and its young users."""

    acceptable: bool | None
    young_users: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """A share in percent, of `denominator` providers or young users; `n` providers are in it, `left_out` are not."""

    domain: str
    numerator: int
    denominator: int
    n: int
    left_out: int
    unweighted: int

    @property
    def percent(self) -> float | None:
        return 100 * self.numerator / self.denominator if self.denominator else None


def shares(by_part: Iterable[tuple[str, Sequence[Verdict]]]) -> Iterator[Share]:
    """For each part ("_T" for the list, "criterion=OWN-1") the share of providers, then the weighted one.

    A weighted share is left out where no number of young users is known among those decided.
    """
    for part, verdicts in by_part:
        decided = [v for v in verdicts if v.acceptable is not None]
        left_out = len(verdicts) - len(decided)
        yield Share(part, sum(v.acceptable is True for v in decided), len(decided), len(decided), left_out, 0)
        known = [v for v in decided if v.young_users]
        if known:
            domain = WEIGHTED if part == TOTAL else f"{WEIGHTED};{part}"
            numerator = sum(v.young_users or 0 for v in known if v.acceptable)
            denominator = sum(v.young_users or 0 for v in known)
            yield Share(domain, numerator, denominator, len(known), left_out, len(decided) - len(known))


def as_estimates(found: Iterable[Share], *, period: str) -> list[dict[str, Any]]:
    """Shares as rows of an edition's estimates. A share of nobody has no estimate and status M."""
    return [_row(share, period) for share in found]


def _row(share: Share, period: str) -> dict[str, Any]:
    said = f"{share.numerator:,} of {share.denominator:,}; not reviewed and left out: {share.left_out}"
    if share.unweighted:
        said += f"; without a known number of young users: {share.unweighted}"
    return {
        "indicator": INDICATOR, "survey": SURVEY, "area": TOTAL, "period": period, "domain": share.domain,
        "estimate": share.percent, "se": None, "ci_low": None, "ci_high": None, "cv": None, "n": share.n, "deff": None,
        "df": None, "unit": "percent", "flag": "ok", "flag_reason": said,
        "obs_status": "M" if share.percent is None else "A", "conf_status": "F", "lineage": LINEAGE,
    }  # fmt: skip
