"""Programs started warm: a process that has read what every call of `cop` reads, and forks one for each call.

Most of a short call is reading libraries and the coder's tables. Here that is done once for each test process; a call
is still a process of its own, with its own memory, folder, environment, streams and exit status. What is under test is
`cop.cli.main` as the installed program calls it; tests of killing, memory and start start the program itself.

Run as `python tests/warm.py SOCKET`. A client sends one JSON object {arguments, cwd, env} with three file descriptors
(standard input, output, error) and is answered with the process's number, then with its exit status, a line each.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO, cast

_MOST = 1 << 20


def _read_ahead() -> None:
    """Read what calls read. Nothing that starts a thread: a forked process has only the one that forked it."""
    for name in ("altair", "django.db.models", "duckdb", "jinja2", "polars", "pyarrow.parquet"):
        import_module(name)
    import cop.cli
    from cop.classification.coder import Coder
    from cop.classification.coder.language import detect

    for verb in cop.cli.VERBS:
        cop.cli.cop.get_command(cop.cli.click.Context(cop.cli.cop), verb)
    Coder.load()
    detect("The language of these words is told by a table that is read once.")


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Be the program that was asked for, to its end: what it holds open is closed as at the end of any program."""
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = request["arguments"]
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    if sys.argv[0] == "-c":
        exec(compile(sys.argv.pop(1), "<inside>", "exec"), {"__name__": "__main__"})
    else:
        from cop.cli import main

        main()
    sys.exit(0)


def _stream(number: int, mode: str) -> TextIO:
    return cast("TextIO", open(number, mode, encoding="utf-8", closefd=False))


def _answer(connection: socket.socket) -> None:
    """Fork the program, wait for it and say how it ended."""
    data, streams, _, _ = socket.recv_fds(connection, _MOST, 3)
    request = json.loads(data)
    number = os.fork()
    if number == 0:
        connection.close()
        _become(request, streams)
    connection.sendall(f"{number}\n".encode())
    _, status = os.waitpid(number, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def main() -> None:
    """Serve until standard input closes: until the test process that started this one is gone."""
    address = Path(sys.argv[1])
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        _read_ahead()
        listener.bind(str(address))
        listener.listen()
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    if os.fork() == 0:  # its parent ends at once, so that nothing waits for it here
                        listener.close()
                        _answer(connection)
                    os._exit(0)
            os.wait()


if __name__ == "__main__":
    main()
