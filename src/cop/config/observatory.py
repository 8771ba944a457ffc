"""The description of an observatory: `observatory.toml` in its folder, read once and checked whole.

Paths in it are relative to the folder. The commented model that `cop init` writes is `cop/config/template/`.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cop.kernel.areas import Areas
from cop.kernel.errors import CopError, NotFound, Refused, Where, shown
from cop.kernel.periods import is_span
from cop.kernel.sealing import Recipient
from cop.kernel.validation import refusal
from cop.vault.cases.retention import Rule, check_rules, default_rules
from cop.vault.coding.rules import AUDIT_RATE, LIMITS, Limits
from cop.vault.reports.schemas import FIELDS, check_value

NAME = "observatory.toml"
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Language = Literal["ar", "zh", "en", "fr", "ru", "es"]  # `cop.kernel.languages.OFFICIAL`, spelt out for the checker


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _recipient_lines(value: tuple[str, ...]) -> tuple[str, ...]:
    for line in value:
        try:
            Recipient.parse(line)
        except CopError as error:
            raise ValueError(str(error)) from error
    return value


class About(_Part):
    """`[observatory]`: what it is called and who keeps it."""

    id: Slug
    title: str
    organisation: str
    group: str
    languages: tuple[Language, ...] = ("en",)
    synthetic: bool = False
    note: str = ""


class Release(_Part):
    """`[release]`: the reference date and period of the edition, and the smallest count it may show."""

    date: date
    period: str
    threshold: Annotated[int, Field(ge=1)] = 5

    @field_validator("period")
    @classmethod
    def _span(cls, value: str) -> str:
        if not is_span(value):
            raise ValueError("is not a span of periods (expected FIRST/LAST, for instance 2024-01/2025-12)")
        return value


class Vault(_Part):
    """`[vault]`: where the confidential state lies and to whom narratives are sealed (to nobody: not kept at all)."""

    database: str = "vault/vault.sqlite3"
    recipients: tuple[str, ...] = ()

    @field_validator("database")
    @classmethod
    def _ours(cls, value: str) -> str:
        scheme, address, _ = value.partition("://")
        if (address and scheme not in {"postgresql", "postgres"}) or not value.strip():
            said = f'"{scheme}://…"' if address else shown(value)  # the rest may hold a password
            raise ValueError(f"{said} is no database of ours (expected the path of a SQLite file, or postgresql://...)")
        return value

    _lines = field_validator("recipients")(_recipient_lines)


class Desk(_Part):
    """`[desk]`: how the desk and the door of those who report are served, and what they take.

    `https` is for a desk that people reach over a network: behind a server that speaks TLS, which it then insists on.
    `proxies` is how many such servers stand in front, each adding to `X-Forwarded-For`: nobody else is believed.
    """

    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    https: bool = False
    proxies: Annotated[int, Field(ge=0, le=5)] = 0
    reports_to: Slug | None = None
    reports_per_minute: Annotated[int, Field(ge=1)] = 30
    body_kilobytes: Annotated[int, Field(ge=64, le=10_240)] = 256
    bulk_megabytes: Annotated[int, Field(ge=1, le=256)] = 16


class Coding(_Part):
    """`[coding]`: what the desk asks of a person at most, and the share of records that two people code blind."""

    daily_cap: Annotated[int, Field(ge=1, le=200)] = LIMITS.daily_cap
    break_after_records: Annotated[int, Field(ge=1, le=100)] = LIMITS.break_after_records
    break_after_minutes: Annotated[int, Field(ge=5, le=240)] = LIMITS.break_after_minutes
    hold_minutes: Annotated[int, Field(ge=5, le=240)] = LIMITS.hold_minutes
    audit_rate: Annotated[float, Field(gt=0, le=1)] = AUDIT_RATE

    @property
    def limits(self) -> Limits:
        return Limits(self.daily_cap, self.break_after_records, self.break_after_minutes, self.hold_minutes)


class Backup(_Part):
    """`[backup]`: where `cop backup` puts archives, whom they are sealed to, and how old the last may become."""

    folder: str = "backups"
    recipients: tuple[str, ...] = ()
    hours: Annotated[int, Field(ge=1)] = 26
    keep: Annotated[int, Field(ge=1)] = 14

    _lines = field_validator("recipients")(_recipient_lines)


class ReportSource(_Part):
    """`[[reports]]`: report records from one body, in files of one shape.

    `organisation` is the short name of the one whose desk they come to; its key holders can read them then.
    """

    id: Slug
    title: str
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    columns: dict[str, str] = {}
    defaults: dict[str, str] = {}
    ignore: tuple[str, ...] = ()
    where: dict[str, str] = {}
    on_reject: Literal["stop", "set aside"] = "stop"
    organisation: Slug | None = None


class SurveySource(_Part):
    """`[[surveys]]`: survey microdata, by their own description file."""

    description: str


class SeriesColumns(_Part):
    """What the columns of a plain CSV mean (`cop.measurement.series.reading.Columns` says each)."""

    area: str | None = None
    period: str | None = None
    value: str | None = None
    period_columns: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    thousands: str = ""
    missing_area: str | None = None
    missing: tuple[str, ...] = ("",)


class SeriesSource(_Part):
    """`[[series]]`: an official series as its publisher gives it."""

    id: Slug
    title: str
    file: str
    format: Literal["sdmx-ml", "sdmx-csv", "csv"]
    structure: str | None = None
    source: str
    licence: str = ""
    unit: str = ""
    area_dimension: str | None = None
    mapping: SeriesColumns | None = None

    @model_validator(mode="after")
    def _mapped(self) -> Self:
        if (self.format == "csv") != (self.mapping is not None):
            raise ValueError("mapping is for the format csv, which needs it; SDMX carries its own structure")
        return self


class TermsVersion(_Part):
    """One dated version of a provider's document."""

    date: date
    file: str


