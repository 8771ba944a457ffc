"""Logs hold nothing of anybody: canaries in every place where a request can carry something, and in exceptions."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from cop.desk.logs import Lines
from vaults import Vault

CANARY = "canarythatsings"


class Said:
    """What was logged, as text and as lines."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def said() -> Iterator[Said]:
    """Everything that reaches the root logger, in the form in which it is written."""
    said = Said()
    handler = logging.StreamHandler(said.stream)
    handler.setFormatter(Lines())
    logging.getLogger().addHandler(handler)
    yield said
    logging.getLogger().removeHandler(handler)


def faulty(request: HttpRequest) -> HttpResponse:
    typed = request.POST.get("narrative", "")
    try:
        raise KeyError(typed)
    except KeyError as error:
        raise ValueError(f"cannot use {typed}") from error


def logging_library(request: HttpRequest) -> HttpResponse:
    logger = logging.getLogger("somebody.elses")
    logger.warning("could not read %s", request.POST["narrative"])
    logger.warning(f"could not read {request.POST['narrative']}")  # as libraries do
    return HttpResponse("done")


@pytest.fixture
def pages() -> Iterator[None]:
    """Two pages that do what ours must not."""
    module = ModuleType("pages_that_log")
    vars(module)["urlpatterns"] = [path("report/faulty/", faulty), path("report/library/", logging_library)]
    sys.modules["pages_that_log"] = module
    with override_settings(ROOT_URLCONF="pages_that_log"):
        yield
    del sys.modules["pages_that_log"]


CARRIED = {
    "HTTP_USER_AGENT": f"{CANARY}/1.0",
    "HTTP_REFERER": f"https://{CANARY}.example/",
    "HTTP_X_FORWARDED_FOR": f"{CANARY}",
    "HTTP_COOKIE": f"sessionid={CANARY}",
    "REMOTE_ADDR": "203.0.113.77",
    "HTTP_X_CANARY": CANARY,
}


def test_no_page_logs_what_a_request_carries(sqlite_vault: Vault, said: Said) -> None:
    client = sqlite_vault.client(raise_request_exception=False)
    names = """narrative when where address age sex country who danger note receipt text login password code passphrase
    next email"""
    fields = dict.fromkeys(names.split(), CANARY)
    for address in (
        "/report/en/", "/report/en/return/", "/desk/account/login/", "/desk/", f"/desk/{CANARY}/", f"/report/{CANARY}/",
        "/desk/unlock/", "/api/v1/reports", "/api/v1/reports/bulk", f"/api/v1/{CANARY}",
    ):  # fmt: skip
        for send in (client.get, client.post, client.put):
            send(f"{address}?q={CANARY}", fields if send != client.put else CANARY, headers={}, **CARRIED)
        client.post(address, json.dumps(fields), content_type="application/json", **CARRIED)
    client.get("/desk/", headers={"host": f"{CANARY}.example"})

    assert len(said.lines) >= 40
    assert CANARY not in said.text
    assert "203.0.113.77" not in said.text
    answered = [line for line in said.lines if line.get("event") == "answered"]
    allowed = {"time", "level", "logger", "event", "at", "request", "route", "method", "status", "milliseconds"}
    assert set().union(*answered) == allowed


def test_no_signed_in_page_logs_who_it_was(sqlite_vault: Vault, said: Said) -> None:
    client = sqlite_vault.client("analyst@alpha")
    client.get("/desk/")
    client.get("/desk/queue/")

    assert len(said.lines) >= 2
    assert [word for word in ("analyst@alpha", "Analyst", "alpha") if word in said.text] == []


def test_an_exception_is_told_by_kind_and_place_alone(sqlite_vault: Vault, said: Said, pages: None) -> None:
    client = sqlite_vault.client(raise_request_exception=False)
    answer = client.post("/report/faulty/", {"narrative": CANARY}, **CARRIED)

    assert (answer.status_code, CANARY in answer.content.decode()) == (500, False)
    assert CANARY not in said.text
    [line] = [line for line in said.lines if "exception" in line]
    assert [told["kind"] for told in line["exception"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert line["exception"][0]["places"][-1].endswith("faulty")
    assert line["request"] == answer.headers["X-Request-Id"]


def test_what_a_library_says_is_kept_as_its_template(sqlite_vault: Vault, said: Said, pages: None) -> None:
    sqlite_vault.client().post("/report/library/", {"narrative": CANARY})
    first, second = (line for line in said.lines if line["logger"] == "somebody.elses")

    assert first["event"] == "could not read %s"
    assert "event" not in second
    assert second["at"].startswith("test_logs:")
    assert CANARY not in said.text


def test_every_line_of_a_request_carries_the_number_that_its_answer_does(sqlite_vault: Vault, said: Said) -> None:
    client = sqlite_vault.client()
    numbers = [client.get("/desk/").headers["X-Request-Id"] for _ in range(2)]

    assert [line["request"] for line in said.lines if line.get("event") == "answered"] == numbers
    assert numbers[0] != numbers[1]


def test_what_we_log_ourselves_is_a_constant(root: Any) -> None:
    import ast

    spoken = []
    for module in (root / "src" / "cop").rglob("*.py"):
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and isinstance(call.func.value, ast.Name)
                and call.func.value.id in {"_log", "log", "logger", "logging"}
                and call.func.attr in {"debug", "info", "warning", "error", "critical", "exception", "log"}
            ):
                spoken.append((module.name, call.args[0]))

    assert len(spoken) >= 3
    assert [
        name
        for name, said in spoken
        if not isinstance(said, ast.Constant) and (name, ast.unparse(said)) != ("health.py", "fault")
    ] == []
