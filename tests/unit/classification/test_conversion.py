"""Counts into the terms of another scheme: what goes, what stays, and that nothing is lost without being said."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.conversion import (
    NARROWER,
    NO_TERM,
    RELATED,
    SEVERAL,
    Inexact,
    Kept,
    Merged,
    convert,
    route,
)
from cop.classification.correspondences import Correspondence, Match, Term, load_correspondences
from cop.classification.scheme import load_scheme
from cop.kernel.errors import Refused

SCHEME = load_scheme()
TABLES = load_correspondences(SCHEME)
TERMS = {name: Term(name, name, True) for name in ("s", "t", "u", "v")}


def table(*matches: tuple[str, str, str] | tuple[str, str, str, str]) -> Correspondence:
    """A table of (class, predicate, term, weight)."""
    return Correspondence(
        target="x", title={"en": "X"}, version=None, source="x", verified=True, published=True, complete=True,
        note={"en": "x"}, licence=None, attribution=None, date=date(2026, 1, 1), prefix="x", namespace="urn:x:",
        confidence_rule={"en": "x"}, terms=tuple(TERMS.values()),
        matches=tuple(
            Match(m[0], m[1], TERMS[m[2]], 0.5, "semapv:ManualMappingCuration", None, Fraction(m[3]) if len(m) > 3 else None)  # type: ignore[arg-type]
            for m in matches
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("matches", "way"),
    [
        ([], NO_TERM),
        ([("A01", "related", "t")], RELATED),
        ([("A01", "narrow", "t")], NARROWER),
        ([("A01", "narrow", "t"), ("A01", "related", "u")], NARROWER),
        ([("A01", "broad", "t"), ("A01", "broad", "u")], SEVERAL),
        ([("A01", "close", "t"), ("A01", "close", "u"), ("A01", "broad", "v")], SEVERAL),
        ([("A01", "exact", "t"), ("A01", "close", "u"), ("A01", "close", "v")], {"t": 1}),
        ([("A01", "broad", "u"), ("A01", "close", "t")], {"t": 1}),
        ([("A01", "broad", "u"), ("A01", "narrow", "t")], {"u": 1}),
        ([("A01", "narrow", "t", "0.25"), ("A01", "narrow", "u", "0.75"), ("A01", "broad", "v")],
         {"t": Fraction(1, 4), "u": Fraction(3, 4)}),
    ],
)  # fmt: skip
def test_a_count_goes_where_that_is_sound(matches: list[tuple[str, str, str]], way: object) -> None:
    found = route("A01", table(*matches))

    assert (found if isinstance(found, str) else {m.term.id: share for m, share in found}) == way


def test_the_statement_names_every_loss() -> None:
    done = convert(
        {"A01": 10, "A02": 5, "B01": 3, "B06": 2, "B98": 1, "C01": 0.5},
        table(("A01", "exact", "t"), ("A02", "broad", "t"), ("B01", "related", "t"), ("B06", "close", "s")),
        SCHEME,
    )

    assert done.terms == {"s": 2, "t": 15}
    assert list(done.terms) == ["s", "t"]  # the table's order
    assert done.kept == (
        Kept("B01", Fraction(3), RELATED), Kept("B98", Fraction(1), NO_TERM), Kept("C01", Fraction(1, 2), NO_TERM),
    )  # fmt: skip
    assert done.merged == (Merged("t", ("A01", "A02"), Fraction(15)),)
    assert done.inexact == (Inexact("A02", "t", "broad", Fraction(5)), Inexact("B06", "s", "close", Fraction(2)))
    assert (done.converted, done.unconverted, done.total) == (17, Fraction(9, 2), Fraction(43, 2))


def test_whole_numbers_stay_whole_in_json() -> None:
    document = convert(
        {"A01": 3, "A02": 1}, table(("A01", "narrow", "t", "0.5"), ("A01", "narrow", "u", "0.5")), SCHEME
    ).as_json()

    assert document["terms"] == {"t": 1.5, "u": 1.5}
    assert document["loss"]["unconverted_classes"] == [{"code": "A02", "count": 1, "reason": NO_TERM}]
    assert (repr(document["total"]), repr(document["converted"])) == ("4", "3")


lines = [n.code for n in SCHEME.nodes if n.level != "section"] + ["B98", "G99"]
numbers = st.one_of(
    st.integers(0, 10**12), st.floats(0, 1e9, allow_nan=False), st.fractions(0, 10**6, max_denominator=1000)
)


@given(
    counts=st.dictionaries(st.sampled_from(lines), numbers, max_size=40),
    target=st.sampled_from(TABLES),
)  # fmt: skip
def test_totals_balance_exactly_whatever_is_counted(
    counts: dict[str, int | float | Fraction], target: Correspondence
) -> None:
    done = convert(counts, target, SCHEME)

    assert done.converted + done.unconverted == done.total == sum(map(Fraction, counts.values()))
    assert {k.code for k in done.kept} <= set(counts)
    covered = {(m.code, m.term.id) for m in target.matches if m.predicate in ("exact", "close", "broad")}
    assert {(i.code, i.term) for i in done.inexact} <= covered
    assert set(done.terms) <= {term for code, term in covered if code in counts}


@st.composite
def weighted(draw: st.DrawFn) -> Correspondence:
    """A table that splits two classes by weights in hundredths."""
    matches = []
    for code in ("A01", "A02"):
        cut = sorted(draw(st.lists(st.integers(1, 99), min_size=2, max_size=2, unique=True)))
        for term, parts in zip("stu", (cut[0], cut[1] - cut[0], 100 - cut[1]), strict=True):
            matches.append((code, "narrow", term, f"{parts}/100"))
    return table(*matches)


@given(counts=st.dictionaries(st.sampled_from(["A01", "A02", "B01"]), numbers, max_size=3), by=weighted())
def test_totals_balance_exactly_under_weights(counts: dict[str, int | float | Fraction], by: Correspondence) -> None:
    done = convert(counts, by, SCHEME)

    assert done.converted + done.unconverted == done.total
    assert done.unconverted == Fraction(counts.get("B01", 0))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"A01": 1, "X01": 1}, 'field code: "X01" is no code of the classification'),
        ({"X98": 1}, '"X98" is no code'),
        ({"A01": -1}, 'field count: "-1" is no count'),
        ({"A01": float("nan")}, '"nan" is no count'),
        ({"A01": float("inf")}, '"inf" is no count'),
        ({"B": 5, "B032": 1}, "B032 is counted beside B, its section"),
        ({"B98": 1, "B": 5}, "B98 is counted beside B, its section"),
    ],
)
def test_counts_that_cannot_be_accounted_for_are_refused(counts: dict[str, float], said: str) -> None:
    with pytest.raises(Refused) as refused:
        convert(counts, TABLES[0], SCHEME)
    assert said in str(refused.value)


def test_a_class_beside_its_subclass_is_a_line_of_its_own() -> None:
    """As the full list has it: the records of which nobody could tell the subclass."""
    assert convert({"B03": 2, "B031": 3}, table(), SCHEME).total == 5
