"""Every form of the classification as files: made in memory, checked by whom it concerns, written whole.

The same scheme and tables give the same files, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cop.classification.correspondences import Correspondence, load_correspondences
from cop.classification.rulings import Ruling, load_rulings
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import Conflict, Refused
from cop.kernel.progress import SILENT, Progress
from cop.kernel.resources import resource

if TYPE_CHECKING:
    from rdflib import Graph


@dataclass(frozen=True)
class Source:
    """What exports are made of: a version of the classification, its tables and its rulings."""

    scheme: Scheme
    correspondences: tuple[Correspondence, ...]
    rulings: tuple[Ruling, ...]

    @cached_property
    def released(self) -> date:
        """The date the exports carry, that of the youngest table or ruling: the same data give the same bytes."""
        return max([*(table.date for table in self.correspondences), *(ruling.date for ruling in self.rulings)])


def load_source(folder: Path | None = None) -> Source:
    """The classification of a folder, checked; the catalogue's when None; errors as those of its loaders."""
    folder = folder or resource("catalogue/threats")
    scheme = load_scheme(folder)
    return Source(scheme, load_correspondences(scheme, folder / "correspondences"), load_rulings(folder).rulings)


def graph(source: Source) -> Graph:
    """The linked data of the source."""
    from cop.classification.exports import xkos

    return xkos.graph(source.scheme, source.correspondences, source.released, source.rulings)


Make = Callable[[Source], dict[str, bytes]]


def make(form: str, source: Source) -> dict[str, bytes]:
    """The files of one form, by their path within the folder of exports.

    Raises:
        Refused: there is no such form.
    """
    if form not in FORMS:
        raise Refused.value(form, "is no form", expected=f"one of {', '.join(FORMS)}", field="format")
    return FORMS[form](source)


def export(forms: Iterable[str], source: Source, *, folder: Path, progress: Progress = SILENT) -> dict[str, int]:
    """Write forms into a folder, which is made where it is missing; other files there stay.

    Returns:
        the size in bytes of each file written, by its path within the folder.

    Raises:
        Refused: a form is not known. Conflict: the folder's name is that of a file.
    """
    forms = tuple(forms)
    if folder.exists() and not folder.is_dir():
        raise Conflict(f"{folder} is a file", expected="a folder to write to")
    progress.total(len(forms))
    written: dict[str, int] = {}
    for form in forms:
        for name, content in sorted(make(form, source).items()):
            _write(folder / name, content)
            written[name] = len(content)
        progress.advance()
    return written


def _write(path: Path, content: bytes) -> None:
    """Beside its place, then renamed: nobody reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.rename(path)


def _xkos(source: Source) -> dict[str, bytes]:
    from cop.classification.exports import rdf

    return {"xkos/threats.ttl": rdf.turtle(graph(source)).encode()}


def _jsonld(source: Source) -> dict[str, bytes]:
    from cop.classification.exports import rdf

    return {"xkos/threats.jsonld": rdf.jsonld(graph(source)).encode()}


def _sdmx(source: Source) -> dict[str, bytes]:
    from cop.classification.exports import sdmx

    return {
        "sdmx/structures.xml": sdmx.structures(source.scheme, source.correspondences, source.released),
        "sdmx/maps.xml": sdmx.maps(source.scheme, source.correspondences, source.released),
    }


def _misp(source: Source) -> dict[str, bytes]:
    from cop.classification.exports import misp

    return {
        "misp/MANIFEST.json": misp.text(misp.manifest(source.scheme, source.released)).encode(),
        f"misp/{misp.NAMESPACE}/machinetag.json": misp.text(misp.machinetag(source.scheme)).encode(),
    }


def _csv(source: Source) -> dict[str, bytes]:
    from cop.classification.exports.table import table

    return {"csv/threats.csv": table(source.scheme).encode()}


def _sssom(source: Source) -> dict[str, bytes]:
    from cop.classification.exports.sssom import sssom

    return {
        f"sssom/{t.target}.sssom.tsv": sssom(source.scheme, t).encode() for t in source.correspondences if t.published
    }


def _prompts(source: Source) -> dict[str, bytes]:
    from cop.classification.exports.prompt import pages

    return {f"prompts/{name}": text.encode() for name, text in pages(source.scheme).items()}


FORMS: Mapping[str, Make] = {
    "xkos": _xkos,
    "jsonld": _jsonld,
    "sdmx": _sdmx,
    "misp": _misp,
    "csv": _csv,
    "sssom": _sssom,
    "prompts": _prompts,
}
