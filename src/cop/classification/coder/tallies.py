"""Coded records as counts by calendar month: what drift is measured on. No record is kept, so memory does not grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

from cop.classification.coder.fields import Fields
from cop.classification.coder.language import UNKNOWN
from cop.classification.coder.reviews import CODE
from cop.kernel.errors import Refused, Where
from cop.kernel.languages import OFFICIAL
from cop.kernel.periods import month
from cop.kernel.progress import SILENT, Progress
from cop.kernel.tables import open_rows

FIELDS = ("date", "language", "code", "probability", "class_set", "route", "text", "length")
"""Fields that are read: those of `cop classify`, the date, and the text (its length is taken) or its length, if any."""

PLACES = 10_000
"""Probabilities are counted to the fourth place."""

_STEP = 1000


@dataclass(slots=True)
class Tally:
    """Records of a period, counted.

    Languages outside the six are one, `und`; `sizes` are those of the class sets; `lengths` (characters) may be empty.
    """

    records: int = 0
    languages: Counter[str] = field(default_factory=Counter[str])
    codes: Counter[str] = field(default_factory=Counter[str])
    probabilities: Counter[int] = field(default_factory=Counter[int])
    sizes: Counter[int] = field(default_factory=Counter[int])
    routes: Counter[str] = field(default_factory=Counter[str])
    lengths: Counter[int] = field(default_factory=Counter[int])

    @property
    def sections(self) -> Counter[str]:
        """Records by section."""
        found: Counter[str] = Counter()
        for code, count in self.codes.items():
            found[code[0]] += count
        return found

    def add(  # one record, by its facts
        self, *, language: str, code: str, probability: float, size: int, route: str, length: int | None
    ) -> None:
        """Count one record."""
        self.records += 1
        self.languages[language if language in OFFICIAL else UNKNOWN] += 1
        self.codes[code] += 1
        self.probabilities[round(probability * PLACES)] += 1
        self.sizes[size] += 1
        self.routes[route] += 1
        if length is not None:
            self.lengths[length] += 1


def together(tallies: Iterable[Tally]) -> Tally:
    """Several periods as one."""
    whole = Tally()
    for tally in tallies:
        whole.records += tally.records
        for name in ("languages", "codes", "probabilities", "sizes", "routes", "lengths"):
            getattr(whole, name).update(getattr(tally, name))
    return whole


def mean_and_error(values: Mapping[int, int]) -> tuple[float, float]:
    """Mean of counted values and its standard error; there must be at least one."""
    n = sum(values.values())
    mean = sum(v * c for v, c in values.items()) / n
    variance = sum(c * (v - mean) ** 2 for v, c in values.items()) / max(n - 1, 1)
    return mean, sqrt(variance / n)


def read_tallies(path: Path | str, *, progress: Progress = SILENT) -> dict[str, Tally]:
    """Coded records of a JSONL, CSV or Parquet file, counted by month, in order of month.

    Raises:
        NotFound: there is no such file.
        Refused: a record is not as said above: names the row, the field, the value and what was expected; no narrative.
    """
    months: dict[str, Tally] = {}
    with open_rows(path) as rows:
        for row in rows:
            fields = Fields(row, rows.name)
            _count(fields, months.setdefault(month(fields.day("date")), Tally()))
            if row.number % _STEP == 0:
                progress.advance(_STEP)
        if not months:
            raise Refused("the file has no record", where=Where(rows.name), expected="at least one coded record")
    return dict(sorted(months.items()))


def _count(fields: Fields, tally: Tally) -> None:
    text = fields.get("text")
    if isinstance(text, str):
        length: int | None = len(text)
    elif fields.has("length"):
        length = round(fields.number("length", 0, 1e9, "the text's number of characters"))
    else:
        length = None
    tally.add(
        language=fields.word("language", r"[a-z]{2,3}", "ISO 639 code"),
        code=fields.word("code", CODE, "the coder's code, such as B03"),
        probability=fields.number("probability", 0, 1, "a number from 0 to 1"),
        size=len(fields.codes("class_set", CODE)),
        route=fields.one_of("route", ("auto", "review")),
        length=length,
    )
