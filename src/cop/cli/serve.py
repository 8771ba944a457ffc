"""`cop serve`: the site over the newest edition, the desk and the door of those who report."""

from __future__ import annotations

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
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that answer: one per core."
)
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 32), help="Answers at once per worker.")
@click.option("--warm", is_flag=True, help="Load the coder before the first report comes.")
@click.option("--site-only", is_flag=True, help="The written site alone: no vault, no desk, no description needed.")
def command(folder: Path, host: str, port: int, workers: int, threads: int, warm: bool, site_only: bool) -> None:
    """Serve the site at /, the desk at /desk/, the form of those who report at /report/, partners' service at /api/.

    Stopped with Ctrl-C or a TERM signal. Logs go to standard error. A network reaches it through a server that speaks
    TLS: docs/guide/operations.md.

    \b
    Example:
      cop serve observatory --port 9000
    """
    from cop.config.observatory import read_observatory
    from cop.config.server import Serving, serve
    from cop.road.build import SITE

    site = folder / SITE
    if site_only and not (site / "index.html").is_file():
        raise NotFound(f"no site in {folder}", expected="an observatory that was built: cop build DIR")
    observatory = None if site_only else read_observatory(folder)
    serve(
        Serving(site, observatory, host, port, workers, threads, warm),
        lambda address: say(f"{address}  (Ctrl-C stops it)"),
    )
