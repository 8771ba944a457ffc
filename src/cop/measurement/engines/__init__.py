"""Where data is computed: one operation, grouped sums over one scan. Statistics are finished elsewhere, in NumPy."""

from cop.kernel.errors import Refused
from cop.measurement.engines.contract import Engine

NAMES = ("duckdb", "spark", "spark://HOST:PORT")


def engine_of(name: str, *, threads: int = 1) -> Engine:
    """The engine of that name: `duckdb`, `spark` for this machine's cores, or the address of a Spark master.

    Args:
        name: one of those.
        threads: of DuckDB; it divides large Parquet files.

    Raises:
        Refused: there is none. Unavailable: Spark is not installed.
    """
    if name == "duckdb":
        from cop.measurement.engines.duckdb import DuckDBEngine

        return DuckDBEngine(threads=threads)
    if name == "spark" or name.startswith("spark://"):
        from cop.measurement.engines.spark import LOCAL, SparkEngine

        return SparkEngine(LOCAL if name == "spark" else name)
    raise Refused.value(name, "is no engine", expected=", ".join(NAMES))
