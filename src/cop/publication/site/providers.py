"""Provider watch: the list as a matrix of findings, and a page per provider with the evidence quoted.

Every sentence speaks of what a text says, never of what a provider is; what people have not decided is called proposed,
and what nobody has reviewed is shown as nothing at all (WG-CP/1 report, 7.14).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl

from cop.publication.facts import Facts
from cop.publication.site.page import Page, slug
from cop.publication.words import FINDING, said


def provider_path(identity: str) -> str:
    """The permanent address of a provider."""
    return f"providers/{slug(identity)}/"


def _criteria(facts: Facts) -> list[dict[str, Any]]:
    return list(facts.edition.metadata("criteria").get("criteria", []))


def _cell(facts: Facts, finding: str) -> dict[str, str]:
    return {"finding": finding, "words": said("finding", finding, facts.language)}


def _finding(facts: Facts, provider: dict[str, Any], criterion: dict[str, Any]) -> dict[str, Any]:
    """The provider's finding for a criterion with every document's evidence, newest version first."""
    code, language = criterion["code"], facts.language
    summary = (provider.get("findings") or {}).get(code) or {"finding": "not_reviewed"}
    rows = facts.findings.filter(pl.col("provider") == provider["id"], pl.col("criterion") == code).sort(
        "version", "document", descending=[True, False]
    )
    newest: dict[str, str] = dict(
        facts.documents.filter(pl.col("provider") == provider["id"])
        .group_by("document")
        .agg(pl.col("version").max())
        .iter_rows()
    )
    documents: list[dict[str, Any]] = []
    for row in rows.iter_rows(named=True):
        documents.append(
            {
                **_cell(facts, row["finding"]),
                "document": row["document"],
                "version": row["version"],
                "date": language.date(row["version"]),
                "current": newest.get(row["document"], row["version"]) == row["version"],
                "evidence": json.loads(row["evidence"] or "[]"),
                "why": row["why"] or "",
                "decision": row["status"],
                "decision_words": said("decision", row["status"], language),
                "confidence": language.percent(100 * row["confidence"], 0) if row["confidence"] is not None else "",
            }
        )
    meaning = language.pick((criterion.get("findings") or {}).get(summary["finding"])) or said(
        "finding_sentence", summary["finding"], language
    )
    decided = bool(documents) and all(d["decision"] == "decided" for d in documents if d["current"])
    return {
        **_cell(facts, summary["finding"]),
        "code": code,
        "name": language.pick(criterion["name"]),
        "question": language.pick(criterion["question"]),
        "core": bool(criterion.get("core")),
        "meaning": meaning,
        "decided": decided,
        "decision_words": said("decision", "decided" if decided else "proposed", language),
        "documents": sorted(
            (d for d in documents if d["current"]), key=lambda d: d["document"] != summary.get("document")
        ),
        "earlier": [d for d in documents if not d["current"]],
    }


def _documents(facts: Facts, provider: str) -> list[dict[str, Any]]:
    language = facts.language
    found: list[dict[str, Any]] = []
    for (document,), frame in sorted(
        facts.documents.filter(pl.col("provider") == provider).group_by("document"), key=lambda kv: str(kv[0])
    ):
        versions = [
            {
                **row,
                "date": language.date(row["version"]),
                "visible": language.date(row["visible_date"])
                if row["visible_date"]
                else language.gettext("no date in the text"),
                "change_words": said("change", row["change"], language),
                "words_shown": language.number(row["words"]) if row["words"] is not None else "",
                "grade_shown": language.number(row["grade"], 1)
                if row["grade"] is not None
                else language.gettext("no formula for this language"),
                "long_shown": language.percent(100 * row["long_sentences"], 0)
                if row["long_sentences"] is not None
                else "",
                "minutes_shown": language.number(row["minutes"], 0) if row["minutes"] is not None else "",
                "notes": json.loads(row["warnings"] or "[]"),
            }
            for row in frame.sort("version", descending=True).iter_rows(named=True)
        ]
        found.append(
            {
                "id": document,
                "title": versions[0]["title"] or said("document", versions[0]["kind"], language),
                "language": versions[0]["language"],
                "versions": versions,
            }
        )
    return found


def tally(facts: Facts) -> dict[str, int]:
    """How many findings of the edition's providers are proposed and how many are decided."""
    return dict(Counter(facts.findings["status"].drop_nulls().to_list()))


def _page(facts: Facts, provider: dict[str, Any]) -> Page:
    language = facts.language
    criteria = [_finding(facts, provider, c) for c in _criteria(facts)]
    kinds = {c["code"]: str(c.get("group") or "") for c in _criteria(facts)}
    groups = [
        (said("group", g, language), [c for c in criteria if kinds[c["code"]] == g])
        for g in dict.fromkeys(kinds.values())
    ]
    counted = Counter(c["finding"] for c in criteria)
    documents = _documents(facts, provider["id"])
    context = {
        "provider": provider,
        "status": said("listed", provider.get("status"), language),
        "groups": groups,
        "documents": documents,
        "tally": [(f, said("finding", f, language), counted[f]) for f in FINDING if counted[f]],
        "silent": [(d["title"], v) for d in documents for v in d["versions"] if v["silent"]],
        "reviewed": any(c["finding"] != "not_reviewed" for c in criteria),
    }
    description = language.gettext(
        "What the terms of %(name)s say on each criterion, with the sentences quoted.", name=provider["name"]
    )
    return Page(
        provider_path(provider["id"]),
        "provider.html",
        provider["name"],
        description,
        "providers",
        ((language.gettext("Providers"), "providers/"),),
        context,
    )


def pages(facts: Facts) -> Iterator[Page]:
    """The list and a page per provider."""
    language = facts.language
    listed = facts.metadata_list("providers")
    criteria = _criteria(facts)
    matrix = [
        {
            "name": p["name"],
            "path": provider_path(p["id"]),
            "status": said("listed", p.get("status"), language),
            "state": p.get("status"),
            "cells": [
                _cell(facts, ((p.get("findings") or {}).get(c["code"]) or {"finding": "not_reviewed"})["finding"])
                for c in criteria
            ],
        }
        for p in listed
    ]
    counted = tally(facts)
    context = {
        "matrix": matrix,
        "rule": facts.edition.metadata("criteria").get("list_rule") or {},
        "proposed": counted.get("proposed", 0),
        "decided": counted.get("decided", 0),
        "criteria": [
            {
                "code": c["code"],
                "name": language.pick(c["name"]),
                "question": language.pick(c["question"]),
                "core": bool(c.get("core")),
                "group": said("group", c.get("group"), language),
                "findings": [
                    (said("finding", f, language), language.pick(t)) for f, t in (c.get("findings") or {}).items()
                ],
            }
            for c in criteria
        ],
        "legend": [(f, said("finding", f, language), said("finding_sentence", f, language)) for f in FINDING],
    }
    yield Page(
        "providers/",
        "providers.html",
        language.gettext("Providers"),
        language.gettext("What the terms and policies of providers say, criterion by criterion."),
        "providers",
        (),
        context,
    )
    for provider in listed:
        yield _page(facts, provider)
