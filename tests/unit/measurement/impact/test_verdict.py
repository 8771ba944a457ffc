"""Verdicts by rule: each class, each gate, and a page that names what it rests on."""

from __future__ import annotations

import json
import math
import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop.measurement.impact import sentences
from cop.measurement.impact.description import Programme
from cop.measurement.impact.evaluate import METHODS, Judged
from cop.measurement.impact.findings import Alternative, Check, Effect, Findings, Robustness, normal_effect
from cop.measurement.impact.page import page
from cop.measurement.impact.rules import CheckName, Class, Fact, Thresholds, load
from cop.measurement.impact.verdict import judge

Described = Callable[..., Programme]
RULES = load()
TWO = {"method": "two-period", "treated": ["A"]}
DATA = "u,t,y\nA,2020,1\nA,2021,1\nB,2020,1\nB,2021,1\n"
PASSED = (
    Check("units", True, {"treated": 9, "untreated": 9}),
    Check("pretrend", True, {"p": 0.4, "wald": 1.0, "tested": 2}),
)
NOTES = {"units": 18, "rows": 90, "left_out": 0, "inference": "clustered"}


def findings(
    estimate: float, se: float, checks: tuple[Check, ...] = PASSED, alternatives: tuple[Alternative, ...] = ()
) -> Findings:
    effect = normal_effect("difference", estimate, se, level=0.95)
    return Findings(
        "two-period", effect, checks, alternatives, 2.8 * se, Robustness(((0.0, -1, 1), (0.5, -2, 2)), 0.4), {}, NOTES
    )


@pytest.fixture
def programme(described: Described) -> Programme:
    return described(DATA, TWO, start="2021")  # less is better, and 1 point matters


@pytest.mark.parametrize(
    ("estimate", "se", "verdict"),
    [
        (-2.0, 0.5, "worked"),
        (2.0, 0.5, "harm"),
        (-0.2, 0.3, "no-effect"),  # at best -0.79: less than what matters
        (0.5, 0.4, "no-effect"),
        (-0.8, 0.5, "cannot-tell"),  # from -1.78 to +0.18
        (0.0, 2.0, "cannot-tell"),
    ],
)
def test_the_interval_and_what_matters_decide(estimate: float, se: float, verdict: Class, programme: Programme) -> None:
    assert judge(programme, findings(estimate, se), RULES).verdict == verdict


def test_where_more_is_better_the_direction_turns(described: Described) -> None:
    more = described(DATA, TWO, start="2021", outcome={"better": "higher"})

    assert judge(more, findings(2.0, 0.5), RULES).verdict == "worked"
    assert judge(more, findings(-2.0, 0.5), RULES).verdict == "harm"
    assert judge(more, findings(-0.5, 0.4), RULES).verdict == "no-effect"


@pytest.mark.parametrize(("passed", "sentence"), [(False, "failed.pretrend"), (None, "missing.pretrend")])
def test_without_parallel_paths_before_nothing_can_be_told(
    passed: bool | None, sentence: str, described: Described
) -> None:
    checks = (PASSED[0], Check("pretrend", passed, {"p": 0.001, "tested": 2}))
    observed, drawn = (described(DATA, TWO | {"assigned": by}, start="2021") for by in ("observed", "random"))
    found = judge(observed, findings(-2.0, 0.5, checks), RULES)

    assert found.verdict == "cannot-tell"
    assert [reason.sentence for reason in found.reasons] == [sentence]
    assert "change.pretrend" in [change.sentence for change in found.changes]
    assert judge(drawn, findings(-2.0, 0.5, checks), RULES).verdict == "worked", "chance decided who got it"


def test_a_result_that_does_not_hold_otherwise_cannot_be_told(programme: Programme) -> None:
    turned = (Alternative("without", "B", 0.1, -1, 1.2), Alternative("without", "C", -2.1, -3, -1))
    weak = tuple(Alternative("without", c, -1.0, -2.5, 0.5) for c in "BCD")
    firm = (*weak[:1], *(Alternative("without", c, -2.0, -3, -1) for c in "EFG"))

    for alternatives, verdict in ((turned, "cannot-tell"), (weak, "cannot-tell"), (firm, "worked")):
        found = judge(programme, findings(-2.0, 0.5, alternatives=alternatives), RULES)
        assert found.verdict == verdict
    assert found.changes[1].figures["listed"] == [weak[0]], "the one whose interval includes zero is named"


