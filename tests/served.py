"""A real observatory behind a real server, for tests and benchmarks that load it, kill it or search what it leaves.

`founded` makes a vault with a hotline `alpha` whose key an analyst holds; `Server` is `cop serve` as a process tree of
its own; `Reporter` sends reports through the form or the service as any program would; `Postgres` is a server of one's
own that can be killed. Everything lies below a folder that the caller gives.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PROGRAM = Path(sys.executable).parent / "cop"
PASSPHRASE = "seven quiet lanterns over the harbour"
PASSWORD = "harbour lantern quay 7"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DESCRIPTION = """[observatory]
id = "served"
title = "Served"
organisation = "Nobody"
group = "T-CP"
synthetic = true
[release]
date = 2026-01-15
period = "2024-01/2025-12"
[vault]
database = "{database}"
[areas]
XAL = "Alpha"
[desk]
reports_to = "alpha"
reports_per_minute = {per_minute}
"""

_FOUND = """
import json, sys
from pathlib import Path
from cop.config.observatory import read_observatory
from cop.config.start import start
folder, passphrase, password, totp = sys.argv[1:]
start(read_observatory(Path(folder)))
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user_model
from nacl.public import PrivateKey
from cop.vault.members.keys import create_key, create_office, establish_escrow
from cop.vault.members.keys.rules import PROGRAM as KEYS
from cop.vault.members.operations import accept_invitation, add_organisation, add_post, invite, issue_token
from cop.vault.members.queries import actor_of
from cop.vault.members.rules import PROGRAM, program
establish_escrow(
    actor=program(KEYS), public=bytes(PrivateKey.generate().public_key), threshold=2, shares=3
)
by = program(PROGRAM)
alpha = add_organisation(actor=by, slug="alpha", name="Alpha", kind="hotline", area="XAL")
invited = invite(actor=by, organisation=alpha, email="analyst@alpha.example", name="Analyst", role="key_custodian")
number = accept_invitation(token=invited, password=password)
add_post(actor=by, person=number, organisation=alpha, role="analyst")
person = get_user_model().objects.get(pk=number)
TOTP.activate(person, totp)
create_key(actor=actor_of(person), passphrase=passphrase)
create_office(actor=actor_of(person), organisation=alpha)
print(json.dumps({"organisation": alpha, "token": issue_token(actor=by, organisation=alpha, name="test")}))
"""

_STORED = """
import hashlib, json, sys
from pathlib import Path
from cop.config.observatory import read_observatory
from cop.config.start import start
folder, passphrase = sys.argv[1:]
observatory = read_observatory(Path(folder))
start(observatory)
from django.contrib.auth import get_user_model
from django.db import connection
from cop.vault.members.keys import open_key_of, open_office
from cop.vault.members.queries import actor_of, organisation, person_numbered
from cop.vault.registers.queries import verify_ledger
from cop.vault.reports.models import Report
from cop.vault.reports.receipts import open_receipt
said = {"integrity": "ok"}
if connection.vendor == "sqlite":
    from cop.road.databases import integrity
    connection.ensure_connection()
    said["integrity"] = integrity(connection.connection)
actor = actor_of(get_user_model().objects.get(pk=person_numbered("analyst@alpha.example")))
alpha = organisation("alpha").pk
opener = open_office(actor=actor, organisation=alpha, private=open_key_of(actor=actor, passphrase=passphrase))
rows = Report.objects.order_by("pk").values_list("receipt", "sealed")
texts = [(r, json.loads(opener.open(bytes(s)))["narrative"]) for r, s in rows if s is not None]
said["stored"] = [[receipt, hashlib.sha256(text.encode()).hexdigest()] for receipt, text in texts]
wanted = json.load(sys.stdin)
said["hashes"] = {receipt: open_receipt(receipt).hash for receipt in wanted}
head = verify_ledger()
said["entries"], said["head"] = head.seq, head.hash
print(json.dumps(said))
"""


@dataclass(frozen=True, slots=True)
class Founded:
    """An observatory whose desk takes reports."""

    folder: Path
    organisation: int
    token: str


def founded(folder: Path, database: str = "vault/vault.sqlite3", *, per_minute: int = 1_000_000) -> Founded:
    """Make an observatory with a hotline whose key one analyst holds."""
    folder.mkdir(parents=True, exist_ok=True)
    description = DESCRIPTION.format(database=database, per_minute=per_minute)
    (folder / "observatory.toml").write_text(description, encoding="utf-8")
    return Founded(folder, **_program(_FOUND, folder, PASSPHRASE, PASSWORD, TOTP_SECRET))


def stored(folder: Path, receipts: list[str]) -> dict[str, Any]:
    """What the vault holds, every narrative opened: receipt hash and text's hash; integrity; the ledger, verified."""
    return dict(_program(_STORED, folder, PASSPHRASE, stdin=json.dumps(receipts)))


