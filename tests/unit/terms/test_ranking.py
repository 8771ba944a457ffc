"""The ranker: its arithmetic against a plain reckoning, what it lets stand, and the artefact that ships."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cop.cli.terms import command
from cop.kernel.errors import Refused
from cop.terms.clauses import split
from cop.terms.documents import from_bytes
from cop.terms.findings import check, rank, standing
from cop.terms.ranking import Ranker, ranker
from cop.terms.ranking.examples import CODES, family, fold
from cop.terms.ranking.features import WIDTH, grams
from cop.terms.ranking.ranker import FEATURES, load
from cop.terms.rules import readings
from cop.terms.surroundings import places

FILLER = (
    "The harbour is quiet in the morning and the boats come back before noon with the first light of the day. " * 12
)


@pytest.fixture(scope="module")
def toy() -> Ranker:
    """Two criteria with weights drawn once."""
    random = np.random.default_rng(7)
    weights = random.integers(-127, 128, (WIDTH, 2), np.int8)
    heads = np.zeros((2, len(FEATURES) + 1), np.float32)
    heads[:, 0] = 1
    scale, intercepts = np.array([0.01, 0.02], np.float32), np.array([0.5, -0.5], np.float32)
    return Ranker(("A", "B"), weights, scale, intercepts, heads, {"A": (0.0, 1.0, 0.0, 0.0)}, {})


def reckoned(model: Ranker, text: str) -> np.ndarray:
    found = grams([text])
    parts = [found.columns[: found.words], found.columns[found.words :]]
    sums = [model.weights[p].astype(float).sum(0) * model.scale / max(1, len(p)) ** 0.5 for p in parts]
    return sums[0] + sums[1] + model.intercepts


def test_scores_are_sums_of_weights_over_the_root_of_their_number(toy: Ranker) -> None:
    texts = ["You may delete your account.", "", "x", "The licence ends when you delete it."]
    expected = np.stack([reckoned(toy, text) for text in texts])
    np.testing.assert_allclose(toy.scores(toy.sums(texts)), expected, rtol=1e-4, atol=1e-4)


def test_a_window_is_scored_from_the_sums_of_its_sentences(toy: Ranker) -> None:
    texts = ["You grant us a licence.", "It ends with your account."]
    one = toy.window_scores(toy.sums(texts), np.array([0]), np.array([1]))
    words = [grams([t]) for t in texts]
    total = np.zeros(2)
    for i in (0, 1):
        columns = np.concatenate([(g.columns[: g.words], g.columns[g.words :])[i] for g in words])
        total += toy.weights[columns].astype(float).sum(0) * toy.scale / len(columns) ** 0.5
    np.testing.assert_allclose(one[0], total + toy.intercepts, rtol=1e-4)


def test_confidence_follows_its_curve(toy: Ranker) -> None:
    assert toy.confidence("A", 0.5, 0.9, 0.0) == pytest.approx(0.5)
    assert toy.confidence("A", 0.8, 0.9, 0.0) == pytest.approx(0.8)


def test_what_only_looks_alike_is_thrown_out_and_the_last_one_only_when_very_unlikely() -> None:
    text = "You own your content on Pebble.\n\nYou keep ownership of the photos you upload."
    hits = readings()["OWN-1"].hits(places(split(text, markdown=False)))
    assert len(hits) == 2
    assert standing(hits, [0.9, 0.1]) == [hits[0]]
    assert standing(hits, [0.12, 0.2]) == [hits[1]]
    assert standing(hits, [0.01, 0.02]) == []
    assert standing([], []) == []


def test_the_artefact_is_small_complete_and_holds_no_text(root: Path) -> None:
    folder = root / "models" / "terms-1.0"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 10_000_000
    head = json.loads((folder / "ranker.json").read_text(encoding="utf-8"))
    assert set(head["codes"]) == set(CODES) == set(head["sure"]) == set(head["usual"])
    with np.load(folder / "ranker.npz", allow_pickle=False) as arrays:
        assert {str(arrays[name].dtype) for name in arrays} <= {"int8", "int32", "float32"}


def test_an_artefact_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ranker.json").write_text('{"format": 99, "features": []}', encoding="utf-8")
    with pytest.raises(Refused, match="is not the format"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("code", "speaks", "alike"),
    [
        ("AGE-1", "You must be at least 13 years old to use the platform.", "Buyers pay for parcels of at least 13 kilograms."),
        ("CHG-1", "We may revise this policy at any time by posting the new one here.", "We may revise the menu of the harbour."),
        ("DEL-1", "You may delete your account and your photos whenever you want.", "We may delete cookies after you log out."),
        ("LIC-2", "You grant us a perpetual, irrevocable licence to your content.", "You irrevocably submit to the courts of Pebble."),
    ],
)  # fmt: skip
def test_a_sentence_on_a_criterion_scores_above_one_that_looks_alike(code: str, speaks: str, alike: str) -> None:
    model = ranker()
    scores = model.scores(model.sums([speaks, alike]))[:, model.codes.index(code)]
    assert scores[0] > scores[1] + 0.3


def test_a_passage_that_no_rule_decides_is_proposed_with_little_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = "You must be at least 13 years old to use the service."
    monkeypatch.setattr("cop.terms.findings._LEARNED", 0.0)
    monkeypatch.setattr("cop.terms.findings._LEAST", 1.0)  # no rule is heavy enough
    document = from_bytes(f"{FILLER}\n\n{sentence}\n".encode(), name="pebble__tos__2026-07-01.md")
    finding = next(f for f in check(document) if f.criterion == "AGE-1")
    assert (finding.confidence, sentence in {e.quote for e in finding.evidence}) == (0.3, True)
    assert "no rule decides" in finding.why


def test_rank_orders_by_rules_and_chances_together() -> None:
    text = "You may not use the service if you are bored.\n\nYou must be at least 13 years old to use the service."
    document = from_bytes(f"{FILLER}\n\n{text}\n".encode(), name="pebble__tos__2026-07-01.md")
    first = rank(document, "AGE-1", top=1)
    assert [e.quote for e in first] == ["You must be at least 13 years old to use the service."]


def test_families_share_a_fold_and_others_stand_for_themselves() -> None:
    assert family("instagram") == family("facebook.com") == "Meta"
    assert family("snapfish") == "snapfish"
    assert fold("Meta") == fold("META")


def test_the_verb_shows_passages_and_refuses_an_unknown_criterion(tmp_path: Path) -> None:
    path = tmp_path / "pebble__tos__2026-07-01.md"
    path.write_text(f"{FILLER}\n\nYou must be at least 13 years old to use the service.\n", encoding="utf-8")
    shown = CliRunner().invoke(command, ["rank", str(path), "--criterion", "AGE-1", "--top", "1", "--json"])
    [row] = json.loads(shown.output)
    assert path.read_text(encoding="utf-8")[row["start"] : row["end"]] == row["quote"]
    with pytest.raises(Refused, match="is no criterion"):
        CliRunner().invoke(command, ["rank", str(path), "--criterion", "XYZ-9"], catch_exceptions=False)
