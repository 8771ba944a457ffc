"""What the coder says in one version of the classification, said in the codes of another.

A coder is trained on the codes of one version. Its answers can be given in an older one: a record's code and the set
of codes it may be go to what those codes became, and the probabilities of codes that fall together add.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from cop.classification.history import load_history
from cop.classification.recode import Image, recode_code, recode_counts
from cop.classification.versions import Changes, History, Version
from cop.kernel.errors import Refused

if TYPE_CHECKING:
    from cop.classification.coder.coding import Coded


@dataclass(frozen=True, slots=True)
class Projected:
    """Where one code goes: the code to answer with, the codes it may be, and how its probability divides.

    `certain` is False where several codes, or none, stand for it: `code` is then the lowest class or section above
    them all, never a guess among them, and None where they are of several sections. Probability that cannot be divided
    goes to that code, or stays under its own.
    """

    code: str | None
    candidates: tuple[str, ...]
    shares: Mapping[str, float]
    certain: bool


def to_scheme(coded: Coded, scheme_version: str, history: History | None = None) -> Coded:
    """What the coder said of one text, in the codes of another version.

    Args:
        coded: an answer; its `scheme` names the version it is in.
        scheme_version: the version to answer in.
        history: the versions there are; the catalogue's when None.

    Returns:
        the same answer with code, section, probability, class set, urgency, scheme and scores of that version. The
        code is what its code became, whether scores were asked for or not. With scores, the probability is the sum of
        those that fall on it; without, that of its own code alone, which is the same unless codes were merged. Scores
        sum to what they did. A code for which that version has several or none is answered by the lowest code above
        them, with the highest urgency of any, for review.

    Raises:
        NotFound: there is no such version, or the coder's version has not that code.
        Refused: what stands for the code is of several sections, or its section is no more.
    """
    history = history or _catalogue()
    ways = projection(history, coded.scheme, scheme_version)
    target = history.version(scheme_version)
    found = ways(coded.code)
    if found.code is None:
        raise Refused.value(
            coded.code, f"has no code in version {target.name}", field="code",
            expected=f"a person to choose among {', '.join(found.candidates) or 'its codes'}",
        )  # fmt: skip
    scores = None if coded.scores is None else ways.scores(coded.scores)
    return replace(
        coded,
        code=found.code,
        section=target.line(found.code)[-1],
        probability=coded.probability if scores is None else round(scores.get(found.code, coded.probability), 6),
        class_set=ways.image(coded.class_set),
        route=coded.route if found.certain else "review",
        urgency=target.urgency((found.code, *found.candidates)) if found.candidates else coded.urgency,
        scheme=target.name,
        scores=scores,
    )


@dataclass(frozen=True, slots=True)
class Projection:
    """The way of every code of one version to another, each worked out once."""

    route: tuple[Changes, ...]
    old: Version
    new: Version
    known: dict[str, Projected]

    def __call__(self, code: str) -> Projected:
        """Where a code goes; errors as `to_scheme`."""
        if code not in self.known:
            self.known[code] = self._find(code)
        return self.known[code]

    def image(self, codes: Iterable[str]) -> tuple[str, ...]:
        """What a set of codes became, in the order of the set; errors as `to_scheme`."""
        found = (self(code) for code in codes)
        images = (way.candidates or ((way.code,) if way.code else ()) for way in found)
        return tuple(dict.fromkeys(one for image in images for one in image))

    def scores(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Probabilities by code, those of codes that fall together added; errors as `to_scheme`."""
        found: dict[str, float] = {}
        for code, score in scores.items():
            for one, share in self(code).shares.items():
                found[one] = found.get(one, 0.0) + score * share
        return found

    def _find(self, code: str) -> Projected:
        image = recode_code(code, self.route)
        answer = image.codes[0] if not image.decide else self._above(code, image)
        recoded = recode_counts({code: 1}, self.route)
        shares = {one: float(estimate.count) for one, estimate in recoded.counts.items()}
        if recoded.unconverted:
            home = answer or code
            shares[home] = shares.get(home, 0.0) + float(recoded.unconverted)
        return Projected(answer, image.codes, shares, not image.decide)

    def _above(self, code: str, image: Image) -> str | None:
        """The lowest code above all candidates; where there are none, the nearest above the code that lives on."""
        if image.codes:
            return self.new.common(image.codes)
        return next((one for one in self.old.line(code) if one in self.new.by_code), None)


@cache
def projection(history: History, old: str, new: str) -> Projection:
    """The way of every code from one version to another.

    Raises:
        NotFound: there is no such version.
    """
    return Projection(history.route(old, new), history.version(old), history.version(new), {})


@cache
def _catalogue() -> History:
    return load_history()
