"""The room of cases: the list, what is overdue, and one case with everything that can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cop.desk.middleware import STATUS, DeskRequest
from cop.desk.unlocking import private_key_of
from cop.kernel.errors import CopError, NotFound, Refused
from cop.kernel.languages import pick
from cop.vault.cases import queries, rules
from cop.vault.cases.course import CHANNELS, KINDS, SEEN, STATUSES, course
from cop.vault.cases.queries import CaseFacts, ReferralFacts
from cop.vault.cases.stix import class_name
from cop.vault.members.queries import names
from cop.vault.members.rules import DESK_ROLES
from cop.vault.reports.variables import catalogue

SEEN_WORDS = {"up": _("still there"), "gone": _("gone"), "unknown": _("could not be told")}
Choice = tuple[str, str]


@require_safe
def cases(request: DeskRequest) -> HttpResponse:
    """Cases of an organisation in which the person works, newest first."""
    offices, office = office_of(request)
    status, before = request.GET.get("status", ""), number(request.GET.get("before", ""))
    rows = queries.cases(request.actor, office, status=status, before=before, limit=queries.PAGE + 1)
    page = rows[: queries.PAGE]
    language = request.LANGUAGE_CODE
    facts = {
        "rows": [(r, _class(r.code, language), course().word("statuses", r.status, language)) for r in page],
        "more": page[-1].id if len(rows) > queries.PAGE else None,
        "offices": offices,
        "office": office,
        "statuses": [(s, course().word("statuses", s, language)) for s in STATUSES],
        "status": status,
        "late": len(queries.overdue(request.actor, office, limit=100)),
    }
    return render(request, "desk/cases.html", facts)


@require_safe
def overdue(request: DeskRequest) -> HttpResponse:
    """Referrals that nobody acknowledged in time, the longest overdue first."""
    offices, office = office_of(request)
    rows = queries.overdue(request.actor, office, after=_after(request), limit=queries.PAGE + 1)
    page = rows[: queries.PAGE]
    last = page[-1] if len(rows) > queries.PAGE else None
    facts = {
        "rows": [(r, item("referred_to", r.kind, request.LANGUAGE_CODE)) for r in page],
        "more": f"{last.due.timestamp():.6f}_{last.id}" if last else "",
        "offices": offices,
        "office": office,
    }
    return render(request, "desk/cases_overdue.html", facts)


@require_safe
def case(request: DeskRequest, case: int) -> HttpResponse:
    """One case."""
    return case_page(request, case)


def case_page(request: DeskRequest, case: int, *, error: CopError | None = None, form: str = "") -> HttpResponse:
    """One case; with what went wrong beside the form that was sent, if it did."""
    found = queries.case_facts(request.actor, case)
    language, actor = request.LANGUAGE_CODE, request.actor
    works = rules.may_work_cases(actor, found.organisation)
    bodies = queries.bodies(actor, found.organisation, active=True)
    facts = {
        "found": found,
        "class": _class(found.coded.code if found.coded else "", language),
        "status": course().word("statuses", found.status, language),
        "outcome": item("outcome", found.outcome, language) if found.outcome else "",
        "history": _history(found, language),
        "referrals": [_referral(r, language) for r in found.referrals],
        "holds": [(h, course().word("grounds", h.ground, language)) for h in found.holds],
        "works": works,
        "holds_too": rules.may_hold(actor, found.organisation),
        "ways": _ways(found, language) if works else [],
        "outcomes": _items("outcome", language),
        "closes": any(to == course().last for to in course().after(found.status)),
        "body_kinds": [(f"{b.id} {k}", b.name, item("referred_to", k, language)) for b in bodies for k in b.kinds],
        "channels": [(c, course().word("channels", c, language)) for c in CHANNELS],
        "refer_reasons": _reasons(found.status, "referred", language),
        "may_refer": found.status == "referred" or "referred" in course().after(found.status),
        "seen_words": [(s, SEEN_WORDS[s]) for s in SEEN],
        "sealable": [b for b in bodies if b.recipient],
        "open": private_key_of(request) is not None,
        "grounds": [(g, course().word("grounds", g, language)) for g in course().words["grounds"]],
        "lifts": [(r, course().word("lifts", r, language)) for r in course().words["lifts"]],
        "error": error,
        "form": form,
        "today": datetime.now(UTC).date(),
    }
    return render(request, "desk/case.html", facts, status=STATUS[type(error)] if error else 200)


# --- parts that other pages of the room use


def office_of(request: DeskRequest) -> tuple[list[tuple[int, str]], int]:
    """The offices whose cases the person may see, and the one that was asked for, the first by default.

    Raises:
        NotFound: there is none, or another's was asked for.
    """
    offices = names(request.actor.organisations(*DESK_ROLES))
    asked = number(request.GET.get("organisation", "")) or next(iter(sorted(offices)), 0)
    if asked not in offices:
        raise NotFound("there is no such organisation")
    return sorted(offices.items(), key=lambda pair: pair[1]), asked


def number(text: str) -> int | None:
    """A number of an address or a form; None where there is none.

    Raises:
        Refused: it is no number.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Refused.value(text, "is no number", expected="digits")
    return int(text)


def item(variable: str, code: str, language: str) -> str:
    """What an item of a codelist is called."""
    return next((pick(i.name, language) for i in catalogue().variable(variable).items if i.id == code), code)


def kinds(language: str) -> list[Choice]:
    """The kinds of bodies with their names."""
    return [(kind, item("referred_to", kind, language)) for kind in KINDS]


def _items(variable: str, language: str) -> list[Choice]:
    return [(i.id, pick(i.name, language)) for i in catalogue().variable(variable).items]


def _class(code: str, language: str) -> str:
    return class_name(code, language) if code else ""


def _after(request: DeskRequest) -> tuple[datetime, int] | None:
    text = request.GET.get("after", "")
    if not text:
        return None
    stamp, _mark, last = text.partition("_")
    try:
        return datetime.fromtimestamp(float(stamp), UTC), int(last)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused.value(text, "is no place in the list", expected="the link of the page before") from error


def _reasons(before: str, after: str, language: str) -> list[Choice]:
    return [(r, course().word("reasons", r, language)) for r in course().reasons(before, after)]


def _ways(found: CaseFacts, language: str) -> list[tuple[str, Sequence[Choice]]]:
    """Where the case may go by hand, with the reasons of each way; to a referral it goes by the form for that."""
    return [
        (
            course().word("statuses", to, language),
            [(f"{to} {reason}", words) for reason, words in _reasons(found.status, to, language)],
        )
        for to in course().after(found.status)
        if to != "referred"
    ]


def _history(found: CaseFacts, language: str) -> list[dict[str, Any]]:
    return [
        {
            "at": c.at, "by": c.by, "after": course().word("statuses", c.after, language),
            "reason": course().word("reasons", c.reason, language) if c.reason else "",
        }
        for c in found.changes
    ]  # fmt: skip


def _referral(r: ReferralFacts, language: str) -> dict[str, Any]:
    return {
        "facts": r,
        "kind": item("referred_to", r.kind, language),
        "channel": course().word("channels", r.channel, language),
        "outcome": item("outcome", r.outcome, language) if r.outcome else "",
        "looks": [(look.at, SEEN_WORDS[look.seen]) for look in r.looks],
    }
