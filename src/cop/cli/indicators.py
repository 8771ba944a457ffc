"""`cop indicators`: the catalogue of indicators: look into it, check it and a survey's waves, export it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from cop.cli.shape import as_json, say, say_json
from cop.kernel.errors import CopError, NotFound, Refused
from cop.kernel.languages import OFFICIAL, pick

_LANGUAGES = click.Choice(sorted(OFFICIAL))
_FORMATS = ("all", "sdmx", "json", "csv")


@click.group("indicators")
def command() -> None:
    """The indicators of child online protection: look into them, check them, export them.

    \b
    Example:
      cop indicators search grooming
    """


@command.command()
@click.argument("code", metavar="[CODE]", required=False)
@click.option("--language", type=_LANGUAGES, default="en", show_default=True, help="Language of the texts.")
@as_json
def show(code: str | None, language: str, as_json: bool) -> None:
    """Say what an indicator is: definition, measure, population, source, and the waves that have it. Without CODE, all.

    \b
    Examples:
      cop indicators show
      cop indicators show THR.CYBERBULLY_12M --language fr
    """
    from cop.measurement.catalogue import load
    from cop.measurement.catalogue.codes import load_codelists

    catalogue = load()
    if code is None:
        if as_json:
            say_json([one.as_json() for one in catalogue])
            return
        for one in catalogue:
            say(f"{one.code:<26} {one.measure:<14} {pick(one.name, language)}")
        return
    one = catalogue[code.upper()]
    waves = _waves_with(one)
    if as_json:
        say_json({**one.as_json(), "waves": waves})
        return
    lists = load_codelists()
    say(f"{one.code}  {pick(one.name, language)}")
    say(pick(one.definition, language))
    for field in ("population", "numerator", "denominator"):
        text = getattr(one, field)
        if text is not None:
            say(f"  {field:<15} {pick(text, language)}")
    for field in ("dimension", "risk_class", "measure", "unit", "polarity", "source_kind", "collection", "periodicity"):
        value = getattr(one, field)
        if value is not None:
            say(f"  {field:<15} {pick(lists[field][value].name, language)}")
    say(f"  {'form':<15} {json.dumps(one.as_json()['form'])}")
    cuts = ", ".join(pick(lists["disaggregation"][name].name, language) for name in one.disaggregations)
    say(f"  {'by':<15} {cuts}")
    say(f"  {'reference':<15} {one.reference} (version {one.version})")
    for wave in waves:
        say(f"  {'wave':<15} {wave['survey']} {wave['wave']}: {', '.join(wave['columns'])}")


@command.command()
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.option("--language", type=_LANGUAGES, help="Look in this language only (default: in all).")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="The most to give.")
@as_json
def search(words: tuple[str, ...], language: str | None, limit: int, as_json: bool) -> None:
    """Find indicators by WORDS in names, definitions and populations, or by a code; best first, with what matched.

    \b
    Examples:
      cop indicators search privacy settings
      cop indicators search --language ru травля --json
    """
    from cop.measurement.catalogue import load
    from cop.measurement.catalogue.search import search as find

    hits = find(load(), " ".join(words), language=language, limit=limit)
    if as_json:
        say_json([hit.as_json() for hit in hits])
        return
    for hit in hits:
        place = f"{hit.field} ({hit.language})" if hit.language else hit.field
        say(f"{hit.code:<26} {hit.score:.2f}  {place}: {hit.text}")
    if not hits:
        sys.stderr.write("no indicator found\n")


@command.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--survey", "description", metavar="DESCRIPTION.toml", type=click.Path(path_type=Path),
    help="Hold this survey's description and its file against --wave.",
)  # fmt: skip
@click.option("--wave", metavar="SURVEY/WAVE", help="A wave of catalogue/waves, for instance yrbs/2021.")
@as_json
def validate(folder: Path | None, description: Path | None, wave: str | None, as_json: bool) -> None:
    """Check the catalogue in DIR (default: the installed one), its codes, the waves of surveys, the SDMX made of it.

    With --survey and --wave, check also that the survey's file is that of the wave and that its description estimates
    each indicator from the columns the wave says. One line a check; exit 2 when one fails.

    \b
    Examples:
      cop indicators validate catalogue/indicators
      cop indicators validate --survey surveys/yrbs2021.toml --wave yrbs/2021
    """
    from cop.measurement.catalogue.check import check

    if (description is None) != (wave is None):
        raise click.UsageError("--survey and --wave go together")
    if folder is not None and not folder.is_dir():
        raise NotFound(f"there is no folder {folder}")
    done = list(check(folder))
    done += _wave_checks()
    if description is not None and wave is not None:
        done.append(_description_check(description, wave))
    failed = [one for one in done if not one.holds]
    if as_json:
        checks = [{"check": c.name, "holds": c.holds, "about": c.about, "faults": list(c.faults)} for c in done]
        say_json({"valid": not failed, "checks": checks})
    else:
        for one in done:
            say(f"{'ok  ' if one.holds else 'FAIL'}  {one.name}: {one.about if one.holds else one.faults[0]}")
            for fault in one.faults[1:]:
                say(f"      {fault}")
    if failed:
        sys.stderr.write(f"{len(failed)} of {len(done)} checks failed: {', '.join(c.name for c in failed)}\n")
        sys.exit(2)


@command.command()
@click.option("--format", "form", type=click.Choice(_FORMATS), default="all", show_default=True, help="Which form.")
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(path_type=Path), default=Path("indicators"), show_default=True,
    help="Folder to write to; it is made where it is missing.",
)  # fmt: skip
@as_json
def export(form: str, output: Path, as_json: bool) -> None:
    """Write the catalogue in the forms that others read.

    sdmx (SDMX-ML 3.0: schemes of concepts and codelists, in six languages), json (everything), csv (a row an indicator
    and language). The same catalogue gives the same bytes.

    \b
    Example:
      cop indicators export --format sdmx -o registry
    """
    from cop.measurement.catalogue import load
    from cop.measurement.catalogue.codes import load_codelists
    from cop.measurement.catalogue.files import FORMS
    from cop.measurement.catalogue.files import export as write

    lists = load_codelists()
    written = write(tuple(FORMS) if form == "all" else (form,), load(), lists, folder=output)
    if as_json:
        about = {"folder": str(output), "version": lists.version, "date": lists.released.isoformat()}
        say_json({**about, "files": written})
        return
    for name, size in written.items():
        say(f"{output / name}  {size:,} bytes")


def _surveys() -> list[str]:
    from cop.kernel.resources import resource

    return sorted(path.stem for path in resource("catalogue/waves").glob("*.yaml"))


def _waves_with(one: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - an indicator, which is imported when it is needed
    from cop.measurement.waves import load_waves

    asked = one.form.asked()
    return [
        {"survey": survey, "wave": wave.wave, "columns": [wave.items[name].column for name in asked]}
        for survey in _surveys()
        for wave in load_waves(survey).waves.values()
        if asked and set(asked) <= set(wave.items)
    ]


def _wave_checks() -> list[Any]:
    from cop.measurement.catalogue import load
    from cop.measurement.catalogue.check import Check
    from cop.measurement.waves import load_waves, wave_faults

    done: list[Check] = []
    for survey in _surveys():
        try:
            waves = load_waves(survey)
            done.append(
                Check(
                    f"waves of {survey}", f"{len(waves.waves)} waves", tuple(wave_faults(waves.waves.values(), load()))
                )
            )
        except CopError as error:
            done.append(Check(f"waves of {survey}", "", (str(error),)))
    return done


def _description_check(description: Path, wave: str) -> Any:  # noqa: ANN401 - a check
    from cop.measurement.catalogue import load
    from cop.measurement.catalogue.check import Check
    from cop.measurement.engines import engine_of
    from cop.measurement.survey.description import read
    from cop.measurement.survey.files import source
    from cop.measurement.waves import check_description, load_waves, recognise

    survey_id, slash, name = wave.partition("/")
    if not slash:
        raise Refused.value(wave, "is not a wave", expected="SURVEY/WAVE, such as yrbs/2021", field="wave")
    survey, waves = read(description), load_waves(survey_id)
    title = f"{description.name} against {wave}"
    try:
        recognise(waves, name, engine_of("duckdb").columns(source(survey)))
        checked = check_description(survey, waves[name], load().indicators)
    except Refused as error:
        return Check(title, "", (str(error),))
    return Check(title, f"{checked} of {len(survey.indicator)} indicators use the wave's columns")
