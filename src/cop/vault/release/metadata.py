"""What an edition says about its facts: indicators, criteria, disclosure, quality."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from cop.classification.coder import Coder
from cop.classification.correspondences import as_marks, load_correspondences
from cop.classification.scheme import Scheme
from cop.measurement import catalogue
from cop.measurement.disclosure import Summary
from cop.terms import criteria as terms
from cop.vault.registers.queries import RegisterFacts


def indicators(estimated: Collection[str], *, counted: bool, received: bool) -> list[dict[str, Any]]:
    """The catalogue entries of which the edition holds facts, in order of code."""
    kinds = ({"records"} if counted else set[str]()) | ({"series"} if received else set[str]())
    return [i.as_json() for i in catalogue.load() if i.code in estimated or i.source_kind in kinds]


def classification(scheme: Scheme) -> dict[str, Any]:
    """The classification, each node with its correspondences to other schemes."""
    facts, tables = scheme.as_json(), load_correspondences(scheme)
    nodes = [{**node, "correspondences": as_marks(tables, node["code"])} for node in facts["nodes"]]
    return {**facts, "nodes": nodes}


def criteria() -> dict[str, Any]:
    """The criteria and the rule by which a provider is listed."""
    rule = terms.list_rule()
    return {
        "criteria": [asdict(c) for c in terms.criteria().values()],
        "list_rule": {
            "version": rule.version,
            "criteria": list(rule.criteria),
            "acceptable": sorted(rule.acceptable),
            "decided": rule.decided,
        },
    }


def disclosure(summaries: Sequence[Summary], threshold: int, opened: Sequence[str]) -> dict[str, Any]:
    """What was withheld from each table, and which tables lack complementary suppression.

    An auditor has to know which codes hold more reports than the codes below them: `open`.
    """
    return {
        "threshold": threshold,
        "open": list(opened),
        "tables": [
            {
                "table": s.table,
                "cells": s.cells,
                "suppressed": s.suppressed,
                "secondary": s.secondary,
                "unreliable": s.unreliable,
                "complementary": s.complementary,
            }
            for s in summaries
        ],
    }


def quality(
    coder: Coder,
    titles: Mapping[str, str],
    registers: Sequence[RegisterFacts],
    routes: Mapping[str, tuple[int, int]],
    audited: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The coder's card, and per source of reports what was accepted, refused, coded automatically, left for review.

    Where people audited records of the desks (`cop.vault.release.corrected`), what they found is under `audit`.
    """
    sources: dict[str, list[RegisterFacts]] = {}
    for register in registers:
        if register.kind == "reports":
            sources.setdefault(register.source, []).append(register)
    return {
        "coder": coder.card,
        **({"audit": dict(audited)} if audited is not None else {}),
        "records": [
            {
                "source": source,
                "title": titles.get(source, source),
                "accepted": sum(r.rows - r.rejected for r in files),
                "rejected": sum(r.rejected for r in files),
                "auto": routes.get(source, (0, 0))[0],
                "review": routes.get(source, (0, 0))[1],
            }
            for source, files in sorted(sources.items())
        ],
    }
