"""The press: pages and templates in, files out. Every link is relative, so the site works from any folder.

Templates escape everything; what may pass unescaped is an SVG drawn here and nothing else. No page holds a style or a
script of its own, so one strict policy serves all.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, Undefined
from jinja2.utils import missing
from markupsafe import Markup

from cop.publication.charts.theme import INKS
from cop.publication.facts import Facts
from cop.publication.site.page import ROOM_NAMES, Page

NARROW = 450
"""Pictures up to this many px wide may shrink to a phone's width; wider ones keep their type legible and scroll."""

_WIDTH = re.compile(r'^<svg [^>]*? width="([\d.]+)"')

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"

POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy of every page; a server adds `frame-ancestors`, which a page cannot say of itself."""


def relative(target: str, here: str) -> str:
    """The link from the page at folder `here` to `target`, a folder (with a slash at its end) or a file.

    A folder is named by its `index.html`, because a browser that opens a folder from disk does not look for it.
    """
    address, mark, fragment = target.partition("#")
    if address == "" or address.endswith("/"):
        address += "index.html"
    return posixpath.relpath(address, here or ".") + mark + fragment


def inks_css() -> str:
    """The colours of the charts as CSS variables for light and dark, from the one place they are defined."""
    light = "".join(f"{ink.variable}:{ink.light};" for ink in INKS)
    dark = "".join(f"{ink.variable}:{ink.dark};" for ink in INKS)
    return (
        f":root{{{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{{dark}}}}}\n"
    )


class Gap(Undefined):
    """A key that a metadata document leaves out reads as nothing; a name that no page was given is our mistake."""

    def __str__(self) -> str:
        return self._said()

    def __html__(self) -> str:
        return self._said()

    def __bool__(self) -> bool:
        return bool(self._said())

    def __iter__(self) -> Iterator[object]:
        return iter(self._said())

    def _said(self) -> str:
        if self._undefined_obj is missing:
            self._fail_with_undefined_error()
        return ""


@dataclass
class Press:
    """Prints pages below `root`."""

    facts: Facts
    root: Path
    direction: str = ""
    base_path: str = "/"
    printed: list[Page] = field(default_factory=list[Page])
    _environment: Environment = field(init=False, repr=False)

    def __post_init__(self) -> None:
        language = self.facts.language
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=Gap,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_callables(  # type: ignore[attr-defined] - added by the extension
            language.translations.gettext, language.translations.ngettext, newstyle=True
        )
        cast(dict[str, Any], environment.filters).update(
            number=language.number,
            date=language.date,
            period=language.period,
            pick=lambda text: str(text) if isinstance(text, Undefined) else language.pick(text),
            listing=language.listing,
            svg=lambda shown: Markup(shown.figure.svg("site")),  # noqa: S704 - drawn here, its text escaped by Vega
            picture=Markup,
            size=self._size,
            wide=lambda shown: float(_WIDTH.findall(shown.figure.svg("site"))[0]) > NARROW,
            numeric=lambda figure: [i for i, column in enumerate(figure.columns) if column.kind != "text"],
        )
        cast(dict[str, Any], environment.globals).update(
            language=language,
            about=self.facts.about,
            observatory=self.facts.observatory,
            policy=POLICY,
            rooms=self._rooms(),
            room_words=dict(self._rooms()),
            direction=self.direction or language.direction,
            lineage_of=self._lineage,
            threshold=self.facts.threshold,
            node_name=self.facts.node_name,
        )
        self._environment = environment

    def _rooms(self) -> list[tuple[str, str]]:
        _ = self.facts.language.gettext
        words = {
            "threats": _("Threats"),
            "warnings": _("Early warnings"),
            "indicators": _("Indicators"),
            "series": _("Official series"),
            "providers": _("Providers"),
            "library": _("Library"),
            "methods": _("Methods"),
            "data": _("Data"),
        }
        return [(name, words[name]) for name in ROOM_NAMES]

    def _size(self, count: int) -> str:
        language = self.facts.language
        for unit, each in (("MB", 1_000_000), ("kB", 1_000)):
            if count >= each:
                return f"{language.number(count / each, 1)} {unit}"
        return language.ngettext("%(n)s byte", "%(n)s bytes", count)

    def _lineage(self, key: str | None) -> dict[str, Any] | None:
        """What the edition says about how a fact was made: its entry, with the inputs it names."""
        entry = self.facts.lineage["facts"].get(key) if key else None
        if entry is None:
            return None
        inputs = self.facts.lineage["inputs"]
        return {
            **entry,
            "key": key,
            "input_list": [inputs[i] for i in entry.get("inputs") or [] if i in inputs],
            "code": self.facts.lineage["code"],
        }

    def page(self, page: Page) -> None:
        """Print one page and the CSV files of its figures."""
        folder = self.root / page.path
        folder.mkdir(parents=True, exist_ok=True)
        self.printed.append(page)
        (folder / "index.html").write_text(self._html(page, page.path), encoding="utf-8")
        for shown in page.figures:
            (folder / f"{shown.id}.csv").write_text(shown.figure.csv(), encoding="utf-8")

    def _html(self, page: Page, here: str, *, rooted: bool = False) -> str:
        def url(target: str) -> str:
            return self.base_path + ("" if target == "" else target) if rooted else relative(target, here)

        template = self._environment.get_template(page.template)
        text = template.render(**page.context, page=page, url=url)
        return "\n".join(line for line in (line.rstrip() for line in text.splitlines()) if line) + "\n"

    def missing(self) -> None:
        """Print the page for addresses that do not exist; it stands at any depth, so its links start at the root."""
        _ = self.facts.language.gettext
        page = Page("", "missing.html", _("This page does not exist"))
        (self.root / "404.html").write_text(self._html(page, "", rooted=True), encoding="utf-8")

    def assets(self) -> None:
        """Copy style sheet, script and fonts, and write the colours of the charts."""
        target = self.root / "assets"
        for source in sorted(p for p in ASSETS.rglob("*") if p.is_file()):
            copy = target / source.relative_to(ASSETS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
        (target / "inks.css").write_text(inks_css(), encoding="utf-8")
