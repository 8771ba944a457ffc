"""The rules of the finding machine: one module a group of criteria, patterns as data.

A rule says which words decide a clause, with numbers, negation, quantifiers and exceptions; the machine in
`cop.terms.findings` only looks rules up. Rules were written over clauses because examples fail on the rare side: of the
quotes people collected three speak of ownership given away, twelve of removal refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from cop.terms.rules.base import Hit, Reading, Rule

__all__ = ["Hit", "Reading", "Rule", "readings"]


@cache
def readings() -> Mapping[str, Reading]:
    """How each criterion is read, by its code. CHG-2 and LNG-1 are measured as well (see `cop.terms.findings`)."""
    from cop.terms.rules import change, children, language, licence, marketing, ownership, removal, rights

    modules = (ownership, licence, rights, removal, marketing, children, change, language)
    return {reading.code: reading for module in modules for reading in module.READINGS}
