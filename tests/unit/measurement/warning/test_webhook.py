"""Delivery to a server on this machine, over TLS: once each, nothing lost, no redirect, no address in a message."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cop.kernel.errors import Refused
from cop.measurement.warning import book as books
from cop.measurement.warning.book import Book
from cop.measurement.warning.webhook import deliver

from .test_book import NOW, warned

ABOUT = {"id": "harbour", "title": "Harbour"}


class Stub:
    """A receiver. `answers` are used up one a request; then it answers 204."""

    def __init__(self, certificate: Path) -> None:
        self.answers: list[int] = []
        self.wait = 0.0
        self.heard: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stub.heard.append((self.path, dict(self.headers), json.loads(body)))
                time.sleep(stub.wait)
                status = stub.answers.pop(0) if stub.answers else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server.server_port}/hook?token=sesame"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    openssl = shutil.which("openssl")
    assert openssl, "openssl is needed to make the stub server's certificate"
    path = tmp_path_factory.mktemp("tls") / "stub.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=stub", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", path.with_suffix(".crt")],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


@pytest.fixture
def stub(certificate: Path) -> Iterator[Stub]:
    server = Stub(certificate)
    yield server
    server.close()


@pytest.fixture
def book() -> Book:
    return books.enter(Book(), [warned(), warned("2026-01")], now=NOW, send=True)[0]


@pytest.fixture
def send(stub: Stub, certificate: Path, tmp_path: Path) -> Callable[..., Book]:
    def call(book: Book, **given: Any) -> Book:
        facts: dict[str, Any] = {
            "url": stub.url, "about": ABOUT, "save": lambda b: books.save(b, tmp_path), "now": lambda: NOW, "timeout": 5,
            "ca": certificate.with_suffix(".crt"),
        }  # fmt: skip
        return deliver(book, **{**facts, **given})

    return call


def test_each_warning_is_sent_once_and_the_book_knows(
    send: Callable[..., Book], stub: Stub, book: Book, tmp_path: Path
) -> None:
    after = send(book)
    send(after)

    assert [body["id"] for _, _, body in stub.heard] == ["W2025-12", "W2026-01"]
    path, headers, body = stub.heard[0]
    assert (path, headers["Content-Type"]) == ("/hook?token=sesame", "application/json")
    assert headers["Idempotency-Key"] == book.outbox[0].key
    assert (body["observatory"], body["sentence"], body["upperbound"]) == (ABOUT, warned().sentence, 34.0)
    assert "reason" not in body
    assert (after.outbox, set(after.delivered)) == ((), {"W2025-12", "W2026-01"})
    assert books.read(tmp_path) == after


def test_what_is_not_taken_waits_and_goes_again_under_the_same_key(
    send: Callable[..., Book], stub: Stub, book: Book
) -> None:
    stub.answers = [503]
    first = send(book)

    assert len(stub.heard) == 1  # the second would only meet the same fault
    assert [(p.tries, p.fault) for p in first.outbox] == [(1, "answered 503: no success"), (0, "")]
    second = send(first)
    assert second.outbox == ()
    assert [body["id"] for _, _, body in stub.heard] == ["W2025-12", "W2025-12", "W2026-01"]
    assert stub.heard[0][1]["Idempotency-Key"] == stub.heard[1][1]["Idempotency-Key"]


def test_a_run_that_dies_before_it_could_note_the_answer_sends_again_under_the_same_key(
    send: Callable[..., Book], stub: Stub, book: Book, tmp_path: Path
) -> None:
    books.save(book, tmp_path)

    def die(_: Book) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(book, save=die)
    send(books.read(tmp_path))

    assert [body["id"] for _, _, body in stub.heard] == ["W2025-12", "W2025-12", "W2026-01"]
    assert stub.heard[0][1]["Idempotency-Key"] == stub.heard[1][1]["Idempotency-Key"]


def test_a_redirect_is_not_followed(send: Callable[..., Book], stub: Stub, book: Book) -> None:
    stub.answers = [302]
    after = send(book)

    assert [path for path, _, _ in stub.heard] == ["/hook?token=sesame"]
    assert after.outbox[0].fault == "answered 302: a redirect, which is not followed"


def test_a_receiver_that_does_not_answer_is_not_waited_for(send: Callable[..., Book], stub: Stub, book: Book) -> None:
    stub.wait = 1.0
    began = time.monotonic()
    after = send(book, timeout=0.2)

    assert time.monotonic() - began < 1
    assert [p.fault for p in after.outbox] == ["no answer in time", ""]


def test_a_receiver_of_an_unknown_authority_hears_nothing(send: Callable[..., Book], stub: Stub, book: Book) -> None:
    after = send(book, ca=None)

    assert stub.heard == []
    assert after.outbox[0].fault == "cannot be reached (ConnectError)"


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "https://", "ftp://h/x", "https://me:secret@host/x", "x"])
def test_an_address_that_is_not_plain_https_is_refused_without_saying_it(
    url: str, send: Callable[..., Book], book: Book
) -> None:
    with pytest.raises(Refused) as caught:
        send(book, url=url)

    assert str(caught.value) == "field webhook.url: the webhook's address will not do (expected https://host/path)"


def test_authorities_that_cannot_be_read_are_refused(send: Callable[..., Book], book: Book, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no", encoding="utf-8")
    with pytest.raises(Refused, match="the authorities cannot be read"):
        send(book, ca=tmp_path / "no.pem")
