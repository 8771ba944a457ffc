"""Fields of a row, each read as what it must be or refused, without a narrative in the refusal.

A refusal quotes the value that was refused. In a table whose columns slipped that value may be a report's text, which
must never reach a terminal or a log: what is long or has a space in it is described, not quoted.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime
from typing import cast

from cop.classification.scheme import Scheme
from cop.kernel.errors import Refused, Where, shown
from cop.kernel.periods import parse_date
from cop.kernel.tables import Row

ABSENT = object()
_QUOTED = 40


def words_for(value: object) -> str:
    """A value as a refusal may show it: quoted when it is short and one word, else what it is."""
    if isinstance(value, str):
        if len(value) <= _QUOTED and not any(c.isspace() for c in value):
            return shown(value)
        return f"a text of {len(value):,} characters"
    if value is None or isinstance(value, (bool, int, float, date)):
        return shown(value)
    return f"a value of kind {type(value).__name__}"


def codable(scheme: Scheme, code: str) -> bool:
    """Whether a record may carry the code: one of a class or below, an administrative one, or a section's residual."""
    node = scheme.by_code.get(code)
    if node is not None:
        return node.level != "section"
    return code[1:] in scheme.residuals and code[:1] in scheme.by_code


class Fields:
    """The fields of one row; an empty text counts as absent.

    Raises:
        Refused: from every method, when the field is not what is asked for: names file, row, field, value, expected.
    """

    def __init__(self, row: Row, file: str) -> None:
        if row.fault is not None:
            raise row.fault
        self._row, self._file = row, file

    def refuse(self, name: str, problem: str, expected: str) -> Refused:
        """What to raise about a field."""
        return Refused(problem, where=Where(self._file, self._row.number, name), expected=expected)

    def get(self, name: str) -> object:
        """The value, or `ABSENT`."""
        value = self._row.values.get(name)
        return ABSENT if value is None or (isinstance(value, str) and not value.strip()) else value

    def has(self, name: str) -> bool:
        return self.get(name) is not ABSENT

    def _needed(self, name: str, expected: str) -> object:
        value = self.get(name)
        if value is ABSENT:
            raise self.refuse(name, "the field is missing" if name not in self._row.values else "is empty", expected)
        return value

    def _wrong(self, name: str, value: object, problem: str, expected: str) -> Refused:
        return self.refuse(name, f"{words_for(value)} {problem}", expected)

    def word(self, name: str, pattern: str, expected: str) -> str:
        """A text that the pattern matches whole."""
        value = self._needed(name, expected)
        if not isinstance(value, str) or not re.fullmatch(pattern, value.strip()):
            raise self._wrong(name, value, "is not allowed", expected)
        return value.strip()

    def name(self, name: str) -> str:
        """What names a thing: a text or a whole number."""
        expected = "a name of at most 200 characters"
        value = self._needed(name, expected)
        if isinstance(value, bool) or not isinstance(value, (str, int)) or len(str(value)) > 200:
            raise self._wrong(name, value, "is no name", expected)
        return str(value).strip()

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of the words."""
        value = self._needed(name, ", ".join(allowed))
        if value not in allowed:
            raise self._wrong(name, value, "is not allowed", ", ".join(allowed))
        return cast("str", value)

    def number(self, name: str, least: float, most: float, expected: str) -> float:
        """A number between the two, both allowed."""
        value = self._needed(name, expected)
        try:
            number = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else math.nan
        except (ValueError, OverflowError):
            number = math.nan
        if not (math.isfinite(number) and least <= number <= most):
            raise self._wrong(name, value, "is not allowed", expected)
        return number

    def flag(self, name: str) -> bool:
        """True or false; absent is false."""
        value = self.get(name)
        known = {ABSENT: False, True: True, False: False, "true": True, "false": False}
        key = value.strip().lower() if isinstance(value, str) else value
        if not (key is ABSENT or isinstance(key, (bool, str))) or key not in known:
            raise self._wrong(name, value, "is neither true nor false", "true or false")
        return known[key]

    def day(self, name: str) -> date:
        """A calendar date."""
        value = self._needed(name, "YYYY-MM-DD")
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return parse_date(value if isinstance(value, str) else "")
        except Refused as error:
            raise self._wrong(name, value, "is not a date", "YYYY-MM-DD") from error

    def code(self, name: str, scheme: Scheme) -> str:
        """A code that a record may carry."""
        expected = f"a code of version {scheme.version} of the classification, not a section alone"
        value = self._needed(name, expected)
        if not isinstance(value, str) or not codable(scheme, value):
            raise self._wrong(name, value, "is no code of a record", expected)
        return value

    def codes(self, name: str, pattern: str) -> tuple[str, ...]:
        """A list of codes; in CSV as JSON, which is how `cop classify` writes it."""
        expected = 'a list of codes, such as ["B01", "B02"]'
        value = self._needed(name, expected)
        if isinstance(value, str):
            try:
                found: object = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise self._wrong(name, value, "is no list", expected) from error
        else:
            found = value
        if not isinstance(found, list) or not found:
            raise self._wrong(name, value, "is no list", expected)
        for code in cast("list[object]", found):
            if not isinstance(code, str) or not re.fullmatch(pattern, code):
                raise self._wrong(name, code, "is no code", expected)
        return tuple(cast("list[str]", found))
