"""Correspondences as SSSOM: the standard's own parser and validator accept them and give back what was said."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml

from cop.classification.exports.files import Source, make
from cop.classification.exports.sssom import COLUMNS, sssom

# sssom sets an option that its pandas no longer wants, and its parser and linkml warn of their own
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def standard() -> Any:
    """`sssom.parsers` and `sssom.validators`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sssom import parsers, validators
    return parsers, validators


def test_the_standard_accepts_every_table(
    real: Source, standard: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parsers, validators = standard
    for table in real.correspondences:
        path = tmp_path / f"{table.target}.sssom.tsv"
        path.write_text(sssom(real.scheme, table), encoding="utf-8")
        read = parsers.parse_sssom_table(path)  # its `strict` refuses heads without an unknown field (0.4.21)
        reports = validators.validate(read, fail_on_error=True)

        assert [r.results for r in reports.values()] == [[]] * len(reports)
        assert {(r.subject_id, r.predicate_id, r.object_id, r.confidence) for r in read.df.itertuples()} == {
            (f"cotc:{m.code}", f"skos:{m.predicate}Match", f"{table.prefix}:{m.term.id}", m.confidence)
            for m in table.matches
        }
    assert [r.getMessage() for r in caplog.records if "non-standard" in r.getMessage()] == []


def test_the_standard_refuses_what_is_no_mapping(real: Source, standard: Any, tmp_path: Path) -> None:
    parsers, validators = standard
    path = tmp_path / "bad.sssom.tsv"
    path.write_text(sssom(real.scheme, real.correspondences[0]).replace("\t0.8\t", "\t8\t"), encoding="utf-8")

    with pytest.raises(Exception, match=r"maximum|validation error"):
        validators.validate(parsers.parse_sssom_table(path), fail_on_error=True)


def test_the_head_says_whose_which_and_when(small: Source) -> None:
    lines = sssom(small.scheme, small.correspondences[0]).splitlines()
    head = yaml.safe_load("\n".join(line[2:] for line in lines if line.startswith("# ")))

    assert head["mapping_set_id"] == "urn:cop-observatory:threats:2.3:to:other"
    assert (head["subject_source_version"], head["object_source_version"]) == ("2.3", "1")
    assert (str(head["mapping_date"]), head["creator_label"]) == ("2026-11-27", ["COP Observatory"])
    assert set(head["curie_map"]) == {"cotc", "other", "semapv", "skos"}
    assert "CC BY 4.0; Someone" in head["mapping_set_description"]


def test_rows_are_in_order_with_weights_in_words_and_no_label_where_none_is_known(small: Source) -> None:
    lines = [r.split("\t") for r in sssom(small.scheme, small.correspondences[0]).splitlines() if not r.startswith("#")]
    rows = [dict(zip(lines[0], r, strict=True)) for r in lines[1:]]

    assert tuple(lines[0]) == COLUMNS
    assert [(r["subject_id"], r["object_id"], r["object_label"], r["comment"]) for r in rows] == [
        ("cotc:A01", "other:t.one", "One", ""),
        ("cotc:A021", "other:t.one", "One", "wider"),
        ("cotc:A022", "other:three", "", "Weight 0.7."),
        ("cotc:A022", "other:two", "Two", "Weight 0.3."),
        ("cotc:B01", "other:two", "Two", ""),
    ]


def test_a_table_that_is_not_to_be_published_is_left_out(small: Source, real: Source) -> None:
    assert list(make("sssom", small)) == ["sssom/other.sssom.tsv"]
    assert "sssom/iccs.sssom.tsv" not in make("sssom", real)
