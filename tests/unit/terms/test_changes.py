"""Change classes: the recorded noisy histories, and each class once."""

# sentences are data: one a line reads best

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cop.kernel.errors import Refused
from cop.terms.changes import Tracker, between, fingerprint, history, silent_changes
from cop.terms.documents import Document, from_bytes, read
from cop.terms.histories import histories

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


def test_after_a_wall_the_text_is_compared_with_the_last_text() -> None:
    grown = BASE + "\n\nFrom now on the boats may also leave at night, if the light is on."
    login = "Log in to continue. Forgot your password? Sign in. New here? Sign up. Create an account."
    changes = history([made(BASE, "a.md"), made(login, "b.md"), made(grown, "c.md"), made(BASE, "d.md")])
    assert [c.change_class for c in changes] == ["first", "stub", "new_text", "reverts_to_earlier_text"]
    assert (changes[2].against, changes[2].inserted, changes[2].removed) == ("a.md", 15, 0)


def test_flapping_between_languages_is_a_revert_and_what_is_new_is_counted_in_its_language() -> None:
    french = "\n\n".join(
        f"Dans la partie {i} des règles, nous disons simplement ce qui se passe sur le quai." for i in range(30)
    )
    grown = BASE + "\n\nFrom now on the boats may also leave at night, if the light is on."
    changes = history([made(t, f"{n}.md") for n, t in enumerate([BASE, french, BASE, french, grown])])
    assert [c.change_class for c in changes] == [
        "first",
        "language_switch",
        "reverts_to_earlier_text",
        "reverts_to_earlier_text",
        "language_switch",
    ]
    assert (changes[4].against, changes[4].inserted) == ("2.md", 15)


def test_silent_changes_are_findings_of_their_own() -> None:
    dated = f"Last updated: 1 July 2025\n\n{BASE}"
    grown = dated + "\n\nFrom now on the boats may also leave at night, if the light is on."
    [silent] = silent_changes(history([made(dated, "a.md"), made(grown, "b.md"), made(dated, "c.md")]))
    assert (silent.file, silent.against, silent.inserted, silent.change_class) == ("b.md", "a.md", 15, "new_text")
    assert silent.shown.isoformat() in silent.why


def test_a_tracker_goes_on_where_a_history_ended() -> None:
    texts = [
        BASE,
        BASE + "\n\nThe light is out.",
        BASE,
        "Come back later.",
        BASE + "\n\nThe light is on now, and it stays on.",
    ]
    documents = [made(t, f"{n}.md") for n, t in enumerate(texts)]
    whole = history(documents)
    seen: dict[str, str] = {}
    for change in whole[:3]:
        seen.setdefault(change.fingerprint, change.file)
    later = Tracker(seen, whole[2].fingerprint, [documents[2]])
    assert [later.follow(d) for d in documents[3:]] == whole[3:]


def test_a_folder_holds_many_histories_by_name_or_one(tmp_path: Path) -> None:
    for name in ("pebble__tos__2025-01-01", "pebble__tos__2026-01-01", "quay__tos__2025-01-01"):
        (tmp_path / f"{name}.md").write_text(BASE)
    assert [r.change.change_class for r in histories(tmp_path)] == ["first", "format_or_link_only", "first"]
    (tmp_path / "one").mkdir()
    for n, text in enumerate([BASE, "", BASE]):
        (tmp_path / "one" / f"0{n}_2025.md").write_text(text)
    (tmp_path / "one" / "index.csv").write_text("file\n")
    rows = list(histories(tmp_path / "one"))
    assert [(r.change.file, r.change.change_class, r.page) for r in rows] == [
        ("00_2025.md", "first", "no_terms"),
        ("01_2025.md", "stub", "blank"),
        ("02_2025.md", "reverts_to_earlier_text", "no_terms"),
    ]
    with pytest.raises(Refused, match="holds no document"):
        list(histories(tmp_path.joinpath("none").mkdir() or tmp_path / "none"))


def test_a_history_that_begins_with_a_wall_has_its_first_text_later() -> None:
    login = "Log in to continue. Forgot your password? Sign in. New here? Sign up. Create an account."
    changes = history(
        [made(login, "a.md"), from_bytes(b"", name="b.md", keep=True), made(BASE, "c.md"), made(BASE + " ", "d.md")]
    )
    assert [c.change_class for c in changes] == ["first", "stub", "mostly_replaced", "format_or_link_only"]
    assert (changes[2].against, changes[2].inserted) == (None, len(BASE.split()))
