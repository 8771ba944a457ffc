"""`cop cases`: what another office passed on, at the side that receives it."""

from __future__ import annotations

from pathlib import Path

import click

from cop.cli.shape import as_json, say, say_json
from cop.kernel.errors import NotFound, TooMuch, Where


@click.group("cases")
def command() -> None:
    """Open a case that another office passed on, sealed, as a file.

    \b
    Example:
      cop cases open case-12.cop --key police.key -o case-12
    """


@command.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path), required=True, metavar="KEY",
    help="Your wrapped private key, as `cop keys new` wrote it.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the files (default: FILE's name).")
@click.password_option("--passphrase", confirmation_prompt=False, help="Of the key; asked for when not given.")
@as_json
def open_(file: Path, key_file: Path, output: Path | None, passphrase: str, as_json: bool) -> None:
    """Open the sealed FILE with your own key, and write the case that is in it into a folder.

    No observatory is needed. The files are readable by you alone; nothing is written over.

    \b
    Example:
      cop cases open case-12.cop --key police.key
    """
    from cop.kernel.parcels import LIMIT, unpack, write
    from cop.kernel.sealing import unlock, unseal

    for path in (file, key_file):
        if not path.is_file():
            raise NotFound("there is no such file", where=Where(path))
    if file.stat().st_size > LIMIT:
        raise TooMuch("the envelope is too large", where=Where(file), expected=f"at most {LIMIT:,} bytes")
    private = unlock(key_file.read_text(encoding="utf-8"), passphrase)
    folder = output if output is not None else file.with_suffix("")
    files = unpack(unseal(file.read_bytes(), private))
    paths = write(files, folder)
    if as_json:
        say_json([{"file": str(p), "media": f.media, "bytes": len(f.data)} for p, f in zip(paths, files, strict=True)])
        return
    for path in paths:
        say(str(path))
