"""The words for roles and kinds of organisation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ROLES = {
    "delegate": _("Delegate"),
    "focal_point": _("Focal point"),
    "analyst": _("Analyst"),
    "reviewer": _("Reviewer"),
    "key_custodian": _("Key custodian"),
    "secretariat": _("Secretariat"),
    "chair": _("Chair"),
    "auditor": _("Auditor"),
    "administrator": _("Administrator"),
}
KINDS = {
    "observatory": _("Observatory"),
    "member_state": _("Member State"),
    "sector_member": _("Sector Member"),
    "delegation": _("Delegation"),
    "hotline": _("Hotline"),
    "helpline": _("Helpline"),
}
