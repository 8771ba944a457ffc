"""No decision is changed: the database refuses it, whoever asks. Decisions go only with their record (retention)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

_SQLITE = """CREATE TRIGGER coding_decision_update BEFORE UPDATE ON coding_decision
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END"""
_FUNCTION = """CREATE FUNCTION coding_decision_stays() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'decisions are never changed' USING ERRCODE = 'check_violation'; END$$"""
_POSTGRES = """CREATE TRIGGER coding_decision_update BEFORE UPDATE ON coding_decision
FOR EACH ROW EXECUTE FUNCTION coding_decision_stays()"""


def forwards(_: Any, editor: Any) -> None:  # noqa: ANN401 - Django's
    """Add the trigger of this kind of database."""
    if editor.connection.vendor == "postgresql":
        editor.execute(_FUNCTION)
        editor.execute(_POSTGRES)
    else:
        editor.execute(_SQLITE)


def backwards(_: Any, editor: Any) -> None:  # noqa: ANN401 - Django's
    """Take it away."""
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP TRIGGER coding_decision_update ON coding_decision")
        editor.execute("DROP FUNCTION coding_decision_stays()")
    else:
        editor.execute("DROP TRIGGER coding_decision_update")


class Migration(migrations.Migration):
    """After the table of decisions is there."""

    dependencies: ClassVar = [("coding", "0002_desk")]
    operations: ClassVar = [migrations.RunPython(forwards, backwards)]
