"""From a document to a proposed finding per criterion, with the sentences it rests on.

What comes out is a proposal for a person to accept, change or reject. Nothing is concluded from nothing: a page that
is no text of terms, a language without rules and a text too short to be silent are `not_reviewed`, and
`not_addressed` says what was searched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cop.terms.clauses import Clause, split
from cop.terms.criteria import Criterion, FindingName, criteria
from cop.terms.documents import Document
from cop.terms.extraction import RawSpan
from cop.terms.ranking import ranker
from cop.terms.ranking.passages import Passages, passages
from cop.terms.readability import Readability, measure
from cop.terms.rules import Hit, readings
from cop.terms.rules.audience import EVERYONE, Audience, audiences
from cop.terms.rules.language import YOUTH
from cop.terms.surroundings import Place

TOP = 3
"""Pieces of evidence a finding carries at most."""

READ_LANGUAGES = ("en", "fr", "es", "de")
_LEAST = 0.4
_LEAST_ELSEWHERE = 0.9
"""Below these weights a hit is no ground for a finding: in the document where it belongs, and in the other one."""
_LIKELY = 0.25
_UNLIKELY = 0.08
"""Chances below which a hit is thrown out: beside likelier ones, and even where it stands alone."""
_LEARNED = 0.6
_LEARNED_WORDS = 6
"""A passage that no rule holds on is evidence from this chance and this number of words on."""
GUESS = 0.3
_ELSEWHERE = 0.7
"""Confidence of a finding that no rule decides, and what confidence is multiplied by in the other document."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage of the document: `quote` is `document.text[start:end]`, `score` from 0 to 1 orders the passages.

    `raw` is where it stands in the raw file; empty where the document was read without its positions.
    """

    quote: str
    start: int
    end: int
    score: float
    raw: tuple[RawSpan, ...] = field(default=(), compare=False)

    def as_json(self) -> dict[str, object]:
        """The same for a program."""
        row: dict[str, object] = {"quote": self.quote, "start": self.start, "end": self.end, "score": self.score}
        return {**row, "raw": [span.as_json() for span in self.raw]} if self.raw else row


@dataclass(frozen=True, slots=True)
class Finding:
    """What one document is proposed to say on one criterion.

    Attributes:
        document: its name.
        criterion: the code.
        finding: met, partly, not_met, not_addressed, contradictory or not_reviewed.
        confidence: from 0 to 1: the share of right findings among proposals as strong as this one, fitted across
            families of providers. For silence and measured findings it is set by hand.
        evidence: at most three passages, the weightiest first.
        why: one sentence for the reviewer.
        value: the number that belongs to the finding ("13", "90 days"), or "".
        readability: on LNG-1, the figures.
        region: for whom it holds, as "EEA/UK" or "outside US"; None means everywhere.
        ages: for whom it holds, as "under 18"; None means all ages.
        parts: where regions or age bands get different answers, the answer for each; `finding` is then taken over all
            passages, the worse where they draw.
    """

    document: str
    criterion: str
    finding: FindingName
    confidence: float
    evidence: tuple[Evidence, ...]
    why: str
    value: str = ""
    readability: Readability | None = None
    region: str | None = None
    ages: str | None = None
    parts: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The same for a program; `readability` on LNG-1 only, `region`, `ages` and `parts` where there are any."""
        row: dict[str, object] = {
            "document": self.document, "criterion": self.criterion, "finding": self.finding,
            "confidence": self.confidence, "evidence": [e.as_json() for e in self.evidence], "why": self.why,
            "value": self.value,
        }  # fmt: skip
        if self.criterion == "LNG-1":
            row["readability"] = self.readability.as_json() if self.readability else None
        row |= {name: value for name, value in (("region", self.region), ("ages", self.ages)) if value is not None}
        if self.parts:
            row["parts"] = [part.as_json() for part in self.parts]
        return row


def check(document: Document) -> list[Finding]:
    """One finding for every criterion, in order of code."""
    if document.page != "terms":
        why = f"not a text of terms but a {document.page.replace('_', ' ')}: nothing is judged"
        return [_unread(document, code, why) for code in criteria()]
    clauses = split(document.text, markdown=document.markdown)
    figures = measure(clauses, document.language)
    found = passages(clauses, ranker()) if _readable(document) else None
    who = audiences(clauses)
    return [_finding(document, criterion, clauses, found, figures, who) for criterion in criteria().values()]


