"""`cop audit`: the ledger of all that was done in the vault."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cop.cli.shape import as_json, in_observatory, say, say_json, told
from cop.kernel.errors import Refused

if TYPE_CHECKING:
    from cop.kernel.ledger import Head
    from cop.kernel.signing import Signer


@click.group("audit")
def command() -> None:
    """Verify the ledger of all that was done, look into it, publish its head.

    \b
    Example:
      cop audit verify observatory
    """


@command.command()
@in_observatory
@click.option(
    "--heads",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of published heads that was kept elsewhere, to check against besides our own.",
)
@as_json
def verify(folder: Path, heads: Path | None, as_json: bool) -> None:
    """Check every entry against the one before, and the ledger against every head that was published.

    Exit 0 when it is whole; 2 when an entry was altered, removed, put in or cut off: the entry is named.

    \b
    Example:
      cop audit verify observatory --heads ~/heads-from-the-site
    """
    _start(folder)
    from cop.kernel.ledger import HEADS, Broken, read_heads
    from cop.vault.registers.operations import record_verification
    from cop.vault.registers.queries import current_head, verify_ledger

    known = _signers(folder)
    published = [head for place in (folder / HEADS, heads) if place for head in read_heads(place, known)]
    try:
        with told("Verifying the ledger") as progress:
            last = verify_ledger(published, progress)
    except Broken as error:
        record_verification(seq=current_head()[0], broken=str(error))
        raise
    record_verification(seq=last.seq)
    if as_json:
        say_json({"whole": True, "entries": last.seq, "head": last.hash, "published_heads": len(published)})
        return
    say(f"whole: {last.seq:,} entries, head {last.hash[:16]}, {len(published)} published heads on it")


@command.command()
@in_observatory
@click.option("--kind", default="", metavar="KIND", help="Only this kind, for instance office_key.granted.")
@click.option("--subject", default="", metavar="SUBJECT", help="Only this subject, for instance organisation/2.")
@click.option("--since", default="", metavar="TIME", help="Only from this day or moment on (ISO 8601, UTC).")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
@as_json
def show(folder: Path, kind: str, subject: str, since: str, limit: int, as_json: bool) -> None:
    """List entries of the ledger, the newest first.

    \b
    Example:
      cop audit show observatory --kind office_key.rotated --since 2026-01-01
    """
    if since:
        try:
            datetime.fromisoformat(since)
        except ValueError as error:
            raise Refused.value(
                since, "is no time", field="--since", expected="2026-01-31 or 2026-01-31T12:00"
            ) from error
    _start(folder)
    from cop.vault.registers.queries import page_of_events

    rows = page_of_events(kind=kind, subject=subject, since=since, limit=limit)
    if as_json:
        say_json([asdict(row) for row in rows])
        return
    for row in rows:
        details = json.dumps(dict(row.details), ensure_ascii=False, sort_keys=True)
        say(f"{row.seq:>9}  {row.at}  {row.kind:<28} {row.subject}  {details}")


@command.command()
@in_observatory
@as_json
def head(folder: Path, as_json: bool) -> None:
    """Sign where the ledger stands today and publish it: audit/DATE.json in the observatory and on its site.

    Once a day, by a timer. Whoever keeps a copy of a head elsewhere can prove later that the ledger was changed.

    \b
    Example:
      cop audit head observatory
    """
    observatory = _start(folder)
    from cop.kernel.ledger import HEADS, Head, read_heads, show_heads, write_head
    from cop.kernel.signing import read_or_make_seal
    from cop.road.build import KEYS, SITE
    from cop.vault.registers.queries import current_head

    seal = read_or_make_seal(folder / KEYS / "signing.key", observatory)
    kept = folder / HEADS
    _still_there(read_heads(kept, [seal.signer, *_signers(folder)]))
    seq, digest = current_head()
    today = Head(f"{datetime.now(UTC):%Y-%m-%d}", seq, digest)
    path = write_head(kept, today, seal)
    show_heads(kept, folder / SITE)
    if as_json:
        say_json({**asdict(today), "file": str(path)})
        return
    say(f"{path}: entry {seq:,}, {digest[:16]}")


def _start(folder: Path) -> str:
    """Start the vault; the observatory's id."""
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    observatory = read_observatory(folder)
    start(observatory)
    return observatory.observatory.id


def _signers(folder: Path) -> list[Signer]:
    """Who may have signed heads: our own key, and those that are known here."""
    from cop.editions.verify import known_signers
    from cop.kernel.signing import read_or_make_seal
    from cop.road.build import KEYS

    own = folder / KEYS / "signing.key"
    ours = [read_or_make_seal(own, "").signer] if own.is_file() else []
    return [*ours, *known_signers(folder / KEYS / "known")]


def _still_there(heads: list[Head]) -> None:
    """No head is signed on a ledger that has left the heads before it: a look at each, not a walk.

    Raises:
        Broken: the ledger is not the one that was published.
    """
    from cop.kernel.ledger import Broken
    from cop.vault.registers.queries import entry

    for published in heads:
        found = entry(published.seq)
        if published.seq and (found is None or found.hash != published.hash):
            raise Broken(
                f"entry {published.seq} of the ledger is not the one that was published on {published.date}",
                seq=published.seq,
                expected=f"hash {published.hash[:12]} (cop audit verify)",
            )
