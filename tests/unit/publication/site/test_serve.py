"""The small server: files of one folder, the right headers, and no way out of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import NotFound, Unavailable
from cop.publication.site.serve import resolve, serve


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("served")
    (base / "secret.txt").write_text("secret")
    site = base / "site"
    (site / "threats").mkdir(parents=True)
    (site / "empty").mkdir()
    (site / "index.html").write_text("first")
    (site / "404.html").write_text("missing")
    (site / "threats/index.html").write_text("threats")
    (site / ".hidden").write_text("hidden")
    (site / "SHA256SUMS").write_text("sums")
    (site / "a.woff").write_bytes(b"font")
    (site / "out").symlink_to(base / "secret.txt")
    return site


@pytest.fixture(scope="module")
def port(root: Path) -> Iterator[int]:
    server = serve(root, port=0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int, target: str, method: str = "GET") -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, target)
        connection.endheaders()
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("target", "status", "body", "kind"),
    [
        ("/", 200, "first", "text/html; charset=utf-8"),
        ("/?q=1", 200, "first", "text/html; charset=utf-8"),
        ("/threats/", 200, "threats", "text/html; charset=utf-8"),
        ("/threats/index.html", 200, "threats", "text/html; charset=utf-8"),
        ("/a.woff", 200, "font", "font/woff"),
        ("/SHA256SUMS", 200, "sums", "text/plain; charset=utf-8"),
        ("/empty/", 404, "missing", "text/html; charset=utf-8"),
        ("/nothing", 404, "missing", "text/html; charset=utf-8"),
        ("/.hidden", 404, "missing", "text/html; charset=utf-8"),
    ],
)
def test_files_come_with_their_type_and_anything_else_is_the_missing_page(
    port: int, target: str, status: int, body: str, kind: str
) -> None:
    answer, text = ask(port, target)

    assert (answer.status, text, answer.headers["Content-Type"]) == (status, body, kind)


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/threats/../../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%5csecret.txt",
        "//../secret.txt",
        "/out",
        "/index.html%00.css",
        "/%ff",
        "secret.txt",
    ],
)
def test_no_address_leaves_the_folder(port: int, target: str) -> None:
    answer, text = ask(port, target)

    assert (answer.status, "secret" in text) == (404, False)


def test_every_answer_carries_the_security_headers(port: int) -> None:
    for target in ("/", "/nothing", "/threats"):
        headers = ask(port, target)[0].headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Server"].strip() == "cop-site"


def test_a_folder_without_its_slash_is_sent_to_its_page_and_never_to_another_host(port: int) -> None:
    assert ask(port, "/threats")[0].headers["Location"] == "/threats/"
    assert ask(port, "//threats")[0].headers["Location"] == "/threats/"


def test_head_has_no_body_and_other_methods_are_refused(port: int) -> None:
    assert ask(port, "/", "HEAD")[1] == ""
    assert ask(port, "/", "HEAD")[0].headers["Content-Length"] == "5"
    assert ask(port, "/", "POST")[0].status == 501


@given(st.text(max_size=60))
def test_a_resolved_file_is_always_below_the_folder(root_of_any: Path, text: str) -> None:
    found = resolve(root_of_any, "/" + text)

    assert found is None or found.is_relative_to(root_of_any)


@pytest.fixture(scope="module")
def root_of_any(root: Path) -> Path:
    return root.resolve()


def test_no_site_and_no_free_port_are_said_in_one_line(tmp_path: Path, root: Path) -> None:
    with pytest.raises(NotFound, match="no site at"):
        serve(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Unavailable, match=r"cannot listen on 127\.0\.0\.1"):
            serve(root, port=taken.getsockname()[1])
