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

from cop.kernel.hashing import canonical_json
from cop.publication.facts import Facts
from cop.publication.providers import atom_feed, place, quotes, share, tally, title
from cop.publication.site.page import Page, slug
from cop.publication.words import FINDING, said

FEED = "providers/list.atom"
WHOLE = "providers/list.json"
_LAST = 12
DOWNLOADS = ("data/csv/provider_list.csv", "data/csv/provider_history.csv")


def provider_path(identity: str) -> str:
    """The permanent address of a provider."""
    return f"providers/{slug(identity)}/"


def _criteria(facts: Facts) -> list[dict[str, Any]]:
    return list(facts.edition.metadata("criteria").get("criteria", []))


def _cell(facts: Facts, finding: str) -> dict[str, str]:
    return {"finding": finding, "words": said("finding", finding, facts.language)}


def _cells(facts: Facts, provider: str, code: str) -> list[dict[str, Any]]:
    """What people decided on a criterion, for everyone or for each region and age band, with what stands beside it."""
    language = facts.language
    rows = facts.provider_list.filter(pl.col("provider") == provider, pl.col("criterion") == code)
    found: list[dict[str, Any]] = []
    for row in rows.sort("region", "ages").iter_rows(named=True):
        replies = [
            {**r, "date": language.date(r["date"]), "words": said("event", r["act"], language)}
            for r in json.loads(row["replies"] or "[]")
        ]
        found.append(
            {
                **_cell(facts, row["finding"]),
                "whom": ", ".join(filter(None, (row["region"], row["ages"]))),
                "status": row["status"],
                "status_words": said("decision", row["status"], language),
                "date": language.date(row["date"]) if row["date"] else "",
                "reviewers": row["reviewers"],
                "adjudicated": row["adjudicated"],
                "reason": row["reason"] or "",
                "quotes": [{**q, "date": language.date(q["version"])} for q in quotes(row)],
                "declared": said("finding", row["declared"], language) if row["declared"] else "",
                "contested": row["contested"],
                "replies": replies,
                "proposed": said("finding", row["proposed"], language),
            }
        )
    return found


def _history(facts: Facts, provider: dict[str, Any], code: str | None = None) -> list[dict[str, Any]]:
    """The changes of a provider, newest first; on one criterion, or all."""
    rows = facts.provider_history.filter(pl.col("provider") == provider["id"])
    rows = rows if code is None else rows.filter(pl.col("criterion") == code)
    language = facts.language
    return [
        {
            **row,
            "day": language.date(row["date"]),
            "place": place(row),
            "title": title(row, provider["name"], language),
            "words": said("event", row["event"], language),
            "finding_words": said("finding", row["finding"] or None, language),
            "quotes": quotes(row),
        }
        for row in rows.sort("number", descending=True).iter_rows(named=True)
    ]


def _proposals(facts: Facts, provider: str, code: str) -> list[dict[str, Any]]:
    """What software proposes for every version of every document, newest first."""
    rows = facts.findings.filter(pl.col("provider") == provider, pl.col("criterion") == code).sort(
        "version", "document", descending=[True, False]
    )
    newest: dict[str, str] = dict(
        facts.documents.filter(pl.col("provider") == provider)
        .group_by("document")
        .agg(pl.col("version").max())
        .iter_rows()
    )
    language = facts.language
    return [
        {
            **_cell(facts, row["finding"]),
            "document": row["document"],
            "whom": ", ".join(filter(None, (row["region"], row["ages"]))),
            "version": row["version"],
            "date": language.date(row["version"]),
            "current": newest.get(row["document"], row["version"]) == row["version"],
            "evidence": json.loads(row["evidence"] or "[]"),
            "why": row["why"] or "",
            "confidence": language.percent(100 * row["confidence"], 0) if row["confidence"] is not None else "",
        }
        for row in rows.iter_rows(named=True)
    ]


