"""Codes in a folder of Parquet parts, which a run that was killed goes on with.

    coded/
      _manifest.json       what is coded, with which columns and model; the parts that are whole; whether all is done
      part-00000.parquet   `part_rows` records, in the order of the input
      part-00001.parquet   ...; only the last may have fewer

A part counts once the manifest names it, and the manifest names it once its bytes are on the disk. Names that begin
with an underscore are no data to whoever reads the folder as one table (DuckDB's `coded/*.parquet`, Arrow, Spark).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cop.classification.coder.coding import Coder
from cop.kernel.errors import Conflict, CopError, NotFound, Refused
from cop.kernel.hashing import canonical_json, file_sha256, tree_sha256
from cop.kernel.tables import existing, format_of

FORMAT = "cop-coded/1"
MANIFEST = "_manifest.json"
PART_ROWS = 20_000
"""Records in a part: some ten seconds of work, which is what a killed run loses; ten million make 500 files."""

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Run:
    """What the bytes of the parts follow from; a run is not gone on with unless all of it is the same.

    `input_sha256` is that of the file, `model_sha256` that of the coder's folder; `id` is None where the column was
    left to the program.
    """

    input_format: str
    input_sha256: str
    id: str | None
    text: str
    all_scores: bool
    model: str
    model_sha256: str
    scheme: str
    fast: bool
    part_rows: int


def run_of(
    path: Path, coder: Coder, *, kind: str | None, id: str | None, text: str, all_scores: bool, part_rows: int
) -> Run:
    """The run that codes this file with this coder; reads the file once for its digest.

    Raises:
        NotFound: there is no such file.
        Refused: its ending tells no known format, and `kind` is None.
    """
    return Run(
        input_format=kind or format_of(path),
        input_sha256=file_sha256(existing(path)),
        id=id,
        text=text,
        all_scores=all_scores,
        model=coder.model,
        model_sha256=tree_sha256(coder.folder, (p for p in coder.folder.rglob("*") if p.is_file())),
        scheme=coder.scheme,
        fast=coder.fast,
        part_rows=part_rows,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One whole part: its file, its records, how many of them need no person, the digest of its bytes."""

    name: str
    rows: int
    auto: int
    sha256: str


class Parts:
    """The parts of one run: those that are there, and those to come.

    Attributes:
        folder: where they are.
        parts: the whole ones, in order.
        finished: whether all of the input is coded.
        before: records that were there when the folder was opened.
    """

    def __init__(self, folder: Path, run: Run, parts: list[Part], *, finished: bool) -> None:
        self.folder, self.parts, self.finished = folder, parts, finished
        self._run = run
        self._held: list[pa.RecordBatch] = []
        self.before = self.rows

    @property
    def rows(self) -> int:
        return sum(p.rows for p in self.parts)

    @property
    def auto(self) -> int:
        return sum(p.auto for p in self.parts)

    def write(self, batch: pa.RecordBatch) -> None:
        """Take the next records; they must end where a part does or before."""
        self._held.append(batch)
        if sum(b.num_rows for b in self._held) >= self._run.part_rows:
            self._settle()
            self.say()

    def end(self, *, finished: bool) -> None:
        """Settle what is held as a last, shorter part."""
        if self._held:
            self._settle()
        self.finished = finished
        self.say()

    def say(self) -> None:
        """Write the manifest."""
        text = canonical_json(
            {
                "format": FORMAT,
                "run": asdict(self._run),
                "rows": self.rows,
                "parts": [asdict(p) for p in self.parts],
                "finished": self.finished,
            }
        )
        with _whole(self.folder, MANIFEST) as part:
            part.write_text(text, encoding="utf-8")

    def _settle(self) -> None:
        table = pa.Table.from_batches(self._held).combine_chunks()
        name = f"part-{len(self.parts):05d}.parquet"
        with _whole(self.folder, name) as part:
            pq.write_table(table, part, compression="zstd", row_group_size=table.num_rows)
        auto = table.column("route").to_pylist().count("auto")
        self.parts.append(Part(name, table.num_rows, auto, file_sha256(self.folder / name)))
        self._held = []


