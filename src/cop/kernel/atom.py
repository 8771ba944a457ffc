"""Atom feeds (RFC 4287): what a feed says in, its bytes out; the same feed gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a feed: times as RFC 3339 writes them, `content` plain text, `link` the page it stands on, if any."""

    id: str
    title: str
    updated: str
    published: str
    content: str
    category: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its entries, newest first; `language` as in BCP 47."""

    id: str
    title: str
    updated: str
    author: str
    items: Sequence[Item]
    language: str = "en"


def urn(name: str) -> str:
    """An id that is the same for the same name, wherever the feed lies."""
    return uuid5(NAMESPACE_URL, f"cop:{name}").urn


def atom(feed: Feed) -> bytes:
    """The feed as XML in UTF-8. Characters that XML 1.0 cannot hold are left out."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed", {_LANGUAGE: feed.language})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", feed.updated)
    _text(ET.SubElement(root, f"{{{_ATOM}}}author"), "name", feed.author)
    for item in feed.items:
        entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
        _text(entry, "id", item.id)
        _text(entry, "title", item.title)
        _text(entry, "updated", item.updated)
        _text(entry, "published", item.published)
        if item.category:
            ET.SubElement(entry, f"{{{_ATOM}}}category", term=item.category)
        if item.link:
            ET.SubElement(entry, f"{{{_ATOM}}}link", rel="alternate", href=item.link)
        _text(entry, "content", item.content)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _text(parent: ET.Element, name: str, text: str) -> None:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}")
    element.text = "".join(c for c in text if c.isprintable() or c in "\n\t")
