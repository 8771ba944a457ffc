"""Why a record did not get an answer from the server. The reason is all that is kept: never a text, never an answer."""

from __future__ import annotations


class Fault(Exception):
    """One record's request or answer will not do.

    Attributes:
        reason: what the run's summary counts it under.
        again: whether the same request may go well later.
        after: seconds that the server asks to wait, if it does.
        serious: whether it says that the server, rather than this record, is at fault.
    """

    def __init__(self, reason: str, *, again: bool = False, after: float | None = None, serious: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.after = after
        self.serious = serious
