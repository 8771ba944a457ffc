"""`cop providers`: what people decide on what providers promise, one module per verb."""

from __future__ import annotations

import click

from cop.cli.lazy import Lazy

VERBS = {
    "queue": "What waits for people.",
    "show": "Where a provider stands, and what would turn a finding.",
    "decide": "Decide what the newest texts say on a criterion.",
    "withdraw": "Take back a review that waits for a second one.",
    "adjudicate": "Settle what two reviewers do not agree on.",
    "reply": "Keep what a provider says beside a finding.",
    "speaker": "Which organisations speak for a provider.",
    "list": "The list as it stands.",
    "feed": "The changes of the list and of findings as an Atom feed.",
}


@click.group("providers", cls=Lazy, package="cop.cli.providers", verbs=VERBS)
def command() -> None:
    """What people decide on what providers promise, and the list that follows from it.

    \b
    Example:
      cop providers queue observatory
    """
