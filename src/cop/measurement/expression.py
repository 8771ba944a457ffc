"""Conditions and small formulas over columns, as a survey description writes them: `qn24 = 1 AND age BETWEEN 9 AND 17`.

The text is parsed by DuckDB's own parser and nothing is run: from its syntax tree only the nodes named here are taken
over (columns, literals, comparisons, AND, OR, NOT, IN, BETWEEN, IS NULL, CASE, COALESCE, + - * / %). Whatever else the
parser knows (functions, sub-queries, casts, parameters, lambdas) is refused, so that a description can neither read a
file nor call anything. The tree is rendered again for each engine, with every name quoted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import duckdb

from cop.kernel.errors import Refused, Where, shown

MAX_LENGTH = 4_000
MAX_DEPTH = 60
_ALLOWED = "columns, numbers, texts, = <> < <= > >=, AND, OR, NOT, IN, BETWEEN, IS NULL, CASE, COALESCE, + - * / %"
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_COMPARISONS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its exact name."""

    name: str

    def sql(self, quote: str = '"') -> str:
        return f"{quote}{self.name.replace(quote, quote * 2)}{quote}"


@dataclass(frozen=True, slots=True)
class Literal:
    """A number (its text as written), a text, true, false or NULL."""

    text: str
    kind: str = "number"

    def sql(self, quote: str = '"') -> str:
        del quote
        return "'" + self.text.replace("'", "''") + "'" if self.kind == "text" else self.text


@dataclass(frozen=True, slots=True)
class Call:
    """One of the operators this language has, with its operands.

    `op` is a comparison, an arithmetic sign, or one of and, or, not, in, not in, between, not between, is null,
    is not null, case (condition, value, ..., otherwise), coalesce.
    """

    op: str
    args: tuple[Expression, ...]

    def sql(self, quote: str = '"') -> str:
        args = [arg.sql(quote) for arg in self.args]
        return f"({_render(self.op, args)})"


Expression = Column | Literal | Call

ONE = Literal("1")
NULL = Literal("NULL", "null")
_PREDICATES = frozenset(
    {"and", "or", "not", "in", "not in", "between", "not between", "is null", "is not null", *_COMPARISONS.values()}
)


def _render(op: str, args: list[str]) -> str:  # noqa: PLR0911 - one line per operator
    match op:
        case "and" | "or":
            return f" {op.upper()} ".join(args)
        case "not":
            return f"NOT {args[0]}"
        case "in" | "not in":
            return f"{args[0]} {op.upper()} ({', '.join(args[1:])})"
        case "between" | "not between":
            return f"{args[0]} {op.upper()} {args[1]} AND {args[2]}"
        case "is null" | "is not null":
            return f"{args[0]} {op.upper()}"
        case "case":
            whens = "".join(f" WHEN {c} THEN {v}" for c, v in zip(args[0:-1:2], args[1:-1:2], strict=True))
            return f"CASE{whens} ELSE {args[-1]} END"
        case "coalesce":
            return f"COALESCE({', '.join(args)})"
        case "negate":
            return f"- {args[0]}"
        case "/" | "%":
            # engines disagree about division by zero: here it has no value
            return f"{args[0]} {op} NULLIF({args[1]}, 0)"
        case _:
            return f" {op} ".join(args)


def columns(expression: Expression) -> Iterator[str]:
    """The names of all columns in the expression, in order of appearance, repeats included."""
    match expression:
        case Column(name):
            yield name
        case Call(_, args):
            for arg in args:
                yield from columns(arg)
        case Literal():
            return


def is_predicate(expression: Expression) -> bool:
    """Whether the value is true, false or unknown whatever the types of the columns are."""
    match expression:
        case Call(op, args) if op == "case":
            return all(is_predicate(value) for value in (*args[1:-1:2], args[-1]))
        case Call(op, _):
            return op in _PREDICATES
        case Literal(_, kind):
            return kind in {"boolean", "null"}
        case Column():
            return False


def all_of(*conditions: Expression | None) -> Expression | None:
    """The conjunction of those that are given; None when none is."""
    given = [condition for condition in conditions if condition is not None]
    if not given:
        return None
    return given[0] if len(given) == 1 else Call("and", tuple(given))


def when(condition: Expression | None, value: Expression, otherwise: Expression = NULL) -> Expression:
    """The value where the condition is true, else the other one."""
    return value if condition is None else Call("case", (condition, value, otherwise))


def times(first: Expression, *others: Expression) -> Expression:
    """The product of the factors."""
    return Call("*", (first, *others)) if others else first


