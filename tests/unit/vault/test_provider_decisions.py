"""Decisions in the vault: events without words, the version number, what the database refuses, two at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Make = Callable[..., Path]
Inside = Callable[..., Any]

TOML = '[[providers]]\nid = "p"\nname = "P"\nfolder = "terms"\n'
PAD = "# Terms of Service\n\n" + "You agree to these terms of service when you use the service. " * 30
FIRST = PAD + "\n\nThis licence ends when you delete the content or close your account.\n"
SECOND = PAD + "\n\nThis licence is perpetual and irrevocable.\n"


@pytest.fixture
def folder(observatory: Make, database: str) -> Path:
    return observatory({"terms/p__tos__2025-01-01.md": FIRST}, toml=TOML, database=database)


def test_decisions_leave_events_without_words_and_must_have_seen_all_before(folder: Path, inside: Inside) -> None:
    def work(observatory: Any) -> Any:
        from datetime import date

        from cop.kernel.errors import CopError
        from cop.kernel.ledger import check
        from cop.kernel.progress import SILENT
        from cop.road.build import Road
        from cop.vault.providers import operations as do
        from cop.vault.providers.course import Cell
        from cop.vault.providers.grounds import quoted
        from cop.vault.providers.queries import course, provider_history, provider_list, texts_of
        from cop.vault.providers.rules import named
        from cop.vault.registers.queries import events

        road = Road(observatory)
        [stage] = [s for s in road.stages if s.id == "provider:p"]
        stage.work(stage.key, SILENT)
        texts, cell = texts_of("p"), Cell("p", "LIC-2")
        words = quoted(texts.newest()[0], "This licence ends when you delete the content or close your account.")
        said: list[str] = []

        def decide(by: str, seen: int, finding: Any = "not_met", quotes: Any = (words,), code: str = "LIC-2") -> None:
            try:
                after = do.decide(
                    cell=Cell("p", code), finding=finding, reason=f"Reason of {by}", quotes=quotes,
                    actor=named(by), on=date(2025, 2, 1), seen=seen,
                )  # fmt: skip
                said.append(f"{by}: {after.state}")
            except CopError as error:
                said.append(f"{by}: {error.title}: {error.problem}")

        from dataclasses import replace

        decide("A", 0)
        decide("B", 0)
        decide("a", 1)
        decide("B", 1, quotes=[replace(words, start=words.start + 1)])
        decide("B", 1, code="XXX-1")
        decide("B", 1, finding="met")
        do.adjudicate(
            cell=cell, finding="met", reason="Third reading", quotes=[words], actor=named("C"),
            on=date(2025, 2, 2), seen=2,
        )  # fmt: skip
        do.declare(cell=cell, finding="met", text="Ours ends.", actor=named("P"), on=date(2025, 2, 3), seen=3)
        do.reply(
            cell=cell,
            kind="contest",
            text="Read again.",
            actor=named("P"),
            on=date(2025, 2, 3),
            seen=4,
        )
        told = [e for e in events() if e.kind.startswith("provider.")]
        [listed] = [r for r in provider_list() if r["criterion"] == "LIC-2"]
        return {
            "said": said,
            "events": [[e.kind, e.subject, e.details["number"], e.details["state"]] for e in told],
            "keys": sorted(told[0].details),
            "words": [e.seq for e in told if "Reason" in str(e.details) or "licence" in str(e.details)],
            "whole": check(events()) != "",
            "number": course(cell).number,
            "listed": [listed[k] for k in ("finding", "status", "declared", "contested", "reviewers", "adjudicated")],
            "history": [[h["event"], h["by"], h["text"]] for h in provider_history()],
        }

    found = inside(folder, work)

    assert found["said"] == [
        "A: second_needed",
        "B: conflict: 0 acts on p/LIC-2 were seen, and there are 1",
        "a: not allowed: a may not decide on p/LIC-2",
        found["said"][3],
        'B: not found: there is no criterion "XXX-1"',
        "B: disputed",
    ]
    assert found["said"][3].startswith('B: refused: "This licence ends')
    assert found["events"] == [
        ["provider.decide", "p/LIC-2", 1, "second_needed"],
        ["provider.decide", "p/LIC-2", 2, "disputed"],
        ["provider.adjudicate", "p/LIC-2", 3, "decided"],
        ["provider.declare", "p/LIC-2", 4, "decided"],
        ["provider.contest", "p/LIC-2", 5, "decided"],
    ]
    assert found["keys"] == ["act", "basis", "finding", "number", "program", "source", "state"]
    assert (found["words"], found["whole"], found["number"]) == ([], True, 5)
    assert found["listed"] == ["met", "decided", "met", True, 1, True]
    assert found["history"] == [
        ["adjudicated", "", "Third reading"], ["declare", "P", "Ours ends."], ["contest", "P", "Read again."],
    ]  # fmt: skip


def test_acts_are_neither_changed_nor_removed_nor_numbered_twice(folder: Path, inside: Inside) -> None:
    def work(observatory: Any) -> Any:
        from django.db import DatabaseError, transaction

        from cop.kernel.progress import SILENT
        from cop.road.build import Road
        from cop.vault.providers.models import Act
        from cop.vault.providers.operations import forget_provider

        [stage] = [s for s in Road(observatory).stages if s.id == "provider:p"]
        stage.work(stage.key, SILENT)
        same = {"provider": "p", "criterion": "LIC-2", "number": 1, "by": "P", "on": "2025-02-01", "text": "t",
                "basis": [], "quotes": [], "source": "desk"}  # fmt: skip
        Act.objects.create(kind="answer", **same)

        def refused(change: Any) -> bool:
            try:
                with transaction.atomic():
                    change()
            except DatabaseError:
                return True
            return False

        forget_provider(slug="p")
        tried = [
            refused(lambda: Act.objects.update(text="other")),
            refused(lambda: Act.objects.all().delete()),
            refused(lambda: Act.objects.create(kind="answer", **same)),
            refused(lambda: Act.objects.create(kind="answer", finding="met", **{**same, "number": 2})),
            refused(lambda: Act.objects.create(kind="decide", **{**same, "number": 2})),
            refused(lambda: Act.objects.create(kind="praise", **{**same, "number": 2})),
        ]
        return [tried, list(Act.objects.values_list("text", flat=True))]

    assert inside(folder, work) == [[True] * 6, ["t"]]


def test_of_two_reviewers_at_once_one_is_told_to_look_again(folder: Path, inside: Inside) -> None:
    def work(observatory: Any) -> Any:
        import threading
        from datetime import date

        from django.db import connection

        from cop.kernel.errors import Conflict
        from cop.kernel.progress import SILENT
        from cop.road.build import Road
        from cop.vault.providers.course import Cell
        from cop.vault.providers.grounds import quoted
        from cop.vault.providers.operations import decide
        from cop.vault.providers.queries import course, texts_of
        from cop.vault.providers.rules import named

        road = Road(observatory)
        [stage] = [s for s in road.stages if s.id == "provider:p"]
        stage.work(stage.key, SILENT)
        texts, cell = texts_of("p"), Cell("p", "LIC-2")
        words = quoted(texts.newest()[0], "This licence ends when you delete the content or close your account.")
        gate, ended = threading.Barrier(4), []

        def review(by: str) -> None:
            gate.wait()
            try:
                decide(
                    cell=cell, finding="met", reason=by, quotes=[words], actor=named(by),
                    on=date(2025, 2, 1), seen=0,
                )  # fmt: skip
                ended.append("done")
            except Conflict:
                ended.append("conflict")
            except Exception as error:
                ended.append(repr(error))
            finally:
                connection.close()

        threads = [threading.Thread(target=review, args=(by,)) for by in "ABCD"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [sorted(ended), course(cell).number]

    assert inside(folder, work) == [["conflict", "conflict", "conflict", "done"], 1]


def test_what_stands_goes_stale_with_a_new_version_and_the_provider_leaves_no_trace_of_it_as_decided(
    folder: Path, inside: Inside
) -> None:
    def work(observatory: Any, second: str) -> Any:
        from datetime import date

        from cop.config.observatory import read_observatory
        from cop.kernel.progress import SILENT
        from cop.road.build import Road
        from cop.vault.providers.course import Cell
        from cop.vault.providers.grounds import quoted
        from cop.vault.providers.operations import decide
        from cop.vault.providers.queries import course, findings, provider_list, texts_of
        from cop.vault.providers.rules import named

        def take_in() -> Road:
            road = Road(read_observatory(observatory.folder))
            [stage] = [s for s in road.stages if s.id == "provider:p"]
            stage.work(stage.key, SILENT)
            return road

        take_in()
        texts, cell = texts_of("p"), Cell("p", "LIC-2")
        words = quoted(texts.newest()[0], "This licence ends when you delete the content or close your account.")
        decide(
            cell=cell, finding="met", reason="r", quotes=[words], actor=named("A"), on=date(2025, 2, 1),
            seen=0,
        )  # fmt: skip
        decided = [f["version"] for f in findings() if f["status"] == "decided"]
        (observatory.folder / "terms" / "p__tos__2025-03-01.md").write_text(second, encoding="utf-8")
        take_in()
        take_in()
        [row] = [r for r in provider_list() if r["criterion"] == "LIC-2"]
        acts = [[a.kind, a.on, a.text] for a in course(cell).acts]
        after = [f["version"] for f in findings() if f["status"] == "decided"]
        return [decided, after, acts, row["finding"], row["status"], row["proposed"]]

    assert inside(folder, work, SECOND) == [
        ["2025-01-01"], [],
        [["decide", "2025-02-01", "r"], ["stale", "2025-03-01", "quote 1 is gone from p/tos of 2025-03-01"]],
        "met", "stale", "not_met",
    ]  # fmt: skip
