"""What the public is told of providers, change by change, in words: for the pages and for the Atom feed.

Every sentence speaks of what a text says or of what was decided on it, never of what a provider is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from cop.editions.tables import TOTAL
from cop.kernel.atom import Feed, Item, atom, urn
from cop.kernel.hashing import canonical_json, text_sha256
from cop.publication.facts import PROVIDERS, Facts
from cop.publication.language import N_, Language
from cop.publication.words import said

_WEIGHTED = "weight=young_users"

Row = Mapping[str, Any]
"""A row of the edition's table `provider_history`."""


_TITLE = {
    "listed": N_("%(name)s is on the list"),
    "not_listed": N_("%(name)s is not on the list"),
    "proposed": N_("%(name)s: not decided at present"),
    "decided": N_("%(name)s, %(place)s: %(finding)s, decided by people"),
    "adjudicated": N_("%(name)s, %(place)s: %(finding)s, decided by a third person"),
    "stale": N_("%(name)s, %(place)s: the words changed, the finding is to be confirmed"),
    "answer": N_("%(name)s, %(place)s: the provider answers"),
    "new_text": N_("%(name)s, %(place)s: the provider filed a new text"),
    "contest": N_("%(name)s, %(place)s: the provider contests the finding"),
    "declare": N_("%(name)s, %(place)s: the provider declares: %(finding)s"),
}
"""Of a move on the list by its status, of anything else by its event."""


def place(row: Row) -> str:
    """The criterion, and for whom where the text differs: "LIC-2, EEA, under 18"."""
    return ", ".join(filter(None, (row["criterion"], row["region"], row["ages"])))


def title(row: Row, name: str, language: Language) -> str:
    """One change of a provider in a sentence."""
    given = {"name": name, "place": place(row), "finding": said("finding", row["finding"] or None, language)}
    told = _TITLE[row["status"] if row["event"] == "list" else row["event"]]
    return language.gettext(told, **given)


def quotes(row: Row) -> list[dict[str, Any]]:
    """The quotes of a row of the list or the history."""
    return list(json.loads(row["evidence"] or "[]"))


def decided_quotes(facts: Facts, provider: str, criterion: str) -> list[dict[str, Any]]:
    """The words that the decisions on a criterion rest on, stale ones among them; none where nothing is decided."""
    rows = facts.provider_list.filter(
        pl.col("provider") == provider, pl.col("criterion") == criterion, pl.col("status") != "proposed"
    )
    return [quote for row in rows.sort("region", "ages").iter_rows(named=True) for quote in quotes(row)]


def tally(facts: Facts) -> Counter[str]:
    """How many findings on a provider and criterion are proposed, decided, or to be confirmed (`stale`)."""
    reviewed = facts.provider_list.filter(pl.col("finding") != "not_reviewed")
    return Counter(reviewed["status"].drop_nulls().to_list())


def share(facts: Facts) -> str:
    """The share of reviewed providers that are on the list, in a sentence; "" where none is reviewed."""
    rows = facts.estimates.filter(pl.col("survey") == PROVIDERS, pl.col("domain").is_in([TOTAL, _WEIGHTED]))
    shares = {r["domain"]: r for r in rows.iter_rows(named=True) if r["estimate"] is not None}
    if TOTAL not in shares:
        return ""
    language = facts.language
    left = facts.edition.metadata("list").get("providers", {}).get("proposed", 0)
    told = language.ngettext(
        "Of %(n)s provider on which people have decided, %(share)s is on the list; left out, because not decided: "
        "%(left)s.",
        "Of %(n)s providers on which people have decided, %(share)s are on the list; left out, because not decided: "
        "%(left)s.",
        shares[TOTAL]["n"],
        share=language.percent(shares[TOTAL]["estimate"], 0),
        left=language.number(left),
    )
    if _WEIGHTED in shares:
        weighted = language.percent(shares[_WEIGHTED]["estimate"], 0)
        told += " " + language.gettext(
            "Weighted by users under 18, where their number is known: %(share)s.", share=weighted
        )
    return told


def _content(row: Row, language: Language) -> str:
    lines = [row["text"] or ""]
    lines += [
        language.gettext("“%(words)s”", words=" ".join(q["quote"].split()))
        + f" ({q['document']}, {language.date(q['version'])})"
        for q in quotes(row)
    ]
    if row["by"]:
        lines.append(f"({row['by']})")
    return "\n".join(filter(None, lines))


def atom_feed(
    history: Iterable[Row],
    names: Mapping[str, str],
    observatory: Mapping[str, Any],
    language: Language,
    *,
    updated: str,
    base_url: str | None,
) -> bytes:
    """The changes of the list and of findings as an Atom feed, newest first.

    Args:
        history: rows of `provider_history`.
        names: of the providers, by their short names.
        observatory: its id, title and organisation.
        language: of the sentences.
        updated: the day of the feed, YYYY-MM-DD.
        base_url: where the site lies, for links to the providers' pages; None where that is not known.
    """
    told = language.pick(observatory["title"])
    ordered = sorted(history, key=lambda r: (r["date"], r["provider"], r["number"]), reverse=True)
    return atom(
        Feed(
            id=urn(f"providers:{observatory['id']}"),
            title=language.gettext("%(observatory)s: what providers promise", observatory=told),
            updated=f"{updated}T00:00:00Z",
            author=language.pick(observatory.get("organisation")) or told,
            items=[_item(row, names[row["provider"]], observatory["id"], language, base_url) for row in ordered],
            language=language.code,
        )
    )


def _item(row: Row, name: str, observatory: str, language: Language, base_url: str | None) -> Item:
    same = {
        n: row[n] for n in ("provider", "criterion", "region", "ages", "date", "event", "finding", "status", "text")
    }
    at = f"{row['date']}T00:00:00Z"
    anchor = f"#{row['criterion']}" if row["criterion"] else ""
    return Item(
        id=urn(f"providers:{observatory}/{text_sha256(canonical_json(same))}"),
        title=title(row, name, language),
        updated=at,
        published=at,
        content=_content(row, language),
        category=row["event"],
        link=f"{base_url.rstrip('/')}/providers/{row['provider']}/{anchor}" if base_url else "",
    )
