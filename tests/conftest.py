"""What every test may ask for."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from databases import absent, postgres_database
from vaults import Vault, template_of, vault_of

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project, which a user's machine does not have."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        absent("../shared")
    return folder


hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")  # how fast a machine is says nothing of what holds


@pytest.fixture(scope="session")
def java() -> None:
    """A Java runtime, which Spark needs."""
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        absent("Java")


# --- the command line


@dataclass(frozen=True, slots=True)
class Done:
    """A program that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """What standard error says beside the progress of stages; exactly one line is promised."""
        said = [line for line in self.err.splitlines() if not line.endswith(" ...") and ": done in " not in line]
        assert len(said) == 1, self.err
        return said[0]


ENVIRONMENT = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COP_", "DJANGO_"))}
    return {**kept, **ENVIRONMENT}


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The address of a process that starts programs warm: tests/warm.py."""
    address = Path(tempfile.mkdtemp(prefix="cop-")) / "warm"  # short: a socket's address has at most 107 characters
    command = [sys.executable, str(ROOT / "tests" / "warm.py"), str(address)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment()) as process:
        while not address.exists():
            assert process.poll() is None, "tests/warm.py ended"
            time.sleep(0.05)
        yield address
    shutil.rmtree(address.parent)


def _started_warm(address: Path, arguments: Sequence[str], stdin: bytes | None, cwd: Path, timeout: float) -> Done:
    """Run a program forked from the warm process; `subprocess.run` in all else."""
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        streams[0].write(stdin or b"")
        streams[0].seek(0)
        connection = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        connection.connect(str(address))
        request = {"arguments": arguments, "cwd": str(cwd), "env": _environment()}
        socket.send_fds(connection, [json.dumps(request).encode()], [s.fileno() for s in streams])
        said = stack.enter_context(connection.makefile())
        number = int(said.readline())
        connection.settimeout(timeout)
        try:
            code = int(said.readline())
        except TimeoutError:
            os.kill(number, signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(arguments), timeout) from None
        for stream in streams:
            stream.seek(0)
        return Done(code, streams[1].read().decode(), streams[2].read().decode())


@pytest.fixture(scope="session")
def cop(warm: Path) -> Callable[..., Done]:
    """Call the program `cop` with these arguments; `cold` starts the installed program itself.

    Programs that are started warm have one seed for the order of sets: what compares bytes starts one of them cold.
    """
    program = str(Path(sys.executable).parent / "cop")

    def call(
        *arguments: object,
        stdin: bytes | None = None,
        cwd: Path | None = None,
        timeout: float = 300,
        cold: bool = False,
    ) -> Done:
        words = [program, *map(str, arguments)]
        if not cold:
            return _started_warm(warm, words, stdin, cwd or Path.cwd(), timeout)
        done = subprocess.run(
            words,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            check=False,
            cwd=cwd,
            timeout=timeout,
            env=_environment(),
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@dataclass(frozen=True, slots=True)
class Measured:
    """A program that ended, and what it took."""

    done: Done
    peak: float
    """The largest resident memory of the process or one of its children, in MB."""
    seconds: float


@pytest.fixture
def measured(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Measured]:
    """Call `cop` with these arguments; it is killed after `timeout` seconds."""
    program = str(Path(sys.executable).parent / "cop")

    def call(*arguments: object, timeout: float = 120) -> Measured:
        folder = tmp_path_factory.mktemp("measured")
        out, err = folder / "out", folder / "err"
        began = time.monotonic()
        with out.open("wb") as first, err.open("wb") as second:
            process = subprocess.Popen(
                [program, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=first,
                stderr=second,
                env={**os.environ, **ENVIRONMENT},
            )
            timer = threading.Timer(timeout, process.kill)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
        done = Done(process.returncode, out.read_text(), err.read_text())
        return Measured(done, usage.ru_maxrss / 1024, time.monotonic() - began)

    return call


# --- small observatories


HEAD = """[observatory]
id = "small"
title = "Small"
organisation = "Nobody"
group = "T-CP"
synthetic = true
[release]
date = 2026-01-15
period = "2024-01/2025-12"
[areas]
XAL = "Alpha"
"""

REPORTS = """
[[reports]]
id = "hotline"
title = "Hotline"
defaults = { country = "XAL" }
"""


@pytest.fixture
def observatory(tmp_path: Path) -> Callable[..., Path]:
    """Make an observatory of these inputs (name -> text or bytes) and this further description."""

    def make(
        inputs: dict[str, str | bytes] | None = None, *, toml: str = "", database: str = "", name: str = "o"
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        vault = f'[vault]\ndatabase = "{database}"\n' if database and "[vault]" not in toml else ""
        (folder / "observatory.toml").write_text(HEAD + vault + toml, encoding="utf-8")
        for path, content in (inputs or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return make


@pytest.fixture
def reports_observatory(observatory: Callable[..., Path]) -> Callable[..., Path]:
    """Make an observatory whose inputs are files of reports in `inputs/`."""

    def make(inputs: dict[str, str | bytes], *, toml: str = "", source: str = "", **given: Any) -> Path:
        patterns = sorted({f"inputs/*.{name.rpartition('.')[2]}" for name in inputs})
        return observatory(inputs, toml=toml + REPORTS + f"files = {json.dumps(patterns)}\n" + source, **given)

    return make


@pytest.fixture(scope="session")
def harbour_in_small(root: Path) -> Callable[[Path], Path]:
    """Make an observatory with one of every kind of input, taken from the harbour example and cut short."""

    def make(folder: Path) -> Path:
        harbour = root / "examples" / "harbour"
        text = (harbour / "observatory.toml").read_text(encoding="utf-8")
        parts = [p for p in text.split("\n[[") if p]
        kept = [parts[0]]
        kept += [p for p in parts if p.startswith(("reports]]", "meetings]]"))][:1]
        kept += [p for p in parts if p.startswith("surveys]]") and "xal.toml" in p]
        kept += [p for p in parts if p.startswith("series]]") and "hotline-totals" in p]
        place = next(n for n, p in enumerate(parts) if 'id = "moorlight"' in p)
        kept += [parts[place], parts[place + 1], parts[place + 2]]
        kept += [p for p in parts if p.startswith("meetings]]")]
        shutil.copytree(harbour / "inputs", folder / "inputs")
        for name in ("xal-2024.csv", "xal-2025.csv"):
            path = folder / "inputs" / "reports" / name
            path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:150]), encoding="utf-8")
        (folder / "observatory.toml").write_text("\n[[".join(kept), encoding="utf-8")
        return folder

    return make


# --- databases, and Python inside a vault


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty vault, on each kind of database."""
    if request.param == "sqlite":
        yield "vault/vault.sqlite3"
        return
    with postgres_database() as address:
        yield address


