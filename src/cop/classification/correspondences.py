"""Correspondence tables: which terms of other schemes stand for a class, how well, and on whose word.

A table is data (`catalogue/threats/correspondences/<target>.yaml`, one file a target, all against one JSON Schema).
What a schema cannot say is checked here: classes and terms exist, a class has one exact term at most, weights of a
class sum to one. Counts are converted in `cop.classification.conversion`.

Source: notes on the classification, 2 (SSSOM; the UN's typing of correspondences and conversion coefficients) and 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from cop.classification.scheme import Scheme
from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import Text
from cop.kernel.resources import resource

Predicate = Literal["exact", "close", "broad", "narrow", "related"]

SKOS: Mapping[Predicate, str] = {
    "exact": "exactMatch",
    "close": "closeMatch",
    "broad": "broadMatch",
    "narrow": "narrowMatch",
    "related": "relatedMatch",
}
"""Local names of the SKOS mapping properties; `broad` says that the external term is the broader one."""

MARKS: Mapping[Predicate, str] = {"exact": "=", "close": "c", "broad": ">", "narrow": "<", "related": "r"}
"""How a predicate is written in an edition."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of another scheme; `label` is None where it is not known, `verified` False where nobody compared it."""

    id: str
    label: str | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A class beside a term.

    `confidence` is ours, 0 to 1, by the rule its table states; `justification` a term of SEMAPV; `weight` the share of
    the class's counts that goes to the term, where a table splits counts.
    """

    code: str
    predicate: Predicate
    term: Term
    confidence: float
    justification: str
    comment: str | None = None
    weight: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """A table of matches to one other scheme.

    `verified`: the strings of its terms were compared with their source. `published`: it may leave the house in an
    export. `complete`: every term of the other scheme is listed. `namespace` ends where a term's id begins.
    """

    target: str
    title: Text
    version: str | None
    source: str
    verified: bool
    published: bool
    complete: bool
    note: Text
    licence: str | None
    attribution: str | None
    date: date
    prefix: str
    namespace: str
    confidence_rule: Text
    terms: tuple[Term, ...]
    matches: tuple[Match, ...]

    def of(self, code: str) -> tuple[Match, ...]:
        """The matches of a class, in the table's order."""
        return tuple(match for match in self.matches if match.code == code)


def as_marks(tables: Sequence[Correspondence], code: str) -> dict[str, list[str]]:
    """The matches of a class by target, as an edition has them: `= KEYWORD`; only of tables to be published."""
    marked = {t.target: [f"{MARKS[m.predicate]} {m.term.id}" for m in t.of(code)] for t in tables if t.published}
    return {target: marks for target, marks in marked.items() if marks}


def targets(folder: Path | None = None) -> tuple[str, ...]:
    """The schemes there is a table for, sorted."""
    return tuple(sorted(path.stem for path in _folder(folder).glob("*.yaml")))


def load_correspondences(scheme: Scheme, folder: Path | None = None) -> tuple[Correspondence, ...]:
    """Every table, sorted by target; arguments and errors as `load_correspondence`."""
    return tuple(load_correspondence(target, scheme, folder) for target in targets(folder))


def load_correspondence(target: str, scheme: Scheme, folder: Path | None = None) -> Correspondence:
    """Read and check the table to one target.

    Args:
        target: the name of its file without ending.
        scheme: the version of the classification whose classes it must name.
        folder: where the tables and their JSON Schema are; the catalogue's when None.

    Raises:
        NotFound: there is no such table.
        Refused: it does not fit its schema, the classification or itself; names the file and the field.
    """
    folder = _folder(folder)
    path = folder / f"{target}.yaml"
    if target not in targets(folder):
        raise NotFound(f"there is no correspondence to {target}", expected=f"one of {', '.join(targets(folder))}")
    document = read_document(path, folder / "correspondences.schema.json")
    if document["target"] != target:
        raise Refused.value(document["target"], "is not the file's target", expected=target, file=path, field="target")
    terms = _terms(document, path)
    matches = tuple(_matches(document["mappings"], terms, scheme, path))
    _check_twice(matches, path)
    _check_exact(matches, path)
    _check_weights(matches, path)
    return Correspondence(
        **{name: document[name] for name in Correspondence.__slots__ if name not in ("date", "terms", "matches")},
        date=_date(document["date"], path),
        terms=tuple(terms.values()),
        matches=matches,
    )


def _folder(folder: Path | None) -> Path:
    return folder or resource("catalogue/threats/correspondences")


def _date(text: str, path: Path) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused.value(text, "is not a date", expected="YYYY-MM-DD", file=path, field="date") from error


def _terms(document: Mapping[str, Any], path: Path) -> dict[str, Term]:
    terms: dict[str, Term] = {}
    for number, entry in enumerate(document["terms"]):
        if entry["id"] in terms:
            raise Refused.value(
                entry["id"], "is listed twice", expected="a term once", file=path, field=f"terms.{number}.id"
            )
        terms[entry["id"]] = Term(entry["id"], entry["label"], entry.get("verified", document["verified"]))
    return terms


def _matches(
    entries: Sequence[Mapping[str, Any]], terms: Mapping[str, Term], scheme: Scheme, path: Path
) -> Iterator[Match]:
    for number, entry in enumerate(entries):
        where = f"mappings.{number}"
        if entry["class"] not in scheme.by_code:
            raise Refused.value(
                entry["class"], "is no code of the classification", expected=f"a code of version {scheme.version}",
                file=path, field=f"{where}.class",
            )  # fmt: skip
        if entry["object"] not in terms:
            raise Refused.value(
                entry["object"], "is no declared term", expected="an id under terms", file=path, field=f"{where}.object"
            )
        weight = entry.get("weight")
        yield Match(
            code=entry["class"],
            predicate=entry["predicate"],
            term=terms[entry["object"]],
            confidence=float(entry["confidence"]),
            justification=entry["justification"],
            comment=entry.get("comment"),
            weight=None if weight is None else Fraction(str(weight)),
        )


def _check_twice(matches: Sequence[Match], path: Path) -> None:
    seen: set[tuple[str, str]] = set()
    for match in matches:
        pair = (match.code, match.term.id)
        if pair in seen:
            raise Refused.value(
                match.term.id, f"stands twice beside {match.code}", expected="one match", file=path, field="mappings"
            )
        seen.add(pair)


def _check_exact(matches: Sequence[Match], path: Path) -> None:
    """Exactness passes on: two exact terms of a class, or two classes of a term, would be exact to each other."""
    codes: dict[str, str] = {}
    terms: dict[str, str] = {}
    for match in matches:
        if match.predicate != "exact":
            continue
        if codes.setdefault(match.code, match.term.id) != match.term.id:
            raise Refused.value(
                match.code, "has two exact terms", expected="one; narrow for parts", file=path, field="mappings"
            )
        if terms.setdefault(match.term.id, match.code) != match.code:
            raise Refused.value(
                match.term.id, "is exact to two classes", expected="one; broad for parts", file=path, field="mappings"
            )


def _check_weights(matches: Sequence[Match], path: Path) -> None:
    weights: dict[str, list[Fraction]] = {}
    for match in matches:
        if match.weight is not None:
            weights.setdefault(match.code, []).append(match.weight)
    for code, shares in weights.items():
        if sum(shares) != 1:
            raise Refused.value(
                float(sum(shares)), f"is the sum of the weights of {code}", expected="1", file=path,
                field="mappings.weight",
            )  # fmt: skip
