"""A described release rounded at random, or with noise by cell keys: nothing is withheld, nothing adds up exactly."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from cop.kernel.errors import Refused
from cop.kernel.hashing import canonical_json
from cop.kernel.tables import existing, open_writer
from cop.measurement.disclosure.cell_key import KEY, perturbed, read_perturbation, standard_perturbation
from cop.measurement.disclosure.cells import MEASURE
from cop.measurement.disclosure.description import STATUSES, Release, Table
from cop.measurement.disclosure.rounding import deviation, rounded
from cop.measurement.disclosure.tables import Read, read_table

REPORT = "report.json"
Change = Callable[[Read], pl.DataFrame]


@contextmanager
def beside(folder: Path) -> Generator[Path]:
    """A folder beside the one asked for, which takes its place when all went well and is removed otherwise."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def file_of(table: Table) -> str:
    """What a table's file is called in a release: its name, of the same kind as it came."""
    return f"{table.name}{Path(table.file).suffix}"


def perturb(release: Release, folder: Path) -> dict[str, Any]:
    """Write the rounded or noisy tables of a release into a folder; what was done, as in `report.json`.

    Every row gets `conf_status` F and `obs_status` A, or M where there is no value.

    Raises:
        NotFound: the secret is not there.
        Refused: the secret is too short, a cell has no key, or the table of noise is none.
    """
    change, facts = _rounding(release) if release.method == "round" else _noise(release)
    counted: list[dict[str, Any]] = []
    for table in release.tables:
        read = read_table(release, table)
        values = change(read)["value"]
        with open_writer(str(folder / file_of(table))) as writer:
            writer.write([_row(row, value, table) for row, value in zip(read.rows, values.to_list(), strict=True)])
        changed = int((values != read.cells["value"]).sum())
        counted.append({"table": table.name, "cells": len(values), "changed": changed})
    said = {"release": release.id, "method": release.method, "tables": counted, **facts}
    (folder / REPORT).write_text(canonical_json(said), encoding="utf-8")
    return said


def _rounding(release: Release) -> tuple[Change, dict[str, Any]]:
    secret = existing(release.file(str(release.secret))).read_bytes()
    names = [MEASURE, *release.dimensions]

    def change(read: Read) -> pl.DataFrame:
        return rounded(read.cells, names, base=release.base, secret=secret)

    return change, {"base": release.base, "deviation": round(deviation(release.base), 6)}


def _noise(release: Release) -> tuple[Change, dict[str, Any]]:
    own = release.perturbation
    table = standard_perturbation() if own is None else read_perturbation(release.file(own))

    def change(read: Read) -> pl.DataFrame:
        keys = [_key(values, read.table, row) for row, values in enumerate(read.rows, 1)]
        return perturbed(read.cells.with_columns(pl.Series(KEY, keys, dtype=pl.UInt64)), table)

    return change, {"perturbation": table.id, "variance": table.variance, "maximum": table.maximum}


def _row(values: Mapping[str, Any], value: float | None, table: Table) -> dict[str, Any]:
    statuses = dict(zip(STATUSES, ("M" if value is None else "A", "F"), strict=True))
    return {**{k: v for k, v in values.items() if k != table.key}, table.value: value, **statuses}


def _key(values: Mapping[str, Any], table: Table, row: int) -> int:
    try:
        key = int(values[str(table.key)])
    except (KeyError, TypeError, ValueError):
        key = -1
    if not 0 <= key < 1 << 64:
        raise Refused.value(
            values.get(str(table.key)), "is no key of a cell", file=table.file, row=row, field=table.key,
            expected="the sum of its records' keys modulo 2^64",
        )  # fmt: skip
    return key
