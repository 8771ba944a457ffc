"""Every verb explains itself, with an example; a mistake in the command is one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from cop import __version__
from cop.cli import VERBS
from cop.cli import cop as program

Cop = Callable[..., Any]  # tests/conftest.py


def commands(
    command: click.Command = program, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below, with its words."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, (*path, name))


ALL = dict(commands())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_verb_says_what_it_does_with_an_example_that_names_it(words: tuple[str, ...]) -> None:
    text = ALL[words].help or ""
    example = text.partition("Example")[2]

    assert example
    assert " ".join(("cop", *words)) in example


def test_the_list_of_verbs_is_that_of_the_modules() -> None:
    folder = Path(str(import_module("cop.cli").__file__)).parent

    modules = {p.stem for p in folder.glob("*.py")} | {p.parent.name for p in folder.glob("*/__init__.py")}
    assert set(VERBS) == modules - {"__init__", "lazy", "shape", "scheme_versions"}


def test_help_and_version_are_quick_answers_on_standard_output(cop: Cop) -> None:
    for option in ("--help", "-h"):
        done = cop(option)
        assert (done.code, done.err) == (0, "")
        assert [verb for verb in VERBS if f"\n  {verb} " not in done.out] == []
    assert cop("--version").out == f"cop, version {__version__}\n"


def test_help_loads_no_heavy_library(root: Path) -> None:
    import subprocess
    import sys

    code = "import sys; from cop.cli import cop; cop(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1].replace("'", '"')))

    assert (
        loaded & {"django", "polars", "duckdb", "numpy", "sklearn", "altair", "pysdmx", "pycountry", "typst"} == set()
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["buld"], "cop: no such command 'buld' (see cop --help)"),
        (["classify"], "cop classify: missing argument 'INPUT' (see cop classify --help)"),
        (["classify", "-"], "cop classify: standard input needs --from csv or --from jsonl (see cop classify --help)"),
        (
            ["build", "--enginee", "x"],
            "cop build: no such option '--enginee'. Did you mean '--engine'? (see cop build --help)",
        ),
        (
            ["build", "--engine", "abacus"],
            "cop build: invalid value for '--engine': 'abacus' is not 'duckdb' (see cop build --help)",
        ),
        (["build", "a", "--dir", "b"], "cop build: DIR and --dir name different folders (see cop build --help)"),
        (["terms", "check"], "cop terms check: missing argument 'FILE...' (see cop terms check --help)"),
        (
            ["edition", "verify", "a", "b"],
            "cop edition verify: got unexpected extra argument (b) (see cop edition verify --help)",
        ),
    ],
)
def test_a_mistake_in_the_command_is_one_line_and_exit_2(cop: Cop, arguments: list[str], line: str) -> None:
    done = cop(*arguments)

    assert (done.code, done.out, done.err) == (2, "", line + "\n")
