"""The chat-completions protocol as far as it is needed: one question, one answer, bounded in time and size.

Source: OpenAI API reference, "Create chat completion", as llama.cpp, vLLM, Ollama and others serve it. Redirects are
not followed, proxies of the environment are not read, compressed answers are not taken (a small one may be huge).
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any

import httpx

from cop.classification.coder.server.address import locate
from cop.classification.coder.server.faults import Fault
from cop.classification.coder.server.settings import Settings
from cop.kernel.errors import Refused, Where

LARGEST_ANSWER = 4 << 20
"""Bytes of an answer, token probabilities included."""

GIVE_UP_AFTER = 10
"""Records in a row that the server failed, after which the rest of the batch is not sent."""

_LONGEST_WAIT = 60.0
_LONGEST_KNOCK = 5.0
_FIRST_WAIT = 0.5
_TOP = 10
_TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_OF_THE_RECORD = frozenset({400, 413, 422})


def body(settings: Settings, system: str, user: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The question, as the protocol has it."""
    asked: dict[str, Any] = {
        "model": settings.model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "temperature": 0,
        "seed": 0,
        "max_tokens": settings.max_tokens,
        "stream": False,
    }
    if settings.answers == "schema":
        named = {"name": "codes", "strict": True, "schema": schema}
        asked["response_format"] = {"type": "json_schema", "json_schema": named}
    elif settings.answers == "object":
        asked["response_format"] = {"type": "json_object"}
    return {**asked, "logprobs": True, "top_logprobs": _TOP} if settings.logprobs else asked


class Connection:
    """Open connections to the server for one batch; questions may come from several threads.

    Args:
        settings: where and how.
        key: the bearer key, if the server wants one.
        pause: waits that many seconds before another try.

    Raises:
        Refused: the address leaves the house without leave, or the file of certificates is none.
        Unavailable: its name cannot be looked up.
    """

    def __init__(self, settings: Settings, key: str | None, pause: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._pause = pause
        endpoint = locate(settings.address, allow_remote=settings.allow_remote)
        self._url = endpoint.url(min(settings.timeout, _LONGEST_KNOCK))
        self._extensions = {"sni_hostname": endpoint.name} if endpoint.encrypted else None
        headers = {
            "Host": endpoint.host,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        self._client = httpx.Client(
            verify=_context(settings, encrypted=endpoint.encrypted),
            headers={**headers, "Authorization": f"Bearer {key}"} if key else headers,
            timeout=settings.timeout,
            limits=httpx.Limits(max_connections=settings.concurrency),
            follow_redirects=False,
            trust_env=False,
        )
        self._failed = 0
        self._lock = Lock()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, question: Mapping[str, Any]) -> bytes:
        """The server's answer to one question, as it came.

        Raises:
            Fault: there is none that can be read; tried again where that may help.
        """
        content = json.dumps(question).encode("ascii")
        for attempt in range(self._settings.retries + 1):
            if self._failed >= GIVE_UP_AFTER:
                raise Fault("not sent: the server failed before")
            try:
                answer = self._once(content)
            except Fault as fault:
                wait = fault.after if fault.after is not None else min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT)
                if not fault.again or attempt == self._settings.retries or wait > _LONGEST_WAIT:
                    self._note(failed=fault.serious)
                    raise
                self._pause(wait)
            else:
                self._note(failed=False)
                return answer
        raise AssertionError("unreachable")

    def _note(self, *, failed: bool) -> None:
        with self._lock:
            self._failed = self._failed + 1 if failed else 0

    def _once(self, content: bytes) -> bytes:
        until = time.monotonic() + self._settings.timeout
        try:
            with self._client.stream("POST", self._url, content=content, extensions=self._extensions) as response:
                _check(response)
                return _read(response, until)
        except httpx.TimeoutException:
            raise Fault("timeout", again=True, serious=True) from None
        except httpx.HTTPError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Fault("certificate not trusted", serious=True) from None
            raise Fault("unreachable", again=True, serious=True) from None


def _context(settings: Settings, *, encrypted: bool) -> ssl.SSLContext:
    if not encrypted:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # plain http needs none: this one trusts nobody
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError:
        raise Refused("ca_file cannot be read", where=Where(settings.ca_file), expected="certificates as PEM") from None


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if 300 <= status < 400:
        raise Fault("redirect", serious=True)
    if status != 200:
        after = _retry_after(response.headers.get("retry-after"))
        raise Fault(f"http {status}", again=status in _TRANSIENT, after=after, serious=status not in _OF_THE_RECORD)
    if response.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Fault("not application/json", serious=True)
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Fault("compressed", serious=True)


def _read(response: httpx.Response, until: float) -> bytes:
    """The whole body, though it come byte by byte: the time is the request's, the size is what arrived."""
    read = bytearray()
    for piece in response.iter_raw():
        read += piece
        if len(read) > LARGEST_ANSWER:
            raise Fault("too large")
        if time.monotonic() > until:
            raise Fault("timeout", again=True, serious=True)
    return bytes(read)


def _retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header (RFC 9110, 10.2.3): a number, or a date."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)
