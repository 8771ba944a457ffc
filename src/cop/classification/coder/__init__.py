"""From a report's text to a code of the classification, with calibrated confidence.

Source: notes on the classification, 5.3. N-grams of words and characters, concepts shared by six languages and the
classification's index are weighed by a linear model; its scores are calibrated per language, turned into class sets
that hold the true class in 90 % of cases, and into a route: closed by software, or read by a person.
"""

from __future__ import annotations

from cop.classification.coder.coding import Coded, Coder

__all__ = ["Coded", "Coder"]
