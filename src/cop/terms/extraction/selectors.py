"""The part of CSS by which a declaration names the passage of a page that holds the terms.

Read are: tag names and `*`, `#id`, `.class`, `[name]`, `[name=value]` with `^=`, `$=`, `*=` and `~=`, descendants,
children (`>`) and lists (`,`). What depends on siblings or on state is not read, and refused.
Source: Selectors Level 4 (W3C), sections 5, 6 and 15.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cop.kernel.errors import Refused

EXPECTED = "tags, #id, .class, [name=value], descendants, > and commas"

_COMPOUND = re.compile(
    r"""(?P<tag>\*|[A-Za-z][\w-]*)?
    (?P<rest>(?:[#.](?:[\w-]|[^\x00-\x7f])+|\[\s*[\w:-]+\s*(?:[~^$*]?=\s*(?:"[^"]*"|'[^']*'|[^\]\s]+)\s*)?\])*)""",
    re.VERBOSE,
)
_SIMPLE = re.compile(
    r"""\#(?P<id>[^#.\[]+) | \.(?P<class>[^#.\[]+)
    | \[\s*(?P<name>[\w:-]+)\s*(?:(?P<how>[~^$*]?=)\s*(?P<value>"[^"]*"|'[^']*'|[^\]\s]+)\s*)?\]""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Element:
    """An open element of a page: its tag and its attributes, names in lower case."""

    tag: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Compound:
    tag: str
    tests: tuple[tuple[str, str, str], ...]
    child: bool

    def fits(self, element: Element) -> bool:
        if self.tag not in ("*", element.tag):
            return False
        return all(_holds(element.attributes.get(name), how, value) for name, how, value in self.tests)


@dataclass(frozen=True, slots=True)
class Selector:
    """A list of paths; it fits an element where one of the paths does."""

    text: str
    paths: tuple[tuple[_Compound, ...], ...]

    def fits(self, path: Sequence[Element]) -> bool:
        """Whether it fits the last element of a path of open elements, outermost first."""
        return any(_fits(compounds, len(compounds) - 1, path, len(path) - 1) for compounds in self.paths)


def parse(text: str) -> Selector:
    """The selector in a text.

    Raises:
        Refused: it is empty or holds more than is read here.
    """
    paths = tuple(_path(part.strip(), text) for part in re.split(r",(?![^\[]*\])", text))
    return Selector(text, paths)


def _path(part: str, whole: str) -> tuple[_Compound, ...]:
    compounds: list[_Compound] = []
    child = False
    position = 0
    while position < len(part):
        gap = re.compile(r"\s*(>?)\s*").match(part, position)
        position = gap.end() if gap else position
        if gap and gap.group(1):
            if child or not compounds:
                raise Refused.value(whole, "is not a selector that is read here", expected=EXPECTED)
            child = True
        found = _COMPOUND.match(part, position)
        if found is None or found.end() == position:
            raise Refused.value(whole, "is not a selector that is read here", expected=EXPECTED)
        compounds.append(_Compound((found["tag"] or "*").lower(), tuple(_tests(found["rest"])), child))
        child = False
        position = found.end()
        if position < len(part) and part[position] not in " \t\n>":
            raise Refused.value(whole, "is not a selector that is read here", expected=EXPECTED)
    if not compounds or child:
        raise Refused.value(whole, "is not a selector that is read here", expected=EXPECTED)
    return tuple(compounds)


def _tests(rest: str) -> list[tuple[str, str, str]]:
    tests: list[tuple[str, str, str]] = []
    for found in _SIMPLE.finditer(rest):
        if found["id"]:
            tests.append(("id", "=", found["id"]))
        elif found["class"]:
            tests.append(("class", "~=", found["class"]))
        else:
            value = found["value"] or ""
            value = value[1:-1] if value[:1] in {'"', "'"} else value
            tests.append((found["name"].lower(), found["how"] or "", value))
    return tests


def _holds(actual: str | None, how: str, value: str) -> bool:
    if actual is None:
        return False
    if how in ("", "="):
        return not how or actual == value
    if how == "~=":
        return value in actual.split()
    return bool(value) and {"^=": actual.startswith, "$=": actual.endswith, "*=": actual.__contains__}[how](value)


def _fits(compounds: Sequence[_Compound], last: int, path: Sequence[Element], at: int) -> bool:
    if at < 0 or not compounds[last].fits(path[at]):
        return False
    if last == 0:
        return True
    if compounds[last].child:
        return _fits(compounds, last - 1, path, at - 1)
    return any(_fits(compounds, last - 1, path, above) for above in range(at - 1, -1, -1))
