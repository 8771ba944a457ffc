"""Atom feeds: well formed, the same bytes for the same feed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from cop.kernel.atom import Feed, Item, atom, urn

AT = "2026-01-15T00:00:00Z"
ITEMS = (
    Item(urn("a"), "First & <last>", AT, AT, "one\n- \x00two", category="open", link="https://example.org/#a"),
    Item(urn("b"), "Second", AT, AT, "text"),
)
FEED = Feed(urn("feed"), "Warnings", AT, "Harbour Group", ITEMS, language="fr")


def test_a_feed_holds_what_rfc_4287_asks_for() -> None:
    root = ET.fromstring(atom(FEED))
    names = {"a": "http://www.w3.org/2005/Atom"}
    first, second = root.findall("a:entry", names)

    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    for element in (root, first, second):
        assert all(element.findtext(f"a:{name}", namespaces=names) for name in ("id", "title", "updated"))
    assert root.findtext("a:author/a:name", namespaces=names) == "Harbour Group"
    assert first.findtext("a:title", namespaces=names) == "First & <last>"
    assert first.findtext("a:content", namespaces=names) == "one\n- two"
    assert [e.attrib for e in first.findall("a:category", names)] == [{"term": "open"}]
    assert [e.attrib for e in first.findall("a:link", names)] == [
        {"rel": "alternate", "href": "https://example.org/#a"}
    ]
    assert second.findall("a:category", names) == second.findall("a:link", names) == []


def test_the_same_feed_is_the_same_bytes() -> None:
    assert atom(FEED) == atom(FEED)
    assert urn("a") == urn("a") != urn("b")
    assert urn("a").startswith("urn:uuid:")
