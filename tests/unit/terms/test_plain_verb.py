"""`cop terms read`: one answer for a document, as lines and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from cop.cli.terms import command

TEXT = (
    "# Terms of use\n\n## Photos\n\nYou grant us a perpetual, irrevocable license to show your photos to all who come to the site for as long "
    "as there is a site and in each and every way that we can think of now or in the years to come.\n\nWe keep your photos safe for you.\n"
)


def test_read_says_the_verdict_and_suggests(tmp_path: Path) -> None:
    path = tmp_path / "terms.md"
    path.write_text(TEXT, encoding="utf-8")
    done = CliRunner().invoke(command, ["read", str(path), "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["reach"]["verdict"] in {"partly", "not_met"}
    [suggested] = answer["suggestions"]
    assert TEXT[suggested["start"] : suggested["end"]] == suggested["original"]
    assert suggested["status"] == "suggested"
    assert [rule["rule"] for rule in suggested["rules"]] == ["licence-traits", "each-and-every"]
    lines = CliRunner().invoke(command, ["read", str(path)]).stdout.splitlines()
    assert lines[0].startswith("terms.md  readable at 13: ")
    assert lines[-1].startswith(f"    [{suggested['start']}:{suggested['end']}] suggested: ")