def parse(text: str, *, where: Where | None = None) -> Expression:
    """Read an expression.

    Args:
        text: at most 4,000 characters.
        where: the place the text comes from, for the message.

    Raises:
        Refused: not an expression, or one with anything but the operators of this language.
    """
    if not text.strip() or len(text) > MAX_LENGTH:
        raise Refused("the expression is empty or too long", where=where, expected=f"1 to {MAX_LENGTH} characters")
    if "\x00" in text:
        raise Refused(f"{shown(text)} holds a NUL character", where=where, expected=_ALLOWED)
    found = _parsed(text)
    if isinstance(found, str):
        raise Refused(f"{shown(text)} {found}", where=where, expected=_ALLOWED)
    return found


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """One database in memory that never holds anything: opening one a text costs a hundred times the parsing."""
    return duckdb.connect(config={"threads": 1, "enable_external_access": False})


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Expression | str:
    """The expression, or what is wrong with it."""
    with _parser().cursor() as cursor:
        row = cursor.execute("SELECT json_serialize_sql(?::VARCHAR)", [f"SELECT ({text}\n)"]).fetchone()
    answer: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    statements = answer.get("statements", [])
    if answer.get("error") or len(statements) != 1:
        return f"is not an expression: {str(answer.get('error_message', 'cannot be read')).splitlines()[0]}"
    node: dict[str, Any] = statements[0]["node"]
    picked: list[dict[str, Any]] = node.get("select_list", [])
    plain = node.get("from_table", {}).get("type") == "EMPTY" and not node.get("where_clause")
    if len(picked) != 1 or not plain or node.get("modifiers") or node.get("cte_map", {}).get("map"):
        return "is more than one expression"
    try:
        return _taken(picked[0], MAX_DEPTH)
    except _NotAllowed as error:
        return f"has {error}, which is not allowed"


class _NotAllowed(Exception):
    """A node outside the language; its text says which."""


def _taken(node: dict[str, Any], room: int) -> Expression:  # noqa: PLR0911 - one line per kind of node
    if room == 0:
        raise _NotAllowed(f"more than {MAX_DEPTH} levels")
    if node.get("alias"):
        raise _NotAllowed("a name given with AS")
    match node["class"]:
        case "COLUMN_REF":
            names = node["column_names"]
            if len(names) != 1:
                raise _NotAllowed(f'"{".".join(names)}" (a column with a dot in its name goes between double quotes)')
            return Column(names[0])
        case "CONSTANT":
            return _literal(node["literal"])
        case "COMPARISON" if node["type"] in _COMPARISONS:
            return Call(_COMPARISONS[node["type"]], (_taken(node["left"], room - 1), _taken(node["right"], room - 1)))
        case "CONJUNCTION":
            op = "and" if node["type"] == "CONJUNCTION_AND" else "or"
            return Call(op, tuple(_taken(child, room - 1) for child in node["children"]))
        case "BETWEEN":
            op = "not between" if node["type"] == "COMPARE_NOT_BETWEEN" else "between"
            return Call(op, tuple(_taken(node[part], room - 1) for part in ("input", "lower", "upper")))
        case "OPERATOR":
            return _operator(node, room)
        case "CASE":
            parts = [
                _taken(check[part], room - 1) for check in node["case_checks"] for part in ("when_expr", "then_expr")
            ]
            otherwise = node.get("else_expr")
            return Call("case", (*parts, _taken(otherwise, room - 1) if otherwise else NULL))
        case "FUNCTION":
            return _arithmetic(node, room)
        case other:
            raise _NotAllowed(f"{str(node.get('type', other)).lower().replace('_', ' ')}")


def _operator(node: dict[str, Any], room: int) -> Expression:
    names = {
        "OPERATOR_NOT": "not",
        "COMPARE_IN": "in",
        "COMPARE_NOT_IN": "not in",
        "OPERATOR_IS_NULL": "is null",
        "OPERATOR_IS_NOT_NULL": "is not null",
        "OPERATOR_COALESCE": "coalesce",
    }
    if node["type"] not in names:
        raise _NotAllowed(f"{node['type'].lower().replace('_', ' ')}")
    return Call(names[node["type"]], tuple(_taken(child, room - 1) for child in node["children"]))


def _arithmetic(node: dict[str, Any], room: int) -> Expression:
    name: str = node["function_name"]
    if not node.get("is_operator") or name not in _ARITHMETIC or node.get("filter") or node.get("schema"):
        raise _NotAllowed(f'the function "{name}"')
    args = tuple(_taken(argument["expression"], room - 1) for argument in node["arguments"])
    if len(args) == 1 and name == "-":
        return Call("negate", args)
    if len(args) != 2:
        raise _NotAllowed(f'"{name}" with {len(args)} operands')
    return Call(name, args)


def _literal(literal: dict[str, Any]) -> Literal:
    kind, text = literal["kind"], literal["text"]
    match kind:
        case "INTEGER" | "NUMERIC" if _NUMBER.fullmatch(text):
            return Literal(text)
        case "STRING":
            return Literal(text, "text")
        case "BOOLEAN":
            return Literal("TRUE" if str(text).lower() == "true" else "FALSE", "boolean")
        case "NULL_LITERAL":
            return NULL
        case _:
            raise _NotAllowed(f"a {kind.lower()} literal")
