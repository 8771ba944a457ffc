"""The rooms of the desk and to whom each opens: what the head of every page lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.vault.members.rules import DESK_ROLES, Actor, Role, may_read_ledger
from cop.vault.providers.seeing import opens as opens_providers


@dataclass(frozen=True, slots=True)
class Room:
    """A room: its name, the name of its first page's address, and who finds something to do there.

    What a person may do in it is asked of the rules again by every operation and query.
    """

    label: str | Promise
    address: str
    opens: Callable[[Actor], bool]


def _to(*roles: Role) -> Callable[[Actor], bool]:
    return lambda actor: actor.anywhere(*roles)


ROOMS: Final = (
    Room(_("Queue"), "queue", _to("analyst", "reviewer")),
    Room(_("Reports"), "reports", _to(*DESK_ROLES)),
    Room(_("Cases"), "cases", _to(*DESK_ROLES)),
    Room(_("Audit"), "audit", _to("reviewer", "auditor")),
    Room(_("Providers"), "providers", opens_providers),
    Room(_("People"), "people", _to("administrator", "focal_point")),
    Room(_("Ledger"), "ledger", may_read_ledger),
    Room(_("Keys"), "keys", _to(*DESK_ROLES)),
)
