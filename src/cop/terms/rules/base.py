"""What a rule is, and how it is tried on a clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from cop.terms.clauses import Clause
from cop.terms.criteria import FindingName

_ORDER: tuple[FindingName, ...] = ("not_met", "partly", "met")


@dataclass(frozen=True, slots=True)
class Place:
    """A clause among its neighbours, all in lower case.

    `around` is the sections above, the sentence that introduces the list, the clause before, the clause, the clause
    after.
    """

    clause: Clause
    following: Clause | None
    pair: str
    around: str


@dataclass(frozen=True, slots=True)
class Rule:
    """If every pattern of `all` and none of `none` is in the clause, it speaks for `finding` with `weight` (0 to 1).

    `context` must be found around the clause, `outside` must not. With `pair` the clause is read together with the next
    one, and both are quoted. A `rare` rule reads what nobody collected examples of: what was learned from examples has
    no say over it.
    """

    name: str
    finding: FindingName
    weight: float
    all: tuple[re.Pattern[str], ...]
    none: tuple[re.Pattern[str], ...]
    context: tuple[re.Pattern[str], ...]
    outside: tuple[re.Pattern[str], ...]
    pair: bool
    why: str
    rare: bool

    def holds(self, place: Place) -> bool:
        text = place.pair if self.pair else place.clause.low
        return (
            all(p.search(text) for p in self.all)
            and not any(p.search(text) for p in self.none)
            and all(p.search(place.around) for p in self.context)
            and not any(p.search(place.around) for p in self.outside)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that held, where it held; `weight` is the rule's, raised where the surroundings speak for it."""

    rule: Rule
    place: Place
    weight: float
    value: str = ""

    @property
    def start(self) -> int:
        return self.place.clause.start

    @property
    def end(self) -> int:
        return self.place.following.end if self.rule.pair and self.place.following else self.place.clause.end


Decide = Callable[[Sequence[Hit]], tuple[FindingName, str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How one criterion is read.

    Attributes:
        code: of the criterion.
        cues: words of which a clause must hold one before any rule is tried: the cheap look that makes it quick.
        rules: tried in order, the first that holds for each finding counts.
        boosts: patterns and what they add to a hit's weight: gains are looked for around the clause, losses in it.
        margin: findings whose best hits differ by less than this are a draw; the worse one is proposed then.
        spread: a hit that much lighter than the heaviest is dropped: what is only implied does not stand beside what is
            said.
        reliability: the ceiling of confidence, set by hand below the share of right proposals on the development
            findings, because the rules were written with those in view.
        decide: replaces the usual decision.
        value: reads the number that belongs to a hit ("13", "90 days").
    """

    code: str
    cues: re.Pattern[str]
    rules: tuple[Rule, ...]
    boosts: tuple[tuple[re.Pattern[str], float], ...] = ()
    margin: float = 0.06
    spread: float = 0.3
    reliability: float = 0.8
    decide: Decide | None = None
    value: Callable[[str], str] | None = None

    def hits(self, places: Sequence[Place]) -> list[Hit]:
        """The hits among the clauses, heaviest first, of equal weight the earlier in the text."""
        found: list[Hit] = []
        words = literals(self.cues.pattern)
        for place in places:
            low = place.clause.low
            if words is None:
                if not self.cues.search(low):
                    continue
            else:  # a plain loop: this runs for every clause and criterion, and `any` doubles its time
                for word in words:
                    if word in low:
                        break
                else:
                    continue
            taken: set[FindingName] = set()
            for rule in self.rules:
                if rule.finding not in taken and rule.holds(place):
                    taken.add(rule.finding)
                    extra = sum(
                        add
                        for pattern, add in self.boosts
                        if pattern.search(place.around if add > 0 else place.clause.low)
                    )
                    value = self.value(place.clause.low) if self.value else ""
                    found.append(Hit(rule, place, min(0.99, max(0.05, rule.weight + extra)), value))
        found.sort(key=lambda hit: (-hit.weight, hit.start))
        return [hit for hit in found if hit.weight >= found[0].weight - self.spread]

    def decision(self, hits: Sequence[Hit]) -> tuple[FindingName, str]:
        """The finding that these hits (at least one, heaviest first) propose, and why."""
        if self.decide is not None:
            return self.decide(hits)
        return worst_of_best(hits, self.margin)


@cache
def literals(source: str) -> tuple[str, ...] | None:
    """Words of which every text that a pattern fits must hold one, or None where the pattern does not show them.

    Looking for a handful of words is ten times quicker than trying their alternation at every character.
    """
    alternatives: list[str] = []
    depth = begin = 0
    for i, character in enumerate(source):
        depth += (character in "([") - (character in ")]")
        if character == "|" and depth == 0:
            alternatives.append(source[begin:i])
            begin = i + 1
    alternatives.append(source[begin:])
    words: list[str] = []
    for alternative in alternatives:
        plain = alternative.replace(r"\b", "")
        end = next((i for i, c in enumerate(plain) if c in r"\[](){}?*+.^$"), len(plain))
        word = plain[: end - 1] if end < len(plain) and plain[end] in "?*{" else plain[:end]
        if len(word) < 2:
            return None
        words.append(word)
    return tuple(words)


def worst_of_best(hits: Sequence[Hit], margin: float) -> tuple[FindingName, str]:
    """The finding of the heaviest hit; where another is as heavy within `margin`, the worse of the two."""
    first = hits[0]
    # Two readings of one clause are no contradiction: there the heavier counts.
    rivals = (hit for hit in hits if hit is first or hit.start != first.start)
    close = {hit.rule.finding for hit in rivals if hit.weight >= first.weight - margin}
    finding: FindingName = next(name for name in _ORDER if name in close)
    best = next(hit for hit in hits if hit.rule.finding == finding and (hit is first or hit.start != first.start))
    drawn = " Another passage says otherwise; the worse is proposed." if len(close) > 1 else ""
    return finding, best.rule.why + drawn


def patterns(*sources: str) -> tuple[re.Pattern[str], ...]:
    """Patterns over lower-case text with plain quotes."""
    return tuple(re.compile(source) for source in sources)


def rule(
    name: str, finding: FindingName, weight: float, *every: str, none: str | Sequence[str] = (),
    context: str | Sequence[str] = (), outside: str | Sequence[str] = (), pair: bool = False, why: str,
    rare: bool = False,
) -> Rule:  # fmt: skip
    """A rule from the sources of its patterns; one source may stand without its tuple."""

    # Short patterns are cheap ones: tried first, they spare most clauses the dear ones.
    def many(sources: str | Sequence[str]) -> tuple[re.Pattern[str], ...]:
        return patterns(sources) if isinstance(sources, str) else patterns(*sources)

    return Rule(
        name,
        finding,
        weight,
        patterns(*sorted(every, key=len)),
        many(none),
        many(context),
        many(outside),
        pair,
        why,
        rare,
    )
