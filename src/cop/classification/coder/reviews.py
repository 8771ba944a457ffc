"""Reviewed records: what a person said of a record that the coder had coded, and what may be learnt from it.

Source: notes on the classification, 5.2 (coding block) and 5.3 (routing: a random slice goes to blind second coding, so
that error is estimated without selection bias). A record comes to review because it is uncertain or urgent, so what
reviewers say of such records is true of them only: they train. The audit sample was drawn at random and coded blind:
it alone, weighted by how it was drawn, may calibrate or compare coders, and therefore never trains.

Narratives live in memory only: nothing here writes one, and no value here shows one in its `repr`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, cast

from cop.classification.coder.corpus import REVIEWS, Summary
from cop.classification.coder.fields import Fields
from cop.classification.coder.language import detect
from cop.classification.coder.text import TEXT_LIMIT, normalise
from cop.classification.scheme import Scheme
from cop.kernel.errors import Refused, Where
from cop.kernel.hashing import text_sha256
from cop.kernel.languages import OFFICIAL
from cop.kernel.progress import SILENT, Progress
from cop.kernel.tables import open_rows

Outcome = Literal["reviewed-agreed", "reviewed-changed", "adjudicated"]

OUTCOMES: tuple[Outcome, ...] = ("reviewed-agreed", "reviewed-changed", "adjudicated")
FIELDS = (
    "id", "text", "language", "code", "probability", "class_set", "route", "model",
    "reviewed_code", "reviewer", "date", "review", "audit", "weight",
)  # fmt: skip
"""Fields of a reviewed record; `code` to `model` are the coder's, as `cop classify` writes them."""

AUDIT = "audit"
"""The writer of a text of the audit sample; `REVIEWS` is that of every other text from the desk."""

CODE = r"[A-Z][0-9]{2,3}"
"""A code of any version: the coder's answer may be of an earlier one."""

_LANGUAGE = r"[a-z]{2,3}"
_HASH = r"[0-9a-f]{8,64}"
_MODEL = r"[A-Za-z0-9][\w.-]{0,39}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the coder had said: as `Coded`, as far as the desk keeps it."""

    code: str
    probability: float
    class_set: tuple[str, ...]
    route: Literal["auto", "review"]
    model: str


@dataclass(frozen=True, slots=True)
class Review:
    """A reviewed record.

    `code` is the reviewer's; `reviewer` a hash that names no one; `weight` how many records an audit record stands for
    (one over its chance of being drawn), None outside the audit sample. `text` is empty when it was not asked for.
    """

    id: str
    text: str = field(repr=False)
    language: str | None
    answer: Answer
    code: str
    reviewer: str
    date: date
    outcome: Outcome
    audit: bool
    weight: float | None

    @property
    def right(self) -> bool:
        """Whether the coder had given the reviewer's code."""
        return self.answer.code == self.code

    @property
    def spoken(self) -> str:
        """The language as recorded, else as detected."""
        return self.language or detect(self.text)


def read_reviews(
    path: Path | str, scheme: Scheme, *, texts: bool = True, progress: Progress = SILENT
) -> tuple[Review, ...]:
    """Every reviewed record of a JSONL, CSV or Parquet file, in order; the file is taken whole or refused.

    Args:
        path: the file, with the fields of `FIELDS`.
        scheme: the classification that reviewers code in.
        texts: whether narratives are needed; without them they are not even kept in memory.
        progress: is told of each record.

    Raises:
        NotFound: there is no such file.
        Refused: a record is not as said above: names the row, the field, the value and what was expected; no narrative.
    """
    return tuple(_reviews(path, scheme, texts, progress))


def _reviews(path: Path | str, scheme: Scheme, texts: bool, progress: Progress) -> Iterator[Review]:
    seen: set[str] = set()
    with open_rows(path) as rows:
        for row in rows:
            fields = Fields(row, rows.name)
            review = _review(fields, scheme, texts)
            if review.id in seen:
                raise fields.refuse("id", "the id is used twice", "an id once: the review that settled the record")
            seen.add(review.id)
            progress.advance()
            yield review
        if not seen:
            raise Refused("the file has no record", where=Where(rows.name), expected="at least one reviewed record")


def _review(fields: Fields, scheme: Scheme, texts: bool) -> Review:
    answer = Answer(
        code=fields.word("code", CODE, "the coder's code, such as B03"),
        probability=fields.number("probability", 0, 1, "a number from 0 to 1"),
        class_set=fields.codes("class_set", CODE),
        route=cast("Literal['auto', 'review']", fields.one_of("route", ("auto", "review"))),
        model=fields.word("model", _MODEL, "name and version of the coder, such as coder-0.1"),
    )
    code = fields.code("reviewed_code", scheme)
    outcome = cast("Outcome", fields.one_of("review", OUTCOMES))
    if outcome != "adjudicated" and (outcome == "reviewed-agreed") != (code == answer.code):
        right = "reviewed-agreed" if code == answer.code else "reviewed-changed"
        raise fields.refuse("review", f'"{outcome}" does not fit the two codes', f"{right} or adjudicated")
    audit = fields.flag("audit")
    if not audit and fields.has("weight"):
        raise fields.refuse("weight", "a record outside the audit sample has a weight", "none, or audit true")
    return Review(
        id=fields.name("id"),
        text=_text(fields) if texts else "",
        language=fields.word("language", _LANGUAGE, "ISO 639 code") if fields.has("language") else None,
        answer=answer,
        code=code,
        reviewer=fields.word("reviewer", _HASH, "a hash of 8 to 64 hexadecimal digits, not a name"),
        date=fields.day("date"),
        outcome=outcome,
        audit=audit,
        weight=fields.number("weight", 1e-9, 1e9, "a number above 0, for the audit sample") if audit else None,
    )


