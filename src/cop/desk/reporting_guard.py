"""What guards the pages of those who report: no cookie, no cache, no page of somebody else behind it, no flood.

A form carries a sealed note of its own that we made it within the last day, instead of a cookie; the browser's word on
where a post comes from is heard as well. The note's number makes a second press of the button the same report.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from cop.desk.middleware import DeskRequest
from cop.kernel.errors import NotAllowed, TooMuch
from cop.kernel.languages import OFFICIAL
from cop.vault.members import throttle

_SALT: Final = "cop report form"
_DAY: Final = 24 * 3600
_TRIES, _SPAN = 60, 600
"""Receipts that may be tried from one address in ten minutes: a class behind one address, not a machine."""

P = ParamSpec("P")
View = Callable[Concatenate[DeskRequest, P], HttpResponse]


def new_note() -> str:
    """A note that a form carries."""
    return signing.dumps(secrets.token_hex(16), salt=_SALT)


def number_of(note: str) -> str | None:
    """The number in a note of ours; None where it is not ours or older than a day."""
    try:
        return str(signing.loads(note, salt=_SALT, max_age=_DAY))
    except signing.BadSignature:
        return None


def public_page(view: View[P]) -> View[P]:
    """A page of the public door: in one of the six languages, never kept by anybody, posted from here alone."""

    @wraps(view)
    def guarded(request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if kwargs.get("language") not in OFFICIAL:
            raise Http404
        if request.method == "POST":
            _from_here(request)
        response = view(request, *args, **kwargs)
        # not "no-referrer": browsers would say of our own forms that they come from nowhere
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    hidden: Any = sensitive_post_parameters()(csrf_exempt(guarded))  # no cookie: `_from_here` and the note instead
    return hidden  # type: ignore[no-any-return]


def _from_here(request: HttpRequest) -> None:
    origin = request.headers.get("Origin", "")
    said = request.headers.get("Sec-Fetch-Site", "")
    elsewhere = origin not in ("", "null") and urlsplit(origin).netloc != request.get_host()
    if elsewhere or said in ("cross-site", "same-site"):
        raise NotAllowed("this form was sent from a page of somebody else", expected="the form on this site")


def count_report(request: HttpRequest) -> None:
    """Let a report pass, or ask to wait; a school behind one address is no flood.

    Raises:
        TooMuch: more came from this address within a minute than the observatory takes.
    """
    if not throttle.allow(f"report:{_address(request)}", limit=settings.DESK.reports_per_minute, seconds=60):
        raise TooMuch("very many reports came from this network in the last minute", expected="to wait a minute")


def count_try(request: HttpRequest) -> None:
    """Let somebody hold up a receipt, or ask to wait.

    Raises:
        TooMuch: very many were tried from this address.
    """
    if not throttle.allow(f"receipt:{_address(request)}", limit=_TRIES, seconds=_SPAN):
        raise TooMuch("very many receipts were tried from this network", expected="to wait ten minutes")


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
