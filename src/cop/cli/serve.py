"""`cop serve`: the site over the newest edition, on this machine."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import click

from cop.cli.shape import in_observatory, say
from cop.kernel.errors import NotFound


@click.command("serve")
@in_observatory
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on (0: any free one).",
)
def command(folder: Path, host: str, port: int) -> None:
    """Serve the site that `cop build` wrote, until stopped with Ctrl-C or a TERM signal.

    \b
    Example:
      cop serve observatory --port 9000
    """
    from cop.publication.site.serve import serve
    from cop.road.build import SITE

    site = folder / SITE
    if not (site / "index.html").is_file():
        raise NotFound(f"no site in {folder}", expected="an observatory that was built: cop build DIR")
    # a shell has what it runs in the background ignore Ctrl-C, and a supervisor sends TERM: both stop it
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    with suppress(KeyboardInterrupt), serve(site, host, port) as server:
        name, bound = str(server.server_address[0]), server.server_address[1]
        say(f"http://{f'[{name}]' if ':' in name else name}:{bound}/  (Ctrl-C stops it)")
        server.serve_forever()
