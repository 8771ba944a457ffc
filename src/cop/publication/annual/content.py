"""An edition as the tree of the annual report: which chapters there are, in which order, and what the cover says.

The secretariat's own sections stand where their names put them: `foreword` first, `activities` opens the chapter on the
group's work, `recommendations` closes the report; any other is a chapter before the recommendations.
"""

from __future__ import annotations

from typing import Any

from cop.editions.read import Edition
from cop.kernel.errors import Refused, Where
from cop.kernel.hashing import file_sha256
from cop.publication.annual import activities, annexes, indicators, methods, providers, series, summary, threats
from cop.publication.annual.markdown import read_markdown
from cop.publication.annual.tree import Report, Section, Words
from cop.publication.facts import Facts, read_facts
from cop.publication.language import read_language

_PLACED = ("foreword", "activities", "recommendations")
SUMS = "SHA256SUMS"


def annual_report(edition: Edition, *, language: str = "en") -> Report:
    """The annual report of an edition.

    Raises:
        Refused: the edition holds a value in a suppressed cell, has no sums, or a section of the secretariat's holds
            what a report cannot.
        NotFound: the window has no such language.
    """
    facts = read_facts(edition, read_language(language))
    sums = edition.path / SUMS
    if not sums.is_file():
        raise Refused("the edition has no sums to cite", where=Where(sums), expected="an edition as it was written")
    digest = file_sha256(sums)
    written = _written(facts)
    sections = (
        *(s for text in written if text["id"] == "foreword" for s in _set(text, facts, numbering="none")),
        summary.chapter(facts),
        *activities.chapter(facts, next((t for t in written if t["id"] == "activities"), None)),
        *threats.chapter(facts),
        *indicators.chapter(facts),
        *series.chapter(facts),
        *providers.chapter(facts),
        *methods.chapter(facts),
        *(s for text in written if text["id"] not in _PLACED for s in _set(text, facts)),
        *(s for text in written if text["id"] == "recommendations" for s in _set(text, facts)),
        *annexes.chapters(facts, digest),
    )
    return _bound(facts, sections, digest)


def _written(facts: Facts) -> list[dict[str, Any]]:
    return list((facts.edition.metadata("report") or {}).get("sections") or [])


def _set(text: dict[str, Any], facts: Facts, *, numbering: Any = "chapter") -> tuple[Section, ...]:  # noqa: ANN401 - a literal
    title, words = facts.language.pick(text["title"]), facts.language.pick(text["markdown"])
    return read_markdown(words, id=str(text["id"]), title=title, numbering=numbering)


def _bound(facts: Facts, sections: tuple[Section, ...], digest: str) -> Report:
    """Cover, properties and running lines around the sections."""
    language, about, observatory = facts.language, facts.about, facts.observatory
    _ = language.gettext
    to = language.pick((facts.edition.metadata("report") or {}).get("to"))
    title = _("Annual report to the %(body)s", body=to) if to else _("Annual report")
    name, organisation = language.pick(observatory["title"]), language.pick(observatory.get("organisation"))
    synthetic, draft = bool(observatory.get("synthetic")), about.get("status") != "released"
    notices = [
        _("The figures in this report are invented. It shows what such a report can look like.") if synthetic else "",
        language.pick(observatory.get("note")) if synthetic else "",
        _("This is a draft: the edition behind it has not been released.") if draft else "",
    ]
    short = [_("Synthetic data") if synthetic else "", _("Draft") if draft else ""]
    period = language.period(str(about.get("period") or ""))
    code = facts.lineage["code"] or about.get("code", {})
    given = [
        (_("Edition"), facts.edition.id),
        (_("Reference period"), period),
        (
            _("Classification"),
            _("version %(version)s", version=facts.edition.metadata("classification").get("version", "")),
        ),
        (_("Produced with"), _("COP Observatory, version %(version)s", version=code.get("version", ""))),
        (_("Sum of the edition"), digest),
    ]
    words = Words(
        contents=_("Contents"),
        table=_("Table"),
        figure=_("Figure"),
        source=_("Source"),
        page=_("%(page)s of %(pages)s"),
        annex=_("Annex %(letter)s"),
    )
    return Report(
        title=title,
        subtitle=name,
        author=organisation or name,
        language=language.code,
        direction="rtl" if language.direction == "rtl" else "ltr",
        date=str(about["date"]),
        date_words=language.date(str(about["date"])),
        notice=" ".join(n for n in notices if n),
        notice_short=" · ".join(s for s in short if s),
        running=f"{name} · {title}",
        facts=tuple((what, value) for what, value in given if value),
        keywords=(
            _("child online protection"),
            _("statistics"),
            _("online threats"),
            _("indicators"),
            facts.edition.id,
        ),
        description=_("Threats to children online, indicators and providers, %(period)s.", period=period),
        sections=sections,
        words=words,
    )
