"""A holder's private key, open within the holder's own requests and nowhere else.

The passphrase opens it once. From then on it lies encrypted in the session, under a random key that only a cookie
holds: neither what the server stores nor what the browser keeps opens anything alone. Eight hours, signing out, or the
button that locks end it.
"""

from __future__ import annotations

import base64
import time
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _later
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey
from nacl.secret import SecretBox
from nacl.utils import random

from cop.desk.middleware import STATUS, Answer, DeskRequest, View
from cop.kernel.errors import CopError, NotAllowed, NotFound, TooMuch, Unavailable
from cop.vault.members.keys import key_state, open_key_of

COOKIE = "cop_unlock"
PASSPHRASE = "cop_passphrase"  # noqa: S105 - the name of a field
HOURS = 8
_BOX, _UNTIL, _WHOSE = "unlock_box", "unlock_until", "unlock_whose"
_SAFE = {"GET", "HEAD", "OPTIONS"}

WORDS = (
    _later("the passphrase does not open this key"),
    _later("too many passphrases were tried"),
    _later("too many keys are being opened at this moment"),
    _later("you have no key"),
)
"""What may go wrong here, in the words of the vault, for translation."""


def private_key_of(request: HttpRequest) -> PrivateKey | None:
    """The private key of whoever asks, if it is unlocked; None where it is locked, out of time, or another's."""
    cookie, box = request.COOKIES.get(COOKIE), request.session.get(_BOX)
    if not cookie or not box or not request.user.is_authenticated:
        return None
    if request.session.get(_WHOSE) != request.user.pk or request.session.get(_UNTIL, 0) <= time.time():
        return None
    try:
        opened = SecretBox(base64.urlsafe_b64decode(cookie)).decrypt(base64.b64decode(box))
        return PrivateKey(opened)
    except (CryptoError, ValueError, TypeError):  # an old or foreign cookie: locked
        return None


def needs_key(view: View) -> View:
    """A view for people whose key is unlocked; `private_key_of(request)` is not None in it.

    A locked GET goes to the page that unlocks, and comes back. What was posted is not lost: the page that unlocks
    carries its fields, and the same request goes on once the passphrase was right.
    """

    @sensitive_post_parameters(PASSPHRASE)
    @wraps(view)
    def unlocked(request: DeskRequest, *args: object, **kwargs: object) -> HttpResponse:
        if private_key_of(request) is not None:
            return view(request, *args, **kwargs)
        if request.method in _SAFE:
            return HttpResponseRedirect(f"{reverse('unlock')}?{urlencode({'next': request.get_full_path()})}")
        if PASSPHRASE not in request.POST:
            return _page(request, carried=_fields(request))
        error = _try(request)
        if error is not None:
            return _page(request, error, carried=_fields(request))
        response = view(request, *args, **kwargs)
        _give_cookie(request, response)
        return response

    return unlocked


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(PASSPHRASE)
def unlock(request: DeskRequest) -> HttpResponse:
    """The page that asks for the passphrase."""
    back = _back(request)
    if request.method != "POST":
        return HttpResponseRedirect(back) if private_key_of(request) is not None else _page(request, back=back)
    error = _try(request)
    if error is not None:
        return _page(request, error, back=back)
    response = HttpResponseRedirect(back)
    _give_cookie(request, response)
    return response


@require_POST
def lock(request: DeskRequest) -> HttpResponse:
    """Lock the key now."""
    forget(request)
    return HttpResponseRedirect(reverse("home"))


def forget(request: HttpRequest) -> None:
    """Lock the key; the answer's cookie goes with it (`Locking`)."""
    for name in (_BOX, _UNTIL, _WHOSE):
        request.session.pop(name, None)


class Locking:
    """Takes the cookie away once there is nothing left that it opens: after signing out, locking, or eight hours."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if COOKIE in request.COOKIES and COOKIE not in response.cookies:
            if request.session.get(_UNTIL, 0) <= time.time():
                forget(request)
            if not request.session.get(_BOX):
                response.delete_cookie(COOKIE, path="/desk/", samesite="Strict")
        return response


@sensitive_variables("passphrase", "private")
def _try(request: DeskRequest) -> CopError | None:
    """Open the key with the posted passphrase and keep it in the session; what went wrong, if it did."""
    passphrase = request.POST.get(PASSPHRASE, "")
    try:
        private = open_key_of(actor=request.actor, passphrase=passphrase)
    except (NotAllowed, NotFound, TooMuch, Unavailable) as error:
        return error
    key = random(SecretBox.KEY_SIZE)
    request.session[_BOX] = base64.b64encode(SecretBox(key).encrypt(bytes(private))).decode()
    request.session[_UNTIL] = int(time.time()) + HOURS * 3600
    request.session[_WHOSE] = request.user.pk
    request.COOKIES[COOKIE] = base64.urlsafe_b64encode(key).decode()  # this same request may use it
    return None


def _give_cookie(request: DeskRequest, response: HttpResponse) -> None:
    response.set_cookie(
        COOKIE,
        request.COOKIES[COOKIE],
        max_age=HOURS * 3600,
        path="/desk/",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Strict",
    )
    patch_vary_headers(response, ["Cookie"])


def _page(
    request: DeskRequest, error: CopError | None = None, *, back: str = "", carried: list[tuple[str, str]] | None = None
) -> HttpResponse:
    facts: dict[str, Any] = {
        "has_key": key_state(request.actor) is not None,
        "field": PASSPHRASE,
        "hours": HOURS,
        "action": reverse("unlock") if carried is None else request.get_full_path(),
        "next": back,
        "carried": carried or [],
        "is_carried": carried is not None,
        "problem": gettext(error.problem) if error else "",
    }
    status = STATUS.get(type(error), 403) if error else (200 if carried is None else 403)
    return render(request, "desk/unlock.html", facts, status=status)


def _fields(request: DeskRequest) -> list[tuple[str, str]]:
    left_out = {PASSPHRASE, "csrfmiddlewaretoken"}
    return [(name, value) for name, values in request.POST.lists() if name not in left_out for value in values]


def _back(request: DeskRequest) -> str:
    """Where to go once it is open: a page of the desk, wherever the address says."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours and wanted.startswith("/desk/") else reverse("home")
