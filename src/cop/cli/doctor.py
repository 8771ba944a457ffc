"""`cop doctor`: an observatory looked over."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from cop.cli.shape import as_json, in_observatory, say, say_json


@click.command("doctor")
@in_observatory
@as_json
def command(folder: Path, as_json: bool) -> None:
    """Check settings, versions, disk, permissions, database, migrations, keys, ledger, clock and backup: a line each.

    Nothing is changed. Exit status 0 where nothing is wrong (warnings may be), 2 otherwise.

    \b
    Example:
      cop doctor observatory
    """
    from cop.road.doctor import Finding, examine

    findings: list[Finding] = []
    for finding in examine(folder):
        findings.append(finding)
        if not as_json:
            say(f"{finding.state:<8} {finding.about:<12} {finding.text}")
    well = all(f.state != "fault" for f in findings)
    if as_json:
        say_json({"well": well, "findings": [asdict(f) for f in findings]})
    sys.exit(0 if well else 2)
