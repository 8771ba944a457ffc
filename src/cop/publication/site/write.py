"""Write the whole site of an edition, or leave the one that stands there as it is."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from cop.editions.read import Edition
from cop.kernel.errors import Refused
from cop.kernel.progress import SILENT, Progress
from cop.publication.facts import read_facts
from cop.publication.language import read_language
from cop.publication.site import indicators, library, methods, overview, providers, series, threats, warnings
from cop.publication.site.downloads import place
from cop.publication.site.page import Page
from cop.publication.site.press import Press

_AT_FDCWD = -100
_EXCHANGE = 2


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """What was written: the folder, numbers of pages, figures and files, their bytes together (downloads included)."""

    folder: Path
    edition: str
    pages: int
    figures: int
    files: int
    size: int


def write_site(
    edition: Edition,
    folder: Path,
    *,
    language: str = "en",
    attachments: Mapping[str, Path] | None = None,
    base_url: str | None = None,
    direction: str | None = None,
    progress: Progress = SILENT,
) -> SiteSummary:
    """Write the site of `edition` into `folder`, replacing what stands there only when the new one is complete.

    The same edition gives the same bytes: nothing here reads the clock.

    Args:
        edition: what is shown; it is not verified here.
        folder: of the site. Its parent must be writable: the new site is written beside the old one.
        language: of the interface.
        attachments: file name -> file, offered on the data page (the annual report).
        base_url: where the site will be served; only `sitemap.xml` and the 404 page need to know.
        direction: `rtl` or `ltr` in place of the language's own, to look at a layout.
        progress: counts pages.

    Raises:
        Refused: the edition holds a value in a suppressed cell, or `folder` is not a site's.
        NotFound: the window has no such language.
    """
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / "index.html").is_file())):
        raise Refused(
            f"{folder} is not a site and would be replaced", expected="an empty folder, a site, or a new name"
        )
    facts = read_facts(edition, read_language(language))
    part = folder.parent / f".part-{folder.name}-{os.getpid()}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        downloads = place(edition, part, dict(attachments or {}))
        press = Press(
            facts,
            part,
            direction=direction or "",
            base_path=(urlsplit(base_url).path.rstrip("/") if base_url else "") + "/",
        )
        press.assets()
        progress.total(
            len(facts.nodes)
            + len(facts.metadata_list("indicators"))
            + len(facts.metadata_list("series"))
            + len(facts.metadata_list("providers"))
            + 10
        )
        for room in (
            overview.pages(facts),
            threats.pages(facts),
            warnings.pages(facts),
            indicators.pages(facts),
            series.pages(facts),
            providers.pages(facts),
            library.pages(facts),
            methods.pages(facts, downloads),
        ):
            for page in room:
                press.page(page)
                progress.advance()
        (part / warnings.FEED).write_bytes(warnings.feed(facts, base_url))
        (part / providers.FEED).write_bytes(providers.feed(facts, base_url))
        (part / providers.WHOLE).write_bytes(providers.whole(facts))
        _map(press, base_url)
        press.missing()
        summary = _summary(press, folder)
        _replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return summary


def _map(press: Press, base_url: str | None) -> None:
    """The map of the site as a page; also as `sitemap.xml` where the site's address is known: that format needs it."""
    _ = press.facts.language.gettext
    rooms: dict[str, list[Page]] = {}
    for page in press.printed:
        rooms.setdefault(page.room, []).append(page)
    press.page(
        Page("sitemap/", "sitemap.html", _("All pages"), _("Every page of this site."), "", (), {"by_room": rooms})
    )
    if base_url:
        root = base_url.rstrip("/") + "/"
        urls = "".join(f"<url><loc>{escape(root + p.path)}</loc></url>\n" for p in press.printed)
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
        (press.root / "sitemap.xml").write_text(text, encoding="utf-8")
        (press.root / "robots.txt").write_text(
            f"User-agent: *\nAllow: /\nSitemap: {root}sitemap.xml\n", encoding="utf-8"
        )


def _summary(press: Press, folder: Path) -> SiteSummary:
    files = [p for p in press.root.rglob("*") if p.is_file()]
    figures = sum(len(p.figures) for p in press.printed)
    return SiteSummary(
        folder,
        press.facts.edition.id,
        len(press.printed) + 1,
        figures,
        len(files),
        sum(p.stat().st_size for p in files),
    )


def _replace(part: Path, folder: Path) -> None:
    """Put the new site in its place in one step where the system can exchange two folders, else in two renames."""
    if not folder.exists():
        part.rename(folder)
        return
    if not _exchange(part, folder):
        old = part.with_name(part.name + "-old")
        folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders atomically (Linux `renameat2`); False where the system has no such call."""
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    return call is not None and call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0
