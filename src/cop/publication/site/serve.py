"""A written site as a WSGI application (PEP 3333): the files below one folder and nothing else.

No listing of folders, no address that leaves the folder, no hidden file, GET and HEAD only. A site that carries a
country's traffic belongs behind a web server or a CDN, which should send the same headers.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import FileWrapper

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
_SERVER = ("Server", "cop-site")


def resolve(root: Path, path: str) -> Path | None:
    """The file that a request names below `root`, or None when there is none to give.

    Args:
        root: of the site, resolved.
        path: of the address, with its percent signs decoded and without a query.
    """
    if "\0" in path or "\\" in path or not path.startswith("/"):
        return None
    parts = [p for p in path.split("/") if p]
    if any(p.startswith(".") for p in parts):
        return None
    try:
        file = root.joinpath(*parts)
        real = (file / "index.html" if path.endswith("/") else file).resolve(strict=True)
    except (OSError, UnicodeEncodeError):
        return None
    return real if real.is_file() and real.is_relative_to(root) else None


class Site:
    """Answers for one folder. What stands there may be replaced, or come later: each request looks anew."""

    def __init__(self, folder: Path) -> None:
        self.root = folder.resolve()

    @property
    def is_there(self) -> bool:
        """Whether a site was written."""
        return (self.root / "index.html").is_file()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _short(start, HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "GET, HEAD"))
        path = path_of(environ)
        file = resolve(self.root, path)
        if file is None and (folder := self._folder(path)):
            return _short(start, HTTPStatus.MOVED_PERMANENTLY, ("Location", folder))
        shown = file or self.root / "404.html"
        try:
            handle = shown.open("rb")
        except FileNotFoundError:
            return _short(start, HTTPStatus.NOT_FOUND)
        status = HTTPStatus.OK if file else HTTPStatus.NOT_FOUND
        kind = TYPES.get(shown.suffix, "application/octet-stream")
        size = str(os.fstat(handle.fileno()).st_size)
        start(_line(status), [*HEADERS.items(), _SERVER, ("Content-Type", kind), ("Content-Length", size)])
        if environ["REQUEST_METHOD"] == "HEAD":
            handle.close()
            return []
        return FileWrapper(handle, _CHUNK)

    def _folder(self, path: str) -> str | None:
        """The same address with a slash at its end, where that names a page: built from the path's own parts."""
        if not path.startswith("/") or path.endswith("/") or resolve(self.root, path + "/") is None:
            return None
        return quote(posixpath.normpath("/" + path.lstrip("/"))) + "/"


def path_of(environ: WSGIEnvironment) -> str:
    """The path of a request's address as text; empty, which names nothing, where its bytes are not UTF-8."""
    try:
        return str(environ.get("PATH_INFO", "")).encode("latin-1").decode()
    except UnicodeError:
        return ""


def _short(start: StartResponse, status: HTTPStatus, *headers: tuple[str, str]) -> list[bytes]:
    """An answer of one line."""
    text = b"" if status == HTTPStatus.MOVED_PERMANENTLY else f"{status.phrase}\n".encode()
    length = ("Content-Length", str(len(text)))
    start(_line(status), [*HEADERS.items(), _SERVER, ("Content-Type", TYPES[".txt"]), length, *headers])
    return [text]


def _line(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"
