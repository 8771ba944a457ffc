"""Time periods as SDMX writes them: 2025, 2025-S1, 2025-Q3, 2025-W07, 2025-03, 2025-03-14.

Source: SDMX 3.0 technical specification, section 6, "time formats"; ISO 8601 for dates and weeks.
"""

from __future__ import annotations

import re
from datetime import date

from cop.kernel.errors import Refused

_PERIOD = re.compile(
    r"(?P<year>\d{4})(?:-(?:S(?P<half>[12])|Q(?P<quarter>[1-4])|W(?P<week>\d{2})|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?"
)
EXPECTED = "a period such as 2025, 2025-Q3, 2025-03 or 2025-03-14"


def is_period(text: str) -> bool:
    """Whether the text is one time period."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        return False
    year, week, month, day = (int(found[g] or 1) for g in ("year", "week", "month", "day"))
    try:
        if found["week"]:
            date.fromisocalendar(year, week, 1)
        else:
            date(year, month, day)
    except ValueError:
        return False
    return True


def parse_date(text: str) -> date:
    """An ISO 8601 calendar date, YYYY-MM-DD and nothing else.

    Raises:
        Refused: it is not one.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Refused.value(text, "is not a date", expected="YYYY-MM-DD")


def month(day: date) -> str:
    """The month a day lies in, as a period."""
    return f"{day.year:04d}-{day.month:02d}"


def is_span(text: str) -> bool:
    """Whether the text is `FIRST/LAST`, two periods of the same kind in order."""
    first, _, last = text.partition("/")
    return is_period(first) and is_period(last) and len(first) == len(last) and first <= last
