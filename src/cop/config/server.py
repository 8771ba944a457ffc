"""The server: granian with several workers, one tree of processes that starts and stops as one."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import WSGIApplication

from cop.config.logs import LOGGING
from cop.config.observatory import Observatory
from cop.config.wsgi import compose, desk
from cop.kernel.errors import Unavailable

_STOPPING = 10
"""Seconds that answers under way have to end when the server stops."""
_CONNECTIONS = 512
"""Connections that a worker holds at once, idle ones among them; further ones wait in the kernel's queue."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve. `observatory` None: the site alone, without a vault."""

    site: Path
    observatory: Observatory | None
    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 2
    threads: int = 4
    warm: bool = False


def serve(serving: Serving, announce: Callable[[str], None]) -> None:
    """Serve until a TERM signal or Ctrl-C; a worker that dies is replaced.

    Args:
        serving: what, where and with how many.
        announce: told the address, once, as soon as somebody answers there.

    Raises:
        Unavailable: the address cannot be bound, the database cannot be opened, or workers die as they start.
    """
    port = _free_port(serving.host, serving.port)
    shared = Path(tempfile.mkdtemp(prefix="cop-figures-"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared)
    try:
        application = _application(serving)
        _run(serving, port, application, announce)
    finally:
        shutil.rmtree(shared, ignore_errors=True)


def _application(serving: Serving) -> WSGIApplication:
    """Made before workers are, so that they share its memory; no connection and no thread goes over to them."""
    if serving.observatory is None:
        return compose(serving.site, None)
    from cop.config.start import start

    start(serving.observatory)
    answer = desk(proxies=serving.observatory.desk.proxies)
    from django.db import connections

    connections.close_all()
    return compose(serving.site, answer)


def _run(serving: Serving, port: int, application: WSGIApplication, announce: Callable[[str], None]) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    multiprocessing.set_start_method("fork", force=True)  # workers share what the main process has loaded
    ours, theirs = os.pipe()

    def load() -> WSGIApplication:
        for stop in (signal.SIGTERM, signal.SIGINT):  # the main process's handlers came over, and would swallow them
            signal.signal(stop, signal.SIG_DFL)
        os.close(theirs)  # the main process alone holds it now: it closes when that dies, however it dies
        threading.Thread(target=_end_with_main, args=(ours,), daemon=True).start()
        if serving.warm and serving.observatory:
            _warm()
        return application

    server = Server(
        "cop",
        address=serving.host,
        port=port,
        interface=Interfaces.WSGI,
        workers=serving.workers,
        blocking_threads=serving.threads,
        backpressure=_CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOPPING,
        log_dictconfig=LOGGING,
        log_level=LogLevels.warning,
    )
    server.on_startup(lambda: _announce_when_ready(serving.host, port, announce))
    try:
        server.serve(target_loader=load, wrap_loader=False)
    except SystemExit as ended:
        if not server.interrupt_signal:  # on a terminal Ctrl-C reaches the workers as well, which is no failure
            raise Unavailable("the workers end as they start", expected="the log above to say why") from ended
    finally:
        os.close(ours)
        os.close(theirs)


def _end_with_main(pipe: int) -> None:
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _warm() -> None:
    from cop.vault.reports.coders import coder

    coder()


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0. Workers share it by SO_REUSEPORT, which would also let a stranger in."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unavailable(f"cannot listen on {host}:{port}: {reason}", expected="a free port") from error
        return int(probe.getsockname()[1])


def _announce_when_ready(host: str, port: int, announce: Callable[[str], None]) -> None:
    """Tell the address once a worker answers there."""
    name = f"[{host}]" if ":" in host else host
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound

    def wait() -> None:
        for _ in range(1200):
            try:
                socket.create_connection((near, port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
                continue
            announce(f"http://{name}:{port}/")
            return
        logging.getLogger("cop.serve").error("no worker answers")

    threading.Thread(target=wait, daemon=True).start()
