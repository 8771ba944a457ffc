"""A cube kept as one Parquet file: sums by leaf and domain cell, one row group per breakdown; the rest in its metadata.

A query reads the columns of its indicator and the row group of its breakdown. Strata and PSUs are numbers without their
names, but the file holds sums of few people: it is as confidential as the microdata.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cop.kernel.errors import NotFound, Refused, Where
from cop.measurement.survey.calibration import Margins
from cop.measurement.survey.cells import Cell, Cells
from cop.measurement.survey.cube import Cube
from cop.measurement.survey.description import Survey
from cop.measurement.survey.frame import Frame
from cop.measurement.survey.sums import Floats

VERSION = 1
_META = b"cop.survey.cube"
_KEYS = ("leaf", "group")


def write(cube: Cube, path: Path) -> None:
    """Keep a cube in a Parquet file, which is made beside its place and renamed."""
    margins, columns = cube.margins, cube.columns
    facts = {
        "version": VERSION,
        "survey": json.loads(cube.survey.model_copy(update={"path": Path(cube.survey.path.name)}).model_dump_json()),
        "frame": {name: _plain(value) for name, value in asdict(cube.frame).items()},
        "margins": None if margins is None else {name: _plain(value) for name, value in asdict(margins).items()},
        "ratios": list(cube.ratios),
        "same": dict(cube.same),
        "parts": [
            {"names": list(p.names), "cells": [[dict(c.codes), c.start, c.stop] for c in p.cells]} for p in cube.parts
        ],
    }
    schema = pa.schema(
        [*(pa.field(name, pa.int64()) for name in _KEYS), *(pa.field(name, pa.float64()) for name in columns)],
        metadata={_META: json.dumps(facts).encode()},
    )
    beside = path.with_name(path.name + ".part")
    with pq.ParquetWriter(beside, schema, compression="zstd", use_dictionary=False) as writer:
        for part in cube.parts:
            arrays = [pa.array(part.leaf), pa.array(part.group), *(pa.array(part.load(name)) for name in columns)]
            # an empty breakdown has a row group too, so that groups and breakdowns have the same numbers
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=max(len(part.leaf), 1))
    beside.rename(path)


def read(path: Path) -> Cube:
    """A cube that was kept.

    Raises:
        NotFound: no such file. Refused: the file is no cube, or of another version.
    """
    try:
        file = pq.ParquetFile(path)
    except FileNotFoundError:
        raise NotFound("there is no such file", where=Where(path), expected="a cube") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise Refused("is not a Parquet file", where=Where(path), expected="a cube") from error
    meta = (file.schema_arrow.metadata or {}).get(_META)
    facts: dict[str, Any] = json.loads(meta) if meta is not None else {}
    if facts.get("version") != VERSION:
        raise Refused("is not a cube of this version", where=Where(path), expected="a file made by --cube")
    survey = Survey.model_validate_json(json.dumps(facts["survey"]))
    frame = facts["frame"]
    whole = Frame(
        frame["clusters"], _ints(frame["stratum_of"]), _ints(frame["unit_of"]), _ints(frame["sampled"]),
        np.array(frame["fraction"]), None if frame["subsampled"] is None else _ints(frame["subsampled"]),
        None if frame["second_fraction"] is None else np.array(frame["second_fraction"]), frame["df"],
    )  # fmt: skip
    m = facts["margins"]
    margins = None
    if m is not None:
        margins = Margins(np.array(m["members"]), np.array(m["totals"]), _ints(m["of"]), tuple(m["labels"]))
    parts = [_part(file, number, part, facts["same"]) for number, part in enumerate(facts["parts"])]
    columns = tuple(name for name in file.schema_arrow.names if name not in _KEYS)
    return Cube(survey, whole, tuple(parts), margins, tuple(facts["ratios"]), columns, facts["same"], kept=True)


def _part(file: pq.ParquetFile, number: int, facts: dict[str, Any], same: dict[str, str]) -> Cells:
    keys = file.read_row_group(number, columns=list(_KEYS))
    known = frozenset(file.schema_arrow.names)

    def load(name: str) -> Floats:
        wanted = same.get(name, name)
        if wanted not in known:
            raise KeyError(name)
        return cast("Floats", file.read_row_group(number, columns=[wanted]).column(0).to_numpy())

    cells = tuple(Cell(codes, start, stop) for codes, start, stop in facts["cells"])
    leaf, group = (np.asarray(keys.column(name).to_numpy()) for name in _KEYS)
    return Cells(tuple(facts["names"]), cells, leaf, group, load)


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _ints(values: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(values, np.int64)
