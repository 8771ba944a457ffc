"""The edition's files in the site, and its fact tables as CSV."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cop.editions.read import Edition
from cop.editions.tables import TABLES

FOLDER = "data/edition"


@dataclass(frozen=True, slots=True)
class Download:
    """A file offered on the data page.

    Attributes:
        path: below the site's root.
        name: as it stands in the edition, or the name of what was attached.
        group: facts, csv, sdmx, metadata, proof or report.
        size: bytes.
    """

    path: str
    name: str
    group: str
    size: int


def _group(name: str) -> str:
    head = name.split("/", 1)[0]
    return {"facts": "facts", "sdmx": "sdmx", "metadata": "metadata"}.get(head, "proof")


def _copy(source: Path, target: Path) -> None:
    """A copy and no link: whoever edits a file of the site must not alter the edition."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def place(edition: Edition, root: Path, attachments: dict[str, Path]) -> list[Download]:
    """Put the edition's files under `data/edition/`, its tables as CSV under `data/csv/`, attachments under `data/`.

    Args:
        edition: whose files.
        root: of the site being written.
        attachments: name -> file, for instance the annual report.
    """
    found: list[Download] = []
    for source in sorted(p for p in edition.path.rglob("*") if p.is_file()):
        name = source.relative_to(edition.path).as_posix()
        _copy(source, root / FOLDER / name)
        found.append(Download(f"{FOLDER}/{name}", name, _group(name), source.stat().st_size))
    for table in TABLES:
        target = root / "data" / "csv" / f"{table}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        lists = pl.selectors.by_dtype(pl.List(pl.String)).list.join("; ")
        edition.table(table).with_columns(lists).write_csv(target)
        found.append(Download(f"data/csv/{table}.csv", f"{table}.csv", "csv", target.stat().st_size))
    for name, source in sorted(attachments.items()):
        _copy(source, root / "data" / name)
        found.append(Download(f"data/{name}", name, "report", source.stat().st_size))
    return found
