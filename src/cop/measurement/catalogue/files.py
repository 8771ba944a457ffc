"""The catalogue as files for others: SDMX-ML, a table, JSON. The same catalogue gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from cop.kernel.errors import Conflict, Refused
from cop.kernel.hashing import canonical_json
from cop.measurement.catalogue import sdmx
from cop.measurement.catalogue.codes import Codelists
from cop.measurement.catalogue.indicators import Catalogue

TEXTS = ("name", "definition", "population", "numerator", "denominator")
FACTS = (
    "dimension", "risk_class", "measure", "unit", "source_kind", "collection", "polarity", "periodicity",
    "availability", "reference", "version",
)  # fmt: skip


def _sdmx(catalogue: Catalogue, lists: Codelists) -> bytes:
    return sdmx.structures(catalogue, lists)


def _json(catalogue: Catalogue, lists: Codelists) -> bytes:
    told = {
        "version": lists.version,
        "date": lists.released.isoformat(),
        "indicators": [i.as_json() for i in catalogue],
    }
    return canonical_json(told).encode()


def _csv(catalogue: Catalogue, lists: Codelists) -> bytes:
    """One row an indicator and language."""
    del lists
    stream = io.StringIO()
    out = csv.writer(stream, lineterminator="\n")
    out.writerow(["code", "language", *TEXTS, *FACTS, "disaggregations"])
    for one in catalogue:
        for language in one.name:
            texts = [(getattr(one, field) or {}).get(language, "") for field in TEXTS]
            facts = [getattr(one, field) or "" for field in FACTS]
            out.writerow([one.code, language, *texts, *facts, " ".join(one.disaggregations)])
    return stream.getvalue().encode()


FORMS: dict[str, tuple[str, Callable[[Catalogue, Codelists], bytes]]] = {
    "sdmx": ("indicators.xml", _sdmx),
    "json": ("indicators.json", _json),
    "csv": ("indicators.csv", _csv),
}
"""Form -> name of the file, and what makes it."""


def export(forms: Iterable[str], catalogue: Catalogue, lists: Codelists, *, folder: Path) -> dict[str, int]:
    """Write forms into a folder, which is made where it is missing; other files there stay.

    Returns:
        the size in bytes of each file, by its name.

    Raises:
        Refused: a form is not known. Conflict: the folder's name is that of a file.
    """
    if folder.exists() and not folder.is_dir():
        raise Conflict(f"{folder} is a file", expected="a folder to write to")
    made: dict[str, bytes] = {}
    for form in forms:
        if form not in FORMS:
            raise Refused.value(form, "is no form", expected=f"one of {', '.join(FORMS)}", field="format")
        name, make = FORMS[form]
        made[name] = make(catalogue, lists)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return {name: len(content) for name, content in made.items()}
