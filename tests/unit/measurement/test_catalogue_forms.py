"""The forms of measures and what each becomes: held against every combination of answers, worked out in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.catalogue import load
from cop.measurement.engines.contract import GroupedSums, Named, Source
from cop.measurement.engines.duckdb import DuckDBEngine
from cop.measurement.expression import Column, Expression, is_predicate, parse
from cop.measurement.measures.forms import (
    KINDS,
    Composite,
    DifferenceOfDomains,
    Distribution,
    Form,
    Paired,
    Proportion,
    RatioOfDomains,
    Scale,
    as_facts,
    read_form,
)
from cop.measurement.measures.lowering import bind, lower, lower_categories, lower_contrast, text_of
from cop.measurement.survey.description import Measured

NOWHERE = Path("form.yaml")


def form(**facts: Any) -> Any:
    return read_form(facts, file=NOWHERE)


def plain(names: tuple[str, ...]) -> dict[str, Expression]:
    return {name: Column(name) for name in names}


def values(expression: Expression, rows: list[dict[str, Any]], schema: pa.Schema) -> list[Any]:
    """What the expression is in each row, as the engine computes it: one and zero for true and false."""
    numbered = [{**row, "_n": n} for n, row in enumerate(rows)]
    table = pa.Table.from_pylist(numbered, schema.append(pa.field("_n", pa.int64())))
    text = text_of(expression)
    value = f"CASE WHEN {text} THEN 1 ELSE 0 END" if is_predicate(expression) else text
    asked = (Named("v", parse(value)), Named("known", parse(f"CASE WHEN {text} IS NULL THEN 0 ELSE 1 END")))
    found = DuckDBEngine().sums(GroupedSums(Source(table=table), (Named("n", Column("_n")),), asked)).to_pylist()
    return [row["v"] if row["known"] else None for row in sorted(found, key=lambda row: row["n"])]


def booleans(names: tuple[str, ...]) -> tuple[list[dict[str, Any]], pa.Schema]:
    rows = [dict(zip(names, given, strict=True)) for given in product([True, False, None], repeat=len(names))]
    return rows, pa.schema([(name, pa.bool_()) for name in names])


# --- the language


def test_every_kind_is_read_and_written_as_it_was() -> None:
    kinds = {one.form.kind for one in load()}

    assert kinds | {"median", "quantile", "total", "ratio"} == set(KINDS)
    for one in load():
        assert form(**as_facts(one.form)) == one.form


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"kind": "proportion"}, "form.yaml, field form.proportion.numerator: is missing"),
        ({"kind": "proportion", "numerator": "a + 1"}, '"a + 1" is not a condition'),
        ({"kind": "proportion", "numerator": "SELECT 1"}, "form.proportion.numerator"),
        ({"kind": "mean", "variable": "getenv('HOME')"}, 'has the function "getenv", which is not allowed'),
        ({"kind": "mean", "variable": "a", "p": 0.5}, "field form.mean.p: is not a field of a form"),
        ({"kind": "quantile", "variable": "a", "p": 1.0}, "form.quantile.p"),
        ({"kind": "composite", "items": ["a"], "rule": "any"}, "form.composite.items"),
        ({"kind": "composite", "items": ["a", "a"], "rule": "any"}, "items has one twice"),
        ({"kind": "composite", "items": ["a", "b"], "rule": "at_least"}, "k goes with at_least"),
        ({"kind": "composite", "items": ["a", "b"], "rule": "any", "k": 1}, "k goes with at_least"),
        ({"kind": "composite", "items": ["a", "b"], "rule": "at_least", "k": 3}, "at least 3 of 2 items can never be"),
        ({"kind": "composite", "items": ["a", "B"], "rule": "any"}, "form.composite.items[1]"),
        ({"kind": "scale", "items": ["a", "b"], "score": "mean", "answers": [5, 1], "min_answered": 1}, "not below"),
        ({"kind": "scale", "items": ["a", "b"], "score": "mean", "answers": [1, 5], "min_answered": 3}, "more than the 2"),
        ({"kind": "scale", "items": ["a", "b"], "score": "mean", "answers": [1, 5], "min_answered": 1, "reversed": ["c"]}, "not in items"),
        ({"kind": "scale", "items": ["a", "b"], "score": "mean", "answers": [1, 5], "min_answered": 1, "rescale": [3, 3]}, "one number"),
        ({"kind": "distribution", "variable": "a", "categories": ["x", "x"]}, "categories has one twice"),
        ({"kind": "series", "per": 1000}, "population and per go together"),
        ({"kind": "rate", "events": "a", "population": "b", "per": 0}, "form.rate.per"),
        ({"kind": "survival_quantile", "duration": "a", "ended": "b", "p": []}, "form.survival_quantile.p"),
        ({"kind": "survival_share", "duration": "a", "ended": "b", "at": -1.0}, "form.survival_share.at"),
        ({"kind": "coded", "elements": ["a", "b"], "levels": [1, 0], "score": "sum"}, "not in ascending order"),
        ({"kind": "coded", "elements": ["a", "b"], "levels": [0, 1], "score": "sum", "coders": 1}, "form.coded.coders"),
        ({"kind": "ratio_of_domains", "of": {"kind": "rate"}, "first": "a", "second": "b"}, "form.ratio_of_domains.of"),
        ({"kind": "guess"}, "does not match any of the expected tags"),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused_with_its_field(facts: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as refusal:
        form(**facts)

    assert message in str(refusal.value)


def test_the_items_of_a_form_are_what_must_be_mapped() -> None:
    catalogue = load()

    assert catalogue["ACC.SNS_UNDERAGE"].form.asked() == ("own_profile", "used_3m", "age")
    assert catalogue["HRM.SADNESS_GAP"].form.asked() == ("sad_or_hopeless", "bullied_electronically")
    assert catalogue["SKL.BLOCK_REPORT"].form.asked() == ("can_block", "can_report", "used_3m")
    assert catalogue["RSP.TAKEDOWN_24H"].form.asked() == ("hours_since_notice", "removed")
    assert catalogue["RSP.PROVIDER_DISCREPANCY"].form.asked() == ("reports_sent", "reports_received")


# --- composites


@pytest.mark.parametrize(
    ("rule", "k"), [("any", None), ("all", None), ("at_least", 1), ("at_least", 2), ("at_least", 4)]
)
def test_a_composite_is_decided_as_soon_as_the_answers_given_decide_it(rule: str, k: int | None) -> None:
    names = ("a", "b", "c", "d")
    one = form(kind="composite", items=list(names), rule=rule, **({"k": k} if k else {}))
    rows, schema = booleans(names)
    least = {"any": 1, "all": 4}.get(rule, k or 0)

    def wanted(row: Mapping[str, bool | None]) -> int | None:
        outcomes = {
            sum(filled) >= least
            for filled in product(*([value] if value is not None else [True, False] for value in row.values()))
        }
        return int(next(iter(outcomes))) if len(outcomes) == 1 else None

    terms = lower(one, plain(names))
    assert terms.kind == "proportion"
    assert terms.numerator is not None
    assert values(terms.numerator, rows, schema) == [wanted(row) for row in rows]


def test_a_count_needs_every_answer() -> None:
    names = ("a", "b", "c")
    rows, schema = booleans(names)
    terms = lower(form(kind="composite", items=list(names), rule="count"), plain(names))

    assert terms.kind == "mean"
    assert terms.variable is not None
    assert values(terms.variable, rows, schema) == [
        None if None in row.values() else sum(map(bool, row.values())) for row in rows
    ]


# --- scales


@settings(max_examples=12)
@given(st.data())
def test_a_scale_is_the_mean_of_the_answers_given(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 6))
    low = data.draw(st.integers(-2, 1))
    high = low + data.draw(st.integers(1, 6))
    names = tuple(f"q{number}" for number in range(size))
    turned = data.draw(st.lists(st.sampled_from(names), unique=True))
    least = data.draw(st.integers(1, size))
    total = data.draw(st.booleans())
    rescale = data.draw(st.sampled_from([None, [0, 100], [1, -1], [0, 0.5]]))
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries({name: st.none() | st.integers(low - 1, high + 1) for name in names}),
            min_size=1,
            max_size=8,
        )
    )
    one = form(
        kind="scale", items=list(names), score="sum" if total else "mean", answers=[low, high], min_answered=least,
        reversed=turned, **({"rescale": rescale} if rescale else {}),
    )  # fmt: skip

    def wanted(row: Mapping[str, int | None]) -> float | None:
        answered = {name: v for name, v in row.items() if v is not None and low <= v <= high}
        if len(answered) < least:
            return None
        score = sum(low + high - v if name in turned else v for name, v in answered.items()) / len(answered)
        factor = size if total else 1
        score *= factor
        if rescale:
            score = rescale[0] + (score - factor * low) / (factor * (high - low)) * (rescale[1] - rescale[0])
        return score

    terms = lower(one, plain(names))
    assert terms.variable is not None
    found = values(terms.variable, rows, pa.schema([(name, pa.int64()) for name in names]))
    for got, expected in zip(found, map(wanted, rows), strict=True):
        assert got == (None if expected is None else pytest.approx(expected, abs=1e-9))


def test_the_skills_index_goes_from_0_to_100() -> None:
    one = load()["SKL.INDEX"].form
    assert isinstance(one, Scale)
    terms = lower(one, plain(one.asked()))
    rows: list[dict[str, Any]] = [
        dict.fromkeys(one.items, answer) | dict.fromkeys(one.items[:blank])
        for answer, blank in ((1, 0), (5, 2), (3, 3), (5, 0))
    ]

    assert terms.variable is not None
    assert values(terms.variable, rows, pa.schema([(name, pa.int64()) for name in one.items])) == [0, 100, None, 100]


# --- the others


def test_a_pair_is_the_parents_no_among_exposed_children() -> None:
    terms = lower(Paired(child="c", parent="p"), plain(("c", "p")))

    assert (text_of(terms.numerator or Column("")), text_of(terms.denominator or Column(""))) == ('(NOT "p")', '"c"')
    assert load()["MED.PARENT_AWARE"].measure == "proportion"


def test_a_distribution_is_a_proportion_a_category_among_those_who_gave_one() -> None:
    found = lower_categories(
        Distribution(variable="why", categories=("cost", "none"), among="NOT used"), plain(("why", "used"))
    )

    assert {code: terms.entry("ACC.BARRIERS") for code, terms in found.items()} == {
        code: {
            "code": "ACC.BARRIERS",
            "kind": "proportion",
            "numerator": f"(\"why\" = '{code}')",
            "denominator": "((\"why\" IN ('cost', 'none')) AND (NOT \"used\"))",
        }
        for code in ("cost", "none")
    }


def test_a_contrast_is_one_estimate_in_two_domains() -> None:
    of = Proportion(numerator="sad")
    items = plain(("sad", "bullied"))
    gap = lower_contrast(DifferenceOfDomains(of=of, first="bullied", second="NOT bullied"), items)
    ratio = lower_contrast(RatioOfDomains(of=of, first="bullied", second="NOT bullied"), items)

    assert (gap.how, ratio.how) == ("difference", "ratio")
    assert (
        text_of(gap.domain) == "(CASE WHEN \"bullied\" THEN 'first' WHEN (NOT \"bullied\") THEN 'second' ELSE NULL END)"
    )
    assert gap.terms.entry("X") == {"code": "X", "kind": "proportion", "numerator": '"sad"'}


def test_quantiles_and_ratios_keep_their_terms() -> None:
    items = plain(("a", "b"))

    assert lower(form(kind="quantile", variable="a", p=0.9, among="b"), items).entry("X") == {
        "code": "X", "kind": "quantile", "variable": '"a"', "where": '"b"', "p": 0.9,
    }  # fmt: skip
    assert lower(form(kind="ratio", numerator="a", denominator="b"), items).kind == "ratio"
    assert lower(form(kind="median", variable="a"), items).entry("X") == {
        "code": "X",
        "kind": "median",
        "variable": '"a"',
    }


@pytest.mark.parametrize("code", [one.code for one in load() if one.source_kind == "survey"])
def test_every_survey_indicator_becomes_what_a_description_takes(code: str) -> None:
    one = load()[code]
    items = plain(one.form.asked())
    entries: list[dict[str, Any]]
    match one.form:
        case Distribution():
            entries = [terms.entry(code) for terms in lower_categories(one.form, items).values()]
        case RatioOfDomains() | DifferenceOfDomains():
            entries = [lower_contrast(one.form, items).terms.entry(code)]
        case _:
            entries = [lower(one.form, items).entry(code)]
            assert entries[0]["kind"] == one.measure
    for entry in entries:
        Measured.model_validate(entry)
        for name in ("numerator", "denominator", "variable", "where"):
            if name in entry:
                parse(entry[name])


def test_what_is_no_survey_estimate_is_not_lowered() -> None:
    with pytest.raises(Refused, match="is not one estimate of a survey"):
        lower(load()["RSP.TAKEDOWN_MEDIAN"].form, {})


def test_an_item_without_a_meaning_is_refused() -> None:
    with pytest.raises(Refused, match='item "b" is not mapped'):
        lower(form(kind="proportion", numerator="a", denominator="b = 1"), plain(("a",)))


@pytest.mark.parametrize("text", ["a / b", "a % 2 = 1", "-a", "a BETWEEN 1 AND 3", "a IN (1, 2)", "a IS NULL", "COALESCE(a, 0)", "CASE WHEN a = 1 THEN 2 ELSE 3 END", '"odd name" = \'it\'\'s\'', "NOT (a = 1 OR b = 2) AND a <> 3"])  # fmt: skip
def test_a_text_written_from_an_expression_is_the_expression(text: str) -> None:
    assert parse(text_of(parse(text))) == parse(text)


def test_binding_replaces_items_and_nothing_else() -> None:
    assert (
        text_of(bind(parse("x = 1 AND y"), {"x": parse("q1 + 1"), "y": parse("q2 = 2")}))
        == '((("q1" + 1) = 1) AND ("q2" = 2))'
    )


def test_a_form_cannot_be_changed() -> None:
    one: Form = Composite(items=("a", "b"), rule="any")

    with pytest.raises(Exception, match="frozen"):
        one.rule = "all"  # type: ignore[misc]
