"""Training on a tiny part of the corpus: the same bytes twice, and a model that reads back as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cop.classification.coder import train as training
from cop.classification.coder.card import as_markdown
from cop.classification.coder.corpus import passages, read_corpus
from cop.classification.coder.crossfit import Settings
from cop.classification.coder.features import Batch
from cop.classification.coder.fitting import balanced, class_kernel, fit
from cop.classification.coder.model import Model, read_model, write_model
from cop.classification.coder.posts import read_posts
from cop.classification.scheme import load_scheme
from cop.kernel.errors import NotFound, Refused

TEXTS = ["Someone stole her account.", "他被勒索了", "loot boxes and gambling", ""]


def tiny(root: Path) -> tuple[Model, dict[str, object]]:
    scheme = load_scheme()
    corpus = [s for s in read_corpus(root / "corpus", scheme) if s.id.endswith(("-01", "-02"))]
    notes = [p for p in passages(scheme) if p.kind in {"definition", "example"}]
    return training.train(corpus, scheme, name="coder-0.0", notes=notes, settings=Settings(steps=8))


@pytest.fixture(scope="module")
def written(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, dict[str, object], Path]:
    model, card = tiny(root)
    folder = tmp_path_factory.mktemp("models") / "coder-0.0"
    write_model(model, folder)
    return model, card, folder


def test_training_twice_gives_the_same_bytes(
    written: tuple[Model, dict[str, object], Path], root: Path, tmp_path: Path
) -> None:
    model, card = tiny(root)
    write_model(model, tmp_path)

    assert card == written[1]
    for name in ("weights.npz", "model.json"):
        assert (tmp_path / name).read_bytes() == (written[2] / name).read_bytes()


def test_a_model_reads_back_with_scores_as_near_as_eight_bits_allow(
    written: tuple[Model, dict[str, object], Path],
) -> None:
    model, _, folder = written
    batch = Batch(tuple(TEXTS), ("en", "zh", "en", "und"))
    expected = model.scores(batch)

    assert np.abs(read_model(folder).scores(batch) - expected).max() < 0.05 * np.abs(expected).max()


def test_a_model_trained_with_another_list_of_concepts_is_refused(
    written: tuple[Model, dict[str, object], Path], tmp_path: Path
) -> None:
    facts = json.loads((written[2] / "model.json").read_text(encoding="utf-8"))
    (tmp_path / "model.json").write_text(json.dumps({**facts, "concepts_sha256": "0"}), encoding="utf-8")
    (tmp_path / "weights.npz").write_bytes((written[2] / "weights.npz").read_bytes())

    with pytest.raises(Refused, match="another list of concepts"):
        read_model(tmp_path)


def test_a_folder_without_weights_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"lacks model\.json"):
        read_model(tmp_path)


def test_the_card_names_its_data_and_every_figure(written: tuple[Model, dict[str, object], Path]) -> None:
    card = written[1]
    page = as_markdown(card)

    assert {"model", "scheme", "trained", "languages", "data", "measures", "attribution", "limits"} <= set(card)
    assert "| leaf accuracy by language: zh |" in page
    assert "| set coverage |" in page


def test_only_labels_that_stand_for_one_class_are_taken_from_posts(shared: Path) -> None:
    posts, sources = read_posts(shared / "data" / "threats" / "threat_text.parquet")

    assert {p.code for p in posts} == {"D01", "E05", "E06", "E07", "F03", "G01"}
    assert sum(s.texts for s in sources) == len(posts)
    assert {s.licence for s in sources} <= {"MIT", "Apache-2.0", "CC BY 4.0", "CC-BY-4.0"}


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
