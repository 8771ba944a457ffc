"""A day in English: 28 November 2026, as the other five have it; Django's own is `Nov. 28, 2026`."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y H:i"
