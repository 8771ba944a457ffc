"""The card of a ranker: what it was trained on and what it reached, computed from the run that wrote it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from cop.terms.ranking.examples import CODES
from cop.terms.ranking.figures import calibration, judged, quoted, score

if TYPE_CHECKING:
    from cop.terms.ranking.train import Rehearsal

_SOURCES = {
    "quotes": "ToS;DR quotes (2021, CC BY-SA 3.0)",
    "claudette": "sentences of CLAUDETTE-50, English and German (CC BY 4.0)",
    "documents": "sentences of whole documents (Open Terms Archive, ODC-BY 1.0)",
    "judged": "sentences of the same documents, judged one by one or drafted as deciding",
    "ours": "sentences written for this project (corpus/terms, CC0)",
}


def card(run: Rehearsal) -> str:
    """Markdown. Every figure is cross-fitted over families of providers in five folds."""
    counts = Counter(e.source for e in run.examples)
    at, labels = quoted(run.examples)
    said = run.chances[at] >= 0.35
    chance, codes, right = judged(run.examples, run.chances)
    held = chance >= 0.25
    lines = [
        "# terms-1.0: the ranker of the provider watch", "",
        "Linear scorers on hashed n-grams and a logistic head per criterion; rules decide findings, the ranker orders",
        "passages, throws out what only looks alike and says how sure a proposal is. No text is stored. English is",
        "measured; French, Spanish and German rest on a few sentences of our own. Not for decisions without a person.",
        "", "| trained on | examples |", "|---|---|",
        *(f"| {_SOURCES[name]} | {counts[name]:,} |" for name in _SOURCES), "",
        "Figures below come from models that had not seen the family of providers.", "",
        "| criterion | quotes labelled | F1 on quotes | judged sentences | right | right where not thrown out |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for j, code in enumerate(CODES):
        quote = score(said[:, j], labels[:, j])
        mine = np.array([c == code for c in codes])
        cells = ["", "", ""]
        if mine.any():
            kept = mine & held
            cells = [str(mine.sum()), f"{right[mine].mean():.2f}", f"{right[kept].mean():.2f}" if kept.any() else ""]
        lines.append(f"| {code} | {quote.n} | {f'{quote.f1:.2f}' if quote.n else ''} | {' | '.join(cells)} |")
    lines += [
        f"| all | {int(labels.sum())} | {score(said, labels).f1:.3f} | {len(right)} | {right.mean():.3f} "
        f"| {right[held].mean():.3f} |",
        "", "Confidence: quotes of known meaning, cells as read on whole documents, drafts of another reader.",
        "", "| kind | confidence | proposals | mean | right |", "|---|---|---|---|---|",
    ]  # fmt: skip
    kinds = np.array([case.kind for case in run.cases])
    right_there = np.array([case.right for case in run.cases])
    for kind in ("quote", "cell", "draft"):
        there = kinds == kind
        for band, row in calibration(run.sure[there], right_there[there]).items():
            lines.append(f"| {kind} | {band} | {row[0]} | {row[1]} | {row[2]} |")
    return "\n".join(lines) + "\n"
