"""The coder as it ships: its contract, whatever its quality, and floors under its quality."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.classification.coder import Coded, Coder
from cop.classification.coder.bulk import code_batches
from cop.classification.coder.calibration import Rule
from cop.classification.coder.coding import newest
from cop.classification.coder.model import read_model
from cop.classification.scheme import load_scheme
from cop.kernel.errors import NotFound, Refused

REPORTS = [
    "A man posing as fifteen chats with my daughter for weeks, sends gifts and asks her to keep him secret.",
    "Un élève crée un faux profil au nom de ma fille.",
    "Мальчик просит деньги на лутбоксы, потратил все карманные.",
    "孩子的游戏账号被盗了，密码也改了。",
    "ابنتي لا تنام بسبب اللعبة طوال الليل",
    "¿A partir de qué edad conviene el primer móvil?",
    "Minha filha não consegue entrar na sua conta e não sabe o que fazer",
    "",
    "   ",
    "12345 !!!",
]


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder.load()


def as_said(coded: Coded) -> tuple[object, ...]:
    return (coded.code, coded.probability, coded.class_set, coded.route, coded.urgency, coded.language, coded.scores)


def test_one_answer_per_text_in_order(coder: Coder) -> None:
    coded = coder.code(REPORTS)
    assert [c.language for c in coded] == ["en", "fr", "ru", "zh", "ar", "es", "und", "und", "und", "und"]
    assert [as_said(c) for c in coded] == [as_said(coder.code([text])[0]) for text in REPORTS]


def test_every_answer_keeps_the_contract(coder: Coder) -> None:
    scheme = load_scheme()
    assert (coder.scheme, coder.model) == (scheme.version, coder.folder.name)
    for coded in coder.code(REPORTS, all_scores=True):
        assert coded.scores is not None
        assert set(coded.scores) == set(scheme.leaves)
        assert sum(coded.scores.values()) == pytest.approx(1.0, abs=1e-9)
        assert coded.code == max(coded.scores, key=lambda c: coded.scores[c])
        assert coded.class_set[0] == coded.code
        assert (coded.section, coded.urgency) == (scheme.section(coded.code), scheme.urgency(coded.code))


def test_scores_are_given_only_when_asked_for(coder: Coder) -> None:
    assert set(coder.code(["text"])[0].as_json()) == {
        "code", "section", "probability", "class_set", "route", "urgency", "language", "scheme", "model",
    }  # fmt: skip
    assert "scores" in coder.code(["text"], all_scores=True)[0].as_json()


def test_a_text_without_a_letter_has_too_little_to_code_and_is_read_by_a_person(coder: Coder) -> None:
    for coded in coder.code(["", " \n", "123 ?!", "\u200b"]):
        assert (coded.code, coded.class_set, coded.route, coded.language) == ("Z04", ("Z04",), "review", "und")


def test_one_string_is_not_a_sequence_of_texts(coder: Coder) -> None:
    with pytest.raises(Refused, match="texts is one text"):
        coder.code("A report")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(REPORTS) | st.text(max_size=80), min_size=1, max_size=12), st.data())
def test_a_text_has_the_same_answer_in_any_company(texts: list[str], data: st.DataObject) -> None:
    coder = _loaded()
    place = data.draw(st.integers(0, len(texts) - 1))
    together = coder.code(texts, all_scores=True)[place]
    alone = coder.code([texts[place]], all_scores=True)[0]

    assert as_said(together) == as_said(alone)
    assert alone.code in alone.class_set


def _loaded(kept: list[Coder] = []) -> Coder:  # noqa: B006 - hypothesis wants no fixtures: one coder for the module
    kept[:] = kept or [Coder.load()]
    return kept[0]


@pytest.fixture(scope="module")
def rash(coder: Coder) -> Coder:
    """The same coder, but as sure of itself as the rules let it be: small sets, and everything allowed is closed."""
    model = read_model(coder.folder)
    eager = replace(model.calibration, thresholds=np.full(48, 0.3), rule=Rule(0.0))
    return Coder(replace(model, calibration=eager), coder.card, coder.folder)


def test_no_record_with_urgency_1_in_its_set_is_closed_even_by_a_rash_coder(rash: Coder, root: Path) -> None:
    urgency = {n.code: n.urgency for n in load_scheme().nodes}
    lines = [x for p in sorted((root / "corpus").glob("*.jsonl")) for x in p.read_text(encoding="utf-8").splitlines()]
    coded = rash.code([json.loads(line)["text"] for line in lines[::9]])

    assert sum(c.route == "auto" for c in coded) > 100
    assert sum(c.urgency == 1 for c in coded) > 100
    assert [c for c in coded if c.route == "auto" and 1 in {urgency[x] for x in c.class_set}] == []
    assert [c for c in coded if c.route == "auto" and len(c.class_set) > 1] == []


def test_a_text_without_a_letter_or_in_another_language_is_read_by_a_person(rash: Coder) -> None:
    foreign = "Mein Sohn spielt jede Nacht bis vier Uhr und schläft in der Schule ein, er kann nicht aufhören."
    own = "My son plays every night until four and sleeps at school, he cannot stop gaming, screen time all night."

    assert [c.route for c in rash.code([foreign, own, ""])] == ["review", "auto", "review"]


def test_processes_give_the_same_answers_in_order_and_read_ahead_by_little(coder: Coder) -> None:
    batches = [REPORTS[n % 5 : n % 5 + 3] for n in range(20)]
    taken: list[int] = []

    def source() -> Iterator[list[str]]:
        for number, batch in enumerate(batches):
            taken.append(number)
            yield batch

    answers = code_batches(source(), coder=coder, workers=2, all_scores=True)
    first = next(answers)
    ahead = len(taken)
    everything = [first, *answers]

    assert ahead <= 4
    assert everything == list(code_batches(batches, coder=coder, workers=1, all_scores=True))
    assert [len(a) for a in everything] == [len(b) for b in batches]


def test_few_texts_are_coded_here_without_starting_processes(coder: Coder) -> None:
    assert list(code_batches(iter([REPORTS, [], REPORTS[:1]]), coder=coder)) == [
        coder.code(REPORTS), [], coder.code(REPORTS[:1]),
    ]  # fmt: skip


def test_the_newest_coder_has_the_highest_number(tmp_path: Path) -> None:
    for name in ("coder-0.2", "coder-0.10", "coder-next", "other-9"):
        (tmp_path / name).mkdir()

    assert newest(tmp_path).name == "coder-0.10"
    with pytest.raises(NotFound, match="no trained coder"):
        newest(tmp_path / "coder-0.2")


def test_the_model_is_small_and_its_card_fits_the_corpus(coder: Coder, root: Path) -> None:
    assert sum(p.stat().st_size for p in coder.folder.iterdir()) < 40_000_000
    assert {p.suffix for p in coder.folder.iterdir()} == {".json", ".npz", ".md"}
    texts = sum(len(p.read_text(encoding="utf-8").splitlines()) for p in (root / "corpus").glob("*.jsonl"))
    assert coder.card["data"]["texts"] == texts
    assert coder.card["measures"]["urgency_1_lost_share"] <= 0.01


def test_quality_on_independent_summaries_stays_above_its_floors(coder: Coder, shared: Path) -> None:
    path = shared / "data" / "threats" / "report_summaries_dev.jsonl"
    gold = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    coded = coder.code([g["text"] for g in gold])
    right = [{g["code"], *g["alternatives"]} for g in gold]

    def share(flags: list[bool]) -> float:
        return sum(flags) / len(gold)

    assert share([c.code in r for c, r in zip(coded, right, strict=True)]) >= LEAF
    assert share([c.section in {x[0] for x in r} for c, r in zip(coded, right, strict=True)]) >= SECTION
    assert share([bool(r & set(c.class_set)) for c, r in zip(coded, right, strict=True)]) >= 0.88
    assert share([c.language == g["language"] for c, g in zip(coded, gold, strict=True)]) >= 0.98


LEAF, SECTION = 0.86, 0.89
"""A little under what was measured when the model was trained."""
