"""What one process serves: the site at `/`; the desk, the door of those who report and the service beside it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from cop.publication.site.serve import HEADERS, Site, path_of

DESK = frozenset({"desk", "report", "api", "health", "metrics"})
"""The first words of the addresses that the desk answers; all others are the site's."""

_log = logging.getLogger("cop.serve")
_NO_SITE = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>No figures yet</title>
<h1>No figures are published here yet</h1>
<p><a href="/report/">Report something seen online</a></p>
<p><a href="/desk/">Sign in to the desk</a></p>
<p>Whoever keeps this observatory writes the site with <code>cop build</code>.</p>
</html>
"""
_FAULT = b"A fault of ours. Nothing of what was sent is kept.\n"


def desk(*, proxies: int) -> WSGIApplication:
    """The desk, with its health and figures for operators; Django is set up by the first call.

    Args:
        proxies: servers in front of this one that are believed when they say whom they speak for.
    """
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    from cop.desk.health import health, metrics

    pages = get_wsgi_application()
    _ = get_resolver().url_patterns  # every page's module is loaded now: what is broken is told at the start
    plain: dict[str, WSGIApplication] = {"/health": health, "/metrics": metrics}

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = of_client(environ, proxies)
        return plain.get(environ["PATH_INFO"], pages)(environ, start)

    return answer


def compose(site: Path, desk: WSGIApplication | None) -> WSGIApplication:
    """One application of the site in that folder and the desk; without a desk, of the site alone.

    A fault is logged by its kind and place, never by its words: they may hold what somebody wrote.
    """
    window = Site(site)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            if desk and path_of(environ).lstrip("/").partition("/")[0] in DESK:
                return desk(environ, start)
            return window(environ, start) if not desk or window.is_there else _no_site(start)
        except Exception:
            _log.exception("fault")
            text = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(_FAULT)))]
            start("500 Internal Server Error", [*HEADERS.items(), *text], sys.exc_info())
            return [_FAULT]

    return answer


def _no_site(start: StartResponse) -> list[bytes]:
    kind, length = ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(_NO_SITE)))
    start("404 Not Found", [*HEADERS.items(), kind, length])
    return [_NO_SITE]


def of_client(environ: WSGIEnvironment, proxies: int) -> str:
    """Whose request it is: the peer, or what the outermost of the trusted servers in front says of its own peer."""
    peer = str(environ.get("REMOTE_ADDR", ""))
    said = [part.strip() for part in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    return said[-proxies] if proxies and len(said) >= proxies and said[-proxies] else peer
