"""What the ranker is trained on, read from files: quotes, whole documents, judged sentences and sentences of our own.

A quote says that a sentence speaks of one criterion and is silent about the others; a sentence without a quote is no
counter-example by itself. So every example has one mark for each criterion: it speaks of it, it does not, or nobody
knows. Unknown is what a rule holds on and nobody judged, and what is nearly a quote.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cop.terms.clauses import Clause, split
from cop.terms.clauses.clause import plain_parties
from cop.terms.documents import read
from cop.terms.rules import readings
from cop.terms.surroundings import Place, places

CODES = tuple(code for code in readings() if code != "LNG-1")
FOLDS = 5

_FAMILIES = {
    "Meta": ("facebook", "instagram", "whatsapp", "messenger", "threads", "oculus"),
    "ByteDance": ("tiktok", "musically", "capcut", "lemon8"),
    "Snap": ("snap", "snapchat", "bitmoji", "zenly"),
    "Reddit": ("reddit",),
    "X": ("twitter", "periscope", "vine", "x"),
    "Microsoft": ("linkedin", "microsoft", "skype", "github", "minecraft", "xbox", "bing", "slideshare"),
    "Wix": ("wix", "deviantart"),
    "ASKfm": ("askfm", "ask"),
    "SmugMug": ("flickr", "smugmug"),
    "Tencent": ("wechat", "tencent", "qq"),
    "Discord": ("discord", "discordapp"),
}
_WORDS = re.compile(r"\w+")


@dataclass(slots=True)
class Example:
    """A sentence or quote with what is known of it.

    Attributes:
        text: as the ranker reads it.
        family: of providers: examples of one family are never on both sides of a split.
        source: quotes, claudette, documents, judged or ours.
        marks: criterion to 1 (speaks of it), 0 (does not), -1 (unknown); absent means 0.
        rules: criterion to the weight of the heaviest rule that holds.
        before, after, heading: neighbours in the document, "" where there are none.
        criterion: the one label of a quote, as its collection gives it, "OTHER" included.
        key: of the quote or passage, for the benchmark.
    """

    text: str
    family: str
    source: str
    marks: dict[str, int]
    rules: dict[str, float]
    before: str = ""
    after: str = ""
    heading: str = ""
    criterion: str = ""
    key: str = ""
    verdicts: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def low(self) -> str:
        """The text in lower case, parties called "you" and "we"."""
        return plain_parties(self.text.lower())

    @property
    def fold(self) -> int:
        """The fifth that its family is in."""
        return fold(self.family)


def fold(family: str) -> int:
    """The fifth that a family of providers is in, whatever else there is."""
    return zlib.crc32(family.lower().encode()) % FOLDS


def family(provider: str) -> str:
    """The family of a provider by its name; a provider of no known family is its own."""
    words = set(re.split(r"[^a-z0-9]+", provider.lower()))
    return next((name for name, members in _FAMILIES.items() if words & set(members)), provider.lower())


def weights(held: Sequence[Place]) -> list[dict[str, float]]:
    """Per place, criterion to the weight of the heaviest rule that holds there."""
    found: list[dict[str, float]] = [{} for _ in held]
    at = {place.clause.start: i for i, place in enumerate(held)}
    for code in CODES:
        for hit in readings()[code].hits(held):
            row = found[at[hit.start]]
            row[code] = max(row.get(code, 0.0), hit.weight)
    return found


def _of_text(text: str) -> dict[str, float]:
    joined: dict[str, float] = {}
    for row in weights(places(split(text, markdown=False))):
        for code, weight in row.items():
            joined[code] = max(joined.get(code, 0.0), weight)
    return joined


def quotes(path: Path) -> list[Example]:
    """ToS;DR quotes. For the criteria of a licence one clause carries several: there a rule that holds is a mark."""
    examples: list[Example] = []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text, label = row["text"], row["criterion"]
            held = _of_text(text)
            marks = {code: -1 for code in held if code in CODES}
            if label.startswith("LIC-"):
                marks |= {code: 1 for code in ("LIC-1", "LIC-2", "LIC-3") if held.get(code, 0) >= 0.8}
            if label in CODES and row["irrelevant"] != "True":
                marks[label] = 1
            elif label in CODES:
                marks[label] = -1
            examples.append(
                Example(text, family(row["provider"]), "quotes", marks, held, criterion=label, key=row["id"])
            )
    return examples


def sentences(path: Path) -> list[Example]:
    """Sentences of CLAUDETTE: one-sided change is CHG-1; what no rule holds on is a counter-example."""
    examples: list[Example] = []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["lang"] not in ("en", "de") or zlib.crc32(row["text"].encode()) % 3:
                continue
            held = _of_text(row["text"])
            marks = {code: -1 for code in held if code in CODES}
            if re.search(r"\bch[23]", row["tags"]):
                marks["CHG-1"] = 1
            examples.append(Example(row["text"], family(row["provider"]), "claudette", marks, held))
    return examples


def ours(path: Path) -> list[Example]:
    """Sentences written for this project, counter-examples included; each is a family of its own."""
    examples: list[Example] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        held = _of_text(row["text"])
        marks = dict.fromkeys(held, -1) | dict.fromkeys(row["criteria"], 1) if row["criteria"] else {}
        examples.append(Example(row["text"], f"ours {row['id']}", "ours", marks, held, key=row["id"]))
    return examples


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's verdict on a passage that was proposed for a criterion: right, near or wrong."""

    start: int
    end: int
    criterion: str
    verdict: str


