"""Training on a tiny part of the corpus: the same bytes twice, and a model that reads back as it was written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cop.classification.coder import train as training
from cop.classification.coder.card import as_markdown
from cop.classification.coder.corpus import Summary, held_out, passages, read_corpus
from cop.classification.coder.features import Batch
from cop.classification.coder.fitting import balanced, class_kernel, fit
from cop.classification.coder.linear import Settings
from cop.classification.coder.model import FILES, Model, read_model, write_model
from cop.classification.coder.train import Recipe
from cop.classification.coder.tuning import Tuning
from cop.classification.scheme import load_scheme
from cop.kernel.errors import NotFound, Refused

TEXTS = ["Someone stole her account.", "他被勒索了", "loot boxes and gambling", ""]
Written = tuple[Model, dict[str, object], Path]


def tiny(root: Path) -> tuple[Model, dict[str, object]]:
    scheme = load_scheme()
    short = [s for s in read_corpus(root / "corpus", scheme) if len(s.text) < 90 and s.language in {"en", "zh"}]
    corpus = [s for s in short if s.writer in {"w00", "w01", "w02"}][::3]
    notes = [p for p in passages(scheme) if p.kind == "name" and p.language in {"en", "zh"}]
    recipe = Recipe(Tuning(epochs=1, batch=64), Settings(steps=8))
    return training.train(corpus, scheme, name="coder-0.0", notes=notes, recipe=recipe)


@pytest.fixture(scope="module")
def written(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    model, card = tiny(root)
    folder = tmp_path_factory.mktemp("models") / "coder-0.0"
    write_model(model, folder)
    return model, card, folder


def test_training_twice_gives_the_same_bytes(written: Written, root: Path, tmp_path: Path) -> None:
    model, card = tiny(root)
    write_model(model, tmp_path)

    assert card == written[1]
    assert [name for name in FILES if (tmp_path / name).read_bytes() != (written[2] / name).read_bytes()] == []


def test_a_model_reads_back_with_scores_as_near_as_its_bits_allow(written: Written) -> None:
    model, _, folder = written
    batch = Batch(tuple(TEXTS), ("en", "zh", "en", "und"))
    expected, back = model.scores(batch), read_model(folder)

    assert np.abs(back.scores(batch) - expected).max() < 0.05 * np.abs(expected).max()
    quick = model.fast.scores(TEXTS, model.vocabulary)
    assert np.abs(back.fast.scores(TEXTS, back.vocabulary) - quick).max() < 0.05 * np.abs(quick).max()
    assert back.calibration.as_json() == model.calibration.as_json()
    assert back.fast.calibration.as_json() == model.fast.calibration.as_json()


@pytest.mark.parametrize(
    ("field", "message"),
    [("concepts_sha256", "another list of concepts"), ("vocabulary_sha256", "another table of word pieces")],
)
def test_a_model_trained_over_something_else_is_refused(
    field: str, message: str, written: Written, tmp_path: Path
) -> None:
    facts = json.loads((written[2] / "model.json").read_text(encoding="utf-8"))
    for name in FILES:
        (tmp_path / name).write_bytes((written[2] / name).read_bytes())
    (tmp_path / "model.json").write_text(json.dumps({**facts, field: "0"}), encoding="utf-8")

    with pytest.raises(Refused, match=message):
        read_model(tmp_path)


def test_a_folder_without_weights_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"lacks model\.json"):
        read_model(tmp_path)


def test_the_card_names_its_data_and_every_figure(written: Written) -> None:
    card = written[1]
    page = as_markdown(card)

    assert {"model", "scheme", "trained", "languages", "data", "parts", "measures", "attribution", "limits"} <= set(
        card
    )
    assert "| leaf accuracy by language: zh |" in page
    assert "| set coverage |" in page


ONE = Summary("B01-en-w01-1", "B01", (), "en", False, "parent", "w01", "A report.")


def test_every_fourth_writer_is_held_out_but_never_the_largest_nor_the_desk() -> None:
    sizes = {"w00": 9, "w01": 2, "w02": 2, "w03": 2, "w04": 2, "w05": 2, "reviews": 5}
    corpus = [replace(ONE, writer=w, id=f"B01-en-{w}-{n}") for w, size in sizes.items() for n in range(size)]

    assert {s.writer for s, out in zip(corpus, held_out(corpus), strict=True) if out} == {"w04"}


def test_of_one_writer_whole_ideas_are_held_out() -> None:
    corpus = [replace(ONE, language=x, id=f"B01-{x}-{n}") for n in range(50) for x in ("en", "fr")]
    out = held_out(corpus)

    assert 0 < out.sum() < 50
    assert len({(s.idea, o) for s, o in zip(corpus, out.tolist(), strict=True)}) == 50


def test_the_dual_fit_equals_gradient_descent_on_the_weights() -> None:
    rng = np.random.default_rng(0)
    texts, labels = rng.normal(size=(40, 5)), rng.integers(0, 3, 40)
    weights, penalty = balanced(labels, rng.uniform(0.5, 1, 40), 3), 0.5
    dual = fit((texts @ texts.T).astype(np.float32), labels, weights, np.eye(3), penalty=penalty, steps=500)

    primal = np.zeros((5, 3))
    for _ in range(20_000):
        scores = texts @ primal
        chances = np.exp(scores - scores.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        primal -= 0.01 * (texts.T @ (weights[:, None] * (chances - np.eye(3)[labels])) + penalty * primal)

    assert texts.T @ dual == pytest.approx(primal, abs=2e-3)


def test_balance_gives_every_code_the_same_weight() -> None:
    labels = np.array([0, 0, 0, 2])
    balance = balanced(labels, np.array([1.0, 1.0, 2.0, 1.0]), 3)

    assert np.bincount(labels, balance) == pytest.approx([2.5, 0.0, 2.5])


def test_what_is_learnt_of_a_class_is_lent_to_its_section_and_more_to_its_siblings() -> None:
    kernel = class_kernel(["B01", "B031", "B032", "C01"], section=0.5, parent=0.5)

    assert kernel[1].tolist() == [0.25, 1.0, 0.5, 0.0]
