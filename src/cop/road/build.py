"""The road itself: which stages an observatory's description makes, in which order, and how each does its work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop.config.observatory import Observatory, ReportSource, SeriesSource
from cop.kernel.errors import Refused
from cop.kernel.hashing import canonical_json
from cop.kernel.ledger import HEADS, show_heads
from cop.kernel.progress import Progress
from cop.kernel.provenance import code_version
from cop.kernel.signing import read_or_make_seal
from cop.road.stages import Input, Listener, Markers, Stage, all_different, read_input, run, to_do

if TYPE_CHECKING:
    from cop.measurement.warning.description import Watching

WORK, EDITIONS, SITE, REPORT, KEYS = "work", "editions", "site", "report", "keys"
RECONCILE = "reconcile"
REPORTS = ("annual-report.pdf", "annual-report.docx")


@dataclass(frozen=True)
class Road:
    """An observatory's stages, in order. Making it reads the description and hashes the inputs, no more."""

    observatory: Observatory
    engine: str = "duckdb"
    release: str | None = None

    @property
    def folder(self) -> Path:
        return self.observatory.folder

    @cached_property
    def markers(self) -> Markers:
        return Markers(self.folder / WORK / "done")

    @cached_property
    def stages(self) -> list[Stage]:
        """Every stage, those that take in first, then the door, then the window."""
        edition = self._edition(self.taking_in)
        report = self._report(edition)
        return [*self.taking_in, edition, report, self._site(report)]

    @cached_property
    def taking_in(self) -> list[Stage]:
        """The stages that take in."""
        from cop.road import intake

        taken = list(all_different([*intake.stages(self)]))
        reconcile = self.stage(
            RECONCILE,
            "Forgetting what is no longer there",
            parameters=sorted([s.id, *sorted(i.name for i in s.inputs)] for s in taken),
            work=lambda _key, _progress: self._forget_others(taken),
        )
        return [reconcile, *taken]

    def to_do(self) -> list[Stage]:
        """The stages that are not done, in order."""
        return to_do(self.stages, self.markers)

    def run(self, listener: Listener) -> list[Stage]:
        """Do what is not done, with the vault started; what was done.

        A stage that the markers call done and the vault does not know (another database, an older backup) is not done,
        and what the vault holds beside them is forgotten.
        """
        from cop.road import intake

        stages = self.stages
        waiting = {s.id for s in to_do(stages, self.markers)} | {s.id for s in intake.unknown_to_vault(stages)}
        if intake.not_named(stages):
            waiting.add(RECONCILE)
        return run([s for s in stages if s.id in waiting], self.markers, listener)

    def reopen(self) -> None:
        """Count the edition and what is made of it as not done, before someone acts: no file tells of that."""
        for stage in self.stages[len(self.taking_in) :]:
            self.markers.clear(stage)

    def _forget_others(self, taken: list[Stage]) -> None:
        from cop.road import intake

        self.markers.keep_only(self.stages)
        intake.reconcile(self, taken)

    def stage(
        self,
        id_: str,
        title: str,
        *,
        parameters: object,
        work: Any,  # noqa: ANN401 - Callable[[str, Progress], None]; a lambda's type cannot be said shorter
        inputs: list[Input] | None = None,
        after: list[Stage] | None = None,
        makes: Any = None,  # noqa: ANN401
    ) -> Stage:
        """A stage of this road: the code's version and the vault's address are parameters of each."""
        return Stage(
            id_,
            title,
            {"code": code_version(), "vault": self.observatory.vault.database, "is": parameters},
            inputs or [],
            after or [],
            makes or (lambda _: []),
            work,
        )

    def input(self, path: Path) -> Input:
        return read_input(path, self.folder)

    def made(self, kind: str, key: str) -> Path:
        """Where a stage that makes files keeps them: by its key, so that an older result is never taken for it."""
        return self.folder / WORK / kind / key[:24]

    def vault_files(self) -> list[Path]:
        """The vault's file, whose loss undoes every stage that wrote to it; a server's database is no file."""
        database = self.observatory.vault.database
        return [] if "://" in database else [self.observatory.path(database)]

    @property
    def editions(self) -> Path:
        """Where editions lie."""
        return self.folder / EDITIONS

    @property
    def newest(self) -> Path:
        """The file that names the edition the site and the report show."""
        return self.editions / "newest"

    def edition_path(self) -> Path:
        """The edition the last build made."""
        return self.editions / self.newest.read_text(encoding="utf-8").strip()

    # --- the door and the window

    def _edition(self, after: list[Stage]) -> Stage:
        from cop.measurement.warning import description

        observatory = self.observatory
        watching = description.watching(description.read(self.folder), self.folder)
        texts = sorted(observatory.path(observatory.report.folder).glob("*.md"))
        about = {
            "observatory": observatory.observatory.model_dump(mode="json"),
            "date": observatory.release.date.isoformat(),
            "period": observatory.release.period,
            "threshold": observatory.release.threshold,
            "code": code_version(),
        }
        parameters = {
            "about": about,
            "areas": observatory.areas,
            "release": self.release,
            "report": observatory.report.model_dump(mode="json"),
            "titles": {s.id: s.title for s in observatory.reports},
            "watching": asdict(watching),
        }
        return self.stage(
            "edition",
            "Through the door: the edition",
            parameters=parameters,
            inputs=[self.input(p) for p in texts],
            after=after,
            makes=lambda _: [self.newest, *([self.edition_path()] if self.newest.exists() else [])],
            work=lambda _, progress: self._open_door(about, watching, texts, after, progress),
        )

    def _open_door(
        self, about: dict[str, Any], watching: Watching, texts: list[Path], after: list[Stage], progress: Progress
    ) -> None:
        from cop.classification.coder import Coder
        from cop.road import intake
        from cop.vault.release.operations import Request, open_door

        observatory = self.observatory
        seal = read_or_make_seal(self.folder / KEYS / "signing.key", observatory.observatory.id)
        known = self.folder / KEYS / "known"
        known.mkdir(parents=True, exist_ok=True)
        (known / f"{observatory.observatory.id}.pub").write_text(seal.signer.line(), encoding="utf-8")
        request = Request(
            about=about,
            areas=observatory.known_areas,
            surveys=[intake.measured_survey(self, s) for s in after if s.id.startswith("survey:")],
            series=[intake.received_series(self, s) for s in after if s.id.startswith("series:")],
            report={"to": observatory.report.to, "sections": [_section(p) for p in texts]},
            sources={s.id: s.title for s in observatory.reports},
            threshold=observatory.release.threshold,
            watching=watching,
        )
        path = open_door(
            request=request,
            coder=Coder.load(),
            folder=self.editions,
            released=self.folder / EDITIONS,
            scratch=self.folder / WORK / "scratch",
            edition_id=self.release,
            seal=seal,
            progress=progress,
        )
        part = self.newest.with_suffix(".part")
        part.write_text(path.name + "\n", encoding="utf-8")
        part.rename(self.newest)

    def _site(self, report: Stage) -> Stage:
        def work(_: str, progress: Progress) -> None:
            from cop.editions.read import open_edition
            from cop.publication.site.write import write_site

            reports = {n: self.folder / REPORT / n for n in REPORTS}
            write_site(open_edition(self.edition_path()), self.folder / SITE, attachments=reports, progress=progress)
            show_heads(self.folder / HEADS, self.folder / SITE)

        return self.stage(
            "site",
            "Writing the site",
            parameters={},
            after=[report],
            work=work,
            makes=lambda _: [self.folder / SITE / "index.html"],
        )

    def _report(self, edition: Stage) -> Stage:
        def work(_: str, progress: Progress) -> None:
            from cop.editions.read import open_edition
            from cop.publication.annual import write_report

            write_report(open_edition(self.edition_path()), self.folder / REPORT, progress=progress)

        return self.stage(
            "report",
            "Setting the annual report",
            parameters={},
            after=[edition],
            work=work,
            makes=lambda _: [self.folder / REPORT / n for n in REPORTS],
        )