@contextmanager
def open_parts(folder: Path, run: Run, *, resume: bool) -> Generator[Parts]:
    """The folder's parts, to write more. With `resume`, those that are whole stay, up to the first that is not.

    When the block ends, the run is finished; when it ends because a record was refused, what came before is kept and
    the run is not finished. A folder that holds nothing then is removed.

    Raises:
        NotFound: the folder's own folder does not exist.
        Conflict: it is a file; or it holds an earlier run and `resume` is false, or another run than this one, or other
            files; or another process writes to it.
        Refused: its manifest cannot be read.
    """
    if not folder.parent.is_dir():
        raise NotFound(f"there is no folder {folder.parent}")
    if folder.exists() and not folder.is_dir():
        raise Conflict(f"{folder} is a file", expected="a folder, or a name whose ending is that of a table")
    new = not folder.exists()
    if new:
        folder.mkdir()
        _sync(folder.parent)
    with _alone(folder):
        parts = _opened(folder, run, resume=resume)
        try:
            yield parts
        except CopError:
            parts.end(finished=False)
            if not parts.rows:
                (folder / MANIFEST).unlink()
                if new:
                    folder.rmdir()
            raise
        if not parts.finished:
            parts.end(finished=True)


def _opened(folder: Path, run: Run, *, resume: bool) -> Parts:
    known = _manifest(folder / MANIFEST)
    if known is None:
        if any(p.name != _unfinished(MANIFEST) for p in folder.iterdir()):
            raise Conflict(f"the folder {folder} holds other files", expected="an empty folder, or a new one")
        parts = Parts(folder, run, [], finished=False)
        parts.say()
        return parts
    if not resume:
        expected = "--resume to go on with them, or another folder"
        raise Conflict(f"the folder {folder} holds the codes of an earlier run", expected=expected)
    found, told, finished = known
    _same(folder, found, asdict(run))
    whole = list(_whole_parts(folder, told, None if finished else run.part_rows))
    parts = Parts(folder, run, whole, finished=finished and len(whole) == len(told))
    if len(whole) < len(told):
        parts.say()
    return parts


def _manifest(path: Path) -> tuple[Mapping[str, object], list[Part], bool] | None:
    """The run, the parts and whether all is done, as the manifest has them."""
    if not path.exists():
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise ValueError
        return dict(told["run"]), [Part(**p) for p in told["parts"]], bool(told["finished"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path} cannot be read", expected=f"a manifest of {FORMAT}") from error


def _same(folder: Path, found: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    other = [f"{k} was {_said(found.get(k))}, now {_said(v)}" for k, v in wanted.items() if found.get(k) != v]
    if other:
        problem = f"the folder {folder} holds the codes of another run: {'; '.join(other)}"
        raise Conflict(problem, expected="the same input, columns and model, or another folder")


def _said(value: object) -> str:
    """A fact as a refusal shows it: digests cut short."""
    if isinstance(value, str) and len(value) == 64:
        return value[:_SHOWN]
    return json.dumps(value, ensure_ascii=False)


def _whole_parts(folder: Path, told: list[Part], rows: int | None) -> Iterator[Part]:
    """The parts up to the first whose bytes are not as told, or which has not its `rows` (None: any number)."""
    for part in told:
        path = folder / part.name
        if not path.is_file() or file_sha256(path) != part.sha256 or rows not in (None, part.rows):
            return
        yield part


@contextmanager
def _whole(folder: Path, name: str) -> Generator[Path]:
    """A path to write to, which gets its name when its bytes are on the disk, and the name is there for good."""
    path = folder / _unfinished(name)
    yield path
    _sync(path)
    path.rename(folder / name)
    _sync(folder)


def _unfinished(name: str) -> str:
    return f"_{name.lstrip('_')}.part"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Hold the folder: a run that is thought dead may be alive."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"another process writes to the folder {folder}", expected="one at a time") from error
        yield
    finally:
        os.close(handle)
