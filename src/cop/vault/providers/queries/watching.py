"""Providers that are watched, each with all that stands on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cop.kernel.errors import NotFound, Where
from cop.terms.criteria import criteria, list_rule
from cop.vault.providers.course import Cell, Course
from cop.vault.providers.listing import Change, Place, changes, place
from cop.vault.providers.models import Provider, Version
from cop.vault.providers.queries.courses import all_courses


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the machine proposes for a provider on a criterion."""

    finding: str
    document: str
    confidence: float


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
        where = Where(field="provider")
        raise NotFound(
            f'no provider "{slug}" is watched', where=where, expected=known or "a provider in observatory.toml"
        )
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
