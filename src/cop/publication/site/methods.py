"""How the figures are made, and the edition itself to take away: methods, data, the map of the site."""

from __future__ import annotations

from collections.abc import Iterator

from cop.editions.tables import TABLES
from cop.publication.facts import Facts
from cop.publication.quality import audit, measures
from cop.publication.site.downloads import Download
from cop.publication.site.page import Page
from cop.publication.words import said


def pages(facts: Facts, downloads: list[Download]) -> Iterator[Page]:
    """Methods and data."""
    language = facts.language
    quality = facts.edition.metadata("quality") or {}
    disclosure = facts.edition.metadata("disclosure") or {}
    coder = quality.get("coder") or {}
    context = {
        "coder": coder,
        "measures": measures(coder, facts),
        "audit": audit(facts),
        "coder_languages": [language.name(c) for c in coder.get("languages") or []],
        "record_rows": [
            [
                language.pick(r.get("title")) or r["source"],
                *(
                    language.number(r[k]) if r.get(k) is not None else ""
                    for k in ("accepted", "rejected", "auto", "review")
                ),
            ]
            for r in quality.get("records") or []
        ],
        "disclosure_rows": [
            [
                t["table"],
                language.number(t["cells"]),
                language.number(t["suppressed"]),
                language.gettext("applied") if t.get("complementary") else language.gettext("not yet applied"),
            ]
            for t in disclosure.get("tables") or []
        ],
        "disclosure": disclosure,
        "surveys": facts.metadata_list("surveys"),
        "lacking": [t["table"] for t in disclosure.get("tables") or [] if not t.get("complementary")],
        "inputs": [
            {**i, "kind_words": said("input", i.get("kind"), language)} for i in facts.lineage["inputs"].values()
        ],
        "code": facts.lineage["code"] or facts.about.get("code", {}),
    }
    yield Page(
        "methods/",
        "methods.html",
        language.gettext("Methods"),
        language.gettext("How the figures are made, how sure they are, and what is withheld."),
        "methods",
        (),
        context,
    )
    yield Page(
        "data/",
        "data.html",
        language.gettext("Data"),
        language.gettext("The edition to download, check and cite."),
        "data",
        (),
        {"downloads": downloads, "tables": list(TABLES)},
    )
