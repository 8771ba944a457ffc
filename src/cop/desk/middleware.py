"""What happens to every request of the desk: its language, who acts, and one shape for whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused, TooMuch, Unavailable
from cop.kernel.languages import OFFICIAL
from cop.vault.members.queries import actor_of

STATUS: dict[type[CopError], HTTPStatus] = {
    Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    TooMuch: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

Answer = Callable[[HttpRequest], HttpResponse]


class Languages:
    """The page's language: that of the address (`/report/fr/`), else the person's, else what the browser asks for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        parts = request.path_info.split("/")
        named = parts[2] if len(parts) > 2 and parts[1] == "report" and parts[2] in OFFICIAL else None
        language = named or request.COOKIES.get("cop_language") or translation.get_language_from_request(request)
        with translation.override(language if language in OFFICIAL else "en"):
            request.LANGUAGE_CODE = translation.get_language() or "en"  # type: ignore[attr-defined]
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)  # type: ignore[attr-defined]
        return response


class Actors:
    """`request.actor`: who acts, with the posts held now."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of(request.user)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.path_info.startswith("/desk/") and not request.path_info.startswith("/desk/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


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
        return render(request, "desk/problem.html", {"error": error, "status": status}, status=status)


def problem(error: CopError, status: HTTPStatus) -> JsonResponse:
    """An error as problem+json."""
    facts = {k: v for k, v in error.as_json().items() if v is not None}
    body = {"type": "about:blank", "title": error.title, "status": int(status), "detail": str(error), **facts}
    return JsonResponse(body, status=status, content_type="application/problem+json")
