"""The reference page names every setting of a monitor, every settings file with its rate, and every added column."""

from __future__ import annotations

import re
from pathlib import Path

from cop.measurement.warning.description import Monitor, Webhook
from cop.measurement.warning.settings import load, load_ewma, names
from cop.measurement.warning.table import COLUMNS


def test_the_page_says_what_the_code_does(root: Path) -> None:
    text = (root / "docs/reference/measure-warning.md").read_text(encoding="utf-8")
    _, _, description = text.partition("### `monitor.toml`")
    rows = re.findall(r"^\| `([^`]+)` \|(?:.*\| ([\d.]+) %)?", text, re.MULTILINE)
    rates = {name: float(rate) for name, rate in rows if rate}

    assert re.findall(r"^\| `([^`]+)` \|", description, re.MULTILINE) == [
        *Monitor.model_fields,
        *(f"webhook.{name}" for name in Webhook.model_fields),
    ]
    assert [name for name in COLUMNS if f"| `{name}` |" not in text] == []
    found = [*(load(name) for name in names()), *(load_ewma(name) for name in names("ewma"))]
    for settings in found:
        rate = 100 * settings.false_alarms["rate"]
        assert abs(rates[settings.id] - rate) <= (0.05 if rate >= 0.2 else 0.005)
