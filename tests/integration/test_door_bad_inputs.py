"""What hostile bodies cost the doors: a refusal, little memory, no time; measured in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Make = Callable[..., Path]
Inside = Callable[..., Any]


def test_hostile_bodies_are_refused_and_leave_no_memory_behind(observatory: Make, inside: Inside) -> None:
    def work(_: Any) -> Any:
        import json
        import resource
        import time
        from pathlib import Path

        from django.conf import settings
        from django.test import Client
        from nacl.public import PrivateKey

        from cop.desk.reporting_guard import new_note
        from cop.vault.members.models import Escrow, OfficeKey
        from cop.vault.members.operations import add_organisation, issue_token
        from cop.vault.members.rules import PROGRAM, program
        from cop.vault.reports.models import Report

        by = program(PROGRAM)
        alpha = add_organisation(actor=by, slug="alpha", name="Alpha", kind="hotline", area="")
        key = bytes(PrivateKey.generate().public_key)
        OfficeKey.objects.create(organisation_id=alpha, version=1, public=key)
        Escrow.objects.create(public=key, threshold=2, shares=3)
        settings.DESK = settings.DESK.model_copy(update={"reports_per_minute": 10_000, "reports_to": "alpha"})
        headers = {
            "Authorization": f"Bearer {issue_token(actor=by, organisation=alpha, name='x')}",
            "host": "localhost",
        }
        client = Client(headers=headers)
        good = {"narrative": "A person asks for pictures.", "date": "2026-01-15", "count_unit": "REPORT"}
        line = json.dumps({**good, "narrative": "x" * 250_000}).encode()
        most = 256 * 1024 - 200
        api = {
            "deep": b'{"narrative":' + b"[" * (most // 2) + b"]" * (most // 2) + b"}",
            "deep objects": b'{"a":' * (most // 6) + b"1" + b"}" * (most // 6),
            "brackets in a string": json.dumps({**good, "narrative": "[" * 200_000}).encode(),
            "an open string": b'"' + b"\\" * most,
            "many fields": json.dumps({f"f{n}": n for n in range(20_000)}).encode()[:most],
            "a long number": b'{"date":' + b"9" * most + b"}",
            "bad UTF-8": b'{"narrative":"' + b"\xff" * most + b'"}',
            "surrogates": b'{"narrative":"' + b"\\ud800" * 20_000 + b'","date":"2026-01-15","count_unit":"REPORT"}',
            "base64": json.dumps({**good, "narrative": "QUJD" * 4_900}).encode(),
            "almost addresses": json.dumps({**good, "narrative": "a@" * 9_900 + "\0"}).encode(),
            "too large": b"x" * (10 << 20),
        }
        form = {
            "long": "x " * 60_000, "NUL": "a\0b", "formula": "=cmd|' /C calc'!A0", "base64": "QUJD" * 4_900,
            "data": "data:image/png;base64,AAAA", "too large": "x" * (1 << 20),
        }  # fmt: skip
        bulk = {
            "long lines": b"\n".join([line] * 60),
            "empty": b"\n" * (15 << 20),
            "one endless line": b"x" * (15 << 20),
        }
        found: dict[str, tuple[int, float]] = {}

        def ask(name: str, send: Any) -> None:
            began = time.monotonic()
            response = send()
            body = b"".join(response.streaming_content) if response.streaming else response.content
            statuses = {json.loads(row)["status"] for row in body.splitlines()} if response.streaming else set()
            found[name] = (max(statuses, default=response.status_code), time.monotonic() - began)

        def all_of_it() -> None:
            for name, body in api.items():
                kind = "application/json"
                ask(f"api {name}", lambda b=body, k=kind: client.post("/api/v1/reports", b, content_type=k))
            for name, text in form.items():
                sent = {"narrative": text, "note": new_note(), "do": "send"}
                ask(f"form {name}", lambda s=sent: client.post("/report/en/", s))
            for name, body in bulk.items():
                kind = "application/x-ndjson"
                ask(f"bulk {name}", lambda b=body, k=kind: client.post("/api/v1/reports/bulk", b, content_type=k))

        def memory() -> float:
            return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6

        client.post("/api/v1/reports", json.dumps(good), content_type="application/json")  # coder and pages are read
        all_of_it()
        before = memory()
        for _ in range(5):
            all_of_it()
        return found, memory() - before, Report.objects.count()

    found, growth, stored = inside(observatory(), work)

    assert {
        name: status for name, (status, _) in found.items() if not 400 <= status < 500 and name != "bulk empty"
    } == {}
    assert growth < 50, f"{growth:.1f} MB"
    assert stored == 1
    slow = {name: seconds for name, (_, seconds) in found.items() if seconds > 10}  # a busy machine; 1 s on a free one
    assert slow == {}
    print({name: f"{1000 * seconds:.0f} ms" for name, (_, seconds) in found.items()}, f"{growth:.1f} MB")
