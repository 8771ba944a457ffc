"""The door: what the vault knows becomes an edition. Only coded facts, estimates and public texts pass."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import transaction

from cop.classification.coder import Coder
from cop.classification.scheme import load_scheme
from cop.editions.read import open_edition
from cop.editions.tables import (
    COUNTS,
    DOCUMENTS,
    ESTIMATES,
    FINDINGS,
    PROVIDER_HISTORY,
    PROVIDER_LIST,
    SERIES,
    TOTAL,
    UNKNOWN,
)
from cop.editions.verify import SUMS
from cop.editions.write import Contents, write_edition
from cop.kernel.areas import Areas
from cop.kernel.errors import NotFound
from cop.kernel.hashing import file_sha256
from cop.kernel.progress import SILENT, Progress
from cop.kernel.signing import Seal
from cop.measurement.disclosure import Summary, protect_estimates
from cop.measurement.disclosure.audit import refusal
from cop.measurement.disclosure.published import Published, audit_edition
from cop.measurement.warning.description import Watching
from cop.vault.coding.queries import routes_by_source
from cop.vault.library.queries import library
from cop.vault.providers import queries as watch
from cop.vault.registers.operations import record_event
from cop.vault.registers.queries import accepted
from cop.vault.release.corrected import corrected
from cop.vault.release.counts import codes_above, published_counts
from cop.vault.release.lineage import lineage
from cop.vault.release.metadata import classification, criteria, disclosure, indicators, quality
from cop.vault.release.models import Release
from cop.vault.release.warnings import early_warnings


@dataclass(frozen=True, slots=True)
class MeasuredSurvey:
    """A survey's estimates before disclosure control, and what is said of it.

    Attributes:
        about: as the edition's `surveys` metadata shows it.
        estimates: columns of `cop.editions.tables.ESTIMATES` but for the two statuses.
    """

    about: Mapping[str, Any]
    estimates: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ReceivedSeries:
    """An official series as received."""

    about: Mapping[str, Any]
    observations: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be released, and how."""

    about: Mapping[str, Any]  # observatory, date, period, threshold, code: as edition.json shows them
    areas: Areas
    surveys: Sequence[MeasuredSurvey]
    series: Sequence[ReceivedSeries]
    report: Mapping[str, Any]
    sources: Mapping[str, str]  # report source -> its title
    threshold: int
    watching: Watching


def open_door(
    *,
    request: Request,
    coder: Coder,
    folder: Path,
    released: Path,
    scratch: Path,
    edition_id: str | None,
    seal: Seal,
    progress: Progress = SILENT,
) -> Path:
    """Aggregate, suppress, attack what would be published, and write an edition into `folder`; its path.

    Small cells are protected over all tables together, and against the editions released before: those in the folder
    `released`.

    Coded facts record by record lie in the folder `scratch` meanwhile; what a killed call left there is removed.

    Effects: the edition on disk; one `Release`; one event `edition.written` with the hash of its sums.

    Raises:
        NotFound: an edition released before is not at hand.
        Refused: an edition of that id exists with other content; or the audit bounds a withheld cell too tightly.
    """
    progress.total(5)
    scheme = load_scheme()
    past = _released(released, but=edition_id)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700, parents=True)
    try:
        counted = published_counts(scheme, threshold=request.threshold, past=past, scratch=scratch)
        audited = corrected(codes_above(scheme), counted.counts, threshold=request.threshold, scratch=scratch)
    finally:
        shutil.rmtree(scratch)
    progress.advance()
    estimates, thin = _estimates(request, past)
    name = edition_id or "this edition"
    _attacked(Published(name, counted.counts, estimates, request.threshold, codes_above(scheme), counted.open), past)
    progress.advance()
    facts = {
        "counts": _arrow(counted.counts, COUNTS),
        "estimates": _arrow(estimates, ESTIMATES),
        "series": _arrow(_stacked([s.observations for s in request.series], SERIES), SERIES),
        "documents": pa.Table.from_pylist(watch.documents(), schema=DOCUMENTS),
        "findings": pa.Table.from_pylist(watch.findings(), schema=FINDINGS),
        "provider_list": pa.Table.from_pylist(watch.provider_list(), schema=PROVIDER_LIST),
        "provider_history": pa.Table.from_pylist(watch.provider_history(), schema=PROVIDER_HISTORY),
    }
    progress.advance()
    codes = set(estimates["indicator"].unique())
    metadata = {
        "classification": classification(scheme),
        "indicators": indicators(codes, counted=counted.counts.height > 0, received=bool(request.series)),
        "surveys": [s.about for s in request.surveys],
        "series": [s.about for s in request.series],
        "criteria": criteria(),
        "providers": watch.providers(),
        "list": watch.list_about(),
        "library": library(),
        "report": request.report,
        "disclosure": disclosure([*counted.summaries, *thin], request.threshold, counted.open),
        "quality": quality(coder, request.sources, accepted(), routes_by_source(), audited),
        "lineage": lineage(
            request.about["code"], accepted(), coder=coder, estimates=estimates, series=request.series,
            corrected=bool(audited and audited["sections"]),
        ),
    }  # fmt: skip
    about = {**request.about, "areas": _areas(facts, request.areas)}
    warned = early_warnings(counted.counts, request.watching, about=about, nodes=[n.as_json() for n in scheme.nodes])
    facts["warnings"], metadata["warnings"] = warned.table, warned.about
    progress.advance()
    path = write_edition(Contents(about, facts, metadata), folder=folder, edition_id=edition_id, seal=seal)
    _enter(path, released=edition_id is not None)
    progress.advance()
    return path


