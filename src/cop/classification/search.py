"""Find classes by words, in any language the classification has, with the text that matched as evidence.

Names, index terms and notes are read in the one spelling of the coder (`coder.text`), with the endings of long words
cut as in its index; Chinese, which has no spaces, is compared by pairs of characters. An exclusion speaks for the class
that takes the case, not for the one that excludes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cop.classification.coder.index import loose
from cop.classification.coder.text import normalise, tokens
from cop.classification.scheme import Node, Scheme
from cop.kernel.errors import Refused
from cop.kernel.languages import pick

Field = Literal["code", "name", "index", "definition", "includes", "excludes", "examples"]

_WEIGHTS: dict[Field, float] = {
    "code": 1.0,
    "name": 0.9,
    "index": 0.85,
    "includes": 0.6,
    "definition": 0.55,
    "excludes": 0.5,
    "examples": 0.4,
}
_APART = 0.8
"""What is left of a score where the words do not stand together."""
_LEAST = 0.5
"""The share of the words that must be found."""
_COMPOUND = 5
"""From this length on a word is also found within another: *acoso* in *ciberacoso*."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A class found: its score (0 to 1), and the text of it that matched best, of which field and language.

    For `excludes` the text is a note of another class that sends the case here.
    """

    code: str
    name: str
    score: float
    field: Field
    language: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The hit as JSON has it."""
        return asdict(self)


def search(scheme: Scheme, words: str, *, language: str | None = None, limit: int = 20) -> tuple[Hit, ...]:
    """The classes that words lead to, best first, in the scheme's order where two are as good.

    Args:
        scheme: the classification.
        words: a code (any case, `B03.2` as well as `B032`) or words; a code gives that class alone.
        language: the language to look in; every one when None.
        limit: the most hits to give.

    Raises:
        Refused: there is no word in `words`.
    """
    if code := lookup(scheme, words):
        node = scheme.node(code)
        return (Hit(code, pick(node.name, language or "en"), 1.0, "code", language or "en", code),)
    if not any(any(c.isalnum() for c in word) for word in tokens(normalise(words))):
        raise Refused.value(words, "holds no word", expected="a code or words", field="WORDS")
    best: dict[str, Hit] = {}
    for code, field, spoken, text in _texts(scheme):
        if language is not None and spoken != language:
            continue
        score = round(_WEIGHTS[field] * _closeness(words, text, spoken), 3)
        if score and (code not in best or score > best[code].score):
            best[code] = Hit(code, pick(scheme.node(code).name, spoken), score, field, spoken, text)
    places = {node.code: place for place, node in enumerate(scheme.nodes)}
    return tuple(sorted(best.values(), key=lambda hit: (-hit.score, places[hit.code]))[:limit])


def lookup(scheme: Scheme, text: str) -> str | None:
    """The code a text is, however it is spelt (`b03.2`); None when it is none."""
    code = text.strip().replace(".", "").upper()
    return code if code in scheme.by_code else None


def _texts(scheme: Scheme) -> Iterator[tuple[str, Field, str, str]]:
    """Every text with the class it speaks for, its field and its language."""
    for node in scheme.nodes:
        for language, terms in node.index.items():
            for term in terms:
                yield node.code, "index", language, term
        yield from _notes(node)


def _notes(node: Node) -> Iterator[tuple[str, Field, str, str]]:
    notes: tuple[tuple[Field, tuple[Any, ...]], ...] = (
        ("name", (node.name,)),
        ("definition", (node.definition,)),
        ("includes", node.includes),
        ("excludes", node.excludes),
        ("examples", node.examples),
    )
    for field, texts in notes:
        for text in texts:
            code = text.get("see", node.code)
            for language, words in text.items():
                if language != "see":
                    yield code, field, language, words


def _closeness(words: str, text: str, language: str) -> float:
    """How much of the words a text holds, 0 to 1; 1 only where they stand together."""
    asked, given = normalise(words), normalise(text)
    if language == "zh":
        pairs = _pairs(asked)
        found = len(pairs & _pairs(given)) / len(pairs) if pairs else 0.0
        together = asked in given
    else:
        wanted = [w for w in loose(words, language).rstrip(".").split() if any(c.isalnum() for c in w)]
        held = tokens(given)
        found = sum(any(_within(w, t) for t in held) for w in wanted) / len(wanted) if wanted else 0.0
        together = found == 1 and _run(wanted, held)
    if found < _LEAST:
        return 0.0
    close = found if together else found * _APART
    # the more of a text the words are, the better: the whole of it is worth more than a part
    return close * (0.9 + 0.1 * min(1.0, len(asked) / max(1, len(given))))


def _pairs(text: str) -> set[str]:
    plain = "".join(c for c in text if c.isalnum())
    return {plain[i : i + 2] for i in range(len(plain) - 1)} or ({plain} if plain else set())


def _within(word: str, held: str) -> bool:
    return held.startswith(word) or (len(word) >= _COMPOUND and word in held)


def _run(wanted: list[str], held: list[str]) -> bool:
    size = len(wanted)
    return any(
        all(_within(w, h) for h, w in zip(held[i : i + size], wanted, strict=True)) for i in range(len(held) - size + 1)
    )
