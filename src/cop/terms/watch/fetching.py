"""Documents fetched from their sites, politely, and only where an operator has enabled it.

A site is asked first what it allows (robots.txt), by one request at a time, with a pause between two, under a name that
says who asks; what has not changed is not sent again. Nothing gets around a refusal: no other name, no browser, no
second try before the site says so.
Source: RFC 9309 (robots.txt: 2.3.1 on what an answer means), RFC 9110 sections 13 (conditional requests), 10.1.5 and
10.2.3 (User-Agent, Retry-After).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urljoin, urlsplit

from cop import __version__
from cop.kernel.errors import CopError, NotAllowed, Refused, TooMuch, Unavailable, Where
from cop.kernel.progress import SILENT, Progress
from cop.terms.extraction import MOST_BYTES
from cop.terms.watch.declarations import Declaration, DeclaredDocument
from cop.terms.watch.store import Shelf, shelf

if TYPE_CHECKING:
    import httpx
    from protego import Protego

Outcome = Literal["new", "seen_before", "not_modified", "failed"]

NAME = "cop-observatory"
SECONDS = 30.0
MOST_REDIRECTS = 5
_ROBOTS_BYTES = 512_000
_MOVED = frozenset({301, 302, 303, 307, 308})
_ENDINGS = {
    "text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf", "text/plain": ".txt",
    "text/markdown": ".md",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one document: new bytes, bytes seen before, not modified, or failed with the reason.

    `change` is the class of the change beside the text before it, where bytes came.
    """

    document: str
    address: str
    outcome: Outcome
    change: str | None = None
    error: CopError | None = None

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "document": self.document, "address": self.address, "outcome": self.outcome, "change": self.change,
            "error": self.error.as_json() if self.error else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes


def fetch(
    declaration: Declaration,
    store: Path,
    *,
    enable: bool = False,
    contact: str | None = None,
    progress: Progress = SILENT,
    pause: Callable[[float], None] = time.sleep,
) -> list[Fetched]:
    """Fetch the documents of a provider that have an address, one after the other, into the store.

    Args:
        declaration: of the provider.
        store: where snapshots and histories are kept.
        enable: the operator's word, where the declaration does not give it.
        contact: who may be asked, where the declaration does not say.
        progress: told of each document.
        pause: waits so many seconds.

    Raises:
        NotAllowed: fetching is not enabled. Refused: nobody is named as contact, or no document has an address.
    """
    import httpx

    if not (enable or declaration.fetch.enabled):
        raise NotAllowed(
            f"fetching is not enabled for {declaration.id}", expected="enabled = true under [fetch], or --enable"
        )
    who = contact or declaration.fetch.contact
    if who is None:
        expected = "an e-mail address or a page"
        raise Refused("names nobody who may be asked", where=Where(field="fetch.contact"), expected=expected)
    wanted = [(d, d.address) for d in declaration.documents if d.address is not None]
    if not wanted:
        raise Refused("has no document with an address", where=Where(f"{declaration.id}.toml", field="documents"))
    progress.total(len(wanted))
    found: list[Fetched] = []
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=SECONDS, follow_redirects=False))
        site = _Visitor(client, f"{NAME}/{__version__} (+{who})", declaration.fetch.seconds, pause)
        for document, address in wanted:
            with shelf(store, declaration.id, document.id, document.passage) as place:
                try:
                    outcome = _fetch(site, place, document, address)
                    error = None
                except CopError as fault:  # one document that cannot be had does not keep back the others
                    outcome, error = "failed", fault
            last = place.sightings[-1].change["change_class"] if outcome == "new" else None
            found.append(Fetched(document.id, address, outcome, last, error))
            progress.advance()
    return found


def _fetch(site: _Visitor, place: Shelf, document: DeclaredDocument, address: str) -> Outcome:
    last = next((s for s in reversed(place.sightings) if s.address == address), None)
    headers: dict[str, str] = {"Accept": "text/html,application/pdf,text/plain;q=0.9"}
    if document.language:
        headers["Accept-Language"] = document.language
    if last is not None and last.etag:
        headers["If-None-Match"] = last.etag
    if last is not None and last.modified:
        headers["If-Modified-Since"] = last.modified
    answer = site.ask(address, headers)
    if answer.status == 304 and last is not None:
        return "not_modified"
    if answer.status != 200:
        raise _unavailable(address, answer)
    known = {s.sha256 for s in place.sightings}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    place.take(
        answer.body, name=_name(document, address, answer.headers), seen=now, address=address,
        etag=answer.headers.get("etag", ""), modified=answer.headers.get("last-modified", ""),
    )  # fmt: skip
    return "seen_before" if place.sightings[-1].sha256 in known else "new"


