"""That reviewed records left the vault as a file: what the ledger keeps of it."""

from __future__ import annotations

from django.db import transaction

from cop.vault.coding.rules import may_export
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event


@transaction.atomic
def record_export(*, actor: Actor, organisation: int, records: int, opened_by: int | None) -> None:
    """Enter that reviewed records were exported, and whose key opened their texts (None: they went without).

    Effects: one event `coding.exported`.
    """
    allow(may_export(actor), actor, "export reviewed records", expected="`cop coding export`")
    by: dict[str, object] = {} if opened_by is None else {"opened_by": opened_by}
    record_event(
        kind="coding.exported",
        subject=f"organisation/{organisation}",
        details={"program": actor.program, "records": records, "texts": opened_by is not None, **by},
    )
