"""`/health` for whoever keeps the service up, `/metrics` for operators: plain WSGI, outside sessions and host names.

The public learns one word. Figures are for who brings the token in `COP_METRICS_TOKEN`; without it nobody sees any.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import shutil
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from cop.desk import metrics as figures

LEAST_FREE = 256 * 1024 * 1024
"""Bytes of the disk below which reports may soon be refused."""
_log = logging.getLogger("cop.desk.health")


def health(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """`{"status": "ok"}`, or 503 and `degraded`: the log says why."""
    close_old_connections()
    try:
        fault = _fault()
    finally:
        close_old_connections()
    if fault:
        _log.warning(fault)
    body = json.dumps({"status": "degraded" if fault else "ok"}).encode()
    status = HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK
    return _answer(environ, start, status, "application/json", body)


def metrics(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Figures in Prometheus' text format to `Authorization: Bearer TOKEN`; to anybody else they are not there."""
    token = os.environ.get("COP_METRICS_TOKEN", "")
    given = str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ")
    if len(token) < 16 or not hmac.compare_digest(given.encode(), token.encode()):
        return _answer(environ, start, HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"not found\n")
    close_old_connections()
    try:
        body = figures.exposition()
    finally:
        close_old_connections()
    return _answer(environ, start, HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8", body)


def _fault() -> str:
    """What is wrong, in words without values; empty when nothing is."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "the database does not answer"
    if shutil.disk_usage(settings.FOLDER or ".").free < LEAST_FREE:
        return "the disk is nearly full"
    return ""


def _answer(
    environ: WSGIEnvironment, start: StartResponse, status: HTTPStatus, kind: str, body: bytes
) -> Iterable[bytes]:
    safe = environ["REQUEST_METHOD"] in {"GET", "HEAD"}
    status, body = (status, body) if safe else (HTTPStatus.METHOD_NOT_ALLOWED, b"")
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        *([] if safe else [("Allow", "GET, HEAD")]),
    ]
    start(f"{status.value} {status.phrase}", headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