def _unavailable(address: str, answer: _Answer) -> Unavailable:
    after = answer.headers.get("retry-after")
    note = f"the site asks to come back after {after}" if after else None
    return Unavailable(f"{address} answers {answer.status}", expected="200", note=note)


def _name(document: DeclaredDocument, address: str, headers: httpx.Headers) -> str:
    """A file name for the bytes: the document's id and the ending of what was sent."""
    sent = headers.get("content-type", "").split(";")[0].strip().lower()
    ending = _ENDINGS.get(sent) or PurePosixPath(urlsplit(address).path).suffix.lower()
    if ending not in _ENDINGS.values():
        raise Refused.value(sent, "is not a document", expected=", ".join(sorted(set(_ENDINGS.values()))))
    return f"{document.id}{ending}"


class _Visitor:
    """One visitor of sites: who it says it is, what each host allows, and when it was last asked."""

    def __init__(self, client: httpx.Client, agent: str, seconds: float, pause: Callable[[float], None]) -> None:
        self._client, self._agent, self._seconds, self._pause = client, agent, seconds, pause
        self._robots: dict[str, Protego | None] = {}
        self._asked: dict[str, float] = {}

    def ask(self, address: str, headers: dict[str, str]) -> _Answer:
        """The answer at an address, redirects followed, each step only where robots.txt allows it.

        Raises:
            NotAllowed: robots.txt forbids it. Unavailable: no answer, or one without an end.
            TooMuch: more than `MOST_BYTES`. Refused: it is sent to what is no web address.
        """
        for _ in range(MOST_REDIRECTS + 1):
            self._allowed(address)
            answer = self._get(address, headers, MOST_BYTES)
            if answer.status not in _MOVED or "location" not in answer.headers:
                return answer
            address = urljoin(address, answer.headers["location"])
            if urlsplit(address).scheme not in ("http", "https"):
                raise Refused.value(address, "is no web address", expected="https:// or http://")
        raise Unavailable(f"{address} is redirected more than {MOST_REDIRECTS} times")

    def _allowed(self, address: str) -> None:
        parts = urlsplit(address)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._robots:
            self._robots[host] = self._rules(host)
        rules = self._robots[host]
        if rules is not None and not rules.can_fetch(address, NAME):
            raise NotAllowed(f"robots.txt of {parts.netloc} does not allow {address}")

    def _rules(self, host: str) -> Protego | None:
        """What a host allows; None where it has no robots.txt (4xx). One that cannot be had forbids all (RFC 9309)."""
        from protego import Protego

        address = f"{host}/robots.txt"
        answer = self._get(address, {}, _ROBOTS_BYTES)
        for _ in range(MOST_REDIRECTS):
            if answer.status not in _MOVED or "location" not in answer.headers:
                break
            address = urljoin(address, answer.headers["location"])
            answer = self._get(address, {}, _ROBOTS_BYTES)
        if 400 <= answer.status < 500 and answer.status != 429:
            return None
        if answer.status != 200:
            raise Unavailable(f"{address} answers {answer.status}, and what is allowed is not known")
        return Protego.parse(answer.body.decode("utf-8", errors="replace"))

    def _get(self, address: str, headers: dict[str, str], most: int) -> _Answer:
        import httpx

        self._wait(address)
        try:
            with self._client.stream("GET", address, headers={"User-Agent": self._agent, **headers}) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > most:
                        raise TooMuch(f"{address} sends more than {most:,} bytes")
                return _Answer(response.status_code, response.headers, bytes(body))
        except httpx.InvalidURL as error:
            raise Refused.value(address, "is no web address", expected="https:// or http://") from error
        except httpx.HTTPError as error:
            raise Unavailable(f"{address} does not answer: {type(error).__name__}") from error

    def _wait(self, address: str) -> None:
        """Let the pause between two requests to a host pass: the declared one, or a longer one that the host asks."""
        host = urlsplit(address).netloc
        rules = self._robots.get(f"{urlsplit(address).scheme}://{host}")
        delay = max(self._seconds, float((rules.crawl_delay(NAME) if rules is not None else None) or 0))
        last = self._asked.get(host)
        if last is not None:
            self._pause(max(0.0, last + delay - time.monotonic()))
        self._asked[host] = time.monotonic()
