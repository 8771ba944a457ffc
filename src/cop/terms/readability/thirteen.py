"""Could a reader of thirteen read it, and what would have to change until one could.

The rule is data: `catalogue/readability/thirteen.yaml`. A sentence is mended by splitting it into parts of at least
eight words, or by splitting it and putting words of two syllables for its hard ones. What that does to the grade
follows from the formula; whether the sentence can bear it, a person must see. The words of a text stay as many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Literal

from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound
from cop.kernel.resources import resource
from cop.terms.clauses import Clause
from cop.terms.readability.formulas import flesch_kincaid
from cop.terms.readability.measure import LONG_SENTENCE, Readability, Sentence, counted, figures, sentences
from cop.terms.readability.words import hard, syllables

Verdict = Literal["met", "partly", "not_met"]
Means = Literal["splitting", "splitting_and_rewording"]
WEIGHTIEST = 5
_BALANCE = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """A sentence that has to change: the clause's offsets, its words, the parts it makes, the hard words to replace."""

    start: int
    end: int
    words: int
    parts: int
    reword: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """The smallest set of sentences that, changed by these means, brings the text to a limit.

    Attributes:
        limit: met or partly.
        grade, long_sentences: what is expected after the changes; where the limit is out of reach, the best to be had.
        changes: in the order of the text; empty where the limit is out of reach.
        exact: whether no smaller set exists. True for splitting; with rewording the set is small, not proved smallest.
        why: one sentence.
    """

    limit: Literal["met", "partly"]
    means: Means
    reachable: bool
    grade: float
    long_sentences: float
    changes: tuple[SentenceChange, ...]
    exact: bool
    why: str


