"""Polite fetching, from a server on this machine: robots, pauses, a name, conditions, and no way around a refusal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cop.kernel.errors import NotAllowed, Refused, TooMuch, Unavailable
from cop.terms.watch import fetching
from cop.terms.watch.declarations import Declaration
from cop.terms.watch.fetching import fetch
from cop.terms.watch.store import shelf

TERMS = (
    "<html><body><main>"
    + "".join(f"<p>In bay {i} you keep your content, and we may ask you to move.</p>" for i in range(20))
    + "</main></body></html>"
)


@dataclass
class Site:
    """What a site answers, by path: status, headers, body; and what it was asked."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    held = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {k.lower(): v for k, v in self.headers.items()}
            held.asked.append((self.path, headers))
            status, sent, body = held.answers.get(self.path, (404, {}, b""))
            if sent.get("ETag") and headers.get("if-none-match") == sent["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for key, value in sent.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield held
    server.shutdown()
    server.server_close()
    thread.join()


def html(text: str = TERMS, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "text/html; charset=utf-8", **headers}, text.encode()


def declared(site: Site, *paths: str, enabled: bool = True, seconds: float = 5.0) -> Declaration:
    documents = [
        {"kind": kind, "address": site.at(path), "language": "en"}
        for kind, path in zip(("tos", "privacy"), paths, strict=False)
    ]
    return Declaration.model_validate(
        {
            "name": "Pebble",
            "family": "Harbour",
            "documents": documents,
            "fetch": {"enabled": enabled, "contact": "watch@cop.example", "seconds": seconds},
        }
    ).model_copy(update={"id": "pebble"})


def test_nothing_is_fetched_unless_it_is_enabled(site: Site, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="fetching is not enabled for pebble"):
        fetch(declared(site, "/terms", enabled=False), tmp_path)
    assert site.asked == []
    site.answers["/terms"] = html()
    [row] = fetch(declared(site, "/terms", enabled=False), tmp_path, enable=True, pause=lambda _: None)
    assert (row.outcome, row.change) == ("new", "first")


def test_a_document_is_kept_under_a_name_that_says_who_asked(site: Site, tmp_path: Path) -> None:
    site.answers["/terms"] = html(ETag='"1"')
    fetch(declared(site, "/terms"), tmp_path, pause=lambda _: None)
    [sighting] = shelf(tmp_path, "pebble", "tos-en").sightings
    assert (sighting.address, sighting.etag, sighting.version) == (site.at("/terms"), '"1"', 1)
    assert site.paths == ["/robots.txt", "/terms"]
    assert all(
        h["user-agent"].startswith("cop-observatory/") and "(+watch@cop.example)" in h["user-agent"]
        for _, h in site.asked
    )
    assert site.asked[1][1]["accept-language"] == "en"


def test_what_did_not_change_is_not_sent_again(site: Site, tmp_path: Path) -> None:
    site.answers["/terms"] = html(ETag='"1"')
    fetch(declared(site, "/terms"), tmp_path, pause=lambda _: None)
    [row] = fetch(declared(site, "/terms"), tmp_path, pause=lambda _: None)
    assert (row.outcome, len(shelf(tmp_path, "pebble", "tos-en").sightings)) == ("not_modified", 1)
    site.answers["/terms"] = html(TERMS.replace("bay 3", "bay 33"), ETag='"2"')
    [row] = fetch(declared(site, "/terms"), tmp_path, pause=lambda _: None)
    assert (row.outcome, row.change) == ("new", "tiny")


def test_robots_are_obeyed_also_behind_a_redirect(site: Site, tmp_path: Path) -> None:
    site.answers |= {
        "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: cop-observatory\nDisallow: /closed\n"),
        "/closed/terms": html(),
        "/open": (302, {"Location": "/closed/terms"}, b""),
    }
    rows = fetch(declared(site, "/closed/terms", "/open"), tmp_path, pause=lambda _: None)
    assert [(r.outcome, type(r.error)) for r in rows] == [("failed", NotAllowed)] * 2
    assert "/closed/terms" not in site.paths
    assert not list(tmp_path.rglob("snapshots"))


@pytest.mark.parametrize(("status", "asked"), [(404, True), (403, True), (429, False), (500, False), (503, False)])
def test_robots_that_cannot_be_had_forbid_all_and_missing_ones_allow(
    site: Site, tmp_path: Path, status: int, asked: bool
) -> None:
    site.answers |= {"/robots.txt": (status, {}, b""), "/terms": html()}
    [row] = fetch(declared(site, "/terms"), tmp_path, pause=lambda _: None)
    assert ("/terms" in site.paths, row.outcome) == (asked, "new" if asked else "failed")


def test_a_pause_goes_between_two_requests_and_the_site_may_ask_for_a_longer_one(site: Site, tmp_path: Path) -> None:
    pauses: list[float] = []
    site.answers |= {"/a": html(), "/b": html()}
    fetch(declared(site, "/a", "/b", seconds=3.0), tmp_path / "1", pause=pauses.append)
    assert len(pauses) == 2
    assert all(2.0 < pause <= 3.0 for pause in pauses)
    site.answers["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nCrawl-delay: 20\n")
    pauses.clear()
    fetch(declared(site, "/a", "/b", seconds=3.0), tmp_path / "2", pause=pauses.append)
    assert all(19.0 < pause <= 20.0 for pause in pauses)


def test_a_refusal_is_put_on_record_and_the_next_document_is_fetched(site: Site, tmp_path: Path) -> None:
    site.answers |= {"/a": (503, {"Retry-After": "120"}, b""), "/b": html()}
    [first, second] = fetch(declared(site, "/a", "/b"), tmp_path, pause=lambda _: None)
    assert isinstance(first.error, Unavailable)
    assert "the site asks to come back after 120" in str(first.error)
    assert second.outcome == "new"
    assert first.as_json()["error"]["error"] == "unavailable"


def test_a_circle_of_redirects_a_flood_and_a_picture_are_refused(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.answers |= {
        "/round": (301, {"Location": "/round"}, b""),
        "/cat": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
    }
    rows = fetch(declared(site, "/round", "/cat"), tmp_path, pause=lambda _: None)
    assert [type(r.error) for r in rows] == [Unavailable, Refused]
    monkeypatch.setattr(fetching, "MOST_BYTES", 100)
    site.answers["/long"] = html()
    [row] = fetch(declared(site, "/long"), tmp_path, pause=lambda _: None)
    assert isinstance(row.error, TooMuch)


def test_a_site_that_does_not_answer_is_unavailable(site: Site, tmp_path: Path) -> None:
    declaration = declared(site, "/terms")
    address = "http://127.0.0.1:9/terms"
    [document] = declaration.documents
    gone = declaration.model_copy(update={"documents": (document.model_copy(update={"address": address}),)})
    [row] = fetch(gone, tmp_path, pause=lambda _: None)
    assert isinstance(row.error, Unavailable)
