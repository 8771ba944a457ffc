"""No entry of a history and no observation is changed: the database refuses it. They go with their case alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

TABLES = ("cases_change", "cases_observation")
_SQLITE = """CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'histories are never changed'); END"""
_FUNCTION = """CREATE FUNCTION cases_history_stays() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'histories are never changed' USING ERRCODE = 'check_violation'; END$$"""
_POSTGRES = """CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION cases_history_stays()"""


def forwards(_: Any, editor: Any) -> None:  # noqa: ANN401 - Django's
    """Add the triggers of this kind of database."""
    postgres = editor.connection.vendor == "postgresql"
    if postgres:
        editor.execute(_FUNCTION)
    for table in TABLES:
        editor.execute((_POSTGRES if postgres else _SQLITE).format(table=table))


def backwards(_: Any, editor: Any) -> None:  # noqa: ANN401 - Django's
    """Take them away."""
    postgres = editor.connection.vendor == "postgresql"
    for table in TABLES:
        editor.execute(f"DROP TRIGGER {table}_stays{f' ON {table}' if postgres else ''}")
    if postgres:
        editor.execute("DROP FUNCTION cases_history_stays()")


class Migration(migrations.Migration):
    """After the tables are there."""

    dependencies: ClassVar = [("cases", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(forwards, backwards)]
