"""Names of things in the exports: IRIs of a version's classes, levels and tables, and the licence they go under.

The names are URNs, as those of the catalogue's JSON Schemas, because the project owns no web address. They hold the
version: a class of another version is another concept (XKOS 1.2, "versions").
"""

from __future__ import annotations

from cop.classification.correspondences import Correspondence, Match

FAMILY = "urn:cop-observatory:threats"
VOCABULARY = "urn:cop-observatory:vocabulary:threats:"
LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
AUTHOR = "COP Observatory"
SHORT = "COTC"


def scheme_iri(version: str) -> str:
    """The concept scheme of a version."""
    return f"{FAMILY}:{version}"


def class_namespace(version: str) -> str:
    """What stands before a code."""
    return f"{FAMILY}:{version}:"


def class_iri(version: str, code: str) -> str:
    """A section, class or subclass."""
    return class_namespace(version) + code


def level_iri(version: str, level: str) -> str:
    """A level: section, class, subclass."""
    return f"{FAMILY}:{version}:level:{level}"


def table_iri(version: str, target: str) -> str:
    """The correspondence to another scheme."""
    return f"{FAMILY}:{version}:to:{target}"


def match_iri(version: str, target: str, match: Match) -> str:
    """One association of that correspondence."""
    return f"{table_iri(version, target)}:{match.code}:{match.term.id}"


def target_iri(correspondence: Correspondence) -> str:
    """The other scheme, as a list of its terms."""
    return correspondence.namespace.rstrip(":/#")


def term_iri(correspondence: Correspondence, term: str) -> str:
    """A term of another scheme."""
    return correspondence.namespace + term
