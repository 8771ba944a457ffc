"""Calibrate a server: `python -m cop.classification.coder.server SETTINGS.toml SAMPLE [--text C] [--code C] [-o FILE]`.

SAMPLE is CSV, JSONL or Parquet with a text and the code that people gave it: an audit sample, or the corpus.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cop.classification.coder import Coder
from cop.classification.coder.server.coding import from_settings
from cop.classification.coder.server.settings import read_settings
from cop.kernel.errors import CopError, Refused, Where
from cop.kernel.tables import open_rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask the server about the sample, write its calibration, say how it did; 2 where something must be mended."""
    parser = argparse.ArgumentParser(prog="python -m cop.classification.coder.server", description=__doc__)
    parser.add_argument("settings", type=Path)
    parser.add_argument("sample", type=Path)
    parser.add_argument("--text", default="text", help="the column that holds the text")
    parser.add_argument("--code", default="code", help="the column that holds the true code")
    parser.add_argument("-o", "--output", type=Path, help="where to (default: what the settings name)")
    options = parser.parse_args(arguments)
    try:
        named = read_settings(options.settings).calibration
        output = options.output or (Path(named) if named else None)
        if output is None:
            raise Refused("no file for the calibration", expected="-o FILE, or calibration in the settings")
        texts, codes = _sample(options.sample, options.text, options.code)
        coder = from_settings(options.settings, Coder.load(), calibrated=False)
        calibration = coder.fit(texts, codes)
        calibration.save(output)
    except CopError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in coder.summary["reasons"].items()) or "none"
    closes = "no record" if calibration.auto_from is None else f"records from {calibration.auto_from:.3f}"
    sys.stderr.write(f"{calibration.texts:,} texts; not answered as asked: {reasons}; closes {closes}; {output}\n")
    return 0


def _sample(path: Path, text: str, code: str) -> tuple[list[str], list[str]]:
    texts, codes = list[str](), list[str]()
    with open_rows(str(path)) as rows:
        for row in rows:
            if row.fault is not None:
                raise row.fault
            for column, values in ((text, texts), (code, codes)):
                value = row.values.get(column)
                if not isinstance(value, str):
                    raise Refused("the field is no text", where=Where(path, row.number, column), expected="text")
                values.append(value)
    return texts, codes


if __name__ == "__main__":
    sys.exit(main())
