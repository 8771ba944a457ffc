"""The fast tier: it answers only what its rule closes, and the whole model sees the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cop.classification.coder import Coder
from cop.classification.coder.calibration import Calibration, Rule
from cop.classification.coder.encoder import vocabulary
from cop.classification.coder.fast import FastTier, fit_fast

CODES = ("B01", "G01", "H01")
TEXTS = [
    f"{who} {what}"
    for who in ("My son", "A pupil", "The girl", "Our player", "A boy")
    for what in (
        "was asked by a grown man to keep their chats secret.",
        "lost his coins to a fake giveaway.",
        "plays every night until four and cannot stop.",
    )
]
LABELS = np.arange(len(TEXTS)) % 3


@pytest.fixture(scope="module")
def tier() -> FastTier:
    columns, idf, weights = fit_fast(TEXTS, LABELS, np.ones(len(TEXTS)), CODES, vocabulary())
    return FastTier(columns, idf, weights, Calibration({"und": 0.2}, np.full(3, 0.4), Rule(0.5)))


def test_the_classes_of_its_texts_are_told_apart(tier: FastTier) -> None:
    assert tier.scores(TEXTS, vocabulary()).argmax(axis=1).tolist() == LABELS.tolist()


def test_it_never_answers_with_a_class_of_urgency_1(tier: FastTier) -> None:
    urgent = np.array([True, False, False])
    probability, members, answered = tier.answers(TEXTS, vocabulary(), urgent)

    assert probability.sum(axis=1) == pytest.approx(1.0)
    assert answered.any()
    assert not answered[LABELS == 0].any()
    assert (members[answered].sum(axis=1) == 1).all()


def test_it_takes_no_record_out_of_the_counts_by_itself() -> None:
    model = Coder.load().fitted
    reserved = {code for code, kept in zip(model.codes, model.reserved, strict=True) if kept}

    assert {code for code in model.codes if code.startswith("Z")} <= reserved
    assert {code for code, urgency in zip(model.codes, model.urgency, strict=True) if urgency == 1} <= reserved
    assert 0 < len(reserved) < len(model.codes)


def test_without_a_rule_it_answers_nothing(tier: FastTier) -> None:
    silent = replace(tier, calibration=replace(tier.calibration, rule=Rule(None)))
    assert not silent.answers(TEXTS, vocabulary(), np.zeros(3, bool))[2].any()


def test_a_text_has_the_same_scores_in_any_company(tier: FastTier) -> None:
    together = tier.scores(TEXTS, vocabulary())
    assert [np.array_equal(tier.scores([t], vocabulary())[0], together[n]) for n, t in enumerate(TEXTS)] == [True] * 15


def test_the_cascade_closes_what_the_tier_answers_and_leaves_the_rest_as_it_is() -> None:
    coder = Coder.load()
    texts = ["Kids told to buy loot boxes, casino stream shows children betting skins", "help", "他一直玩游戏到四点"]
    slow, quick = coder.code(texts), Coder.load(fast=True).code(texts)
    answered = coder.fitted.fast.answers(texts, vocabulary(), coder.fitted.reserved)[2]

    assert [q.route for q, a in zip(quick, answered, strict=True) if a] == ["auto"] * int(answered.sum())
    assert [q for q, a in zip(quick, answered, strict=True) if not a] == [
        s for s, a in zip(slow, answered, strict=True) if not a
    ]
