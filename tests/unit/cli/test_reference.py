"""The reference pages say what the code does: verbs and options, settings of an observatory, of a survey's description.

`python tests/unit/cli/test_reference.py` writes `docs/reference/cli.md` anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel

from cop.cli import cop as program
from cop.config import observatory as settings
from cop.measurement.survey import description, design
from cop.vault.reports import schemas

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs" / "reference"

HEAD = """# Verbs of `cop`

Exit status of every verb: 0 done; 2 the input must be mended, and one line on standard error says where; 1 a fault of
ours. With `--json` an error is also an object on standard output: `error`, `problem`, `file`, `row`, `field`,
`expected`, `note`. A verb that acts on an observatory takes its folder as `DIR` or `--dir DIR`; the default is the
current one. Nothing is written half: a file is made beside its place and renamed.

This page is made from the code by `python tests/unit/cli/test_reference.py`.
"""


def _pages(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
    context = click.Context(command, info_name=" ".join(words))
    if not isinstance(command, click.Group):
        yield _page(command, context, words)
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _pages(found, (*words, name))


def _page(command: click.Command, context: click.Context, words: tuple[str, ...]) -> str:
    text, _, example = (command.help or "").partition("\b\n")
    usage = " ".join([*words, *command.collect_usage_pieces(context)])
    lines = [f"## {' '.join(words)}", "", f"    {usage}", "", " ".join(text.split("\n\n")[0].split())]
    lines += [line for part in text.split("\n\n")[1:] if part.strip() for line in ("", " ".join(part.split()))]
    options = [o.get_help_record(context) for o in command.params if isinstance(o, click.Option)]
    lines += ["", "| option | what |", "|---|---|"]
    cells = [[cell.replace("|", "\\|") for cell in record] for record in options if record is not None]
    lines += [f"| `{name}` | {what} |" for name, what in cells]
    lines += ["", *(f"    {line.strip()}" for line in example.splitlines()[1:] if line.strip())]
    return "\n".join(lines) + "\n"


def cli() -> str:
    """The text of `docs/reference/cli.md`."""
    return "\n".join([HEAD, *_pages(program, ("cop",))])


def test_the_page_of_verbs_is_that_of_the_code() -> None:
    assert (REFERENCE / "cli.md").read_text(encoding="utf-8") == cli()


def tables(page: str) -> dict[str, list[str]]:
    """The names in the first column of each table of a page, by the heading above it."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in (REFERENCE / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.strip("# ").replace("`", "")
        elif match := re.match(r"\| `([^`]+)` \|", line):
            found.setdefault(heading, []).append(match[1])
    return found


def fields(model: type[BaseModel], *left_out: str) -> list[str]:
    """The names of a model's fields."""
    return [name for name in model.model_fields if name not in left_out]


def test_the_page_of_the_observatory_names_every_setting_and_no_other() -> None:
    assert tables("observatory.md") == {
        "[observatory]": fields(settings.About),
        "[release]": fields(settings.Release),
        "[vault]": fields(settings.Vault),
        "[desk]": fields(settings.Desk),
        "[coding]": fields(settings.Coding),
        "[backup]": fields(settings.Backup),
        "[areas]": ["CODE"],
        "[[reports]]": fields(settings.ReportSource),
        "Fields of a report": list(schemas.FIELDS),
        "[[surveys]]": fields(settings.SurveySource),
        "[[series]]": fields(settings.SeriesSource),
        "[series.mapping]": fields(settings.SeriesColumns),
        "[[providers]]": fields(settings.ProviderSource),
        "[[providers.documents]]": [
            *fields(settings.TermsDocument),
            *(f"versions.{n}" for n in fields(settings.TermsVersion)),
        ],
        "[[meetings]]": fields(settings.MeetingSource),
        "[report]": fields(settings.Report),
        "Environment": ["COP_SECRET_KEY", "COP_METRICS_TOKEN", "COP_PASSPHRASE"],
    }
    parts = {name.partition(".")[0].strip("[]") for name in tables("observatory.md")}
    parts -= {"Fields of a report", "Environment"}
    assert parts == set(fields(settings.Observatory, "folder", "retention"))
    assert tables("retention.md")["Rules"] == fields(settings.Rule)


def test_the_page_of_survey_descriptions_names_every_field_and_no_other() -> None:
    assert tables("survey-description.md") == {
        "The survey": fields(description.Survey, "path", "design", "domains", "indicator"),
        "[design]": fields(description.Design),
        "[design.replicates]": fields(design.Replicates),
        "[[calibration]]": fields(design.Calibration),
        "[domains.NAME]": fields(description.Domain),
        "[[indicator]]": fields(description.Measured),
        "[[contrast]]": fields(description.Contrast),
        "[[change]]": fields(description.Change),
        "[[association]]": fields(description.Association),
        "[[trend]]": fields(description.Trend),
    }


@pytest.mark.parametrize(
    ("page", "heading", "name", "model"),
    [
        ("survey-description.md", "[design]", "lonely_psu", description.Design),
        ("survey-description.md", "[design]", "ci", description.Design),
        ("survey-description.md", "[design]", "variance", description.Design),
        ("survey-description.md", "[design.replicates]", "method", design.Replicates),
        ("survey-description.md", "[[indicator]]", "kind", description.Measured),
        ("survey-description.md", "[[contrast]]", "kind", description.Contrast),
        ("observatory.md", "[[reports]]", "on_reject", settings.ReportSource),
        ("observatory.md", "[[series]]", "format", settings.SeriesSource),
    ],
)
def test_every_word_that_a_setting_takes_is_on_its_page(
    page: str, heading: str, name: str, model: type[BaseModel]
) -> None:
    text = (REFERENCE / page).read_text(encoding="utf-8").partition(f"`{heading}`")[2]
    row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
    annotation: Any = model.model_fields[name].annotation
    words = annotation.__args__ if hasattr(annotation, "__args__") else annotation.__value__.__args__

    assert [w for w in words if f"`{w}`" not in row] == []


@pytest.mark.parametrize("page", sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md")))
def test_every_file_and_page_that_a_page_points_to_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [t for t in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in t]

    assert [t for t in targets if not ((ROOT / page).parent / t).exists()] == []


def test_every_refusal_in_the_guide_is_one_that_a_test_provokes() -> None:
    guide = (ROOT / "docs" / "guide" / "inputs.md").read_text(encoding="utf-8")
    shown = [line for block in re.findall(r"```refused\n(.*?)```", guide, re.DOTALL) for line in block.splitlines()]
    tested = "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "tests" / "integration").glob("test_*.py")))

    assert len(shown) > 25
    assert [line for line in shown if line.partition(" (expected ")[0] not in tested] == []


if __name__ == "__main__":
    (REFERENCE / "cli.md").write_text(cli(), encoding="utf-8")