def rank(document: Document, code: str, *, top: int = TOP) -> list[Evidence]:
    """The passages that bear most on one criterion, weightiest first, whatever they decide."""
    if document.page != "terms" or not _readable(document) or code not in readings():
        return []
    found = passages(split(document.text, markdown=document.markdown), ranker())
    return _evidence(document, code, found, found.hits[code], None, top)


def _readable(document: Document) -> bool:
    return document.language in READ_LANGUAGES


def _unread(document: Document, code: str, why: str, readability: Readability | None = None) -> Finding:
    return Finding(document.name, code, "not_reviewed", 0.0, (), why, readability=readability)


def standing(hits: Sequence[Hit], chances: Sequence[float]) -> list[Hit]:
    """The hits that the ranker lets stand: what only looks alike is thrown out.

    A rule on what has no examples always stands. Where all would be thrown out, the likeliest stays unless it is very
    unlikely.
    """
    kept = [hit for hit, chance in zip(hits, chances, strict=True) if hit.rule.rare or chance >= _LIKELY]
    if not kept and hits and max(chances) >= _UNLIKELY:
        kept = [hits[list(chances).index(max(chances))]]
    return kept


def _evidence(
    document: Document, code: str, found: Passages, hits: Sequence[Hit], finding: FindingName | None, top: int
) -> list[Evidence]:
    """The weightiest passages that do not overlap.

    What speaks for the finding comes first, what speaks against it after it, and last what no rule decides but the
    ranker is sure of.
    """
    spans: list[tuple[float, Place, int, int]] = []
    for hit in hits:
        weight = (hit.weight + found.chance(code, hit.start)) / 2
        fits = finding is None or hit.rule.finding == finding
        spans.append(((weight + fits) / 2, hit.place, hit.start, hit.end))
    for place, chance in found.best(code, _LEARNED):
        if len(place.clause.text.split()) < _LEARNED_WORDS:
            continue
        spans.append((chance / 2, place, place.clause.start, place.clause.end))
    chosen: list[Evidence] = []
    said: set[str] = set()  # a text with a part per region says the same twice; the reviewer reads it once
    for score, place, start, end in sorted(spans, key=lambda span: (-span[0], span[2])):
        if place.clause.low in said or any(start < e.end and e.start < end for e in chosen):
            continue
        said.add(place.clause.low)
        chosen.append(_quoted(document, start, end, round(score, 4)))
        if len(chosen) == top:
            break
    return chosen


def _quoted(document: Document, start: int, end: int, score: float) -> Evidence:
    known = document.positions is not None or document.format in ("markdown", "text")
    return Evidence(document.text[start:end], start, end, score, document.raw_spans(start, end) if known else ())


def _finding(
    document: Document, criterion: Criterion, clauses: Sequence[Clause], found: Passages | None,
    figures: Readability | None, who: Mapping[int, Audience],
) -> Finding:  # fmt: skip
    code = criterion.code
    if code == "LNG-1":
        return _thirteen(document, clauses, figures, found)
    if found is None:
        return _unread(document, code, f"there are no rules for this language ({document.language})")
    if code == "CHG-2":
        return _dated(document, clauses, found)
    belongs = document.kind is None or document.kind in criterion.documents
    least = _LEAST if belongs else _LEAST_ELSEWHERE
    hits: Sequence[Hit] = found.hits[code]
    if document.language == "en":  # chances were measured in English: elsewhere nothing is thrown out
        hits = standing(hits, [found.chance(code, hit.start) for hit in hits])
    if not hits or hits[0].weight < least:
        return _undecided(document, criterion, found) if belongs else _silent(document, criterion, belongs=False)
    groups: dict[Audience, list[Hit]] = {}
    for hit in hits:
        audience = who.get(hit.start, EVERYONE)
        if criterion.group == "children":  # these speak of ages to everyone
            audience = Audience(audience.region)
        groups.setdefault(audience, []).append(hit)
    whole = _decided(document, code, found, hits, belongs=belongs)
    if len(groups) == 1:
        [audience] = groups
        return replace(whole, region=audience.region or None, ages=audience.ages or None)
    parts = tuple(
        replace(
            _decided(document, code, found, group, belongs=belongs),
            region=audience.region or None,
            ages=audience.ages or None,
        )
        for audience, group in sorted(groups.items(), key=lambda item: item[0])
        if group[0].weight >= least
    )
    return replace(whole, parts=parts if len({part.finding for part in parts}) > 1 else ())


