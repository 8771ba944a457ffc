"""`cop keys office`: what a holder does with an organisation's key, on the server itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cop.cli.shape import say, told

if TYPE_CHECKING:
    from nacl.public import PrivateKey

    from cop.vault.members.rules import Actor


@click.group("office")
def command() -> None:
    """Create, grant, revoke and rotate an organisation's key; seal older reports anew. The desk does the same.

    Whoever acts is named by --as and proves it by the passphrase of the key made in the desk.

    \b
    Example:
      cop keys office reseal observatory hotline --as custodian@hotline.example
    """


def _acting(verb: Callable[..., Any]) -> Callable[..., Any]:
    verb = click.option("--passphrase", prompt=True, hide_input=True, help="Asked for when not given.")(verb)
    verb = click.option("--as", "email", metavar="EMAIL", required=True, help="Who acts.")(verb)
    verb = click.argument("slug", metavar="ORGANISATION")(verb)
    return click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))(verb)


def _opened(folder: Path, slug: str, email: str, passphrase: str) -> tuple[Actor, int, PrivateKey]:
    """Who acts, the organisation's number, the private key."""
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    start(read_observatory(folder))
    from cop.vault.members import keys, queries

    actor = queries.actor_numbered(queries.person_numbered(email))
    number = queries.organisation(slug).pk
    return actor, number, keys.open_key_of(actor=actor, passphrase=passphrase)


@command.command()
@_acting
def create(folder: Path, slug: str, email: str, passphrase: str) -> None:
    """Make the first key of an organisation, for the escrow and whoever acts.

    \b
    Example:
      cop keys office create observatory hotline --as custodian@hotline.example
    """
    actor, number, _ = _opened(folder, slug, email, passphrase)
    from cop.vault.members import keys

    say(f"{slug}: version {keys.create_office(actor=actor, organisation=number)}. Grant it to a second person.")


@command.command()
@_acting
@click.option("--to", metavar="EMAIL", required=True, help="Who is given the key.")
def grant(folder: Path, slug: str, email: str, passphrase: str, to: str) -> None:
    """Give the key to a colleague who reads reports there.

    \b
    Example:
      cop keys office grant observatory hotline --as custodian@hotline.example --to analyst@hotline.example
    """
    actor, number, private = _opened(folder, slug, email, passphrase)
    from cop.vault.members import keys, queries

    person = queries.person_numbered(to)
    given = keys.grant(actor=actor, organisation=number, person=person, private=private)
    say(f"{to} holds the key of {slug} now ({given} versions).")


@command.command()
@_acting
@click.option("--from", "taken", metavar="EMAIL", required=True, help="Who loses the key.")
def revoke(folder: Path, slug: str, email: str, passphrase: str, taken: str) -> None:
    """Take the key from a colleague. Rotate it then: a copy may have been kept.

    \b
    Example:
      cop keys office revoke observatory hotline --as custodian@hotline.example --from analyst@hotline.example
    """
    actor, number, _ = _opened(folder, slug, email, passphrase)
    from cop.vault.members import keys, queries

    keys.revoke(actor=actor, organisation=number, person=queries.person_numbered(taken))
    say(f"{taken} does not hold the key of {slug} any more. Rotate it: cop keys office rotate")


@command.command()
@_acting
def rotate(folder: Path, slug: str, email: str, passphrase: str) -> None:
    """Make a new version of the key, for those who hold it and the escrow.

    \b
    Example:
      cop keys office rotate observatory hotline --as custodian@hotline.example
    """
    actor, number, private = _opened(folder, slug, email, passphrase)
    from cop.vault.members import keys

    version = keys.rotate_office(actor=actor, organisation=number, private=private)
    say(f"{slug}: version {version}. In a minute, seal older reports to it: cop keys office reseal")


@command.command()
@_acting
def escrow(folder: Path, slug: str, email: str, passphrase: str) -> None:
    """Let the printed shares of a new ceremony cover the key.

    \b
    Example:
      cop keys office escrow observatory hotline --as custodian@hotline.example
    """
    actor, number, private = _opened(folder, slug, email, passphrase)
    from cop.vault.members import keys

    say(f"{slug}: {keys.grant_escrow(actor=actor, organisation=number, private=private)} versions added to the escrow.")


@command.command()
@_acting
def reseal(folder: Path, slug: str, email: str, passphrase: str) -> None:
    """Seal to the key in use what is sealed to older versions. Stopped, it goes on where it was.

    \b
    Example:
      cop keys office reseal observatory hotline --as custodian@hotline.example
    """
    actor, number, private = _opened(folder, slug, email, passphrase)
    from cop.vault.members import keys

    with told("Sealing anew") as progress:
        did = keys.reseal_all(actor=actor, organisation=number, private=private, progress=progress)
    say(f"{did.done:,} envelopes sealed anew, {did.passed:,} were sealed to the key in use already.")
    if did.unopened:
        say(f"{did.unopened:,} are sealed to no key of {slug} and stay as they are.")