def judgements(path: Path) -> dict[str, list[Judgement]]:
    """The judged passages of each document by its SHA-256."""
    found: dict[str, list[Judgement]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["sha256"], []).append(
                Judgement(int(row["start"]), int(row["end"]), row["criterion"], row["verdict"])
            )
    return found


def documents(folder: Path, judged: Mapping[str, Sequence[Judgement]], gold: Path) -> list[Example]:
    """Every sentence of the documents once: judged where it was judged, else a counter-example where no rule holds."""
    deciding: dict[str, list[Judgement]] = {}
    with gold.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["start"]:
                deciding.setdefault(row["file"], []).append(
                    Judgement(int(row["start"]), int(row["end"]), row["criterion"], "right")
                )
    examples: dict[tuple[str, str], Example] = {}
    for path in sorted(folder.glob("*.md")):
        document = read(path)
        clauses = split(document.text, markdown=document.markdown)
        held = places(clauses)
        verdicts = [*judged.get(document.sha256, ()), *deciding.get(path.name, ())]
        name = family(path.name.split("__")[0])
        for i, (place, rules) in enumerate(zip(held, weights(held), strict=True)):
            clause = place.clause
            marks = dict.fromkeys(rules, -1)
            said = {v.criterion: v.verdict for v in verdicts if _overlaps(v, clause)}
            marks |= {code: {"right": 1, "wrong": 0}.get(verdict, -1) for code, verdict in said.items()}
            example = Example(
                clause.text, name, "judged" if said else "documents", marks, rules,
                held[i - 1].clause.text if i else "", held[i + 1].clause.text if i + 1 < len(held) else "",
                clause.section[-1] if clause.section else "", key=f"{path.name}:{clause.start}", verdicts=said,
            )  # fmt: skip
            key = (name, clause.low)
            if key not in examples or (said and not examples[key].verdicts):
                examples[key] = example
    return list(examples.values())


def _overlaps(verdict: Judgement, clause: Clause) -> bool:
    shared = min(verdict.end, clause.end) - max(verdict.start, clause.start)
    return shared > 0.5 * min(verdict.end - verdict.start, clause.end - clause.start)


def without_near_duplicates(examples: Iterable[Example]) -> list[Example]:
    """The same, unknown instead of a counter-example where half of a sentence stands in a positive one."""
    kept = list(examples)
    positive: dict[str, set[tuple[str, ...]]] = {code: set() for code in CODES}
    for example in kept:
        runs = _runs(example.text)
        for code, mark in example.marks.items():
            if mark == 1:
                positive[code] |= runs
    for example in kept:
        if example.source not in ("documents", "claudette"):
            continue
        runs = _runs(example.text)
        for code in CODES:
            if code not in example.marks and runs and len(runs & positive[code]) >= 0.5 * len(runs):
                example.marks[code] = -1
    return kept


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORDS.findall(text.lower())
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}
