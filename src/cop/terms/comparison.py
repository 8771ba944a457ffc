"""Two versions beside each other, clause by clause: what was inserted, removed, edited, moved, and what it touches.

Clauses are compared by their words. Of two thirds of new texts, half touch no criterion: a reviewer reads the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from cop.terms.changes import Change, between
from cop.terms.clauses import Clause, split
from cop.terms.documents import Document
from cop.terms.extraction import RawSpan
from cop.terms.touching import criteria_of

Kind = Literal["inserted", "removed", "edited", "moved"]

LEAST_ALIKE = 0.6
"""Share of words that two clauses must have in common, in order, for one to be an edit of the other."""

_WORD = re.compile(r"\w+")
_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause in one of the two versions: `text` is `document.text[start:end]`, `section` the headings above it.

    `raw` is where it stands in the raw file.
    """

    text: str
    start: int
    end: int
    section: tuple[str, ...]
    raw: tuple[RawSpan, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "section": list(self.section),
            "raw": [span.as_json() for span in self.raw],
        }


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause that is not what, or not where, it was.

    Attributes:
        kind: inserted, removed, edited (it reads differently) or moved (it reads the same elsewhere).
        old, new: the clause in either version; None on the side where it is not.
        moved: whether it stands elsewhere, for moved ones and for some that were edited.
        criteria: codes of the criteria on which the old or the new words bear.
    """

    kind: Kind
    old: Passage | None
    new: Passage | None
    moved: bool
    criteria: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "kind": self.kind, "moved": self.moved, "criteria": list(self.criteria),
            "old": self.old.as_json() if self.old else None, "new": self.new.as_json() if self.new else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions: what the change is as a whole, and its clauses in order of the newer text."""

    old: str
    new: str
    change: Change
    clauses: tuple[ClauseChange, ...]

    @property
    def criteria(self) -> tuple[str, ...]:
        """Codes of all criteria that the change touches, in order."""
        return tuple(sorted({code for clause in self.clauses for code in clause.criteria}))

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "old": self.old, "new": self.new, **self.change.as_json(), "criteria": list(self.criteria),
            "clauses": [clause.as_json() for clause in self.clauses],
        }  # fmt: skip


def compare(old: Document, new: Document) -> Comparison:
    """The change from one version to another, and the clauses that changed; none where only the format did."""
    change = between(old, new)
    if change.change_class == "format_or_link_only":
        return Comparison(old.name, new.name, change, ())
    before, after = split(old.text, markdown=old.markdown), split(new.text, markdown=new.markdown)
    there, here = criteria_of(old, before), criteria_of(new, after)
    none = frozenset[str]()
    found = [
        ClauseChange(
            kind, _passage(old, a), _passage(new, b), moved,
            tuple(sorted((there.get(a.start, none) if a else none) | (here.get(b.start, none) if b else none))),
        )
        for kind, a, b, moved in _changed(_worded(before), _worded(after))
    ]  # fmt: skip
    return Comparison(old.name, new.name, change, tuple(found))


def _worded(clauses: Sequence[Clause]) -> list[tuple[Clause, tuple[str, ...]]]:
    worded = ((clause, tuple(_WORD.findall(clause.text.lower()))) for clause in clauses)
    return [(clause, words) for clause, words in worded if words]


def _passage(document: Document, clause: Clause | None) -> Passage | None:
    if clause is None:
        return None
    raw = document.raw_spans(clause.start, clause.end)
    return Passage(document.text[clause.start : clause.end], clause.start, clause.end, clause.section, raw)


_Pair = tuple[Kind, Clause | None, Clause | None, bool]


def _changed(
    before: Sequence[tuple[Clause, tuple[str, ...]]], after: Sequence[tuple[Clause, tuple[str, ...]]]
) -> list[_Pair]:
    """Pairs of clauses that differ, in order of the newer text; removed ones where they stood."""
    old_keys, new_keys = [words for _, words in before], [words for _, words in after]
    block_of_old: dict[int, int] = {}
    block_of_new: dict[int, int] = {}
    codes = SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(codes):
        if tag != "equal":
            block_of_old.update(dict.fromkeys(range(a, b), number))
            block_of_new.update(dict.fromkeys(range(c, d), number))
    partner = _moved(old_keys, new_keys, block_of_old, block_of_new)
    partner |= _edited(old_keys, new_keys, block_of_old, block_of_new, partner)
    taken = {old for old, _ in partner.values()}
    placed: list[tuple[int, int, _Pair]] = []
    for j, block in block_of_new.items():
        if j in partner:
            i, kind = partner[j]
            placed.append((j, 1, (kind, before[i][0], after[j][0], block_of_old[i] != block)))
        else:
            placed.append((j, 1, ("inserted", None, after[j][0], False)))
    starts = {number: c for number, (_, _, _, c, _) in enumerate(codes)}
    for i, number in block_of_old.items():
        if i not in taken:
            placed.append((starts[number], 0, ("removed", before[i][0], None, False)))
    return [change for _, _, change in sorted(placed, key=lambda p: p[:2])]


def _moved(
    old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]], in_old: dict[int, int], in_new: dict[int, int]
) -> dict[int, tuple[int, Kind]]:
    """Clauses that read the same elsewhere: by number in the new version, their number in the old one."""
    places: dict[tuple[str, ...], list[int]] = {}
    for i in in_old:
        places.setdefault(old[i], []).append(i)
    return {j: (places[new[j]].pop(0), "moved") for j in in_new if places.get(new[j])}


def _edited(
    old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]], in_old: dict[int, int], in_new: dict[int, int],
    partner: dict[int, tuple[int, Kind]],
) -> dict[int, tuple[int, Kind]]:  # fmt: skip
    """Clauses that read differently: the closest pairs first, those in the same place before others."""
    taken = {i for i, _ in partner.values()}
    by_pair: dict[tuple[str, ...], list[int]] = {}
    for i in in_old:
        if i not in taken:
            for pair in _pairs(old[i]):
                by_pair.setdefault(pair, []).append(i)
    scored: list[tuple[bool, float, int, int]] = []
    for j, block in in_new.items():
        if j in partner:
            continue
        shared = Counter(i for pair in _pairs(new[j]) for i in by_pair.get(pair, ()))
        for i, _ in shared.most_common(_CANDIDATES):
            alike = SequenceMatcher(None, old[i], new[j], autojunk=False).ratio()
            if alike >= LEAST_ALIKE:
                scored.append((in_old[i] != block, -alike, i, j))
    found: dict[int, tuple[int, Kind]] = {}
    for _, _, i, j in sorted(scored):
        if i not in taken and j not in found:
            taken.add(i)
            found[j] = (i, "edited")
    return found


def _pairs(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {words[k : k + 2] for k in range(max(1, len(words) - 1))}
