"""The stages that take inputs in: reports, surveys, official series, providers, meetings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop.kernel.errors import NotFound, Where
from cop.kernel.progress import Progress
from cop.road.build import Road, read_json, report_files, series_files, write_json
from cop.road.stages import Input, Stage
from cop.road.watch import provider_stages

if TYPE_CHECKING:
    from cop.config.observatory import ReportSource, SeriesSource
    from cop.vault.registers.operations import FileFacts
    from cop.vault.release.operations import MeasuredSurvey, ReceivedSeries

_LIBRARY = "library"


def stages(road: Road) -> Iterator[Stage]:
    """Every intake stage, in the order of the description."""
    for source in road.observatory.reports:
        for path in report_files(road, source):
            yield _reports(road, source, road.input(path))
    for survey in road.observatory.surveys:
        yield _survey(road, survey.description)
    for series in road.observatory.series:
        yield _series(road, series)
    yield from provider_stages(road)
    for meeting in road.observatory.meetings:
        yield _meeting(road, road.input(road.observatory.files(meeting.file, field="meetings.file")[0]))


def file_facts(kind: str, source: str, file: Input, key: str) -> FileFacts:
    """A file as the registers know it."""
    from cop.vault.registers.operations import FileFacts

    return FileFacts(kind, source, file.name, file.sha256, file.path.stat().st_size, key)


# --- reports


def _reports(road: Road, source: ReportSource, file: Input) -> Stage:
    observatory = road.observatory

    def work(key: str, progress: Progress) -> None:
        from cop.classification.coder import Coder
        from cop.vault.members.keys import recipients_of
        from cop.vault.members.queries import organisation
        from cop.vault.reports.operations import Intake, take_in
        from cop.vault.reports.schemas import Shape

        office = organisation(source.organisation).pk if source.organisation else None
        recipients = [*observatory.recipients, *(recipients_of(office) if office else ())]
        shape = Shape(columns=source.columns, defaults=source.defaults, ignore=source.ignore, where=source.where)
        take_in(
            path=file.path,
            facts=file_facts("reports", source.id, file, key),
            intake=Intake(shape, observatory.known_areas, recipients, source.on_reject == "set aside", office),
            coder=Coder.load(fast=True),
            progress=progress,
        )

    parameters = {
        "source": _described(source),
        "areas": observatory.areas,
        "recipients": observatory.vault.recipients,
    }
    return road.stage(
        f"reports:{source.id}:{file.name}",
        f"Reports: {Path(file.name).name}",
        parameters=parameters,
        inputs=[file],
        work=work,
        makes=lambda _: road.vault_files(),
    )


def _described(source: ReportSource) -> dict[str, Any]:
    """What the records depend on; a source of nobody's desk is described as it was before there were desks."""
    described = source.model_dump(mode="json", exclude={"files", "title"})
    return described if source.organisation else {k: v for k, v in described.items() if k != "organisation"}


# --- surveys


def _survey(road: Road, description: str) -> Stage:
    path = road.observatory.files(description, field="surveys.description")[0]
    said = _glance(path)
    data = path.parent / said["file"]
    if not data.is_file():
        raise NotFound(f"there is no file {said['file']}", where=Where(path, field="file"), expected="the microdata")
    files = [road.input(path), road.input(data)]

    def made(key: str) -> list[Path]:
        folder = road.made("surveys", key)
        return [folder / "about.json", folder / "estimates.parquet", *road.vault_files()]

    def work(key: str, progress: Progress) -> None:
        import polars as pl
        import pyarrow.parquet as pq

        from cop.editions.tables import ESTIMATES
        from cop.measurement.engines import engine_of
        from cop.measurement.survey.description import read
        from cop.measurement.survey.estimate import domain_text, estimate
        from cop.vault.registers.operations import record_register

        survey = read(path)
        frame = estimate(survey, engine=engine_of(road.engine), progress=progress)
        domain = [domain_text(row, survey) for row in frame.iter_rows(named=True)]
        frame = frame.with_columns(
            pl.Series("domain", domain, dtype=pl.String),
            survey=pl.lit(survey.id),
            area=pl.lit(survey.area),
            period=pl.lit(survey.period),
            lineage=pl.format("survey:{}:{}", pl.lit(survey.id), pl.col("indicator")),
        )
        columns = [n for n in ESTIMATES.names if n not in {"obs_status", "conf_status"}]
        folder = road.made("surveys", key)
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(frame.select(columns).to_arrow(), folder / "estimates.part")
        (folder / "estimates.part").rename(folder / "estimates.parquet")
        everyone = frame.filter(pl.col("domain") == "_T")["n"].max()
        write_json(folder / "about.json", _survey_about(survey, everyone))
        for file in files:
            record_register(
                facts=file_facts("survey", survey.id, file, key), rows=0, refused=(), accepted=True, recipients=()
            )

    return road.stage(
        f"survey:{said['id']}",
        f"Survey: {said['title']}",
        parameters={"engine": road.engine},
        inputs=files,
        work=work,
        makes=made,
    )


