"""A stolen disk tells nothing: 1,000 canary phrases sent through every door, then every byte that is left searched."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from databases import absent
from served import Founded, Postgres, Reporter, Server, founded, own_postgres, postgres_programs, stored

Cop = Callable[..., Any]
MANY = 1000
TOKEN = "a-token-of-operators-0001"


def phrases(door: str, number: int) -> list[str]:
    """As many phrases as nobody else would write, each in a language of its own making."""
    return [f"Quorlimex{door}{n:04d}zephandro" for n in range(number)]


FORM, DESK = phrases("Form", 60), phrases("Desk", 5)
SERVICE, BULK = phrases("Service", 100), phrases("Bulk", MANY - 165)


def text(phrase: str) -> str:
    return f"A stranger in a game asked a child of 11 for the school. The child said {phrase} and left."


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Founded, Postgres | None]]:
    folder = tmp_path_factory.mktemp("stolen") / "o"
    if request.param == "sqlite":
        yield founded(folder), None
        return
    programs = postgres_programs()
    if programs is None:
        absent("a PostgreSQL server's programs")
        return
    with own_postgres(programs) as postgres:
        yield founded(folder, postgres.address), postgres


def test_no_phrase_is_found_in_anything_that_is_left(
    place: tuple[Founded, Postgres | None], cop: Cop, tmp_path: Path
) -> None:
    made, postgres = place
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    pages: list[str] = []
    more = {"TMPDIR": str(temporary), "COP_METRICS_TOKEN": TOKEN}
    with Server(made.folder, ("--warm",), more=more) as server:
        receipts = _sent(made, server, pages)
        pages.append(_figures(server))
        key = cop("keys", "new", "Backup office", "-o", tmp_path / "backup.key", "--passphrase", "backup passphrase 1")
        backed_up = cop("backup", made.folder, "-o", made.folder / "b.cop-backup", "--to", key.out.strip())
        assert backed_up.code == 0, backed_up.err
        running = _found_below([made.folder, temporary, *([postgres.data] if postgres else [])])
    stopped = _found_below([made.folder, temporary, *([postgres.data] if postgres else [])])
    built = cop("build", made.folder)
    assert built.code == 0, built.err
    after = _found_below([made.folder, temporary, *([postgres.data] if postgres else [])])

    assert len(set(receipts)) == MANY
    assert len(stored(made.folder, [])["stored"]) == MANY  # they were taken in, and open with the office's key
    assert (running, stopped, after) == ([], [], [])
    assert [page for page in pages if _phrase(page.encode())] == []


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    import base64
    import gzip

    (tmp_path / "plain").write_bytes(b"x" * 1_048_570 + FORM[7].encode() + b"x" * 50)  # over the edge of two blocks
    (tmp_path / "wide").write_bytes(DESK[0].encode("utf-16-le"))
    (tmp_path / "packed").write_bytes(base64.b64encode(b"ab" + BULK[3].encode()))
    (tmp_path / "compressed.gz").write_bytes(gzip.compress(SERVICE[1].encode()))

    assert sorted(Path(name).name for name in _found_below([tmp_path])) == ["compressed.gz", "packed", "plain", "wide"]


def _sent(made: Founded, server: Server, pages: list[str]) -> list[str]:
    """Every phrase, each in a report of its own; the receipts."""
    receipts = []
    with closing(Reporter(server.port, made.token)) as reporter:
        for phrase in FORM:
            address = f"https://{phrase.lower()}.example/{phrase}"
            status, receipt = reporter.form(text(phrase), reporter.note(), address=address)
            assert status == 200, receipt[:500]
            receipts.append(receipt)
        for phrase in SERVICE:
            address = f"https://{phrase.lower()}.example/{phrase}"
            status, receipt = reporter.service(text(phrase), phrase, address=address)
            assert status == 201, receipt
            receipts.append(receipt)
        for start in range(0, len(BULK), 400):
            receipts += _bulk(reporter, made, BULK[start : start + 400], start)
        _refusals(reporter, made, pages)
    receipts += _at_the_desk(server, pages)
    return receipts


def _bulk(reporter: Reporter, made: Founded, some: list[str], start: int) -> list[str]:
    day = {"date": "2026-01-15", "count_unit": "REPORT"}
    body = "\n".join(json.dumps({"narrative": text(phrase), **day}) for phrase in some)
    headers = {
        "Content-Type": "application/x-ndjson",
        "Authorization": f"Bearer {made.token}",
        "Idempotency-Key": f"{BULK[start]}",
    }
    status, said = reporter.ask("POST", "/api/v1/reports/bulk", body, headers)
    rows = [json.loads(line) for line in said.splitlines()]
    assert (status, {row["status"] for row in rows}) == (200, {201})
    return [row["receipt"] for row in rows]


def _refusals(reporter: Reporter, made: Founded, pages: list[str]) -> None:
    """What is refused: its answers are searched, but for forms, which show what was typed to whoever typed it."""
    phrase = FORM[0]
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {made.token}"}
    for body in (
        json.dumps({"narrative": phrase}),
        json.dumps({"narrative": f"={phrase}", "date": "2026-01-15", "count_unit": phrase}),
        json.dumps({phrase: phrase, "narrative": phrase, "date": phrase, "count_unit": "REPORT"}),
        f"{{{phrase}",
    ):
        pages.append(reporter.ask("POST", f"/api/v1/reports?q={phrase}", body, headers)[1])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reporter.ask("POST", f"/report/en/?q={phrase}", urlencode({"narrative": f"={phrase}", "note": "x"}), form)
    pages.append(reporter.ask("POST", f"/report/{phrase}/", urlencode({"narrative": phrase}), form)[1])
    reporter.ask("POST", f"/report/en/return/?q={phrase}", urlencode({"receipt": phrase, "text": phrase}), form)
    pages.append(reporter.ask("GET", f"/desk/{phrase}/?q={phrase}", headers={"User-Agent": phrase})[1])
    pages.append(
        reporter.ask("POST", "/desk/account/login/", urlencode({"login": "a@b.example", "password": phrase}), form)[1]
    )


def _at_the_desk(server: Server, pages: list[str]) -> list[str]:
    """What an analyst enters who heard it by telephone."""
    from served import DeskClient

    with closing(DeskClient(server.port)) as analyst:
        analyst.sign_in()
        return [analyst.enter(text(phrase)) for phrase in DESK]


def _figures(server: Server) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with closing(connection):
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        return connection.getresponse().read().decode()


_PLAIN = re.compile(rb"q\0?u\0?o\0?r\0?l\0?i\0?m\0?e\0?x", re.IGNORECASE)
_PACKED = re.compile(rb"UXVvcmxpbWV4|F1b3JsaW1le|RdW9ybGltZX|cXVvcmxpbWV4|F1b3JsaW1le|xdW9ybGltZX")
_OVERLAP = 64


def _phrase(block: bytes) -> bool:
    """Whether part of a phrase is there: as it was typed, in UTF-16, or in base64 at any offset."""
    return bool(_PLAIN.search(block) or _PACKED.search(block))


def _found_below(roots: list[Path]) -> list[str]:
    """Every file below these folders that holds part of a phrase in its content or its name."""
    found = []
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink() and (_phrase(str(path).encode()) or _in_file(path)):
                found.append(str(path))
    return found


def _in_file(path: Path) -> bool:
    import gzip
    import zlib

    before = b""
    try:
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                if _phrase(before + block):
                    return True
                before = block[-_OVERLAP:]
    except FileNotFoundError:  # a database's own temporary file, gone meanwhile
        return False
    try:
        with gzip.open(path) as handle:
            return _phrase(handle.read(1 << 24))
    except (OSError, EOFError, zlib.error):
        return False
