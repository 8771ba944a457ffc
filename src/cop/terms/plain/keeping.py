"""What a suggestion must keep: numbers, negations, duties, permissions, conditions, times, parties and names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from cop.terms.plain.rules import PlainRules

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TWICE = re.compile(r"\b([^\W\d]+(?:-[^\W\d]+)?) \((\d+)\)")
_SAME = re.compile(r"\b(\w{3,}),? (?:or|and|ou|et|o|y|oder|und) \1\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=[a-zß-öø-ÿ,;] )[A-ZÀ-ÖØ-Þ][\w'&.-]*\w")


def numbers(text: str, rules: PlainRules) -> Counter[str]:
    """The numbers of a text, in figures; "thirty (30)" is one number."""

    def once(match: re.Match[str]) -> str:
        return match[2] if rules.numbers.get(match[1].lower()) == int(match[2]) else match[0]

    text = _TWICE.sub(once, text)
    found = Counter(_NUMBER.findall(text))
    for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", text.lower()):
        if word in rules.numbers:
            found[str(rules.numbers[word])] += 1
    return found


def names(text: str) -> Counter[str]:
    """Words with a capital inside a sentence: names of parties and defined terms."""
    return Counter(_NAME.findall(text))


def losses(
    before: str, after: str, adds: Mapping[str, int], rules: PlainRules, *, removed: str = ""
) -> tuple[str, ...]:
    """What `after` lost or gained against `before` beyond what the rules say they add, a clause each; () if nothing.

    Args:
        before: the clause.
        after: its plainer wording.
        rules: of their language.
        adds: by class, the sum of what the applied rules declare.
        removed: the words that rules took out, whose names may be gone.
    """
    said: list[str] = []
    had, has = rules.count(before), rules.count(after)
    for name in had:
        expected = had[name] + adds.get(name, 0)
        if has[name] != expected:
            said.append(f"{name}: {has[name]} instead of {expected}")
    if numbers(before, rules) != numbers(after, rules):
        said.append("numbers differ")
    if _SAME.search(after) and not _SAME.search(before):
        said.append("one word twice")
    known = Counter(re.findall(r"\w[\w'&.-]*\w", f"{after} {removed}"))
    gone = sorted(name for name, count in names(before).items() if known[name] < count)
    if gone:
        said.append(f"names lost: {', '.join(gone)}")
    return tuple(said)
