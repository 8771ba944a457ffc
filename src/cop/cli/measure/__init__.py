"""`cop measure`: the statistical framework, one module per verb."""

from __future__ import annotations

import click

from cop.cli.lazy import Lazy

VERBS = {
    "index": "Make a composite index with its indicators and rank intervals.",
    "impact": "Judge what a programme did, in plain words.",
    "warn": "Say which counts are higher than their own past explains.",
    "records": "Count coded records, corrected for the coder's errors.",
    "survey": "Estimate what a description asks of a survey's microdata.",
    "protect": "Protect tables together, so that no small cell can be found.",
    "audit": "Bound every suppressed cell of a release from all that is published.",
}


@click.group("measure", cls=Lazy, package="cop.cli.measure", verbs=VERBS)
def command() -> None:
    """Figures from microdata, records and series: estimated, checked, protected.

    \b
    Example:
      cop measure survey examples/harbour/inputs/surveys/xal.toml
    """
