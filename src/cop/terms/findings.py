"""From a document to a proposed finding per criterion, with the sentences it rests on.

What comes out is a proposal for a person to accept, change or reject. Nothing is concluded from nothing: a page that
is no text of terms, a language without rules and a text too short to be silent are `not_reviewed`, and
`not_addressed` says what was searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cop.terms.clauses import Clause, split
from cop.terms.criteria import Criterion, FindingName, criteria
from cop.terms.documents import Document
from cop.terms.readability import Readability, measure
from cop.terms.rules import Hit, Reading, readings
from cop.terms.rules.base import Place
from cop.terms.rules.language import YOUTH

TOP = 3
"""Pieces of evidence a finding carries at most."""

READ_LANGUAGES = ("en", "fr", "es", "de")
_LEAST = 0.4
_LEAST_ELSEWHERE = 0.9
"""Below these weights a hit is no ground for a finding: in the document where it belongs, and in the other one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage of the document: `quote` is `document.text[start:end]`, `score` from 0 to 1 orders the passages."""

    quote: str
    start: int
    end: int
    score: float

    def as_json(self) -> dict[str, str | int | float]:
        """The same for a program."""
        return {"quote": self.quote, "start": self.start, "end": self.end, "score": self.score}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one document is proposed to say on one criterion.

    Attributes:
        document: its name.
        criterion: the code.
        finding: met, partly, not_met, not_addressed, contradictory or not_reviewed.
        confidence: from 0 to 1: the rules' record on the criterion, less for weak passages and for rival ones. Not yet
            calibrated on providers that the rules have not seen.
        evidence: at most three passages, the weightiest first.
        why: one sentence for the reviewer.
        value: the number that belongs to the finding ("13", "90 days"), or "".
        readability: on LNG-1, the figures.
    """

    document: str
    criterion: str
    finding: FindingName
    confidence: float
    evidence: tuple[Evidence, ...]
    why: str
    value: str = ""
    readability: Readability | None = None

    def as_json(self) -> dict[str, object]:
        """The same for a program; `readability` stands on LNG-1 only."""
        row: dict[str, object] = {
            "document": self.document, "criterion": self.criterion, "finding": self.finding,
            "confidence": self.confidence, "evidence": [e.as_json() for e in self.evidence], "why": self.why,
            "value": self.value,
        }  # fmt: skip
        if self.criterion == "LNG-1":
            row["readability"] = self.readability.as_json() if self.readability else None
        return row


def check(document: Document) -> list[Finding]:
    """One finding for every criterion, in order of code."""
    if document.page != "terms":
        why = f"not a text of terms but a {document.page.replace('_', ' ')}: nothing is judged"
        return [_unread(document, code, why) for code in criteria()]
    clauses = split(document.text, markdown=document.markdown)
    places = _places(clauses)
    figures = measure(clauses, document.language)
    by_code = {code: reading.hits(places) for code, reading in readings().items()} if _readable(document) else {}
    return [_finding(document, criterion, clauses, by_code, figures) for criterion in criteria().values()]


def rank(document: Document, code: str, *, top: int = TOP) -> list[Evidence]:
    """The passages that bear most on one criterion, weightiest first, whatever they decide."""
    if document.page != "terms" or not _readable(document) or code not in readings():
        return []
    places = _places(split(document.text, markdown=document.markdown))
    return _evidence(document, readings()[code].hits(places), None, top)


def _readable(document: Document) -> bool:
    return document.language in READ_LANGUAGES


def _unread(document: Document, code: str, why: str, readability: Readability | None = None) -> Finding:
    return Finding(document.name, code, "not_reviewed", 0.0, (), why, readability=readability)


def _places(clauses: Sequence[Clause]) -> list[Place]:
    """Every clause that is no heading, among its neighbours."""
    body = [clause for clause in clauses if not clause.heading]
    places: list[Place] = []
    for i, clause in enumerate(body):
        before = body[i - 1] if i else None
        after = body[i + 1] if i + 1 < len(body) else None
        near_before = before.low if before is not None and before.section == clause.section else ""
        following = after if after is not None and after.section == clause.section else None
        pair = f"{clause.low} {following.low}" if following else clause.low
        around = " | ".join((*(s.lower() for s in clause.section[-2:]), clause.lead.lower(), near_before, pair))
        places.append(Place(clause, following, pair, around))
    return places


def _evidence(document: Document, hits: Sequence[Hit], finding: FindingName | None, top: int) -> list[Evidence]:
    """The heaviest passages that do not overlap: what speaks for the finding first, what speaks against it after it."""
    chosen: list[Evidence] = []
    said: set[str] = set()  # a text with a part per region says the same twice; the reviewer reads it once
    ordered = sorted(hits, key=lambda hit: (-(hit.weight + (finding == hit.rule.finding)), hit.start))
    for hit in ordered:
        if hit.place.clause.low in said or any(hit.start < e.end and e.start < hit.end for e in chosen):
            continue
        said.add(hit.place.clause.low)
        score = round((hit.weight + (finding is None or hit.rule.finding == finding)) / 2, 4)
        chosen.append(Evidence(document.text[hit.start : hit.end], hit.start, hit.end, score))
        if len(chosen) == top:
            break
    return chosen


