"""What one process serves: which addresses are whose, whom a request is from, and what a fault of ours says."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

import pytest

from cop.config.wsgi import compose, of_client
from cop.desk.logs import Lines


def ask(application: WSGIApplication, path: str, **more: str) -> tuple[int, dict[str, str], str]:
    environ: WSGIEnvironment = {"PATH_INFO": path, **more}
    setup_testing_defaults(environ)
    began: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        began.append((status, headers))

    answer = application(environ, start)
    body = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    status, headers = began[-1]
    return int(status.split()[0]), dict(headers), body.decode()


def desk(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/desk/fault":
        raise ValueError(f"canary {environ['QUERY_STRING']}")
    start("200 OK", [])
    return [b"desk"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("site")
    (tmp_path / "site" / "404.html").write_text("missing")
    return tmp_path / "site"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", (200, "site")),
        ("/desk/", (200, "desk")),
        ("/desk", (200, "desk")),
        ("/report/fr/", (200, "desk")),
        ("/api/v1/reports", (200, "desk")),
        ("/health", (200, "desk")),
        ("/metrics", (200, "desk")),
        ("/deskless/", (404, "missing")),
        ("/data/desk/", (404, "missing")),
    ],
)
def test_the_desk_has_its_addresses_and_the_site_all_others(site: Path, path: str, answer: tuple[int, str]) -> None:
    status, _, text = ask(compose(site, desk), path)

    assert (status, text) == answer


def test_without_a_desk_its_addresses_are_not_there(site: Path) -> None:
    assert ask(compose(site, None), "/desk/")[0] == 404
    assert ask(compose(site, None), "/")[2] == "site"


def test_before_the_first_build_the_front_page_says_what_to_do(tmp_path: Path) -> None:
    status, headers, text = ask(compose(tmp_path / "site", desk), "/")

    assert status == 404
    assert "cop build" in text and 'href="/report/"' in text and 'href="/desk/"' in text
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert ask(compose(tmp_path / "site", desk), "/desk/")[2] == "desk"


def test_a_fault_is_answered_and_logged_without_what_was_sent(
    site: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(Lines())
    logger = logging.getLogger("cop.serve")
    logger.addHandler(handler)
    try:
        status, _, text = ask(compose(site, desk), "/desk/fault", QUERY_STRING="secretword")
    finally:
        logger.removeHandler(handler)
    line = json.loads(said.getvalue())

    assert (status, "canary" in text, "secretword" in text) == (500, False, False)
    assert "canary" not in said.getvalue() and "secretword" not in said.getvalue()
    assert line["exception"][0]["kind"] == "builtins.ValueError"
    assert line["exception"][0]["places"][-1].startswith("test_wsgi.py:")


@pytest.mark.parametrize(
    ("proxies", "said", "client"),
    [
        (0, "198.51.100.7", "203.0.113.1"),
        (0, "", "203.0.113.1"),
        (1, "", "203.0.113.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        (2, "1.1.1.1, 198.51.100.7, 192.0.2.9", "198.51.100.7"),
        (2, "198.51.100.7", "203.0.113.1"),
        (1, "1.1.1.1, ", "203.0.113.1"),
    ],
)
def test_only_trusted_servers_in_front_say_whom_they_speak_for(proxies: int, said: str, client: str) -> None:
    assert of_client({"REMOTE_ADDR": "203.0.113.1", "HTTP_X_FORWARDED_FOR": said}, proxies) == client
