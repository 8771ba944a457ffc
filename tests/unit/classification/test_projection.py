"""A coder's answer in the codes of another version: never a guess, and scores that keep their sum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from cop.classification.coder.coding import Coded
from cop.classification.history import load_history
from cop.classification.projection import projection, to_scheme
from cop.classification.versions import Change, Changes, Entry, History, Kind, Version, Weights
from cop.kernel.errors import NotFound, Refused


def version(name: str, **urgency: int | None) -> Version:
    """A version of these codes with their urgencies, in which every code has its own name."""
    level = {1: "section", 3: "class", 4: "subclass"}
    above = {1: lambda _: None, 3: lambda c: c[0], 4: lambda c: c[:3]}
    entries = [Entry(c, level[len(c)], above[len(c)](c), c, u) for c, u in urgency.items()]  # type: ignore[arg-type]
    return Version(name, tuple(entries))


def change(kind: Kind, before: str, after: str, weights: Weights | None = None) -> Change:
    return Change(kind, tuple(before.split()), tuple(after.split()), {"en": "r"}, weights=weights)


OLD = version("1.0", A=None, A01=2, A02=1, A03=3, A04=3, B=None, B01=3)
NEW = version("2.0", A=None, A05=1, A06=3, A07=3, A08=2, B=None, B02=3, B03=3)
TWO_THIRDS = Weights({"A06": Fraction(2, 3), "A07": Fraction(1, 3)}, 30)
MADE = (
    change("merge", "A01 A02", "A05"),
    change("split", "A03", "A06 A07", TWO_THIRDS),
    change("new", "", "A08"),
    change("split", "B01", "B02 B03"),
    change("retired", "A04", ""),
)
HISTORY = History((OLD, NEW), (Changes(OLD, NEW, MADE),))


def coded(code: str, scheme: str, scores: dict[str, float] | None = None, *also: str) -> Coded:
    """An answer that a coder might give."""
    return Coded(code, code[0], 0.6, (code, *also), "auto", 2, "en", scheme, "coder-0", scores)


def test_the_draft_answers_with_the_same_codes() -> None:
    answer = coded("B01", "1.0-draft", {"B01": 0.6, "B02": 0.4}, "B02")

    assert to_scheme(replace(answer, urgency=1), "0.1") == replace(answer, urgency=1, scheme="0.1")


def test_every_leaf_of_the_present_version_has_a_sure_code_in_the_draft() -> None:
    history = load_history()
    ways = projection(history, "1.0", "0.1")
    listed = [code for code in history.version("1.0").by_code if code[1:] not in ("98", "99")]

    assert [(ways(code).code, ways(code).certain) for code in listed] == [(code, True) for code in listed]


def test_codes_that_fall_together_add_their_probabilities() -> None:
    answer = to_scheme(coded("A01", "1.0", {"A01": 0.5, "A02": 0.3, "B01": 0.2}, "A02", "B01"), "2.0", HISTORY)

    assert (answer.code, answer.section, answer.urgency, answer.scheme, answer.route) == ("A05", "A", 1, "2.0", "auto")
    assert answer.probability == pytest.approx(0.8)
    assert answer.class_set == ("A05", "B02", "B03")
    assert answer.scores == pytest.approx({"A05": 0.8, "B": 0.2})


def test_without_scores_the_code_is_the_same() -> None:
    answer = to_scheme(coded("A01", "1.0"), "2.0", HISTORY)

    assert (answer.code, answer.probability, answer.scores) == ("A05", 0.6, None)


def test_known_weights_divide_a_probability_and_never_choose_the_code() -> None:
    answer = to_scheme(coded("A03", "1.0", {"A03": 0.75, "A01": 0.25}), "2.0", HISTORY)

    assert (answer.code, answer.route, answer.urgency, answer.class_set) == ("A", "review", 3, ("A06", "A07"))
    assert answer.scores == pytest.approx({"A06": 0.5, "A07": 0.25, "A05": 0.25})


def test_a_code_that_was_merged_is_answered_by_what_holds_both_at_the_highest_urgency() -> None:
    answer = to_scheme(coded("A05", "2.0", {"A05": 1.0}), "1.0", HISTORY)

    assert (answer.code, answer.urgency, answer.route, answer.class_set) == ("A", 1, "review", ("A01", "A02"))
    assert answer.scores == {"A": 1.0}


def test_a_code_that_the_other_version_lacks_is_answered_by_its_section_and_keeps_its_urgency() -> None:
    answer = to_scheme(coded("A08", "2.0", {"A08": 1.0}), "1.0", HISTORY)

    assert (answer.code, answer.urgency, answer.route, answer.class_set) == ("A", 2, "review", ("A",))
    assert answer.scores == {"A": 1.0}


def test_scores_keep_their_sum() -> None:
    scores = {code: 0.125 for code in OLD.by_code if len(code) > 1} | {"A01": 0.5}
    found = projection(HISTORY, "1.0", "2.0").scores(scores)

    assert sum(found.values()) == pytest.approx(sum(scores.values()))


def test_where_no_code_holds_all_candidates_it_is_refused() -> None:
    new = version("2.0", A=None, A02=2, A03=3, A04=3, B=None, B01=3, B09=2, A09=2)
    old = version("1.0", A=None, A01=2, A02=2, A03=3, A04=3, B=None, B01=3)
    history = History((old, new), (Changes(old, new, (change("split", "A01", "A09 B09"),)),))
    with pytest.raises(Refused) as error:
        to_scheme(coded("A01", "1.0"), "2.0", history)

    assert str(error.value) == (
        'field code: "A01" has no code in version 2.0 (expected a person to choose among A09, B09)'
    )


def test_its_probability_beside_another_code_stays_under_its_own() -> None:
    new = version("2.0", A=None, A02=3, A09=2, B=None, B09=2)
    old = version("1.0", A=None, A01=2, A02=3, B=None)
    history = History((old, new), (Changes(old, new, (change("split", "A01", "A09 B09"),)),))
    answer = to_scheme(coded("A02", "1.0", {"A02": 0.75, "A01": 0.25}, "A01"), "2.0", history)

    assert (answer.scores, answer.class_set) == ({"A02": 0.75, "A01": 0.25}, ("A02", "A09", "B09"))


def test_what_there_is_not_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"there is no version 9\.9 of the classification"):
        to_scheme(coded("A01", "1.0"), "9.9", HISTORY)
    with pytest.raises(NotFound, match=r"A77 is no code of version 1\.0"):
        to_scheme(coded("A77", "1.0"), "2.0", HISTORY)