def _finding(
    document: Document, criterion: Criterion, clauses: Sequence[Clause], by_code: dict[str, list[Hit]],
    figures: Readability | None,
) -> Finding:  # fmt: skip
    code = criterion.code
    if code == "LNG-1":
        return _thirteen(document, clauses, figures, by_code.get("LNG-2", []))
    if not _readable(document):
        return _unread(document, code, f"there are no rules for this language ({document.language})")
    if code == "CHG-2":
        return _dated(document, clauses, by_code[code])
    belongs = document.kind is None or document.kind in criterion.documents
    least = _LEAST if belongs else _LEAST_ELSEWHERE
    hits = by_code[code]
    if not hits or hits[0].weight < least:
        return _silent(document, criterion, belongs=belongs)
    reading = readings()[code]
    finding, why = reading.decision(hits)
    return Finding(
        document.name, code, finding, _confidence(reading, hits, finding, belongs=belongs),
        tuple(_evidence(document, hits, finding, TOP)), why, value=_value(hits, finding),
    )  # fmt: skip


def _value(hits: Sequence[Hit], finding: FindingName) -> str:
    return next((hit.value for hit in hits if hit.rule.finding == finding), "")


def _confidence(reading: Reading, hits: Sequence[Hit], finding: FindingName, *, belongs: bool) -> float:
    """The reading's record, less where the best hit is weak or another finding comes close."""
    best = next((hit.weight for hit in hits if hit.rule.finding == finding), hits[0].weight)
    rival = max((hit.weight for hit in hits if hit.rule.finding != finding), default=0.0)
    doubt = max(0.0, rival - best + 0.2) if rival else 0.0
    value = reading.reliability * min(1.0, best / 0.9) * (1 - min(0.5, doubt)) * (1.0 if belongs else 0.7)
    return round(max(0.05, min(0.97, value)), 3)


def _silent(document: Document, criterion: Criterion, *, belongs: bool) -> Finding:
    kinds = " and ".join({"tos": "terms", "privacy": "privacy policy"}[kind] for kind in criterion.documents)
    if not belongs:
        return _unread(document, criterion.code, f"this criterion is read in the {kinds}")
    if document.stub:
        return _unread(
            document, criterion.code, f"with {document.words} words the text is too short for its silence to count"
        )
    return Finding(
        document.name,
        criterion.code,
        "not_addressed",
        0.6,
        (),
        f"no passage on it was found; searched: {document.name}",
    )


def _dated(document: Document, clauses: Sequence[Clause], archives: Sequence[Hit]) -> Finding:
    """CHG-2: the date line, and a way to earlier versions."""
    from cop.terms.dates import visible_date

    if document.visible_date is None:
        if document.stub:
            return _unread(
                document, "CHG-2", f"with {document.words} words the text is too short for its silence to count"
            )
        return Finding(document.name, "CHG-2", "not_met", 0.7, (), f"no date of its own was found in {document.name}")
    year = str(document.visible_date.year)
    lines = [c for c in clauses if year in c.text and visible_date(c.text) == document.visible_date]
    shown = tuple(Evidence(document.text[c.start : c.end], c.start, c.end, 1.0) for c in lines[:1])
    older = _evidence(document, archives, "met", TOP - len(shown)) if archives else []
    finding: FindingName = "met" if older else "partly"
    why = "it carries a date and leads to earlier versions"
    if not older:
        why = "it carries a date; no way to earlier versions was found"
    return Finding(document.name, "CHG-2", finding, 0.8, (*shown, *older), why, value=document.visible_date.isoformat())


def _thirteen(
    document: Document, clauses: Sequence[Clause], figures: Readability | None, plain: Sequence[Hit]
) -> Finding:
    """LNG-1: met by grade 8 with at most 15 % long sentences, partly by grade 10 or a version for young readers."""
    if figures is None:
        return _unread(document, "LNG-1", "the text holds no whole sentence")
    if figures.grade is None:
        return _unread(document, "LNG-1", figures.reason or "no school grade can be computed", figures)
    if document.stub:
        return _unread(document, "LNG-1", f"{document.words} words are too few to grade a text", figures)
    youth = [hit for hit in plain if hit.rule.name == YOUTH]
    finding: FindingName
    if figures.grade <= 8 and figures.long_sentences <= 0.15:
        finding = "met"
    elif figures.grade <= 10 or youth:
        finding = "partly"
    else:
        finding = "not_met"
    why = (
        f"{figures.formula} {figures.grade}, {round(100 * figures.long_sentences)} % of sentences over 25 words, "
        f"{figures.words} words, {figures.minutes} minutes"
    )
    longest = sorted((c for c in clauses if not c.heading), key=lambda c: -len(c.text.split()))[:TOP]
    top = len(longest[0].text.split())
    quotes = tuple(
        Evidence(document.text[c.start : c.end], c.start, c.end, round(len(c.text.split()) / top, 4)) for c in longest
    )
    edge = min(abs(figures.grade - limit) for limit in (8, 10))
    return Finding(
        document.name, "LNG-1", finding, 0.95 if edge > 0.5 else 0.7, quotes, why, value=f"{figures.grade}",
        readability=figures,
    )  # fmt: skip
