"""Change classes: the recorded noisy histories, and each class once."""

# sentences are data: one a line reads best

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cop.terms.changes import between, fingerprint, history
from cop.terms.documents import Document, from_bytes, read

BASE = "\n\n".join(
    f"In part {i} of the rules we say in plain words what happens on pier {i} of the harbour and who may stand there."
    for i in range(30)
)


def made(text: str, name: str = "pebble__tos__2026-07-01.md") -> Document:
    return from_bytes(text.encode(), name=name)


@pytest.mark.parametrize("name", ["instagram_tos", "facebook_tos"])
def test_recorded_histories_are_classed_as_published(shared: Path, name: str) -> None:
    folder = shared / "data" / "terms" / "noisy_history" / name
    with (folder / "index.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    changes = history([read(folder / row["file"]) for row in rows])
    assert [c.change_class for c in changes] == [row["change_class"] for row in rows]


def test_links_marks_and_spaces_are_format_only() -> None:
    old = made(f"See [our rules](https://example.org/a).\n\n{BASE}")
    new = made(f"See **[our rules](https://example.org/b?x=1)**.\n\n\n{BASE}  ")
    assert between(old, new).change_class == "format_or_link_only"
    assert fingerprint(old) == fingerprint(new)


def test_a_few_words_are_tiny() -> None:
    change = between(made(BASE), made(BASE.replace("pier 3 of", "quay 3 of")))
    assert (change.change_class, change.inserted, change.removed) == ("tiny", 1, 1)


def test_a_new_paragraph_is_new_text() -> None:
    change = between(made(BASE), made(BASE + "\n\nFrom now on the boats may also leave at night, if the light is on."))
    assert (change.change_class, change.inserted, change.removed) == ("new_text", 15, 0)


def test_another_text_is_mostly_replaced() -> None:
    other = "\n\n".join(
        f"Chapter {i} tells how the old lighthouse keeper and his dog found a chest under the stairs."
        for i in range(30)
    )
    assert between(made(BASE), made(other)).change_class == "mostly_replaced"


def test_the_same_text_in_another_language_is_a_switch() -> None:
    french = "\n\n".join(
        f"Dans la partie {i} des règles, nous disons avec des mots simples ce qui se passe sur le quai."
        for i in range(30)
    )
    assert between(made(BASE), made(french)).change_class == "language_switch"


def test_a_page_that_lost_its_text_is_a_stub_and_its_return_a_revert() -> None:
    changes = history([made(BASE, "a.md"), made("Please come back later.", "b.md"), made(BASE + " ", "c.md")])
    assert [c.change_class for c in changes] == ["first", "stub", "reverts_to_earlier_text"]
    assert changes[2].reverts_to == "a.md"


def test_flapping_texts_are_never_new_twice() -> None:
    other = BASE.replace("who may stand there", "who may stand and wait there")
    changes = history([made(t) for t in (BASE, other, BASE, other, BASE)])
    assert [c.change_class for c in changes] == ["first", "new_text", *["reverts_to_earlier_text"] * 3]


@pytest.mark.parametrize(
    ("before", "after", "silent"),
    [("Last updated: 1 July 2025", "Last updated: 1 July 2025", True), ("Last updated: 1 July 2025", "Last updated: 2 May 2026", False), ("Welcome", "Last updated: 2 May 2026", None)],
)  # fmt: skip
def test_a_change_is_silent_when_the_date_stays(before: str, after: str, silent: bool | None) -> None:
    addition = "\n\nFrom now on the boats may also leave at night, if the light is on."
    assert between(made(f"{before}\n\n{BASE}"), made(f"{after}\n\n{BASE}{addition}")).silent is silent


def test_a_format_change_is_not_silent_because_nothing_was_said() -> None:
    text = f"Last updated: 1 July 2025\n\n{BASE}"
    assert between(made(text), made(text + "\n\n")).silent is None
