"""What the database still has on disk of rows that were removed, and its end."""

from __future__ import annotations

from typing import Final

from django.db import connection

from cop.kernel.errors import Unavailable

TABLES: Final = (
    "reports_report", "reports_exchange", "coding_coding", "coding_decision", "cases_case", "cases_change",
    "cases_referral", "cases_observation", "cases_hold", "cases_accesscopy", "cases_match",
)  # fmt: skip
"""Tables from which retention removes rows."""


def vacuum() -> None:
    """Write the database anew without what was removed.

    SQLite: the log is written back and cut, and the file rebuilt. PostgreSQL: the tables are rewritten (`VACUUM FULL`),
    each locked meanwhile; its write-ahead log keeps old pages until it is recycled.

    Raises:
        Unavailable: somebody reads so long that the log could not be cut: some of it is still in the log.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            quote = connection.ops.quote_name
            cursor.execute(f"VACUUM (FULL) {', '.join(map(quote, TABLES))}")
            return
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [busy, *_] = cursor.fetchone()
    if busy:
        raise Unavailable("the database's log is in use and was not cut", expected="the same call in a quieter moment")
