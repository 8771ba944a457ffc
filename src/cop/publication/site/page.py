"""A page before it is printed: where it stands, what it is called, what its template is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cop.publication.charts.figure import Figure

ROOM_NAMES = ("threats", "warnings", "indicators", "series", "providers", "library", "methods", "data")
"""The entries of the navigation, in order; each is also the folder of its pages."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure on a page.

    Attributes:
        id: unique on its page; also the name of its CSV file.
        figure: what is shown.
        subject: what the figure is about, the small words above its title ("By month").
        lineage: key in the edition's lineage, opened from the figure.
    """

    id: str
    figure: Figure
    subject: str = ""
    lineage: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the site.

    Attributes:
        path: folder of the page below the site's root, with a slash at its end ("threats/B032/"); "" is the first page.
        template: file in `templates/`.
        title: the page's own title, its `h1`.
        description: one sentence for search engines and previews.
        room: the entry of the navigation it belongs to.
        crumbs: (words, path) of the pages above it, the first page left out.
        context: what the template is given beside these.
        figures: figures whose CSV files stand beside the page.
    """

    path: str
    template: str
    title: str
    description: str = ""
    room: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    context: dict[str, Any] = field(default_factory=dict[str, Any])
    figures: tuple[Shown, ...] = ()


def slug(text: str) -> str:
    """A text as one step of an address: letters, digits, `._-`; anything else becomes a dash."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in text).strip(".-") or "-"


def paper_path(number: str) -> str:
    """The permanent address of a numbered document: `HG-CP/1/4` is `documents/HG-CP/1/4/`."""
    return "documents/" + "/".join(slug(part) for part in number.split("/")) + "/"
