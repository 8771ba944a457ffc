"""No act is changed or removed: the database refuses it, whoever asks."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

_SQLITE = """CREATE TRIGGER providers_act_{verb} BEFORE {verb} ON providers_act
BEGIN SELECT RAISE(ABORT, 'acts are never changed'); END"""
_FUNCTION = """CREATE FUNCTION providers_act_stays() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'acts are never changed' USING ERRCODE = 'check_violation'; END$$"""
_POSTGRES = """CREATE TRIGGER providers_act_{verb} BEFORE {verb} ON providers_act
FOR EACH ROW EXECUTE FUNCTION providers_act_stays()"""


def forwards(_: Any, editor: Any) -> None:  # noqa: ANN401 - Django's
    """Add the triggers of this kind of database."""
    postgres = editor.connection.vendor == "postgresql"
    if postgres:
        editor.execute(_FUNCTION)
    for verb in ("UPDATE", "DELETE"):
        editor.execute((_POSTGRES if postgres else _SQLITE).format(verb=verb))


def backwards(_: Any, editor: Any) -> None:  # noqa: ANN401 - Django's
    """Take them away."""
    postgres = editor.connection.vendor == "postgresql"
    for verb in ("UPDATE", "DELETE"):
        editor.execute(f"DROP TRIGGER providers_act_{verb}{' ON providers_act' if postgres else ''}")
    if postgres:
        editor.execute("DROP FUNCTION providers_act_stays()")


class Migration(migrations.Migration):
    """After the table of acts is there."""

    dependencies: ClassVar = [("providers", "0002_acts")]
    operations: ClassVar = [migrations.RunPython(forwards, backwards)]
