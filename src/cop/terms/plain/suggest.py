"""A plainer wording of one clause, with the rules that made it, for a person to review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from cop.terms.clauses import split
from cop.terms.plain import structure, wording
from cop.terms.plain.keeping import losses
from cop.terms.plain.rules import LANGUAGES, Kind, PlainRules, plain_rules
from cop.terms.plain.structure import Cut
from cop.terms.readability import measure

_STEPS: tuple[tuple[Kind, Callable[[str, PlainRules], Cut | None]], ...] = (
    ("licence", structure.licence),
    ("list", structure.listed),
    ("split", structure.parted),
    ("passive", structure.active),
)
_HARDER = 0.05


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that was applied: its name and kind, the words it found, the words it put."""

    rule: str
    kind: Kind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A plainer wording, made by rules alone. A person accepts, changes or rejects it.

    Attributes:
        original, text: the clause, and the suggestion; a list has one line an item.
        rules: in the order applied, at least one.
        hardness_before, hardness_after: Flesch-Kincaid grade in English, LIX in other languages; None where the text
            holds no sentence of five words.
        rules_version: of the language's rules.
    """

    original: str
    text: str
    language: str
    rules: tuple[Applied, ...]
    hardness_before: float | None
    hardness_after: float | None
    rules_version: int
    status: Literal["suggested"] = "suggested"

    def as_json(self) -> dict[str, object]:
        """The same for a program."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A wording that rules made and the checks refused: never shown as a suggestion."""

    original: str
    text: str
    rules: tuple[Applied, ...]
    reasons: tuple[str, ...]


def suggest(text: str, language: str) -> Suggestion | Withheld | None:
    """A plainer wording of a clause.

    Args:
        text: the clause as a reader sees it (`Clause.text`).
        language: ISO 639-1; en, fr, es, de have rules.

    Returns:
        None where no rule applies, or the language has none.
    """
    if language not in LANGUAGES:
        return None
    rules = plain_rules(language)
    adds: dict[str, int] = {}
    applied: list[Applied] = []
    plain = text
    for kind, step in _STEPS:
        cut = step(plain, rules)
        if cut is not None:
            plain = cut.text
            applied.append(Applied(cut.rule, kind, cut.before, cut.after))
            for name, count in cut.adds.items():
                adds[name] = adds.get(name, 0) + count
    plain, doubled = wording.numbers_once(plain, rules)
    applied += [Applied("number-once", "doublet", before, after) for before, after in doubled]
    plain, replaced = wording.reworded(plain, rules)
    for rule, before, after in replaced:
        applied.append(Applied(rule.id, rule.kind, before, after))
        for name, count in rule.adds.items():
            adds[name] = adds.get(name, 0) + count
    if not applied:
        return None
    if text[:1].isupper():
        plain = plain[:1].upper() + plain[1:]
    before, after = _hardness(text, language), _hardness(plain, language)
    reasons = losses(text, plain, adds, rules, removed=" ".join(a.before for a in applied))
    longer = len(plain.split()) >= len(text.split())
    if longer and before is not None and after is not None and after > before + _HARDER:
        reasons = (*reasons, f"no easier: {before} to {after}")
    if reasons:
        return Withheld(text, plain, tuple(applied), reasons)
    return Suggestion(text, plain, language, tuple(applied), before, after, rules.version)


def _hardness(text: str, language: str) -> float | None:
    figures = measure(split(text, markdown=False), language)
    if figures is None:
        return None
    return figures.grade if figures.grade is not None else figures.lix
