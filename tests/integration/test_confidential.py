"""A thousand phrases go in; outside inputs/ not one of them is anywhere, but for who holds the key."""

from __future__ import annotations

import io
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

Cop = Callable[..., Any]
Make = Callable[..., Path]

CHANCE = random.Random(20260115)
TOKENS = [f"{CHANCE.getrandbits(64):016x}" for _ in range(1000)]
STORIES = [f"A stranger in a game asked a child of 11 for the word {t}, and the child told a teacher." for t in TOKENS]
ADDRESSES = [f"https://example.org/{t[::-1]}" for t in TOKENS]
GOOD = "narrative,date,url\n" + "".join(
    f'"{story}",2025-{n % 12 + 1:02d}-02,{url}\n' for n, (story, url) in enumerate(zip(STORIES, ADDRESSES, strict=True))
)
BAD_TOKENS = [f"{CHANCE.getrandbits(64):016x}" for _ in range(5)]
BAD = (
    "narrative,date,url,sex\n"
    '"A good one.",2025-01-01,,\n'
    f'"Told on {BAD_TOKENS[0]}",never,,\n'
    f'"=CMD(""a"" {BAD_TOKENS[1]}",2025-01-01,,\n'
    f'"A text.",{BAD_TOKENS[2]},,\n'
    f'"A text.",2025-01-01,"see {BAD_TOKENS[3]}",\n'
    f'"A text.",2025-01-01,,"a "" {BAD_TOKENS[4]}"\n'
)


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what is packed inside them."""
    raw = path.read_bytes()
    yield raw
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield repr(table.to_pydict()).encode()
    elif zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name)
    elif path.suffix == ".pdf":
        from pypdf import PdfReader

        yield "\n".join(page.extract_text() for page in PdfReader(path).pages).encode()


def found(folder: Path, tokens: list[str]) -> list[tuple[str, str]]:
    """Which token is in which file below the observatory, in plain sight, outside its inputs."""
    sought = [(t, (t.encode(), t[::-1].encode(), t.encode("utf-16-le"))) for t in tokens]
    where = []
    for path in folder.rglob("*"):
        if path.is_file() and "inputs" not in path.relative_to(folder).parts:
            for piece in contents(path):
                where += [
                    (t, path.relative_to(folder).as_posix()) for t, forms in sought if any(f in piece for f in forms)
                ]
    return where


@pytest.fixture(scope="module")
def key(cop: Cop, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A recipient's line, and the wrapped private key that belongs to it."""
    path = tmp_path_factory.mktemp("key") / "one.key"
    return cop("keys", "new", "Analyst One", "-o", path, "--passphrase", "correct horse").out.strip(), path.read_text()


@pytest.mark.parametrize("sealed", [True, False], ids=["with a recipient", "without"])
def test_no_phrase_is_anywhere_but_in_the_inputs(
    cop: Cop, inside: Cop, reports_observatory: Make, key: tuple[str, str], sealed: bool, tmp_path: Path
) -> None:
    vault = f'[vault]\nrecipients = ["{key[0]}"]\n' if sealed else ""
    folder = reports_observatory(
        {"inputs/a.csv": GOOD, "inputs/b.csv": BAD}, toml=vault, source='on_reject = "set aside"\n'
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = cop("build", folder)
    listed = cop("rejects", folder, "--json")

    def work(_: Any, wrapped: str) -> Any:
        import json

        from cop.kernel.sealing import unlock, unseal
        from cop.vault.registers.models import Reject
        from cop.vault.reports.models import Report

        sealed = [
            bytes(s)
            for s in Report.objects.exclude(sealed=None).order_by("register", "row").values_list("sealed", flat=True)
        ]
        rejected = [
            bytes(s) for s in Reject.objects.exclude(sealed=None).order_by("row").values_list("sealed", flat=True)
        ]
        private = unlock(wrapped, "correct horse")
        return [[json.loads(unseal(s, private)) for s in part] for part in (sealed, rejected)]

    assert done.code == 0, done.err
    assert len(listed.json) == 5
    assert found(folder, [*TOKENS, *BAD_TOKENS]) == []
    assert [t for t in (*TOKENS, *BAD_TOKENS) if t in done.out + done.err + listed.out + listed.err] == []
    reports, rejects = inside(folder, work, key[1])
    if not sealed:
        assert (reports, rejects) == ([], [])
        return
    assert reports[:1000] == [{"narrative": s, "url": u} for s, u in zip(STORIES, ADDRESSES, strict=True)]
    assert [any(t in str(row) for row in rejects) for t in BAD_TOKENS] == [True] * 5


def test_the_search_would_find_a_phrase(tmp_path: Path) -> None:
    """What proves the test above: each hiding place it looks into, with a phrase in it."""
    import sqlite3

    import polars as pl
    from docx import Document

    text = STORIES[0]
    (tmp_path / "plain.json").write_text(text)
    pl.DataFrame({"x": [text] * 100}).write_parquet(tmp_path / "t.parquet")
    document = Document()
    document.add_paragraph(text)
    document.save(str(tmp_path / "d.docx"))
    with sqlite3.connect(tmp_path / "v.sqlite3") as connection:
        connection.execute("CREATE TABLE t (x TEXT)")
        connection.execute("INSERT INTO t VALUES (?)", (text,))
    (tmp_path / "inputs").mkdir()
    shutil.copy(tmp_path / "plain.json", tmp_path / "inputs" / "plain.json")

    assert sorted(where for _, where in found(tmp_path, TOKENS[:3])) == [
        "d.docx",
        "plain.json",
        "t.parquet",
        "v.sqlite3",
    ]


def test_rows_that_were_replaced_leave_no_trace_in_the_vault(
    cop: Cop, reports_observatory: Make, key: tuple[str, str]
) -> None:
    """Deleted pages are overwritten: an envelope of a report that was withdrawn is not in the file any more."""
    import sqlite3

    folder = reports_observatory(
        {"inputs/a.csv": "narrative,date\nA withdrawn one.,2025-01-01\n"},
        toml=f'[vault]\nrecipients = ["{key[0]}"]\n[[meetings]]\nfile = "m.json"\n',
    )
    (folder / "m.json").write_text("{}")

    assert cop("build", folder).code == 2  # the meeting is refused: the vault is all that is wanted here
    with sqlite3.connect(folder / "vault" / "vault.sqlite3") as connection:
        [[envelope]] = connection.execute("SELECT sealed FROM reports_report")
    connection.close()
    (folder / "inputs" / "a.csv").write_text("narrative,date\nAnother one.,2025-01-01\n")
    assert cop("build", folder).code == 2
    held = b"".join(p.read_bytes() for p in (folder / "vault").iterdir())

    assert len(envelope) > 100
    assert envelope[20:60] not in held
