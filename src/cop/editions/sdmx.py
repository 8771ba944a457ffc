"""The facts of an edition as SDMX: structures in SDMX-ML 3.0, data in SDMX-CSV 2.0.

Structures are written by pysdmx; the CSV is a plain table whose first columns the standard fixes (SDMX 3.0,
section 5, "SDMX-CSV field guide"), written here because a suppressed value must be an empty field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from cop.editions.tables import TOTAL

AGENCY = "COP"
VERSION = "1.0.0"

_CL_OBS_STATUS = {
    "A": "Normal value",
    "M": "Missing value; data cannot exist or were not collected",
    "Q": "Missing value; suppressed",
}
_CL_CONF_STATUS = {
    "F": "Free (free for publication)",
    "C": "Confidential statistical information due to identifiable respondents",
    "D": "Secondary confidentiality set by the sender, not for publication",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One component: its SDMX id, the column of the fact table, its role, its code list (None: free)."""

    id: str
    source: str
    role: str  # D dimension, M measure, A attribute
    codelist: str | None
    name: str


COUNTS = (
    Column("MEASURE", "measure", "D", "CL_MEASURE", "What is counted"),
    Column("THREAT", "code", "D", "CL_THREAT", "Class of the classification of online threats to children"),
    Column("REF_AREA", "area", "D", "CL_AREA", "Reference area"),
    Column("AGE", "age_band", "D", "CL_AGE", "Age band of the child"),
    Column("SEX", "sex", "D", "CL_SEX", "Sex of the child"),
    Column("PLATFORM", "platform", "D", "CL_PLATFORM", "Type of service"),
    Column("LANGUAGE", "language", "D", "CL_LANGUAGE", "Language of the report"),
    Column("TIME_PERIOD", "period", "D", None, "Time period"),
    Column("OBS_VALUE", "value", "M", None, "Number of reports"),
    Column("OBS_STATUS", "obs_status", "A", "CL_OBS_STATUS", "Observation status"),
    Column("CONF_STATUS", "conf_status", "A", "CL_CONF_STATUS", "Confidentiality status"),
)
ESTIMATES = (
    Column("INDICATOR", "indicator", "D", "CL_INDICATOR", "Indicator"),
    Column("SURVEY", "survey", "D", "CL_SURVEY", "Survey"),
    Column("REF_AREA", "area", "D", "CL_AREA", "Reference area"),
    Column("DOMAIN", "domain", "D", "CL_DOMAIN", "Domain of estimation"),
    Column("TIME_PERIOD", "period", "D", None, "Time period"),
    Column("OBS_VALUE", "estimate", "M", None, "Estimate"),
    Column("STD_ERROR", "se", "A", None, "Standard error"),
    Column("CI_LOW", "ci_low", "A", None, "Lower limit of the 95 % confidence interval"),
    Column("CI_HIGH", "ci_high", "A", None, "Upper limit of the 95 % confidence interval"),
    Column("SAMPLE_SIZE", "n", "A", None, "Unweighted number of valid answers"),
    Column("UNIT_MEASURE", "unit", "A", "CL_UNIT", "Unit of measure"),
    Column("OBS_STATUS", "obs_status", "A", "CL_OBS_STATUS", "Observation status"),
    Column("CONF_STATUS", "conf_status", "A", "CL_CONF_STATUS", "Confidentiality status"),
)
FLOWS = {
    "COP_COUNTS": ("counts", COUNTS, "Reports of online threats to children"),
    "COP_ESTIMATES": ("estimates", ESTIMATES, "Survey estimates of child online protection"),
}


def sdmx_id(code: str) -> str:
    """A code as an SDMX identifier (letters, digits, `_ @ $ -`): `sex=F;grade=9` becomes `sex-F_grade-9`."""
    return re.sub(r"[^A-Za-z0-9_@$-]", "-", code.replace(";", "_").replace(".", "_"))


def _frame(table: pa.Table, columns: Iterable[Column]) -> pl.DataFrame:
    """The table under SDMX names, coded columns as identifiers, one row per key, whole-period rows left out."""
    columns = tuple(columns)
    frame = pl.DataFrame(table)
    frame = frame.select(
        *(
            pl.col(c.source).map_elements(sdmx_id, return_dtype=pl.String).alias(c.id)
            if c.codelist
            else pl.col(c.source).alias(c.id)
            for c in columns
        )
    )
    frame = frame.filter(pl.col("TIME_PERIOD") != TOTAL)
    return frame.unique(subset=[c.id for c in columns if c.role == "D"], keep="first", maintain_order=True)