def _decided(document: Document, code: str, found: Passages, hits: Sequence[Hit], *, belongs: bool) -> Finding:
    finding, why = readings()[code].decision(hits)
    return Finding(
        document.name, code, finding, _confidence(code, found, hits, finding, belongs=belongs),
        tuple(_evidence(document, code, found, hits, finding, TOP)), why, value=_value(hits, finding),
    )  # fmt: skip


def _undecided(document: Document, criterion: Criterion, found: Passages) -> Finding:
    """What the ranker is sure of and no rule decides: the usual finding is proposed, with little confidence."""
    quotes = _evidence(document, criterion.code, found, (), None, TOP)
    if not quotes or document.stub:
        return _silent(document, criterion, belongs=True)
    finding = found.ranker.usual[criterion.code]
    why = "a passage on it was found that no rule decides; what such passages mostly say is proposed"
    return Finding(document.name, criterion.code, finding, GUESS, tuple(quotes), why)


def _value(hits: Sequence[Hit], finding: FindingName) -> str:
    return next((hit.value for hit in hits if hit.rule.finding == finding), "")


def _confidence(code: str, found: Passages, hits: Sequence[Hit], finding: FindingName, *, belongs: bool) -> float:
    """The share of right findings among proposals like this one, as measured across families of providers."""
    value = found.ranker.confidence(code, *strength(code, found.chance, hits, finding))
    return round(value if belongs else value * _ELSEWHERE, 3)


def strength(
    code: str, chance: Callable[[str, int], float], hits: Sequence[Hit], finding: FindingName
) -> tuple[float, float, float]:
    """What confidence is computed from: the best chance and weight for the finding, and how close a rival comes."""
    fitting = [hit for hit in hits if hit.rule.finding == finding] or [hits[0]]
    weight = max(hit.weight for hit in fitting)
    rival = max((hit.weight for hit in hits if hit.rule.finding != finding), default=0.0)
    return max(chance(code, hit.start) for hit in fitting), weight, max(0.0, rival - weight + 0.2) if rival else 0.0


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


def _dated(document: Document, clauses: Sequence[Clause], found: Passages) -> Finding:
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
    shown = tuple(_quoted(document, c.start, c.end, 1.0) for c in lines[:1])
    links = [Place(c, None, c.low, c.low) for c in clauses if c.heading]  # a link to the archive often looks like one
    hits = [*found.hits["CHG-2"], *readings()["CHG-2"].hits(links)]
    older = [
        _quoted(document, h.start, h.end, round(h.weight, 4))
        for h in sorted(hits, key=lambda hit: (-hit.weight, hit.start))
    ]
    finding: FindingName = "met" if older else "partly"
    older = [e for e in older if all(e.end <= s.start or s.end <= e.start for s in shown)][: TOP - len(shown)]
    why = "it carries a date and leads to earlier versions"
    if finding == "partly":
        why = "it carries a date; no way to earlier versions was found"
    return Finding(document.name, "CHG-2", finding, 0.8, (*shown, *older), why, value=document.visible_date.isoformat())


def _thirteen(
    document: Document, clauses: Sequence[Clause], figures: Readability | None, found: Passages | None
) -> Finding:
    """LNG-1: met by grade 8 with at most 15 % long sentences, partly by grade 10 or a version for young readers."""
    if figures is None:
        return _unread(document, "LNG-1", "the text holds no whole sentence")
    if figures.grade is None:
        return _unread(document, "LNG-1", figures.reason or "no school grade can be computed", figures)
    if document.stub:
        return _unread(document, "LNG-1", f"{document.words} words are too few to grade a text", figures)
    youth = found is not None and any(hit.rule.name == YOUTH for hit in found.hits["LNG-2"])
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
    body = [c for c in clauses if not c.heading] or clauses  # a page may be one long heading
    longest = sorted(body, key=lambda c: -len(c.text.split()))[:TOP]
    top = len(longest[0].text.split())
    quotes = tuple(_quoted(document, c.start, c.end, round(len(c.text.split()) / top, 4)) for c in longest)
    edge = min(abs(figures.grade - limit) for limit in (8, 10))
    return Finding(
        document.name, "LNG-1", finding, 0.95 if edge > 0.5 else 0.7, quotes, why, value=f"{figures.grade}",
        readability=figures,
    )  # fmt: skip
