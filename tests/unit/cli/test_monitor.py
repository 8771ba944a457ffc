"""`cop monitor` over an edition made by hand: warnings once, acknowledged, silenced, written for others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pyarrow as pa
import pytest

from cop.editions.tables import COUNTS
from cop.editions.write import Contents, write_edition
from cop.kernel.signing import read_or_make_seal

Cop = Callable[..., Any]
Make = Callable[..., Path]


def small_withheld(frame: pl.DataFrame, threshold: int = 5) -> pl.DataFrame:
    """The counts with small ones withheld and no others: these series are not parts of one another."""
    small = pl.col("value").is_between(1, threshold - 1)
    return frame.with_columns(
        pl.when(small).then(None).otherwise(pl.col("value")).alias("value"),
        pl.when(small).then(pl.lit("Q")).otherwise(pl.lit("A")).alias("obs_status"),
        pl.when(small).then(pl.lit("C")).otherwise(pl.lit("F")).alias("conf_status"),
    )


def counts(last: int) -> pa.Table:
    """Four years of months: a steady class whose last month is as given, and one that is mostly withheld."""
    rows = [
        {
            "table": "class-month", "measure": "reports", "code": code, "area": "_T", "age_band": "_T", "sex": "_T",
            "platform": "_T", "language": "_T", "period": f"{2022 + month // 12}-{month % 12 + 1:02d}", "value": value,
        }
        for code in ("B", "C")
        for month in range(48)
        for value in [3 if code == "C" else last if month == 47 else 20 + month % 5]
    ]  # fmt: skip
    shown = small_withheld(pl.DataFrame(rows))
    return shown.with_columns(lineage=pl.lit("counts")).select(COUNTS.names).to_arrow().cast(COUNTS)


@pytest.fixture
def watched(observatory: Make) -> Callable[..., Path]:
    """An observatory with an edition whose last month of class B is as given."""

    def make(last: int, *, release: str | None = "2026-01", coder: str = "one") -> Path:
        folder = observatory()
        about = {
            "observatory": {"id": "small", "title": "Small"}, "date": "2026-01-15", "period": "2022-01/2025-12",
            "threshold": 5, "code": {}, "areas": {},
        }  # fmt: skip
        metadata = {
            "classification": {
                "version": "1.0",
                "nodes": [{"code": "B", "parent": None, "name": {"en": "Solicitation"}}],
            },
            "quality": {"coder": {"model": coder}, "records": [{"source": "hotline"}]},
        }
        seal = read_or_make_seal(folder / "keys/signing.key", "small")
        contents = Contents(about, {"counts": counts(last)}, metadata)
        path = write_edition(contents, folder=folder / "editions", edition_id=release, seal=seal)
        (folder / "editions" / "newest").write_text(path.name + "\n", encoding="utf-8")
        return folder

    return make


def test_a_look_tells_of_a_new_warning_once(cop: Cop, watched: Callable[..., Path]) -> None:
    folder = watched(70)
    first, second = (cop("monitor", folder, "--no-build", "--json") for _ in range(2))
    [warning] = first.json["new"]

    assert (first.code, first.err) == (0, "")
    assert (warning["title"], warning["period"], warning["size"], warning["observed"]) == (
        "B Solicitation",
        "2025-12",
        "70",
        70,
    )
    assert warning["upperbound"] < 70
    assert (first.json["edition"], first.json["series"]) == ("2026-01", 1)
    assert first.json["assessed"] == {"monthly": 2}
    assert first.json["left_out"] == {"mostly withheld": 1}
    assert second.json["new"] == []
    entries = ET.parse(folder / "monitor" / "warnings.atom").getroot().findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1
    assert pl.read_parquet(folder / "monitor" / "warnings.parquet")["warning"].to_list() == [warning["id"]]


def test_figures_of_a_draft_leave_as_ranges_and_another_coder_is_said(cop: Cop, watched: Callable[..., Path]) -> None:
    folder = watched(21, release=None)
    assert cop("monitor", folder, "--no-build", "--json").json["new"] == []
    watched(72, release=None, coder="two")
    [warning] = cop("monitor", folder, "--no-build", "--json").json["new"]

    assert (warning["observed"], warning["size"], warning["score"]) == (None, "70 to 74", None)
    assert "the coder changed since the last look: the rise may come of that" in warning["look_at"]
    said = "".join(path.read_text(encoding="utf-8") for path in (folder / "monitor").glob("*.[aj]*"))
    assert "72" not in said.replace(warning["id"], "")


def test_a_warning_is_acknowledged_and_its_series_silenced_with_a_reason(
    cop: Cop, watched: Callable[..., Path]
) -> None:
    folder = watched(70)
    [warning] = cop("monitor", folder, "--no-build", "--json").json["new"]
    name = warning["id"]
    done = cop("monitor", folder, "acknowledge", name, "--reason", "one ring, referred")
    quiet = cop("monitor", folder, "silence", name, "--reason", "new hotline", "--until", "2099-12-31")
    listed = cop("monitor", folder, "list", "--json").json

    assert (done.code, done.out) == (0, f"{name} acknowledged\n")
    assert (quiet.code, quiet.out) == (0, "silenced until 2099-12-31: code=B\n")
    assert [(w["id"], w["status"], w["reason"]) for w in listed] == [(name, "acknowledged", "one ring, referred")]
    assert "one ring, referred" not in (folder / "monitor" / "warnings.json").read_text(encoding="utf-8")
    state = json.loads((folder / "monitor" / "state.json").read_text(encoding="utf-8"))
    assert [(s["series"], s["until"]) for s in state["silences"]] == [("code=B", "2099-12-31")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["acknowledge", "Wnone", "--reason", "x"],
         'there is no warning "Wnone" (expected an id that `cop monitor DIR list` shows)'),
        (["acknowledge"], "cop monitor: acknowledge and silence take the ID of a warning, the others none"),
        (["list", "W1"], "cop monitor: acknowledge and silence take the ID of a warning, the others none"),
        (["silence", "W1", "--reason", "x", "--until", "soon"], '"soon" is not a date (expected YYYY-MM-DD)'),
        (["--no-build"], "has no edition (expected a call without --no-build, or `cop build`)"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(arguments: list[str], message: str, cop: Cop, observatory: Make) -> None:
    done = cop("monitor", observatory(), *arguments)

    assert done.code == 2
    assert message in done.refusal


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("last = 0", "monitor.toml, field last: \"0\" will not do (expected greater than or equal to 1)"),
        ("lasst = 1", "monitor.toml, field lasst: is not a field of a monitor's description"),
        ('[webhook]\nurl = "http://hook.example.org/token"',
         "monitor.toml, field webhook.url: the webhook's address will not do (expected https://host/path)"),
        ('settings = "weekly"', 'there are no settings "weekly"'),
        ("last = ", "monitor.toml: is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_in_the_description_is_one_line_that_holds_no_token(
    text: str, message: str, cop: Cop, watched: Callable[..., Path]
) -> None:
    folder = watched(70)
    (folder / "monitor.toml").write_text(text, encoding="utf-8")
    done = cop("monitor", folder, "--no-build")

    assert done.code == 2
    assert message in done.refusal
    assert "token" not in done.err


def test_what_a_webhook_did_not_take_waits_for_the_next_run(cop: Cop, watched: Callable[..., Path]) -> None:
    folder = watched(70)
    (folder / "monitor.toml").write_text(
        '[webhook]\nurl = "https://127.0.0.1:9/token"\ntimeout = 2\n', encoding="utf-8"
    )
    first, second = (cop("monitor", folder, "--no-build", "--json") for _ in range(2))

    assert (first.code, first.json["to_be_sent"]) == (0, 1)
    assert first.json["fault"] == "cannot be reached (ConnectError)"
    assert (second.json["new"], second.json["to_be_sent"]) == ([], 1)
    state = json.loads((folder / "monitor" / "state.json").read_text(encoding="utf-8"))
    assert state["outbox"][0]["tries"] == 2


def test_two_runs_at_once_are_refused(cop: Cop, watched: Callable[..., Path]) -> None:
    import fcntl

    folder = watched(70)
    (folder / "monitor").mkdir()
    with (folder / "monitor" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = cop("monitor", folder, "--no-build")

    assert (done.code, done.refusal) == (2, "another run of this monitor is under way (expected one at a time)")