def _text(fields: Fields) -> str:
    value = fields.get("text")
    if not isinstance(value, str):
        raise fields.refuse("text", "there is no text", "the record's narrative, in memory only")
    if len(value) > TEXT_LIMIT:
        raise fields.refuse("text", f"the text has {len(value):,} characters", f"at most {TEXT_LIMIT:,}")
    return value


@dataclass(frozen=True, slots=True)
class Training:
    """Texts to train on, and how many records were left out, by reason."""

    texts: tuple[Summary, ...] = field(repr=False)
    left_out: Mapping[str, int]


def training_texts(reviews: Sequence[Review], scheme: Scheme) -> Training:
    """Reviewed records as texts of the corpus, in order of their ids, which say nothing of the record's own.

    Left out are audit records and copies of their texts (`audit`), codes that the coder does not give (`not a leaf`),
    texts in none of the six languages (`language`), and all but the weightiest record of one text (`repeated`:
    adjudicated before reviewed, then the later).
    """
    audited = {normalise(r.text) for r in reviews if r.audit}
    left: Counter[str] = Counter()
    best: dict[str, Review] = {}
    for review in reviews:
        plain = normalise(review.text)
        if reason := "audit" if plain in audited else _unfit(review, scheme):
            left[reason] += 1
            continue
        left["repeated"] += plain in best
        best[plain] = max(best.get(plain, review), review, key=_weight_of_word)
    return Training(_summaries(best.values(), REVIEWS), {reason: n for reason, n in sorted(left.items()) if n})


def audit_texts(reviews: Sequence[Review], scheme: Scheme) -> Training:
    """The first half of the audit sample (`halves`) as texts, for training to calibrate on.

    Left out are codes that the coder does not give and texts in none of the six languages. Copies of a text all count:
    they are as frequent in the sample as among records.
    """
    sample = halves(reviews)[0]
    left = Counter(reason for r in sample if (reason := _unfit(r, scheme)))
    return Training(_summaries((r for r in sample if not _unfit(r, scheme)), AUDIT), dict(sorted(left.items())))


def _unfit(review: Review, scheme: Scheme) -> str | None:
    if review.code not in scheme.leaves:
        return "not a leaf"
    return None if review.spoken in OFFICIAL else "language"


def _weight_of_word(review: Review) -> tuple[bool, date, str]:
    return review.outcome == "adjudicated", review.date, review.id


def _summaries(reviews: Iterable[Review], writer: str) -> tuple[Summary, ...]:
    found = [
        Summary(
            id=f"{writer}-{text_sha256(normalise(review.text))[:16]}",
            code=review.code,
            secondary=(),
            language=review.spoken,
            hard=False,
            reporter="public",
            writer=writer,
            text=review.text,
        )
        for review in sorted(reviews, key=lambda r: r.id)
    ]
    return tuple(sorted(found, key=lambda s: s.id))


@dataclass(frozen=True, slots=True)
class AuditSample:
    """What may calibrate: texts, their languages and true codes, and weights that make them stand for all records.

    Weights have the mean 1. `left_out` counts audit records whose code the coder cannot give.
    """

    texts: tuple[str, ...] = field(repr=False)
    languages: tuple[str, ...]
    codes: tuple[str, ...]
    weights: tuple[float, ...]
    left_out: int


def calibration_sample(reviews: Sequence[Review], scheme: Scheme) -> AuditSample:
    """The audit records as a sample to calibrate on: reviewed records were selected, and would calibrate wrongly.

    Raises:
        Refused: none of the records is of the audit sample.
    """
    audited = [r for r in reviews if r.audit]
    kept = [r for r in audited if r.code in scheme.leaves]
    if not kept:
        raise Refused(
            "no record is of the audit sample", where=Where(field="audit"),
            expected="records drawn at random and coded blind: reviewed records are selected and cannot calibrate",
        )  # fmt: skip
    mean = sum(r.weight or 0.0 for r in kept) / len(kept)
    return AuditSample(
        texts=tuple(r.text for r in kept),
        languages=tuple(r.spoken for r in kept),
        codes=tuple(r.code for r in kept),
        weights=tuple((r.weight or 0.0) / mean for r in kept),
        left_out=len(audited) - len(kept),
    )


def halves(reviews: Sequence[Review]) -> tuple[tuple[Review, ...], tuple[Review, ...]]:
    """The audit records in two halves, by the hash of the text: one to calibrate on, one to compare coders on.

    A coder that was calibrated on a record must not be judged by it. Copies of one text are in one half, and a record
    is in the same half in every year.
    """
    first: list[Review] = []
    second: list[Review] = []
    for review in reviews:
        if review.audit:
            half = int(text_sha256(normalise(review.text))[:8], 16) % 2
            (second if half else first).append(review)
    return tuple(first), tuple(second)
