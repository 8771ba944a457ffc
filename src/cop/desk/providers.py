"""The provider room: what waits, a provider, and one cell with its evidence, its texts and what people did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cop.desk import providers_sent as sent
from cop.desk import providers_text as page
from cop.desk import providers_words as words
from cop.desk.middleware import STATUS, DeskRequest
from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused
from cop.terms.criteria import criteria
from cop.vault.providers import operations, seeing
from cop.vault.providers.course import DECIDABLE, DECLARABLE, Cell, Quote
from cop.vault.providers.listing import worst
from cop.vault.providers.queries import filed_text, proposed, speakers, spoken_for, texts_of, watched
from cop.vault.providers.seeing import Look

_DEEDS = frozenset({"decide", "adjudicate", "withdraw", "answer", "contest", "new_text", "declare"})
_REPLIES = ("answer", "contest", "new_text", "declare")


@require_safe
def providers(request: DeskRequest) -> HttpResponse:
    """What waits for reviewers; for who speaks for providers, those."""
    own = spoken_for(request.actor)
    if own and not seeing.reviews(request.actor):
        if len(own) == 1:
            return redirect("provider", provider=own[0])
        return render(request, "desk/provider_own.html", {"providers": [watched(slug)[0] for slug in own]})
    state, slug = request.GET.get("state", ""), request.GET.get("provider", "")
    found = seeing.queue(request.actor, state=state, provider=slug)
    facts = {
        "rows": [(w, _cell_address(w.cell), words.WAITS[w.state], words.FINDINGS[w.proposed]) for w in found.rows],
        "counts": [(name, words.WAITS[name], n) for name, n in found.counts.items()],
        "total": sum(found.counts.values()),
        "providers": [(w, words.PLACES[w.place.status]) for w in found.providers],
        "names": _names(request.LANGUAGE_CODE),
        "state": state,
        "provider": slug,
    }
    return render(request, "desk/provider_queue.html", facts)


@require_safe
def provider(request: DeskRequest, provider: str) -> HttpResponse:
    """A provider: every cell with what is proposed, decided and declared, its place on the list and what is missing."""
    seen = seeing.sight(request.actor, provider)
    names = _names(request.LANGUAGE_CODE)
    rows = []
    for cell, _course in seeing.cells_of(seen.one):
        look = seeing.look_at(request.actor, seen, cell)
        proposal = seen.one.proposals.get(cell.criterion)
        decision = look.course.decision
        rows.append(
            {
                "cell": cell,
                "name": names[cell.criterion],
                "address": _cell_address(cell),
                "core": look.core,
                "proposed": words.FINDINGS[proposal.finding] if proposal else "",
                "confidence": _percent(proposal.confidence) if proposal else "",
                "decided": words.FINDINGS[decision.finding] if decision else "",
                "declared": words.FINDINGS[look.course.declared] if look.course.declared else "",
                "state": words.STATES[look.state],
                "contested": look.course.contested,
            }
        )
    place = seen.one.place
    facts = {
        "seen": seen,
        "one": seen.one,
        "place": words.PLACES[place.status],
        "failing": [_missing(request, seen.one, code) for code in place.failing],
        "open": [(code, names[code]) for code in place.open],
        "rows": rows,
        "speakers": speakers(provider) if seen.reviews else [],
    }
    return render(request, "desk/provider.html", facts)


def _missing(request: DeskRequest, one: Any, code: str) -> dict[str, Any]:  # noqa: ANN401 - a `Watched`
    """A criterion that keeps a provider off the list: the words that decide, and a sentence that would be met."""
    counts = worst(one.of(code))
    decision = counts.standing if counts else None
    return {
        "code": code,
        "asked": words.asked(criteria()[code], DECIDABLE, request.LANGUAGE_CODE),
        "address": _cell_address(counts.cell) if counts else "",
        "finding": words.FINDINGS[decision.finding] if decision else "",
        "quotes": decision.quotes if decision else (),
    }


@require_safe
def cell(request: DeskRequest, provider: str, criterion: str) -> HttpResponse:
    """One cell: evidence beside the texts, what each finding means, what was done, and what may be done now."""
    look = seeing.look(request.actor, sent.cell_of(provider, criterion, request.GET))
    return _cell_page(request, look)


@require_POST
def act(request: DeskRequest, provider: str, criterion: str, deed: str) -> HttpResponse:
    """Do something on a cell; what is refused comes back with what was written."""
    if deed not in _DEEDS:
        raise NotFound(f"there is no act {deed}")
    look = seeing.look(request.actor, sent.cell_of(provider, criterion, request.POST))
    chosen: list[Quote] = []
    try:
        if deed in ("decide", "adjudicate"):
            chosen = sent.quotes(request.POST, texts_of(provider))
        _do(request, look, deed, chosen)
    except (NotAllowed, NotFound):
        raise
    except CopError as error:
        now = seeing.look(request.actor, look.cell)
        return _cell_page(request, now, error=error, deed=deed, posted=request.POST, chosen=chosen)
    messages.success(request, _("It is kept."))
    return HttpResponseRedirect(_cell_address(look.cell))


def _do(request: DeskRequest, look: Look, deed: str, chosen: list[Quote]) -> None:
    given, day = request.POST, timezone.now().date()
    seen = sent.whole(given, "seen")
    text, finding = given.get("text", "").strip(), given.get("finding", "")
    common: dict[str, Any] = {"actor": request.actor, "cell": look.cell, "on": day, "seen": seen}
    if deed in _REPLIES:
        # a reply names the decision it is about, not how many reviews are under way
        if seen != (look.course.decision.number if look.course.decision else 0):
            raise Conflict("the decision changed since the page was read", expected="a look at the new one")
        common["seen"] = look.course.number
    if deed == "decide":
        operations.decide(finding=finding, reason=text, quotes=chosen, **common)  # type: ignore[arg-type]
    elif deed == "adjudicate":
        operations.adjudicate(finding=finding, reason=text, quotes=chosen, **common)  # type: ignore[arg-type]
    elif deed == "withdraw":
        operations.withdraw(reason=text, **common)
    elif deed == "declare":
        operations.declare(finding=finding, text=text, **common)  # type: ignore[arg-type]
    elif deed == "new_text":
        filed = given.get("filed", "").replace("\r\n", "\n")
        if not filed.strip():
            raise Refused.value("", "is empty", field="filed", expected="the new text")
        operations.file_text(data=filed.encode(), name="filed.md", text=text, **common)
    else:
        operations.reply(kind="contest" if deed == "contest" else "answer", text=text, **common)


@require_safe
def changes(request: DeskRequest, provider: str, criterion: str) -> HttpResponse:
    """What became of the texts since the last decision, clause by clause, those first that touch the criterion."""
    look = seeing.look(request.actor, sent.cell_of(provider, criterion, request.GET))
    found = []
    for since in seeing.changed_since(look):
        rows = [(words.CLAUSES[c.kind], criterion in c.criteria, c) for c in since.comparison.clauses]
        found.append(
            {
                "since": since,
                "change": words.CHANGES[since.comparison.change.change_class],
                "touching": [r for r in rows if r[1]],
                "others": [r for r in rows if not r[1]],
                "direction": page.direction_of(since.newest),
            }
        )
    facts = {
        "look": look,
        "asked": words.asked(criteria()[criterion], DECIDABLE, request.LANGUAGE_CODE),
        "address": _cell_address(look.cell),
        "documents": found,
    }
    return render(request, "desk/provider_changes.html", facts)


@require_safe
def filed(request: DeskRequest, provider: str, sha256: str) -> HttpResponse:
    """A text that the provider filed."""
    seen = seeing.sight(request.actor, provider)
    return render(
        request, "desk/provider_filed.html", {"one": seen.one, "sha256": sha256, "text": filed_text(provider, sha256)}
    )


@require_POST
def speaker(request: DeskRequest, provider: str) -> HttpResponse:
    """Let an organisation speak for the provider, or no more."""
    seeing.sight(request.actor, provider)
    do: Callable[..., None] = operations.remove_speaker if "remove" in request.POST else operations.name_speaker
    do(actor=request.actor, provider=provider, slug=request.POST.get("organisation", "").strip())
    messages.success(request, _("It is kept."))
    return redirect("provider", provider=provider)


# --- the page of a cell


def _cell_page(
    request: DeskRequest,
    look: Look,
    *,
    error: CopError | None = None,
    deed: str = "",
    posted: QueryDict | None = None,
    chosen: list[Quote] | None = None,
) -> HttpResponse:
    code = look.cell.criterion
    texts = texts_of(look.cell.provider)
    held = seeing.shown_texts(look, texts)
    decision = look.course.decision
    proposals = [p for p in proposed(look.cell.provider, code) if _concerns(look.cell, p.region, p.ages)]
    marked = page.passages(held, proposals, seeing.accepted_now(look, texts), chosen or ())
    plainer = page.plainer(marked)
    if error is None:
        ticked = {p.value for p in marked if "accepted" in p.of}
    else:
        ticked = {p.value for p in marked if "chosen" in p.of}
    facts = {
        "look": look,
        "one": look.sight.one,
        "cell": look.cell,
        "asked": words.asked(criteria()[code], DECIDABLE, request.LANGUAGE_CODE),
        "declarable": [(name, words.FINDINGS[name]) for name in DECLARABLE],
        "state": words.STATES[look.state],
        "proposals": [(p, words.FINDINGS[p.finding], _percent(p.confidence)) for p in proposals],
        "passages": [(p, p.value in ticked, plainer[p.number]) for p in marked],
        "documents": page.shown(held, marked),
        "acts": [(t, words.ACTS[t.act.kind] if t.act else "", _finding(t.act)) for t in look.acts],
        "changes": [(c, words.ACTS[c.event], _finding(c.decision or c.act)) for c in look.changes],
        "decision": decision,
        "decided": _finding(decision),
        "declared": words.FINDINGS[look.course.declared] if look.course.declared else "",
        "changed": seeing.has_changed(look, texts),
        "address": _cell_address(look.cell),
        "more": urlencode({k: v for k, v in (("region", look.cell.region), ("ages", look.cell.ages)) if v}),
        "review": next((k for k in ("adjudicate", "decide") if k in look.may), ""),
        "seen": look.course.number,
        "about": decision.number if decision else 0,
        "error": error,
        "field": error.where.field if error and error.where else "",
        "deed": deed,
        "posted": posted or QueryDict(),
        "slots": [_slot(n, posted or QueryDict()) for n in range(1, sent.WORDS + 1)],
    }
    status = STATUS.get(type(error), 400) if error else 200
    return render(request, "desk/provider_cell.html", facts, status=int(status))


def _slot(number: int, posted: QueryDict) -> dict[str, Any]:
    return {
        "number": number,
        "words": posted.get(f"words{number}", ""),
        "document": posted.get(f"document{number}", ""),
        "place": posted.get(f"place{number}", ""),
    }


def _concerns(cell: Cell, region: str, ages: str) -> bool:
    """Whether a proposal speaks to those whom the cell is about; the whole cell is about everybody."""
    mine = (cell.region, cell.ages)
    return mine == ("", "") or (region in ("", cell.region) and ages in ("", cell.ages))


def _finding(done: Any) -> Any:  # noqa: ANN401 - an act, a decision or nothing; a word that is translated late
    name = getattr(done, "finding", None)
    return words.FINDINGS[name] if name else ""


def _percent(share: float) -> int:
    return round(100 * share)


def _names(language: str) -> dict[str, words.Said]:
    return {code: words.said(c.name, language) for code, c in criteria().items()}


def _cell_address(cell: Cell) -> str:
    address = reverse("provider_cell", kwargs={"provider": cell.provider, "criterion": cell.criterion})
    more = {k: v for k, v in (("region", cell.region), ("ages", cell.ages)) if v}
    return f"{address}?{urlencode(more)}" if more else address
