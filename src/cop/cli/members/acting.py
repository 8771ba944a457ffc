"""What the verbs of `cop members` share: the folder, and who acts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from cop.config.observatory import Observatory
    from cop.vault.members.rules import Actor

F = TypeVar("F", bound=Callable[..., Any])


def folder(function: F) -> F:
    """`--dir DIR`, the current folder by default, as the argument `folder`."""
    return click.option(
        "--dir",
        "folder",
        metavar="DIR",
        default=".",
        type=click.Path(path_type=Path),
        help="The observatory's folder (default: the current one).",
    )(function)


def begin(folder: Path) -> tuple[Observatory, Actor]:
    """Start the vault; the observatory, and the command line as the one who acts."""
    from cop.config.observatory import read_observatory
    from cop.config.start import start

    observatory = read_observatory(folder)
    start(observatory)
    from cop.vault.members.rules import PROGRAM, program

    return observatory, program(PROGRAM)
