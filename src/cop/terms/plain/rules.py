"""The rules of plain language, one YAML file a language in `catalogue/plain`.

A word rule may only add or drop what it says it does (`adds`): each of its forms is counted when the file is read, and
a file in which a replacement silently drops a "not" is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from cop.kernel.documents import read_document
from cop.kernel.errors import NotFound, Refused
from cop.kernel.resources import resource

Kind = Literal["term", "doublet", "filler", "licence", "list", "split", "passive"]
LANGUAGES = ("de", "en", "es", "fr")


@dataclass(frozen=True, slots=True)
class WordRule:
    """Words and what stands for each of their forms; `adds` says by how much each kept class changes."""

    id: str
    kind: Kind
    forms: Mapping[str, str]
    not_before: re.Pattern[str] | None
    not_after: re.Pattern[str] | None
    adds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Trait:
    """An adjective of a licence, and the sentence that says it; `reader_says` where the reader is who grants."""

    id: str
    match: re.Pattern[str]
    says: str
    reader_says: str
    adds: Mapping[str, int]
    reader_adds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LicenceRule:
    """How adjectives pile up on a licence: `run` finds two or more of them beside the noun.

    `first` is the pronoun that the first sentence names by its noun, and the words it does so with.
    """

    run: re.Pattern[str]
    grants: re.Pattern[str]
    first: tuple[str, str] | None
    traits: tuple[Trait, ...]


@dataclass(frozen=True, slots=True)
class PassiveRule:
    """Sentences of one pattern that can be turned for certain: who acts is named, the verb is listed."""

    pattern: re.Pattern[str]
    verbs: Mapping[str, str]
    agents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SplitRule:
    """Where two sentences stand side by side: `head` is what must be before the joint, `never` what must be nowhere."""

    head: re.Pattern[str]
    at: re.Pattern[str]
    never: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class PlainRules:
    """The rules of one language. `keeps` are patterns by class (negation, duty...), `numbers` values by word."""

    language: str
    version: int
    keeps: Mapping[str, re.Pattern[str]]
    numbers: Mapping[str, int]
    words: tuple[WordRule, ...]
    word_of: Mapping[str, WordRule]
    any_word: re.Pattern[str]
    licence: LicenceRule | None
    split: SplitRule | None
    list_never: re.Pattern[str] | None
    passive: PassiveRule | None

    def count(self, text: str) -> dict[str, int]:
        """How often each kept class stands in a text."""
        return {name: len(pattern.findall(text)) for name, pattern in self.keeps.items()}


@cache
def plain_rules(language: str) -> PlainRules:
    """The rules of this installation for a language.

    Raises:
        NotFound: there are none.
    """
    if language not in LANGUAGES:
        raise NotFound(f"there are no rules of plain language for {language}", expected=", ".join(LANGUAGES))
    folder = resource("catalogue/plain")
    return load(folder / f"{language}.yaml", folder / "plain.schema.json")


def load(path: Path, schema: Path) -> PlainRules:
    """The rules in a file.

    Raises:
        Refused: the schema is not met, or a rule changes what must be kept without saying so.
    """
    fields = read_document(path, schema)
    keeps = {name: re.compile(source, re.IGNORECASE) for name, source in fields["keeps"].items()}
    words = tuple(_word(row) for row in fields["words"])
    licence = _licence(fields["licence"]) if "licence" in fields else None
    for rule in words:
        for form, plain in rule.forms.items():
            _declared(path, rule.id, form, plain, rule.adds, keeps)
    for trait, row in zip(licence.traits if licence else (), fields.get("licence", {}).get("traits", ()), strict=True):
        if not trait.match.fullmatch(row["example"]):
            raise Refused.value(row["example"], "is no example", expected=row["match"], file=path, field=trait.id)
        _declared(path, trait.id, row["example"], trait.says, trait.adds, keeps)
        _declared(path, trait.id, row["example"], trait.reader_says, trait.reader_adds, keeps)
    forms = sorted((form for rule in words for form in rule.forms), key=lambda form: (-len(form), form))
    split, passive = fields.get("split"), fields.get("passive")
    return PlainRules(
        language=fields["language"], version=fields["version"], keeps=keeps, numbers=fields["numbers"], words=words,
        word_of={form.lower(): rule for rule in words for form in rule.forms},
        any_word=re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, forms)) + r")(?![\w-])", re.IGNORECASE),
        licence=licence,
        split=SplitRule(*(re.compile(split[k], re.IGNORECASE) for k in ("head", "at", "never"))) if split else None,
        list_never=re.compile(fields["list_never"], re.IGNORECASE) if "list_never" in fields else None,
        passive=PassiveRule(re.compile(passive["pattern"], re.IGNORECASE), passive["verbs"], passive["agents"])
        if passive else None,
    )  # fmt: skip


def _word(row: Mapping[str, Any]) -> WordRule:
    before, after = row.get("not_before"), row.get("not_after")
    return WordRule(
        row["id"], row["kind"], row["forms"],
        re.compile(rf"\s*(?:{before})", re.IGNORECASE) if before else None,
        re.compile(rf"(?:^|\W)(?:{after})\W+$", re.IGNORECASE) if after else None,
        row.get("adds", {}),
    )  # fmt: skip


def _licence(row: Mapping[str, Any]) -> LicenceRule:
    traits = tuple(
        Trait(
            t["id"], re.compile(t["match"], re.IGNORECASE), t["says"], t.get("reader_says", t["says"]),
            t.get("adds", {}),
            t["reader_adds"] if "reader_adds" in t else {} if "reader_says" in t else t.get("adds", {}),
        )
        for t in row["traits"]
    )  # fmt: skip
    one = "(?:" + "|".join(t["match"] for t in row["traits"]) + ")"
    pile = rf"(?P<pile>{one}(?:(?:{row['joints']}){one})+)"
    nouns = rf"(?P<noun>{row['nouns']})"
    run = rf"(?<![\w-]){pile},? {nouns}(?!\w)" if row["place"] == "before" else rf"(?<!\w){nouns},? {pile}(?![\w-])"
    first = (row["first"][0], row["first"][1]) if "first" in row else None
    return LicenceRule(re.compile(run, re.IGNORECASE), re.compile(row["grants"], re.IGNORECASE), first, traits)


def _declared(
    path: Path, name: str, form: str, plain: str, adds: Mapping[str, int], keeps: Mapping[str, re.Pattern[str]]
) -> None:
    for kept, pattern in keeps.items():
        change = len(pattern.findall(plain)) - len(pattern.findall(form))
        if change != adds.get(kept, 0):
            raise Refused.value(
                form, f"becomes {plain!r}, which changes {kept} by {change:+d}",
                expected=f"{adds.get(kept, 0):+d} as declared",
                file=path, field=name,
            )  # fmt: skip
