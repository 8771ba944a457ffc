"""The only writer of providers, versions, findings and of what people did on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from cop.kernel.errors import Conflict, CopError, NotFound, Refused, Where
from cop.kernel.hashing import canonical_json, text_sha256
from cop.terms.criteria import FindingName, criteria
from cop.vault.providers.course import DESK, FILE, TEXT, Act, Cell, Course, Kind, Quote
from cop.vault.providers.grounds import Texts, first_break, verify
from cop.vault.providers.models import Act as ActRow
from cop.vault.providers.models import Finding, Provider, Standing, Version
from cop.vault.providers.queries import course
from cop.vault.providers.rules import Actor, allow
from cop.vault.providers.schemas import Entry
from cop.vault.registers.operations import FileFacts, record_event, record_register

MACHINE = Actor("cop", "machine")


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """What a text says to a criterion. `evidence` is a list of {quote, start, end, score}."""

    criterion: str
    finding: str
    confidence: float
    evidence: Sequence[Mapping[str, object]]
    why: str
    region: str = ""
    ages: str = ""


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One dated version of a document, with its findings."""

    file: FileFacts
    document: str
    kind: str
    title: str
    language: str
    version: date
    words: int
    visible_date: date | None
    change: str
    silent: bool
    grade: float | None
    long_sentences: float | None
    minutes: float | None
    warnings: Sequence[str]
    findings: Sequence[FindingFacts]


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """Where the provider stands on a criterion, as proposed."""

    criterion: str
    finding: str
    document: str
    confidence: float


@dataclass(frozen=True, slots=True)
class YoungUsers:
    """How many young users a provider has, and who says so."""

    number: int
    source: str


@transaction.atomic
def record_provider(
    *,
    slug: str,
    name: str,
    family: str,
    homepage: str,
    key: str,
    versions: Sequence[VersionFacts],
    standings: Sequence[StandingFacts],
    young_users: YoungUsers | None = None,
) -> None:
    """Store a provider with all versions of its documents and their findings, in the place of what was known of it.

    A provider that stands under the same key is left as it is. What people did on it stays in any case.

    Effects: a `Register` and an event per file, one `Provider` with its `Version`s, `Finding`s and `Standing`s.
    """
    if Provider.objects.filter(slug=slug, key=key).exists():
        return
    forget_provider(slug=slug)
    provider = Provider.objects.create(
        slug=slug,
        name=name,
        family=family,
        homepage=homepage,
        key=key,
        young_users=young_users.number if young_users else None,
        young_users_source=young_users.source if young_users else "",
    )
    for facts in versions:
        record_register(facts=facts.file, rows=1, refused=(), accepted=True, recipients=())
        version = Version.objects.create(
            provider=provider,
            document=facts.document,
            kind=facts.kind,
            title=facts.title,
            language=facts.language,
            version=facts.version,
            sha256=facts.file.sha256,
            words=facts.words,
            visible_date=facts.visible_date,
            change=facts.change,
            silent=facts.silent,
            grade=facts.grade,
            long_sentences=facts.long_sentences,
            minutes=facts.minutes,
            warnings=list(facts.warnings),
        )
        Finding.objects.bulk_create(
            Finding(
                version=version,
                criterion=f.criterion,
                region=f.region,
                ages=f.ages,
                finding=f.finding,
                confidence=f.confidence,
                evidence=list(f.evidence),
                why=f.why,
            )
            for f in facts.findings
        )
    Standing.objects.bulk_create(
        Standing(
            provider=provider, criterion=s.criterion, finding=s.finding, document=s.document, confidence=s.confidence
        )
        for s in standings
    )


@transaction.atomic
def forget_provider(*, slug: str) -> None:
    """Remove a provider and what was read of it; its registers go with their own operation, acts stay."""
    Provider.objects.filter(slug=slug).delete()


# --- what people do


