"""Warnings to a webhook: one POST each, from an outbox, until it is taken.

The address is https, redirects are not followed, every wait has an end, the answer's body is not read. A warning
leaves the outbox when the receiver answered 2xx, and the book is saved after each: one that could not be delivered
waits for the next run. Should a run die between the answer and the save, the same warning goes again under the same
`Idempotency-Key`, by which a receiver drops it; over HTTP nobody can promise more.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import httpx

from cop.kernel.errors import Refused, Where
from cop.measurement.warning.book import Book, Pending, failed, sent
from cop.measurement.warning.feed import as_json


def deliver(
    book: Book,
    *,
    url: str,
    about: Mapping[str, str],
    save: Callable[[Book], None],
    now: Callable[[], datetime],
    timeout: float = 10.0,
    ca: Path | None = None,
) -> Book:
    """Send what is in the outbox, oldest first; stop at the first fault, which the next would only meet again.

    Args:
        book: the monitor's.
        url: where to; https.
        about: `id` and `title` of the observatory, sent along.
        save: keeps the book; called after every try.
        now: the time, in UTC.
        timeout: seconds to connect, and between two pieces of an answer.
        ca: PEM file of the authorities to trust, for a receiver whose certificate is of its own authority.

    Raises:
        Refused: the address is not https, or the authorities cannot be read.
    """
    check_url(url)
    with _client(timeout, ca) as client:
        for pending in book.outbox:
            fault = _post(client, url, pending, {"observatory": dict(about), **as_json(book.entries[pending.warning])})
            book = failed(book, pending, fault=fault) if fault else sent(book, pending, now=now())
            save(book)
            if fault:
                break
    return book


def check_url(url: str) -> None:
    """Refuse an address that is not https, or carries a name and password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme != "https" or not parsed.host or parsed.userinfo:
        # the address may hold a token: it is not said
        raise Refused(
            "the webhook's address will not do", where=Where(field="webhook.url"), expected="https://host/path"
        )


def _client(timeout: float, ca: Path | None) -> httpx.Client:
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise Refused(
            "the authorities cannot be read", where=Where(ca, field="webhook.ca"), expected="certificates in PEM"
        ) from error
    return httpx.Client(
        verify=context, timeout=timeout, follow_redirects=False, trust_env=False,
        headers={"User-Agent": "cop-observatory"},
    )  # fmt: skip


def _post(client: httpx.Client, url: str, pending: Pending, body: Mapping[str, object]) -> str:
    """What went wrong, in words that do not hold the address; empty when it was taken."""
    try:
        headers = {"Idempotency-Key": pending.key}
        with client.stream("POST", url, json=dict(body), headers=headers) as answer:
            if answer.is_success:
                return ""
            said = "a redirect, which is not followed" if answer.is_redirect else "no success"
            return f"answered {answer.status_code}: {said}"
    except httpx.TimeoutException:
        return "no answer in time"
    except httpx.TransportError as error:
        return f"cannot be reached ({type(error).__name__})"
