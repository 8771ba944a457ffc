"""`cop keys status`: who holds which key."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cop.cli.shape import as_json, in_observatory, say, say_json

WARNINGS = {
    "no key": "no key: no report can be taken in for it",
    "no holder": "nobody holds the key: only the printed shares open what is sealed",
    "one holder": "one person alone holds the key: grant it to a second one",
    "not escrowed": "the printed shares do not cover the key: a holder adds it to the escrow",
    "rotation due": "somebody who may not read reports any more has known the key: rotate it",
    "re-sealing due": "older reports are sealed to an earlier version: seal them anew",
}


@click.command("status")
@in_observatory
@as_json
def command(folder: Path, as_json: bool) -> None:
    """Say who holds the key of every organisation, whether the escrow covers it, and what is to be done.

    Exit 0 whatever is to be done.

    \b
    Example:
      cop keys status observatory --json
    """
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    start(read_observatory(folder))
    from cop.vault.members import keys
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program

    escrow, offices = keys.escrow_in_use(), keys.offices(program(PROGRAM))
    if as_json:
        say_json(_facts(escrow, offices))
        return
    say(
        f"escrow    any {escrow.threshold} of {escrow.shares} shares, since {escrow.created:%Y-%m-%d}"
        if escrow
        else "escrow    none: hold a ceremony (cop keys ceremony)"
    )
    for office in offices:
        version = f"version {office.version} since {office.created:%Y-%m-%d}" if office.created else "no key"
        say(f"{office.slug:<20} {version}; {len(office.holders)} of {len(office.people)} readers hold it")
        for word in office.warnings:
            say(f"    ! {WARNINGS[word]}")
    if not offices:
        say("no organisation has a key or anybody who reads reports")


def _facts(escrow: Any, offices: list[Any]) -> dict[str, object]:  # noqa: ANN401 - dataclasses of the vault
    return {
        "escrow": {**asdict(escrow), "created": escrow.created.isoformat()} if escrow else None,
        "organisations": [
            {
                "slug": o.slug,
                "version": o.version,
                "created": o.created.isoformat() if o.created else None,
                "holders": [h.person for h in o.holders],
                "readers": [h.person for h in o.people],
                "escrowed": o.escrowed,
                "resealed": o.resealed,
                "exposed": o.exposed.isoformat() if o.exposed else None,
                "warnings": list(o.warnings),
            }
            for o in offices
        ],
    }