def _text(value: object) -> str:
    return str(value.get("en") or next(iter(value.values()), "")) if isinstance(value, Mapping) else str(value)


def _labels(metadata: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Names of codes, from the edition's own metadata; a code without one is its own name."""
    nodes = metadata.get("classification", {}).get("nodes", [])
    surveys: list[Any] = list(metadata.get("surveys", []))
    domains = {
        f"{name}={code}": f"{domain.get('title', name)}: {label}"
        for survey in surveys
        for name, domain in survey.get("domains", {}).items()
        for code, label in domain.get("labels", {}).items()
    }
    return {
        "CL_THREAT": {n["code"]: _text(n["name"]) for n in nodes},
        "CL_AREA": {str(k): str(v) for k, v in about.get("areas", {}).items()},
        "CL_INDICATOR": {i["code"]: _text(i["name"]) for i in metadata.get("indicators", [])},
        "CL_SURVEY": {s["id"]: s["title"] for s in surveys},
        "CL_DOMAIN": domains,
        "CL_OBS_STATUS": _CL_OBS_STATUS,
        "CL_CONF_STATUS": _CL_CONF_STATUS,
    }


def _name(code: str, labels: Mapping[str, str]) -> str:
    if code == TOTAL:
        return "Total"
    return labels.get(code) or "; ".join(labels.get(part, part) for part in code.split(";"))


def write_messages(
    tables: Mapping[str, pa.Table], metadata: Mapping[str, Any], about: Mapping[str, Any], *, folder: Path
) -> None:
    """Write `structures.xml` and one SDMX-CSV per dataflow into `folder`."""
    from pysdmx.io import write_sdmx
    from pysdmx.io.format import Format
    from pysdmx.model import (
        Agency,
        Code,
        Codelist,
        Component,
        Components,
        Concept,
        ConceptScheme,
        Dataflow,
        DataStructureDefinition,
        ItemReference,
        Role,
    )
    from pysdmx.model.message import Header

    labels = _labels(metadata, about)
    used: dict[str, set[str]] = {"CL_OBS_STATUS": set(_CL_OBS_STATUS), "CL_CONF_STATUS": set(_CL_CONF_STATUS)}
    for table, columns, _ in FLOWS.values():
        for column in columns:
            if column.codelist:
                codes = tables[table].column(column.source).unique().to_pylist()
                used.setdefault(column.codelist, set()).update(str(c) for c in codes if c is not None)
    codelists = {
        name: Codelist(
            id=name,
            agency=AGENCY,
            version=VERSION,
            name=name.removeprefix("CL_").replace("_", " ").capitalize(),
            items=[Code(id=sdmx_id(code), name=_name(code, labels.get(name, {}))) for code in sorted(codes)],
        )
        for name, codes in sorted(used.items())
    }
    concepts = {c.id: Concept(id=c.id, name=c.name) for _, columns, _ in FLOWS.values() for c in columns}
    scheme = ConceptScheme(
        id="COP_CONCEPTS", agency=AGENCY, version=VERSION, name="Concepts", items=list(concepts.values())
    )

    def component(column: Column) -> Component:
        return Component(
            id=column.id,
            required=column.role != "A",
            role=Role(column.role),
            concept=ItemReference(sdmx_type="Concept", agency=AGENCY, id=scheme.id, version=VERSION, item_id=column.id),
            attachment_level="O" if column.role == "A" else None,
            local_codes=codelists[column.codelist] if column.codelist else None,
        )

    structures: list[Any] = [Agency(id=AGENCY, name="COP Observatory"), *codelists.values(), scheme]
    for flow, (_, columns, title) in FLOWS.items():
        dsd = DataStructureDefinition(
            id=flow, agency=AGENCY, version=VERSION, name=title, components=Components([component(c) for c in columns])
        )
        structures += [dsd, Dataflow(id=flow, agency=AGENCY, version=VERSION, name=title, structure=dsd)]
    prepared = datetime.fromisoformat(str(about["date"])).replace(tzinfo=UTC)
    header = Header(id="COP_STRUCTURES", prepared=prepared, sender=Agency(id=AGENCY))
    write_sdmx(structures[1:], Format.STRUCTURE_SDMX_ML_3_0, str(folder / "structures.xml"), header=header)
    for flow, (table, columns, _) in FLOWS.items():
        frame = _frame(tables[table], columns)
        heads = [
            pl.lit("dataflow").alias("STRUCTURE"),
            pl.lit(f"{AGENCY}:{flow}({VERSION})").alias("STRUCTURE_ID"),
            pl.lit("I").alias("ACTION"),
        ]
        frame.select(*heads, pl.all()).write_csv(folder / f"{table}.csv")
