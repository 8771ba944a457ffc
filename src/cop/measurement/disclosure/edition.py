"""What an edition will publish under control: counts of reports, all tables together, and answers behind estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cop.kernel.progress import SILENT, Progress
from cop.measurement.disclosure.hierarchy import Dimension
from cop.measurement.disclosure.primary import mark, worth
from cop.measurement.disclosure.protection import Summary, protect, summaries
from cop.measurement.disclosure.published import (
    Published,
    answers,
    count_cells,
    dimensions_of_counts,
    domain_names,
    spans,
    survey_cells,
)
from cop.measurement.disclosure.rules import Rules, standard_rules

FIGURES = ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "df")


@dataclass(frozen=True, slots=True)
class Guarded:
    """Count tables as they may be seen, what was withheld, and the codes that hold more than the codes below them."""

    counts: pl.DataFrame
    summaries: list[Summary]
    open: tuple[str, ...]


def protect_counts(
    counts: pl.DataFrame,
    parents: Mapping[str, Sequence[str]],
    *,
    threshold: int,
    past: Sequence[Published] = (),
    rules: Rules | None = None,
    progress: Progress = SILENT,
) -> Guarded:
    """Withhold small counts, and few others that would give them away: the larger a count, the more it is spared.

    Args:
        counts: as `records.count` returns them.
        parents: for each code of the classification the codes above it, the section first.
        threshold: the smallest count that may be seen; 0 may be, as nobody is in it.
        past: released editions, oldest first.
        rules: the standard ones where none are given; their threshold is the one given here.
        progress: told of each round.

    Returns:
        The counts with `obs_status` and `conf_status`: Q and C or D where withheld (null, never 0), else A and F.

    Raises:
        Refused: a count is missing or negative, or the threshold is below 1.
    """
    rules = (rules or standard_rules()).at(threshold)
    marked = mark(counts.with_columns(worth(pl.col("value")).alias("cost"), counted=pl.lit(value=True)), rules)
    if counts.is_empty():
        empty = counts.with_columns(pl.lit("A").alias("obs_status"), pl.lit("F").alias("conf_status"))
        return Guarded(empty, [], ())
    earlier = [count_cells(edition) for edition in past]
    opened = {code for edition in past for code in edition.opened}
    spans_shown = spans(counts)
    found = protect(
        marked.with_columns(pl.col("period").replace(spans_shown)),
        dimensions_of_counts(parents, sorted(opened)),
        rules,
        past=[cells for cells in earlier if len(cells)],
        progress=progress,
    )
    kept = [*counts.columns, "obs_status", "conf_status"]
    shown = found.frame.with_columns(counts["period"], pl.col("value").cast(pl.Int64)).select(kept)
    return Guarded(shown, found.summaries, tuple(sorted(found.dimensions[0].open)))


def protect_estimates(
    estimates: pl.DataFrame, *, table: str, threshold: int, past: Sequence[Published] = ()
) -> tuple[pl.DataFrame, list[Summary]]:
    """Withhold survey cells with few answers and those that would give them away, and figures that are not reliable.

    Numbers of answers add up over the categories of a domain; how many gave no answer to the domain's question is taken
    to be known. Indicators with the same numbers of answers throughout are treated as one.

    Args:
        estimates: as `survey.estimate.estimate` returns them, with `domain` ("_T" or "sex=F;grade=9").
        table: the survey's id, the name of the table in the summary.
        threshold: the smallest number of answers that may be seen.
        past: released editions, oldest first.

    Returns:
        The table with `obs_status` and `conf_status`. A cell with few answers loses its figures and its n (Q, C), one
        that would give it away too (Q, D); one flagged "not published" loses its figures and keeps its n (Q, F); one to
        be used with caution is marked U. One without any answer is M: there is nothing to withhold.
    """
    rules = standard_rules().at(threshold)
    names = domain_names(estimates["domain"].to_list())
    past = [edition for edition in past if edition.survey(table).height]
    for edition in past:
        names = list(dict.fromkeys([*names, *domain_names(edition.survey(table)["domain"].to_list())]))
    status = pl.Series("conf_status", ["F"] * estimates.height)
    if past or ((estimates["n"] > 0) & (estimates["n"] < threshold)).any():
        like = _alike(estimates)
        distinct_ones = estimates.filter(pl.col("indicator").is_in(list(set(like.values()))))
        marked = mark(answers(distinct_ones, names), rules)
        earlier = [survey_cells(edition, table, names) for edition in past]
        found = protect(marked, [Dimension(n, rest="known") for n in names], rules, past=earlier)
        codes = dict(zip(found.frame.select("indicator", "domain").rows(), found.frame["conf_status"], strict=True))
        asked = zip(estimates["indicator"], estimates["domain"], strict=True)
        status = pl.Series("conf_status", [codes[like[indicator], domain] for indicator, domain in asked])
    marked = estimates.with_columns(status)
    secret = pl.col("conf_status") != "F"
    withheld = secret | (pl.col("flag") == "not published")
    obs = (
        pl.when(pl.col("n") == 0).then(pl.lit("M"))
        .when(withheld).then(pl.lit("Q"))
        .when(pl.col("flag") == "use with caution").then(pl.lit("U"))
        .otherwise(pl.lit("A"))
    )  # fmt: skip
    why = (
        pl.when(pl.col("conf_status") == "C").then(pl.lit(f"fewer than {threshold} answers"))
        .when(secret).then(pl.lit("withheld to protect another cell"))
        .otherwise(pl.col("flag_reason"))
    )  # fmt: skip
    shown = marked.with_columns(
        obs.alias("obs_status"),
        *(pl.when(withheld).then(None).otherwise(pl.col(name)).alias(name) for name in FIGURES),
        pl.when(secret).then(None).otherwise(pl.col("n")).alias("n"),
        pl.when(secret).then(pl.lit("not published")).otherwise(pl.col("flag")).alias("flag"),
        why.alias("flag_reason"),
    ).select([*estimates.columns, "obs_status", "conf_status"])
    named = shown.with_columns(pl.lit(table).alias("table"))
    return shown, summaries(named, threshold, complementary=True)


def _alike(estimates: pl.DataFrame) -> dict[str, str]:
    """For each indicator the first one with the same number of answers in every domain."""
    first: dict[tuple[tuple[str, int], ...], str] = {}
    found: dict[str, str] = {}
    for (indicator,), part in estimates.partition_by("indicator", as_dict=True, maintain_order=True).items():
        answers = tuple(sorted(zip(part["domain"], part["n"], strict=True)))
        found[str(indicator)] = first.setdefault(answers, str(indicator))
    return found
