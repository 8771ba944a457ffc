"""The histories of the documents in a folder, read one file after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cop.terms.changes import Change, Tracker
from cop.terms.documents import files_in, read

_NAME = re.compile(r"(?P<document>[a-z0-9][a-z0-9.-]*__[a-z]+(?:-[a-z-]+)?)__\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Row:
    """One file of a folder: its change, what the page is, its language and warnings."""

    change: Change
    page: str
    language: str
    words: int
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            **self.change.as_json(), "page": self.page, "language": self.language, "words": self.words,
            "warnings": list(self.warnings),
        }  # fmt: skip


def histories(folder: Path) -> Iterator[Row]:
    """Each document of a folder, in order of name, beside those before it.

    Files named `<provider>__<document>__<YYYY-MM-DD>` are told apart by provider and document, so that a folder may
    hold many histories; all others are versions of one document.

    Raises:
        NotFound: there is no such folder. Refused, TooMuch: it holds no document, or a file that is none.
    """
    trackers: dict[str, Tracker] = {}
    for path in files_in(folder):
        named = _NAME.fullmatch(path.stem)
        tracker = trackers.setdefault(named["document"] if named else "", Tracker())
        document = read(path, keep=True)
        yield Row(tracker.follow(document), document.page, document.language, document.words, document.warnings)
