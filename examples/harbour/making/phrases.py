"""Sentences from the phrase books: `phrases/<language>.toml`, one a language, each written in that language.

A frame is a sentence with `[m|f]` (agrees with the child's sex), `<a/b>` (a free choice) and the slots {age}, {on} and
{when}. A slot at the head of a sentence begins with a capital, elsewhere it does not.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from random import Random

BOOKS = Path(__file__).parent.parent / "phrases"
LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")

_AGREEMENT = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_CHOICE = re.compile(r"<([^<>]*)>")
_SLOT = re.compile(r"\{(on|when|age)\}")
_AGE = {"ar": "{} {}", "en": "{}", "es": "{} años", "fr": "{} ans", "ru": "{} лет", "zh": "{}岁"}

Book = dict[str, dict[str, list[str]]]


def books() -> dict[str, Book]:
    """Every phrase book by language."""
    return {lang: tomllib.loads((BOOKS / f"{lang}.toml").read_text(encoding="utf-8")) for lang in LANGUAGES}


def pick(rng: Random, options: list[str]) -> str:
    """One of the options. `Random.random` alone is promised to stay the same in later versions of Python."""
    return options[int(rng.random() * len(options))]


def expand(frame: str, *, book: Book, language: str, platform: str, age: int, girl: bool, rng: Random) -> str:
    """A frame, or a detail, made into a sentence about one child."""
    text = _AGREEMENT.sub(lambda m: m[2] if girl else m[1], frame)
    text = _CHOICE.sub(lambda m: pick(rng, m[1].split("/")), text)

    def fill(match: re.Match[str]) -> str:
        slot = match[1]
        if slot == "age":
            return _age(language, age)
        words = pick(rng, book["on"][platform] if slot == "on" else book["when"]["any"])
        opens = match.start() == 0 or text[: match.start()].rstrip().endswith((".", "!", "?"))
        return (words[0].upper() if opens else words[0].lower()) + words[1:]

    return _SLOT.sub(fill, text)


def _age(language: str, age: int) -> str:
    # Arabic counts 3 to 10 in the plural, 11 and up in the singular accusative; Russian 5 to 20 is one form.
    return _AGE[language].format(age, "سنوات" if age <= 10 else "عاماً")


def assemble(language: str, parts: list[str]) -> str:
    """Opening, frame, details and outcome as one text; Chinese sets no space between sentences."""
    return ("" if language == "zh" else " ").join(part for part in parts if part)