@transaction.atomic
def decide(
    *,
    cell: Cell,
    finding: FindingName,
    reason: str,
    quotes: Sequence[Quote],
    actor: Actor,
    on: date,
    seen: int,
    texts: Texts,
) -> Course:
    """Review a cell: the first or second review of a round, or the confirmation of what is stale.

    `met`, `partly`, `not_addressed` and `contradictory` are decided by one review, `not_met` by two that agree, and so
    is what would undo a decision of two. The act rests on the newest versions that are held.

    Args:
        cell: what the decision is about.
        finding: what the text says.
        reason: why, for other reviewers and the public.
        quotes: the accepted words, at their places in the newest versions.
        actor: who reviews.
        on: the day.
        seen: how many acts on the cell the reviewer has seen.
        texts: the versions that are held.

    Effects: one `Act`, one event.

    Raises:
        NotAllowed: the actor is no reviewer, or reviewed in this round already. Conflict: there are other acts than
            were seen. Refused: the quotes do not stand in the text, or the act does not follow from what stands.
        NotFound: no such provider or criterion.
    """
    return _review("decide", cell, finding, reason, quotes, actor, on, seen, texts)


@transaction.atomic
def adjudicate(
    *,
    cell: Cell,
    finding: FindingName,
    reason: str,
    quotes: Sequence[Quote],
    actor: Actor,
    on: date,
    seen: int,
    texts: Texts,
) -> Course:
    """Settle what two reviewers do not agree on, as a third person; arguments, effects and errors as of `decide`."""
    return _review("adjudicate", cell, finding, reason, quotes, actor, on, seen, texts)


def _review(
    kind: Kind,
    cell: Cell,
    finding: FindingName,
    reason: str,
    quotes: Sequence[Quote],
    actor: Actor,
    on: date,
    seen: int,
    texts: Texts,
) -> Course:
    for quote in quotes:
        verify(quote, texts)
    basis = tuple(held.basis for held in texts.newest())
    act = Act(kind, actor.name, on, reason, finding, basis, tuple(quotes), source=DESK)
    return _append(cell, act, actor, seen=seen)


@transaction.atomic
def reply(*, cell: Cell, kind: Kind, text: str, actor: Actor, on: date, seen: int, filed: str = "") -> Course:
    """Keep what a provider says beside a finding: an answer, a new text (its SHA-256 is `filed`), or a contest.

    Effects: one `Act`, one event. Raises: as `decide`.
    """
    return _append(cell, Act(kind, actor.name, on, text, filed=filed, source=DESK), actor, seen=seen)


@transaction.atomic
def declare(*, cell: Cell, finding: FindingName, text: str, actor: Actor, on: date, seen: int) -> Course:
    """Keep what a provider declares of itself on a criterion, to stand beside what the text says.

    Effects: one `Act`, one event. Raises: as `decide`.
    """
    return _append(cell, Act("declare", actor.name, on, text, finding, source=DESK), actor, seen=seen)


@transaction.atomic
def record_entries(*, provider: str, entries: Sequence[Entry], texts: Texts, file: Where) -> None:
    """Take in the acts of a provider's file that are not in yet, and look at every version meanwhile and after.

    Effects: an `Act` and an event for each new entry and each decision whose words are gone.

    Raises:
        Refused: an entry that was taken in reads differently or is gone, or a new one does not follow from what stands;
            names file, row and field. NotAllowed: whoever acts may not.
    """
    taken = {row.row: row for row in ActRow.objects.filter(provider=provider, source=FILE) if row.row is not None}
    for gone in sorted(set(taken) - {e.row for e in entries}):
        raise Refused(
            f"the act of {taken[gone].on.isoformat()} on {taken[gone].criterion} was taken in and is gone",
            where=Where(file.file, gone, file.field), expected="every row that was there, and new ones after them",
        )  # fmt: skip
    for entry in entries:
        try:
            if entry.row in taken:
                _unchanged(entry, taken[entry.row])
                continue
            _look(entry.cell, texts, until=entry.act.on)
            _append(entry.cell, entry.act, entry.actor, seen=None, row=entry.row)
        except CopError as error:
            field = error.where.field if error.where else None
            where = Where(file.file, entry.row, field)
            raise type(error)(error.problem, where=where, expected=error.expected) from error
    look_again(provider=provider, texts=texts)


