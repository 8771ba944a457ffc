"""For whom a clause is written: the region and the age band that its headings, its section or its own first words name.

One document often holds several answers: a part for the United States and one for elsewhere, a section for users under
18. What is said to some is no contradiction of what is said to others.
"""

# ruff: noqa: E501  # patterns are data: one that is broken over lines is harder to read, and to mend

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cop.terms.clauses import Clause

_PLACES: tuple[tuple[str, str], ...] = (
    ("US-CA", r"\bCalifornian?\b|\bCCPA\b|\bCPRA\b|Kaliforni\w+|Californie"),
    ("US", r"\bUnited States\b|\bU\.S\.(?:A\.)?|\bUSA\b|\bUS\b(?= (?:users?|residents?|states?|citizens?|law|privacy|only))|États-Unis|Estados Unidos|\bEE\. ?UU\.|Vereinigte\w* Staaten"),
    ("EEA", r"\bEuropean (?:Economic Area|Union|Region)\b|\bEEA\b|\bEU\b|\bEurope(?:an)?\b|Espace économique européen|\bEEE\b|Union européenne"
     r"|Espacio Económico Europeo|Unión Europea|Europäische\w* (?:Wirtschaftsraum\w*|Union)|\bEWR\b|\bEFTA\b|\bGDPR\b"),
    ("UK", r"\bUnited Kingdom\b|\bU\.?K\b\.?|Royaume-Uni|Reino Unido|Vereinigte\w* Königreich"),
    ("CH", r"\bSwitzerland\b|\bSwiss\b|\bSuisse\b|\bSuiza\b|\bSchweiz\w*"),
    ("AU", r"\bAustralian?\b"), ("BR", r"\bBra[sz]il\w*"), ("CA", r"\bCanad\w+"), ("CN", r"\bChina\b|\bChinese\b"),
    ("DE", r"\bGermany\b|\bDeutschland\b"), ("FR", r"\bFrance\b"), ("IN", r"\bIndian?\b"), ("JP", r"\bJapan\w*"),
    ("KR", r"\bKorean?\b"), ("MX", r"\bMexic\w+"), ("TR", r"\bTurkey\b|\bTürkiye\b"),
)  # fmt: skip
PLACES = tuple((code, re.compile(source)) for code, source in _PLACES)
_OUTSIDE = re.compile(r"\b(?:outside|other than|anywhere else than|en dehors|fuera|außerhalb)\b", re.IGNORECASE)
_INCLUDING = re.compile(r"\bincluding\b|\by compris\b|incluid|einschließlich", re.IGNORECASE)
_HERE = re.compile(
    r"\b(?:if|where|when) you(?:'re| are| live| reside| habitually)?\b|\bfor (?:users|residents|people|members|consumers|individuals|everyone)\b"
    r"|\b(?:users|residents|people|members|consumers) (?:in|of|from|living)\b|\bresidents\b|\busers\b|\b(?:additional|supplement\w+|specific|regional|local|state)\b"
    r"|\brights\b|\bnotice\b|\bschedule\b|\baddendum\b|\bsi vous (?:résidez|êtes|vivez)|\bsi (?:usted )?(?:vive|reside|vives|resides)|\bwenn (?:sie|du)\b|\bfür nutzer",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\W*(?:(?:if|where) you (?:are|live|reside|habitually reside|use)\b|for (?:users|residents|people|members|consumers|individuals)\b|(?:users|residents|people|consumers) (?:in|of)\b"
    r"|si vous (?:résidez|êtes|vivez)\b|si (?:usted )?(?:vive|reside|vives|resides)\b|wenn (?:sie|du)\b|für nutzer\w*\b)[^,:;.]{0,140}",
    re.IGNORECASE,
)
_SCOPE = re.compile(
    r"\b(?:these|this|ces|estos|estas|diese) \w+(?: \w+)? (?:only )?(?:appl(?:y|ies)|s'appliquent|se aplican|gelten)\b[^.;]{0,160}",
    re.IGNORECASE,
)
_AGES: tuple[tuple[str, str], ...] = (
    ("under 13", r"\b(?:under|below|younger than) (?:the age of )?(?:13|thirteen)\b|\bunder-13\b|\bchildren(?:'s|’s) (?:privacy )?(?:policy|notice)|\bmoins de 13\b|menores de 13\b|unter 13\b"),
    ("under 16", r"\b(?:under|below|younger than) (?:the age of )?(?:16|sixteen)\b|\bmoins de 16\b|menores de 16\b|unter 16\b"),
    ("under 18", r"\b(?:under|below|younger than) (?:the age of )?(?:18|eighteen|majority)\b|\bunder the age of majority\b|\bmoins de 18\b|\bmineurs\b|menores de (?:18|edad)\b|unter 18\b|minderjährige\w*"
     r"|\b(?:teens|teenagers|minors|younger users)\b"),
)  # fmt: skip
AGES = tuple((name, re.compile(source, re.IGNORECASE)) for name, source in _AGES)
# "You may not use it if you are under 13", "including those under 18": these do not speak to the young.
_NOT_A_BAND = re.compile(
    r"\b(?:may not|must not|cannot|can't|not permitted|not allowed|do not|don't|including|over|above|regardless)\b",
    re.I,
)


_DWELL = re.compile(
    r"\b(?:live|reside|resident|located|based)\b|\b(?:résid|viv[ez]|habit|wohn|leb[te]|ansässig)", re.IGNORECASE
)
_TITLE = re.compile(
    r"\b(?:policy|notice|terms|statement|agreement|politique|conditions|política|términos|bedingungen|erklärung)\b",
    re.I,
)
_APPLIES = ("appl", "gelten", "aplic")
LEAST_PART = 40
"""Clauses that a part of a document has at least; what is shorter is a section or a line."""


@dataclass(frozen=True, slots=True, order=True)
class Audience:
    """`region` as "EEA/UK" or "outside US" (ISO 3166 codes, EEA for the European area), `ages` as "under 18".

    "" means everyone.
    """

    region: str = ""
    ages: str = ""


EVERYONE = Audience()


def region(text: str) -> str:
    """The region that a heading or the head of a sentence names, or ""."""
    outside = _OUTSIDE.search(text)
    if outside is not None:
        beyond = _INCLUDING.split(text[outside.end() :])[0]
        if excluded := sorted(code for code, pattern in PLACES if pattern.search(beyond)):
            return "outside " + "/".join(excluded)
    named = {code for code, pattern in PLACES if pattern.search(text)}
    if {"US", "US-CA"} <= named:  # "California and other US states"
        named.remove("US-CA")
    return "/".join(sorted(named))


def ages(text: str) -> str:
    """The age band that a heading or the head of a sentence speaks to, or ""."""
    if _NOT_A_BAND.search(text):
        return ""
    return next((name for name, pattern in AGES if pattern.search(text)), "")


def _of_heading(heading: str) -> Audience:
    named = region(heading) if _HERE.search(heading) or len(heading.split()) <= 4 else ""
    return Audience(named, ages(heading) if len(heading.split()) <= 20 else "")


def _of_sentence(text: str) -> Audience:
    head = _LEAD.match(text)
    return Audience(region(head.group()), ages(head.group())) if head else EVERYONE


def _narrower(inner: Audience, outer: Audience) -> Audience:
    return Audience(inner.region or outer.region, inner.ages or outer.ages)


def _parts(clauses: Sequence[Clause]) -> list[tuple[int, Audience]]:
    """Where the parts of a document begin that is several texts in one, and for whom each part is.

    Headings are not enough: within a part they often stand as high as its title. A part begins at a heading that says
    who lives where, at a sentence that says to whom "these terms" apply, or at the title of a text for children, and
    goes on to the next beginning. Parts by region are texts beside each other: they name different regions and share a
    heading.
    """
    begins: list[tuple[int, Audience]] = []
    for i, clause in enumerate(clauses):
        if clause.heading:
            named = region(clause.text) if _DWELL.search(clause.text) else ""
            who = Audience(named, ages(clause.text) if _TITLE.search(clause.text) else "")
        elif any(word in clause.low for word in _APPLIES):
            scope = _SCOPE.search(clause.text)
            who = Audience(region(scope.group())) if scope is not None and _DWELL.search(scope.group()) else EVERYONE
        else:
            continue
        if who != EVERYONE:
            begins.append((i, who))
    ends = [*(i for i, _ in begins[1:]), len(clauses)]
    long = [(i, end, who) for (i, who), end in zip(begins, ends, strict=False) if end - i >= LEAST_PART]
    headings = {i: {c.low for c in clauses[i + 1 : end] if c.heading} for i, end, _ in long}
    return [
        (i, who)
        for i, _, who in long
        if who.ages or any(who.region != other.region and headings[i] & headings[j] for j, _, other in long)
    ]


def audiences(clauses: Sequence[Clause]) -> Mapping[int, Audience]:
    """For whom each clause is written, by the clause's start; clauses for everyone are left out.

    The innermost word counts: the clause's own head, the sentence that introduces its list, its headings from the
    inside out, then the part of the document.
    """
    parts = _parts(clauses)
    headings: dict[str, Audience] = {}
    leads: dict[str, Audience] = {"": EVERYONE}
    found: dict[int, Audience] = {}
    part = EVERYONE
    for i, clause in enumerate(clauses):
        if parts and parts[0][0] == i:
            part = parts.pop(0)[1]
        who = _of_sentence(clause.text)
        if clause.lead not in leads:
            leads[clause.lead] = _of_sentence(clause.lead)
        who = _narrower(who, leads[clause.lead])
        for heading in reversed(clause.section):
            if heading not in headings:
                headings[heading] = _of_heading(heading)
            who = _narrower(who, headings[heading])
        who = _narrower(who, part)
        if who != EVERYONE:
            found[clause.start] = who
    return found
