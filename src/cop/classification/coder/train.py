"""Training: `python -m cop.classification.coder.train [--out models/coder-0.1] [--shared ../shared]`.

Deterministic: the same corpus and classification give the same files. Nothing is learnt, chosen or calibrated on texts
that are kept for measuring (`report_summaries_dev.jsonl`): they are not read here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from cop.classification.coder import calibration as cal
from cop.classification.coder import concepts
from cop.classification.coder.card import LIMITS, Evaluation, as_markdown
from cop.classification.coder.corpus import Passage, Summary, corpus_sha256, passages, read_corpus
from cop.classification.coder.crossfit import FOLDS, Material, Settings
from cop.classification.coder.features import Batch, index_evidence
from cop.classification.coder.index import Index
from cop.classification.coder.model import Model, shares, write_model
from cop.classification.coder.posts import Source, read_posts
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import CopError
from cop.kernel.hashing import canonical_json
from cop.kernel.progress import SILENT, Progress
from cop.kernel.resources import resource


def train(
    corpus: Sequence[Summary],
    scheme: Scheme,
    *,
    name: str,
    notes: Sequence[Passage] | None = None,
    posts: tuple[Sequence[Passage], Sequence[Source]] = ((), ()),
    settings: Settings | None = None,
    progress: Progress = SILENT,
) -> tuple[Model, dict[str, Any]]:
    """A model and its card.

    Posts are taken only if they make the cross-fitted true classes of the corpus likelier; the card says so either way.

    Args:
        corpus: texts with their codes.
        scheme: the classification.
        name: what the model shall be called.
        notes: the classification's own words; all of them when None.
        posts: further texts of general classes, and their sources.
        settings: of the fit.
        progress: is told of each step.
    """
    settings = settings or Settings()
    codes = tuple(sorted(scheme.leaves))
    own = passages(scheme) if notes is None else notes
    progress.total(1 + bool(posts[0]))
    with threadpool_limits(1):  # sums over threads differ in their last digits
        material = Material(corpus, own, codes, settings)
        scores = material.cross_fitted()
        progress.advance()
        tried: dict[str, Any] = {}
        taken: Sequence[Source] = ()
        if posts[0]:
            wider = Material(corpus, (*own, *posts[0]), codes, settings)
            wider_scores = wider.cross_fitted()
            progress.advance()
            plain, helped = (_loss(s, material.labels[: material.size]) for s in (scores, wider_scores))
            tried["openly_licensed_posts"] = {
                "texts": len(posts[0]), "log_loss_without": plain, "log_loss_with": helped, "taken": helped < plain,
            }  # fmt: skip
            if helped < plain:
                material, scores, taken = wider, wider_scores, posts[1]
        return _calibrated(corpus, scheme, name, material, scores, tried, taken)


def _loss(scores: cal.Array, truth: cal.Labels) -> float:
    return round(
        cal.log_loss(cal.probabilities(scores, np.full(len(scores), cal.temperature(scores, truth))), truth), 4
    )


def _calibrated(
    corpus: Sequence[Summary],
    scheme: Scheme,
    name: str,
    material: Material,
    scores: cal.Array,
    tried: dict[str, Any],
    taken: Sequence[Source],
) -> tuple[Model, dict[str, Any]]:
    codes, truth = material.codes, material.labels[: material.size]
    languages = [s.language for s in corpus]
    classes = [node for node in scheme.nodes if node.index]
    terms: dict[str, list[tuple[str, int]]] = {}
    for number, node in enumerate(classes):
        for language, entries in node.index.items():
            terms.setdefault(language, []).extend((term, number) for term in entries)
    table = shares([node.code for node in classes], codes)
    batch = Batch(tuple(s.text for s in corpus), tuple(languages))
    evidence = index_evidence(Index(terms), batch, table).astype(np.float64)
    boost = cal.boost(scores, evidence, truth)
    scores = scores + boost * evidence
    urgency = tuple(scheme.urgency(code) for code in codes)
    urgent = np.array([u == 1 for u in urgency])
    probability, members, auto = _honest(scores, truth, languages, material.folds, urgent)
    warmth = cal.temperatures(scores, truth, languages)
    calibrated = cal.probabilities(scores, cal.per_row(warmth, languages))
    thresholds = cal.set_thresholds(calibrated, truth, urgent)
    model = Model(
        name=name,
        scheme=scheme.version,
        codes=codes,
        urgency=urgency,
        towers=material.towers,
        weights=material.final_weights(),
        classes=tuple(node.code for node in classes),
        terms=terms,
        boost=boost,
        temperatures=warmth,
        thresholds=thresholds,
        rule=cal.rule(calibrated, cal.class_sets(calibrated, thresholds), truth, urgent),
    )
    hard = np.array([s.hard for s in corpus])
    evaluation = Evaluation(codes, truth, languages, hard, urgent, probability, members, auto)
    return model, _card(model, corpus, evaluation, tried, taken)


def _honest(
    scores: cal.Array, truth: cal.Labels, languages: Sequence[str], folds: cal.Labels, urgent: cal.Flags
) -> tuple[cal.Array, cal.Flags, cal.Flags]:
    """Probabilities, sets and routes of each fold, calibrated on the other folds."""
    probability = np.zeros_like(scores)
    members = np.zeros(scores.shape, bool)
    auto = np.zeros(len(scores), bool)
    for fold in sorted(set(folds.tolist())):
        held, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        spoken = [languages[int(i)] for i in others]
        warmth = cal.temperatures(scores[others], truth[others], spoken)
        known = cal.probabilities(scores[others], cal.per_row(warmth, spoken))
        thresholds = cal.set_thresholds(known, truth[others], urgent)
        rule = cal.rule(known, cal.class_sets(known, thresholds), truth[others], urgent)
        probability[held] = cal.probabilities(scores[held], cal.per_row(warmth, [languages[int(i)] for i in held]))
        members[held] = cal.class_sets(probability[held], thresholds)
        auto[held] = rule.allows(probability[held], members[held], urgent)
    return probability, members, auto


def _card(
    model: Model, corpus: Sequence[Summary], evaluation: Evaluation, tried: dict[str, Any], taken: Sequence[Source]
) -> dict[str, Any]:
    languages = sorted({s.language for s in corpus})
    digest = corpus_sha256(tuple(corpus))
    return {
        "model": model.name,
        "scheme": model.scheme,
        "trained": f"corpus {digest[:12]}",
        "languages": languages,
        "towers": [tower.name for tower in model.towers],
        "data": {
            "corpus_sha256": digest,
            "concepts_sha256": concepts.sha256(),
            "texts": len(corpus),
            "texts_by_language": {x: sum(s.language == x for s in corpus) for x in languages},
            "hard_texts": sum(s.hard for s in corpus),
            "codes": len(model.codes),
            "folds": FOLDS,
        },
        "measures": evaluation.measures(),
        "closed_by_software_from": model.rule.least,
        "tried": tried,
        "attribution": [
            "Corpus, concepts and classification: written for this project (corpus CC0).",
            *(f"{s.name}: {s.texts} texts, {s.licence}." for s in taken),
        ],
        "limits": list(LIMITS),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Train on the project's corpus and write the model and its card."""
    parser = argparse.ArgumentParser(prog="python -m cop.classification.coder.train", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--out", type=Path, default=Path("models/coder-0.1"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="where data/threats is, if anywhere")
    options = parser.parse_args(arguments)
    try:
        scheme = load_scheme(resource("catalogue/threats"))
        table = options.shared / "data" / "threats" / "threat_text.parquet"
        posts = read_posts(table) if table.is_file() else ((), ())
        model, card = train(read_corpus(options.corpus, scheme), scheme, name=options.out.name, posts=posts)
        write_model(model, options.out)
    except CopError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    (options.out / "card.json").write_text(canonical_json(card), encoding="utf-8")
    (options.out / "card.md").write_text(as_markdown(card), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
