from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import Refused
from cop.measurement.expression import Column, columns, is_predicate, parse

ATTEMPTS = [
    "read_text('/etc/passwd')", "read_csv('x.csv')", "getenv('HOME')", "(SELECT 1)", "a IN (SELECT b FROM c)",
    "EXISTS (SELECT 1)", "1) FROM read_text('/etc/passwd') --", "1; DROP TABLE x", "a::INTEGER", "CAST(a AS DATE)",
    "a LIKE 'x%'", "a || b", "a ** 2", "$1", "?", "*", "a, b", "a AS b", "[1, 2]", "{'a': 1}", "lambda x: x", "a[1]",
    "t.a", "now()", "sum(a)", "row_number() OVER ()", "a COLLATE nocase", "INTERVAL 1 DAY", "DATE '2025-01-01'",
    "COPY x TO 'y'", "pragma_version()", "a = ANY (SELECT 1)", "", "   ", "a\x00b", "a =", "'open", "1 FROM x", "not " * 100 + "a",
    "(" * 3000 + "a" + ")" * 3000, "a" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", ATTEMPTS)
def test_what_is_not_in_the_language_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse(text)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("qn24 = 1 AND age BETWEEN 9 AND 17", '(("qn24" = 1) AND ("age" BETWEEN 9 AND 17))'),
        ("NOT a IN (1, 2) OR b IS NULL", '((NOT ("a" IN (1, 2))) OR ("b" IS NULL))'),
        ("\"sch.wide\" = 'Yes'", "(\"sch.wide\" = 'Yes')"),
        ("CASE WHEN a < 12 THEN '9-11' ELSE 'it''s' END", "(CASE WHEN (\"a\" < 12) THEN '9-11' ELSE 'it''s' END)"),
        ("-a * 2 + 1.5", '(((- "a") * 2) + 1.5)'),
        ("a / b", '("a" / NULLIF("b", 0))'),
        ("COALESCE(a, 0) <> -1", '((COALESCE("a", 0)) <> -1)'),
    ],
)
def test_an_expression_is_rendered_with_every_name_quoted(text: str, sql: str) -> None:
    assert parse(text).sql() == sql


def test_another_engine_quotes_in_its_own_way() -> None:
    assert Column('a`b"c').sql("`") == '`a``b"c`'
    assert Column('a`b"c').sql() == '"a`b""c"'


def test_columns_are_told_in_order() -> None:
    assert list(columns(parse("a = 1 OR b IN (c, 2)"))) == ["a", "b", "c"]


def test_only_what_is_true_or_false_is_a_predicate() -> None:
    found = {text: is_predicate(parse(text)) for text in ("a = 1", "NOT a", "a + 1", "a", "CASE WHEN a THEN b = 1 END")}

    assert found == {"a = 1": True, "NOT a": True, "a + 1": False, "a": False, "CASE WHEN a THEN b = 1 END": True}


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        parsed = parse(text)
    except Refused:
        return
    with duckdb.connect() as connection:
        row = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [f"SELECT {parsed.sql()}"]).fetchone()
    assert row is not None
    assert '"error":false' in row[0]


@given(st.text(max_size=30).filter(lambda text: "\x00" not in text), st.integers(-99, 99))
def test_a_text_and_a_number_come_out_as_they_went_in(text: str, number: int) -> None:
    quoted = text.replace("'", "''")
    rendered = [parse(f"'{quoted}'").sql(), parse(f"{number} + 0").sql()]
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {', '.join(rendered)}").fetchone()

    assert row == (text, number)
