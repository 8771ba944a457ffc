"""`cop providers decide`: a first or second review, or a stale decision confirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from cop.cli.providers import acting
from cop.cli.shape import as_json
from cop.kernel.errors import Refused

if TYPE_CHECKING:
    from cop.terms.criteria import FindingName
    from cop.vault.providers.course import Quote
    from cop.vault.providers.grounds import Texts

_FINDINGS = ["met", "partly", "not_met", "not_addressed", "contradictory"]


def reviewing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments of a review."""
    options = (
        acting.folder, acting.provider, acting.criterion,
        click.option("--finding", required=True, type=click.Choice(_FINDINGS), help="What the text says."),
        click.option("--reason", required=True, help="Why; published with the decision."),
        click.option(
            "--evidence", multiple=True, type=int, metavar="N", help="Accept the proposal's evidence N; repeatable."
        ),
        click.option(
            "--quote", "quotes", multiple=True, metavar="DOCUMENT=WORDS", help="Accept words of a document; repeatable."
        ),
        acting.region, acting.ages, acting.by, acting.day, acting.seen, as_json,
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command("decide")
@reviewing
def command(**given: Any) -> None:  # noqa: ANN401 - click's
    """Decide what a provider's newest texts say on a criterion: a first or second review, or a stale one confirmed.

    "not_met" counts when a second reviewer agrees; where two differ, a third person adjudicates. Nobody is one's own
    second. An act is refused when others acted since you looked.

    \b
    Example:
      cop providers decide observatory kelpnest LIC-2 --finding met --evidence 1 --seen 0 \\
        --reason "The licence ends with the account." --by "Reviewer A"
    """
    review("decide", **given)


def review(
    kind: str, *, folder: Path, provider: str, criterion: str, finding: str, reason: str, evidence: tuple[int, ...],
    quotes: tuple[str, ...], region: str, ages: str, by: str, day: str | None, seen: int, as_json: bool,
) -> None:  # fmt: skip
    """Do a review of either kind."""
    road = acting.start(folder)
    from cop.vault.providers import operations
    from cop.vault.providers.course import Cell
    from cop.vault.providers.queries import texts_of, watched

    watched(provider)
    texts, on = texts_of(provider), acting.as_day(day)
    accepted = [*_proposed(provider, criterion, evidence, texts), *(_quoted(q, texts, on) for q in quotes)]
    road.reopen()
    course = (operations.adjudicate if kind == "adjudicate" else operations.decide)(
        actor=acting.who(by), cell=Cell(provider, criterion, region, ages), finding=cast("FindingName", finding),
        reason=reason, quotes=accepted, on=on, seen=seen,
    )  # fmt: skip
    acting.tell(course, as_json=as_json)


def _proposed(provider: str, criterion: str, numbers: tuple[int, ...], texts: Texts) -> list[Quote]:
    from cop.vault.providers.course import Quote
    from cop.vault.providers.queries import evidence

    found = evidence(provider, criterion) if numbers else []
    quotes: list[Quote] = []
    for number in numbers:
        if not 1 <= number <= len(found):
            raise Refused.value(
                str(number), "is no evidence", field="--evidence", expected=f"1 to {len(found)}" if found else "--quote"
            )
        facts = found[number - 1]
        held = texts.at(facts["document"], date.fromisoformat(facts["version"]), day=date.max)
        quotes.append(
            Quote(held.document, held.version, held.content.sha256, facts["quote"], facts["start"], facts["end"])
        )
    return quotes


def _quoted(text: str, texts: Texts, on: date) -> Quote:
    from cop.vault.providers.grounds import quoted

    document, mark, words = text.partition("=")
    if not mark:
        raise Refused.value(text, "names no document", field="--quote", expected="DOCUMENT=WORDS")
    return quoted(texts.at(document, None, day=on), words)
