"""`cop monitor`: the standing watch over an observatory's counts, one look a call."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cop.cli.shape import as_json, say, say_json
from cop.kernel.errors import Conflict, NotFound, Refused, Where

if TYPE_CHECKING:
    from cop.editions.read import Edition
    from cop.measurement.warning.book import Book
    from cop.measurement.warning.monitor import Published

ACTIONS = ["look", "list", "acknowledge", "silence"]


@click.command("monitor")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("action", metavar="[ACTION]", default="look", type=click.Choice(ACTIONS))
@click.argument("warning", metavar="[ID]", required=False)
@click.option("--reason", help="Why a warning is acknowledged or its series silenced; kept, never told outside.")
@click.option("--until", metavar="DATE", help="Last day of a silence, YYYY-MM-DD; without it for good, past: it ends.")
@click.option("--no-build", is_flag=True, help="Look at the newest edition as it is; take nothing in.")
@as_json
def command(
    folder: Path, action: str, warning: str | None, reason: str | None, until: str | None, no_build: bool, as_json: bool
) -> None:
    """Look once at the latest counts of an observatory and tell of those that its past does not explain.

    For cron or a systemd timer. `look`, the default, takes new inputs in, counts and protects as an edition does (in a
    draft of its own: site and report stay as they are), enters each new warning in `monitor/`, writes an Atom feed,
    JSON and a table there, and sends it to the webhook of `monitor.toml`, if there is one. A warning is told once.
    `list` shows them all; `acknowledge ID` and `silence ID` (its whole series) take a reason.

    \b
    Examples:
      cop monitor observatory
      cop monitor observatory list --json
      cop monitor observatory acknowledge W3f0c2a9b41 --reason "one campaign, referred"
      cop monitor observatory silence W3f0c2a9b41 --reason "new hotline reports here" --until 2026-06-30
    """
    from cop.config.observatory import read_observatory
    from cop.measurement.warning import book as books
    from cop.road.look import MONITOR

    observatory = read_observatory(folder)
    own = folder / MONITOR
    if (action in {"acknowledge", "silence"}) != (warning is not None):
        raise click.UsageError("acknowledge and silence take the ID of a warning, the others none")
    if action == "list":
        _list(books.read(own), as_json=as_json)
        return
    about = {n: str(getattr(observatory.observatory, n)) for n in ("id", "title", "organisation")}
    with _alone(own):
        if action == "look":
            _look(folder, own, about, build=not no_build, as_json=as_json)
            return
        _settle(own, about, action, str(warning), reason or "", until, as_json=as_json)


@contextmanager
def _alone(own: Path) -> Generator[None]:
    own.mkdir(parents=True, exist_ok=True)
    with (own / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("another run of this monitor is under way", expected="one at a time") from error
        yield


def _list(book: Book, *, as_json: bool) -> None:
    entries = sorted(book.entries.values(), key=lambda e: (e.period, e.id), reverse=True)
    if as_json:
        say_json([e.model_dump(mode="json") for e in entries])
        return
    for entry in entries:
        said = f" ({entry.reason})" if entry.reason else ""
        say(f"{entry.id}  {entry.status}{said}: {entry.warned.sentence}")
    say(f"{len(entries)} warnings, {sum(e.status == 'open' for e in entries)} open, {len(book.outbox)} to be sent")


def _settle(
    own: Path, about: dict[str, str], action: str, warning: str, reason: str, until: str | None, *, as_json: bool
) -> None:
    from cop.kernel.periods import parse_date
    from cop.measurement.warning import book as books
    from cop.measurement.warning import feed

    now = datetime.now(UTC)
    book = books.read(own)
    if action == "acknowledge":
        if until is not None:
            raise click.UsageError("--until goes with silence")
        book = books.acknowledge(book, warning, reason=reason, now=now)
    else:
        book = books.silence(book, warning, reason=reason, until=parse_date(until) if until else None, now=now)
    books.save(book, own)
    feed.write(book, own, about)
    if as_json:
        say_json({"warning": warning, "action": action, "until": until})
        return
    series = book.entries[warning].series
    silenced = f"silenced until {until or 'further notice'}: {series}"
    say(f"{warning} acknowledged" if action == "acknowledge" else silenced)


def _look(folder: Path, own: Path, about: dict[str, str], *, build: bool, as_json: bool) -> None:
    from cop.measurement.warning import book as books
    from cop.measurement.warning import feed
    from cop.measurement.warning.description import read, watching
    from cop.measurement.warning.monitor import watch
    from cop.measurement.warning.webhook import deliver

    described = read(folder)
    what = watching(described, folder)
    edition = _edition(folder, build=build)
    book = books.read(own)
    published, seen = _published(edition, book.seen)
    watched = watch(published, tables=what.tables, settings=what.settings, short=what.short, last=what.last)
    now = datetime.now(UTC)
    book, new = books.enter(book, watched.warnings, now=now, send=described.webhook is not None)
    book = book.model_copy(update={"seen": seen})
    books.save(book, own)
    feed.write(book, own, about)
    hook = described.webhook
    if hook is not None and book.outbox:
        book = deliver(
            book,
            url=hook.url,
            about=about,
            save=lambda changed: books.save(changed, own),
            now=lambda: datetime.now(UTC),
            timeout=hook.timeout,
            ca=folder / hook.ca if hook.ca else None,
        )
    told: dict[str, Any] = {
        "edition": edition.id,
        "series": watched.series,
        "assessed": dict(watched.assessed),
        "left_out": dict(watched.left_out),
        "expected_false": round(watched.expected_false, 1),
        "new": [feed.as_json(e) for e in new],
        "to_be_sent": len(book.outbox),
        "fault": book.outbox[0].fault if book.outbox else "",
        "feed": str(own / feed.FEED),
    }
    if as_json:
        say_json(told)
        return
    _tell(told)


def _tell(told: dict[str, Any]) -> None:
    for entry in told["new"]:
        say(f"{entry['id']}  {entry['status']}: {entry['sentence']}")
        for line in entry["look_at"] if entry["status"] == "open" else ():
            say(f"    {line}")
    assessed = ", ".join(f"{number:,} with {name}" for name, number in told["assessed"].items()) or "none"
    say(f"{len(told['new'])} new warnings; {told['series']:,} series of edition {told['edition']}; counts: {assessed}")
    if told["assessed"]:
        say(f"chance alone would raise about {told['expected_false']:g} in so many counts")
    for reason, number in told["left_out"].items():
        say(f"not watched: {number:,} series {reason}")
    if told["to_be_sent"]:
        say(f"webhook: {told['to_be_sent']} warnings wait for the next run; {told['fault'] or 'not tried'}")
    say(f"feed     {told['feed']}")


def _edition(folder: Path, *, build: bool) -> Edition:
    """A draft of the inputs as they are now, or the newest edition as it is."""
    from cop.config.observatory import read_observatory
    from cop.editions.read import open_edition
    from cop.road.build import Road
    from cop.road.look import Look

    observatory = read_observatory(folder)
    if not build:
        road = Road(observatory)
        if not road.newest.is_file():
            raise NotFound(f"{folder} has no edition", expected="a call without --no-build, or `cop build`")
        return open_edition(road.edition_path())
    from cop.cli.build import run

    look = Look(observatory)
    if look.to_do():
        run(look)
        look.prune()
    return open_edition(look.edition_path())


def _published(edition: Edition, seen: dict[str, str]) -> tuple[Published, dict[str, str]]:
    """What the monitor reads of an edition, and what to hold the next one against."""
    from cop.measurement.warning.monitor import as_published

    counts = edition.table("counts")
    if counts.is_empty():
        raise Refused("the edition holds no counts", where=Where(edition.path), expected="reports among the inputs")
    classification = edition.metadata("classification")
    nodes: list[dict[str, Any]] = classification.get("nodes", [])
    quality = edition.metadata("quality")
    now = {
        "coder": str(quality.get("coder", {}).get("model", "")),
        "classification": str(classification.get("version", "")),
        "sources": " ".join(sorted(str(r["source"]) for r in quality.get("records", []))),
    }
    words = {"coder": "the coder", "classification": "the classification", "sources": "the list of report sources"}
    changed = tuple(f"{words[n]} changed since the last look" for n in now if seen.get(n, now[n]) != now[n])
    draft = edition.about["status"] == "draft"
    published = as_published(edition.id, counts, about=edition.about, nodes=nodes, draft=draft, changed=changed)
    return published, now