def test_counts_matter_in_percent(described: Described) -> None:
    programme = described("t,y,p\n2020,1,1\n2021,1,1\n", {"method": "interrupted"}, start="2021",
                          outcome={"kind": "count", "population": "p", "matters": 10.0})  # fmt: skip
    notes = NOTES | {"dispersion": 1.0, "autocorrelation_p": 0.5, "inference": "widest"}
    points = (Check("points_before", True, {"points": 30}), Check("points_after", True, {"points": 30}),
              Check("placebo_start", True, {"p": 0.5, "start": "2020"}))  # fmt: skip

    def verdict(estimate: float, se: float) -> str:
        effect = normal_effect("ratio", math.log(estimate), se, level=0.95)
        found = Findings("interrupted", effect, points, (), 2.8 * se, None, {}, notes)
        judged = judge(programme, found, RULES)
        page(programme, found, judged, RULES)
        return judged.verdict

    assert verdict(0.8, 0.05) == "worked"
    assert verdict(0.98, 0.03) == "no-effect", "at best 7.6 % lower"
    assert verdict(0.95, 0.04) == "cannot-tell", "at best 12 % lower"
    assert verdict(1.2, 0.05) == "harm"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.floats(-10, 10).filter(lambda v: abs(v) > 1e-6), st.floats(0.01, 5), st.sampled_from([True, False, None]),
    st.lists(st.floats(-10, 10), max_size=3),
)  # fmt: skip
def test_every_page_says_its_verdict_and_what_would_change_it(
    programme: Programme, estimate: float, se: float, passed: bool | None, others: list[float]
) -> None:
    alternatives = tuple(Alternative("without", "B", one, one - 1, one + 1) for one in others)
    checks = (PASSED[0], Check("pretrend", passed, {"p": 0.2, "tested": 2}))
    found = findings(estimate, se, checks, alternatives)
    judged = judge(programme, found, RULES)
    text = page(programme, found, judged, RULES)

    assert judged.reasons and judged.changes
    assert f"**{sentences.VERDICTS[judged.verdict]}.**" in text
    for heading in ("why", "change", "checks", "limits"):
        assert f"## {sentences.HEADINGS[heading]}" in text
    assert "{" not in text and "nan" not in text
    assert "was named as the smallest that matters" in text, "power is always shown"
    assert len(text.splitlines()) <= 70, "one page"
    if judged.verdict in {"worked", "harm"}:
        assert passed is True and found.effect.excludes_zero
        assert all(one * estimate > 0 for one in others)


def test_code_and_data_name_the_same_things(root: Path) -> None:
    schema = json.loads((root / "catalogue/impact/verdict.schema.json").read_text())
    facts = schema["properties"]["rules"]["items"]["properties"]["when"]["items"]["enum"]
    classes = schema["properties"]["rules"]["items"]["properties"]["verdict"]["enum"]

    assert set(schema["$defs"]["check"]["enum"]) == set(get_args(CheckName))
    assert set(facts) == set(get_args(Fact))
    assert set(classes) == set(get_args(Class)) == set(sentences.VERDICTS)
    assert set(schema["properties"]["thresholds"]["properties"]) == set(Thresholds.__dataclass_fields__)
    assert set(RULES.needed) == set(METHODS) == set(sentences.METHODS) == set(sentences.LIMITS)
    assert RULES.rules[-1].when == (), "the last rule always holds"


def test_every_check_has_its_sentences_and_they_hold_the_same_figures() -> None:
    needed = {name for names in RULES.needed.values() for name in names}

    assert set(sentences.CHECKS) == set(sentences.RESULTS) == set(get_args(CheckName))
    for name in needed:
        for sentence in (f"failed.{name}", f"missing.{name}"):
            assert sentence in sentences.REASONS
        assert f"change.{name}" in sentences.CHANGES
    tables = (sentences.VERDICTS, sentences.HEADINGS, sentences.LABELS, sentences.EFFECTS, sentences.REASONS, sentences.CHANGES,
              sentences.CHECKS, sentences.RESULTS, sentences.WAYS, sentences.LIMITS)  # fmt: skip
    for table in tables:
        for text in table.values():
            assert all(field is None or field.isidentifier() for _, field, _, _ in string.Formatter().parse(text))


def test_a_translation_goes_through_every_sentence(programme: Programme) -> None:
    found = findings(-2.0, 0.5)
    seen: set[str] = set()

    def translate(message: str) -> str:
        seen.add(message)
        return f"«{message}»"

    text = page(programme, found, judge(programme, found, RULES), RULES, translate=translate)

    assert sentences.VERDICTS["worked"] in seen and sentences.LIMITS["two-period"] in seen
    assert "«It worked»" in text and "«Why this verdict»" in text


def test_words_of_the_description_stay_words(described: Described) -> None:
    programme = described(
        DATA, TWO, start="2021", title="# <b>Big</b> | *plan*", what="line one\n\n## Verdict: it worked"
    )
    found = findings(0.0, 2.0)
    text = page(programme, found, judge(programme, found, RULES), RULES)

    assert text.splitlines()[0] == "# \\# \\<b\\>Big\\</b\\> \\| \\*plan\\*"
    assert "\n## Verdict" not in text


def test_the_document_holds_all_and_no_infinite_number(programme: Programme) -> None:
    found = findings(-2.0, 0.5)
    open_ended = replace(found, effect=Effect("difference", -2.0, -math.inf, -0.5, None, 0.03, 0.95), robustness=None)
    document = Judged(programme, RULES, open_ended, judge(programme, open_ended, RULES)).document()

    written = json.loads(json.dumps(document, allow_nan=False))
    assert written["effect"]["low"] is None and written["effect"]["shown"]["high"] == -0.5
    assert written["verdict"] == "worked" and written["rules"]["id"] == "verdict-1"
    assert {"checks", "alternatives", "detectable", "reasons", "changes", "programme"} <= set(written)
    assert "without a lower end" in page(programme, open_ended, judge(programme, open_ended, RULES), RULES)
