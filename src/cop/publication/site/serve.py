"""A small server for a written site, on the loopback by default: to look at it, not to carry a country's traffic.

It serves files below one folder and nothing else: no listing of folders, no address that leaves the folder, no hidden
file, GET and HEAD only. A public site belongs behind a web server or a CDN, which should send the same headers.
"""

from __future__ import annotations

import posixpath
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from cop.kernel.errors import NotFound, Unavailable
from cop.publication.site.press import POLICY

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff": "font/woff",
    ".xml": "application/xml",
    ".atom": "application/atom+xml",
    ".txt": "text/plain; charset=utf-8",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".parquet": "application/vnd.apache.parquet",
    ".pub": "text/plain; charset=utf-8",
    ".sig": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}
_CHUNK = 1 << 16
_PATIENCE = 30


def resolve(root: Path, target: str) -> Path | None:
    """The file that a request target names below `root`, or None when there is none to give.

    Args:
        root: of the site, resolved.
        target: as it stands in the request line, with its query.
    """
    try:
        path = unquote(urlsplit(target).path, errors="strict")
    except ValueError:
        return None
    if "\0" in path or "\\" in path or not path.startswith("/"):
        return None
    parts = [p for p in path.split("/") if p]
    if any(p.startswith(".") for p in parts):
        return None
    file = root.joinpath(*parts)
    if path.endswith("/"):
        file = file / "index.html"
    try:
        real = file.resolve(strict=True)
    except OSError:
        return None
    return real if real.is_file() and real.is_relative_to(root) else None


class Handler(BaseHTTPRequestHandler):
    """Answers for one folder."""

    protocol_version = "HTTP/1.1"
    server_version = "cop-site"
    sys_version = ""
    timeout = _PATIENCE

    def __init__(self, root: Path, *rest: object) -> None:
        self.root = root
        super().__init__(*rest)  # type: ignore[arg-type] - request, address, server, as the server passes them

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep no record of who reads what."""

    def _answer(self, *, body: bool) -> None:
        file = resolve(self.root, self.path)
        if file is None and (folder := self._folder()):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", folder)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        status = HTTPStatus.OK if file else HTTPStatus.NOT_FOUND
        shown = file or self.root / "404.html"
        try:
            with shown.open("rb") as handle:
                self.send_response(status)
                self.send_header("Content-Type", TYPES.get(shown.suffix, "application/octet-stream"))
                self.send_header("Content-Length", str(shown.stat().st_size))
                self.end_headers()
                if body:
                    self._send(handle)
        except FileNotFoundError:
            self.send_error(HTTPStatus.NOT_FOUND)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, handle: BinaryIO) -> None:
        while chunk := handle.read(_CHUNK):
            self.wfile.write(chunk)

    def _folder(self) -> str | None:
        """The same address with a slash at its end, where that names a page: built from the path's own parts."""
        path = urlsplit(self.path).path
        if path.endswith("/") or resolve(self.root, path + "/") is None:
            return None
        return posixpath.normpath("/" + path.lstrip("/")) + "/"


def serve(folder: Path, host: str = "127.0.0.1", port: int = 8000) -> ThreadingHTTPServer:
    """A server for the site in `folder`, bound and not yet running: call `serve_forever`, at the end `server_close`.

    Args:
        folder: a written site.
        host: address to bind; the loopback unless the caller says otherwise.
        port: 0 takes a free one, found in `server_address`.

    Raises:
        NotFound: there is no site.
        Unavailable: the address cannot be bound.
    """
    root = folder.resolve()
    if not (root / "index.html").is_file():
        raise NotFound(f"no site at {folder}", expected="a folder with index.html")
    try:
        server = ThreadingHTTPServer((host, port), partial(Handler, root))
    except OSError as error:
        raise Unavailable(f"cannot listen on {host}:{port}: {error.strerror}", expected="a free port") from error
    server.daemon_threads = True
    return server