def _section(path: Path) -> dict[str, str]:
    """A section of the secretariat's: its title is the file's first heading, or its name."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refused.value(path.name, "is not UTF-8", expected="Markdown in UTF-8", file=path) from error
    first, _, rest = text.partition("\n")
    titled = first.startswith("# ")
    return {
        "id": path.stem,
        "title": first[2:].strip() if titled else path.stem.replace("-", " ").capitalize(),
        "markdown": (rest if titled else text).strip() + "\n",
    }


def write_json(path: Path, value: object) -> None:
    """Canonical JSON beside its place, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(canonical_json(value), encoding="utf-8")
    part.rename(path)


def read_json(path: Path) -> Any:  # noqa: ANN401 - what `write_json` wrote
    """What `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def report_files(road: Road, source: ReportSource) -> Iterator[Path]:
    """The files of a report source, each once, in order of name."""
    seen: set[Path] = set()
    for pattern in source.files:
        for path in road.observatory.files(pattern, field=f"reports.{source.id}.files"):
            if path not in seen:
                seen.add(path)
                yield path


def series_files(road: Road, source: SeriesSource) -> list[Path]:
    """The files of a series: the data, and its structure where one is named."""
    names = [source.file, *([source.structure] if source.structure else [])]
    return [p for n in names for p in road.observatory.files(n, field=f"series.{source.id}")]
