"""A release's description: which tables, how their codes add up, which rules, what was published before.

One TOML file, read with `read`. `cop measure protect` writes one of the same kind beside the protected tables, so that
they can be audited and taken as a past release.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.tables import format_of
from cop.kernel.validation import refusal
from cop.measurement.disclosure.hierarchy import TOTAL, Dimension
from cop.measurement.disclosure.rules import Rules, read_rules, standard_rules

RELEASE = "release.toml"
STATUSES = ("obs_status", "conf_status")
RESERVED = frozenset({"table", "measure", "value", "counted", "primary", "reason", "need_low", "need_high", "insider",
                      "cost", *STATUSES})  # fmt: skip
_Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @field_validator("*", mode="before")
    @classmethod
    def _tuples(cls, value: object) -> object:
        return tuple(cast("list[object]", value)) if isinstance(value, list) else value


class Axis(_Part):
    """A dimension: see `hierarchy.Dimension`. `total` is what the total stands for, where it is a period of its own."""

    kind: Literal["list", "tree", "ages", "periods"] = "list"
    parents: dict[str, str] = Field(default_factory=dict)
    sums: dict[str, list[str]] = Field(default_factory=dict)
    rest: Literal["none", "hidden", "known"] = "none"
    open: tuple[str, ...] = ()
    additive: bool = True
    total: str | None = None

    @field_validator("sums", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        return value

    @model_validator(mode="after")
    def _coherent(self) -> Axis:
        if self.parents and self.kind != "tree":
            raise ValueError("only a tree has parents")
        if self.total is not None and self.kind != "periods":
            raise ValueError("only the total of periods stands for a period")
        return self


class Share(_Part):
    """A published percentage: its column, the column of the number it is a share of, its decimals."""

    column: str
    of: str
    decimals: Annotated[int, Field(ge=0, le=6)] = 1


class Table(_Part):
    """One table: its file, its dimensions' columns, the column of values, and what the rules need to know.

    `dimensions` names columns, each of which is a dimension of the description; what else the file holds is written
    again as it is, and emptied in withheld rows where `also` names it. `units`, `psu` and `largest` are for the rules
    and are not published, except for the column a share is of; nor is `key`, the cells' keys of the cell-key method.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
    file: Annotated[str, Field(min_length=1)]
    dimensions: tuple[_Name, ...]
    value: str = "value"
    measure: str | None = None
    kind: Literal["count", "magnitude"] = "count"
    units: str | None = None
    psu: str | None = None
    largest: tuple[str, ...] = Field(default=(), max_length=5)
    share: Share | None = None
    also: tuple[str, ...] = ()
    key: str | None = None
    total: str = TOTAL

    @property
    def measured(self) -> str:
        """The measure: tables with the same one speak of the same cells."""
        return self.measure or self.value

    @model_validator(mode="after")
    def _coherent(self) -> Table:
        if len(set(self.dimensions)) != len(self.dimensions):
            raise ValueError("a dimension is named twice")
        for name in self.dimensions:
            if name in RESERVED:
                raise ValueError(f"a dimension cannot be called {name}")
        if self.kind == "count" and self.largest:
            raise ValueError("contributions are of a magnitude, not of a count")
        if self.share is not None and self.kind != "count":
            raise ValueError("a share of units is of a count")
        return self


class Release(_Part):
    """The whole description. `path` is the file it was read from; other paths are relative to its folder.

    `method` says how tables are protected: by suppression, by random rounding to `base`, or with noise by cell keys
    from the table `perturbation`; rounding needs the file `secret`.
    """

    path: Path
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
    title: str = ""
    rules: str | None = None
    threshold: Annotated[int, Field(ge=1)] | None = None
    method: Literal["suppress", "round", "cell-key"] = "suppress"
    base: Annotated[int, Field(ge=2)] = 5
    perturbation: str | None = None
    secret: str | None = None
    cost: Literal["cells", "values"] = "cells"
    past: tuple[str, ...] = ()
    plain: bool | None = None
    dimensions: dict[_Name, Axis]
    tables: tuple[Table, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> Release:
        if len({t.name for t in self.tables}) != len(self.tables):
            raise ValueError("two tables have the same name")
        for table in self.tables:
            for name in table.dimensions:
                if name not in self.dimensions:
                    raise ValueError(f"table {table.name} names the dimension {name}, which is not described")
            format_of(table.file)
        if self.method == "round" and self.secret is None:
            raise ValueError("rounding needs secret, a file only the office can read")
        for table in self.tables:
            if self.method != "suppress" and (table.kind != "count" or table.share is not None):
                raise ValueError(f"table {table.name} is not of counts alone: only they are rounded or perturbed")
            if self.method == "cell-key" and table.key is None:
                raise ValueError(f"table {table.name} has no key, the column of its cells' keys")
        kinds = {t.measured: t.kind for t in self.tables}
        if any(kinds[t.measured] != t.kind for t in self.tables):
            raise ValueError("a measure is a count in one table and a magnitude in another")
        return self

    @property
    def axes(self) -> tuple[Dimension, ...]:
        """The dimensions, in the description's order."""
        return tuple(
            Dimension(name, a.kind, a.parents, a.sums, a.rest, frozenset(a.open), a.additive)
            for name, a in self.dimensions.items()
        )

    @property
    def applied(self) -> Rules:
        """The rules the description names, with its threshold.

        Raises:
            Refused: the file of rules is none.
        """
        rules = standard_rules() if self.rules is None else read_rules(self.path.parent / self.rules)
        return rules if self.threshold is None else rules.at(self.threshold)

    @property
    def only_counts(self) -> bool:
        """Whether a status C can only stand for a small count, as no table asks for another rule."""
        if self.plain is not None:
            return self.plain
        return all(t.kind == "count" and t.units is None and t.psu is None for t in self.tables)

    def file(self, name: str) -> Path:
        """A path of the description."""
        return (self.path.parent / name).resolve()

    @property
    def before(self) -> list[Release]:
        """The past releases, as they describe themselves."""
        return [read(self.file(name) / RELEASE) for name in self.past]


def read(path: Path) -> Release:
    """Read and check a description; the tables themselves are not opened.

    Raises:
        NotFound: there is no such file.
        Refused: not TOML, or a field is missing, unknown or wrong; names the file and the field.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}", expected="a description of tables in TOML")
    try:
        facts: Mapping[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"is not TOML: {error}", where=Where(path), expected="a description of tables in TOML") from error
    try:
        return Release.model_validate({**facts, "path": path})
    except ValidationError as error:
        raise refusal(error, path, what="a description of tables") from None
