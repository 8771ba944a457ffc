"""The command line: one module per verb, loaded when it is called."""

from __future__ import annotations

import errno
import os
import sys
import traceback

import click

from cop import __version__
from cop.cli.lazy import Lazy
from cop.cli.shape import fail
from cop.kernel.errors import CopError, Unavailable

VERBS = {
    "init": "Make the folder of a new observatory.",
    "build": "Take an observatory from its inputs to an edition, a site and a report.",
    "monitor": "Watch an observatory's counts, and tell of unusual ones once.",
    "classify": "Give each text of a table a code of the classification.",
    "coder": "Train the coder with the desk's reviews, watch it for drift, compare coders, measure agreement.",
    "indicators": "The indicators and what each measures: look into them, check them, export them.",
    "measure": "Figures from microdata, records and series: estimated, checked, protected.",
    "scheme": "The classification itself: look into it, convert counts, export it, check it.",
    "terms": "What the documents of providers promise, with quoted evidence.",
    "providers": "Decide on what providers promise; the list, its history and its feed.",
    "edition": "Show, verify and compare editions.",
    "members": "Organisations and people of the desk: add, invite, list, remove, tokens.",
    "keys": "Make and use the keys that narratives are sealed to.",
    "audit": "Verify the ledger of all that was done, look into it, publish its head.",
    "coding": "Export what the coding desk decided, for the coder to learn from.",
    "rejects": "List the rows that were refused.",
    "serve": "Serve an observatory's site, its desk and the form of those who report.",
    "work": "Do what waits to be done with reports: several may run at once.",
    "cases": "Open a case that was passed on, sealed, as a file.",
    "retention": "Erase the reports whose time has come; look first at what would go.",
    "backup": "Write one sealed archive of an observatory, while it is in use.",
    "restore": "Put a backup back elsewhere, and prove that it is whole.",
    "doctor": "Look an observatory over: settings, database, keys, disk, clock, versions.",
}

_MACHINE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
"""What the machine refuses, and its owner can grant: no fault of ours, nor of the input."""


class Verbs(Lazy):
    """The program's verbs."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # who read the answer has enough; click would call it a fault
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(0) from None


@click.group(cls=Verbs, package="cop.cli", verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cop")
def cop() -> None:
    """COP Observatory: classify, measure, watch and report threats to children online.

    Exit status: 0 done; 2 the input must be mended (one line says where); 1 a fault of ours.

    \b
    Example:
      cop init observatory && cop build observatory && cop serve observatory
    """


def main() -> None:
    """The program `cop`."""
    try:
        cop(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "cop"
        message = " ".join(error.format_message().split())
        message = message if message[1:2].isupper() else message[:1].lower() + message[1:]
        sys.stderr.write(f"{where}: {message.rstrip('.')} (see {where} --help)\n")
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("stopped; what was done is kept\n")
        sys.exit(130)
    except CopError as error:
        fail(error)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _MACHINE:
            fail(Unavailable(": ".join(str(part) for part in (error.strerror, error.filename) if part)))
        traceback.print_exc()
        sys.stderr.write("this is a fault of cop, not of your input; please report the lines above\n")
        sys.exit(1)