@pytest.fixture(scope="session")
def vault_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The address of the filled vault on a kind of database, made when first asked for: tests/vaults.py."""
    with template_of(tmp_path_factory.mktemp("vaults")) as template:
        yield template


@pytest.fixture(params=["sqlite", "postgresql"])
def vault(request: pytest.FixtureRequest, tmp_path: Path, vault_templates: Callable[[str], str]) -> Iterator[Vault]:
    """A vault of this test's own in this process, with people in posts, on each kind of database: tests/vaults.py."""
    with vault_of(request.param, vault_templates, tmp_path) as filled:
        yield filled


@pytest.fixture
def sqlite_vault(tmp_path: Path, vault_templates: Callable[[str], str]) -> Iterator[Vault]:
    """The same on SQLite alone, for what no database can change: pages, words, addresses."""
    with vault_of("sqlite", vault_templates, tmp_path) as filled:
        yield filled


_INSIDE = """from __future__ import annotations
import json, sys
from pathlib import Path
from cop.config.observatory import read_observatory
from cop.config.start import start
observatory = read_observatory(Path(sys.argv[1]))
start(observatory)
{source}
print("\\n" + json.dumps({name}(observatory, *json.loads(sys.argv[2])), default=str))
"""


@pytest.fixture(scope="session")
def inside(warm: Path) -> Callable[..., Any]:
    """Run a function in a process of its own with the vault started, as `function(observatory, *arguments)`.

    Its source is all that goes over, so it imports what it needs; arguments and result go as JSON. Django serves one
    database a process.
    """

    def call(folder: Path, function: Callable[..., object], *arguments: object) -> Any:
        source = textwrap.dedent(inspect.getsource(function))
        program = _INSIDE.format(source=source, name=function.__name__)
        done = _started_warm(warm, ["-c", program, str(folder), json.dumps(arguments)], None, Path.cwd(), 300)
        assert done.code == 0, done.err
        return json.loads(done.out.rpartition("\n\n")[2].splitlines()[-1])

    return call
