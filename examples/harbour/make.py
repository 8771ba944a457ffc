"""Write the synthetic inputs of the harbour example: reports, surveys, series and the file of true codes.

Run by hand when the example changes; what it writes is committed:

    python examples/harbour/make.py            # into this folder
    python examples/harbour/make.py --into DIR # elsewhere, to compare

Everything is drawn with fixed seeds and every date inside a file is fixed, so two runs write the same bytes. The four
countries, their reports, their children and their figures are invented.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from making import reports, series, surveys

HERE = Path(__file__).parent


def main() -> None:
    """Write the inputs into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--into", type=Path, default=HERE, help="the folder to write to (default: this one)")
    folder: Path = parser.parse_args().into
    for part in (reports, surveys, series):
        part.write(folder)


if __name__ == "__main__":
    main()
