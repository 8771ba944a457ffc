"""What other apps may ask of providers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from cop.editions.tables import TOTAL
from cop.kernel.errors import NotFound
from cop.terms.criteria import FindingName, criteria, list_rule
from cop.vault.providers.course import Act, Basis, Cell, Course, Kind, Quote, courses
from cop.vault.providers.figures import Verdict, as_estimates, shares
from cop.vault.providers.listing import Change, Place, changes, place, worst
from cop.vault.providers.models import Act as ActRow
from cop.vault.providers.models import Finding, Provider, Version

# --- what people did


def course(cell: Cell) -> Course:
    """The acts on one cell."""
    rows = ActRow.objects.filter(**asdict(cell)).order_by("number")
    return Course(cell, tuple(_act(row) for row in rows))


def all_courses(provider: str | None = None) -> dict[Cell, Course]:
    """The course of every cell on which something was done, in order of cell."""
    rows = ActRow.objects.order_by("number")
    rows = rows if provider is None else rows.filter(provider=provider)
    return courses((Cell(r.provider, r.criterion, r.region, r.ages), _act(r)) for r in rows)


def _act(row: ActRow) -> Act:
    return Act(
        kind=cast("Kind", row.kind),
        by=row.by,
        on=row.on,
        text=row.text,
        finding=cast("FindingName", row.finding) if row.finding else None,
        basis=tuple(Basis(b["document"], date.fromisoformat(b["version"]), b["sha256"]) for b in row.basis),
        quotes=tuple(Quote(**{**q, "version": date.fromisoformat(q["version"])}) for q in row.quotes),
        filed=row.filed,
        source=row.source,
    )


# --- what is published


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


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the machine proposes for a provider on a criterion."""

    finding: str
    document: str
    confidence: float


_NOTHING = Proposal("not_reviewed", "", 0.0)


@dataclass(frozen=True, slots=True)
class Watched:
    """A provider with all that stands on it."""

    slug: str
    name: str
    family: str
    homepage: str
    young_users: int | None
    young_users_source: str
    documents: tuple[str, ...]
    proposals: Mapping[str, Proposal]
    parts: Mapping[str, frozenset[tuple[str, str]]]
    courses: tuple[Course, ...]

    @property
    def place(self) -> Place:
        """Where it stands on the list."""
        return place(self.courses, self.parts, list_rule())

    @property
    def changes(self) -> list[Change]:
        """What the public is told of it, oldest first."""
        return changes(self.slug, self.courses, self.parts, list_rule())

    def of(self, criterion: str) -> list[Course]:
        """The courses on a criterion."""
        return [c for c in self.courses if c.cell.criterion == criterion]

    def cells(self) -> Iterator[tuple[Cell, Course]]:
        """Every cell to be published: those with a course, and each criterion for all where there is none."""
        for code in criteria():
            there = self.of(code)
            for one in there or [Course(Cell(self.slug, code))]:
                yield one.cell, one


def watched(slug: str | None = None) -> list[Watched]:
    """Every provider that is watched, or one, in order of its short name.

    Raises:
        NotFound: there is no such provider.
    """
    rows = Provider.objects.prefetch_related("standing_set", "version_set__finding_set")
    rows = rows if slug is None else rows.filter(slug=slug)
    done = all_courses(slug)
    found = [_watched(row, [c for cell, c in done.items() if cell.provider == row.slug]) for row in rows]
    if slug is not None and not found:
        known = ", ".join(sorted(Provider.objects.values_list("slug", flat=True)))
        raise NotFound(f'no provider "{slug}" is watched', expected=known or "a provider in observatory.toml")
    return sorted(found, key=lambda w: w.slug)


def _watched(row: Provider, done: Sequence[Course]) -> Watched:
    newest: dict[str, Version] = {}
    for version in sorted(row.version_set.all(), key=lambda v: v.version):
        newest[version.document] = version
    parts: dict[str, set[tuple[str, str]]] = {}
    for version in newest.values():
        for f in version.finding_set.all():
            if (f.region or f.ages) and f.finding not in ("not_addressed", "not_reviewed"):
                parts.setdefault(f.criterion, set()).add((f.region, f.ages))
    return Watched(
        slug=row.slug,
        name=row.name,
        family=row.family,
        homepage=row.homepage,
        young_users=row.young_users,
        young_users_source=row.young_users_source,
        documents=tuple(sorted(newest)),
        proposals={s.criterion: Proposal(s.finding, s.document, s.confidence) for s in row.standing_set.all()},
        parts={code: frozenset(found) for code, found in parts.items()},
        courses=tuple(done),
    )


def evidence(provider: str, criterion: str) -> list[dict[str, Any]]:
    """The passages that the proposals for the newest versions rest on: document, version, quote, start, end."""
    newest: dict[str, date] = {}
    for document, day in Version.objects.filter(provider__slug=provider).values_list("document", "version"):
        newest[document] = max(day, newest.get(document, day))
    rows = Finding.objects.filter(version__provider__slug=provider, criterion=criterion).select_related("version")
    found = [
        {"document": f.version.document, "version": f.version.version.isoformat(), **e}
        for f in rows
        if newest[f.version.document] == f.version.version
        for e in f.evidence
    ]
    unique = {(e["document"], e["start"], e["end"]): e for e in reversed(found)}
    return sorted(unique.values(), key=lambda e: (-e["score"], e["document"], e["start"]))


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
