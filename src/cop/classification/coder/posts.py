"""Openly licensed posts and prompts that name a general threat: tried as further training texts.

Only labels that stand for one class are taken. Unknown is not negative: a row says what it is, never what it is not,
and every other label of the row is left alone. Rows of several labels are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cop.classification.coder.corpus import Passage
from cop.kernel.tables import open_rows

CLASSES = {
    "hate": "D01",
    "misinformation": "E07",
    "dangerous_challenge": "E05",
    "drugs": "E06",
    "weapons": "E06",
    "malware": "F03",
    "scam_fraud": "G01",
}
"""The publisher's labels that stand for one class; harassment, privacy, self-harm and others stand for several."""

MOST = 60
"""Texts of a label and language, at most: the first in order of the table."""


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher of posts, for attribution."""

    name: str
    licence: str
    texts: int


def read_posts(path: Path) -> tuple[tuple[Passage, ...], tuple[Source, ...]]:
    """Posts of the train split whose one label stands for one class, and where they come from.

    Raises:
        NotFound: there is no such table.
        Refused: it cannot be read.
    """
    found: list[Passage] = []
    taken: dict[tuple[str, str], int] = {}
    sources: dict[tuple[str, str], int] = {}
    with open_rows(path) as rows:
        for row in rows:
            values = {name: str(value) for name, value in row.values.items()}
            label, language = values["labels"], values["language"]
            if values["split"] != "train" or label not in CLASSES or taken.get((label, language), 0) >= MOST:
                continue
            taken[label, language] = taken.get((label, language), 0) + 1
            source = (values["source"], values["licence"])
            sources[source] = sources.get(source, 0) + 1
            found.append(Passage(values["text"], CLASSES[label], language, "post"))
    return tuple(found), tuple(Source(name, licence, n) for (name, licence), n in sorted(sources.items()))
