"""`cop providers adjudicate`: a third person settles what two do not agree on."""

from __future__ import annotations

from typing import Any

import click

from cop.cli.providers.decide import review, reviewing


@click.command("adjudicate")
@reviewing
def command(**given: Any) -> None:  # noqa: ANN401 - click's
    """Settle, as a third person, what two reviewers do not agree on.

    \b
    Example:
      cop providers adjudicate observatory brinecast LIC-3 --finding not_met --evidence 1 --seen 2 \\
        --reason "The partners' own purposes are named." --by "Adjudicator C"
    """
    review("adjudicate", **given)
