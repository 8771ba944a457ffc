"""What is published of providers: rows of the edition, the list, its indicator."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from cop.editions.tables import TOTAL
from cop.terms.criteria import criteria, list_rule
from cop.vault.providers.course import Cell, Course
from cop.vault.providers.figures import Verdict, as_estimates, shares
from cop.vault.providers.listing import Change, worst
from cop.vault.providers.models import Finding, Version
from cop.vault.providers.queries.courses import all_courses
from cop.vault.providers.queries.watching import Proposal, Watched, watched

_NOTHING = Proposal("not_reviewed", "", 0.0)


def documents() -> list[dict[str, Any]]:
    """Every version of every document, as rows of the edition's table."""
    return [
        {
            "provider": v.provider.slug,
            "document": v.document,
            "kind": v.kind,
            "title": v.title,
            "language": v.language,
            "version": v.version.isoformat(),
            "sha256": v.sha256,
            "words": v.words,
            "visible_date": v.visible_date.isoformat() if v.visible_date else None,
            "change": v.change,
            "silent": v.silent,
            "grade": v.grade,
            "long_sentences": v.long_sentences,
            "minutes": v.minutes,
            "warnings": json.dumps(v.warnings, ensure_ascii=False),
            "lineage": f"terms:{v.provider.slug}",
        }
        for v in Version.objects.select_related("provider")
    ]


def findings() -> list[dict[str, Any]]:
    """Every finding in every version, as rows of the edition's table.

    The status says whether a decision that stands rests on that version; the finding is what the machine proposes.
    """
    decided = {
        (cell.criterion, b.document, b.sha256)
        for cell, found in all_courses().items()
        if found.standing
        for b in found.standing.basis
    }
    return [
        {
            "provider": f.version.provider.slug,
            "document": f.version.document,
            "version": f.version.version.isoformat(),
            "criterion": f.criterion,
            "region": f.region,
            "ages": f.ages,
            "finding": f.finding,
            "confidence": f.confidence,
            "evidence": json.dumps(f.evidence, ensure_ascii=False, sort_keys=True),  # PostgreSQL keeps no order of keys
            "why": f.why,
            "status": "decided" if (f.criterion, f.version.document, f.version.sha256) in decided else "proposed",
            "lineage": f"terms:{f.version.provider.slug}",
        }
        for f in Finding.objects.select_related("version__provider")
    ]


def providers() -> list[dict[str, Any]]:
    """Every provider with where it stands, on the list and on each criterion."""
    return [
        {
            "id": w.slug,
            "name": w.name,
            "family": w.family,
            "homepage": w.homepage,
            "status": w.place.status,
            "missing": {"failing": list(w.place.failing), "open": list(w.place.open)},
            "young_users": w.young_users,
            "young_users_source": w.young_users_source,
            "findings": {
                code: _summary(w, code) for code in sorted({*w.proposals, *(c.cell.criterion for c in w.courses)})
            },
            "documents": list(w.documents),
        }
        for w in watched()
    ]


def _summary(w: Watched, code: str) -> dict[str, Any]:
    """What counts for a criterion: the standing decision that says least, else a stale one, else the proposal."""
    proposal = w.proposals.get(code, _NOTHING)
    courses = w.of(code)
    counts = worst(courses) or next((c for c in courses if c.stale), None)
    if counts is None or counts.decision is None:
        return {**asdict(proposal), "status": "proposed"}
    quotes = counts.decision.quotes
    return {
        "finding": counts.decision.finding,
        "document": quotes[0].document if quotes else proposal.document,
        "confidence": proposal.confidence,
        "status": "stale" if counts.stale or any(c.stale for c in courses) else "decided",
    }


def provider_list() -> list[dict[str, Any]]:
    """What counts for each provider, criterion, region and age band, as rows of the edition's table."""
    return [_listed(w, cell, found) for w in watched() for cell, found in w.cells()]


def _listed(w: Watched, cell: Cell, found: Course) -> dict[str, Any]:
    proposal = w.proposals.get(cell.criterion, _NOTHING)
    decision = found.decision
    return {
        **asdict(cell),
        "finding": decision.finding if decision else proposal.finding,
        "status": "stale" if found.stale else "decided" if decision else "proposed",
        "proposed": proposal.finding,
        "declared": found.declared,
        "date": decision.on.isoformat() if decision else None,
        "reviewers": len(decision.by) if decision else 0,
        "adjudicated": bool(decision and decision.adjudicated),
        "reason": decision.reason if decision else "",
        "evidence": _json([asdict(q) for q in decision.quotes] if decision else []),
        "documents": _json([asdict(b) for b in decision.basis] if decision else []),
        "replies": _json(
            [
                {"act": a.kind, "date": a.on.isoformat(), "by": a.by, "text": a.text, "filed": a.filed}
                for a in found.replies
            ]
        ),
        "contested": found.contested,
        "lineage": f"terms:{w.slug}",
    }


def provider_history() -> list[dict[str, Any]]:
    """What the public is told of each provider, as rows of the edition's table; reviewers go unnamed."""
    return [_told(w, number, change) for w in watched() for number, change in enumerate(w.changes, 1)]


def _told(w: Watched, number: int, change: Change) -> dict[str, Any]:
    act, decision = change.act, change.decision
    finding = (decision.finding if decision else act.finding if act else None) or ""  # of what is stale, what it was
    said = act if change.event == "stale" else decision or act
    provider = act is not None and change.event not in ("decided", "adjudicated", "stale")
    return {
        **asdict(change.cell),
        "number": number,
        "date": change.on.isoformat(),
        "event": change.event,
        "finding": finding,
        "status": change.status or "",
        "by": act.by if provider and act else "",
        "text": act.text if act else "",
        "evidence": _json([asdict(q) for q in said.quotes] if said and change.event != "stale" else []),
        "documents": _json([asdict(b) for b in said.basis] if said else []),
        "filed": act.filed if act else "",
        "lineage": f"terms:{w.slug}",
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def list_about() -> dict[str, Any]:
    """The list's rule and version, those of the criteria, and how many providers stand where."""
    rule = list_rule()
    places = [w.place.status for w in watched()]
    return {
        "rule": {"version": rule.version, "criteria": list(rule.criteria), "acceptable": sorted(rule.acceptable)},
        "criteria": {code: criterion.version for code, criterion in criteria().items()},
        "providers": {status: places.count(status) for status in ("listed", "not_listed", "proposed")},
    }


def estimates(*, period: str) -> list[dict[str, Any]]:
    """The indicator of provider watch, as rows of an edition's estimates; none where no provider is watched."""
    every = watched()
    if not every:
        return []
    rule = list_rule()
    listed = {"listed": True, "not_listed": False, "proposed": None}
    parts = [(TOTAL, [Verdict(listed[w.place.status], w.young_users) for w in every])]
    for code in rule.criteria:
        parts.append((f"criterion={code}", [Verdict(_acceptable(w, code), w.young_users) for w in every]))
    return as_estimates(shares(parts), period=period)


def _acceptable(w: Watched, code: str) -> bool | None:
    if code in w.place.failing:
        return False
    return None if code in w.place.open else True
