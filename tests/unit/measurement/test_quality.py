from __future__ import annotations

import polars as pl
import pytest

from cop.kernel.errors import Refused
from cop.measurement.quality import Coverage, Dispositions, coverage


def test_response_rates_are_aapors() -> None:
    # Standard Definitions: RR1 = I / ((I + P) + (R + NC + O) + (UH + UO)), and so on
    units = Dispositions(complete=600, partial=50, refused=150, not_contacted=80, other=20, unknown=100, ineligible=40,
                         eligible_share=0.5)  # fmt: skip

    assert units.rate("RR1") == pytest.approx(600 / 1000)
    assert units.rate("RR2") == pytest.approx(650 / 1000)
    assert units.rate("RR3") == pytest.approx(600 / 950)
    assert units.rate("RR4") == pytest.approx(650 / 950)
    assert units.rate("RR5") == pytest.approx(600 / 900)
    assert units.rate("RR6") == pytest.approx(650 / 900)


def test_a_rate_that_needs_the_share_of_the_eligible_is_refused_without_it() -> None:
    with pytest.raises(Refused) as refusal:
        Dispositions(complete=10, unknown=5).rate("RR3")

    assert str(refusal.value) == (
        "field eligible_share: the share of unknown units that are eligible is not given (expected it, for RR3)"
    )
    assert Dispositions(complete=0).rate("RR1") is None


def test_coverage_names_who_did_not_report() -> None:
    records = pl.DataFrame({"period": ["2025-01", "2025-01", "2025-02"], "source": ["police", "hotline", "hotline"]})
    first, second, third = coverage(records, ["hotline", "police"], ["2025-01", "2025-02", "2025-03"])

    assert first == Coverage("2025-01", ("hotline", "police"), ("hotline", "police"))
    assert (second.missing, second.share) == (("police",), 0.5)
    assert third.share == 0
    with pytest.raises(Refused, match='"police" is not expected to report'):
        coverage(records, ["hotline"], ["2025-01"])
