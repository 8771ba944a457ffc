"""The words of the provider room: findings, states, acts, changes; and the texts of criteria in a reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.terms.criteria import Criterion

FINDINGS = {
    "met": _("met"),
    "partly": _("partly met"),
    "not_met": _("not met"),
    "not_addressed": _("not addressed"),
    "contradictory": _("contradictory"),
    "not_reviewed": _("not reviewed"),
}
CONTRADICTORY = _("The texts give one and the same public different answers.")
WAITS = {
    "disputed": _("Two reviews differ"),
    "second_needed": _("Second review"),
    "stale": _("The words are gone"),
    "contested": _("Contested"),
    "undecided": _("First review"),
}
STATES = {
    "undecided": _("not decided"),
    "second_needed": _("one review is in, a second is needed"),
    "disputed": _("two reviews differ: a third person settles it"),
    "decided": _("decided"),
    "stale": _("the words under the decision are gone"),
}
PLACES = {
    "listed": _("on the list"),
    "not_listed": _("not on the list"),
    "proposed": _("not decided yet"),
}
ACTS = {
    "decide": _("Review"),
    "withdraw": _("Review withdrawn"),
    "adjudicate": _("Settled by a third person"),
    "stale": _("The words are gone"),
    "answer": _("The provider answers"),
    "new_text": _("The provider files a text"),
    "contest": _("The provider contests the finding"),
    "declare": _("The provider declares"),
    "decided": _("Decided"),
    "adjudicated": _("Settled by a third person"),
}
DOCUMENTS = {"tos": _("Terms of service"), "privacy": _("Privacy policy")}
CHANGES = {
    "first": _("first version"),
    "format_or_link_only": _("only the format or links"),
    "reverts_to_earlier_text": _("back to an earlier text"),
    "tiny": _("a few words"),
    "new_text": _("a new text"),
    "mostly_replaced": _("mostly replaced"),
    "language_switch": _("another language"),
    "stub": _("no text of terms"),
}
CLAUSES = {
    "inserted": _("new"),
    "removed": _("gone"),
    "edited": _("reads differently"),
    "moved": _("stands elsewhere"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the catalogue in the language that it is there in."""

    text: str
    language: str


def said(texts: Mapping[str, str] | None, language: str) -> Said:
    """A text in the reader's language, else in English; empty where there is none."""
    found = texts or {}
    taken = language if language in found else "en"
    return Said(found.get(taken, ""), taken)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A finding to choose: its key on the page, its word, and what it means on the criterion."""

    key: int
    finding: str
    word: str | Promise
    meaning: Said | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion in a reader's language."""

    code: str
    name: Said
    question: Said
    evidence: Said
    example: Said
    origin: str
    meanings: tuple[Meaning, ...]


def asked(criterion: Criterion, findings: tuple[str, ...], language: str) -> Asked:
    """A criterion with what each finding means."""
    meanings = (
        Meaning(
            key, name, FINDINGS[name], said(criterion.findings[name], language) if name in criterion.findings else None
        )
        for key, name in enumerate(findings, 1)
    )
    return Asked(
        criterion.code,
        said(criterion.name, language),
        said(criterion.question, language),
        said(criterion.evidence, language),
        said(criterion.example, language),
        criterion.origin,
        tuple(meanings),
    )
