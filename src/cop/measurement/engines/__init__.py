"""Where data is computed: one operation, grouped sums over one scan. Statistics are finished elsewhere, in NumPy."""

from cop.kernel.errors import Refused
from cop.measurement.engines.contract import Engine

NAMES = ("duckdb",)


def engine_of(name: str) -> Engine:
    """The engine of that name.

    Raises:
        Refused: there is none.
    """
    if name not in NAMES:
        raise Refused.value(name, "is no engine", expected=", ".join(NAMES))
    from cop.measurement.engines.duckdb import DuckDBEngine

    return DuckDBEngine()
