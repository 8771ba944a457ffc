"""A described release made safe: protected tables in a folder, attacked before they get their place."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import polars as pl

from cop.kernel.errors import Conflict
from cop.kernel.hashing import canonical_json
from cop.kernel.progress import SILENT, Progress
from cop.kernel.tables import open_writer
from cop.measurement.disclosure.audit import Audit, audit, refusal
from cop.measurement.disclosure.description import RELEASE, STATUSES, Release, read
from cop.measurement.disclosure.hierarchy import Dimension
from cop.measurement.disclosure.perturbation import REPORT, beside, file_of, perturb
from cop.measurement.disclosure.protection import Protected, protect
from cop.measurement.disclosure.rules import Rules
from cop.measurement.disclosure.tables import ROW, Read, base_table, marked, published, read_table, shares

RULES = "rules.toml"


def protect_release(release: Release, folder: Path, *, progress: Progress = SILENT) -> dict[str, Any]:
    """Suppress what must not be seen and write the release into a folder; what was done, as in `report.json`.

    The tables are written beside their place and attacked there; they get it only when nothing was found.

    Raises:
        Conflict: the folder exists.
        Refused: an input is not as described, cells do not add up, or a cell cannot be protected from what was
            published before.
    """
    if folder.exists():
        raise Conflict(f"{folder} exists", expected="a folder that does not")
    if release.method != "suppress":
        with beside(folder) as part:
            return perturb(release, part)
    tables = [read_table(release, table) for table in release.tables]
    found = protect(
        marked(release, tables), release.axes, release.applied, past=[published(before) for before in release.before],
        ratios=list(shares(release, tables)), plain=release.only_counts, progress=progress,
    )  # fmt: skip
    with beside(folder) as part:
        for table in tables:
            with open_writer(str(part / file_of(table.table))) as writer:
                writer.write(protected_rows(table, found.frame))
        (part / RULES).write_text(rules_toml(release.applied), encoding="utf-8")
        (part / RELEASE).write_text(_described(release, found, folder), encoding="utf-8")
        checked = audit_release(read(part / RELEASE), progress=progress)
        if not checked.safe:
            raise refusal(release.id, checked)
        said = report(release, found, checked)
        (part / REPORT).write_text(canonical_json(said), encoding="utf-8")
    return said


def report(release: Release, found: Protected, checked: Audit) -> dict[str, Any]:
    """What was withheld, how close that is to the fewest possible, and what the audit bounded."""
    rules = release.applied
    tables = [
        {"table": s.table, "cells": s.cells, "suppressed": s.suppressed, "secondary": s.secondary}
        for s in found.summaries
    ]
    return {
        "release": release.id, "method": "suppress", "rules": rules.id, "source": rules.source,
        "threshold": rules.counts.threshold, "primary": found.primary, "secondary": found.secondary,
        "lower_bound": round(found.bound, 6), "fewest": found.exact, "tables": tables,
        "statuses_tell_more": found.relaxed,
        "shown_by_fractions": found.fractional, "audit": {"suppressed": checked.suppressed, "bounded": checked.checked},
    }  # fmt: skip


def audit_release(release: Release, *, progress: Progress = SILENT) -> Audit:
    """Attack published tables with all they say and all that was published before.

    Raises:
        Refused: a table has no statuses, or the values contradict one another.
    """
    tables = [read_table(release, table) for table in release.tables]
    return audit(
        release.axes, published(release, tables), [published(before) for before in release.before],
        ratios=list(shares(release, tables)), percent=release.applied.protection.percent, progress=progress,
    )  # fmt: skip


def protected_rows(table: Read, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of a file with what is withheld empty, without what only the rules needed, with the two statuses."""
    about, share = table.table, table.table.share
    private = {*filter(None, (about.units, about.psu, about.key)), *about.largest} - (
        {share.of} if share is not None else set()
    )
    cells = _by_row(frame, about.name)
    bases = _by_row(frame, base_table(about)) if share is not None else {}
    rows: list[dict[str, Any]] = []
    for number, values in enumerate(table.rows, 1):
        status, conf = cells[number]
        row = {name: value for name, value in values.items() if name not in private}
        if status != "A":
            row |= dict.fromkeys([about.value, *about.also])
        if share is not None:
            secret = bases[number][0] != "A"
            row[share.of] = None if secret else row[share.of]
            row[share.column] = None if secret or status != "A" else row[share.column]
        rows.append({**row, STATUSES[0]: status, STATUSES[1]: conf})
    return rows


def _by_row(frame: pl.DataFrame, table: str) -> dict[int, tuple[str, str]]:
    part = frame.filter(pl.col("table") == table).select(ROW, *STATUSES)
    return {row: (status, conf) for row, status, conf in part.iter_rows()}


# --- the description of what was published


def _described(release: Release, found: Protected, folder: Path) -> str:
    past = [Path(os.path.relpath(release.file(name), folder.resolve())).as_posix() for name in release.past]
    facts = {"id": release.id, "title": release.title, "rules": RULES, "plain": release.only_counts, "past": past}
    lines = ["# Written by cop measure protect: what these tables are, for an audit and for the next release."]
    lines += [f"{key} = {_toml(value)}" for key, value in facts.items()]
    for axis in found.dimensions:
        lines += ["", f"[dimensions.{axis.name}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in _axis(axis, release.dimensions[axis.name].total).items()]
    for table in release.tables:
        kept = table.model_dump(exclude_defaults=True, exclude={"psu", "largest", "also", "units", "key"})
        lines += [
            "",
            "[[tables]]",
            *(f"{key} = {_toml(value)}" for key, value in {**kept, "file": file_of(table)}.items()),
        ]
    return "\n".join(lines) + "\n"


def _axis(axis: Dimension, total: str | None) -> dict[str, object]:
    facts: dict[str, object] = {
        "kind": axis.kind, "parents": dict(axis.parents), "sums": {k: list(v) for k, v in axis.sums.items()},
        "rest": axis.rest, "open": sorted(axis.open), "additive": axis.additive, "total": total,
    }  # fmt: skip
    return {key: value for key, value in facts.items() if value or value is False}


def rules_toml(rules: Rules) -> str:
    """A set of rules as its file."""
    facts = rules.model_dump(exclude_none=True)
    lines = [f"{key} = {_toml(value)}" for key, value in facts.items() if not isinstance(value, dict)]
    for name, section in facts.items():
        if isinstance(section, dict):
            lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in section.items())]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A value as TOML writes it; strings are written as in JSON, which TOML reads."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return f"{{ {', '.join(f'{json.dumps(key)} = {_toml(inner)}' for key, inner in pairs)} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(inner) for inner in cast('list[object]', value))}]"
    return json.dumps(value, ensure_ascii=False)
