"""The only writer of meetings, documents and outcomes."""

from __future__ import annotations

from django.db import transaction

from cop.kernel.errors import Refused, Where
from cop.kernel.numbering import DocumentNumber
from cop.vault.library.models import Document, Meeting, Outcome
from cop.vault.library.schemas import MeetingFile
from cop.vault.registers.operations import FileFacts, record_register
from cop.vault.registers.queries import key_of


@transaction.atomic
def record_meeting(*, file: MeetingFile, facts: FileFacts) -> None:
    """Store a meeting with its documents and outcomes, in the place of what the same file said before.

    Effects: one `Register`, one `Meeting` with its `Document`s and `Outcome`s; one event.

    Raises:
        Refused: another file holds the same meeting, or a document of the same number.
    """
    if key_of(kind=facts.kind, source=facts.source, name=facts.name) == facts.key:
        return
    forget_meeting(source=facts.source, name=facts.name)
    _alone(file, facts.name)
    register = record_register(facts=facts, rows=1, refused=(), accepted=True, recipients=())
    meeting = Meeting.objects.create(
        register_id=register,
        group=file.group.code,
        number=file.meeting.number,
        place=file.meeting.place,
        start=file.meeting.start,
        end=file.meeting.end,
        facts=file.model_dump(mode="json", exclude={"about", "documents", "outcomes"}),
    )
    Document.objects.bulk_create(
        Document(
            meeting=meeting,
            number=d.number,
            serial=DocumentNumber.parse(d.number).serial,
            kind=d.kind,
            source=d.source,
            subject=d.subject,
            presenter=d.presenter,
        )
        for d in file.documents
    )
    Outcome.objects.bulk_create(
        Outcome(meeting=meeting, order=n, ref=o.ref, kind=o.kind, text=o.text) for n, o in enumerate(file.outcomes, 1)
    )


def _alone(file: MeetingFile, name: str) -> None:
    """Refuse a meeting or a document that another file has given already."""
    there = Meeting.objects.filter(group=file.group.code, number=file.meeting.number).select_related("register").first()
    if there is not None:
        meeting = f"meeting {file.meeting.number} of {file.group.code}"
        raise Refused(
            f"{meeting} stands in {there.register.name} already", where=Where(name), expected="each meeting once"
        )
    numbers = [d.number for d in file.documents]
    double = Document.objects.filter(number__in=numbers).select_related("meeting__register").first()
    if double is not None:
        raise Refused(
            f"document {double.number} stands in {double.meeting.register.name} already",
            where=Where(name),
            expected="each document once",
        )


@transaction.atomic
def forget_meeting(*, source: str, name: str) -> None:
    """Remove what a meeting file said; its register goes with its own operation."""
    Meeting.objects.filter(register__kind="meeting", register__source=source, register__name=name).delete()
