"""A provider's declaration: who it is, for whom, and where its documents are.

One TOML file a provider, `providers/<id>.toml`; the file's name is the provider's id. Nothing is fetched because of a
declaration alone: `[fetch] enabled = true` is the operator's decision, and says who may be asked about it.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from cop.kernel.areas import Areas
from cop.kernel.errors import NotFound, Refused, Where
from cop.kernel.validation import refusal
from cop.terms.criteria import DocumentKind
from cop.terms.extraction import Passage
from cop.terms.extraction.selectors import parse

GROUPS = frozenset({"EU", "EEA", "WORLD"})
"""Regions that are no country, beside ISO 3166-1 alpha-3."""

_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}")
_CONTACT = re.compile(r"(?:[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+)")


class _Part(BaseModel):
    """A table of the file: unknown fields and values of another type are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType]


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError(f'"{value}" is not an address that begins with https:// or http://')
    return value


def _selector(value: str) -> str:
    try:
        parse(value)
    except Refused as error:
        raise ValueError(f"{error.problem} (expected {error.expected})") from error
    return value


def _region(value: str) -> str:
    if value not in GROUPS and value not in Areas():
        raise ValueError(f'"{value}" is no region (expected ISO 3166-1 alpha-3, or {", ".join(sorted(GROUPS))})')
    return value


Address = Annotated[str, Field(min_length=1, max_length=2_000)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class Age(_Part):
    """The ages of users that the service is offered to, in whole years."""

    minimum: int = Field(ge=0, le=99)
    maximum: int | None = Field(default=None, ge=0, le=120)

    @model_validator(mode="after")
    def _ordered(self) -> Age:
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError("maximum is below minimum")
        return self


class Fetching(_Part):
    """Whether and how documents are fetched: `contact` is told to the site, `seconds` pass between two requests."""

    enabled: bool = False
    contact: str | None = None
    seconds: float = Field(default=5.0, ge=1, le=3_600)

    @model_validator(mode="after")
    def _named(self) -> Fetching:
        if self.enabled and self.contact is None:
            raise ValueError("fetching needs a contact, an e-mail address or a page that says who asks")
        if self.contact is not None and not _CONTACT.fullmatch(self.contact):
            raise ValueError(f'"{self.contact}" is no contact (expected an e-mail address or a page)')
        return self


class DeclaredDocument(_Part):
    """One document: `selector` names the elements of the page that hold it, `remove` those inside that do not.

    `files` is a pattern of files to take in, from the folder that holds `providers`; by default
    `files/<provider>__<document>__*`. `charset` is for pages that declare none, or the wrong one.
    """

    kind: DocumentKind
    address: Address | None = None
    selector: str | None = None
    remove: Annotated[tuple[str, ...], BeforeValidator(_tuple)] = ()
    region: str | None = None
    language: Language | None = None
    charset: str | None = None
    files: Annotated[str, Field(min_length=1)] | None = None

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        return None if value is None else _address(value)

    @field_validator("selector")
    @classmethod
    def _is_selector(cls, value: str | None) -> str | None:
        return None if value is None else _selector(value)

    @field_validator("remove")
    @classmethod
    def _are_selectors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_selector, value))

    @field_validator("region")
    @classmethod
    def _is_region(cls, value: str | None) -> str | None:
        return None if value is None else _region(value)

    @field_validator("files")
    @classmethod
    def _stays_inside(cls, value: str | None) -> str | None:
        if value is not None and (Path(value).is_absolute() or ".." in Path(value).parts):
            raise ValueError(f'"{value}" leads out of the folder')
        return value

    @property
    def id(self) -> str:
        """Its name within the provider: kind, then region and language where there are any."""
        return "-".join(filter(None, (self.kind, (self.region or "").lower(), self.language)))

    @property
    def passage(self) -> Passage:
        """How its pages are read."""
        select = parse(self.selector) if self.selector else None
        return Passage(select, tuple(map(parse, self.remove)), self.charset)


class Declaration(_Part):
    """A provider: its family (who owns it), where and in which languages it is offered, and its documents."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    family: Annotated[str, Field(min_length=1, max_length=120)]
    homepage: Address | None = None
    regions: Annotated[tuple[str, ...], BeforeValidator(_tuple)] = ()
    languages: Annotated[tuple[Language, ...], BeforeValidator(_tuple)] = ()
    age: Age | None = None
    fetch: Fetching = Fetching()
    documents: Annotated[tuple[DeclaredDocument, ...], BeforeValidator(_tuple), Field(min_length=1)]
    id: str = Field(default="", exclude=True)

    @field_validator("homepage")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        return None if value is None else _address(value)

    @field_validator("regions")
    @classmethod
    def _are_regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_region, value))

    @model_validator(mode="after")
    def _distinct(self) -> Declaration:
        ids = [document.id for document in self.documents]
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            raise ValueError(f'two documents are called "{twice}": give them different regions or languages')
        return self


def read(path: Path) -> Declaration:
    """The declaration in a file.

    Raises:
        NotFound: there is no such file.
        Refused: its name is no id, it is not TOML, or a field is wrong; says the field, the value, what was expected.
    """
    if not _ID.fullmatch(path.stem):
        expected = "small letters, digits, - and ."
        raise Refused.value(path.name, "is no name for a declaration", expected=expected, file=path)
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound("there is no such declaration", where=Where(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"is not TOML: {error}", where=Where(path), expected="UTF-8 TOML") from error
    if "id" in fields:
        raise Refused("is the file's name and no field of a provider's declaration", where=Where(path, field="id"))
    try:
        return Declaration.model_validate(fields).model_copy(update={"id": path.stem})
    except ValidationError as error:
        raise refusal(error, path, what="a provider's declaration") from error


def read_all(folder: Path) -> list[Declaration]:
    """Every declaration of a folder, in order of id.

    Raises:
        Refused: one of them is wrong.
    """
    return [read(path) for path in sorted(folder.glob("*.toml"))]
