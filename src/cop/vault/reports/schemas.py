"""What a report record may hold, and how a file's columns become it.

Code lists follow the classification's disaggregating variables; `not_recorded` (nobody asked) is told apart from
`unknown` (asked, not known).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from cop.kernel.areas import EXPECTED as AREA_EXPECTED
from cop.kernel.areas import Areas
from cop.kernel.errors import CopError, Refused, Where
from cop.kernel.periods import parse_date
from cop.kernel.tables import Row

PLATFORMS: Final = (
    "social",
    "messaging_open",
    "messaging_e2ee",
    "video_sharing",
    "live_streaming",
    "online_game",
    "forum",
    "marketplace",
    "app_store",
    "search",
    "adult_service",
    "dating",
    "ai_service",
    "cloud_host",
    "website",
    "email_sms_voice",
    "dark_web",
    "ed_tech",
    "device",
    "not_recorded",
    "unknown",
)
AGE_BANDS: Final = ("0-2", "3-6", "7-9", "10-12", "13-15", "16-17", "not_recorded", "unknown")
SEXES: Final = ("girl", "boy", "other", "not_recorded", "unknown")
CHANNELS: Final = (
    "hotline",
    "helpline",
    "platform",
    "police",
    "school",
    "survey",
    "proactive",
    "trusted_flagger",
    "not_recorded",
    "unknown",
)
REPORTERS: Final = ("child", "parent", "professional", "peer", "public", "automated", "not_recorded", "unknown")
_CODED: Final = {
    "platform": PLATFORMS,
    "age_band": AGE_BANDS,
    "sex": SEXES,
    "channel": CHANNELS,
    "reporter": REPORTERS,
}
FIELDS: Final = ("narrative", "date", "id", "country", "url", *_CODED)

ORIGINS: Final = ("file", "form", "api", "desk")
STATUSES: Final = ("received", "assessed", "actioned", "referred", "closed", "withdrawn")
COUNT_UNITS: Final = ("REPORT", "EVENT", "URL", "FILE", "ACCOUNT", "CHILD", "CONTACT")
KINDS: Final = ("question", "answer", "facts")
"""What can be exchanged with a reporter."""
DONE: Final = 100
"""The worker's step after which a report waits for no other."""

NARRATIVE_LIMIT: Final = 20_000
"""The longest narrative accepted, in characters."""

_REF_LIMIT: Final = 100
_FIRST_DATE: Final = date(1990, 1, 1)
_FORMULA = re.compile(r"\s*(?:=\s*[\w(+\-@\"']|[+\-@]\s*[A-Za-z][\w.]*\(|[=+\-@][^\n]{0,40}\|[^\n]{0,40}!)")
_IMAGERY = re.compile(r"data:[a-z]+/[\w.+-]+[;,]|[A-Za-z0-9+/]{400,}={0,2}")
_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a source's columns become our fields.

    Attributes:
        columns: our field -> their column, where the names differ.
        defaults: our field -> the value of every record that does not bring its own.
        ignore: their columns that are known and not used.
        where: their column -> the value a row must have to be a record at all (a file that holds several splits).
    """

    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    ignore: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict[str, str])

    def column(self, name: str) -> str | None:
        """The column that holds a field; None where a column of that name is there and to be ignored."""
        return self.columns.get(name, None if name in self.ignore else name)

    @property
    def known(self) -> frozenset[str]:
        """Every column name that may occur."""
        return frozenset({self.columns.get(f, f) for f in FIELDS} | set(self.ignore) | set(self.where))

    def check(self, columns: Iterable[str] | None, file: str | Path) -> None:
        """Refuse a header with a column nobody knows, or without one that is needed."""
        if columns is None:
            return
        present = set(columns)
        if unknown := sorted(present - self.known):
            raise Refused.value(
                unknown[0],
                "is an unknown column",
                file=file,
                expected=f"one of {', '.join(sorted(self.known))}, or name it under ignore",
            )
        for name in ("narrative", "date"):
            if self.columns.get(name, name) not in present and name not in self.defaults:
                raise Refused(
                    "the column is missing",
                    where=Where(file, field=self.columns.get(name, name)),
                    expected=f"a column for {name}",
                )

    def wants(self, row: Row) -> bool:
        """Whether the row is one of the records asked for."""
        return all(str(row.values.get(column, "")) == value for column, value in self.where.items())


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """A valid record, its narrative still readable: it lives in memory only."""

    row: int
    narrative: str
    date: date
    ref: str
    area: str
    url: str
    platform: str
    age_band: str
    sex: str
    channel: str
    reporter: str


class RecordReader:
    """Reads the rows of one file as records."""

    def __init__(self, shape: Shape, areas: Areas, file: str | Path) -> None:
        self._shape, self._areas, self._file = shape, areas, file
        self._known = shape.known
        self._columns = {name: shape.column(name) for name in FIELDS}

    def read(self, row: Row) -> ReportRecord:
        """A row as a record.

        Raises:
            Refused: a field is missing or not what is expected; row and field are named.
        """
        if row.fault is not None:
            raise row.fault
        if unknown := row.values.keys() - self._known:
            raise Refused.value(
                min(unknown),
                "is an unknown column",
                file=self._file,
                row=row.number,
                expected="a field of a report, or ignore",
            )
        given = {name: self._text(row, name) for name in FIELDS}
        try:
            return ReportRecord(
                row=row.number,
                narrative=_narrative(given["narrative"]),
                date=_date(given["date"]),
                ref=_plain("id", given["id"], _REF_LIMIT),
                area=_area(given["country"], self._areas),
                url=_url(given["url"]),
                platform=_code("platform", given["platform"]),
                age_band=_code("age_band", given["age_band"]),
                sex=_code("sex", given["sex"]),
                channel=_code("channel", given["channel"]),
                reporter=_code("reporter", given["reporter"]),
            )
        except CopError as error:
            place = Where(self._file, row.number, error.where.field if error.where else None)
            raise Refused(error.problem, where=place, expected=error.expected) from error

    def _text(self, row: Row, name: str) -> str:
        column = self._columns[name]
        value = None if column is None else row.values.get(column)
        if isinstance(value, date):
            return value.isoformat()[:10]
        if value is not None and not isinstance(value, (str, int, float)):
            problem = f"a {type(value).__name__} cannot be a value"
            raise Refused(problem, where=Where(self._file, row.number, name), expected="text")
        text = "" if value is None else str(value).strip()
        return text or self._shape.defaults.get(name, "")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run it."""
    return _FORMULA.match(text) is not None