def _finding(facts: Facts, provider: dict[str, Any], criterion: dict[str, Any]) -> dict[str, Any]:
    """What counts for a criterion, what people decided, what software proposes, and how it came about."""
    code, language = criterion["code"], facts.language
    summary = (provider.get("findings") or {}).get(code) or {"finding": "not_reviewed"}
    documents = _proposals(facts, provider["id"], code)
    cells = _cells(facts, provider["id"], code)
    meaning = language.pick((criterion.get("findings") or {}).get(summary["finding"])) or said(
        "finding_sentence", summary["finding"], language
    )
    status = str(summary.get("status") or "proposed")
    return {
        **_cell(facts, summary["finding"]),
        "code": code,
        "name": language.pick(criterion["name"]),
        "question": language.pick(criterion["question"]),
        "core": bool(criterion.get("core")),
        "meaning": meaning,
        "decided": status == "decided",
        "status": status,
        "decision_words": said("decision", status, language),
        "decisions": [c for c in cells if c["status"] != "proposed"],
        "beside": [c for c in cells if c["status"] == "proposed" and (c["replies"] or c["declared"])],
        "contested": any(c["contested"] for c in cells),
        "history": _history(facts, provider, code),
        "documents": sorted(
            (d for d in documents if d["current"]), key=lambda d: d["document"] != summary.get("document")
        ),
        "earlier": [d for d in documents if not d["current"]],
        "asks": language.pick((criterion.get("findings") or {}).get("met")),
        "example": language.pick(criterion.get("example")),
    }


def _turn(provider: dict[str, Any], criteria: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The criteria that keep a provider from being listed, with the sentences that would have to change."""
    failing = (provider.get("missing") or {}).get("failing") or []
    return [
        {**c, "sentences": [q for d in c["decisions"] if d["finding"] not in ("met", "partly") for q in d["quotes"]]}
        for c in criteria
        if c["code"] in failing
    ]


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


def _place(facts: Facts, summary: dict[str, Any]) -> dict[str, Any]:
    """A cell of the matrix: what counts, and whether people decided it."""
    status = str(summary.get("status") or "proposed")
    words = said("finding", summary["finding"], facts.language)
    if summary["finding"] != "not_reviewed":
        words = f"{words} ({said('decision', status, facts.language)})"
    return {"finding": summary["finding"], "words": words, "decided": status == "decided"}


def feed(facts: Facts, base_url: str | None) -> bytes:
    """The changes of the list and of findings as an Atom feed."""
    names = {p["id"]: p["name"] for p in facts.metadata_list("providers")}
    rows = facts.provider_history.iter_rows(named=True)
    return atom_feed(rows, names, facts.observatory, facts.language, updated=facts.about["date"], base_url=base_url)


def whole(facts: Facts) -> bytes:
    """The list as JSON: the rule, the providers, every cell and every change."""
    nested = ("evidence", "documents", "replies")
    tables = {"cells": facts.provider_list, "history": facts.provider_history}
    said_: dict[str, Any] = {
        name: [{k: json.loads(v) if k in nested and v else v for k, v in row.items()} for row in frame.to_dicts()]
        for name, frame in tables.items()
    }
    about = facts.edition.metadata("list")
    return canonical_json({**about, "watched": facts.metadata_list("providers"), **said_}).encode()


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
        "turn": _turn(provider, criteria),
        "undecided": [c for c in criteria if c["code"] in ((provider.get("missing") or {}).get("open") or [])],
        "moves": [h for h in _history(facts, provider) if h["event"] == "list"],
        "young_users": language.number(provider["young_users"]) if provider.get("young_users") else "",
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


def _changes(facts: Facts, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last changes of all providers, newest first."""
    found = [{**h, "path": provider_path(p["id"])} for p in listed for h in _history(facts, p)]
    return sorted(found, key=lambda h: (h["date"], h["provider"], h["number"]), reverse=True)[:_LAST]


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
                _place(facts, (p.get("findings") or {}).get(c["code"]) or {"finding": "not_reviewed"}) for c in criteria
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
        "stale": counted.get("stale", 0),
        "changes": _changes(facts, listed),
        "share": share(facts),
        "feed": FEED,
        "files": [(path.rpartition("/")[2], path) for path in (*DOWNLOADS, WHOLE)],
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
