"""Areas: countries by ISO 3166-1 alpha-3, and codes an observatory declares for what is no country.

Declared codes must be user-assigned ones of the standard (AAA, QMA to QZZ, XAA to XZZ, ZZA to ZZZ), so that they can
never clash with a country. `_T` stands for all areas together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pycountry

from cop.kernel.errors import Refused

_USER_ASSIGNED = re.compile(r"AAA|Q[M-Z][A-Z]|X[A-Z]{2}|ZZ[A-Z]")
EXPECTED = "an ISO 3166-1 alpha-3 code such as EGY, or one declared under [areas]"


@cache
def country_name(code: str) -> str | None:
    """The English short name of a country, or None when the code is not in ISO 3166-1 alpha-3."""
    country = pycountry.countries.get(alpha_3=code) if re.fullmatch(r"[A-Z]{3}", code) else None
    return None if country is None else str(getattr(country, "common_name", country.name))


class Areas:
    """The areas an observatory may speak of: every country, and its own declared ones."""

    def __init__(self, declared: Mapping[str, str] | None = None) -> None:
        self._declared = dict(declared or {})
        for code in self._declared:
            if not _USER_ASSIGNED.fullmatch(code):
                raise Refused.value(
                    code, "is not a user-assigned code", field="areas", expected="XAA to XZZ, QMA to QZZ or ZZA to ZZZ"
                )

    def __contains__(self, code: str) -> bool:
        return code in self._declared or country_name(code) is not None

    def name(self, code: str) -> str:
        """The name of an area; the code itself where it is unknown."""
        return self._declared.get(code) or country_name(code) or code
