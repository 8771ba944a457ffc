"""The coder of this process, read once."""

from __future__ import annotations

from functools import cache

from cop.classification.coder import Coder


@cache
def coder() -> Coder:
    """The newest coder of the installation, its fast tier first."""
    return Coder.load(fast=True)
