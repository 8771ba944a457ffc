"""Registers and ledger: what is recorded of a file, what the database refuses, how a forged ledger is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Make = Callable[..., Path]
Inside = Callable[..., Any]


def test_a_file_is_entered_once_and_every_entry_leaves_an_event(
    observatory: Make, inside: Inside, database: str
) -> None:
    def work(_: Any) -> Any:
        from cop.kernel.ledger import check
        from cop.vault.registers.operations import FileFacts, forget_register, record_register
        from cop.vault.registers.queries import accepted, all_files, events, key_of

        def enter(name: str, key: str, rows: int, *, good: bool = True) -> None:
            facts = FileFacts("reports", "hotline", name, "ab" * 32, 10, key)
            record_register(facts=facts, rows=rows, refused=(), accepted=good, recipients=())

        enter("a.csv", "k1", 3)
        enter("a.csv", "k2", 4)
        enter("b.csv", "k3", 5, good=False)
        forget_register(kind="reports", source="hotline", name="b.csv")
        return {
            "accepted": [(r.name, r.rows) for r in accepted()],
            "files": all_files(),
            "keys": [key_of(kind="reports", source="hotline", name=n) for n in ("a.csv", "b.csv")],
            "events": [(e.seq, e.kind, e.subject) for e in events()],
            "head": check(events()) == [e.hash for e in events()][-1],
        }

    found = inside(observatory(database=database), work)

    assert found == {
        "accepted": [["a.csv", 4]],
        "files": [["reports", "hotline", "a.csv"]],
        "keys": ["k2", None],
        "events": [
            [1, "register.accepted", "reports/hotline/a.csv"],
            [2, "register.accepted", "reports/hotline/a.csv"],
            [3, "register.refused", "reports/hotline/b.csv"],
            [4, "register.forgotten", "reports/hotline/b.csv"],
        ],
        "head": True,
    }


def test_a_forged_ledger_is_found_and_the_entry_named(observatory: Make, inside: Inside, database: str) -> None:
    def work(_: Any) -> Any:
        from django.db import transaction

        from cop.kernel.errors import Conflict
        from cop.kernel.ledger import check
        from cop.vault.registers.models import Event
        from cop.vault.registers.operations import record_event
        from cop.vault.registers.queries import events

        for n in range(1, 6):
            record_event(kind="test", subject=f"s{n}", details={"n": n, "é": [1, None, 0.5]})

        def said(forge: Any) -> str:
            try:
                with transaction.atomic():
                    forge()
                    check(events())
            except Conflict as error:
                return str(error).partition(" (")[0]
            return ""

        return [
            said(lambda: None),
            said(lambda: Event.objects.filter(seq=3).update(subject="other")),
            said(lambda: Event.objects.filter(seq=3).update(details={"n": 4})),
            said(lambda: Event.objects.filter(seq=3).update(at="2020-01-01T00:00:00+00:00")),
            said(lambda: Event.objects.filter(seq=3).delete()),
            said(lambda: Event.objects.filter(seq=1).delete()),
        ]

    assert inside(observatory(database=database), work) == [
        "",
        "entry 3 of the ledger was altered",
        "entry 3 of the ledger was altered",
        "entry 3 of the ledger was altered",
        "entry 3 of the ledger is missing or has another number",
        "entry 1 of the ledger is missing or has another number",
    ]


def test_the_database_refuses_what_the_code_would(observatory: Make, inside: Inside, database: str) -> None:
    def work(_: Any) -> Any:
        from datetime import date

        from django.db import IntegrityError, transaction

        from cop.vault.coding.models import Coding
        from cop.vault.library.models import Document, Meeting
        from cop.vault.providers.models import Finding, Provider, Standing, Text, Version
        from cop.vault.registers.models import Event, Register
        from cop.vault.release.models import Release
        from cop.vault.reports.models import Report

        def register(**other: Any) -> Any:
            facts = {"kind": "reports", "source": "s", "name": "n", "sha256": "0", "bytes": 1, "rows": 2, "rejected": 0}
            return Register.objects.create(**{**facts, "key": "k", "accepted": True, **other})

        first = register()
        coded = {"platform": "social", "age_band": "13-15", "sex": "girl", "channel": "hotline", "reporter": "child"}

        def report(**other: Any) -> Any:
            return Report.objects.create(**{"register": first, "row": 1, "date": date(2025, 1, 1), **coded, **other})

        kept = report()

        def coding(**other: Any) -> Any:
            facts = {
                "report": kept,
                "code": "B01",
                "section": "B",
                "probability": 0.5,
                "class_set": ["B01"],
                "route": "auto",
                "place": 0,
                "state": "machine",
                "proposed": "B01",
            }
            return Coding.objects.create(**{**facts, "language": "en", "scheme": "1", "model": "m", **other})

        coding()
        watched = Provider.objects.create(slug="p", name="P", key="k")

        words = Text.objects.create(sha256="0", text="x")

        def version(**other: Any) -> Any:
            facts = {
                "text": words,
                "document": "p/tos",
                "kind": "tos",
                "title": "T",
                "language": "en",
                "version": date(2025, 1, 1),
            }
            rest = {"sha256": "0", "words": 1, "change": "first", "silent": False, "warnings": []}
            return Version.objects.create(provider=watched, **{**facts, **rest, **other})

        terms = version()
        meeting = {"register": first, "group": "T-CP", "number": 1, "place": "x", "start": "a", "end": "b", "facts": {}}
        held = Meeting.objects.create(**meeting)
        document = {"meeting": held, "number": "T-CP/1/1", "serial": 1, "kind": "k", "source": "s"}
        Document.objects.create(**document)
        Release.objects.create(edition="e", sums="0", released=True)
        event = {"seq": 1, "at": "t", "kind": "k", "subject": "s", "details": {}, "previous": "0", "hash": "h"}
        Event.objects.create(**event)
        standing = {"provider": watched, "criterion": "C1", "finding": "met", "confidence": 1.0}
        Standing.objects.create(**standing)
        finding = {"version": terms, "criterion": "C1", "finding": "met", "confidence": 1.0, "evidence": []}
        Finding.objects.create(**finding)

        attempts = {
            "register twice": register,
            "more rejects than rows": lambda: register(name="m", rejected=3),
            "report twice": report,
            **{f"report {name}": (lambda n=name: report(row=2, **{n: "x"})) for name in coded},
            "report without register": lambda: Report.objects.filter(pk=kept.pk).update(register_id=10**6),
            "register with reports deleted": lambda: Register.objects.filter(pk=first.pk)._raw_delete("default"),
            "coding twice": lambda: Coding.objects.bulk_create([Coding(report=kept, probability=0.5)]),
            "probability above 1": lambda: Coding.objects.update(probability=1.1),
            "probability below 0": lambda: Coding.objects.update(probability=-0.1),
            "section of another code": lambda: Coding.objects.update(section="C"),
            "route": lambda: Coding.objects.update(route="hand"),
            "urgency 0": lambda: Coding.objects.update(urgency=0),
            "urgency 4": lambda: Coding.objects.update(urgency=4),
            "provider twice": lambda: Provider.objects.create(slug="p", name="Q", key="k"),
            "version twice": version,
            "long sentences above 1": lambda: version(version=date(2025, 1, 2), long_sentences=1.5),
            "finding twice": lambda: Finding.objects.create(**finding),
            "finding word": lambda: Finding.objects.create(**{**finding, "criterion": "C2", "finding": "good"}),
            "finding confidence": lambda: Finding.objects.create(**{**finding, "criterion": "C2", "confidence": 2}),
            "standing twice": lambda: Standing.objects.create(**standing),
            "standing word": lambda: Standing.objects.create(**{**standing, "criterion": "C2", "finding": "good"}),
            "meeting twice": lambda: Meeting.objects.create(**meeting),
            "document twice": lambda: Document.objects.create(**document),
            "edition twice": lambda: Release.objects.create(edition="e", sums="1", released=False),
            "event 0": lambda: Event.objects.create(**{**event, "seq": 0, "hash": "i"}),
            "event hash twice": lambda: Event.objects.create(**{**event, "seq": 2}),
        }
        accepted = []
        for name, attempt in attempts.items():
            try:
                with transaction.atomic():
                    attempt()
                    from django.db import connection

                    connection.check_constraints()
                accepted.append(name)
            except IntegrityError:
                pass
        return [len(attempts), accepted]

    tried, accepted = inside(observatory(database=database), work)

    assert (tried, accepted) == (30, [])


def test_only_the_first_ten_thousand_rejects_are_kept_and_all_are_counted(observatory: Make, inside: Inside) -> None:
    def work(_: Any) -> Any:
        from cop.kernel.errors import Refused
        from cop.vault.registers.operations import FileFacts, RefusedRow, record_register
        from cop.vault.registers.queries import accepted, rejects

        facts = FileFacts("reports", "s", "n", "0", 1, "k")
        bad = [RefusedRow(Refused.value("x", "is bad", expected="y", row=n, field="f"), {}) for n in range(1, 10_003)]
        record_register(facts=facts, rows=20_000, refused=bad, accepted=True, recipients=())
        kept = list(rejects())
        return [len(kept), [kept[-1].row, kept[-1].field, kept[-1].problem, kept[-1].expected], accepted()[0].rejected]

    assert inside(observatory(), work) == [10_000, [10_000, "f", "is bad", "y"], 10_002]


def test_the_migrations_are_those_of_the_models(observatory: Make, inside: Inside) -> None:
    def work(_: Any) -> Any:
        from django.core.management import call_command

        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
        return "current"

    assert inside(observatory(), work) == "current"
