"""The checks of a classification and of all that is made from it, one after the other.

Own rules and JSON Schemas on the sources; then, on the exports as they would be written: shapes on the graph, both
writings of the graph against each other, the official schemas of SDMX-ML, the taxonomy's schema and three checks
more, the prompts' contract, the rows of the table.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cop.classification.correspondences import Correspondence, load_correspondence, targets
from cop.classification.exports.files import Source, graph, make
from cop.classification.rulings import load_rulings
from cop.classification.scheme import load_scheme
from cop.classification.variables import load_variables
from cop.kernel.errors import CopError
from cop.kernel.resources import resource

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what it found to be in order, its faults; it holds where there are none."""

    name: str
    about: str
    faults: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.faults


def check(folder: Path | None = None) -> Iterator[Check]:
    """Every check in turn; what cannot be made because a source is refused is left out.

    Args:
        folder: of the sources (`scheme.yaml`, sections, `rulings.yaml`, `correspondences/`); the catalogue's if None.
    """
    folder = folder or resource("catalogue/threats")
    scheme, done = _load("classification", lambda: load_scheme(folder), lambda s: f"{len(s.nodes)} nodes")
    yield done
    if scheme is None:
        return
    rulings, done = _load("rulings", lambda: load_rulings(folder), lambda r: f"{len(r.rulings)} rulings")
    yield done
    _, done = _load("variables", lambda: load_variables(folder), lambda v: f"{len(v.variables)} variables")
    yield done
    tables = folder / "correspondences"
    found: dict[str, Correspondence | None] = {}
    for target in targets(tables):
        found[target], done = _load(
            f"correspondence to {target}",
            lambda target=target: load_correspondence(target, scheme, tables),
            lambda t: f"{len(t.matches)} matches to {len({m.term for m in t.matches})} of {len(t.terms)} terms",
        )
        yield done
    loaded = [table for table in found.values() if table is not None]
    if rulings is None or len(loaded) < len(found) or not found:
        return
    yield from check_exports(Source(scheme, tuple(loaded), rulings.rulings))


def check_exports(source: Source) -> Iterator[Check]:
    """The checks of what is made from a source that was accepted."""
    yield _shapes(source)
    yield _writings(source)
    yield from _sdmx(source)
    yield _misp(source)
    yield _prompts(source)
    yield _table(source)


def _load(name: str, load: Callable[[], T], about: Callable[[T], str]) -> tuple[T | None, Check]:
    try:
        value = load()
    except CopError as error:
        return None, Check(name, "", (str(error),))
    return value, Check(name, about(value))


def _shapes(source: Source) -> Check:
    from cop.classification.exports import shapes

    made = graph(source)
    faults = tuple(f"{node}: {message} ({shape})" for shape, node, message in shapes.faults(made))
    return Check("shapes of the graph", f"{len(made):,} statements", faults)


def _writings(source: Source) -> Check:
    from rdflib.compare import isomorphic

    from cop.classification.exports import rdf

    turtle, jsonld = (next(iter(make(form, source).values())) for form in ("xkos", "jsonld"))
    one, other = rdf.read(turtle, form="turtle"), rdf.read(jsonld, form="json-ld")
    faults = () if isomorphic(one, other) else (f"{len(one):,} and {len(other):,} statements that differ",)
    return Check("Turtle and JSON-LD are one graph", f"{len(one):,} statements", faults)


def _sdmx(source: Source) -> Iterator[Check]:
    from cop.classification.exports import sdmx

    for name, message in make("sdmx", source).items():
        yield Check(f"SDMX-ML 3.0 schema of {name}", f"{len(message):,} bytes", tuple(sdmx.faults(message)))


def _misp(source: Source) -> Check:
    from cop.classification.exports import misp

    document = misp.machinetag(source.scheme)
    entries = sum(len(block["entry"]) for block in document["values"])
    return Check("MISP taxonomy", f"{entries} entries", tuple(misp.faults(document)))


def _prompts(source: Source) -> Check:
    from cop.classification.exports import prompt

    pages = make("prompts", source)
    document = json.loads(pages[f"prompts/{prompt.CONTRACT}"])
    return Check("contract of the prompts", f"{len(pages) - 1} pages", tuple(prompt.faults(document)))


def _table(source: Source) -> Check:
    [content] = make("csv", source).values()
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    said, wanted = [row["code"] for row in rows], [node.code for node in source.scheme.nodes]
    faults = () if said == wanted else (f"{len(said)} rows for {len(wanted)} nodes, or in another order",)
    return Check("rows of the table", f"{len(rows)} rows", faults)
