"""The site as an application: files of one folder, the right headers, and no way out of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIEnvironment
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.publication.site.serve import Site, resolve


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("served")
    (base / "secret.txt").write_text("secret")
    site = base / "site"
    (site / "threats").mkdir(parents=True)
    (site / "empty").mkdir()
    (site / "é").mkdir()
    (site / "é/index.html").write_text("accent")
    (site / "index.html").write_text("first")
    (site / "404.html").write_text("missing")
    (site / "threats/index.html").write_text("threats")
    (site / ".hidden").write_text("hidden")
    (site / "SHA256SUMS").write_text("sums")
    (site / "a.woff").write_bytes(b"font")
    (site / "big.csv").write_bytes(b"x" * 200_001)
    (site / "out").symlink_to(base / "secret.txt")
    return site


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def ask(root: Path, target: str, method: str = "GET") -> Answer:
    """What the application answers, held to PEP 3333 by the standard library's own checker."""
    began: list[tuple[str, list[tuple[str, str]]]] = []
    parts = urlsplit(target) if target.startswith("/") else None
    path = parts.path if parts and not target.startswith("//") else target.partition("?")[0]
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method, "PATH_INFO": unquote(path, encoding="latin-1"), "SCRIPT_NAME": "",
        "QUERY_STRING": parts.query if parts else "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": Empty(),
        "wsgi.errors": Empty(), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
    application = validator(Site(root)) if path.startswith("/") else Site(root)

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        began.append((status, headers))
        return lambda _: None

    body = application(environ, start)
    try:
        text = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    [(status, headers)] = began
    return Answer(int(status.split()[0]), dict(headers), text.decode())


class Empty:
    def read(self, *_: int) -> bytes:
        return b""

    readline = read

    def readlines(self, *_: int) -> list[bytes]:
        return []

    def __iter__(self) -> Any:
        return iter([])

    def flush(self) -> None: ...
    def write(self, _: str) -> None: ...
    def writelines(self, _: list[str]) -> None: ...


@pytest.mark.parametrize(
    ("target", "status", "body", "kind"),
    [
        ("/", 200, "first", "text/html; charset=utf-8"),
        ("/%C3%A9/", 200, "accent", "text/html; charset=utf-8"),
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
    root: Path, target: str, status: int, body: str, kind: str
) -> None:
    answer = ask(root, target)

    assert (answer.status, answer.text, answer.headers["Content-Type"]) == (status, body, kind)
    assert answer.headers["Content-Length"] == str(len(body))


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
def test_no_address_leaves_the_folder(root: Path, target: str) -> None:
    answer = ask(root, target)

    assert (answer.status, "secret" in answer.text) == (404, False)


def test_every_answer_carries_the_security_headers(root: Path) -> None:
    for target in ("/", "/nothing", "/threats"):
        headers = ask(root, target).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Server"] == "cop-site"


def test_a_folder_without_its_slash_is_sent_to_its_page_and_never_to_another_host(root: Path) -> None:
    assert (ask(root, "/threats").status, ask(root, "/threats").headers["Location"]) == (301, "/threats/")
    assert ask(root, "//threats").headers["Location"] == "/threats/"
    assert ask(root, "/%C3%A9").headers["Location"] == "/%C3%A9/"


def test_head_has_no_body_and_other_methods_are_refused(root: Path) -> None:
    head, post = ask(root, "/", "HEAD"), ask(root, "/", "POST")

    assert (head.text, head.headers["Content-Length"]) == ("", "5")
    assert (post.status, post.headers["Allow"]) == (405, "GET, HEAD")


def test_a_large_file_comes_whole(root: Path) -> None:
    assert ask(root, "/big.csv").text == "x" * 200_001


def test_a_site_that_is_written_later_is_served_then(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    before = site.is_there, ask(tmp_path / "site", "/").status
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("here")

    assert before == (False, 404)
    assert (site.is_there, ask(tmp_path / "site", "/").text) == (True, "here")


@given(st.text(max_size=60))
def test_a_resolved_file_is_always_below_the_folder(root_of_any: Path, text: str) -> None:
    found = resolve(root_of_any, "/" + text)

    assert found is None or found.is_relative_to(root_of_any)


@pytest.fixture(scope="module")
def root_of_any(root: Path) -> Path:
    return root.resolve()
