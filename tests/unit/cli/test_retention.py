"""`cop work` and `cop retention` on one observatory: from the queue to nothing left, in the vault and the next backup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOML = """
[[retention]]
id = "withdrawn"
status = ["withdrawn"]
days = 0
keep = "nothing"
[[retention]]
id = "all-others"
days = 30
"""


def fill(_: Any, number: int) -> None:
    """Reports that came long ago, each with a canary in every place that could hold one."""
    from datetime import UTC, date, datetime

    from cop.classification.coder import Coded
    from cop.vault.coding.operations import record_codes
    from cop.vault.members.operations import add_organisation
    from cop.vault.members.rules import PROGRAM, program
    from cop.vault.reports.models import Exchange, Report

    alpha = add_organisation(actor=program(PROGRAM), slug="alpha", name="Alpha", kind="hotline", area="XAL")
    came = datetime(2025, 3, 9, tzinfo=UTC)
    for n in range(number):
        report = Report.objects.create(
            organisation_id=alpha, origin="form", received=came, date=date(2025, 3, 9), platform="social",
            age_band="13-15", sex="girl", channel="hotline", reporter="child", ref=f"canary {n}",
            sealed=b"canary of a narrative", variables={"campaign_id": f"canary {n}"},
        )  # fmt: skip
        Exchange.objects.create(report=report, kind="facts", at=came, sealed=b"canary of an exchange")
        record_codes(
            reports=[report.pk], codes=[Coded("B01", "B", 0.9, ("B01",), "review", 1, "en", "1.0", "m")],
            organisation=alpha, received=came,
        )  # fmt: skip


def canaries(folder: Path) -> int:
    return sum(path.read_bytes().count(b"canary") for path in folder.rglob("*") if path.is_file())


def test_nothing_is_left_of_what_expired_in_the_folder_nor_in_the_next_backup(
    observatory: Callable[..., Path], inside: Callable[..., Any], cop: Callable[..., Any], tmp_path: Path
) -> None:
    folder, key = observatory(toml=TOML), tmp_path / "office.key"
    line = cop("keys", "new", "Backup office", "-o", key, "--passphrase", "a long passphrase").out.strip()
    inside(folder, fill, 30)
    waiting = cop("work", folder, "--status", "--json").json
    worked = cop("work", folder, "--once", "--json").json
    planned = cop("retention", "plan", folder, "--json").json
    early = cop("retention", "plan", folder, "--date", "2025-04-07", "--json").json
    dry = cop("retention", "run", folder, "--dry-run", "--json").json
    before = canaries(folder)
    done = cop("retention", "run", folder, "--json").json
    after = canaries(folder)
    archive, restored = tmp_path / "next.cop-backup", tmp_path / "restored"
    backup = cop("backup", folder, "-o", archive, "--to", line)
    back = cop("restore", archive, restored, "--key", key, "--passphrase", "a long passphrase")

    assert (waiting["backlog"], waiting["waits_for"]) == (30, {"drawn": 30})
    assert worked == {"done": 30, "put_off": 0, "taken_over": 0}
    assert (planned["due"], planned["by_rule"], early["due"]) == (30, {"all-others": 30}, 0)
    assert {**dry, "date": ""} == {**planned, "date": ""}
    assert (done["erased"], done["held"], done["dry_run"]) == (30, 0, False)
    assert before >= 120
    assert after == 0
    assert (backup.code, back.code) == (0, 0), (backup, back)
    assert canaries(restored) == 0
    assert cop("retention", "plan", folder, "--json").json["due"] == 0


def test_changed_rules_are_reckoned_anew_by_the_worker(
    observatory: Callable[..., Path], inside: Callable[..., Any], cop: Callable[..., Any]
) -> None:
    folder = observatory(toml=TOML)
    inside(folder, fill, 2)
    cop("work", folder, "--once")
    text = (folder / "observatory.toml").read_text()
    (folder / "observatory.toml").write_text(text.replace("days = 30", "days = 36525"))
    waiting = cop("retention", "reckon", folder, "--json").json
    worked = cop("work", folder, "--once", "--json").json

    assert (waiting, worked["done"]) == ({"waiting": 2}, 2)
    assert cop("retention", "plan", folder, "--json").json["due"] == 0
    assert cop("retention", "plan", folder, "--date", "2125-03-10", "--json").json["due"] == 2


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[[retention]]\nid = "a"\ndays = 1\norigin = ["form"]\n', "the last rule of retention has conditions"),
        ('[[retention]]\nid = "a"\ndays = -1\n', '"-1" will not do'),
        ('[[retention]]\nid = "a"\nday = 1\n', "is not a field of an observatory's description"),
        ('[[retention]]\nid = "a"\norigin = ["fax"]\n', '"fax" will not do'),
    ],
)
def test_rules_that_cannot_be_are_refused_by_their_place(
    observatory: Callable[..., Path], cop: Callable[..., Any], toml: str, said: str
) -> None:
    done = cop("retention", "plan", observatory(toml=toml))

    assert done.code == 2
    assert done.refusal.startswith("observatory.toml, field retention")
    assert said in done.refusal
