"""Sentences cut where nothing hangs on the joint: lists, sentences side by side, piled adjectives, passives.

Every function answers with the new text, or None where the rule does not apply for certain. Brackets stay: what
"(including photos)" belongs to cannot be told from its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from cop.terms.plain.rules import PlainRules

LEAST_HEAD = 4
LONGEST_ITEM = 45
_MARK = re.compile(r"(?<=[\s,;:])\((?:([a-z])|([ivx]{1,4})|(\d{1,2}))\) ", re.IGNORECASE)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_CLOSING = re.compile(r"[.!?]+[\"')]*$")


@dataclass(frozen=True, slots=True)
class Cut:
    """A text with one rule applied, what it was applied to, and what that adds to the kept classes."""

    text: str
    rule: str
    before: str
    after: str
    adds: Mapping[str, int]


def licence(text: str, rules: PlainRules) -> Cut | None:
    """Adjectives piled on a licence as sentences: "a perpetual licence." is "a licence. It lasts for ever."."""
    if rules.licence is None or len(_CLOSING.findall(text)) != 1:
        return None
    runs = list(rules.licence.run.finditer(text))
    if len(runs) != 1:
        return None
    run = runs[0]
    head = text[: run.start()]
    if rules.keeps["negation"].search(head) or rules.keeps["condition"].search(head) or ". " in text[:-1]:
        return None
    reader = rules.licence.grants.search(head) is not None
    pile, sentences = run["pile"], list[str]()
    adds: dict[str, int] = {}
    found = sorted(
        ((m.start(), m.end(), trait) for trait in rules.licence.traits for m in trait.match.finditer(pile)),
        key=lambda row: (row[0], -row[1]),
    )
    end = 0
    for start, stop, trait in found:
        if start < end:
            continue
        end = stop
        sentences.append(trait.reader_says if reader else trait.says)
        for name, count in (trait.reader_adds if reader else trait.adds).items():
            adds[name] = adds.get(name, 0) + count
    noun = run["noun"]
    if rules.licence.first:
        pronoun, named = rules.licence.first
        at = next((i for i, said in enumerate(sentences) if said.startswith(pronoun)), None)
        if at is not None:
            sentences[at] = named.format(noun=noun) + sentences[at].removeprefix(pronoun)
    head = re.sub(r"\b([Aa])n $", r"\1 ", head) if rules.language == "en" else head
    # an adjective that stays before the noun loses the comma that led to the others
    body = f"{re.sub(r', $', ' ', head)}{noun}{text[run.end() :]}".rstrip()
    return Cut(f"{body} {' '.join(sentences)}", "licence-traits", run[0], " ".join([noun, "…", *sentences]), adds)


def listed(text: str, rules: PlainRules) -> Cut | None:
    """A lead and a line for each item of "You may not (a) copy it; or (b) sell it."; every word stays."""
    marks = list(_MARK.finditer(text))
    if len(marks) < 2 or not _in_order(marks):
        return None
    lead = text[: marks[0].start()].strip()
    items = [text[a.start() : b.start()].strip() for a, b in pairwise(marks)]
    items.append(text[marks[-1].start() :].strip())
    if len(lead.split()) < 2 or any(len(item.split()) < 2 for item in items) or ". " in text[:-1]:
        return None
    # Words after the last item may bind them all: then a list would tie them to that item alone.
    last = items[-1]
    if len(last.split()) > LONGEST_ITEM or (rules.list_never and rules.list_never.search(last)):
        return None
    lead = lead if lead.endswith(":") else f"{lead.rstrip(',;')}:"
    after = "\n".join([lead, *items])
    return Cut(after, "list", text, after, {})


def _in_order(marks: list[re.Match[str]]) -> bool:
    signs = [(m[1] or m[2] or m[3]).lower() for m in marks]
    orders = (
        [chr(ord("a") + i) for i in range(len(signs))] if len(signs) <= 26 else [],
        list(_ROMAN[: len(signs)]),
        [str(i + 1) for i in range(len(signs))],
    )
    return signs in orders


def parted(text: str, rules: PlainRules) -> Cut | None:
    """Two sentences for two that only "and", "but" or a semicolon joined; never where one hangs on the other."""
    if rules.split is None:
        return None
    for joint in rules.split.at.finditer(text):
        head, tail = text[: joint.start()], text[joint.end() :]
        if len(head.split()) < LEAST_HEAD or not rules.split.head.search(head):
            continue
        # What governs the head, or stands in the tail, may govern both.
        if rules.split.never.search(head) or rules.split.never.search(tail):
            continue
        but = "But " if re.search(r"\bbut\b", joint[0], re.IGNORECASE) else ""
        after = f"{head}. {but}{tail if but else tail[:1].upper() + tail[1:]}"
        return Cut(after, "split", joint[0].strip() + " " + tail.split()[0], f". {but}{tail.split()[0]}", {})
    return None


def active(text: str, rules: PlainRules) -> Cut | None:
    """The active voice, where the verb is listed and who acts is named: "We may use your posts."."""
    if rules.passive is None:
        return None
    match = rules.passive.pattern.match(text)
    if match is None or match["verb"].lower() not in rules.passive.verbs:
        return None
    agent = rules.passive.agents[match["agent"].lower()]
    what = match["what"][:1].lower() + match["what"][1:]
    after = (
        f"{agent.capitalize()} {match['modal']}{match['not'] or ''} {rules.passive.verbs[match['verb'].lower()]} "
        f"{what}{match['rest'] or ''}{match['end'] or ''}"
    )
    return Cut(after, "active", text, after, {})