@dataclass(frozen=True, slots=True)
class SectionWeight:
    """A section and how much it weighs: `grade` is its own, `without` the document's if the section were left out."""

    section: str
    words: int
    sentences: int
    grade: float
    without: float | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a reader of `age` could read a text.

    Attributes:
        verdict: met, partly or not_met; None where it cannot be said, and `why` says so.
        ways: towards every limit that is not met yet, first by splitting alone, then by splitting and rewording.
        sections: at most five, the one that raises the document's grade most first.
        longest: offsets of the three longest sentences, the evidence to quote.
    """

    age: int
    verdict: Verdict | None
    why: str
    figures: Readability | None
    ways: tuple[Way, ...]
    sections: tuple[SectionWeight, ...]
    longest: tuple[tuple[int, int], ...]
    rule_version: int

    def as_json(self) -> dict[str, object]:
        """The same for a program."""
        return {**asdict(self), "figures": self.figures.as_json() if self.figures else None}


@dataclass(frozen=True, slots=True)
class _Limit:
    grade: float
    long_sentences: float


@dataclass(frozen=True, slots=True)
class _Rule:
    age: int
    language: str
    met: _Limit
    partly: _Limit
    shortest_part: int
    reworded_syllables: int
    version: int


@cache
def _rule() -> _Rule:
    folder = resource("catalogue/readability")
    fields = read_document(folder / "thirteen.yaml", folder / "thirteen.schema.json")
    met, partly = (_Limit(fields[k]["grade"], fields[k].get("long_sentences", 1.0)) for k in ("met", "partly"))
    return _Rule(
        fields["age"], fields["language"], met, partly, fields["shortest_part"], fields["reworded_syllables"],
        fields["version"],
    )  # fmt: skip


def readable_at(age: int, clauses: Sequence[Clause], language: str) -> Reach:
    """Whether a reader of this age could read the document, and what would have to change.

    Args:
        age: 13, the one age the catalogue has a rule for.
        clauses: all clauses of the document, in order.
        language: ISO 639-1.

    Raises:
        NotFound: there is no rule for this age.
    """
    rule = _rule()
    if age != rule.age:
        raise NotFound(f"there is no rule of readability for age {age}", expected=str(rule.age))
    found = sentences(clauses, language)
    measured = figures(found, language)
    longest = sorted(found, key=lambda s: (-len(s.words), s.clause.start))
    spans = tuple(dict.fromkeys((s.clause.start, s.clause.end) for s in longest[:12]))[:3]
    if measured is None or measured.grade is None or language != rule.language:
        why = "the text holds no whole sentence" if measured is None else measured.reason or "no school grade"
        return Reach(age, None, why, measured, (), (), spans, rule.version)
    load = _Load.of(found, rule)
    verdict: Verdict = (
        "met" if load.within(rule.met) else "partly" if load.within(rule.partly) else "not_met"
    )  # fmt: skip
    why = (
        f"{measured.formula} {measured.grade}, {round(100 * measured.long_sentences)} % of sentences over "
        f"{LONG_SENTENCE} words, {measured.words} words, {measured.minutes_at_thirteen} minutes"
    )
    ways: list[Way] = []
    if verdict == "not_met":
        ways += load.ways("partly", rule.partly)
    if verdict != "met":
        ways += load.ways("met", rule.met)
    return Reach(age, verdict, why, measured, tuple(ways), _sections(found), spans, rule.version)


@dataclass(frozen=True, slots=True)
class _Change:
    """What changing one sentence can do: sentences gained, syllables saved."""

    sentence: Sentence
    gained: int
    saved: int
    reword: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Load:
    """A text as the formula sees it, and what each of its sentences could give."""

    words: int
    sentences: int
    syllables: int
    long: int
    changes: tuple[_Change, ...]

    @classmethod
    def of(cls, found: Sequence[Sentence], rule: _Rule) -> _Load:
        counts, _ = counted([s.words for s in found], rule.language)
        changes: list[_Change] = []
        for sentence in found:
            difficult = [w for w in sentence.words if hard(w)]
            saved = sum(syllables(w) - rule.reworded_syllables for w in difficult)
            gained = max(0, len(sentence.words) // rule.shortest_part - 1)
            if gained or saved:
                reword = tuple(dict.fromkeys(w.lower() for w in difficult))
                changes.append(_Change(sentence, gained, saved, reword))
        long = sum(len(s.words) > LONG_SENTENCE for s in found)
        return cls(counts.words, counts.sentences, counts.syllables, long, tuple(changes))

    def after(self, chosen: Sequence[_Change], *, rewording: bool) -> tuple[float, float]:
        """Grade and share of long sentences with these changes made."""
        total = self.sentences + sum(c.gained for c in chosen)
        spoken = self.syllables - (sum(c.saved for c in chosen) if rewording else 0)
        mended = sum(len(c.sentence.words) > LONG_SENTENCE and c.gained > 0 for c in chosen)
        return flesch_kincaid(self.words, total, spoken), (self.long - mended) / total

    def within(self, limit: _Limit, chosen: Sequence[_Change] = (), *, rewording: bool = False) -> bool:
        grade, long = self.after(chosen, rewording=rewording)
        return round(grade, 2) <= limit.grade and long <= limit.long_sentences

    def ways(self, name: Literal["met", "partly"], limit: _Limit) -> list[Way]:
        """By splitting alone; and where that takes rewording, or many more sentences, by both."""
        splitting = self._way(name, limit, "splitting", [self._ordered(lambda c: c.gained)])
        # The grade falls with sentences gained and with syllables saved. Each balance of the two gives an order;
        # the order that needs the fewest sentences is kept.
        pace = 0.39 * self.words / self.sentences**2
        spoken = 11.8 / self.words
        orders = [
            self._ordered(lambda c, b=balance: (1 - b) * pace * c.gained + b * spoken * c.saved) for balance in _BALANCE
        ]
        return [splitting, self._way(name, limit, "splitting_and_rewording", orders)]

    def _ordered(self, worth: Callable[[_Change], float]) -> list[_Change]:
        kept = [c for c in self.changes if worth(c) > 0]
        return sorted(kept, key=lambda c: (-worth(c), c.sentence.clause.start))

    def _way(
        self, name: Literal["met", "partly"], limit: _Limit, means: Means, orders: Sequence[Sequence[_Change]]
    ) -> Way:
        rewording = means == "splitting_and_rewording"
        best: Sequence[_Change] | None = None
        for order in orders:
            count = self._fewest(order, limit, rewording=rewording)
            if count is not None and (best is None or count < len(best)):
                best = order[:count]
        chosen = self.changes if best is None else best
        grade, long = self.after(chosen, rewording=rewording)
        by = "splitting and rewording" if rewording else "splitting alone"
        if best is None:
            why = f"grade {limit.grade:g} is not reachable by {by}: {grade:.1f} is the best to be had"
        else:
            why = f"{len(best)} of {self.sentences} sentences, by {by}, bring it to grade {grade:.1f}"
        return Way(
            name, means, best is not None, round(grade, 2), round(long, 4),
            tuple(_shown(c, rewording=rewording) for c in sorted(best or (), key=lambda c: c.sentence.clause.start)),
            not rewording, why,
        )  # fmt: skip

    def _fewest(self, order: Sequence[_Change], limit: _Limit, *, rewording: bool) -> int | None:
        """How many of the first must change; each one lowers the grade, so the number is found by halving."""
        if not self.within(limit, order, rewording=rewording):
            return None
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            if self.within(limit, order[:middle], rewording=rewording):
                high = middle
            else:
                low = middle + 1
        return low


def _shown(change: _Change, *, rewording: bool) -> SentenceChange:
    clause = change.sentence.clause
    return SentenceChange(
        clause.start, clause.end, len(change.sentence.words), change.gained + 1, change.reword if rewording else ()
    )


def _sections(found: Sequence[Sentence]) -> tuple[SectionWeight, ...]:
    """The sections under the title that weigh most on the grade."""
    groups: dict[str, list[Sentence]] = {}
    for sentence in found:
        path = sentence.clause.section
        groups.setdefault(path[1] if len(path) > 1 else path[0] if path else "", []).append(sentence)
    counts = {name: counted([s.words for s in group], "en")[0] for name, group in groups.items()}
    n, s, y = (sum(getattr(c, k) for c in counts.values()) for k in ("words", "sentences", "syllables"))
    weights: list[SectionWeight] = []
    for name, c in counts.items():
        rest = n - c.words
        without = flesch_kincaid(rest, s - c.sentences, y - c.syllables) if rest else None
        own = flesch_kincaid(c.words, c.sentences, c.syllables)
        weights.append(
            SectionWeight(name, c.words, c.sentences, round(own, 2), None if without is None else round(without, 2))
        )
    weights.sort(key=lambda w: (w.without if w.without is not None else -99.0, w.section))
    return tuple(weights[:WEIGHTIEST])
