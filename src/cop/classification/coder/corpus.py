"""The texts the coder learns from: the project's corpus, and the classification's own words.

The corpus (`corpus/<CODE>.jsonl`, CC0) holds descriptive summaries written for each code. Names, notes, examples and
index terms of a class are short texts about that class, and are learnt from with less weight.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cop.classification.scheme import Node, Scheme
from cop.kernel.errors import NotFound, Refused
from cop.kernel.hashing import text_sha256
from cop.kernel.languages import OFFICIAL, Text

FIELDS = ("id", "code", "secondary", "language", "hard", "reporter", "writer", "text")
REPORTERS = ("child", "parent", "professional", "hotline", "helpline", "police", "school", "platform", "public")

REVIEWS = "reviews"
"""The writer of records that people reviewed at the desk."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A text of the corpus; `hard` says that it lies next to another class or has a distracting element.

    `writer` wrote it without seeing what others wrote: what is measured on a writer whose texts were held out says how
    the coder does on texts of people it has not read.
    """

    id: str
    code: str
    secondary: tuple[str, ...]
    language: str
    hard: bool
    reporter: str
    writer: str
    text: str

    @property
    def idea(self) -> str:
        """Texts of one writer, code and number may share an idea across languages: they stay together."""
        return f"{self.writer}-{self.code}-{self.id.rsplit('-', 1)[-1]}"


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of the classification as a training text."""

    text: str
    code: str
    language: str
    kind: str


def read_corpus(folder: Path, scheme: Scheme) -> tuple[Summary, ...]:
    """Every text of the corpus, in order of file and line.

    Raises:
        NotFound: there is no corpus.
        Refused: a line is not as said above; names the file, the line and the field.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise NotFound(f"there is no corpus in {folder.name}", expected="files named <CODE>.jsonl")
    found = [
        _summary(line, path, number, scheme)
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip()
    ]
    seen: set[str] = set()
    for summary in found:
        if summary.id in seen:
            raise Refused.value(summary.id, "is used twice", expected="an id once", file=f"{summary.code}.jsonl")
        seen.add(summary.id)
    return tuple(found)


def _summary(line: str, path: Path, number: int, scheme: Scheme) -> Summary:
    def refuse(value: object, problem: str, expected: str, field: str | None = None) -> Refused:
        return Refused.value(value, problem, expected=expected, file=path, row=number, field=field)

    try:
        entry: Any = json.loads(line)
    except ValueError as error:
        raise refuse(line, "is not JSON", "one JSON object a line") from error
    if not isinstance(entry, dict) or set(entry) != set(FIELDS):
        raise refuse(line, "has other fields", ", ".join(FIELDS))
    if entry["code"] != path.stem or entry["code"] not in scheme.leaves:
        raise refuse(entry["code"], "is not the code of the file", path.stem, "code")
    if unknown := [code for code in entry["secondary"] if code not in scheme.by_code]:
        raise refuse(unknown[0], "is no code", "codes of the classification", "secondary")
    if entry["language"] not in OFFICIAL:
        raise refuse(entry["language"], "is no official language", ", ".join(OFFICIAL), "language")
    if entry["reporter"] not in REPORTERS:
        raise refuse(entry["reporter"], "is no kind of reporter", ", ".join(REPORTERS), "reporter")
    if not isinstance(entry["writer"], str) or not entry["writer"]:
        raise refuse(entry["writer"], "is no writer", "a short name", "writer")
    if not isinstance(entry["hard"], bool) or not isinstance(entry["text"], str) or not entry["text"].strip():
        raise refuse(line, "has no text, or hard is neither true nor false", "a text", "text")
    return Summary(**cast("dict[str, Any]", {**entry, "secondary": tuple(entry["secondary"])}))


def held_out(corpus: Sequence[Summary]) -> NDArray[np.bool_]:
    """(n,) which texts a rehearsal of training does not see: those of every fourth writer, the largest apart.

    Reviewed records were chosen for review and not at random, so they are never held out. Where one writer wrote
    everything, a fifth of the ideas is held out.
    """
    sizes = Counter(s.writer for s in corpus if s.writer != REVIEWS)
    others = sorted(sizes, key=lambda w: (-sizes[w], w))[1:]
    chosen = {w for number, w in enumerate(sorted(others)) if number % 4 == 3 or len(others) < 4}
    if chosen:
        return np.array([s.writer in chosen for s in corpus])
    return np.array([s.writer != REVIEWS and zlib.crc32(s.idea.encode()) % 5 == 0 for s in corpus])


def corpus_sha256(corpus: tuple[Summary, ...]) -> str:
    """Hex digest of the ids, codes and texts, in order."""
    return text_sha256("".join(f"{s.id}\0{s.code}\0{s.language}\0{s.text}\n" for s in corpus))


def passages(scheme: Scheme) -> tuple[Passage, ...]:
    """The classification's names, notes, examples and index terms as texts, in all its languages.

    What is said of a class with subclasses is said of each of them; an exclusion is a text of the class it points to.
    """
    found: list[Passage] = []
    for node in scheme.nodes:
        if node.level == "section":
            continue
        for code in _leaves_of(node.code, scheme):
            found += _of_node(node, code)
        for exclusion in node.excludes:
            if exclusion["see"] in scheme.leaves:
                found += _each(exclusion, exclusion["see"], "exclusion")
    return tuple(found)


def _leaves_of(code: str, scheme: Scheme) -> tuple[str, ...]:
    return tuple(leaf for leaf in scheme.leaves if leaf == code or code in scheme.parents(leaf))


def _of_node(node: Node, code: str) -> list[Passage]:
    return [
        *_each(node.name, code, "name"),
        *_each(node.definition, code, "definition"),
        *(passage for text in node.includes for passage in _each(text, code, "inclusion")),
        *(passage for text in node.examples for passage in _each(text, code, "example")),
        *(Passage(term, code, language, "index") for language, terms in node.index.items() for term in terms),
    ]


def _each(text: Text, code: str, kind: str) -> list[Passage]:
    """A passage for each language that a text is in."""
    return [Passage(text[language], code, language, kind) for language in OFFICIAL if language in text]
