"""Recoding over random changes: nothing is lost, the way back undoes what it can, errors are those of a simulation."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import count as numbers
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.classification.accounting import check_changes
from cop.classification.history import load_history
from cop.classification.recode import Estimate, Image, decisions, recode_code, recode_counts
from cop.classification.versions import Change, Changes, Entry, Kind, Version, Weights
from cop.kernel.errors import NotFound, Refused

SECTIONS = "AB"


def version(name: str, codes: list[str]) -> Version:
    """A version of these codes, with sections A and B."""
    level = {1: "section", 3: "class", 4: "subclass"}
    above = {1: lambda _: None, 3: lambda c: c[0], 4: lambda c: c[:3]}
    entries = [Entry(c, level[len(c)], above[len(c)](c), c, None) for c in sorted({*codes, *SECTIONS})]  # type: ignore[arg-type]
    return Version(name, tuple(entries))


@st.composite
def weights(draw: st.DrawFn, codes: list[str], known: bool) -> Weights | None:
    if not known and draw(st.booleans()):
        return None
    parts = draw(st.lists(st.integers(1, 30), min_size=len(codes), max_size=len(codes)))
    shares = {code: Fraction(part, sum(parts)) for code, part in zip(codes, parts, strict=True)}
    return Weights(shares, draw(st.integers(5, 400)))


@st.composite
def steps(
    draw: st.DrawFn, old: Version, name: str, fresh: Iterator[int], *, known: bool, kinds: tuple[str, ...]
) -> Changes:
    """Random whole changes of a version: its leaves are dealt out to kinds of changes, new codes are never reused."""

    def new() -> str:
        return draw(st.sampled_from(SECTIONS)) + str(next(fresh))

    above = {entry.parent for entry in old.entries}
    leaves = draw(st.permutations([e.code for e in old.entries if e.level != "section" and e.code not in above]))
    codes = [e.code for e in old.entries if e.code not in leaves]
    made: list[Change] = []
    while leaves:
        kind = draw(st.sampled_from([kind for kind in kinds if kind != "new"]))
        take = draw(st.integers(2, 3)) if kind == "merge" else 1
        before, leaves = leaves[:take], leaves[take:]
        if kind == "keep" or (kind == "merge" and len(before) < 2) or (kind == "divide" and len(before[0]) > 3):
            codes += before
            continue
        number = {"split": draw(st.integers(2, 4)), "retired": 0}.get(kind, 1)
        after = [before[0] + str(n) for n in (1, 2)] if kind == "divide" else [new() for _ in range(number)]
        codes += [*after, *(before if kind == "divide" else [])]
        real: Kind = "split" if kind == "divide" else kind  # type: ignore[assignment]
        several = after if real == "split" else before if real == "merge" else []
        share = draw(weights(several, known)) if several else None
        made.append(Change(real, tuple(before), tuple(after), {"en": "r"}, weights=share))
    if "new" in kinds and draw(st.booleans()):
        codes.append(added := new())
        made.append(Change("new", (), (added,), {"en": "r"}))
    changes = Changes(old, version(name, codes), tuple(made))
    check_changes(changes, Path("changes.yaml"))
    return changes


ALL = ("keep", "split", "divide", "merge", "move", "retired", "new")


@st.composite
def chains(
    draw: st.DrawFn, *, known: bool = False, kinds: tuple[str, ...] = ALL, length: int = 2
) -> tuple[list[Changes], dict[str, int]]:
    """A chain of changes, and counts of any codes of its first version."""
    fresh = numbers(10)
    first = version("1", [draw(st.sampled_from(SECTIONS)) + str(next(fresh)) for _ in range(draw(st.integers(1, 6)))])
    made: list[Changes] = []
    for number in range(draw(st.integers(1, length))):
        old = made[-1].new if made else first
        made.append(draw(steps(old, str(number + 2), fresh, known=known, kinds=kinds)))
    chosen = draw(st.dictionaries(st.sampled_from(sorted(first.by_code)), st.integers(0, 10**6)))
    return made, chosen


@given(chains(length=3))
def test_what_goes_in_comes_out_exactly(chain: tuple[list[Changes], dict[str, int]]) -> None:
    changes, counts = chain
    found = recode_counts(counts, changes)

    assert found.total == sum(counts.values())
    assert set(found.counts) <= set(changes[-1].new.by_code)
    assert all(estimate.variance >= 0 for estimate in found.counts.values())


@given(chains(length=3))
def test_what_goes_back_comes_out_exactly(chain: tuple[list[Changes], dict[str, int]]) -> None:
    changes, _ = chain
    counts = {code: 7 + place for place, code in enumerate(changes[-1].new.by_code)}

    assert recode_counts(counts, changes, "backward").total == sum(counts.values())


@given(chains(kinds=("keep", "move", "new")))
def test_one_to_one_changes_there_and_back_give_the_same_counts_without_error(
    chain: tuple[list[Changes], dict[str, int]],
) -> None:
    changes, counts = chain
    counts = {code: n for code, n in counts.items() if len(code) > 1}  # a section of which a part left is in doubt
    there = recode_counts(counts, changes)
    back = recode_counts({code: e.count for code, e in there.counts.items()}, changes, "backward")

    assert not there.stayed and not back.stayed
    assert back.counts == {code: Estimate(Fraction(n)) for code, n in counts.items()}


@given(chains(kinds=("keep", "split", "divide", "move"), known=True))
def test_a_split_merged_again_gives_the_same_counts_without_error(
    chain: tuple[list[Changes], dict[str, int]],
) -> None:
    changes, counts = chain
    counts = {code: n for code, n in counts.items() if len(code) > 1}
    there_and_back = [*changes, *(step.inverse for step in reversed(changes))]
    found = recode_counts(counts, there_and_back)
    apart = recode_counts({c: e.count for c, e in recode_counts(counts, changes).counts.items()}, changes, "backward")

    assert found.counts == {code: Estimate(Fraction(n)) for code, n in counts.items()}
    assert {code: e.count for code, e in apart.counts.items()} == counts


@given(chains(kinds=("keep", "split", "divide", "move", "merge"), known=True))
def test_the_sum_of_all_codes_has_no_error(chain: tuple[list[Changes], dict[str, int]]) -> None:
    changes, counts = chain
    counts = {code: n for code, n in counts.items() if len(code) > 1}
    found = recode_counts(counts, changes)

    assert found.combined(found.counts) == Estimate(Fraction(sum(counts.values())))


@given(chains(length=3))
def test_the_count_of_a_record_goes_where_the_record_may(chain: tuple[list[Changes], dict[str, int]]) -> None:
    changes, _ = chain
    for code in changes[0].old.by_code:
        image = recode_code(code, changes)
        found = recode_counts({code: 1}, changes)
        if not image.decide:
            [only] = image.codes
            assert set(found.counts) <= {only}
        elif not found.stayed:
            assert set(found.counts) == set(image.codes)


def simulate(counts: dict[str, int], changes: list[Changes], draws: int) -> dict[str, np.ndarray]:
    """Draw the shares of each split, then the records that fall on its parts, `draws` times."""
    rng = np.random.default_rng(20261127)
    state = {code: np.full(draws, n) for code, n in counts.items()}
    for step in changes:
        then: dict[str, np.ndarray] = {}
        for code, values in state.items():
            way = step.ways[code]
            if way.sure:
                parts = {way.codes[0]: values}
            elif way.weights is None:
                parts = {}
            else:
                alpha = [float(way.weights.sample * share) for share in way.weights.shares.values()]
                fallen = rng.multinomial(values, rng.dirichlet(alpha, draws))
                parts = dict(zip(way.weights.shares, fallen.T, strict=True))
            for part, number in parts.items():
                then[part] = then.get(part, 0) + number
        state = then
    return state


@settings(max_examples=20, deadline=None, derandomize=True)
@given(chains(kinds=("keep", "split", "divide", "merge", "move"), length=3))
def test_errors_are_those_of_a_simulation(chain: tuple[list[Changes], dict[str, int]]) -> None:
    changes, counts = chain
    counts = {code: n % 5000 for code, n in counts.items() if len(code) > 1}
    found = recode_counts(counts, changes)
    drawn = simulate(counts, changes, 20_000)

    assert set(drawn) == set(found.counts)
    for code, estimate in found.counts.items():
        assert drawn[code].mean() == pytest.approx(float(estimate.count), abs=0.04 * estimate.se + 1e-9)
        for other, second in found.counts.items():
            expected = float(found.covariance.get((code, other), 0))
            got = float(np.cov(drawn[code], drawn[other])[0, 1])
            assert got == pytest.approx(expected, abs=0.08 * estimate.se * second.se + 1e-9)


def test_errors_of_a_part_that_is_split_again_are_those_of_a_simulation() -> None:
    """Small samples, where each term of the formula weighs."""
    again = Changes(
        SMALL.new,
        version("3", ["A05", "B01", "B02"]),
        (Change("split", ("A04",), ("B01", "B02"), {"en": "r"}, weights=Weights({"B01": Fraction(2, 3), "B02": Fraction(1, 3)}, 5)),),
    )  # fmt: skip
    found = recode_counts({"A01": 60}, [SMALL, again])
    drawn = simulate({"A01": 60}, [SMALL, again], 400_000)

    for (one, other), expected in found.covariance.items():
        spread = found.counts[one].se * found.counts[other].se
        assert float(np.cov(drawn[one], drawn[other])[0, 1]) == pytest.approx(float(expected), abs=0.01 * spread)
    assert len(found.covariance) == 9


SMALL = Changes(
    version("1", ["A01"]),
    version("2", ["A04", "A05"]),
    (Change("split", ("A01",), ("A04", "A05"), {"en": "r"}, weights=Weights({"A04": Fraction(1, 2), "A05": Fraction(1, 2)}, 4)),),
)  # fmt: skip
SPLIT = Changes(
    version("1", ["A01", "A02", "A03"]),
    version("2", ["A03", "A04", "A05", "A06"]),
    (
        Change("split", ("A01",), ("A04", "A05"), {"en": "r"}, weights=Weights({"A04": Fraction(3, 4), "A05": Fraction(1, 4)}, 40)),
        Change("move", ("A02",), ("A06",), {"en": "r"}),
    ),
)  # fmt: skip
MERGED = Changes(
    SPLIT.new, version("3", ["A03", "A07", "A06"]), (Change("merge", ("A04", "A05"), ("A07",), {"en": "r"}),)
)


def test_the_formula_by_hand() -> None:
    """N = 100, w = 3/4, n = 40: 100 · 3/16 · 140/41."""
    found = recode_counts({"A01": 100}, SPLIT)

    assert found.counts == {
        "A04": Estimate(Fraction(75), Fraction(100 * 3 * 140, 16 * 41)),
        "A05": Estimate(Fraction(25), Fraction(100 * 3 * 140, 16 * 41)),
    }
    assert found.covariance["A04", "A05"] == -Fraction(100 * 3 * 140, 16 * 41)
    assert found.counts["A04"].se == pytest.approx(8.0015, abs=1e-4)


def test_parts_of_a_common_split_have_no_error_together() -> None:
    assert recode_counts({"A01": 100}, [SPLIT, MERGED]).counts == {"A07": Estimate(Fraction(100))}


def test_unknown_weights_leave_a_count_where_it_is_and_say_so() -> None:
    found = recode_counts({"A06": 3, "A07": 10}, [SPLIT, MERGED], "backward")
    [stayed] = found.stayed

    assert found.counts == {"A02": Estimate(Fraction(3))}
    assert (stayed.code, stayed.version, stayed.estimate.count) == ("A07", "3", 10)
    assert stayed.reason == "split without known weights"
    assert (found.converted, found.unconverted, found.total) == (3, 10, 13)


def test_a_record_of_a_split_code_needs_a_person() -> None:
    assert recode_code("A01", SPLIT) == Image(("A04", "A05"), True)
    assert recode_code("A02", SPLIT) == Image(("A06",), False)
    assert recode_code("A01", [SPLIT, MERGED]) == Image(("A07",), False)
    assert recode_code("A07", [SPLIT, MERGED], "backward") == Image(("A01",), False)


def test_a_code_that_is_no_more_needs_a_person_also_where_another_part_goes_on() -> None:
    gone = Changes(SPLIT.new, version("3", ["A03", "A05", "A06"]), (Change("retired", ("A04",), (), {"en": "r"}),))

    assert recode_code("A01", [SPLIT, gone]) == Image(("A05",), True)
    assert recode_code("A04", gone) == Image((), True)


def test_the_share_of_records_that_need_a_person() -> None:
    found = decisions({"A01": 30, "A02": 50, "A03": 20}, SPLIT)

    assert (found.records, found.undecided, found.share) == (100, {"A01": 30}, 0.3)
    assert decisions({}, SPLIT).share == 0


def test_the_draft_to_version_1_and_back_is_exact_and_needs_nobody() -> None:
    [step] = load_history().route("0.1", "1.0")
    counts = {code: 11 * place for place, code in enumerate(step.old.by_code)}
    there = recode_counts(counts, step)
    back = recode_counts({code: e.count for code, e in there.counts.items()}, step, "backward")

    assert there.counts == back.counts == {code: Estimate(Fraction(n)) for code, n in counts.items()}
    assert there.stayed == back.stayed == ()
    assert decisions(counts, step).share == 0


@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf")])
def test_what_is_no_count_is_refused(bad: float) -> None:
    with pytest.raises(Refused, match="is no count of A01"):
        recode_counts({"A01": bad}, SPLIT)


def test_a_code_of_another_version_is_not_found() -> None:
    for ask in (lambda: recode_code("A04", SPLIT), lambda: recode_counts({"A04": 1}, SPLIT)):
        with pytest.raises(NotFound, match="A04 is no code of version 1 of the classification"):
            ask()
