"""Reviewed records: read whole or refused without a narrative; who may train, who may calibrate."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.classification.coder.corpus import Summary
from cop.classification.coder.reviews import (
    FIELDS,
    Answer,
    Review,
    audit_texts,
    calibration_sample,
    halves,
    read_reviews,
    training_texts,
)
from cop.classification.scheme import Scheme, load_scheme
from cop.kernel.errors import NotFound, Refused

NARRATIVE = "Zanzibarquux: a boy of 12 says that a stranger in a game asked him for photos."
RECORD: dict[str, Any] = {
    "id": "r1",
    "text": NARRATIVE,
    "language": "en",
    "code": "B01",
    "probability": 0.62,
    "class_set": ["B01", "B02"],
    "route": "review",
    "model": "coder-1.0",
    "reviewed_code": "B02",
    "reviewer": "9f86d081884c7d65",
    "date": "2026-03-14",
    "review": "reviewed-changed",
    "audit": False,
    "weight": None,
}
AUDITED = {**RECORD, "id": "r2", "text": "Someone stole her account.", "audit": True, "weight": 20}


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return load_scheme()


def written(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "reviews.jsonl"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def review(**facts: Any) -> Review:
    answer = Answer("B01", 0.62, ("B01", "B02"), "review", "coder-1.0")
    plain = Review(
        id="r1", text=NARRATIVE, language="en", answer=answer, code="B02", reviewer="9f86d081884c7d65",
        date=date(2026, 3, 14), outcome="reviewed-changed", audit=False, weight=None,
    )  # fmt: skip
    return Review(**{**{name: getattr(plain, name) for name in Review.__slots__}, **facts})


def test_the_fields_are_those_of_the_record() -> None:
    assert tuple(RECORD) == FIELDS


def test_every_format_gives_the_same_records(scheme: Scheme, tmp_path: Path) -> None:
    jsonl = written(tmp_path, RECORD, AUDITED)
    with (tmp_path / "reviews.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, FIELDS)
        writer.writeheader()
        writer.writerows({**r, "class_set": json.dumps(r["class_set"])} for r in (RECORD, AUDITED))
    dated = [{**r, "date": date.fromisoformat(r["date"])} for r in (RECORD, AUDITED)]
    pq.write_table(pa.Table.from_pylist(dated), tmp_path / "reviews.parquet")
    expected = (review(), review(id="r2", text=AUDITED["text"], audit=True, weight=20.0))

    assert read_reviews(jsonl, scheme) == expected
    assert read_reviews(tmp_path / "reviews.csv", scheme) == expected
    assert read_reviews(tmp_path / "reviews.parquet", scheme) == expected


def test_narratives_that_are_not_needed_are_not_kept(scheme: Scheme, tmp_path: Path) -> None:
    without = {name: value for name, value in RECORD.items() if name != "text"}

    assert read_reviews(written(tmp_path, RECORD), scheme, texts=False) == (review(text=""),)
    assert read_reviews(written(tmp_path, without), scheme, texts=False) == (review(text=""),)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"probability": 1.2}, 'field probability: "1.2" is not allowed (expected a number from 0 to 1)'),
        ({"probability": True}, 'field probability: "True" is not allowed (expected a number from 0 to 1)'),
        ({"route": "desk"}, 'field route: "desk" is not allowed (expected auto, review)'),
        ({"class_set": []}, 'field class_set: a value of kind list is no list (expected a list of codes, such as ["B01", "B02"])'),
        ({"class_set": ["b1"]}, 'field class_set: "b1" is no code (expected a list of codes, such as ["B01", "B02"])'),
        ({"reviewer": "Ann"}, 'field reviewer: "Ann" is not allowed (expected a hash of 8 to 64 hexadecimal digits, not a name)'),
        ({"date": "2026-02-30"}, 'field date: "2026-02-30" is not a date (expected YYYY-MM-DD)'),
        ({"review": "reviewed-agreed"}, 'field review: "reviewed-agreed" does not fit the two codes (expected reviewed-changed or adjudicated)'),
        ({"reviewed_code": "B01"}, 'field review: "reviewed-changed" does not fit the two codes (expected reviewed-agreed or adjudicated)'),
        ({"audit": "perhaps"}, 'field audit: "perhaps" is neither true nor false (expected true or false)'),
        ({"weight": 3}, "field weight: a record outside the audit sample has a weight (expected none, or audit true)"),
        ({"audit": True}, "field weight: is empty (expected a number above 0, for the audit sample)"),
        ({"audit": True, "weight": 0}, 'field weight: "0" is not allowed (expected a number above 0, for the audit sample)'),
        ({"text": " "}, "field text: there is no text (expected the record's narrative, in memory only)"),
        ({"text": "x" * 20_001}, "field text: the text has 20,001 characters (expected at most 20,000)"),
    ],
)  # fmt: skip
def test_what_is_refused_names_row_field_value_and_what_was_expected(
    scheme: Scheme, tmp_path: Path, change: dict[str, Any], line: str
) -> None:
    path = written(tmp_path, {**RECORD, "id": "r0"}, {**RECORD, **change})

    with pytest.raises(Refused) as refused:
        read_reviews(path, scheme)

    assert str(refused.value) == f"reviews.jsonl row 2, {line}"


@pytest.mark.parametrize("code", ["B", "B07x", "Q01"])
def test_a_code_that_no_record_can_have_is_refused(scheme: Scheme, tmp_path: Path, code: str) -> None:
    with pytest.raises(Refused, match=f'field reviewed_code: "{code}" is no code of a record'):
        read_reviews(written(tmp_path, {**RECORD, "reviewed_code": code}), scheme)


def test_a_residual_and_a_class_above_the_leaves_are_codes_that_cannot_train(scheme: Scheme, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {**RECORD, "reviewed_code": "B98"},
        {**RECORD, "id": "r2", "reviewed_code": "E03"},
        {**RECORD, "id": "r3"},
    )
    found = read_reviews(path, scheme)

    assert [r.code for r in found] == ["B98", "E03", "B02"]
    assert training_texts(found, scheme).left_out == {"not a leaf": 2}


def test_an_id_is_used_once(scheme: Scheme, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="row 2, field id: the id is used twice"):
        read_reviews(written(tmp_path, RECORD, RECORD), scheme)


def test_no_file_and_no_record_are_refused(scheme: Scheme, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text(",".join(FIELDS) + "\n", encoding="utf-8")

    with pytest.raises(NotFound):
        read_reviews(tmp_path / "none.jsonl", scheme)
    with pytest.raises(Refused, match="the file has no record"):
        read_reviews(tmp_path / "empty.csv", scheme)


@pytest.mark.parametrize("field", [f for f in FIELDS if f not in ("text", "id", "weight")])
@pytest.mark.parametrize("value", [NARRATIVE, [NARRATIVE], {"told": NARRATIVE}])
def test_a_narrative_in_the_wrong_column_is_refused_without_being_shown(
    scheme: Scheme, tmp_path: Path, field: str, value: object
) -> None:
    with pytest.raises(Refused) as refused:
        read_reviews(written(tmp_path, {**RECORD, field: value}), scheme)

    said = f"{refused.value} {json.dumps(refused.value.as_json())}"
    assert (f"field {field}" in said, "Zanzibarquux" in said) == (True, False)


def test_no_value_shows_a_narrative(scheme: Scheme) -> None:
    told = [review(), review(id="r2", audit=True, weight=1.0, text=f"{NARRATIVE} Again.")]
    shown = repr([told, training_texts(told, scheme), audit_texts(told, scheme), calibration_sample(told, scheme)])

    assert "Zanzibarquux" not in shown


def test_a_reviewed_record_becomes_a_text_of_the_corpus(scheme: Scheme) -> None:
    [summary] = training_texts([review()], scheme).texts

    assert summary == Summary(
        id=summary.id, code="B02", secondary=(), language="en", hard=False, reporter="public", writer="reviews", text=NARRATIVE
    )  # fmt: skip
    assert "r1" not in summary.id


def test_audit_records_and_copies_of_their_texts_never_train(scheme: Scheme) -> None:
    copy = review(id="r2", text=NARRATIVE.upper())
    found = training_texts([review(audit=True, weight=2.0), copy, review(id="r3", text="Another story.")], scheme)

    assert [s.text for s in found.texts] == ["Another story."]
    assert found.left_out == {"audit": 2}


def test_of_one_text_the_adjudicated_record_counts_then_the_later(scheme: Scheme) -> None:
    early, late = review(id="a", code="B04"), review(id="b", code="B05", date=date(2026, 4, 1))
    settled = review(id="c", code="B06", outcome="adjudicated", date=date(2026, 1, 1))

    assert [s.code for s in training_texts([late, early], scheme).texts] == ["B05"]
    assert [s.code for s in training_texts([early, settled, late], scheme).texts] == ["B06"]
    assert training_texts([early, settled, late], scheme).left_out == {"repeated": 2}


def test_a_text_in_no_official_language_does_not_train(scheme: Scheme) -> None:
    german = review(language=None, text="Ein Fremder hat meinem Sohn in einem Spiel geschrieben und wollte Bilder.")

    assert training_texts([german], scheme).left_out == {"language": 1}


def test_only_the_audit_sample_calibrates_with_weights_of_mean_one(scheme: Scheme) -> None:
    told = [
        review(),
        review(id="r2", text="one", audit=True, weight=1.0),
        review(id="r3", text="two", audit=True, weight=3.0),
        review(id="r4", text="three", audit=True, weight=9.0, code="B98"),
    ]
    sample = calibration_sample(told, scheme)

    assert (sample.texts, sample.codes, sample.weights) == (("one", "two"), ("B02", "B02"), (0.5, 1.5))
    assert sample.left_out == 1
    with pytest.raises(Refused, match="no record is of the audit sample"):
        calibration_sample([review()], scheme)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=30), st.randoms())
def test_halves_part_the_audit_sample_whatever_its_order(drawn: list[tuple[str, bool]], random: Any) -> None:
    told = [review(id=str(n), text=t, audit=a, weight=1.0 if a else None) for n, (t, a) in enumerate(drawn)]
    mixed = random.sample(told, len(told))
    first, second = halves(told)

    assert sorted(r.id for r in (*first, *second)) == sorted(r.id for r in told if r.audit)
    assert {r.text for r in first} & {r.text for r in second} == set()
    assert [{r.id for r in half} for half in halves(mixed)] == [{r.id for r in first}, {r.id for r in second}]


def test_what_calibrates_is_not_what_compares(scheme: Scheme) -> None:
    texts = [f"story {'x' * n}" for n in range(1, 41)]
    told = [review(id=str(n), text=text, audit=True, weight=1.0) for n, text in enumerate([*texts, *texts])]
    calibrating, comparing = audit_texts(told, scheme), halves(told)[1]

    assert len(calibrating.texts) + len(comparing) == 80
    assert {s.text for s in calibrating.texts} & {r.text for r in comparing} == set()
    assert {s.writer for s in calibrating.texts} == {"audit"}
