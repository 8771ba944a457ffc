"""What is watched in an observatory's counts and whom its monitor tells: `monitor.toml`, which need not be there.

The door watches the same tables with the same settings, so an edition says what the monitor would of its counts.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cop.kernel.errors import CopError, Refused, Where
from cop.kernel.validation import refusal
from cop.measurement.warning.settings import EwmaSettings, Settings, load, load_ewma
from cop.measurement.warning.webhook import check_url

NAME = "monitor.toml"
Words = tuple[Annotated[str, Field(min_length=1)], ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Webhook(_Part):
    """`[webhook]`: an address that hears of each new warning once.

    `ca` is a PEM file of the authorities to trust, from the observatory's folder; `timeout` is in seconds.
    """

    url: str
    timeout: Annotated[float, Field(gt=0, le=120)] = 10.0
    ca: str | None = None

    @field_validator("url")
    @classmethod
    def _https(cls, value: str) -> str:
        try:
            check_url(value)
        except CopError as error:
            raise ValueError(f"{error.problem} (expected {error.expected})") from None
        return value


class Monitor(_Part):
    """Everything `monitor.toml` says.

    `tables` are tables of the edition's counts with months or weeks; `last` is how many periods at their end are looked
    at; `settings` and `short` name settings of `catalogue/warning`, or files from the observatory's folder: `short` is
    for series too short for `settings`, and an empty one leaves them out.
    """

    tables: Annotated[Words, Field(min_length=1)] = ("class-month", "section-month-area")
    last: Annotated[int, Field(ge=1, le=120)] = 2
    settings: str = "monthly"
    short: str = "ewma-monthly"
    webhook: Webhook | None = None


@dataclass(frozen=True, slots=True)
class Watching:
    """What is watched and how, the settings read; the arguments of `monitor.watch`."""

    tables: tuple[str, ...]
    settings: Settings
    short: EwmaSettings | None
    last: int


def watching(described: Monitor, folder: Path) -> Watching:
    """What an observatory's description says to watch.

    Raises:
        NotFound: there are no such settings. Refused: they do not fit the schema, or one another.
    """
    settings = load(_settings(described.settings, folder))
    short = load_ewma(_settings(described.short, folder)) if described.short else None
    return Watching(described.tables, settings, short, described.last)


def _settings(name: str, folder: Path) -> str:
    return str(folder / name) if (folder / name).is_file() else name


def read(folder: Path) -> Monitor:
    """The description in an observatory's folder, or the defaults where there is none.

    Raises:
        Refused: it is not TOML, or a setting is unknown or will not do.
    """
    path = folder / NAME
    if not path.exists():
        return Monitor()
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Refused(f"is not TOML: {error}", where=Where(path), expected="UTF-8 TOML") from error
    try:
        return Monitor.model_validate(facts)
    except ValidationError as error:
        raise refusal(error, path, what="a monitor's description") from None