@transaction.atomic
def look_again(*, provider: str, texts: Texts) -> list[Cell]:
    """Look for the words under every decision of a provider in the newest versions; the cells that became stale.

    Effects: an `Act` and an event for each.
    """
    cells = sorted({Cell(*values) for values in ActRow.objects.filter(provider=provider).values_list(*_CELL)})
    return [cell for cell in cells if _look(cell, texts, until=None)]


_CELL = ("provider", "criterion", "region", "ages")


def _look(cell: Cell, texts: Texts, *, until: date | None) -> bool:
    standing = course(cell)
    if standing.standing is None:
        return False
    found = first_break(cell.criterion, standing.standing, texts, until=until)
    if found is None:
        return False
    on = max(found.on, standing.acts[-1].on)
    _append(cell, Act("stale", MACHINE.name, on, found.why, basis=found.basis, source=TEXT), MACHINE, seen=None)
    return True


_FIELDS = {"on": "date", "kind": "act"}
"""Columns that a file calls otherwise."""


def _unchanged(entry: Entry, row: ActRow) -> None:
    """Refuse an entry that says something else than when it was taken in; offsets and hashes are found anew."""
    now = _columns(entry.cell, entry.act)
    del now["basis"]
    held: dict[str, Any] = {name: getattr(row, name) for name in now}
    for facts in (now, held):
        facts["quotes"] = [[q["document"], q["version"], " ".join(q["quote"].split())] for q in facts["quotes"]]
    for name, value in now.items():
        was = held[name]
        if value != was:
            raise Refused.value(
                value,
                "is not what was taken in",
                field=_FIELDS.get(name, name),
                expected=f"{was}, and a further act to change it",
            )


def _append(cell: Cell, act: Act, actor: Actor, *, seen: int | None, row: int | None = None) -> Course:
    """Add an act; with `seen`, only where nobody else acted meanwhile."""
    if not Provider.objects.filter(slug=cell.provider).exists():
        raise NotFound(f'no provider "{cell.provider}" is watched', where=Where(field="provider"))
    if cell.criterion not in criteria():
        raise NotFound(
            f'there is no criterion "{cell.criterion}"',
            where=Where(field="criterion"),
            expected=", ".join(criteria()),
        )
    before = course(cell)
    if seen is not None and seen != before.number:
        raise _overtaken(cell, seen, before.number)
    allow(actor, before, act)
    after = before.with_act(act)
    try:
        with transaction.atomic():
            ActRow.objects.create(number=after.number, row=row, **_columns(cell, act))
    except IntegrityError as error:
        raise _overtaken(cell, before.number, course(cell).number) from error
    facts = {**_columns(cell, act), "on": act.on.isoformat()}
    record_event(
        kind=f"provider.{act.kind}",
        subject=str(cell),
        details={
            "number": after.number, "finding": act.finding or "", "source": act.source, "state": after.state,
            "basis": sorted({b.sha256 for b in act.basis}), "act": text_sha256(canonical_json(facts)),
        },
    )  # fmt: skip
    return after


def _overtaken(cell: Cell, seen: int, there: int) -> Conflict:
    return Conflict(f"{seen} acts on {cell} were seen, and there are {there}", expected="a look at what was done since")


def _columns(cell: Cell, act: Act) -> dict[str, Any]:
    """An act as the columns of its row, without number and row."""
    return {
        **asdict(cell),
        "kind": act.kind,
        "by": act.by,
        "on": act.on,
        "text": act.text,
        "finding": act.finding or "",
        "basis": [_dated(asdict(b)) for b in act.basis],
        "quotes": [_dated(asdict(q)) for q in act.quotes],
        "filed": act.filed,
        "source": act.source,
    }


def _dated(facts: dict[str, object]) -> dict[str, object]:
    return {**facts, "version": str(facts["version"])}
