"""Early warnings: which counts are higher than their past explains, as a page and as an Atom feed beside it."""

from __future__ import annotations

from collections.abc import Iterator

from cop.kernel.atom import Feed, Item, atom, urn
from cop.publication.facts import Facts
from cop.publication.site.page import Page
from cop.publication.warnings import Warned, Warnings

PATH = "warnings/"
FEED = f"{PATH}warnings.atom"


def pages(facts: Facts) -> Iterator[Page]:
    """The page."""
    language = facts.language
    found = Warnings(facts)
    context = {
        "watch": found,
        "rows": [(w, f"threats/{w.code}/" if w.code in facts.nodes else "") for w in found.all],
        "methods": [[m.id, m.detector, m.assessed, m.false_alarms, m.source] for m in found.methods],
        "feed": FEED,
    }
    description = language.gettext(
        "Published counts of the latest months that are higher than their own past explains."
    )
    yield Page(PATH, "warnings.html", language.gettext("Early warnings"), description, "warnings", (), context)


def feed(facts: Facts, base_url: str | None) -> bytes:
    """The warnings as an Atom feed, its times the edition's date; with links where the site's address is known."""
    language, observatory = facts.language, facts.observatory
    at = f"{facts.about['date']}T00:00:00Z"
    title = language.pick(observatory["title"])
    link = f"{base_url.rstrip('/')}/{PATH}" if base_url else ""
    return atom(
        Feed(
            id=urn(f"warnings:{observatory['id']}/editions"),
            title=language.gettext("%(observatory)s: early warnings", observatory=title),
            updated=at,
            author=language.pick(observatory.get("organisation")) or title,
            items=[_item(w, facts, at, link) for w in Warnings(facts).all],
            language=language.code,
        )
    )


def _item(warned: Warned, facts: Facts, at: str, link: str) -> Item:
    """One warning; its id is that of the same warning in the feed of `cop monitor`."""
    look = "".join(f"\n- {line}" for line in warned.look_at)
    heading = facts.language.gettext("What to look at")
    return Item(
        id=urn(f"warnings:{facts.observatory['id']}/{warned.id}"),
        title=warned.title,
        updated=at,
        published=at,
        content=f"{warned.sentence}\n{heading}:{look}",
        link=f"{link}#{warned.id}" if link else "",
    )
