"""Files of records: one is taken in whole, or refused with its rows kept aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from cop.classification.coder import Coded, Coder
from cop.classification.coder.bulk import code_batches
from cop.kernel.areas import Areas
from cop.kernel.errors import Conflict, CopError, Refused, Where
from cop.kernel.progress import SILENT, Progress
from cop.kernel.sealing import Recipient, seal
from cop.kernel.tables import open_rows
from cop.vault.coding.operations import forget_codes, record_codes
from cop.vault.registers.operations import KEPT_REJECTS, FileFacts, RefusedRow, record_register
from cop.vault.registers.queries import key_of
from cop.vault.reports.identifiers import count_identifiers
from cop.vault.reports.keyed import address_match, text_match
from cop.vault.reports.models import Report
from cop.vault.reports.schemas import DONE, RecordReader, ReportRecord, Shape
from cop.vault.reports.submission import narrative_envelope

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Intake:
    """How a source's files are read."""

    shape: Shape
    areas: Areas
    recipients: Sequence[Recipient]
    set_aside: bool  # accept the good rows of a file that has bad ones
    organisation: int | None = None  # whose desk the records come to; nobody's where there is none


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file."""

    accepted: int
    rejected: int


def take_in(*, path: Path, facts: FileFacts, intake: Intake, coder: Coder, progress: Progress = SILENT) -> Taken:
    """Read, check, code, seal and store the reports of one file, in the place of what the same file held before.

    The file is read twice: checked whole first, so that a refusal costs nothing, then coded and stored in one
    transaction. A file already in the registers under the same key is left as it is.

    Effects: one `Register` with its rejects; unless refused, a `Report` and a `Coding` per good row; one event.

    Raises:
        Refused: the file cannot be read, or a row is bad and bad rows are not to be set aside; the first one is named
            and all of them are in the rejects table.
    """
    if key_of(kind=facts.kind, source=facts.source, name=facts.name) == facts.key:
        return Taken(0, 0)
    found = _survey(path, intake)
    rows = found.good + found.rejected
    if found.rejected and not intake.set_aside:
        with transaction.atomic():
            _forget(facts)
            record_register(
                facts=facts, rows=rows, refused=found.refused, rejected=found.rejected, accepted=False,
                recipients=intake.recipients,
            )  # fmt: skip
        noun = "row" if found.rejected == 1 else "rows"
        raise found.refused[0].error.noting(
            f"the file is refused, {found.rejected:,} {noun} of {rows:,} in the rejects table"
        )
    progress.total(found.good)
    with transaction.atomic():
        _forget(facts)
        register = record_register(
            facts=facts, rows=rows, refused=found.refused, rejected=found.rejected, accepted=True,
            recipients=intake.recipients,
        )  # fmt: skip
        for records, codes in _coded(_records(path, intake), coder):
            _store(register, records, codes, intake)
            progress.advance(len(records))
    return Taken(found.good, found.rejected)


@dataclass(slots=True)
class _Found:
    """How many rows are good, how many are not, and the first of those."""

    good: int = 0
    rejected: int = 0
    refused: list[RefusedRow] = field(default_factory=list[RefusedRow])

    def refuse(self, error: Refused, values: Mapping[str, object]) -> None:
        self.rejected += 1
        if len(self.refused) < KEPT_REJECTS:
            error.__traceback__ = error.__cause__ = error.__context__ = None  # they hold the row, and more
            self.refused.append(RefusedRow(error, values))


def _survey(path: Path, intake: Intake) -> _Found:
    """Read the whole file once and store nothing."""
    found = _Found()
    with open_rows(path) as rows:
        intake.shape.check(rows.columns, path.name)
        reader = RecordReader(intake.shape, intake.areas, path.name)
        for row in rows:
            if row.fault is None and not intake.shape.wants(row):
                continue
            try:
                reader.read(row)
                found.good += 1
            except Refused as error:
                found.refuse(error, row.values)
    if not found.good and not found.rejected:
        raise Refused("the file has no record", where=Where(path.name), expected="at least one")
    return found


def _records(path: Path, intake: Intake) -> Iterator[ReportRecord]:
    with open_rows(path) as rows:
        reader = RecordReader(intake.shape, intake.areas, path.name)
        for row in rows:
            if row.fault is None and intake.shape.wants(row):
                try:
                    record = reader.read(row)
                except CopError:
                    continue  # it stands in the rejects already: `_survey` saw it
                yield record


def _coded(records: Iterable[ReportRecord], coder: Coder) -> Iterator[tuple[list[ReportRecord], list[Coded]]]:
    """Batches of records with their codes; the coder works ahead by a bounded number of batches."""
    waiting: list[list[ReportRecord]] = []
    source = iter(records)

    def texts() -> Iterator[list[str]]:
        while batch := list(islice(source, _BATCH)):
            waiting.append(batch)
            yield [r.narrative for r in batch]

    for codes in code_batches(texts(), coder=coder):
        yield waiting.pop(0), codes


def _store(register: int, records: list[ReportRecord], codes: list[Coded], intake: Intake) -> None:
    stored = Report.objects.bulk_create(
        (
            Report(
                register_id=register,
                row=r.row,
                ref=r.ref,
                date=r.date,
                area=r.area,
                platform=r.platform,
                age_band=r.age_band,
                sex=r.sex,
                channel=r.channel,
                reporter=r.reporter,
                sealed=_envelope(r, intake.recipients),
                **_desk(r, intake),
            )
            for r in records
        ),
        batch_size=1000,
    )
    record_codes(reports=[s.pk for s in stored], codes=codes, organisation=intake.organisation)


def _desk(record: ReportRecord, intake: Intake) -> dict[str, Any]:
    """What a record has besides when it comes to a desk; without one it waits for no worker."""
    if intake.organisation is None:
        return {"step": DONE}
    return {
        "organisation_id": intake.organisation,
        "redacted": count_identifiers(f"{record.narrative}\n{record.url}"),
        "address_match": address_match(record.url),
        "text_match": text_match(record.narrative),
    }


def _envelope(record: ReportRecord, recipients: Sequence[Recipient]) -> bytes | None:
    return seal(narrative_envelope(record.narrative, record.url), recipients) if recipients else None


def forget(*, kind: str, source: str, name: str) -> None:
    """Remove a file's reports and their codes (the register and its rejects go with their own operation).

    Raises:
        Conflict: somebody at a desk has worked on one of them.
    """
    from cop.vault.cases.expiry import forget_cases  # cases stand on reports

    try:
        with transaction.atomic():
            forget_cases(kind=kind, source=source, name=name)
            forget_codes(kind=kind, source=source, name=name)
            Report.objects.filter(register__kind=kind, register__source=source, register__name=name).delete()
    except ProtectedError as error:
        raise Conflict(
            "people have worked on records of this file", where=Where(name), expected="what is new in a file of its own"
        ) from error


def _forget(facts: FileFacts) -> None:
    forget(kind=facts.kind, source=facts.source, name=facts.name)
