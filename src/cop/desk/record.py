"""One record: its text behind a veil, the classes it may have, their notes, what is known, and one decision."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from cop.desk import record_variables
from cop.desk.middleware import STATUS, DeskRequest
from cop.desk.queue import go_on
from cop.desk.record_classes import Option, all_notes, found_by, name_of, option, sections
from cop.desk.record_text import Why, told, why
from cop.desk.record_words import KINDS, REASONS, RULES, STATES, URGENCIES
from cop.desk.unlocking import needs_key
from cop.kernel.errors import Conflict, CopError, NotFound, Refused, TooMuch
from cop.kernel.languages import pick
from cop.vault.cases.operations import open_case
from cop.vault.coding import operations, queries
from cop.vault.coding.queries import Decided, Record
from cop.vault.coding.schemas import ACTS, Choice
from cop.vault.reports.queries import Facts, facts, twins

RULINGS = 5


@require_safe
@needs_key
def record(request: DeskRequest, report: int) -> HttpResponse:
    """The page of a record."""
    return _page(request, queries.record_of(actor=request.actor, report=report))


@require_POST
def take(request: DeskRequest, report: int) -> HttpResponse:
    """Take a record in hand."""
    try:
        operations.open_record(actor=request.actor, report=report, limits=settings.CODING.limits)
    except Conflict as error:
        messages.error(request, _sentence(error))
    except TooMuch:
        messages.info(request, _("That is enough for today. The queue will wait for you."))
    return redirect("record", report)


@require_POST
def put_back(request: DeskRequest, report: int) -> HttpResponse:
    """Lay it back undecided."""
    operations.put_back(actor=request.actor, report=report)
    messages.info(request, _("The record is back in the queue, undecided."))
    return redirect("queue")


@require_POST
@needs_key
@sensitive_variables()
def decide(request: DeskRequest, report: int) -> HttpResponse:
    """Decide on a record as it was shown, and go on to the next one."""
    shown = queries.record_of(actor=request.actor, report=report)
    audit = request.POST.get("audit") == "1"
    try:
        choice = _choice(request.POST, shown)
        version = _number(request.POST.get("version", ""), gettext_lazy("version")) or 0
        settles = shown.state == "adjudicating"
        act = operations.adjudicate if settles else operations.decide
        done = act(actor=request.actor, report=report, version=version, choice=choice)
    except (Conflict, Refused, NotFound) as error:
        return _page(request, shown, error=error)
    _said(request, shown, done.kind)
    if done.kind == "refer":
        return _to_case(request, report)
    if settles:
        return redirect("disagreements")
    return go_on(request, shown.organisation, audit=audit)


def _to_case(request: DeskRequest, report: int) -> HttpResponse:
    case = open_case(actor=request.actor, report=report)
    return redirect(reverse("case", args=[case]))


def _said(request: DeskRequest, shown: Record, kind: str) -> None:
    """One line on what was done, with the way back to it."""
    link = reverse("record", args=[shown.report])
    text = _("Record %(number)s: %(done)s.") % {"number": shown.report, "done": str(KINDS[kind]).lower()}
    if shown.blind and kind in ("accept", "change"):  # which of the two would tell what the software had said
        text = _("Record %(number)s is coded.") % {"number": shown.report}
    messages.success(request, format_html('{} <a href="{}">{}</a>', text, link, _("Look at it again")))


# --- what was asked for


def _choice(posted: QueryDict, shown: Record) -> Choice:
    act = posted.get("act", "code")
    if act not in ACTS:
        raise Refused.value(act, "is no decision", expected=", ".join(ACTS))
    code = posted.get("code", "")
    if act in ("code", "refer") and not code:
        raise Refused(_("choose a class first"))
    return Choice(
        act=act,
        code=code,
        secondary=_codes(posted.get("secondary", "")) if act in ("code", "refer", "split") else (),
        parts=_codes(posted.get("parts", "")) if act == "split" else (),
        variables=record_variables.read(posted, shown.variables),
        reason=posted.get("reason", ""),
        ruling=_number(posted.get("ruling", "").strip().upper().removeprefix("R"), gettext_lazy("ruling")),
        duplicate_of=_number(posted.get("duplicate_of", ""), gettext_lazy("record")) if act == "duplicate" else None,
        rule=posted.get("rule", "") if act == "duplicate" else "",
    )


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.upper().replace(".", "") for word in text.replace(",", " ").split()))


def _number(text: str, what: object) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(_("%s: a number is needed") % what)
    return int(text)


# --- what is shown


@sensitive_variables()
def _page(request: DeskRequest, shown: Record, *, error: CopError | None = None) -> HttpResponse:
    language = request.LANGUAGE_CODE
    posted = request.POST if error else QueryDict()
    text = told(request, shown) if shown.mine else None
    reasons = why(text, shown) if text else Why()
    words = request.GET.get("words", "")
    found, problem = found_by(words, language)
    proposed = _proposed(shown, reasons, language)
    chosen = posted.get("code") or (proposed[0].code if proposed else "")
    known = {o.code for o in (*proposed, *found)}
    about: Facts = facts(request.actor, shown.report)
    opened = request.GET.get("open") == "1"
    context = {
        "record": shown,
        "state": STATES[shown.state],
        "urgency": URGENCIES[str(shown.urgency or "none")] if not shown.blind else "",
        "text": text,
        "opened": opened,
        "proposed": proposed,
        "found": found,
        "words": words,
        "problem": problem,
        "chosen": chosen,
        "extra": option(chosen, language) if chosen and chosen not in known else None,
        "sections": sections(language),
        "notes": all_notes([o.code for o in (*proposed, *found)], language),
        "why": _why(reasons, shown, language),
        "rulings": _rulings(shown, reasons, language),
        "facts": about,
        "said": record_variables.facts(about.variables, language),
        "variables": record_variables.shown(about.variables, shown.variables, language),
        "alike": [] if shown.blind else _alike(request, shown, language),
        "history": [_decided(d, language) for d in shown.decisions],
        "reasons": list(REASONS.items()),
        "rules": list(RULES.items()),
        "posted": posted,
        "audit": request.GET.get("audit") == "1" or posted.get("audit") == "1",
        "settles": shown.state == "adjudicating",
        "day": queries.own_progress(actor=request.actor, limits=settings.CODING.limits),
        "error": _sentence(error) if error else "",
        "changed": isinstance(error, Conflict),
    }
    return render(request, "desk/record.html", context, status=STATUS.get(type(error), 200) if error else 200)


def _proposed(shown: Record, reasons: Why, language: str) -> list[Option]:
    """The classes it may have, likeliest first; once a person decided, that class before them."""
    codes = list(shown.class_set)
    if shown.code and shown.code not in codes:
        codes.insert(0, shown.code)

    def percent(code: str) -> int | None:
        if code in reasons.scores:
            return round(100 * reasons.scores[code])
        return round(100 * (shown.probability or 0)) if code == shown.proposed else None

    return [option(code, language, percent(code)) for code in codes]


def _why(reasons: Why, shown: Record, language: str) -> dict[str, Any]:
    return {
        "any": bool(reasons.terms or reasons.words),
        "code": shown.proposed,
        "name": name_of(shown.proposed, language) if shown.proposed else "",
        "terms": [option(code, language) for code in reasons.terms],
        "words": [(word, round(100 * share)) for word, share in reasons.words],
    }


def _rulings(shown: Record, reasons: Why, language: str) -> list[dict[str, Any]]:
    """Rulings between the classes it may have, the nearest in meaning first."""
    codes = set(shown.class_set)
    about = [r for r in queries.rulings().in_force if len(codes & set(r.codes)) > 1]
    nearest = reasons.ruling
    if nearest is not None:
        about = [nearest, *(r for r in about if r.number != nearest.number)]
    return [
        {
            "number": r.number,
            "question": pick(r.question, language),
            "answer": pick(r.ruling, language),
            "nearest": nearest is not None and r.number == nearest.number,
        }
        for r in about[:RULINGS]
    ]


def _alike(request: DeskRequest, shown: Record, language: str) -> list[dict[str, Any]]:
    """Earlier records with the same text or address, with what they were coded as."""
    same = twins(request.actor, shown.report)
    rules = dict.fromkeys(same.address, "same_address") | dict.fromkeys(same.text, "same_text")
    codes = queries.codes_of(actor=request.actor, reports=list(rules))
    return [
        {"number": n, "rule": rule, "by": RULES[rule], "code": codes[n][0], "name": name_of(codes[n][0], language),
         "state": STATES[codes[n][1]]}
        for n, rule in sorted(rules.items())
        if n in codes and n != shown.report
    ]  # fmt: skip


def _decided(d: Decided, language: str) -> dict[str, Any]:
    kind = KINDS[d.kind] if not (d.blind and d.kind in ("accept", "change")) else _("Coded blind")
    return {
        "facts": d,
        "kind": kind,
        "name": name_of(d.code, language),
        "reason": REASONS.get(d.reason, ""),
        "variables": sorted(d.variables),
    }


def _sentence(error: CopError) -> str:
    said = _(error.problem)
    return f"{said[:1].upper()}{said[1:]}."