def _program(source: str, *arguments: object, stdin: str = "") -> Any:
    command = [sys.executable, "-c", source, *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def environment() -> dict[str, str]:
    """The present one without what names another observatory."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COP_", "DJANGO_"))}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """`cop serve` of an observatory, at one port however often it is started."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and return once it answers."""
        command = [str(PROGRAM), "serve", str(self.folder), "--port", str(self.port), *self.options]
        log = (self.log or self.folder / "serve.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env={**environment(), **self.more}
            )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first.startswith(b"http://"), (self.log or self.folder / "serve.log").read_text()[-3000:]

    def stop(self) -> int:
        """Stop in good order; its exit status."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(timeout=30)
        finally:
            self.process.kill()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def workers(self) -> list[int]:
        """The numbers of its workers."""
        assert self.process is not None
        number = self.process.pid
        return [int(p) for p in Path(f"/proc/{number}/task/{number}/children").read_text().split()]

    def kill_worker(self) -> None:
        """SIGKILL to one worker."""
        with suppress(ProcessLookupError):
            os.kill(self.workers()[0], signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL to the whole tree at once."""
        assert self.process is not None and self.process.stdout is not None
        tree = [self.process.pid, *self.workers()]
        for number in tree:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        while any(Path(f"/proc/{number}").exists() and not _is_zombie(number) for number in tree[1:]):
            time.sleep(0.01)


def _is_zombie(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


class Reporter:
    """Somebody who reports: by the public form, or as a partner's program with a token."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port, self._token = port, token
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def close(self) -> None:
        """Give the connection up."""
        self._connection.close()

    def form(self, narrative: str, note: str, **more: str) -> tuple[int, str]:
        """Send the form with the note of `note()`; the status and the receipt, or the page."""
        fields = {"narrative": narrative, "note": note, "do": "send", **more}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, page = self.ask("POST", "/report/en/", urlencode(fields), headers)
        found = re.search(r'id="receipt">([0-9 ]+)<', page)
        return status, found[1].replace(" ", "") if found else page

    def note(self) -> str:
        """A fresh form's note, which makes a second sending the same report."""
        status, page = self.ask("GET", "/report/en/")
        found = re.search(r'name="note" value="([^"]+)"', page)
        if status != 200 or not found:
            raise ConnectionError(f"no form: {status}")
        return found[1]

    def service(self, narrative: str, key: str, **more: object) -> tuple[int, str]:
        """Send one report through the service; the status and the receipt, or what was said."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        body = json.dumps(
            {"narrative": narrative, "date": datetime.now(UTC).date().isoformat(), "count_unit": "REPORT", **more}
        )
        status, said = self.ask("POST", "/api/v1/reports", body, headers)
        return status, str(json.loads(said)["receipt"]) if status in {200, 201} else said

    def ask(
        self, method: str, path: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """One request on a connection that is kept; a broken one is given up and the error goes on."""
        try:
            self._connection.request(method, path, body, headers or {})
            answer = self._connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise


# --- a PostgreSQL server of one's own


@dataclass
class Postgres:
    """A server in a folder; its programs run as the user postgres where the tests run as root."""

    data: Path
    programs: Path
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start, also over what a killed one left behind; return once it takes connections."""
        options = f"-p {self.port} -k {self.data.parent} -c listen_addresses=127.0.0.1"
        for _ in range(60):
            done = self.call("pg_ctl", "-D", self.data, "-o", options, "-l", self.data.parent / "log", "-w", "start")
            if done.returncode == 0:
                return
            time.sleep(0.5)  # what the killed one started has not ended yet
        raise AssertionError((self.data.parent / "log").read_text()[-3000:])

    def kill(self) -> None:
        """SIGKILL to the postmaster."""
        number = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(number, signal.SIGKILL)

    def stop(self) -> None:
        self.call("pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    def call(self, program: str, *arguments: object) -> subprocess.CompletedProcess[bytes]:
        words = [str(self.programs / program), *map(str, arguments)]
        if os.geteuid() == 0:
            words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
            cwd="/", env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip


def postgres_programs() -> Path | None:
    """Where the newest PostgreSQL server's programs lie; None where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    return found[-1] if found else None


@contextmanager
def own_postgres(programs: Path) -> Iterator[Postgres]:
    """A PostgreSQL server in a temporary folder, which the user postgres can reach; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cop-pg-"))
    data = folder / "db"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Postgres(data, programs)
    made = server.call("initdb", "-D", data, "--auth=trust", "--encoding=UTF8", "--username=postgres")
    assert made.returncode == 0, "initdb failed"
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


# --- somebody at the desk


class DeskClient:
    """The analyst of `founded`, with cookies as a browser keeps them and no script."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def close(self) -> None:
        """Give the connection up."""
        self._connection.close()

    def sign_in(self, email: str = "analyst@alpha.example") -> None:
        """With password and the code of the second factor."""
        status, page = self.post("/desk/account/login/", login=email, password=PASSWORD)
        assert status == 302, page[:2000]
        status, page = self.post("/desk/account/factor/authenticate/", code=totp_code())
        assert status == 302, page[:2000]

    def enter(self, narrative: str) -> str:
        """Enter a report that came by telephone; its receipt."""
        status, page = self.get("/desk/reports/new/")
        assert status == 200, page[:2000]
        office = re.search(r'name="organisation" value="(\d+)"', page)
        assert office, page[:2000]
        day = datetime.now(UTC).date().isoformat()
        fields = {"narrative": narrative, "date": day, "count_unit": "REPORT", "organisation": office[1]}
        status, page = self.post("/desk/reports/new/", **fields)
        found = re.search(r"(\d{4} ?\d{4} ?\d{4} ?\d{4})", page)
        assert status == 200 and found, page[:3000]
        return found[1].replace(" ", "")

    def get(self, path: str) -> tuple[int, str]:
        """A page."""
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        """A form sent from its own page."""
        self.get(path)
        token = {"csrfmiddlewaretoken": self._cookies.get("csrftoken", "")}
        return self._ask("POST", path, urlencode({**token, **fields}))

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.read().decode()


def totp_code() -> str:
    """The code that an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(TOTP_SECRET)
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"
