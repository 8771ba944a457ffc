"""`cop providers show`: where a provider stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json, say, say_json
from cop.kernel.errors import NotFound


@click.command("show")
@acting.folder
@acting.provider
@click.argument("criterion", metavar="[CRITERION]", required=False)
@as_json
def command(folder: Path, provider: str, criterion: str | None, as_json: bool) -> None:
    """Where a provider stands; on one criterion also the proposal's evidence, the acts, and what would be met.

    \b
    Example:
      cop providers show observatory kelpnest LIC-2
    """
    from cop.terms.criteria import criteria

    if criterion is not None and criterion not in criteria():
        raise NotFound(f'there is no criterion "{criterion}"', expected=", ".join(criteria()))
    acting.start(folder)
    from cop.vault.providers.queries import evidence, watched

    [one] = watched(provider)
    cells: list[dict[str, Any]] = [
        {
            **acting.cell_facts(cell), "state": course.state, "seen": course.number, "contested": course.contested,
            "declared": course.declared, "finding": course.decision.finding if course.decision else None,
            "proposed": one.proposals[cell.criterion].finding, "acts": [acting.act_facts(a) for a in course.acts],
        }
        for cell, course in one.cells()
        if criterion in (None, cell.criterion)
    ]  # fmt: skip
    place = one.place
    facts: dict[str, Any] = {
        "provider": one.slug, "name": one.name, "status": place.status, "failing": list(place.failing),
        "open": list(place.open), "cells": cells,
    }  # fmt: skip
    if criterion is not None:
        asked = criteria()[criterion]
        facts |= {
            "evidence": evidence(provider, criterion), "question": asked.question["en"],
            "met": asked.findings["met"]["en"], "example": (asked.example or {}).get("en", ""),
        }  # fmt: skip
    if as_json:
        say_json(facts)
        return
    _tell(facts, whole=criterion is not None)


def _tell(facts: dict[str, Any], *, whole: bool) -> None:
    off = f"; decided otherwise on {', '.join(facts['failing'])}" if facts["failing"] else ""
    say(f"{facts['name']}: {facts['status']}{off}")
    for cell in facts["cells"]:
        decided = f"decided {cell['finding']}" if cell["finding"] else "not decided"
        contested = ", contested" if cell["contested"] else ""
        name = "/".join(filter(None, (cell["criterion"], cell["region"], cell["ages"])))
        say(f"  {name:<7} {cell['state']:<13} {decided}, proposed {cell['proposed']}, acts: {cell['seen']}{contested}")
        for number, act in enumerate(cell["acts"] if whole else (), 1):
            finding = f" {act['finding']}" if act["finding"] else ""
            say(f"    {number}. {act['date']} {act['act']}{finding} by {act['by']}: {act['text']}")
    if not whole:
        return
    for number, quote in enumerate(facts["evidence"], 1):
        say(f'  evidence {number}: {quote["document"]} {quote["version"]} "{" ".join(quote["quote"].split())}"')
    say(f"  asked: {facts['question']}\n  met: {facts['met']}\n  a sentence that would be met: {facts['example']}")
