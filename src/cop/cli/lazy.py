"""A group of verbs that are imported when they are called, so that `cop --help` is quick."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Lazy(click.Group):
    """Names and one-line helps are known without importing a verb.

    Each name is a module of `package` whose `command` is the verb.
    """

    def __init__(self, *arguments: Any, package: str, verbs: Mapping[str, str], **named: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **named)
        self._package = package
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in self._verbs:
            return None
        command: click.Command = import_module(f"{self._package}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl(list(self._verbs.items()))
