"""Tuning: it starts from the encoder that is used, learns, and repeats itself."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from cop.classification.coder import tuning
from cop.classification.coder.encoder import LAYERS, POOLED, WIDTH, Encoder, vocabulary
from cop.classification.coder.tuning import Tuned, Tuning, tune

TEXTS = [
    f"{who} {what}"
    for who in ("My son", "A pupil of mine", "The girl next door", "Our player", "A boy of eleven", "This child")
    for what in ("lost his coins to a fake giveaway.", "plays every night until four and cannot stop.")
]
LABELS = np.arange(len(TEXTS)) % 2


def tuned(seed: int = 0) -> Tuned:
    how = Tuning(epochs=8, batch=4, head_rate=0.05)
    return tune(TEXTS, LABELS, np.ones(len(TEXTS)), 2, vocabulary=vocabulary(), settings=how, seed=seed)


@pytest.fixture(scope="module")
def found() -> Tuned:
    return tuned()


def test_what_is_differentiated_is_what_codes_reports() -> None:
    reading = tuning._Reading(
        TEXTS, LABELS, np.ones(len(TEXTS)), vocabulary(), Tuning(batch=len(TEXTS), dropped_pieces=0.0)
    )
    [examples] = reading.epoch(np.random.default_rng(0))
    sums, directions = tuning._forward(
        vocabulary().layers, examples.vectors, examples.mask, (jax.random.PRNGKey(0), 1.0)
    )
    expected = Encoder(vocabulary().layers, vocabulary()).encode(TEXTS)
    order = np.lexsort(np.asarray(directions).T), np.lexsort(expected[1].T)

    assert np.asarray(sums)[order[0]] == pytest.approx(expected[0][order[1]], abs=1e-4)
    assert np.asarray(directions)[order[0]] == pytest.approx(expected[1][order[1]], abs=1e-4)


def test_two_classes_are_told_apart(found: Tuned) -> None:
    sums, directions = found.encoder.encode(TEXTS)
    scores = np.hstack([sums, directions, np.ones((len(TEXTS), 1), np.float32)]) @ found.weights

    assert found.weights.shape == (POOLED + WIDTH + 1, 2)
    assert scores.argmax(axis=1).tolist() == LABELS.tolist()


def test_the_layers_move_and_the_pieces_stay(found: Tuned) -> None:
    moved = [name for name in LAYERS if not np.array_equal(found.encoder.layers[name], vocabulary().layers[name])]
    assert moved == list(LAYERS)
    assert found.encoder.vocabulary is vocabulary()


def test_the_same_seed_gives_the_same_layers_and_another_gives_others(found: Tuned) -> None:
    again, other = tuned(), tuned(seed=1)

    assert np.array_equal(again.weights, found.weights)
    assert [np.array_equal(again.encoder.layers[n], found.encoder.layers[n]) for n in LAYERS] == [True] * len(LAYERS)
    assert not np.array_equal(other.weights, found.weights)


def test_progress_counts_every_batch() -> None:
    told: list[int] = []

    class Counting:
        def total(self, units: int) -> None:
            told.append(units)

        def advance(self, units: int = 1) -> None:
            told[0] -= units

    how = Tuning(epochs=2, batch=5)
    tune(TEXTS, LABELS, np.ones(12), 2, vocabulary=vocabulary(), settings=how, progress=Counting())
    assert told == [0]
