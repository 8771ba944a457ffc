"""Plainer words for a clause, suggested by rules of the catalogue and to be reviewed by a person; never invented.

`rules` reads `catalogue/plain/*.yaml`, `wording` replaces words, `structure` cuts and lists, `keeping` refuses what
lost a number, a negation, a duty, a permission, a condition or a party, `suggest` puts them together, `passages` does
so for every clause of a passage.
"""

from cop.terms.plain.keeping import losses
from cop.terms.plain.passages import Placed, for_passage
from cop.terms.plain.rules import LANGUAGES, PlainRules, load, plain_rules
from cop.terms.plain.suggest import Applied, Suggestion, Withheld, suggest

__all__ = [
    "LANGUAGES",
    "Applied",
    "Placed",
    "PlainRules",
    "Suggestion",
    "Withheld",
    "for_passage",
    "load",
    "losses",
    "plain_rules",
    "suggest",
]
