"""A coded record in another version: its code and everything beside it that follows from the code.

A record is a row of any table. Its columns `secondary`, `class_set`, `scores`, `probability`, `section`, `urgency` and
`scheme`, as `cop classify` writes them, follow the code where there are any; all others stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from cop.classification.projection import Projected, Projection, projection
from cop.classification.versions import History, release
from cop.kernel.errors import Refused, Where

ADDED = ("old_code", "candidates", "decision", "secondary_undecided")
"""The columns that recoding adds, or writes anew."""


@dataclass(frozen=True, slots=True)
class Recoder:
    """Carries records along one way; `column` holds their code."""

    ways: Projection
    column: str

    @classmethod
    def between(cls, history: History, old: str, new: str, column: str = "code") -> Recoder:
        """From one version to another.

        Raises:
            NotFound: there is no such version.
            Refused: the column's name is one of those that are added.
        """
        if column in ADDED:
            raise Refused.value(column, "cannot be the code's column", expected=f"none of {', '.join(ADDED)}")
        return cls(projection(history, history.version(old).name, history.version(new).name), column)

    def __call__(self, record: Mapping[str, object]) -> dict[str, object]:
        """The record in the other version.

        Returns:
            its columns, in order, and `old_code`, `candidates` (the codes it may be) and `decision` (whether a person
            has to choose: the code is then None). With `secondary` among them, also `secondary_undecided`: the old
            codes of which a person has to say what they became.

        Raises:
            NotFound: the older version has no such code.
            Refused: a column cannot be read, or says that the record is of another version.
        """
        self._check_scheme(record)
        code = str(record.get(self.column) or "").strip()
        if not code:
            raise Refused("the record has no code", where=Where(field=self.column), expected="a code")
        found = self.ways(code)
        out = {**record, self.column: found.code if found.certain else None}
        out.update({name: value for name, value in self._follow(record, code, found).items() if name in record})
        out.update(old_code=code, candidates=list(found.candidates), decision=not found.certain)
        if "secondary" in record:
            sure, open_ = self._secondary(record["secondary"], found)
            out.update(secondary=sure, secondary_undecided=open_, decision=bool(open_) or not found.certain)
        return out

    def _check_scheme(self, record: Mapping[str, object]) -> None:
        scheme = record.get("scheme")
        if scheme and release(str(scheme)) != self.ways.old.name:
            raise Refused.value(scheme, "is another version", expected=self.ways.old.name, field="scheme")

    def _follow(self, record: Mapping[str, object], code: str, found: Projected) -> dict[str, object]:
        """What the columns beside the code become; only those that the record has are used."""
        codes = found.candidates or ((found.code,) if found.code else ())
        sections = {self.ways.new.line(one)[-1] for one in codes}
        facts: dict[str, object] = {
            "section": sections.pop() if len(sections) == 1 else None,
            "urgency": self.ways.new.urgency(codes) if found.candidates else self.ways.old.urgency([code]),
            "scheme": self.ways.new.name,
        }
        if record.get("class_set") is not None:
            facts["class_set"] = list(self.ways.image(_codes(record["class_set"], "class_set")))
        if record.get("scores") is not None:
            facts["scores"] = scores = self.ways.scores(_scores(record["scores"]))
            if found.certain and found.code in scores:
                facts["probability"] = round(scores[found.code], 6)
        return facts

    def _secondary(self, value: object, principal: Projected) -> tuple[list[str], list[str]]:
        """The secondary codes, without what is now the principal one, and those that a person must decide."""
        ways = {code: self.ways(code) for code in _codes(value, "secondary")}
        sure = dict.fromkeys(way.code for way in ways.values() if way.certain and way.code)
        if principal.certain and principal.code:
            sure.pop(principal.code, None)
        return list(sure), [code for code, way in ways.items() if not way.certain]


def _codes(value: object, field: str) -> tuple[str, ...]:
    """A list of codes: as such, as JSON, or as text divided by semicolons, commas or spaces."""
    if isinstance(value, str):
        value = _json(value, field, "a list of codes") if value.startswith("[") else re.findall(r"[^;,|\s]+", value)
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in cast("Sequence[object]", value)):
        raise Refused.value(value, "is no list of codes", expected="a list of codes", field=field)
    return tuple(cast("Sequence[str]", value))


def _scores(value: object) -> dict[str, float]:
    if isinstance(value, str):
        value = _json(value or "{}", "scores", "probabilities by code")
    numbers = cast("Mapping[str, object]", value) if isinstance(value, dict) else {"": None}
    if not all(isinstance(score, (int, float)) for score in numbers.values()):
        raise Refused.value(value, "are no scores", expected="probabilities by code", field="scores")
    return {code: float(cast("float", score)) for code, score in numbers.items()}


def _json(text: str, field: str, expected: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused.value(text, "is not JSON", expected=expected, field=field) from error
