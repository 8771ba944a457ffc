"""A survey's waves as data: `catalogue/waves/*.yaml`, one file a survey, each wave written in full."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound, Refused, Where, shown
from cop.kernel.resources import resource
from cop.measurement.expression import NULL, Call, Column, Expression, Literal, when

_AROUND = re.compile(r"\s*([^\w\s])\s*")
_TRUE, _FALSE = Literal("TRUE", "boolean"), Literal("FALSE", "boolean")

Answer = str | int


@dataclass(frozen=True, slots=True)
class Mapped:
    """One item in one wave: its column, and which answers are valid.

    A yes or no has `positive` and `negative` answers, a number `low` and `high`, a category `categories`. `label` is
    what the wave's file calls the variable.
    """

    column: str
    label: str | None = None
    positive: tuple[Answer, ...] = ()
    negative: tuple[Answer, ...] = ()
    low: float | None = None
    high: float | None = None
    categories: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict[str, tuple[Answer, ...]])
    reference: str | None = None

    def expression(self, column: str) -> Expression:
        """The item as a condition or a value over the file's column; any other answer is none."""
        one = Column(column)
        if self.low is not None and self.high is not None:
            return when(Call("between", (one, _literal(self.low), _literal(self.high))), one)
        if self.categories:
            parts = [(_among(one, given), Literal(code, "text")) for code, given in self.categories.items()]
            return Call("case", (*(part for pair in parts for part in pair), NULL))
        return Call("case", (_among(one, self.positive), _TRUE, _among(one, self.negative), _FALSE, NULL))


@dataclass(frozen=True, slots=True)
class Axis:
    """A variable to break figures down by, in one wave: published code -> every value and label that stands for it."""

    column: str
    codes: Mapping[str, tuple[Answer, ...]]
    missing: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of a survey: the columns that mark its file, its items and its domains."""

    survey: str
    wave: str
    reference: str
    has: frozenset[str]
    lacks: frozenset[str]
    items: Mapping[str, Mapped]
    domains: Mapping[str, Axis]
    file: Path

    def __str__(self) -> str:
        return f"{self.survey} {self.wave}"


@dataclass(frozen=True, slots=True)
class Waves:
    """The waves of one survey, in the order of its file."""

    survey: str
    title: str
    publisher: str
    waves: Mapping[str, Wave]

    def __getitem__(self, wave: str) -> Wave:
        try:
            return self.waves[wave]
        except KeyError:
            raise NotFound(
                f"wave {shown(wave)} of {self.survey} is not mapped", expected=", ".join(self.waves)
            ) from None


def read_waves(path: Path) -> Waves:
    """The waves of a survey from its file.

    Raises:
        Refused: as `read_document`; or the file is not named after its survey, a wave is given twice, an answer means
            two things, a range is empty, or the marks do not tell two waves apart. Names the field.
    """
    facts = read_document(path, path.parent / "waves.schema.json")
    if path.stem != facts["survey"]:
        raise Refused.value(
            facts["survey"], "is not the file's name", file=path, field="survey", expected=f'"{path.stem}"'
        )
    waves: dict[str, Wave] = {}
    for entry in facts["waves"]:
        wave = _wave(entry, facts["survey"], path)
        if wave.wave in waves:
            raise Refused.value(wave.wave, "is given twice", file=path, field="waves", expected="each wave once")
        waves[wave.wave] = wave
    for one, other in combinations(waves.values(), 2):
        if not (one.has & other.lacks or other.has & one.lacks):
            raise Refused(
                f"nothing in their marks tells {one.wave} from {other.wave}", where=Where(path, field="waves"),
                expected="a column that one has and the other lacks",
            )  # fmt: skip
    return Waves(facts["survey"], facts["title"], facts["publisher"], waves)


def load_waves(survey: str, folder: Path | None = None) -> Waves:
    """The waves of a survey, from `catalogue/waves` where no folder is given.

    Raises:
        NotFound: no file for that survey. Refused: as `read_waves`.
    """
    folder = folder or resource("catalogue/waves")
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if survey not in known:
        raise NotFound(f"no wave of survey {shown(survey)} is mapped", expected=", ".join(known) or None)
    return read_waves(folder / f"{survey}.yaml")


def _wave(entry: Mapping[str, Any], survey: str, path: Path) -> Wave:
    items: dict[str, Mapped] = {}
    for name, facts in entry["items"].items():
        where = f"waves.{entry['wave']}.items.{name}"
        categories = {code: tuple(given) for code, given in facts.get("categories", {}).items()}
        _distinct([facts.get("positive", ()), facts.get("negative", ()), *categories.values()], path, where)
        if "low" in facts and facts["low"] > facts["high"]:
            raise Refused("the range is empty", where=Where(path, field=where), expected="low at most high")
        answers: dict[str, Any] = {
            **{name: tuple(facts.get(name, ())) for name in ("positive", "negative")},
            "categories": categories,
        }
        items[name] = Mapped(**{**facts, **answers})
    domains: dict[str, Axis] = {}
    for name, facts in entry.get("domains", {}).items():
        codes = {code: tuple(given) for code, given in facts["codes"].items()}
        _distinct([*codes.values(), facts.get("missing", ())], path, f"waves.{entry['wave']}.domains.{name}")
        domains[name] = Axis(facts["column"], codes, tuple(facts.get("missing", ())))
    marks = entry["marks"]
    has, lacks = (frozenset(column.casefold() for column in marks[name]) for name in ("has", "lacks"))
    return Wave(survey, entry["wave"], entry["reference"], has, lacks, items, domains, path)


def _distinct(groups: Iterable[Sequence[Answer]], path: Path, where: str) -> None:
    spelt = [spelling(answer) for group in groups for answer in group]
    twice = sorted({answer for answer in spelt if spelt.count(answer) > 1})
    if twice:
        raise Refused.value(twice[0], "means two things", file=path, field=where, expected="each answer once")


def spelling(label: Answer) -> str:
    """A label without what changes between waves: case, spaces, and spaces around signs.

    `Am Indian / Alaska Native` and `Am Indian/Alaska Native` are one label; `Asian` and `Asian or Pacific` are two.
    """
    text = unicodedata.normalize("NFKC", str(label)).casefold().strip()
    return " ".join(_AROUND.sub(r"\1", text).split())


def _among(column: Column, answers: Sequence[Answer]) -> Expression:
    literals = tuple(_literal(answer) for answer in answers)
    return Call("=", (column, literals[0])) if len(literals) == 1 else Call("in", (column, *literals))


def _literal(value: Answer | float) -> Literal:
    if isinstance(value, str):
        return Literal(value, "text")
    return Literal(repr(int(value)) if float(value).is_integer() else repr(value))
