"""A small, rich, synthetic edition for the tests of the window: every kind of fact, withheld and missing values too.

The texts of classes, indicators and criteria are those of the catalogue; every figure is drawn from a seeded
generator and means nothing. Loaded by path (`tests/*/conftest.py`), because test folders are not packages.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from cop.editions.tables import DIMENSIONS, TABLES, TOTAL
from cop.editions.write import Contents, write_edition
from cop.kernel.resources import resource
from cop.kernel.signing import read_or_make_seal

AREAS = {"XAL": "Alderny Isles", "XBR": "Brannock", "XCO": "Corvell", "XDU": "Dunmere"}
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
AGES = ["0-2", "3-6", "7-9", "10-12", "13-15", "16-17", "not_recorded"]
SEXES = ["girl", "boy", "other", "not_recorded"]
PLATFORMS = ["social", "messaging_e2ee", "online_game", "video_sharing", "forum", "email_sms_voice", "not_recorded"]
TONGUES = ["ar", "en", "es", "fr", "ru", "zh"]
THRESHOLD = 5
CANARY = 3
"""Every suppressed cell of the fixture stood for this number before it was withheld."""


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def classification(sections: str | None = None) -> dict[str, Any]:
    """The classification's metadata from the catalogue, in the shape of docs/reference/edition.md."""
    folder = resource("catalogue/threats")
    scheme = _yaml(folder / "scheme.yaml")
    nodes: list[dict[str, Any]] = []
    for letter in sections or scheme["section_order"]:
        section = _yaml(folder / f"{letter}.yaml")
        codes = {c["code"] for c in section["classes"]}
        nodes.append(
            {
                "code": letter,
                "level": "section",
                "parent": None,
                "name": section["name"],
                "definition": section["definition"],
                "includes": [],
                "excludes": [],
                "examples": [],
                "index": {},
                "urgency": None,
                "refer": [],
                "attributes": {},
                "correspondences": {},
            }
        )
        for entry in section["classes"]:
            parent = entry["code"][:3] if len(entry["code"]) == 4 and entry["code"][:3] in codes else letter
            nodes.append({**entry, "level": "subclass" if len(entry["code"]) == 4 else "class", "parent": parent})
    return {
        "version": scheme["version"],
        "title": scheme["title"],
        "unit_of_classification": scheme["unit"],
        "levels": scheme["levels"],
        "coding_rules": scheme["coding_rules"],
        "nodes": nodes,
    }


def _count(table: str, code: str, value: int, **dims: str) -> dict[str, Any]:
    row = {"table": table, "measure": "reports", "code": code, "lineage": f"counts.{table}"}
    row |= {d: dims.get(d, TOTAL) for d in ("area", "period", "age_band", "sex", "platform", "language")}
    hidden = 0 < value < THRESHOLD
    return {
        **row,
        "value": None if hidden else value,
        "obs_status": "Q" if hidden else "A",
        "conf_status": "C" if hidden else "F",
    }