@transaction.atomic
def _enter(path: Path, *, released: bool) -> None:
    sums = file_sha256(path / SUMS)
    _, new = Release.objects.get_or_create(edition=path.name, defaults={"sums": sums, "released": released})
    if new:
        record_event(kind="edition.written", subject=path.name, details={"sums": sums, "released": released})


def _released(folder: Path, *, but: str | None) -> list[Published]:
    """The editions that went out before, oldest first: what anybody can compare the next one with.

    The vault knows them in order; those that only the folder holds went out before this vault was filled.
    """
    known = list(Release.objects.filter(released=True).values_list("edition", flat=True))
    held = {
        path.parent.name: open_edition(path.parent)
        for path in folder.glob("*/edition.json")
        if not path.parent.name.startswith(".")
    }
    if missing := [name for name in known if name not in held and name != but]:
        raise NotFound(
            f"edition {missing[0]} was released and is not in {folder}",
            expected="every released edition, so that nothing can be found by comparing it with the next",
        )
    before = sorted(
        (name for name, edition in held.items() if edition.about["status"] == "released" and name not in known),
        key=lambda name: (held[name].about["date"], name),
    )
    return [Published.of(held[name]) for name in (*before, *known) if name != but]


def _attacked(edition: Published, past: Sequence[Published]) -> None:
    for table, found in audit_edition(edition, past).items():
        if not found.safe:
            raise refusal(f"{edition.id}: {table}", found)


def _estimates(request: Request, past: Sequence[Published]) -> tuple[pl.DataFrame, list[Summary]]:
    shown: list[pl.DataFrame] = []
    summaries: list[Summary] = []
    for survey in request.surveys:
        frame, summary = protect_estimates(
            survey.estimates, table=str(survey.about["id"]), threshold=request.threshold, past=past
        )
        shown.append(frame)
        summaries += summary
    # providers are no persons: their shares are published as they are, of however few
    shares = pa.Table.from_pylist(watch.estimates(period=request.about["date"]), schema=ESTIMATES)
    return _stacked([*shown, pl.DataFrame(shares)], ESTIMATES), summaries


def _stacked(frames: Sequence[pl.DataFrame], schema: pa.Schema) -> pl.DataFrame:
    empty = pl.DataFrame(schema.empty_table())
    return pl.concat([empty, *(f.select(schema.names).match_to_schema(empty.schema) for f in frames)])


def _arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return frame.select(schema.names).to_arrow().cast(schema)


def _areas(facts: Mapping[str, pa.Table], areas: Areas) -> dict[str, str]:
    used = {code for table in ("counts", "estimates", "series") for code in facts[table]["area"].unique().to_pylist()}
    return {code: areas.name(code) for code in sorted(used - {None, "", TOTAL, UNKNOWN})}
