"""The real server: one tree of processes that starts, survives, and stops as one."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from served import Founded, Reporter, Server, founded

TOKEN = "a-token-of-operators-0001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    return founded(tmp_path_factory.mktemp("served") / "o")


@pytest.fixture
def server(made: Founded) -> Iterator[Server]:
    (made.folder / "serve.log").write_text("")
    with Server(made.folder, more={"COP_METRICS_TOKEN": TOKEN}) as server:
        yield server


def ask(server: Server, path: str, **headers: str) -> tuple[int, str]:
    with closing(Reporter(server.port)) as somebody:
        return somebody.ask("GET", path, headers=headers)


def until(true: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
    return true()


def test_one_process_serves_the_desk_the_form_the_service_and_what_operators_ask(made: Founded, server: Server) -> None:
    assert ask(server, "/")[0] == 404
    assert "cop build" in ask(server, "/")[1]
    (made.folder / "site").mkdir(exist_ok=True)
    (made.folder / "site" / "index.html").write_text("the site")
    assert ask(server, "/") == (200, "the site")
    assert ask(server, "/desk/")[0] == 302
    assert ask(server, "/desk/account/login/")[0] == 200
    assert ask(server, "/desk/static/desk/desk.css")[0] == 200
    assert ask(server, "/report/en/")[0] == 200
    assert ask(server, "/api/v1/reports/1")[0] == 401
    assert ask(server, "/health") == (200, '{"status": "ok"}')
    assert ask(server, "/metrics")[0] == 404
    status, figures = ask(server, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    [count] = [line for line in figures.splitlines() if line.startswith("cop_requests_total") and "login" in line]
    assert count.endswith(" 1.0")  # whichever worker answered that, and whichever answers this


def test_it_stops_in_good_order_and_says_nothing_but_its_address(made: Founded, server: Server) -> None:
    assert until(lambda: len(server.workers()) == 2)  # the address is told as soon as one answers
    workers = server.workers()
    status = server.stop()

    assert (status, len(workers)) == (0, 2)
    assert [number for number in workers if Path(f"/proc/{number}").exists()] == []
    assert (made.folder / "serve.log").read_text() == ""
    server.start()


def test_a_killed_worker_is_replaced_while_the_other_answers(made: Founded, server: Server) -> None:
    assert until(lambda: len(server.workers()) == 2)
    killed = server.workers()[0]
    os.kill(killed, signal.SIGKILL)

    assert until(lambda: len(server.workers()) == 2 and killed not in server.workers())
    assert until(lambda: ask(server, "/health")[0] == 200)
    [line] = [json.loads(line) for line in (made.folder / "serve.log").read_text().splitlines() if "_granian" in line]
    assert (line["level"], line["event"]) == ("error", "Unexpected exit from worker-1")


def test_workers_of_a_killed_server_end_with_it(server: Server) -> None:
    assert until(lambda: len(server.workers()) == 2)
    workers = server.workers()
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)

    assert until(lambda: not any(_runs(number) for number in workers))
    assert server.process.stdout is not None
    server.process.stdout.close()
    server.process.wait()
    server.start()


def test_an_observatory_that_cannot_be_served_is_one_line(cop: Callable[..., Any], tmp_path: Path) -> None:
    done = cop("serve", tmp_path)

    assert (done.code, done.refusal) == (
        2,
        f"no observatory.toml in {tmp_path} (expected a folder that `cop init` made, or --dir)",
    )


def _runs(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
