"""What happens to every request of the desk: its language, who acts, and one shape for whatever goes wrong."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation

from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused, TooMuch, Unavailable
from cop.kernel.languages import OFFICIAL
from cop.vault.members.queries import actor_of
from cop.vault.members.rules import Actor

STATUS: dict[type[CopError], HTTPStatus] = {
    Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    TooMuch: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

LANGUAGE_COOKIE = "cop_language"
FRAMEWORK = {"zh": "zh-hans"}
"""Languages that Django calls otherwise than we do."""

Answer = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]


class DeskRequest(HttpRequest):
    """A request as views of the desk see it: what the middleware below added is typed."""

    actor: Actor
    LANGUAGE_CODE: str


def open_to_all(view: View) -> View:
    """Mark a view of the desk that nobody signs in for; all others ask for a person with a second factor."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def before_second_factor(view: View) -> View:
    """Mark a view that a person sees who has signed in and has no second factor yet."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


class Addresses:
    """Nobody behind here learns whose address it is: a made-up one stands for it, another one every day.

    Limits, sessions and whatever else keeps an address keeps that one. Cookies are read here for the last time, so
    that a request that is kept until its sender has proved who it is holds none.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = _made_up(request.META.get("REMOTE_ADDR", ""))
        _ = request.COOKIES
        for name in ("HTTP_COOKIE", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED"):
            request.META.pop(name, None)
        return self.get_response(request)


class Languages:
    """The page's language: that of the address (`/report/fr/`), the person's, the cookie's, what the browser asks."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _language(request)
        with translation.override(FRAMEWORK.get(language, language)):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        return response


class Actors:
    """`request.actor`: who acts, with the posts held now; nobody comes in who has no second factor."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of(request.user)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.path_info.startswith("/desk/") and not request.path_info.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.path_info.startswith("/desk/") or getattr(view, "open_to_all", False):
            return None
        if isinstance(request.user, AnonymousUser):
            back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
            return HttpResponseRedirect(reverse("account_login") + back)
        if not getattr(view, "before_second_factor", False) and not has_second_factor(request.user.pk):
            return HttpResponseRedirect(reverse("mfa_index"))
        return None


class Problems:
    """A `CopError` becomes a page, or problem+json (RFC 9457) where a program asked."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, CopError):
            return None
        status = STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
        if request.path_info.startswith("/api/"):
            return problem(error, status)
        return render(request, "desk/problem.html", {"error": error, "status": int(status)}, status=status)


def problem(error: CopError, status: HTTPStatus) -> JsonResponse:
    """An error as problem+json."""
    facts = {k: v for k, v in error.as_json().items() if v is not None}
    body = {"type": "about:blank", "title": error.title, "status": int(status), "detail": str(error), **facts}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def has_second_factor(person: int) -> bool:
    """Whether a person has an authenticator app or a security key: recovery codes alone are none."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=person, type__in=kinds).exists())


def _language(request: HttpRequest) -> str:
    parts = request.path_info.split("/")
    named = parts[2] if len(parts) > 2 and parts[1] == "report" else ""
    own = "" if isinstance(request.user, AnonymousUser) else getattr(request.user, "language", "")
    asked = translation.get_language_from_request(request).partition("-")[0]
    wanted = (named, own, request.COOKIES.get(LANGUAGE_COOKIE, ""), asked)
    return next((language for language in wanted if language in OFFICIAL), "en")


def _made_up(address: str) -> str:
    """An address in fd00::/8 that tells equal ones apart today, of a whole /64 for IPv6: one house has as many."""
    try:
        real = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        real = ipaddress.IPv4Address(0)
    net = real.packed[:8] if real.version == 6 else real.packed
    day = f"address {timezone.now():%Y-%m-%d} ".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), day + net, sha256).digest()
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:7] + bytes(8)))
