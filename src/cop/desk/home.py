"""The desk's first page, and the language it is read in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from cop.desk.middleware import LANGUAGE_COOKIE, DeskRequest, open_to_all
from cop.kernel.errors import Refused
from cop.kernel.languages import OFFICIAL
from cop.vault.members import operations, queries
from cop.vault.members.rules import is_signed_in

_YEAR = 365 * 24 * 3600


@require_safe
def home(request: DeskRequest) -> HttpResponse:
    """The rooms this person may enter, and the posts that open them."""
    actor = request.actor
    names = queries.names(actor.organisations())
    posts = sorted((names[p.organisation], p.role) for p in actor.posts)
    return render(request, "desk/home.html", {"posts": posts, "belongs": is_signed_in(actor)})


@open_to_all
@require_POST
def language(request: DeskRequest) -> HttpResponse:
    """Read the desk in another language from now on, and come back to the page."""
    wanted = request.POST.get("language", "")
    if wanted not in OFFICIAL:
        raise Refused.value(wanted, "is no language of the desk", field="language", expected=", ".join(OFFICIAL))
    if request.actor.id:
        operations.set_language(actor=request.actor, language=wanted)
    response = HttpResponseRedirect(_back(request))
    response.set_cookie(
        LANGUAGE_COOKIE, wanted, max_age=_YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict"
    )
    return response


def _back(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/")
    return asked if safe else "/desk/"
