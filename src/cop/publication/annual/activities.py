"""What the group did: the secretariat's account, then meetings, documents and outcomes from the library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cop.publication.annual.markdown import read_markdown
from cop.publication.annual.say import first_capital, labelled
from cop.publication.annual.tree import Block, Column, Section, Table, bullets, paragraph, row
from cop.publication.facts import Facts
from cop.publication.words import said


def chapter(facts: Facts, written: Mapping[str, Any] | None) -> tuple[Section, ...]:
    """The chapter; nothing where neither the secretariat nor the library has anything to say."""
    _ = facts.language.gettext
    library = facts.edition.metadata("library") or {}
    meetings = list(library.get("meetings") or [])
    if written is None and not library:
        return ()
    title = facts.language.pick(written["title"]) if written else _("Activities of the group")
    words = facts.language.pick(written["markdown"]) if written else ""
    first, *rest = read_markdown(words, id="activities", title=title)
    return first, *rest, *_group(facts, library), *(_meeting(facts, m) for m in meetings)


def _group(facts: Facts, library: Mapping[str, Any]) -> tuple[Section, ...]:
    _ = facts.language.gettext
    group, terms = library.get("group") or {}, library.get("terms_of_reference") or []
    if not group:
        return ()
    pairs = [
        (_("Group"), _named(group)),
        (_("Reports to"), str(group.get("parent") or "")),
        (_("Established by"), str(group.get("established_by") or "")),
    ]
    blocks: list[Block] = [bullets(*labelled(pairs))]
    if terms:
        blocks += [paragraph(_("Its terms of reference:")), bullets(*(first_capital(str(t)) for t in terms))]
    return (Section("group", _("The group and its task"), 2, tuple(blocks)),)


def _named(group: Mapping[str, Any]) -> str:
    name, code = str(group.get("name") or ""), str(group.get("code") or "")
    return f"{name} ({code})" if name and code else name or code


def _person(facts: Facts, person: Mapping[str, Any] | str | None) -> str:
    if not isinstance(person, Mapping):
        return person or ""
    home = facts.area(str(person["country"])) if person.get("country") else str(person.get("organisation") or "")
    return f"{person.get('name', '')} ({home})" if home else str(person.get("name", ""))


def _meeting(facts: Facts, meeting: Mapping[str, Any]) -> Section:
    language = facts.language
    _ = language.gettext
    number, place = meeting.get("number"), str(meeting.get("place") or "")
    start, end = str(meeting.get("start") or ""), str(meeting.get("end") or "")
    days = _("%(start)s to %(end)s", start=language.date(start), end=language.date(end))
    pairs = [
        (_("Place"), place),
        (_("Date"), days if end and end[:10] != start[:10] else language.date(start)),
        (_("Delegates"), language.number(meeting["delegates"]) if meeting.get("delegates") else ""),
        (_("Chair"), _person(facts, meeting.get("chair"))),
        (_("Vice-chairs"), language.listing([_person(facts, v) for v in meeting.get("vice_chairs") or []])),
        (_("Next meeting"), _next(facts, meeting.get("next_meeting"))),
    ]
    blocks: list[Block] = [bullets(*labelled(pairs))]
    papers, outcomes = meeting.get("documents") or [], meeting.get("outcomes") or []
    if papers:
        columns = (
            Column(_("Number"), 1.6), Column(_("Kind"), 1.6), Column(_("Source"), 2.2), Column(_("Subject"), 5),
        )  # fmt: skip
        rows = tuple(
            row(
                str(p.get("number") or ""),
                first_capital(said("paper", p.get("kind"), language)),
                str(p.get("source") or ""),
                _subject(facts, p),
            )
            for p in papers
        )
        blocks.append(Table(_("Documents of meeting %(number)s", number=number), columns, rows))
    if outcomes:
        columns = (Column(_("Reference"), 1.1), Column(_("Kind"), 2), Column(_("Outcome"), 7))
        rows = tuple(
            row(
                str(o.get("ref") or ""),
                first_capital(said("outcome", o.get("kind"), language)),
                first_capital(str(o.get("text") or "")),
            )
            for o in outcomes
        )
        blocks.append(Table(_("Outcomes of meeting %(number)s", number=number), columns, rows))
    return Section(f"meeting-{number}", _("Meeting %(number)s", number=number), 2, tuple(blocks))


def _subject(facts: Facts, paper: Mapping[str, Any]) -> str:
    subject, by = str(paper.get("subject") or ""), _person(facts, paper.get("presenter"))
    if not by:
        return first_capital(subject)
    if not subject:
        return facts.language.gettext("Presented by %(person)s", person=by)
    _ = facts.language.gettext
    return _("%(subject)s, presented by %(person)s", subject=first_capital(subject), person=by)


def _next(facts: Facts, meeting: Mapping[str, Any] | str | None) -> str:
    if not isinstance(meeting, Mapping):
        return meeting or ""
    when, note = facts.language.period(str(meeting.get("when") or "")), str(meeting.get("note") or "")
    return f"{when} ({note})" if when and note else when or note
