"""The only writer of organisations, people, posts, invitations and tokens, each where it belongs.

Events name people and organisations by their numbers: the ledger holds no name and no address.
"""

from __future__ import annotations

from cop.vault.members.operations.invitations import INVITATION_DAYS, accept_invitation, invite, withdraw_invitation
from cop.vault.members.operations.organisations import add_organisation, close_organisation, rename_organisation
from cop.vault.members.operations.people import add_post, deactivate, remove_post, set_language
from cop.vault.members.operations.tokens import issue_token, note_use, revoke_token

__all__ = [
    "INVITATION_DAYS",
    "accept_invitation",
    "add_organisation",
    "add_post",
    "close_organisation",
    "deactivate",
    "invite",
    "issue_token",
    "note_use",
    "remove_post",
    "rename_organisation",
    "revoke_token",
    "set_language",
    "withdraw_invitation",
]
