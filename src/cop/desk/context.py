"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from cop.desk.middleware import has_second_factor
from cop.desk.rooms import ROOMS
from cop.kernel.languages import OFFICIAL, direction
from cop.vault.members.rules import ANONYMOUS, is_signed_in

AUTONYMS = {"ar": "العربية", "zh": "中文", "en": "English", "fr": "Français", "ru": "Русский", "es": "Español"}
"""Each language's name for itself."""


def page(request: HttpRequest) -> dict[str, Any]:
    """Who acts, the rooms open to that person, the page's language and direction, and the observatory's name."""
    language = getattr(request, "LANGUAGE_CODE", "en")
    actor = getattr(request, "actor", ANONYMOUS)
    inside = actor.id > 0 and has_second_factor(actor.id)
    return {
        "actor": actor,
        "inside": inside,
        "rooms": _rooms(request) if inside and is_signed_in(actor) else [],
        "language": language,
        "languages": [(code, AUTONYMS[code]) for code in OFFICIAL],
        "direction": direction(language),
        "observatory": settings.MFA_TOTP_ISSUER,
    }


def _rooms(request: HttpRequest) -> list[dict[str, Any]]:
    """The rooms whose door the person's posts open, the one that the page stands in marked."""
    actor = getattr(request, "actor", ANONYMOUS)
    found = []
    for room in ROOMS:
        if room.opens(actor):
            address = reverse(room.address)
            found.append({"label": room.label, "address": address, "here": request.path_info.startswith(address)})
    return found
