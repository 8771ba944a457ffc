"""Reports: a file is taken in whole or refused, its rejects kept apart, its place taken by what it says next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.areas import Areas
from cop.kernel.errors import CopError, Refused
from cop.kernel.tables import Row
from cop.vault.reports.schemas import (
    AGE_BANDS,
    CHANNELS,
    FIELDS,
    PLATFORMS,
    REPORTERS,
    SEXES,
    RecordReader,
    ReportRecord,
    Shape,
    check_value,
)

Make = Callable[..., Path]
Inside = Callable[..., Any]
READER = RecordReader(Shape(), Areas({"XAL": "Alpha"}), "a.csv")


# --- a row as a record


def read(**values: object) -> ReportRecord | str:
    """A row as a record, or what is said of it."""
    try:
        return READER.read(Row(7, {"narrative": "A text.", "date": "2025-03-02", **values}))
    except Refused as error:
        return str(error)


def test_a_row_with_nothing_but_a_text_and_a_date_is_a_record() -> None:
    assert read() == ReportRecord(
        row=7, narrative="A text.", date=date(2025, 3, 2), ref="", area="", url="", platform="not_recorded",
        age_band="not_recorded", sex="not_recorded", channel="not_recorded", reporter="not_recorded",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "codes"),
    [("platform", PLATFORMS), ("age_band", AGE_BANDS), ("sex", SEXES), ("channel", CHANNELS), ("reporter", REPORTERS)],
)
def test_every_code_of_a_list_is_accepted_and_no_other_word(field: str, codes: tuple[str, ...]) -> None:
    assert [getattr(read(**{field: code}), field) for code in codes] == list(codes)
    for wrong in ("x", f"{codes[0]} x", f"{codes[0]}, {codes[1]}", "é"):
        assert read(**{field: wrong}) == (
            f'a.csv row 7, field {field}: "{wrong}" is not in the code list (expected {", ".join(codes)})'
        )


@pytest.mark.parametrize("area", ["FRA", "EGY", "XAL", ""])
def test_a_country_or_a_declared_area_is_accepted(area: str) -> None:
    record = read(country=area)

    assert isinstance(record, ReportRecord)
    assert record.area == area


@pytest.mark.parametrize(
    "text", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+CALL(1)", " =HYPERLINK(1)", "-IMPORTXML(x)"]
)
def test_what_a_spreadsheet_would_run_is_refused_in_text_and_reference(text: str) -> None:
    for field in ("narrative", "id"):
        said = read(**{field: text})
        assert isinstance(said, str)
        assert "begins like a spreadsheet formula" in said


@pytest.mark.parametrize(
    "text", ["- he wrote again", "+49 called", "@someone wrote", "1 = one", "-- begin --", "=) she said"]
)
def test_a_text_that_only_begins_with_such_a_sign_is_accepted(text: str) -> None:
    assert isinstance(read(narrative=text), ReportRecord)


def test_a_default_counts_where_a_record_brings_nothing_of_its_own() -> None:
    reader = RecordReader(Shape(defaults={"country": "XAL", "sex": "girl"}), Areas({"XAL": "Alpha"}), "a.csv")
    rows = [{"country": "FRA", "sex": ""}, {"country": None, "sex": "boy"}, {}]
    found = [reader.read(Row(1, {"narrative": "x", "date": "2025-01-01", **r})) for r in rows]

    assert [(r.area, r.sex) for r in found] == [("FRA", "girl"), ("XAL", "boy"), ("XAL", "girl")]


values = (
    st.none() | st.text(max_size=30) | st.integers() | st.floats() | st.booleans() | st.dates() | st.binary(max_size=4)
)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), values, max_size=6))
def test_any_row_is_a_record_or_one_line_that_names_its_place(row: dict[str, object]) -> None:
    try:
        record = READER.read(Row(3, row))
        assert record.narrative
        assert record.platform in PLATFORMS
    except Refused as error:
        assert str(error).startswith("a.csv row 3")
        assert str(error).isprintable()
        assert error.expected


@given(st.sampled_from(FIELDS), st.text(max_size=30))
def test_a_default_is_accepted_exactly_when_a_record_with_that_value_is(name: str, text: str) -> None:
    text = text.strip()
    try:
        check_value(name, text, Areas({"XAL": "Alpha"}))
        accepted = True
    except CopError:
        accepted = False

    assert accepted == isinstance(read(**{name: text}), ReportRecord)


# --- a file in the vault


def take(observatory: Any, files: Any) -> Any:
    """Take these files in, in order, each (name, text, set aside); what became of each, and what the vault holds then."""
    from cop.classification.coder import Coder
    from cop.kernel.errors import CopError
    from cop.kernel.hashing import text_sha256
    from cop.kernel.ledger import check
    from cop.vault.coding.models import Coding
    from cop.vault.registers.operations import FileFacts
    from cop.vault.registers.queries import accepted, events, rejects
    from cop.vault.reports.models import Report
    from cop.vault.reports.operations import Intake, take_in
    from cop.vault.reports.schemas import Shape

    said = []
    for name, text, aside in files:
        path = observatory.folder / name
        path.write_text(text)
        facts = FileFacts("reports", "r", name, text_sha256(text), len(text), text_sha256(text))
        intake = Intake(Shape(), observatory.known_areas, observatory.recipients, aside)
        try:
            taken = take_in(path=path, facts=facts, intake=intake, coder=Coder.load())
            said.append([taken.accepted, taken.rejected])
        except CopError as error:
            said.append(str(error))
    check(events())
    return {
        "said": said,
        "reports": sorted(Report.objects.values_list("register__name", "row", "date", "area")),
        "coded": Coding.objects.count(),
        "sealed": Report.objects.filter(sealed__isnull=False).count(),
        "registers": [(r.name, r.rows, r.rejected) for r in accepted()],
        "rejects": [(r.file, r.row, r.field, r.problem) for r in rejects()],
        "events": [e.kind for e in events()],
    }


HEAD = "narrative,date,country\n"


def test_a_good_file_is_taken_in_row_by_row_and_coded(observatory: Make, inside: Inside, database: str) -> None:
    files = [("a.csv", HEAD + "One.,2025-01-01,XAL\nTwo.,2025-01-02,\n", False)]

    assert inside(observatory(database=database), take, files) == {
        "said": [[2, 0]],
        "reports": [["a.csv", 1, "2025-01-01", "XAL"], ["a.csv", 2, "2025-01-02", ""]],
        "coded": 2,
        "sealed": 0,
        "registers": [["a.csv", 2, 0]],
        "rejects": [],
        "events": ["register.accepted"],
    }


BAD = HEAD + "One.,2025-01-01,XAL\nTwo.,never,XAL\nThree.,2025-01-03,ZZZ\nFour.,2025-01-04\n"


def test_a_bad_file_is_refused_whole_and_its_rows_stand_in_the_rejects(
    observatory: Make, inside: Inside, database: str
) -> None:
    assert inside(observatory(database=database), take, [("a.csv", BAD, False)]) == {
        "said": [
            'a.csv row 2, field date: "never" is not a date (expected YYYY-MM-DD); '
            "the file is refused, 3 rows of 4 in the rejects table"
        ],
        "reports": [],
        "coded": 0,
        "sealed": 0,
        "registers": [],
        "rejects": [
            ["a.csv", 2, "date", "is not a date"],
            ["a.csv", 3, "country", "is no known country"],
            ["a.csv", 4, "", "the record has 2 fields"],
        ],
        "events": ["register.refused"],
    }


def test_the_good_rows_of_a_bad_file_are_taken_in_where_that_is_asked_for(
    observatory: Make, inside: Inside, database: str
) -> None:
    found = inside(observatory(database=database), take, [("a.csv", BAD, True)])

    assert found["said"] == [[1, 3]]
    assert found["reports"] == [["a.csv", 1, "2025-01-01", "XAL"]]
    assert found["registers"] == [["a.csv", 4, 3]]
    assert [r[1] for r in found["rejects"]] == [2, 3, 4]


def test_a_changed_file_takes_the_place_of_what_it_said_before(
    observatory: Make, inside: Inside, database: str
) -> None:
    one, two = HEAD + "One.,2025-01-01,XAL\nTwo.,2025-01-02,XAL\n", HEAD + "Three.,2025-01-03,XAL\n"
    files = [
        ("a.csv", one, False),
        ("b.csv", one, False),
        ("a.csv", two, False),
        ("a.csv", two, False),
        ("b.csv", BAD, False),
    ]
    found = inside(observatory(database=database), take, files)

    assert found["said"][:4] == [[2, 0], [2, 0], [1, 0], [0, 0]]
    assert found["reports"] == [["a.csv", 1, "2025-01-03", "XAL"]]
    assert (found["coded"], found["registers"]) == (1, [["a.csv", 1, 0]])
    assert found["events"] == [*["register.accepted"] * 3, "register.refused"]


def test_what_failed_half_way_leaves_nothing(observatory: Make, inside: Inside, database: str) -> None:
    def work(observatory: Any) -> Any:
        """The disk goes while the second batch is stored."""
        from django.db import connection

        from cop.classification.coder import Coder
        from cop.vault.registers.operations import FileFacts
        from cop.vault.registers.queries import all_files, events
        from cop.vault.reports.models import Report
        from cop.vault.reports.operations import Intake, take_in
        from cop.vault.reports.schemas import Shape

        path = observatory.folder / "a.csv"
        path.write_text("narrative,date\n" + "One.,2025-01-01\n" * 2500)

        def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith("INSERT") and "reports_report" in sql and Report.objects.count():
                raise OSError("no space left on device")
            return execute(sql, params, many, context)

        intake = Intake(Shape(), observatory.known_areas, observatory.recipients, False)
        try:
            with connection.execute_wrapper(fail):
                take_in(
                    path=path, facts=FileFacts("reports", "r", "a.csv", "0", 1, "k"), intake=intake, coder=Coder.load()
                )
        except OSError as error:
            return [str(error), Report.objects.count(), all_files(), [e.kind for e in events()]]
        return None

    assert inside(observatory(database=database), work) == ["no space left on device", 0, [], []]
