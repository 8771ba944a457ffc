"""Champion and challenger: who is accepted, who is refused and why, and which samples cannot tell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.classification.coder.challenge import Acceptance, Comparison, as_table, compare
from cop.classification.coder.coding import Coded
from cop.classification.coder.reviews import Answer, Review
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import Refused

SCHEME: Scheme = load_scheme()
URGENT = [code for code in SCHEME.leaves if SCHEME.urgency(code) == 1]
PLAIN = [code for code in SCHEME.leaves if SCHEME.urgency(code) in (2, 3)]


def sample(n: int = 1500, *, urgent: float = 0.2, languages: tuple[str, ...] = ("en", "fr", "ar")) -> list[Review]:
    """Audit records of which a share is urgent, auto records drawn half as often as those for review."""
    random = np.random.default_rng(n)
    found: list[Review] = []
    for number in range(n):
        code = str(random.choice(URGENT if random.random() < urgent else PLAIN))
        route: Any = "auto" if random.random() < 0.5 else "review"
        found.append(
            Review(
                id=f"r{number}", text="", language=languages[number % len(languages)],
                answer=Answer(code, 0.7, (code,), route, "coder-1.0"), code=code, reviewer="9f86d081",
                date=date(2026, 3, 1), outcome="adjudicated", audit=True, weight=20.0 if route == "auto" else 10.0,
            )
        )  # fmt: skip
    return found


def coder(reviews: list[Review], right: list[bool], name: str, probability: float = 0.8) -> list[Coded]:
    """A coder that has these records right; where it errs it stays in the section's urgency, if it can."""
    found: list[Coded] = []
    for review, good in zip(reviews, right, strict=True):
        alike = [c for c in (URGENT if review.code in URGENT else PLAIN) if c != review.code]
        code = review.code if good else next((c for c in alike if c[0] == review.code[0]), alike[0])
        urgency = SCHEME.urgency(code)
        found.append(Coded(code, code[0], probability, (code,), "auto", urgency, "en", SCHEME.version, name))
    return found


def hits(n: int, share: float, seed: int) -> list[bool]:
    return (np.random.default_rng(seed).random(n) < share).tolist()


def judged(change: Any = None, *, n: int = 1500, **given: Any) -> Comparison:
    """A champion that has 80 % right, and a challenger that differs as `change(right)` says."""
    reviews = sample(n)
    right = hits(n, 0.8, 1)
    other = change(reviews, list(right)) if change else list(right)
    return compare(
        reviews, coder(reviews, right, "coder-1.0"), coder(reviews, other, "coder-1.1", given.pop("probability", 0.8)),
        SCHEME, **given,
    )  # fmt: skip


def flipped(share: float, *, to: bool, language: str | None = None) -> Any:
    def change(reviews: list[Review], right: list[bool]) -> list[bool]:
        drawn = hits(len(right), share, 2)
        return [
            to if d and (language is None or r.language == language) else g
            for r, g, d in zip(reviews, right, drawn, strict=True)
        ]

    return change


def test_a_coder_is_as_good_as_itself() -> None:
    found = judged()

    assert found.accepted
    assert found.leaf == found.section.__class__(0.0, 0.0, 0.0, 0, 0, 1.0)
    assert found.champion == replace(found.challenger, model="coder-1.0")
    assert [r.met for r in found.reasons] == [True] * 7


def test_a_better_challenger_is_accepted() -> None:
    found = judged(flipped(0.3, to=True), probability=0.86)

    assert found.accepted
    assert found.leaf.value > 0.03
    assert found.leaf.low > 0
    assert (found.leaf.only_champion, found.leaf.only_challenger > 50) == (0, True)
    assert found.leaf.p < 1e-6
    assert as_table(found)[-1] == "accepted"


def test_a_worse_challenger_is_refused_with_every_reason() -> None:
    found = judged(flipped(0.15, to=False))

    assert not found.accepted
    assert {r.condition for r in found.reasons if r.met is False} == {
        "accuracy", "accuracy in ar", "accuracy in en", "accuracy in fr", "calibration error",
    }  # fmt: skip
    assert found.against[0].startswith(f"accuracy changes by {found.leaf.value:+.3f} (")
    assert found.against[0].endswith("not shown to be within the margin of 0.030")
    assert as_table(found)[-1] == "NOT accepted"


def test_a_challenger_that_gains_overall_but_fails_one_language_is_refused() -> None:
    def change(reviews: list[Review], right: list[bool]) -> list[bool]:
        better = flipped(0.6, to=True)(reviews, right)
        return flipped(0.3, to=False, language="ar")(reviews, better)

    found = judged(change)

    assert found.leaf.value > 0
    assert {r.condition for r in found.reasons if r.met is False} == {"accuracy in ar"}