def _glance(path: Path) -> dict[str, str]:
    """What the road must know of a survey before its turn; the description is checked whole when its stage is done."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: str(said[name]) for name in ("id", "title", "file")}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError):
        from cop.measurement.survey.description import read

        survey = read(path)  # says what is wrong
        return {"id": survey.id, "title": survey.title, "file": survey.file}


def _survey_about(survey: Any, rows: object) -> dict[str, Any]:  # noqa: ANN401 - cop.measurement.survey.description.Survey
    design = survey.design
    return {
        "id": survey.id,
        "title": survey.title,
        "area": survey.area,
        "period": survey.period,
        "publisher": survey.publisher or "",
        "licence": survey.licence or "",
        "rows": rows,
        "design": {
            "strata": design.strata,
            "psu": design.psu,
            "weights": design.weights,
            "weights_kind": design.weights_kind,
            "lonely_psu": design.lonely_psu,
            "df": design.df,
            "ci": design.ci,
        },
        "domains": {
            name: {
                "title": name.replace("_", " ").capitalize(),
                "labels": {code: code for code in domain.labels.values()},
            }
            for name, domain in survey.domains.items()
        },
        "indicators": [m.code for m in survey.indicator],
    }


def measured_survey(road: Road, stage: Stage) -> MeasuredSurvey:
    """What a survey's stage made, for the door."""
    import polars as pl

    from cop.vault.release.operations import MeasuredSurvey

    folder = road.made("surveys", stage.key)
    return MeasuredSurvey(read_json(folder / "about.json"), pl.read_parquet(folder / "estimates.parquet"))


# --- official series


def _series(road: Road, source: SeriesSource) -> Stage:
    files = [road.input(p) for p in series_files(road, source)]

    def made(key: str) -> list[Path]:
        folder = road.made("series", key)
        return [folder / "about.json", folder / "observations.parquet", *road.vault_files()]

    def work(key: str, progress: Progress) -> None:
        import polars as pl

        from cop.measurement.series.reading import Columns, SeriesSpec, read_series
        from cop.vault.registers.operations import record_register

        progress.total(1)
        spec = SeriesSpec(
            id=source.id,
            title=source.title,
            file=files[0].path,
            structure=files[1].path if source.structure else None,
            format=source.format,
            mapping=Columns(**source.mapping.model_dump()) if source.mapping else None,
            source=source.source,
            licence=source.licence,
            unit=source.unit,
            area_dimension=source.area_dimension or None,
        )
        frame = read_series(spec).with_columns(lineage=pl.lit(f"series:{source.id}"))
        folder = road.made("series", key)
        folder.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(folder / "observations.part")
        (folder / "observations.part").rename(folder / "observations.parquet")
        about = {
            "id": source.id,
            "title": source.title,
            "source": source.source,
            "licence": source.licence,
            "unit": source.unit,
            "observations": frame.height,
            "format": source.format,
        }
        write_json(folder / "about.json", about)
        for n, file in enumerate(files):
            record_register(
                facts=file_facts("series", source.id, file, key),
                rows=0 if n else frame.height,
                refused=(),
                accepted=True,
                recipients=(),
            )
        progress.advance()

    return road.stage(
        f"series:{source.id}",
        f"Series: {source.title}",
        parameters=source.model_dump(mode="json"),
        inputs=files,
        work=work,
        makes=made,
    )


def received_series(road: Road, stage: Stage) -> ReceivedSeries:
    """What a series' stage made, for the door."""
    import polars as pl

    from cop.vault.release.operations import ReceivedSeries

    folder = road.made("series", stage.key)
    return ReceivedSeries(read_json(folder / "about.json"), pl.read_parquet(folder / "observations.parquet"))


# --- meetings


def _meeting(road: Road, file: Input) -> Stage:
    def work(key: str, progress: Progress) -> None:
        from cop.vault.library.operations import record_meeting
        from cop.vault.library.schemas import read_meeting

        progress.total(1)
        record_meeting(file=read_meeting(file.path), facts=file_facts("meeting", _LIBRARY, file, key))
        progress.advance()

    return road.stage(
        f"meeting:{file.name}",
        f"Meeting: {Path(file.name).name}",
        parameters={},
        inputs=[file],
        work=work,
        makes=lambda _: road.vault_files(),
    )


# --- what the description names no longer


def reconcile(road: Road, taken: Sequence[Stage]) -> None:
    """Forget every register of a file that the observatory's description names no more, with all that hangs on it.

    It comes before anything is taken in: what was renamed must not stand in its own way.
    """
    from cop.vault.library.operations import forget_meeting
    from cop.vault.providers.operations import forget_provider
    from cop.vault.registers.operations import forget_register
    from cop.vault.reports.operations import forget

    watched = {source.id for source in road.observatory.providers}
    for kind, source, name in not_named(taken):
        if kind == "reports":
            forget(kind=kind, source=source, name=name)
        elif kind == "meeting":
            forget_meeting(source=source, name=name)
        elif kind == "provider" and source not in watched:
            forget_provider(slug=source)
        forget_register(kind=kind, source=source, name=name)


def not_named(taken: Sequence[Stage]) -> list[tuple[str, str, str]]:
    """Kind, source and name of every file that the registers hold and none of these stages reads."""
    from cop.vault.registers.queries import all_files

    named = {(*_kind_and_source(stage), file.name) for stage in taken for file in stage.inputs}
    return [found for found in all_files() if found not in named]


def unknown_to_vault(stages: Sequence[Stage]) -> list[Stage]:
    """The stages of which the vault's registers do not hold every file under the stage's present key."""
    from cop.vault.registers.queries import keys

    held = keys()
    return [
        stage
        for stage in stages
        if any(held.get((*_kind_and_source(stage), file.name)) != stage.key for file in stage.inputs)
        and _kind_and_source(stage)[0] in _KINDS
    ]


_KINDS = {"reports", "survey", "series", "provider", "meeting"}


def _kind_and_source(stage: Stage) -> tuple[str, str]:
    """The kind and source under which the registers hold a stage's files."""
    kind, _, rest = stage.id.partition(":")
    return kind, _LIBRARY if kind == "meeting" else rest.partition(":")[0]
