"""What people do on a cell: review, withdraw, settle, reply, declare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from cop.terms.criteria import FindingName
from cop.terms.documents import from_bytes
from cop.vault.members.queries import names
from cop.vault.members.rules import Actor
from cop.vault.members.rules import allow as may
from cop.vault.providers.course import DESK, Act, Cell, Course, Kind, Quote
from cop.vault.providers.grounds import verify
from cop.vault.providers.models import Filed
from cop.vault.providers.operations.appending import append, check_watched
from cop.vault.providers.operations.reading import kept
from cop.vault.providers.queries import offices, texts_of
from cop.vault.providers.rules import SPEAKERS, speaks


@transaction.atomic
def decide(
    *, actor: Actor, cell: Cell, finding: FindingName, reason: str, quotes: Sequence[Quote], on: date, seen: int
) -> Course:
    """Review a cell: the first or second review of a round, or the confirmation of what is stale.

    `met`, `partly`, `not_addressed` and `contradictory` are decided by one review, `not_met` by two that agree, and so
    is what would undo a decision of two. The act rests on the newest versions that are held.

    Args:
        actor: who reviews.
        cell: what the decision is about.
        finding: what the text says.
        reason: why, for other reviewers and the public.
        quotes: the accepted words, at their places in the newest versions.
        on: the day.
        seen: how many acts on the cell the reviewer has seen.

    Effects: one `Act`, one event.

    Raises:
        NotAllowed: the actor is no reviewer, or reviewed in this round already. Conflict: there are other acts than
            were seen. Refused: the quotes do not stand in the text, or the act does not follow from what stands.
        NotFound: no such provider or criterion.
    """
    return _review("decide", actor, cell, finding, reason, quotes, on, seen)


@transaction.atomic
def adjudicate(
    *, actor: Actor, cell: Cell, finding: FindingName, reason: str, quotes: Sequence[Quote], on: date, seen: int
) -> Course:
    """Settle what two reviewers do not agree on, as a third person; arguments, effects and errors as of `decide`."""
    return _review("adjudicate", actor, cell, finding, reason, quotes, on, seen)


def _review(
    kind: Kind,
    actor: Actor,
    cell: Cell,
    finding: FindingName,
    reason: str,
    quotes: Sequence[Quote],
    on: date,
    seen: int,
) -> Course:
    check_watched(cell.provider)
    texts = texts_of(cell.provider)
    for quote in quotes:
        verify(quote, texts)
    basis = tuple(held.basis for held in texts.newest())
    act = Act(kind, actor.name, on, reason, finding, basis, tuple(quotes), source=DESK, person=actor.id)
    return append(cell, act, actor, seen=seen)


@transaction.atomic
def withdraw(*, actor: Actor, cell: Cell, reason: str, on: date, seen: int) -> Course:
    """Take back one's review while it waits for a second one; it stays in the course and counts no more.

    Effects: one `Act`, one event.

    Raises:
        NotAllowed: another one gave the review. Refused: none waits. Conflict, NotFound: as of `decide`.
    """
    return append(cell, Act("withdraw", actor.name, on, reason, source=DESK, person=actor.id), actor, seen=seen)


@transaction.atomic
def reply(*, actor: Actor, cell: Cell, kind: Kind, text: str, on: date, seen: int, filed: str = "") -> Course:
    """Keep what a provider says beside a finding: an answer, a new text (its SHA-256 is `filed`), or a contest.

    Effects: one `Act`, one event. Raises: as `decide`.
    """
    act = Act(kind, _voice(actor, cell), on, text, filed=filed, source=DESK, person=actor.id)
    return append(cell, act, actor, seen=seen)


@transaction.atomic
def file_text(*, actor: Actor, cell: Cell, data: bytes, name: str, text: str, on: date, seen: int) -> Course:
    """Keep a new text that a provider files, and that it did.

    Args:
        actor: who speaks for the provider.
        cell: what it is filed on.
        data: the file's bytes; at the desk the text in UTF-8.
        name: the file's.
        text: the provider's words on it.
        on: the day.
        seen: how many acts on the cell the actor has seen.

    Effects: one `Act`, one event, the text as it reads.

    Raises:
        Refused, TooMuch: nothing can be read in it. And what `reply` raises.
    """
    may(speaks(actor, offices(cell.provider)), actor, "file a text", expected=f"who speaks for {cell.provider}")
    document = from_bytes(data, name=name)
    Filed.objects.get_or_create(
        provider=cell.provider,
        sha256=document.sha256,
        defaults={"name": name, "text": kept(document.text)},
    )
    return reply(actor=actor, cell=cell, kind="new_text", text=text, on=on, seen=seen, filed=document.sha256)


@transaction.atomic
def declare(*, actor: Actor, cell: Cell, finding: FindingName, text: str, on: date, seen: int) -> Course:
    """Keep what a provider declares of itself on a criterion, to stand beside what the text says.

    Effects: one `Act`, one event. Raises: as `decide`.
    """
    act = Act("declare", _voice(actor, cell), on, text, finding, source=DESK, person=actor.id)
    return append(cell, act, actor, seen=seen)


def _voice(actor: Actor, cell: Cell) -> str:
    """In whose name a reply is published: the organisation's, where a person speaks for it at the desk."""
    speaking = actor.organisations(*SPEAKERS) & offices(cell.provider).speaking
    return next(iter(sorted(names(speaking).values())), actor.name)
