"""What `cop measure records` counts: one TOML file, read with `read`. Nothing in it is code."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cop.kernel.errors import Refused, Where
from cop.kernel.validation import refusal
from cop.measurement.records.counts import CountTable, Dimension, Level, Step
from cop.measurement.records.units import Unit, Without

Ours = Literal[
    "id", "code", "date", "period", "area", "platform", "age_band", "sex", "language", "probability", "scheme",
    "model", "source",
]  # fmt: skip
FORMATS = (".csv", ".parquet")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @field_validator("*", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(cast("list[object]", value)) if isinstance(value, list) else value


class Counted(_Part):
    """The unit of count (`cop.measurement.records.units.Unit` says each)."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = "reports"
    column: str | None = None
    duplicate_of: str | None = None
    without: Without = "refuse"


class Audited(_Part):
    """The audit sample: a file with the id of each record that was drawn and the code that people gave it.

    `strata` are columns of the records by whose values the sample was drawn; `weight` a column of the sample with one
    over the chance of being drawn; `only` a column of true and false that says which rows were drawn at random.
    """

    file: Annotated[str, Field(min_length=1)]
    id: str = "id"
    code: str = "code"
    weight: str | None = None
    only: str | None = None
    strata: tuple[str, ...] = ()


class Table(_Part):
    """A table to be counted (`cop.measurement.records.counts.CountTable` says each)."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
    dimensions: tuple[Dimension, ...]
    levels: tuple[Level, ...] = ("class", "section", "total")
    step: Step = "month"

    @model_validator(mode="after")
    def _once(self) -> Table:
        _ = self.counted
        return self

    @property
    def counted(self) -> CountTable:
        return CountTable(self.name, self.dimensions, self.levels, self.step)


class Rates(_Part):
    """Denominators: a file with `value` and any of `area`, `period`, `age_band` and `sex`."""

    file: Annotated[str, Field(min_length=1)]
    population: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    per: Annotated[float, Field(gt=0)] = 100_000.0
    step: Literal["same", "year"] = "same"
    missing: Literal["refuse", "leave empty"] = "refuse"


class Backcast(_Part):
    """Records whose `scheme` is `version` are carried to the present one by the correspondence in `file`."""

    file: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]


class Records(_Part):
    """The whole description. `path` is the file it was read from; other files are relative to its folder.

    `columns` maps our names to the file's; a column that already has our name need not be mapped. `codes` is a file of
    `code` and `parent` for codes that are not of the installed classification. `breaks` is a file of declared breaks
    with `period`, `reason` and perhaps `area`. `sources` are the bodies that were to hand in records in every month.
    """

    path: Path
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    title: Annotated[str, Field(min_length=1)]
    file: Annotated[str, Field(min_length=1)]
    missing: tuple[str, ...] = ("",)
    columns: dict[Ours, str] = Field(default_factory=dict)
    codes: str | None = None
    breaks: str | None = None
    sources: tuple[str, ...] = ()
    level: float = Field(default=0.95, gt=0.5, lt=1)
    unit: Counted = Counted()
    audit: Audited | None = None
    table: tuple[Table, ...]
    rates: Rates | None = None
    backcast: Backcast | None = None

    @model_validator(mode="after")
    def _fits(self) -> Records:
        if not self.table:
            raise ValueError("there is no table to count")
        if len({table.name for table in self.table}) != len(self.table):
            raise ValueError("two tables have one name")
        return self

    @property
    def counted(self) -> Unit:
        unit = self.unit
        return Unit(unit.name, unit.column, unit.duplicate_of, self.theirs("id"), unit.without)

    def theirs(self, ours: Ours) -> str:
        """The file's name of one of our columns."""
        return self.columns.get(ours, ours)

    def beside(self, name: str, field: str) -> Path:
        """A file named in the description.

        Raises:
            Refused: it is not there, or of no format that is read.
        """
        path = (self.path.parent / name).resolve()
        if not path.is_file():
            raise Refused(f"{name} is not there", where=Where(self.path, field=field),
                          expected="a path from this file's folder")  # fmt: skip
        if path.suffix.lower() not in FORMATS:
            raise Refused.value(path.name, "is no format that is read", file=self.path, field=field,
                                expected=f"a file ending in {' or '.join(FORMATS)}")  # fmt: skip
        return path


def read(path: Path) -> Records:
    """Read and check a description; the data itself is not opened.

    Raises:
        Refused: not TOML, or a field is missing, unknown or wrong. Names the file and the field.
    """
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Refused("is not a file", where=Where(path), expected="a description of records in TOML") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Refused(f"is not TOML: {error}", where=Where(path), expected="a description of records") from error
    return describe(facts, path)


def describe(facts: dict[str, Any], path: Path) -> Records:
    """The description from its parsed TOML; `read` says the rest."""
    try:
        return Records.model_validate({**facts, "path": path})
    except ValidationError as error:
        raise refusal(error, path, what="a description of records") from None
