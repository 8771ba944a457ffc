"""What an opened text tells: the words themselves, how likely each class is, and why. It lives in memory only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cop.classification.coder.explain import Explainer, Explanation
from cop.classification.rulings import Ruling, Rulings
from cop.desk.middleware import DeskRequest
from cop.desk.unlocking import private_key_of
from cop.kernel.errors import NotAllowed, NotFound
from cop.vault.coding import queries
from cop.vault.coding.queries import Record
from cop.vault.members.keys import open_office
from cop.vault.reports.coders import coder
from cop.vault.reports.queries import sealed_of


@dataclass(frozen=True, slots=True)
class Told:
    """A report's words: the narrative, and the address it names ("" where none)."""

    narrative: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Why:
    """What the coder makes of a text.

    Attributes:
        scores: class -> probability; empty where the record was coded by another coder than the present one.
        terms: classes whose index terms the text uses.
        words: the words that spoke most for the likeliest class, with their shares.
        ruling: the nearest ruling, if there is one.
    """

    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    terms: Sequence[str] = ()
    words: Sequence[tuple[str, float]] = field(default=(), repr=False)
    ruling: Ruling | None = None


def told(request: DeskRequest, record: Record) -> Told | None:
    """The report's words, opened with the key of whoever asks; None where they are not kept.

    Raises:
        NotAllowed: the key is locked, or is not one that the report was sealed to.
    """
    private = private_key_of(request)
    if private is None:
        raise NotAllowed("the key is locked", expected="the passphrase first")
    try:
        envelope = sealed_of(request.actor, record.report)
    except NotFound:
        return None
    opener = open_office(actor=request.actor, organisation=record.organisation, private=private)
    content = json.loads(opener.open(envelope))
    return Told(content["narrative"], content.get("url", ""))


def why(text: Told, record: Record) -> Why:
    """What speaks for the classes of a record; nothing where it is coded blind."""
    if record.blind:
        return Why()
    here = coder()
    if here.model != record.model:
        return Why()
    [coded] = here.code([text.narrative], all_scores=True)
    register = queries.rulings()
    explained: Explanation = _explainer(len(register.rulings)).explain(text.narrative, coded)
    ruling = register.ruling(explained.ruling) if explained.ruling else None
    return Why(coded.scores or {}, explained.terms, explained.words, ruling)


@lru_cache(maxsize=2)
def _explainer(rulings: int) -> Explainer:
    """The explainer with that many rulings: it keeps what it worked out of each, so a new ruling makes a new one."""
    register: Rulings = queries.rulings()
    return Explainer(coder(), register)
