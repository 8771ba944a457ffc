"""Finding the words and phrases of a list in a text, and whether they are denied there.

One matcher serves the classification's index and the coder's concepts. A form matches by the beginnings of its words
(so that inflected words are found; short words of a phrase as a whole), a Chinese form anywhere. A form is denied when
a word of negation stands shortly before it in the same clause: "nothing was asked of him" asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cop.classification.coder.text import normalise, tokens

_REACH = 5
_REACH_CHINESE = 5
_SHORT = 3
_MEMORY = 100_000
_NEGATORS = {
    "en": "no not never nobody nothing none neither nor without dont didnt doesnt isnt wasnt cant havent hasnt wont",
    "fr": "pas aucun aucune jamais rien personne sans ni non",
    "es": "no nunca jamas nada nadie sin ni ningun ninguna ninguno tampoco",
    "ru": "не нет ни никто никого никому никогда ничего ничем без нельзя",
    "ar": "لم لا لن ليس ليست بدون دون غير ما مافي ولم ولا وليس بلا فلم",
}
_NEGATORS_CHINESE = ("没", "不", "未", "无", "别", "从未", "并非")
_PREFIXES = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ف", "ل", "ك")
_STOPS = frozenset(".!?;:,…。！？；：，、،؟؛")


def has_chinese(normal: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return any("\u4e00" <= c <= "\u9fff" for c in normal)


@dataclass(frozen=True, slots=True)
class Match:
    """What was found: the number of the entry the form belongs to, how many characters, and whether it is denied."""

    entry: int
    length: int
    denied: bool


class Matcher:
    """Finds forms of numbered entries in texts of one language.

    Args:
        forms: (form, entry) pairs in plain spelling; a form that ends in a full stop must match whole words.
        language: ISO 639-1 code; rules words of negation and the article.
    """

    def __init__(self, forms: Iterable[tuple[str, int]], language: str) -> None:
        self._arabic = language == "ar"
        self._chinese = language == "zh"
        self._negators = frozenset(_NEGATORS.get(language, "").split())
        self._begins: dict[str, list[tuple[tuple[str, ...], bool, int]]] = {}
        self._anywhere: dict[str, list[int]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._known: dict[str, tuple[tuple[tuple[str, ...], bool, int], ...]] = {}
        for form, entry in forms:
            whole = form.endswith(".")
            normal = normalise(form.rstrip("."))
            if self._chinese and has_chinese(normal):
                self._anywhere.setdefault(normal, []).append(entry)
                lengths = {*self._lengths.get(normal[0], ()), len(normal)}
                self._lengths[normal[0]] = tuple(sorted(lengths))
            elif words := tuple(w for w in tokens(normal) if w not in _STOPS):
                self._begins.setdefault(words[0], []).append((words[1:], whole, entry))

    def find(self, normal: str, words: Sequence[str]) -> list[Match]:
        """Every form in the text, in order of place.

        Args:
            normal: the normalised text.
            words: its `tokens`.
        """
        found = self._find_words(words)
        return found + self._find_anywhere(normal) if self._anywhere and has_chinese(normal) else found

    def _find_words(self, words: Sequence[str]) -> list[Match]:
        found: list[Match] = []
        since_negator = _REACH + 1
        for place, word in enumerate(words):
            if word in _STOPS:
                since_negator = _REACH + 1
                continue
            since_negator += 1
            for rest, whole, entry in self._entries(word):
                if not rest or self._follows(words, place + 1, rest, whole):
                    length = len(word) + sum(len(r) + 1 for r in rest)
                    found.append(Match(entry, length, since_negator <= _REACH))
            if word in self._negators:
                since_negator = 0
        return found

    def _entries(self, word: str) -> tuple[tuple[tuple[str, ...], bool, int], ...]:
        """The forms whose first word begins this word; remembered, because few words make most of any text."""
        known = self._known.get(word)
        if known is None:
            spellings = [word]
            if self._arabic:
                spellings += [word[len(p) :] for p in _PREFIXES if word.startswith(p) and len(word) - len(p) >= 3]
            entries: dict[tuple[tuple[str, ...], bool, int], None] = {}
            for spelling in spellings:
                for end in range(1, len(spelling) + 1):
                    for rest, whole, entry in self._begins.get(spelling[:end], ()):
                        if end == len(spelling) or (end > _SHORT if rest else not whole):
                            entries[rest, whole, entry] = None
            known = tuple(entries)
            if len(self._known) >= _MEMORY:
                self._known.clear()
            self._known[word] = known
        return known

    def _follows(self, words: Sequence[str], place: int, rest: tuple[str, ...], whole: bool) -> bool:
        if place + len(rest) > len(words) or not (self._arabic or words[place][0] == rest[0][0]):
            return False
        for word, begin in zip(words[place:], rest, strict=False):
            plain = word[2:] if self._arabic and word.startswith("ال") else word
            if begin == word or begin == plain:  # noqa: SIM109, PLR1714 - a set would be built for every word
                continue
            if whole or len(begin) <= _SHORT or not (word.startswith(begin) or plain.startswith(begin)):
                return False
        return True

    def _find_anywhere(self, normal: str) -> list[Match]:
        found: list[Match] = []
        for start, first in enumerate(normal):
            for length in self._lengths.get(first, ()):
                end = start + length
                for entry in self._anywhere.get(normal[start:end], ()):
                    found.append(
                        Match(entry, length, _denied_in_chinese(normal[max(0, start - _REACH_CHINESE) : start]))
                    )
        return found


def _denied_in_chinese(before: str) -> bool:
    """Whether a negation stands in the clause that these characters end."""
    clause = before[max((before.rfind(stop) for stop in _STOPS), default=-1) + 1 :]
    return any(negator in clause for negator in _NEGATORS_CHINESE)