def counts(nodes: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """Monthly counts of every leaf and their sums; a count of 1 to 4 is `CANARY` before it is hidden."""
    parents = {n["code"]: n["parent"] for n in nodes}
    leaves = [n["code"] for n in nodes if n["code"] not in set(parents.values())]
    cells: dict[tuple[str, str, tuple[tuple[str, str], ...]], int] = {}

    def add(table: str, leaf: str, value: int, **dims: str) -> None:
        code: str | None = leaf
        while code is not None:
            key = (table, code, tuple(sorted(dims.items())))
            cells[key] = cells.get(key, 0) + value
            code = parents[code]
        key = (table, TOTAL, tuple(sorted(dims.items())))
        cells[key] = cells.get(key, 0) + value

    for leaf in leaves:
        size = rng.choice([1, 2, 4, 9, 15, 22])
        slope = rng.uniform(-0.02, 0.05)
        whole = 0
        for index, month in enumerate(MONTHS):
            value = max(0, round(size * (1 + slope * index) * rng.uniform(0.5, 1.5)))
            value = CANARY if 0 < value < THRESHOLD else value
            add("class-month", leaf, value, period=month)
            whole += value
        add("class-period", leaf, whole)
        for table, dim, values in (
            ("class-area", "area", list(AREAS)),
            ("class-platform", "platform", PLATFORMS),
            ("class-language", "language", TONGUES),
        ):
            for share, code in zip(_shares(len(values), rng), values, strict=True):
                value = round(whole * share)
                add(table, leaf, CANARY if 0 < value < THRESHOLD else value, **{dim: code})
        for age_share, age in zip(_shares(len(AGES), rng), AGES, strict=True):
            for sex_share, sex in zip(_shares(len(SEXES), rng), SEXES, strict=True):
                value = round(whole * age_share * sex_share)
                add("class-age-sex", leaf, value, age_band=age, sex=sex)
                add("class-age-sex", leaf, value, age_band=age)
                add("class-age-sex", leaf, value, sex=sex)
    return [_count(table, code, value, **dict(dims)) for (table, code, dims), value in cells.items()]


def warnings(counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A warning of all reports, of a class and of a count that is withheld; their expected counts mean nothing."""
    monthly = [r for r in counted if r["table"] == "class-month"]
    cells = [
        next(r for r in monthly if r["code"] == TOTAL and r["period"] == MONTHS[-1]),
        next(r for r in monthly if r["code"] == "B03" and r["period"] == MONTHS[-1]),
        next(r for r in reversed(monthly) if r["code"] == "B01" and r["obs_status"] == "Q"),
    ]
    look_at = [
        "B03 Sexual extortion rose in the same period",
        "where most of them come from: Corvell and Brannock",
        "whether one campaign, sender or case made many of the reports",
        "whether reports of another period came in late, or a source began to report",
    ]
    return [
        {
            **{name: cell[name] for name in ("table", *DIMENSIONS, "period")},
            "warning": f"W00000000{number}",
            "observed": cell["value"],
            "at_least": cell["value"],
            "size": f"fewer than {THRESHOLD}" if cell["value"] is None else f"{cell['value']:,}",
            "expected": 0.3 if cell["value"] is None else round(cell["value"] / 2, 1),
            "upperbound": 0.9 if cell["value"] is None else round(cell["value"] / 1.5, 1),
            "score": 3.0 - number,
            "pvalue": None,
            "method": "ewma-monthly",
            "look_at": look_at[1 if number else 0 :],
            "lineage": "warnings",
        }
        for number, cell in enumerate(cells)
    ]


def _shares(count: int, rng: random.Random) -> list[float]:
    weights = sorted((rng.random() ** 2 + 0.01 for _ in range(count)), reverse=True)
    return [w / sum(weights) for w in weights]


def indicators() -> list[dict[str, Any]]:
    return [_yaml(p) for p in sorted(resource("catalogue/indicators").glob("*.yaml"))]


def estimates(known: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """Estimates of every survey indicator in four areas by sex and age; one in twelve is not published."""
    domains = [
        TOTAL,
        "sex=1",
        "sex=2",
        "age=1",
        "age=2",
        "age=3",
        "age=1;sex=1",
        "age=1;sex=2",
        "age=3;sex=1",
        "age=3;sex=2",
    ]
    rows: list[dict[str, Any]] = []
    for indicator in (i for i in known if i["source_kind"] == "survey"):
        mean = indicator["unit"] != "percent"
        for area in AREAS:
            centre = rng.uniform(60, 180) if mean else rng.uniform(8, 80)
            for domain in domains:
                value = centre * rng.uniform(0.75, 1.25)
                value = value if mean else min(value, 96.0)
                half = value * (0.08 if domain == TOTAL else 0.2)
                flag = (
                    "ok" if domain == TOTAL else rng.choice(["ok"] * 9 + ["use with caution"] * 2 + ["not published"])
                )
                hidden = flag == "not published"
                rows.append(
                    {
                        "indicator": indicator["code"],
                        "survey": f"survey-{area.lower()}",
                        "area": area,
                        "period": "2025",
                        "domain": domain,
                        "estimate": None if hidden else value,
                        "se": None if hidden else half / 2,
                        "ci_low": None if hidden else value - half,
                        "ci_high": None if hidden else (value + half if mean else min(100.0, value + half)),
                        "cv": None if hidden else 4.0,
                        "n": 21 if hidden else 1200 // (1 + domain.count("=") * 2),
                        "deff": None if hidden else 1.4,
                        "df": 38.0,
                        "unit": indicator["unit"],
                        "flag": flag,
                        "flag_reason": {
                            "ok": "",
                            "not published": "fewer than 30 answers",
                            "use with caution": "relative width of the interval over 130 %",
                        }[flag],
                        "obs_status": "Q" if hidden else "A",
                        "conf_status": "C" if hidden else "F",
                        "lineage": f"estimates.{indicator['code']}",
                    }
                )
    return rows


def surveys(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    domains = {
        "sex": {"title": "Sex", "labels": {"1": "Girls", "2": "Boys"}},
        "age": {"title": "Age", "labels": {"1": "9–11 years", "2": "12–14 years", "3": "15–17 years"}},
    }
    design = {
        "strata": "stratum",
        "psu": "school",
        "weights": "weight",
        "weights_kind": "population",
        "lonely_psu": "fail",
        "df": "design",
        "ci": "logit",
    }
    return [
        {
            "id": f"survey-{area.lower()}",
            "title": f"Children online in {name}, 2025",
            "area": area,
            "period": "2025",
            "publisher": f"Statistics {name}",
            "licence": "CC BY 4.0",
            "rows": 1200,
            "design": design,
            "domains": domains,
            "indicators": [i["code"] for i in known if i["source_kind"] == "survey"],
        }
        for area, name in AREAS.items()
    ]


def series(rng: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    described = [
        {
            "id": "internet-use",
            "title": "Children using the internet",
            "source": "Harbour statistical conference",
            "licence": "CC BY 4.0",
            "unit": "percent",
            "observations": 28,
            "format": "sdmx-csv",
        },
        {
            "id": "hotline-totals",
            "title": "Reports received by hotlines, by country",
            "source": "Hotline association",
            "licence": "CC BY 4.0",
            "unit": "reports",
            "observations": 48,
            "format": "csv",
        },
    ]
    rows: list[dict[str, Any]] = []
    for area in AREAS:
        for index, year in enumerate(range(2019, 2026)):
            missing = area == "XCO" and year == 2020
            rows.append(
                _observation(
                    "internet-use",
                    area,
                    year,
                    None if missing else round(55 + 5 * index + rng.uniform(-3, 3), 1),
                    "percent",
                )
            )
    for number in range(12):
        for year in range(2022, 2026):
            rows.append(
                _observation("hotline-totals", f"X{chr(65 + number)}Z", year, float(rng.randint(10, 90_000)), "reports")
            )
    return described, rows


def _observation(dataset: str, area: str, year: int, value: float | None, unit: str) -> dict[str, Any]:
    dims = {"REF_AREA": area, "FREQ": "A"}
    return {
        "dataset": dataset,
        "flow": f"EX:{dataset.upper()}(1.0)",
        "key": f"A.{area}",
        "dims": json.dumps(dims),
        "area": area,
        "period": str(year),
        "value": value,
        "unit": unit,
        "obs_status": "M" if value is None else "A",
        "attributes": "{}",
        "lineage": f"series.{dataset}",
    }


def criteria() -> dict[str, Any]:
    folder = resource("catalogue/criteria")
    return {
        "criteria": [_yaml(p) for p in sorted(folder.glob("*.yaml")) if p.stem != "list"],
        "list_rule": _yaml(folder / "list.yaml"),
    }


NAMES = [
    "Alcove",
    "Beacon",
    "Cobble",
    "Drift",
    "Ember",
    "Fathom",
    "Gable",
    "Hearth",
    "Inlet",
    "Jetty",
    "Kite",
    "Lantern",
    "Mooring",
]
QUOTE = "You keep all rights in the things you make & share; we only need a licence <to run> the service."


def providers(
    rules: dict[str, Any], rng: random.Random, names: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Providers: the first decided and listed, the second decided and not listed, the last not reviewed."""
    described, documents, findings = [], [], []
    for number, name in enumerate(names):
        identity = name.lower()
        summary: dict[str, Any] = {}
        for kind, title in (("tos", "Terms of Service"), ("privacy", "Privacy Policy")):
            for index, version in enumerate(("2024-02-01", "2025-06-10")):
                documents.append(
                    {
                        "provider": identity,
                        "document": f"{identity}/{kind}",
                        "kind": kind,
                        "title": title,
                        "language": "en",
                        "version": version,
                        "sha256": f"{number:02d}{index}" + "ab" * 30,
                        "words": rng.randint(900, 9000),
                        "visible_date": "2024-02-01" if number % 3 == 0 else version,
                        "change": "first" if index == 0 else rng.choice(["new_text", "format_or_link_only", "tiny"]),
                        "silent": index == 1 and number % 3 == 0,
                        "grade": rng.uniform(7, 16),
                        "long_sentences": rng.uniform(0.1, 0.6),
                        "minutes": rng.uniform(5, 45),
                        "warnings": json.dumps(["two dates are visible"] if number == 3 else []),
                        "lineage": f"documents.{identity}",
                    }
                )
        for criterion in rules["criteria"]:
            code = criterion["code"]
            finding = (
                "not_reviewed"
                if number == len(names) - 1
                else rng.choice(["met", "met", "partly", "not_met", "not_addressed", "contradictory"])
            )
            if number == 0:
                finding = "met"
            kind = "tos" if "tos" in criterion["documents"] else "privacy"
            quoted = finding in {"met", "partly", "not_met", "contradictory"}
            findings.append(
                {
                    "provider": identity,
                    "document": f"{identity}/{kind}",
                    "version": "2025-06-10",
                    "criterion": code,
                    "finding": finding,
                    "confidence": None if finding == "not_reviewed" else 0.81,
                    "evidence": json.dumps(
                        [{"quote": QUOTE, "start": 1204, "end": 1204 + len(QUOTE), "score": 0.9}] if quoted else []
                    ),
                    "why": "a sentence grants ownership to the user"
                    if quoted
                    else "no sentence found in the documents searched",
                    "status": "decided" if number < 2 else "proposed",
                    "lineage": f"findings.{identity}",
                }
            )
            summary[code] = {"finding": finding, "document": f"{identity}/{kind}", "confidence": 0.81}
        described.append(
            {
                "id": identity,
                "name": name,
                "family": f"{name} Group",
                "homepage": f"https://{identity}.example.org",
                "status": ["listed", "not listed"][number] if number < 2 else "proposed",
                "findings": summary,
                "documents": [f"{identity}/tos", f"{identity}/privacy"],
            }
        )
    return described, documents, findings


def decided(
    described: list[dict[str, Any]], findings: list[dict[str, Any]], rules: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What people decided: everything on the first two providers; the second contests, and one finding is stale."""
    cells, history = [], []
    core = [c["code"] for c in rules["criteria"] if c.get("core")]
    for provider in described[:2]:
        provider["missing"] = {"failing": [], "open": []}
        for code, summary in provider["findings"].items():
            summary["status"] = "decided"
            if code in core and summary["finding"] not in ("met", "partly"):
                provider["missing"]["failing"].append(code)
    for finding in findings:
        identity, code = finding["provider"], finding["criterion"]
        known = finding["status"] == "decided"
        second = known and identity == described[1]["id"]
        contested, stale = second and code == core[0], second and code == core[1]
        document = {"document": finding["document"], "version": finding["version"], "sha256": "ab" * 32}
        quotes = [
            {**document, "quote": e["quote"], "start": e["start"], "end": e["end"]}
            for e in json.loads(finding["evidence"])
        ]
        reply = {"act": "contest", "date": "2025-09-01", "by": "Legal <team>", "text": "Read it again.", "filed": ""}
        cell = {
            "provider": identity,
            "criterion": code,
            "region": "",
            "ages": "",
            "finding": finding["finding"],
            "status": "stale" if stale else "decided" if known else "proposed",
            "proposed": finding["finding"],
            "declared": "met" if contested else None,
            "date": "2025-08-01" if known else None,
            "reviewers": (2 if finding["finding"] == "not_met" else 1) if known else 0,
            "adjudicated": False,
            "reason": "the sentence says so" if known else "",
            "evidence": json.dumps(quotes if known else []),
            "documents": json.dumps([document] if known else []),
            "replies": json.dumps([reply] if contested else []),
            "contested": contested,
            "lineage": finding["lineage"],
        }
        cells.append(cell)
        told = {k: cell[k] for k in ("provider", "criterion", "region", "ages", "finding", "evidence", "documents")}
        told |= {"status": "", "by": "", "text": cell["reason"], "filed": "", "lineage": finding["lineage"]}
        if known:
            history.append({**told, "date": "2025-08-01", "event": "decided"})
        if contested:
            says = {"event": "contest", "by": reply["by"], "text": reply["text"], "evidence": "[]", "finding": ""}
            history.append({**told, **says, "date": "2025-09-01"})
        if stale:
            history.append({**told, "date": "2025-09-02", "event": "stale", "evidence": "[]"})
    for provider, status in zip(described[:2], ("listed", "not_listed"), strict=True):
        told = dict.fromkeys(("criterion", "region", "ages", "finding", "by", "text", "filed"), "")
        told |= {"provider": provider["id"], "status": status, "event": "list", "date": "2025-08-01"}
        history.append({**told, "evidence": "[]", "documents": "[]", "lineage": f"findings.{provider['id']}"})
    return cells, [{**row, "number": number} for number, row in enumerate(history, 1)]


def library() -> dict[str, Any]:
    papers = [
        {
            "number": "HG-CP/1/1",
            "kind": "agenda",
            "source": "Secretariat",
            "subject": "Draft agenda",
            "presenter": None,
        },
        {
            "number": "HG-CP/1/4",
            "kind": "contribution",
            "source": "Corvell",
            "subject": "School programmes against bullying",
            "presenter": "Ms Orla Venn",
        },
        {
            "number": "HG-CP/1/5",
            "kind": "information report",
            "source": "Secretariat",
            "subject": "State of hotlines",
            "presenter": None,
        },
    ]
    outcomes = [
        {"ref": "4", "kind": "decision", "text": "two vice-chairs appointed"},
        {"ref": "7.11", "kind": "recommendation", "text": "a system for the classification of online threats"},
    ]
    meeting = {
        "number": 1,
        "place": "Port Alder",
        "start": "2025-03-17T10:00",
        "end": "2025-03-18",
        "delegates": 42,
        "chair": {"name": "Dr Ines Marlow", "country": "XAL"},
        "vice_chairs": [
            {"name": "Mr Tam Rook", "country": "XBR"},
            {"name": "Ms Edda Lind", "organisation": "Beacon Group"},
        ],
        "documents": papers,
        "outcomes": outcomes,
        "next_meeting": {"when": "2026-03", "note": "the secretariat looks for the best dates"},
    }
    return {
        "group": {
            "code": "HG-CP",
            "name": "Harbour Group on Child Online Protection",
            "parent": "Harbour Council",
            "established_by": "Resolution 12 (fictional)",
        },
        "terms_of_reference": ["exchange views on the subject matter", "report to the Council every year"],
        "meetings": [meeting],
    }


def lineage(known: list[dict[str, Any]]) -> dict[str, Any]:
    inputs = [
        {
            "id": "hotline-xal",
            "kind": "reports",
            "name": "xal-2025.csv",
            "sha256": "1f" * 32,
            "bytes": 812_331,
            "rows": 3000,
            "rejected": 4,
        },
        {
            "id": "survey-xal",
            "kind": "survey",
            "name": "xal.csv",
            "sha256": "2e" * 32,
            "bytes": 96_100,
            "rows": 1200,
            "rejected": 0,
        },
    ]
    facts: dict[str, Any] = {
        f"counts.{table}": {
            "definition": "reports by principal class",
            "numerator": "coded reports",
            "denominator": None,
            "uncertainty": "coding error is not in the count; see Methods",
            "inputs": ["hotline-xal"],
            "scheme": "1.0-draft",
            "model": "coder-0.1",
            "method": "grouped count",
        }
        for table in ("class-month", "class-period", "class-area", "class-platform", "class-language", "class-age-sex")
    }
    facts["warnings"] = {
        "definition": "a published count that is higher than its own past explains",
        "numerator": None,
        "denominator": None,
        "uncertainty": "the settings' rate of false alarms",
        "inputs": ["hotline-xal"],
        "scheme": "1.0-draft",
        "model": "coder-0.1",
        "method": "moving average",
    }
    for indicator in known:
        facts[f"estimates.{indicator['code']}"] = {
            "definition": indicator["definition"]["en"],
            "numerator": indicator["numerator"]["en"],
            "denominator": (indicator.get("denominator") or {}).get("en"),
            "uncertainty": "Taylor linearisation, logit interval",
            "inputs": ["survey-xal"],
            "scheme": None,
            "model": None,
            "method": "design-based estimate",
        }
    return {"code": {"version": "0.1.0", "sha256": "3d" * 32}, "inputs": inputs, "facts": facts}


SMALL = ["ACC.TIME_ONLINE", "RSP.HOTLINE_REPORTS", "RSP.REPORTS_BY_CLASS", "THR.CYBERBULLY_12M"]


def contents(seed: int = 7, *, whole: bool = False) -> Contents:
    """Everything the synthetic edition says; the same seed says the same.

    Without `whole` it has two sections, four indicators and three providers, enough for every kind of page.
    """
    rng = random.Random(seed)
    scheme, rules = classification(None if whole else "BZ"), criteria()
    known = [i for i in indicators() if whole or i["code"] in SMALL]
    described, documents, findings = providers(rules, rng, NAMES if whole else NAMES[:3])
    cells, history = decided(described, findings, rules)
    official, observations = series(rng)
    rows = {
        "counts": counts(scheme["nodes"], rng),
        "estimates": estimates(known, rng),
        "series": observations,
        "documents": documents,
        "findings": [{**f, "region": "", "ages": ""} for f in findings],
        "provider_list": cells,
        "provider_history": history,
    }
    rows["warnings"] = warnings(rows["counts"])
    facts = {name: pa.Table.from_pylist(values, schema=TABLES[name]) for name, values in rows.items()}
    tables = sorted({r["table"] for r in rows["counts"]})
    metadata: dict[str, object] = {
        "classification": scheme,
        "indicators": known,
        "surveys": surveys(known),
        "series": official,
        "criteria": rules,
        "providers": described,
        "list": {
            "rule": {"version": 1, "criteria": [c["code"] for c in rules["criteria"] if c.get("core")]},
            "providers": {"listed": 1, "not_listed": 1, "proposed": len(described) - 2},
        },
        "library": library(),
        "lineage": lineage(known),
        "report": {
            "to": "Council",
            "sections": [
                {"id": "foreword", "title": "Foreword", "markdown": "Children have a right to be safe online."}
            ],
        },
        "disclosure": {
            "threshold": THRESHOLD,
            "tables": [
                {
                    "table": t,
                    "cells": sum(r["table"] == t for r in rows["counts"]),
                    "complementary": False,
                    "suppressed": sum(r["table"] == t and r["obs_status"] == "Q" for r in rows["counts"]),
                }
                for t in tables
            ],
        },
        "warnings": {
            "tables": ["class-month"],
            "last": 2,
            "settings": [
                {"id": "monthly", "detector": "farrington", "source": "Noufaily 2013", "false_alarm_rate": 0.00151},
                {"id": "ewma-monthly", "detector": "ewma", "source": "Borror 1998", "false_alarm_rate": 0.00312},
            ],
            "series": 14,
            "assessed": {"ewma-monthly": 28},
            "left_out": {"mostly withheld": 3},
            "expected_false": 0.09,
        },
        "quality": {
            "coder": {
                "model": "coder-0.1",
                "scheme": "1.0-draft",
                "trained": "2025-12-01",
                "languages": TONGUES,
                "measures": {"accuracy": 0.81, "by_language": {"en": 0.84, "ar": 0.77}},
            },
            "records": [
                {
                    "source": "hotline-xal",
                    "title": "Hotline of the Alderny Isles",
                    "accepted": 2996,
                    "rejected": 4,
                    "auto": 2400,
                    "review": 596,
                }
            ],
        },
    }
    about: dict[str, object] = {
        "observatory": {
            "id": "harbour",
            "title": "Harbour Observatory",
            "organisation": "Harbour Group of States (fictional)",
            "group": "HG-CP",
            "note": "Every report and answer behind these figures is invented.",
            "synthetic": True,
            "languages": ["en"],
        },
        "date": "2026-01-15",
        "period": "2024-01/2025-12",
        "threshold": THRESHOLD,
        "areas": AREAS,
        "code": {"version": "0.1.0", "sha256": "3d" * 32},
    }
    return Contents(about=about, facts=facts, metadata=metadata)


def write(folder: Path, *, given: Contents | None = None, edition_id: str | None = "2026-1") -> Path:
    """Write the synthetic edition into `folder` and return its path."""
    return write_edition(
        given or contents(), folder=folder, edition_id=edition_id, seal=read_or_make_seal(folder / "key", "test")
    )
