"""Compare two editions: which facts came, went or changed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cop.editions.read import Edition
from cop.editions.tables import METADATA, TABLES

KEYS: dict[str, tuple[str, ...]] = {
    "counts": ("table", "measure", "code", "area", "period", "age_band", "sex", "platform", "language"),
    "estimates": ("indicator", "survey", "area", "period", "domain"),
    "series": ("dataset", "flow", "key", "period"),
    "documents": ("document", "language", "version"),
    "findings": ("provider", "document", "version", "criterion", "region", "ages"),
    "provider_list": ("provider", "criterion", "region", "ages"),
    "provider_history": ("provider", "number"),
    "warnings": ("warning",),
}
"""What names a fact in each table; the other columns are what it says."""

_SAID_ELSEWHERE = {"lineage"}
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class TableChanges:
    """How one table differs, with up to five changed facts as text."""

    name: str
    added: int
    removed: int
    changed: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """How two editions differ. `metadata` names the documents that do."""

    old: str
    new: str
    tables: tuple[TableChanges, ...]
    metadata: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not self.metadata and not any(t.added or t.removed or t.changed for t in self.tables)

    def as_json(self) -> dict[str, object]:
        return {
            "old": self.old,
            "new": self.new,
            "same": self.same,
            "tables": {
                t.name: {"added": t.added, "removed": t.removed, "changed": t.changed, "examples": list(t.examples)}
                for t in self.tables
            },
            "metadata": list(self.metadata),
        }


def compare(old: Edition, new: Edition) -> Changes:
    """Fact by fact, table by table; lineage (hashes, code version) is not a fact and is compared as metadata."""
    tables = tuple(_table(name, old.table(name), new.table(name)) for name in TABLES)
    metadata = tuple(n for n in METADATA if old.metadata(n) != new.metadata(n))
    return Changes(old.id, new.id, tables, metadata)


def _table(name: str, old: pl.DataFrame, new: pl.DataFrame) -> TableChanges:
    keys = list(KEYS[name])
    values = [c for c in new.columns if c not in keys and c not in _SAID_ELSEWHERE]
    added = new.join(old, on=keys, how="anti", nulls_equal=True).height
    removed = old.join(new, on=keys, how="anti", nulls_equal=True).height
    both = new.join(old, on=keys, how="inner", nulls_equal=True, suffix="_old")
    differs = pl.any_horizontal(pl.col(v).ne_missing(pl.col(f"{v}_old")) for v in values)
    changed = both.filter(differs)
    return TableChanges(name, added, removed, changed.height, tuple(_examples(changed, keys, values)))


def _examples(changed: pl.DataFrame, keys: list[str], values: list[str]) -> list[str]:
    said: list[str] = []
    for row in changed.head(_EXAMPLES).iter_rows(named=True):
        place = " ".join(str(row[k]) for k in keys if row[k] not in {None, "_T"})
        moves = [f"{v} {row[f'{v}_old']} -> {row[v]}" for v in values if row[v] != row[f"{v}_old"]]
        said.append(f"{place}: {', '.join(moves)[:160]}")
    return said
