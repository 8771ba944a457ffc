"""What is known of every request: its number, its route, how it was answered and how long that took."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from cop.desk.logs import REQUEST
from cop.desk.metrics import observe

_log = logging.getLogger("cop.desk.requests")


class Requests:
    """One line and one observation per request; a number of its own that the answer carries as `X-Request-Id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = secrets.token_hex(8)
        token = REQUEST.set(number)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            match = request.resolver_match
            route = match.route if match else "none"
            observe(route, request.method or "", response.status_code, seconds)
            facts = {"route": route, "method": request.method, "status": response.status_code}
            _log.info("answered", extra={**facts, "milliseconds": round(1000 * seconds, 1)})
        finally:
            REQUEST.reset(token)
        response.headers["X-Request-Id"] = number
        return response
