"""Meetings and numbered documents, each at a permanent address; terms of reference and outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cop.publication.facts import Facts
from cop.publication.site.page import Page, paper_path, slug
from cop.publication.words import said


def meeting_path(meeting: dict[str, Any]) -> str:
    """The permanent address of a meeting."""
    return f"meetings/{slug(str(meeting['number']))}/"


def _who(person: dict[str, Any], facts: Facts) -> str:
    of = facts.area(person["country"]) if person.get("country") else person.get("organisation") or ""
    return f"{person['name']} ({of})" if of else str(person["name"])


def _dates(meeting: dict[str, Any], facts: Facts) -> str:
    start, end = str(meeting.get("start") or "")[:10], str(meeting.get("end") or "")[:10]
    if not start:
        return ""
    return (
        facts.language.date(start)
        if not end or end == start
        else f"{facts.language.date(start)} – {facts.language.date(end)}"
    )


def _paper(paper: dict[str, Any], facts: Facts) -> dict[str, Any]:
    kind = said("paper", paper.get("kind"), facts.language)
    return {
        **paper,
        "path": paper_path(paper["number"]),
        "kind_words": kind[:1].upper() + kind[1:],
        "subject": facts.language.pick(paper.get("subject")),
        "source": paper.get("source") or "",
    }


def pages(facts: Facts) -> Iterator[Page]:
    """The library's first page, a page per meeting and a page per document."""
    language = facts.language
    library = facts.edition.metadata("library")
    group = library.get("group") or {}
    meetings: list[dict[str, Any]] = [
        {
            **m,
            "path": meeting_path(m),
            "dates": _dates(m, facts),
            "papers": [_paper(p, facts) for p in m.get("documents") or []],
            "name": language.gettext("Meeting %(number)s", number=m["number"]),
            "chair_words": _who(m["chair"], facts) if m.get("chair") else "",
            "vice_words": [_who(p, facts) for p in m.get("vice_chairs") or []],
            "outcome_list": [
                {**o, "kind_words": said("outcome", o.get("kind"), language)} for o in m.get("outcomes") or []
            ],
        }
        for m in library.get("meetings") or []
    ]
    yield Page(
        "library/",
        "library.html",
        language.gettext("Library"),
        language.gettext("Meetings and numbered documents of the group."),
        "library",
        (),
        {"group": group, "terms": library.get("terms_of_reference") or [], "meetings": meetings},
    )
    crumb = (language.gettext("Library"), "library/")
    for meeting in meetings:
        title = f"{group.get('code', '')} {meeting['name']}".strip()
        yield Page(
            meeting["path"],
            "meeting.html",
            title,
            language.gettext("Documents and outcomes of the meeting."),
            "library",
            (crumb,),
            {"group": group, "meeting": meeting},
        )
        for paper in meeting["papers"]:
            description = " · ".join(filter(None, [paper["kind_words"], paper["source"], paper["subject"]]))
            yield Page(
                paper["path"],
                "paper.html",
                paper["number"],
                description,
                "library",
                (crumb, (title, meeting["path"])),
                {"paper": paper, "meeting": meeting, "meeting_title": title},
            )
