"""Tables in and out: one reader and one writer per format, rows in order, memory flat.

A reader yields every row. A row that could be read but is malformed carries its `fault`; a file that cannot be read
as what it claims to be is refused whole.
"""

from cop.kernel.tables.batches import Batches, open_batches
from cop.kernel.tables.readers import Row, existing, format_of, open_rows
from cop.kernel.tables.writers import RowWriter, open_writer

__all__ = [
    "Batches",
    "Row",
    "RowWriter",
    "existing",
    "format_of",
    "open_batches",
    "open_rows",
    "open_writer",
]
