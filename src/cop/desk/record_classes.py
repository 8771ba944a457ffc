"""Classes as the record page shows them: their names, notes and inclusions in the page's language; found by words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cop.classification.scheme import Node
from cop.classification.search import search
from cop.desk.middleware import DeskRequest
from cop.kernel.errors import NotFound, Refused
from cop.kernel.languages import pick
from cop.vault.coding.rules import may_read_rulings
from cop.vault.coding.schemas import may_be_given, scheme

FOUND = 8


@dataclass(frozen=True, slots=True)
class Option:
    """A class that can be chosen: code, name, and the percentage that the coder gives it (None: not said)."""

    code: str
    name: str
    percent: int | None = None
    evidence: str = ""


def name_of(code: str, language: str) -> str:
    """The name of a class; of a residual, what it stands for."""
    known = scheme()
    if code in known.by_code:
        return pick(known.node(code).name, language)
    section = pick(known.node(code[:1]).name, language)
    return (_("%s: other, named") if code.endswith("98") else _("%s: cannot be told which")) % section


def option(code: str, language: str, percent: int | None = None) -> Option:
    """A class as an option."""
    return Option(code, name_of(code, language), percent)


def sections(language: str) -> list[tuple[str, list[Option]]]:
    """Every class that people may give, under its section."""
    known = scheme()
    found: dict[str, list[Option]] = {}
    for node in known.nodes:
        if node.level == "section":
            found[node.code] = []
        else:
            found[node.code[:1]].append(option(node.code, language))
    for letter, options in found.items():
        if letter != "Z":
            options += [option(letter + digits, language) for digits in known.residuals]
    return [(f"{letter} {pick(known.node(letter).name, language)}", options) for letter, options in found.items()]


def notes_of(code: str, language: str) -> dict[str, Any]:
    """What a class says of itself, in that language; inclusions that go elsewhere say where."""
    node = _node(code)
    return {
        "code": code,
        "name": name_of(code, language),
        "above": [option(up, language) for up in reversed(scheme().parents(node.code))],
        "definition": pick(node.definition, language),
        "includes": [pick(t, language) for t in node.includes],
        "excludes": [(pick(t, language), t.get("see", "")) for t in node.excludes],
        "examples": [pick(t, language) for t in node.examples],
    }


def all_notes(codes: Iterable[str], language: str) -> list[Mapping[str, Any]]:
    """The notes of several classes, each once."""
    return [notes_of(code, language) for code in dict.fromkeys(codes) if code in scheme().by_code]


def found_by(words: str, language: str) -> tuple[list[Option], str]:
    """Classes that words lead to, best first, and what is wrong with the words ("" where nothing is)."""
    if not words.strip():
        return [], ""
    try:
        # the page's own language first: reading all six takes six times as long, at every key that is typed
        spoken = search(scheme(), words[:200], language=language, limit=3 * FOUND)
        hits = spoken or search(scheme(), words[:200], limit=3 * FOUND)
    except Refused:
        return [], _("Type a word or a code.")
    best = [h for h in hits if may_be_given(h.code)][:FOUND]
    if not best:
        return [], _("No class is found. Try another word, or open the list of all classes.")
    return [Option(h.code, name_of(h.code, language), evidence=h.text if h.field != "code" else "") for h in best], ""


@require_safe
def classes(request: DeskRequest) -> HttpResponse:
    """What the search box finds, as a piece of the record page."""
    _allowed(request)
    options, problem = found_by(request.GET.get("words", ""), request.LANGUAGE_CODE)
    facts = {"options": options, "problem": problem, "group": "found"}
    return render(request, "desk/class_options.html", facts)


@require_safe
def class_page(request: DeskRequest, code: str) -> HttpResponse:
    """The notes of one class: a page, or with `?part=1` a piece of the record page."""
    _allowed(request)
    facts = {"notes": notes_of(code, request.LANGUAGE_CODE)}
    template = "desk/class_notes.html" if request.GET.get("part") == "1" else "desk/class.html"
    return render(request, template, facts)


def _allowed(request: DeskRequest) -> None:
    if not may_read_rulings(request.actor):
        raise NotFound("there is no such page")


def _node(code: str) -> Node:
    known = scheme()
    if code[1:] in known.residuals and code[:1] in known.by_code:
        return known.node(code[:1])
    return known.node(code)
