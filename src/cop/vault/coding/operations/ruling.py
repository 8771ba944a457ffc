"""Rulings of the desk: a doubt settled once, in words that fit every such case and tell no one's story."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from cop.classification.coder.text import normalise, tokens
from cop.kernel.errors import Conflict, Refused
from cop.kernel.languages import OFFICIAL
from cop.vault.coding.models import DeskRuling
from cop.vault.coding.rules import may_settle
from cop.vault.coding.rulings import next_number
from cop.vault.coding.schemas import may_be_given
from cop.vault.members.rules import Actor, allow
from cop.vault.registers.operations import record_event

_QUESTION, _ANSWER = 400, 600
_RUN = 6
"""So many words on end that also stand in the narrative are a quotation."""


@transaction.atomic
def record_ruling(
    *,
    actor: Actor,
    organisation: int,
    question: str,
    answer: str,
    codes: Sequence[str],
    principal: str,
    language: str,
    narrative: str = "",
) -> int:
    """Settle a doubt for every later case; the ruling's number.

    Args:
        actor: a reviewer.
        organisation: whose reviewer.
        question: the case in general words, at most 400 characters.
        answer: which class takes it and why, at most 600.
        codes: the classes in doubt, two or more.
        principal: the one of them that takes the case.
        language: of the two texts.
        narrative: of the record that raised the doubt, in memory only: no words of it may stand in the ruling.

    Effects: one `DeskRuling`; one event `coding.ruled` without the texts.

    Raises:
        NotAllowed: the actor is no reviewer there. Refused: a text or a code is not as said above.
    """
    allow(may_settle(actor, organisation), actor, "make a ruling", expected="a reviewer of the organisation")
    for name, text, most in (("question", question, _QUESTION), ("answer", answer, _ANSWER)):
        _check_text(name, text, most, narrative)
    doubt = tuple(dict.fromkeys(codes))
    for code in doubt:
        if not may_be_given(code):
            raise Refused.value(code, "is no class", expected="classes such as B031", field="codes")
    if len(doubt) < 2 or principal not in doubt:
        raise Refused("a ruling decides between classes", expected="two or more, and the one among them that takes it")
    if language not in OFFICIAL:
        raise Refused.value(language, "is no language of the desk", expected=", ".join(OFFICIAL), field="language")
    number = next_number()
    made = DeskRuling(
        number=number,
        organisation_id=organisation,
        by_id=actor.id,
        date=timezone.now().date(),
        language=language,
        question=question.strip(),
        answer=answer.strip(),
        codes=list(doubt),
        principal=principal,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("another ruling took the number at the same moment", expected="the same once more") from error
    record_event(
        kind="coding.ruled",
        subject=f"R{number:03}",
        details={"by": actor.id, "codes": list(doubt), "principal": principal},
    )
    return number


def _check_text(name: str, text: str, most: int, narrative: str) -> None:
    clean = text.strip()
    if not clean or len(clean) > most or "\0" in clean:
        raise Refused(f"the {name} is empty or too long", expected=f"1 to {most} characters")
    if quotes(clean, narrative):
        raise Refused(f"the {name} quotes the report", expected="general words: anybody who codes will read the ruling")


def quotes(text: str, narrative: str) -> bool:
    """Whether a run of words (of characters, in Chinese) of the text stands in the narrative too."""
    said, told = _units(text), _units(narrative)
    runs = {tuple(told[n : n + _RUN]) for n in range(len(told) - _RUN + 1)}
    return any(tuple(said[n : n + _RUN]) in runs for n in range(len(said) - _RUN + 1))


def _units(text: str) -> list[str]:
    plain = normalise(text)
    spaceless = any("\u3400" <= c <= "\u9fff" for c in plain)
    return [c for c in plain if c.isalnum()] if spaceless else [t for t in tokens(plain) if any(map(str.isalnum, t))]
