"""Read an edition: the only source of the window."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from cop.editions.tables import LATER, METADATA, TABLES
from cop.kernel.errors import NotFound, Refused, Where


@dataclass(frozen=True)
class Edition:
    """An edition on disk. Tables come as Polars frames with the columns of `cop.editions.tables`."""

    path: Path
    about: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        return str(self.about["id"])

    def table(self, name: str) -> pl.DataFrame:
        """A fact table by its name in `TABLES`.

        In an edition of before, one of `LATER` has no rows and a later column no values.
        """
        if name not in TABLES:
            raise NotFound(f"no table {name} in an edition", expected=", ".join(TABLES))
        path = self.path / "facts" / f"{name}.parquet"
        if name in LATER and not path.exists():
            return pl.DataFrame(TABLES[name].empty_table())
        frame, empty = pl.read_parquet(path), pl.DataFrame(TABLES[name].empty_table())
        return frame if set(frame.columns) == set(empty.columns) else pl.concat([empty, frame], how="diagonal")

    def metadata(self, name: str) -> Any:  # noqa: ANN401 - the JSON of that name, whose shape its writer documents
        """A metadata document by its name in `METADATA`; one of `LATER` is empty in an edition of before."""
        if name not in METADATA:
            raise NotFound(f"no metadata {name} in an edition", expected=", ".join(METADATA))
        path = self.path / "metadata" / f"{name}.json"
        return {} if name in LATER and not path.exists() else _json(path)


def _json(path: Path) -> Any:  # noqa: ANN401
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused("cannot be read as JSON", where=Where(path), expected="a file of an edition") from error


def open_edition(path: Path) -> Edition:
    """Open the edition in a folder. It is not verified: `cop.editions.verify` does that.

    Raises:
        NotFound: there is no edition.
    """
    if not (path / "edition.json").is_file():
        raise NotFound(f"no edition at {path}", expected="a folder with edition.json")
    return Edition(path, _json(path / "edition.json"))
