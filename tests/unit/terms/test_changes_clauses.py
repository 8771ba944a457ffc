"""Two versions clause by clause: inserted, removed, edited, moved, and what each touches."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cop.terms.comparison import compare
from cop.terms.documents import Document, from_bytes

PIERS = [
    f"On pier {i} of the harbour the boats of class {i} may stay until the bell rings {i} times." for i in range(30)
]
LICENCE = "You grant us a worldwide, perpetual and irrevocable licence to use your content in any media."


def made(sentences: list[str], name: str = "pebble__tos__2026-07-01.md") -> Document:
    return from_bytes("\n\n".join(["# Terms of Pebble", *sentences]).encode(), name=name)


def kinds(old: list[str], new: list[str]) -> list[tuple[str, str | None, str | None]]:
    found = compare(made(old), made(new))
    return [(c.kind, c.old and c.old.text, c.new and c.new.text) for c in found.clauses]


def test_inserted_removed_edited_and_moved_are_told_apart() -> None:
    edited = PIERS[5].replace("until the bell rings", "until the horn sounds")
    new = [*PIERS[:2], *PIERS[3:5], edited, *PIERS[6:10], *PIERS[11:20], PIERS[2], *PIERS[20:], LICENCE]
    assert kinds(PIERS, new) == [
        ("edited", PIERS[5], edited),
        ("removed", PIERS[10], None),
        ("moved", PIERS[2], PIERS[2]),
        ("inserted", None, LICENCE),
    ]


def test_offsets_hold_in_both_versions_and_criteria_are_named() -> None:
    softer = LICENCE.replace("perpetual and irrevocable", "limited and revocable")
    old, new = made([*PIERS, LICENCE]), made([*PIERS[1:], softer, PIERS[0]])
    found = compare(old, new)
    assert [(c.kind, c.moved) for c in found.clauses] == [("edited", False), ("moved", True)]
    for change in found.clauses:
        assert change.old is not None
        assert change.new is not None
        assert old.text[change.old.start : change.old.end] == change.old.text
        assert new.text[change.new.start : change.new.end] == change.new.text
    assert any(code.startswith("LIC-") for code in found.clauses[0].criteria)
    assert found.clauses[1].criteria == ()
    assert found.criteria == found.clauses[0].criteria


def test_a_change_of_format_changes_no_clause() -> None:
    old = made(PIERS)
    new = from_bytes(old.text.replace("pier 3", "**pier 3**").encode(), name=old.name)
    found = compare(old, new)
    assert (found.change.change_class, found.clauses) == ("format_or_link_only", ())


def test_as_json_holds_what_a_program_needs() -> None:
    row = compare(made(PIERS), made([*PIERS, LICENCE])).as_json()
    assert (row["change_class"], row["inserted"], row["removed"]) == ("new_text", 16, 0)
    [clause] = row["clauses"]
    assert (clause["kind"], clause["old"], clause["new"]["text"]) == ("inserted", None, LICENCE)
    assert clause["new"]["raw"] == [{"start": clause["new"]["start"], "end": clause["new"]["end"]}]


@given(st.permutations(range(12)), st.sets(st.integers(0, 11), max_size=4))
@settings(max_examples=25)
def test_every_clause_is_kept_moved_inserted_or_removed_once(order: list[int], dropped: set[int]) -> None:
    new = [PIERS[i] for i in order if i not in dropped]
    if not new:
        return
    found = compare(made(PIERS[:12]), made(new))
    removed = sorted(c.old.text for c in found.clauses if c.kind == "removed" and c.old)
    assert removed == sorted(PIERS[i] for i in dropped)
    assert not [c for c in found.clauses if c.kind in ("inserted", "edited")]
