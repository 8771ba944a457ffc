"""The indicator catalogue: what each figure means, in six languages, and the lists of codes it uses.

Source: WG-CP/1 report, 7.13 (a list of indicators collected nationally and internationally). Data in
`catalogue/indicators` and `catalogue/codelists`; `indicators` and `codes` read it, `check` holds it together, `search`
finds in it, `sdmx` writes it for registries.
"""

from __future__ import annotations

from cop.measurement.catalogue.indicators import Catalogue, Indicator, load, read_indicator

__all__ = ["Catalogue", "Indicator", "load", "read_indicator"]
