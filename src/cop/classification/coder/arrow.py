"""Codes for Arrow batches: one function, the same on one machine's cores and in a Spark batch map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import pyarrow as pa

from cop.classification.coder.coding import Coded, Coder
from cop.classification.coder.inputs import from_arrow, in_batches

CODED_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("code", pa.string()),
        ("section", pa.string()),
        ("probability", pa.float64()),
        ("class_set", pa.list_(pa.string())),
        ("route", pa.string()),
        ("urgency", pa.int64()),
        ("language", pa.string()),
        ("scheme", pa.string()),
        ("model", pa.string()),
    ]
)
"""A record's id and the facts of its `Coded`; only `urgency` can be null, and `id` where the record had none."""

SCORED_SCHEMA = CODED_SCHEMA.append(pa.field("scores", pa.map_(pa.string(), pa.float64())))
"""The same with the probability of every code."""


def coded_schema(*, all_scores: bool) -> pa.Schema:
    """The schema of what comes out, with or without all scores."""
    return SCORED_SCHEMA if all_scores else CODED_SCHEMA


def code_arrow(
    batches: Iterable[pa.RecordBatch],
    *,
    coder: Coder,
    id: str | None,
    text: str,
    all_scores: bool = False,
    name: str | None = None,
) -> Iterator[pa.RecordBatch]:
    """Code the records of Arrow batches lazily: one record out per record in, in order, in batches of their own size.

    Args:
        batches: batches with the columns `id` and `text`; a text that is null is coded as the empty one.
        coder: the coder.
        id: the column that names a record.
        text: the column that holds the text.
        all_scores: give every code's probability as well, as `scores`.
        name: the file that the batches are of, for refusals; None for a frame whose rows have no number.

    Returns:
        Batches of `CODED_SCHEMA`, or of `SCORED_SCHEMA` with all scores.

    Raises:
        Refused: a column is missing or a text cannot be coded (longer than 20,000 characters, with a NUL character, not
            a text); what came before it has been given by then.
    """
    for records in in_batches(from_arrow(batches, id=id, text=text, name=name)):
        yield code_records(coder, records, all_scores=all_scores)


class Codes(Protocol):
    """Whatever gives codes to texts: the coder, or an operator's server."""

    def code(self, texts: Sequence[str], *, all_scores: bool = False) -> list[Coded]:
        """One `Coded` per text, in order."""
        ...


def code_records(coder: Codes, records: pa.RecordBatch, *, all_scores: bool = False) -> pa.RecordBatch:
    """Code one batch of `INPUT_SCHEMA`."""
    coded = coder.code(records.column("text").to_pylist(), all_scores=all_scores)
    columns = [records.column("id")]
    columns += [pa.array([getattr(c, f.name) for c in coded], f.type) for f in list(CODED_SCHEMA)[1:]]
    if all_scores:
        columns.append(pa.array([list((c.scores or {}).items()) for c in coded], SCORED_SCHEMA.field("scores").type))
    return pa.RecordBatch.from_arrays(columns, schema=coded_schema(all_scores=all_scores))
