"""A build that is killed ends, when it is started again, in the same bytes as one that nobody disturbed.

The small observatory by default; all of harbour where nothing may be left out (COP_REQUIRE_ALL=1).
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cop.editions.verify import verify

Make = Callable[..., Path]
Cop = Callable[..., Any]

SIGNED = {"SHA256SUMS.sig", "signer.pub"}
MOMENTS = ("Reports: xal-2025.csv", "Terms: Moorlight", "Through the door: the edition", "Setting the annual report")
SITE = "Writing the site"
SEED = 2026
PAGES = 60
"""Fewer than the smaller site has."""


@pytest.fixture(scope="module")
def make(root: Path, harbour_in_small: Make) -> Make:
    """Make the observatory that is built and killed."""

    def whole(folder: Path) -> Path:
        left_out = shutil.ignore_patterns("work", "vault", "editions", "site", "report", "keys", "make.py", "making")
        shutil.copytree(root / "examples" / "harbour", folder, ignore=left_out)
        shutil.copytree(
            root / "examples" / "harbour" / "inputs" / "report", folder / "inputs" / "report", dirs_exist_ok=True
        )
        return folder

    return whole if os.environ.get("COP_REQUIRE_ALL") == "1" else harbour_in_small


@pytest.fixture(scope="module")
def undisturbed(make: Make, cop: Cop, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    """An observatory built in one go, and the seconds that each stage took."""
    folder = make(tmp_path_factory.mktemp("undisturbed") / "o")
    done = cop("build", folder, cold=True)
    assert done.code == 0, done.err
    return folder, {m[1]: float(m[2]) for m in re.finditer(r"^(.+): done in ([\d.]+) s$", done.err, re.MULTILINE)}


def published(folder: Path) -> dict[str, bytes]:
    """What the observatory shows: its newest edition, the site and the report, but for signatures by its own key."""
    newest = (folder / "editions" / "newest").read_text().strip()
    parts = (folder / "editions" / newest, folder / "site", folder / "report")
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for part in parts
        for p in sorted(part.rglob("*"))
        if p.is_file() and p.name not in SIGNED
    }


def pages_written(folder: Path, number: int) -> Callable[[], None]:
    """Wait until the site that is being written has that many pages: the last stage may end sooner than it did before."""

    def wait() -> None:
        def written() -> list[str]:
            return [str(p) for part in folder.glob(".part-site-*") for p in part.rglob("*.html")]

        _until(written, lambda found: len(found) >= number)

    return wait


def kill_during(folder: Path, title: str, wait: Callable[[], None]) -> None:
    """Start a build and kill it after `wait` in the stage of that title; temporary files go beside the folder."""
    program = Path(sys.executable).parent / "cop"
    temporary = folder.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [program, "build", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=environment,
    ) as build:
        assert build.stderr is not None
        seen = []
        for line in build.stderr:
            seen.append(line)
            if line == f"{title} ...\n":
                wait()
                break
        build.kill()
        build.communicate()
    assert build.returncode == -9, "".join(seen)


def test_a_build_killed_at_five_moments_ends_in_the_same_bytes(
    undisturbed: tuple[Path, dict[str, float]], make: Make, cop: Cop, database: str, tmp_path: Path
) -> None:
    whole, took = undisturbed
    folder = make(tmp_path / "killed" / "elsewhere")
    path = folder / "observatory.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("vault/vault.sqlite3", database), encoding="utf-8")
    chance = random.Random(SEED)
    for title in MOMENTS:
        kill_during(folder, title, partial(time.sleep, chance.uniform(0, 0.9) * took[title]))
    kill_during(folder, SITE, pages_written(folder, chance.randint(1, PAGES)))
    done = cop("build", folder)

    assert done.code == 0, done.err
    ours, theirs = published(folder), published(whole)
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert verify(folder / "editions" / (folder / "editions/newest").read_text().strip()).whole
    assert cop("build", folder, "--json").json["stages"] == []
    # coded records never lie outside the observatory, nor stay inside it
    assert [p for p in folder.parent.rglob("*.parquet") if "records" in p.name] == []


def test_the_stages_that_were_done_before_a_kill_are_not_done_again(
    undisturbed: tuple[Path, dict[str, float]], make: Make, cop: Cop, tmp_path: Path
) -> None:
    folder = make(tmp_path / "o")
    kill_during(folder, "Terms: Moorlight", lambda: None)
    left = cop("build", folder, "--dry-run", "--json").json["stages"]

    assert "provider:moorlight" in left
    assert "edition" in left
    assert [s for s in left if s.startswith(("reports:hotline-xal", "survey:", "series:", "reconcile"))] == []


def test_the_site_that_stands_is_whole_while_the_next_one_is_written(
    undisturbed: tuple[Path, dict[str, float]], cop: Cop, tmp_path: Path
) -> None:
    whole, _ = undisturbed
    folder = tmp_path / "o"
    shutil.copytree(whole, folder)
    page = folder / "site" / "index.html"
    new = page.read_bytes()
    page.write_bytes(new + b"<!-- the older one -->")
    [marker] = (folder / "work" / "done").glob("site-*.json")
    marker.unlink()

    def standing() -> dict[Path, bytes]:
        return {p.relative_to(folder): p.read_bytes() for p in (folder / "site").rglob("*") if p.is_file()}

    before = standing()
    kill_during(folder, SITE, pages_written(folder, PAGES // 2))

    assert standing() == before
    assert cop("build", folder, "--json").json["stages"] == ["site"]
    assert page.read_bytes() == new


def test_the_workers_of_a_killed_classify_end_with_it(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text(
        "text\n"
        + "".join(f"A stranger asked a child of 11 for the name of the school in case {n}.\n" for n in range(300_000))
    )
    program = Path(sys.executable).parent / "cop"
    started = [program, "classify", path, "-o", tmp_path / "o.jsonl", "--workers", "2"]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as classify:
        children = Path(f"/proc/{classify.pid}/task/{classify.pid}/children")
        if not children.is_file():
            classify.kill()
            pytest.skip("/proc is absent")
        workers = _until(lambda: children.read_text().split(), lambda found: len(found) >= 3)
        classify.kill()
    left = _until(lambda: [w for w in workers if _runs(w)], lambda found: not found)

    assert len(workers) >= 3
    assert classify.returncode == -9
    assert left == []
    assert not (tmp_path / "o.jsonl").exists()


def _runs(pid: str) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _until(look: Callable[[], list[str]], enough: Callable[[list[str]], bool]) -> list[str]:
    """What is seen as soon as it is enough, or after 20 seconds."""
    end = time.monotonic() + 20
    while not enough(found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return found
