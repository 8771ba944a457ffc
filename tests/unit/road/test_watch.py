"""Providers on the road: which copies a description names, and where a provider stands over them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cop.config.observatory import read_observatory
from cop.kernel.errors import CopError
from cop.road.build import Road
from cop.terms.criteria import criteria

Make = Callable[..., Path]

FOLDER = '[[providers]]\nid = "p"\nname = "P"\nfolder = "terms"\n'
PLAIN = "You agree to these terms of service when you use the service. " * 30
TEENS = "You must be at least 13 years of age to use the service."
TEXT = f"# Terms of Service\n\n{PLAIN}"
TEEN = f"{TEXT}\n\n{TEENS}\n"


def providers(folder: Path) -> list[list[str]] | str:
    """The files that each provider's stage reads, or what is said of them."""
    try:
        stages = Road(read_observatory(folder)).stages
    except CopError as error:
        return str(error)
    return [[i.name for i in s.inputs] for s in stages if s.id.startswith("provider:")]


def test_files_of_a_folder_are_read_by_their_names_in_order_of_document_and_day(observatory: Make) -> None:
    names = (
        "p__tos__2026-01-01.md",
        "p__privacy__2025-01-01.md",
        "p__tos__2025-01-01.html",
        "other__tos__2025-01-01.md",
    )

    assert providers(observatory({f"terms/{n}": "x" for n in names}, toml=FOLDER)) == [
        ["terms/p__privacy__2025-01-01.md", "terms/p__tos__2025-01-01.html", "terms/p__tos__2026-01-01.md"]
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "p__blog__2025-01-01.md",
            'p__blog__2025-01-01.md: "p__blog__2025-01-01.md" does not name document and day '
            "(expected prefix__tos__2026-07-01.md)",
        ),
        (
            "p__tos__2025-13-01.md",
            'p__tos__2025-13-01.md, field name: "2025-13-01" is not a date (expected YYYY-MM-DD)',
        ),
        ("q__tos__2025-01-01.md", 'observatory.toml, field providers.p.folder: "terms/p__*" names no file'),
    ],
)
def test_a_file_whose_name_says_something_else_is_refused(observatory: Make, name: str, line: str) -> None:
    assert providers(observatory({f"terms/{name}": "x"}, toml=FOLDER)) == line


def test_a_day_given_twice_in_two_formats_is_refused(observatory: Make) -> None:
    folder = observatory({f"terms/p__tos__2025-01-01.{e}": "x" for e in ("md", "html")}, toml=FOLDER)

    assert providers(folder) == (
        'observatory.toml, field providers.p.documents: "2025-01-01" is given twice for p/tos (expected one version a day)'
    )


def test_files_of_the_same_name_in_two_folders_are_told_apart(observatory: Make, inside: Callable[..., Any]) -> None:
    def work(observatory: Any) -> Any:
        from cop.kernel.progress import SILENT
        from cop.road.build import Road
        from cop.vault.providers.queries import findings, providers

        [stage] = [s for s in Road(observatory).stages if s.id == "provider:p"]
        stage.work(stage.key, SILENT)
        stage.work(stage.key, SILENT)
        ages = sorted((f["document"], f["finding"]) for f in findings() if f["criterion"] == "AGE-1")
        [provider] = providers()
        return [provider["documents"], ages, provider["findings"]["AGE-1"], len(findings())]

    documents = "".join(
        f'[[providers.documents]]\nkind = "tos"\ntitle = "T"\nregion = "{region}"\n'
        f'versions = [{{ date = 2025-01-01, file = "{region}/terms.md" }}]\n'
        for region in ("eu", "us")
    )
    toml = '[[providers]]\nid = "p"\nname = "P"\n' + documents
    found, ages, standing, count = inside(observatory({"eu/terms.md": TEEN, "us/terms.md": TEXT}, toml=toml), work)

    assert found == ["p/tos/eu", "p/tos/us"]
    assert ages == [["p/tos/eu", "met"], ["p/tos/us", "not_addressed"]]
    assert (standing["finding"], standing["document"]) == ("met", "p/tos/eu")
    assert count == 2 * len(criteria())


WATCHED = """
name = "P"
family = "P Group"

[[documents]]
kind = "tos"
region = "EU"
selector = "main"
"""


def test_a_watched_provider_is_read_from_its_store_as_its_declaration_says(
    observatory: Make, inside: Callable[..., Any]
) -> None:
    def work(observatory: Any) -> Any:
        from cop.kernel.progress import SILENT
        from cop.road.build import Road
        from cop.terms.watch.ingestion import ingest
        from cop.vault.providers.queries import documents, findings

        watch = observatory.path("watch")
        ingest(watch, watch / "store")
        [stage] = [s for s in Road(observatory).stages if s.id == "provider:p"]
        stage.work(stage.key, SILENT)
        changes = [(v["document"], v["version"], v["change"]) for v in documents()]
        ages = [(f["version"], f["finding"]) for f in findings() if f["criterion"] == "AGE-1"]
        return [[list(map(str, row)) for row in rows] for rows in (changes, sorted(ages))]

    def page(text: str) -> str:
        return f"<html><body><main><h1>Terms of Service</h1><p>{text}</p></main><aside>You must be at least 99 years old.</aside></body></html>"

    files = {
        "watch/providers/p.toml": WATCHED,
        "watch/files/p__tos-eu__2025-01-01.html": page(PLAIN),
        "watch/files/p__tos-eu__2025-02-01.html": page(PLAIN + TEENS),
        "watch/files/p__tos-eu__2025-03-01.html": page(PLAIN),
    }
    toml = '[[providers]]\nid = "p"\nname = "P"\ndeclaration = "watch/providers/p.toml"\n'

    changes, ages = inside(observatory(files, toml=toml), work)

    assert changes == [
        ["p/tos/EU", "2025-01-01", "first"],
        ["p/tos/EU", "2025-02-01", "new_text"],
        ["p/tos/EU", "2025-03-01", "reverts_to_earlier_text"],
    ]
    assert ages == [["2025-01-01", "not_addressed"], ["2025-02-01", "met"], ["2025-03-01", "not_addressed"]]


def test_a_watched_provider_of_which_nothing_was_kept_is_named(observatory: Make) -> None:
    toml = '[[providers]]\nid = "p"\nname = "P"\ndeclaration = "watch/providers/p.toml"\n'

    assert providers(observatory({"watch/providers/p.toml": WATCHED}, toml=toml)) == (
        "observatory.toml, field providers.p.declaration: nothing of P is in the store "
        "(expected documents that `cop terms ingest` or `cop terms fetch` kept in store/p)"
    )
