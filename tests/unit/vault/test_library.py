"""Meetings: a file of facts in, checked whole, in the place of what it said before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.kernel.errors import CopError, NotFound
from cop.vault.library.schemas import read_meeting

FACTS: dict[str, Any] = {
    "group": {"code": "T-CP", "name": "Test group"},
    "terms_of_reference": ["one"],
    "meeting": {"number": 1, "place": "Here", "start": "2026-01-01", "end": "2026-01-02", "chair": {"name": "N"}},
    "documents": [{"number": "T-CP/1/1", "kind": "contribution", "source": "N", "subject": "S"}],
    "outcomes": [{"ref": "1", "kind": "decision", "text": "Decided."}],
}


def said(path: Path, content: str | bytes) -> str:
    """What is said of a meeting file: empty when it is accepted."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        read_meeting(path)
    except CopError as error:
        return str(error)
    return ""


def changed(place: str, value: object) -> str:
    """The facts with one of them changed: `a.0.b`."""
    facts = json.loads(json.dumps(FACTS))
    *path, last = place.split(".")
    node = facts
    for part in path:
        node = node[int(part)] if part.isdigit() else node[part]
    node[last] = value
    return json.dumps(facts)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(FACTS), ""),
        ("", "m.json: the file is not JSON (expected the facts of a meeting)"),
        ("{", "m.json: the file is not JSON (expected the facts of a meeting)"),
        ("[" * 100_000, "m.json: the file is not JSON (expected the facts of a meeting)"),
        (json.dumps(FACTS).encode("utf-16"), "m.json: the file is not JSON (expected the facts of a meeting)"),
        ("{}", "m.json, field group: is missing; 1 more to mend in the file"),
        (
            changed("meeting.number", 0),
            'm.json, field meeting.number: "0" will not do (expected greater than or equal to 1)',
        ),
        (changed("meeting.room", "12"), "m.json, field meeting.room: is not a field of a meeting file"),
        (
            changed("meeting.place", "x\0y"),
            "m.json, field meeting.place: holds a character that is no text (expected Unicode without NUL)",
        ),
        (
            changed("outcomes.0.text", "\ud800"),
            "m.json, field outcomes[0].text: holds a character that is no text (expected Unicode without NUL)",
        ),
        (
            changed("meeting.place", "x" * 201),
            f'm.json, field meeting.place: "{"x" * 80}…" will not do (expected have at most 200 characters)',
        ),
        (
            changed("documents.0.number", "T-CP-1-1"),
            'm.json, field documents[0].number: "T-CP-1-1" is not a document number '
            "(expected for instance WG-CP/1/11 or WG-CP/1/4(Rev.1))",
        ),
        (
            changed("documents", [FACTS["documents"][0]] * 2),
            "m.json, field documents: document T-CP/1/1 is listed twice (expected each number once)",
        ),
    ],
)
def test_a_fault_is_one_line_with_file_and_field(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert said(tmp_path / "m.json", content) == message


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_are_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    assert len(said(tmp_path_factory.mktemp("m") / "m.json", content).splitlines()) == 1


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no file"):
        read_meeting(tmp_path / "m.json")


def test_a_meeting_replaces_what_the_same_file_said_and_is_forgotten_whole(
    observatory: Callable[..., Path], inside: Callable[..., Any], database: str
) -> None:
    def work(observatory: Any, facts: Any) -> Any:
        import json

        from cop.vault.library.models import Document, Outcome
        from cop.vault.library.operations import forget_meeting, record_meeting
        from cop.vault.library.queries import library
        from cop.vault.library.schemas import read_meeting
        from cop.vault.registers.operations import FileFacts

        path = observatory.folder / "m.json"

        def take(key: str, text: str) -> None:
            facts["outcomes"][0]["text"] = text
            path.write_text(json.dumps(facts))
            record_meeting(file=read_meeting(path), facts=FileFacts("meeting", "library", "m.json", "0", 1, key))

        take("k1", "Decided.")
        take("k2", "Decided otherwise.")
        take("k2", "The same key: left as it is.")
        told = library()
        forget_meeting(source="library", name="m.json")
        return [
            told["group"]["code"],
            [
                (m["number"], [d["number"] for d in m["documents"]], [o["text"] for o in m["outcomes"]])
                for m in told["meetings"]
            ],
            library(),
            Document.objects.count() + Outcome.objects.count(),
        ]

    assert inside(observatory(database=database), work, FACTS) == [
        "T-CP",
        [[1, ["T-CP/1/1"], ["Decided otherwise."]]],
        {},
        0,
    ]


def test_a_second_file_with_the_same_meeting_is_refused_and_the_first_stays(
    observatory: Callable[..., Path], inside: Callable[..., Any], database: str
) -> None:
    def work(observatory: Any, facts: Any) -> Any:
        import json

        from cop.kernel.errors import CopError
        from cop.vault.library.operations import record_meeting
        from cop.vault.library.queries import library
        from cop.vault.library.schemas import read_meeting
        from cop.vault.registers.operations import FileFacts
        from cop.vault.registers.queries import all_files

        def take(name: str, **other: Any) -> str:
            path = observatory.folder / name
            path.write_text(json.dumps({**facts, **other}))
            try:
                record_meeting(file=read_meeting(path), facts=FileFacts("meeting", "library", name, "0", 1, name))
            except CopError as error:
                return str(error)
            return ""

        other = {**facts["meeting"], "number": 2}
        said = [take("a.json"), take("b.json"), take("c.json", meeting=other)]
        return [said, [m["number"] for m in library()["meetings"]], [name for _, _, name in all_files()]]

    assert inside(observatory(database=database), work, FACTS) == [
        [
            "",
            "b.json: meeting 1 of T-CP stands in a.json already (expected each meeting once)",
            "c.json: document T-CP/1/1 stands in a.json already (expected each document once)",
        ],
        [1],
        ["a.json"],
    ]
