"""Differencing between releases: what was published before is part of what an attacker knows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from adversary import TOTAL, Adversary, Key, cube, given_away
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop.measurement.disclosure.audit import audit
from cop.measurement.disclosure.cells import Cells, distinct
from cop.measurement.disclosure.hierarchy import Dimension
from cop.measurement.disclosure.primary import mark
from cop.measurement.disclosure.protection import Protected, protect
from cop.measurement.disclosure.rules import Rules, standard_rules

NAMES = ("a", "b", "m")
AXES = [Dimension("a"), Dimension("b"), Dimension("m", "periods")]
MONTHS = ["2025-01", "2025-02", "2025-03", "2025-04"]


def tables(counts: np.ndarray) -> pl.DataFrame:
    """Counts a x b x month as two tables: by month, and by b over all months."""
    months = MONTHS[: counts.shape[2]]
    span = f"{months[0]}/{months[-1]}"
    by_month = cube(counts.sum(axis=1), ["a", "m"], table="month", all_names=NAMES)
    named = {f"m{n}": month for n, month in enumerate(months)} | {TOTAL: span}
    by_group = cube(counts.sum(axis=2), ["a", "b"], table="group", all_names=NAMES)
    return pl.concat([by_month.with_columns(pl.col("m").replace(named)), by_group.with_columns(m=pl.lit(span))])


def released(found: Protected, name: str = "first") -> Cells:
    shown = found.frame.select("table", "measure", *NAMES, "value", "counted", "obs_status", "conf_status")
    return distinct(shown, NAMES, release=name, threshold=5, plain=True)


def release(counts: np.ndarray, past: list[Cells], rules: Rules | None = None) -> Protected:
    rules = rules or standard_rules()
    return protect(mark(tables(counts), rules), AXES, rules, past=past)


def draw(seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return chance.poisson(4 * chance.gamma(1, 1, (3, 2, 4)))


@given(st.integers(0, 2**32))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_with_the_last_release_at_hand_nothing_more_is_found(seed: int) -> None:
    counts = draw(seed)
    first = released(release(counts[:, :, :3], []))
    second = release(counts, [first])

    assert audit(AXES, released(second, "second"), [first]).safe


def test_a_release_protected_without_the_one_before_gives_cells_away() -> None:
    unsafe = 0
    for seed in range(6):
        counts = draw(seed)
        first = released(release(counts[:, :, :3], []))
        unsafe += not audit(AXES, released(release(counts, []), "second"), [first]).safe
    assert unsafe > 2


def test_two_reports_between_two_cumulative_tables_are_hidden() -> None:
    """40 over three months, 42 over four: the two of April are a count nobody may see."""
    counts = np.full((2, 2, 4), 30)
    counts[0, 0, 3] = 2
    counts[0, 1, 3] = 28
    first = released(release(counts[:, :, :3], []))
    second = release(counts, [first])
    cell = second.frame.filter(pl.col("a") == "a0", pl.col("b") == "b0")
    alone = release(counts, [])

    assert cell.select("value", "obs_status", "conf_status").rows() == [(None, "Q", "D")]
    assert alone.frame.filter(pl.col("obs_status") == "Q").height == 0
    [finding, *_] = audit(AXES, released(alone, "second"), [first]).findings
    assert (finding.low, finding.high) == (2, 2)


def test_a_small_revision_is_a_count_too_unless_the_rules_free_it() -> None:
    before = np.full((2, 2, 3), 30)
    after = before.copy()
    after[0, 0, 0] += 2
    first = released(release(before, []))
    free = standard_rules().model_copy(
        update={"protection": standard_rules().protection.model_copy(update={"revisions": "free"})}
    )

    assert release(after, [first]).frame.filter(pl.col("obs_status") == "Q").height > 0
    assert release(after, [first], free).frame.filter(pl.col("obs_status") == "Q").height == 0


def test_an_unchanged_release_is_published_unchanged() -> None:
    counts = draw(3)
    first = release(counts, [])
    again = release(counts, [released(first)])

    keys = ["table", *NAMES]
    assert again.frame.sort(keys)["conf_status"].to_list() == first.frame.sort(keys)["conf_status"].to_list()


@pytest.mark.parametrize("seed", range(3))
def test_what_was_withheld_and_is_left_out_now_stays_hidden(seed: int) -> None:
    """The table by month is dropped in the second release: its small cells are still protected."""
    counts = draw(seed)
    first = released(release(counts, []))
    rules = standard_rules()
    groups = tables(counts).filter(pl.col("table") == "group")
    second = protect(mark(groups, rules), AXES, rules, past=[first])
    shown = second.frame.select("table", "measure", *NAMES, "value", "counted", "obs_status", "conf_status")

    assert audit(AXES, distinct(shown, NAMES, release="second", threshold=5, plain=True), [first]).safe


@pytest.mark.parametrize("seed", range(3))
def test_an_adversary_with_both_releases_finds_no_small_count(seed: int) -> None:
    """Shares no code with the auditor: both releases' cells, their sums, and what a month adds to a span.

    Of April by a and b, which no table shows, it must not learn that a count is small.
    """
    counts = draw(40 + seed)
    first = release(counts[:, :, :3], [])
    second = release(counts, [released(first)])
    spans = [f"{MONTHS[0]}/{MONTHS[2]}", f"{MONTHS[0]}/{MONTHS[3]}"]
    lines: list[tuple[Key, frozenset[Key]]] = []
    for a in ("a0", "a1", "a2", TOTAL):
        for span, months in zip(spans, (MONTHS[:3], MONTHS), strict=True):
            lines.append(((a, TOTAL, span), frozenset((a, TOTAL, m) for m in months)))
        lines += [((a, b, spans[1]), frozenset({(a, b, spans[0]), (a, b, MONTHS[3])})) for b in ("b0", "b1", TOTAL)]
        lines.append(((a, TOTAL, MONTHS[3]), frozenset((a, b, MONTHS[3]) for b in ("b0", "b1"))))
    for b in ("b0", "b1"):
        lines.append(((TOTAL, b, MONTHS[3]), frozenset((a, b, MONTHS[3]) for a in ("a0", "a1", "a2"))))
    april = {(f"a{a}", f"b{b}", MONTHS[3]): int(counts[a, b, 3]) for a in range(3) for b in range(2)}
    april |= {(TOTAL, f"b{b}", MONTHS[3]): int(counts[:, b, 3].sum()) for b in range(2)}
    shown = [part.frame for part in (first, second)]
    tables_shown = [t for frame in shown for t in frame.partition_by("table", "m")]
    truth = april | {
        tuple(k): v for c in (counts[:, :, :3], counts) for *k, v in tables(c).select(*NAMES, "value").rows()
    }
    adversary = Adversary(tables_shown, NAMES, 5, lines, unseen=list(april))

    assert [found for found in given_away(adversary, truth, 5) if found[0] not in april or found[3] < 5] == []
