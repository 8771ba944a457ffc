"""What a figure is, as data: the forms a measure may have, and what each becomes.

A form names the items of a questionnaire or a record, never the columns of a file: those change from wave to wave
(`cop.measurement.waves`). `forms` is the language; `lowering` turns a form into the conditions and formulas a survey's
description takes; `rates`, `survival`, `coded`, `differences` and `scales` compute what is not a survey estimate.
"""

from __future__ import annotations

from cop.measurement.measures.forms import Form, read_form

__all__ = ["Form", "read_form"]
