"""The texts the coder learns from: the project's corpus, and the classification's own words.

The corpus (`corpus/<CODE>.jsonl`, CC0) holds descriptive summaries written for each code. Names, notes, examples and
index terms of a class are short texts about that class, and are learnt from with less weight.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from cop.classification.scheme import Node, Scheme
from cop.kernel.errors import NotFound, Refused
from cop.kernel.hashing import text_sha256
from cop.kernel.languages import OFFICIAL

FIELDS = ("id", "code", "secondary", "language", "hard", "reporter", "text")
REPORTERS = ("child", "parent", "professional", "hotline", "helpline", "police", "school", "platform", "public")


@dataclass(frozen=True, slots=True)
class Summary:
    """A text of the corpus; `hard` says that it lies next to another class or has a distracting element."""

    id: str
    code: str
    secondary: tuple[str, ...]
    language: str
    hard: bool
    reporter: str
    text: str

    @property
    def fold_key(self) -> str:
        """Texts of one code and number may share an idea across languages: they stay in one fold."""
        return f"{self.code}-{self.id.rsplit('-', 1)[-1]}"


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
    if not isinstance(entry["hard"], bool) or not isinstance(entry["text"], str) or not entry["text"].strip():
        raise refuse(line, "has no text, or hard is neither true nor false", "a text", "text")
    return Summary(**cast("dict[str, Any]", {**entry, "secondary": tuple(entry["secondary"])}))


def corpus_sha256(corpus: tuple[Summary, ...]) -> str:
    """Hex digest of the ids, codes and texts, in order."""
    return text_sha256("".join(f"{s.id}\0{s.code}\0{s.language}\0{s.text}\n" for s in corpus))


def passages(scheme: Scheme) -> tuple[Passage, ...]:
    """The classification's names, definitions, inclusions, examples, exclusions and index terms as texts.

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
                found.append(Passage(exclusion["en"], exclusion["see"], "en", "exclusion"))
    return tuple(found)


def _leaves_of(code: str, scheme: Scheme) -> tuple[str, ...]:
    return tuple(leaf for leaf in scheme.leaves if leaf == code or code in scheme.parents(leaf))


def _of_node(node: Node, code: str) -> list[Passage]:
    return [
        *(Passage(text, code, language, "name") for language, text in node.name.items()),
        Passage(node.definition["en"], code, "en", "definition"),
        *(Passage(text["en"], code, "en", "inclusion") for text in node.includes),
        *(Passage(text["en"], code, "en", "example") for text in node.examples),
        *(Passage(term, code, language, "index") for language, terms in node.index.items() for term in terms),
    ]
