"""`cop measure`: the statistical framework, one module per verb."""

from __future__ import annotations

import click

from cop.cli.lazy import Lazy

VERBS = {
    "survey": "Estimate what a description asks of a survey's microdata.",
}


@click.group("measure", cls=Lazy, package="cop.cli.measure", verbs=VERBS)
def command() -> None:
    """Figures from microdata, records and series: estimated, checked, protected.

    \b
    Example:
      cop measure survey examples/harbour/inputs/surveys/xal.toml
    """
