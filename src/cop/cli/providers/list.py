"""`cop providers list`: the list as it stands."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json, say, say_json

_NESTED = ("evidence", "documents", "replies")
_WHY = (("failing", "decided otherwise on"), ("open", "not decided on"))


@click.command("list")
@acting.folder
@click.option("--csv", "as_csv", is_flag=True, help="The cells as a table on standard output.")
@as_json
def command(folder: Path, as_csv: bool, as_json: bool) -> None:
    """The list as it stands: each provider, and what keeps it from being listed; in full with --json or --csv.

    \b
    Example:
      cop providers list observatory --csv > list.csv
    """
    acting.start(folder)
    from cop.vault.providers.queries import list_about, provider_list, providers

    rows = provider_list()
    if as_csv:
        import polars as pl

        from cop.editions.tables import PROVIDER_LIST

        schema = pl.DataFrame(PROVIDER_LIST.empty_table()).schema
        say(pl.DataFrame(rows, schema=schema).write_csv().rstrip("\n"))
        return
    if as_json:
        cells = [{k: json.loads(v) if k in _NESTED else v for k, v in row.items()} for row in rows]
        say_json({**list_about(), "watched": providers(), "cells": cells})
        return
    for one in providers():
        missing = one["missing"]
        why = "".join(f"; {words} {', '.join(missing[name])}" for name, words in _WHY if missing[name])
        say(f"{one['status']:<11} {one['name']}{why}")
    say(f"rule version {list_about()['rule']['version']}")
