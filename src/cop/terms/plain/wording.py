"""Words replaced by plainer ones: terms, doublets, fillers."""

from __future__ import annotations

import re

from cop.terms.plain.rules import PlainRules, WordRule

_SPACES = re.compile(r" {2,}")
_BEFORE_MARK = re.compile(r" +([,.;:])")
_ARTICLE = re.compile(r"\b(an?) $", re.IGNORECASE)
_TWICE = re.compile(r"\b([^\W\d]+(?:-[^\W\d]+)?) \((\d+)\)")
_SOUNDS_AS_CONSONANT = ("us", "uni", "eu", "one", "once")


def reworded(text: str, rules: PlainRules) -> tuple[str, list[tuple[WordRule, str, str]]]:
    """The text with every word rule applied once, left to right, and what was replaced by what.

    A word with a capital inside a sentence is a name or a defined term, and stays.
    """
    made: list[tuple[WordRule, str, str]] = []
    parts: list[str] = []
    position = 0
    for match in rules.any_word.finditer(text):
        found = match[0]
        rule = rules.word_of[found.lower()]
        form = next(f for f in rule.forms if f.lower() == found.lower())
        first = not text[: match.start()].rstrip() or text[: match.start()].rstrip()[-1] in ".!?:\n"
        if found not in (form, form[:1].upper() + form[1:]) or (found != form and not first):
            continue
        if rule.not_before and rule.not_before.match(text[match.end() :]):
            continue
        if rule.not_after and rule.not_after.search(text[: match.start()]):
            continue
        plain = rule.forms[form]
        shown = plain[:1].upper() + plain[1:] if found != form else plain
        parts += [text[position : match.start()], shown]
        position = match.end()
        if rules.language == "en" and plain:
            parts[-2] = _article(parts[-2], plain)
        made.append((rule, found, plain))
    parts.append(text[position:])
    return tidy("".join(parts)), made


def _article(before: str, plain: str) -> str:
    """The article that fits: "an additional" becomes "a further"."""

    def fitting(match: re.Match[str]) -> str:
        vowel = plain[:1] in "aeiou" and not plain.startswith(_SOUNDS_AS_CONSONANT)
        return f"{match[1][0]}{'n' if vowel else ''} "

    return _ARTICLE.sub(fitting, before)


def numbers_once(text: str, rules: PlainRules) -> tuple[str, list[tuple[str, str]]]:
    """Numbers said once: "thirty (30) days" becomes "30 days", where word and figure are the same."""
    made: list[tuple[str, str]] = []

    def once(match: re.Match[str]) -> str:
        if rules.numbers.get(match[1].lower()) != int(match[2]):
            return match[0]
        made.append((match[0], match[2]))
        return match[2]

    return _TWICE.sub(once, text), made


def tidy(text: str) -> str:
    """No two spaces, none before a comma or full stop, a capital at the start where the text had one."""
    return _BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text)).strip()