def is_imagery(text: str) -> bool:
    """Whether it holds a file written as text: a `data:` address or a long run of base64."""
    return _IMAGERY.search(text) is not None


def check_value(name: str, text: str, areas: Areas) -> None:
    """Refuse a text that no report may have in that field.

    Raises:
        Refused: says what is expected.
    """
    if name in _CODED:
        _code(name, text)
    elif name == "id":
        _plain(name, text, _REF_LIMIT)
    elif name == "country":
        _area(text, areas)
    else:
        {"narrative": _narrative, "date": _date, "url": _url}[name](text)


def _narrative(text: str) -> str:
    where = Where(field="narrative")
    if not text:
        raise Refused("the narrative is missing", where=where, expected="a text")
    if len(text) > NARRATIVE_LIMIT:
        raise Refused(
            f"the narrative has {len(text):,} characters", where=where, expected=f"at most {NARRATIVE_LIMIT:,}"
        )
    if "\0" in text:
        raise Refused("the narrative holds a NUL character", where=where, expected="text")
    if _FORMULA.match(text):
        raise Refused.value(text[:30], "begins like a spreadsheet formula", field="narrative", expected="plain text")
    if _IMAGERY.search(text):
        raise Refused(
            "the narrative holds encoded data", where=where, expected="text only: no file is ever accepted here"
        )
    return text


def _date(text: str) -> date:
    try:
        day = parse_date(text)
    except Refused as error:
        raise Refused(error.problem, where=Where(field="date"), expected=error.expected) from error
    if day < _FIRST_DATE:
        raise Refused.value(text, "is too early", field="date", expected="1990-01-01 or later")
    return day


def _area(code: str, areas: Areas) -> str:
    if code and code not in areas:
        raise Refused.value(code, "is no known country", field="country", expected=AREA_EXPECTED)
    return code


def _url(text: str) -> str:
    if text and not _URL.fullmatch(text):
        raise Refused.value(text, "is not an address", field="url", expected="http:// or https:// and a host")
    return text


def _code(name: str, text: str) -> str:
    value = text or "not_recorded"
    if value not in _CODED[name]:
        raise Refused.value(text, "is not in the code list", field=name, expected=", ".join(_CODED[name]))
    return value


def _plain(name: str, text: str, limit: int) -> str:
    if len(text) > limit or not text.isprintable():
        raise Refused.value(text, "cannot be a reference", field=name, expected=f"at most {limit} printable characters")
    if _FORMULA.match(text):
        raise Refused.value(text, "begins like a spreadsheet formula", field=name, expected="plain text")
    return text