def test_a_language_with_few_records_is_said_to_be_unjudged() -> None:
    reviews = [replace(r, language="zh") if n < 20 else r for n, r in enumerate(sample())]
    right = hits(len(reviews), 0.8, 1)
    found = compare(reviews, coder(reviews, right, "a"), coder(reviews, right, "b"), SCHEME)

    assert found.accepted
    [reason] = [r for r in found.reasons if r.met is None]
    assert reason.words == "accuracy in zh is not judged: 20 records of 30"


def test_losing_one_urgent_record_is_enough_to_refuse() -> None:
    reviews = sample()
    right = hits(len(reviews), 0.8, 1)
    challenger = coder(reviews, right, "b")
    place = next(n for n, r in enumerate(reviews) if r.code in URGENT)
    challenger[place] = replace(challenger[place], code=PLAIN[0], section=PLAIN[0][0], urgency=2)
    found = compare(reviews, coder(reviews, right, "a"), challenger, SCHEME)

    assert [r.condition for r in found.reasons if r.met is False] == ["recall of urgency 1"]
    assert found.against == (f"recall of urgency 1 goes from 1.000 to {found.challenger.urgency_recall:.3f}",)


def test_without_an_urgent_record_nothing_is_known_of_them_and_that_refuses() -> None:
    reviews = sample(urgent=0)
    right = hits(len(reviews), 0.8, 1)
    found = compare(reviews, coder(reviews, right, "a"), coder(reviews, right, "b"), SCHEME)

    assert found.against == ("recall of urgency 1 cannot be seen: no audit record is of urgency 1",)


def test_a_coder_too_sure_of_itself_is_refused() -> None:
    found = judged(probability=0.99)

    assert [r.condition for r in found.reasons if r.met is False] == ["calibration error"]
    assert found.against[0].startswith(f"calibration error is {found.challenger.calibration_error:.3f}, bound 0.050")


def test_a_sample_too_small_to_tell_is_refused_with_its_power_and_what_it_needs() -> None:
    with pytest.raises(Refused) as refused:
        judged(lambda reviews, right: [not g if n % 5 == 0 else g for n, g in enumerate(right)], n=200)

    said = str(refused.value)
    assert said.startswith(
        "the audit sample of 200 records is too small to tell: it would show a coder that is as good to be not worse "
        "by 3% with a power of 0."
    )
    assert "(expected a power of 0.80, which needs some 1," in said


def test_what_is_said_to_be_needed_is_what_is_needed() -> None:
    def change(reviews: list[Review], right: list[bool]) -> list[bool]:
        return [g != (n % 10 == 0) for n, g in enumerate(right)]

    powers = [judged(change, n=n, rule=Acceptance(power=0.0)).power for n in (300, 600, 1200)]
    assert powers == sorted(powers)
    with pytest.raises(Refused) as refused:
        judged(change, n=300)
    needed = int(str(refused.value).rpartition("some ")[2].split()[0].replace(",", ""))
    assert judged(change, n=int(needed * 1.05)).power >= 0.8


def test_coders_of_two_versions_of_the_classification_are_not_compared() -> None:
    reviews = sample(300)
    answers = coder(reviews, [True] * 300, "a")

    with pytest.raises(Refused, match=r"the coders give codes of versions .* and 9\.9 of the classification"):
        compare(reviews, answers, [replace(a, scheme="9.9") for a in answers], SCHEME)


def test_the_margins_decide() -> None:
    change = flipped(0.02, to=False)
    strict = judged(change, rule=Acceptance(accuracy=0.01, power=0.0))

    assert judged(change).accepted
    assert [r.condition for r in strict.reasons if r.met is False] == ["accuracy"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**16), st.randoms())
def test_figures_do_not_depend_on_the_order_of_records(seed: int, random: Any) -> None:
    reviews = sample(120)
    old, new = (coder(reviews, hits(120, 0.8, seed + k), name) for k, name in enumerate("ab"))
    mixed = random.sample(range(120), 120)
    rule = Acceptance(power=0.0)
    one = compare(reviews, old, new, SCHEME, rule=rule, draws=10)
    two = compare(
        [reviews[i] for i in mixed], [old[i] for i in mixed], [new[i] for i in mixed], SCHEME, rule=rule, draws=10
    )

    assert (one.champion, one.challenger, one.languages, one.power) == (
        two.champion,
        two.challenger,
        two.languages,
        two.power,
    )
    assert (one.leaf.value, one.leaf.p) == (two.leaf.value, two.leaf.p)


def test_the_comparison_is_seeded_and_plain_json() -> None:
    one, two = judged(flipped(0.1, to=True)), judged(flipped(0.1, to=True))
    facts = json.loads(json.dumps(one.as_json()))

    assert one.as_json() == two.as_json()
    assert (facts["accepted"], facts["records"], facts["rule"]["accuracy"]) == (True, 1500, 0.03)
    assert facts["effective"] == pytest.approx(1500 * 0.9, rel=0.02)  # 10 and 20, half each: Kish's (15 / 250**.5) ** 2
