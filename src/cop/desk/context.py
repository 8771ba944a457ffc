"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from cop.vault.members.rules import ANONYMOUS


def page(request: HttpRequest) -> dict[str, Any]:
    """Who acts, the page's language and direction, and the observatory's name."""
    language = getattr(request, "LANGUAGE_CODE", "en")
    return {
        "actor": getattr(request, "actor", ANONYMOUS),
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "observatory": settings.MFA_TOTP_ISSUER,
    }