class TermsDocument(_Part):
    """A document of a provider in one language and region, in its versions."""

    kind: Literal["tos", "privacy"]
    title: Name
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"
    region: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,40}$")] = ""
    versions: Annotated[tuple[TermsVersion, ...], Field(min_length=1)]


class YoungUsers(_Part):
    """`young_users`: how many users under 18 a provider has, and who says so; a weight of the list's indicator."""

    number: Annotated[int, Field(ge=1)]
    source: Annotated[str, Field(min_length=1, max_length=300)]


class ProviderSource(_Part):
    """`[[providers]]`: a provider with its documents, listed, found in a folder (`prefix__kind__date.ext`) or watched.

    A watched provider has a declaration (`cop.terms.watch`): its documents are what `cop terms ingest|fetch` kept in
    `store`, by default the folder `store` beside that of the declaration.
    `decisions` is a file of what people decided on it, TOML or CSV (`cop.vault.providers.schemas`).
    """

    id: Slug
    name: Name
    family: Annotated[str, Field(max_length=200)] = ""
    homepage: Annotated[str, Field(max_length=300)] = ""
    documents: tuple[TermsDocument, ...] = ()
    folder: str | None = None
    prefix: str | None = None
    declaration: str | None = None
    store: str | None = None
    decisions: str | None = None
    young_users: YoungUsers | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if bool(self.documents) + (self.folder is not None) + (self.declaration is not None) != 1:
            raise ValueError("a provider has either documents, a folder or a declaration")
        return self


class MeetingSource(_Part):
    """`[[meetings]]`: the facts of a meeting."""

    file: str


class Report(_Part):
    """`[report]`: the secretariat's own sections of the annual report."""

    folder: str = "inputs/report"
    to: str = "Council"


class Observatory(_Part):
    """Everything `observatory.toml` says, with the folder it was read from."""

    folder: Path
    observatory: About
    release: Release
    vault: Vault = Vault()
    desk: Desk = Desk()
    coding: Coding = Coding()
    backup: Backup = Backup()
    retention: tuple[Rule, ...] = ()
    areas: dict[str, str] = {}
    reports: tuple[ReportSource, ...] = ()
    surveys: tuple[SurveySource, ...] = ()
    series: tuple[SeriesSource, ...] = ()
    providers: tuple[ProviderSource, ...] = ()
    meetings: tuple[MeetingSource, ...] = ()
    report: Report = Report()

    @property
    def known_areas(self) -> Areas:
        return Areas(self.areas)

    @property
    def recipients(self) -> list[Recipient]:
        return [Recipient.parse(line) for line in self.vault.recipients]

    @property
    def retention_rules(self) -> tuple[Rule, ...]:
        """Its own rules of retention, else those of the catalogue."""
        return self.retention or default_rules()

    def path(self, relative: str) -> Path:
        """A path of the description, from the folder it stands in."""
        return self.folder / relative

    def files(self, pattern: str, *, field: str) -> list[Path]:
        """The files that a path or glob names, in order of name.

        Raises:
            NotFound: there is none.
        """
        whole = self.path(pattern)
        root = Path(whole.anchor) if Path(pattern).is_absolute() else self.folder
        within = str(whole.relative_to(root))
        found = sorted(p for p in root.glob(within) if p.is_file()) if "*" in pattern else [whole]
        if not found or not found[0].is_file():
            raise NotFound(f"{shown(pattern)} names no file", where=Where(self.folder / NAME, field=field))
        return found


def read_observatory(folder: Path) -> Observatory:
    """Read `observatory.toml` from a folder.

    Raises:
        NotFound: there is none.
        Refused: it is not TOML, or a setting is missing, unknown or not what is expected.
    """
    path = folder / NAME
    if not path.is_file():
        raise NotFound(f"no {NAME} in {folder}", expected="a folder that `cop init` made, or --dir")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"the file is not TOML: {error}", where=Where(path), expected="UTF-8 TOML") from error
    try:
        observatory = Observatory.model_validate({**raw, "folder": folder})
    except ValidationError as error:
        raise refusal(error, path, what="an observatory's description") from error
    try:
        _ = observatory.known_areas
    except Refused as error:
        raise Refused(error.problem, where=Where(path, field="areas"), expected=error.expected) from error
    if observatory.retention:
        try:
            check_rules(observatory.retention)
        except Refused as error:
            field = error.where.field if error.where else "retention"
            raise Refused(error.problem, where=Where(path, field=field), expected=error.expected) from error
    _distinct(observatory, path)
    _readable(observatory, path)
    return observatory


def _readable(observatory: Observatory, path: Path) -> None:
    """Columns and defaults of report sources name fields of a report and hold what a report may."""
    areas = observatory.known_areas
    for source in observatory.reports:
        for part, names in (("columns", source.columns), ("defaults", source.defaults)):
            for name in names:
                if name not in FIELDS:
                    raise Refused.value(
                        name,
                        "is no field of a report",
                        file=path,
                        field=f"reports.{source.id}.{part}",
                        expected=", ".join(FIELDS),
                    )
        for name, value in source.defaults.items():
            try:
                check_value(name, value, areas)
            except Refused as error:
                where = Where(path, field=f"reports.{source.id}.defaults.{name}")
                raise Refused(error.problem, where=where, expected=error.expected) from error


def _distinct(observatory: Observatory, path: Path) -> None:
    for name in ("reports", "series", "providers"):
        ids = [part.id for part in getattr(observatory, name)]
        if double := next((i for i in ids if ids.count(i) > 1), None):
            raise Refused.value(double, "is used twice", file=path, field=f"{name}.id", expected="one id each")
