"""The register of rulings as the desk knows it: the catalogue's, and after them those made at the desk."""

from __future__ import annotations

from functools import cache

from cop.classification.coder.text import normalise
from cop.classification.rulings import Ruling, Rulings, load_rulings
from cop.kernel.languages import pick
from cop.vault.coding.models import DeskRuling


def register() -> Rulings:
    """Every ruling that can be cited, in order of number; one that the catalogue took in is the catalogue's."""
    base = _catalogue()
    known = {r.number for r in base.rulings}
    made = [_as_ruling(r) for r in DeskRuling.objects.order_by("number")]
    return Rulings(base.title, (*base.rulings, *(r for r in made if r.number not in known)))


def next_number() -> int:
    """The number after the last of both; the caller's transaction writes it or nobody does."""
    last = DeskRuling.objects.select_for_update().order_by("-number").first()
    return max(len(_catalogue().rulings), last.number if last else 0) + 1


def found(words: str, language: str) -> tuple[Ruling, ...]:
    """Rulings in force that hold all the words, or name the code or number; all of them when nothing is asked."""
    wanted = [w for w in words.split() if any(c.isalnum() for c in w)]
    return tuple(r for r in register().in_force if all(_holds(r, w, language) for w in wanted))


def _holds(ruling: Ruling, word: str, language: str) -> bool:
    if any(c.isdigit() for c in word):
        return word.upper() == ruling.number or word.upper().replace(".", "") in ruling.codes
    plain = normalise(word)
    return any(plain in normalise(pick(text, language)) for text in (ruling.question, ruling.ruling))


@cache
def _catalogue() -> Rulings:
    return load_rulings()


def _as_ruling(made: DeskRuling) -> Ruling:
    # a text in one language stands for English too, so that whoever picks a text finds one
    texts = ({made.language: t, "en": t} for t in (made.question, made.answer))
    question, answer = texts
    return Ruling(
        number=f"R{made.number:03}",
        date=made.date,
        codes=tuple(made.codes),
        question=question,
        ruling=answer,
        principal=(made.principal,),
        basis="precedence",
        noted_in=(),
        status="in force",
        superseded_by=None,
    )
