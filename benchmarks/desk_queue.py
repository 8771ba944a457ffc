"""The queue with a million stored reports, while reports are written: how long its page takes, and by which plan.

Run from the project's root: `.venv/bin/python benchmarks/desk_queue.py [--reports N] [--seconds S] [--postgres URL]`.
Without `--postgres` the vault is SQLite in a temporary folder; with it, the named empty database is filled. Two writers
store coded reports one by one (each a transaction with its ledger entry) while one reader asks for pages of the queue
through Django's handler, as an analyst: the first page, pages far down, the backlog, the progress and the audit sample.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

DESCRIPTION = """[observatory]
id = "bench"
title = "Bench"
organisation = "Nobody"
group = "T-CP"
synthetic = true
[release]
date = 2026-01-15
period = "2024-01/2025-12"
[vault]
database = "{database}"
[desk]
hosts = ["testserver"]
"""
CODES = ("A01", "B01", "B032", "C01", "C02", "D03", "F01", "G01", "H01", "Z04")
STATES = ("machine",) * 55 + ("queued",) * 30 + ("reviewed",) * 10 + ("settled",) * 4 + ("escalated",)
LOT = 5_000
"""Reports that are made one by one; the others are copies."""
LIMIT_MS = 500


def start(folder: Path) -> None:
    import logging

    from cop.config.observatory import read_observatory
    from cop.config.start import start as begin

    begin(read_observatory(folder))
    logging.disable(logging.INFO)


def people() -> tuple[int, int]:
    """An organisation and an analyst with a second factor: their numbers."""
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth import get_user_model

    from cop.vault.members.operations import accept_invitation, add_organisation, invite
    from cop.vault.members.rules import PROGRAM, program

    actor = program(PROGRAM)
    desk = add_organisation(actor=actor, slug="alpha", name="Alpha", kind="hotline", area="")
    token = invite(actor=actor, organisation=desk, email="a@alpha.example", name="Analyst", role="reviewer")
    person = accept_invitation(token=token, password="harbour lantern quay 7")
    TOTP.activate(get_user_model().objects.get(pk=person), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    return desk, person


def fill(desk: int, person: int, reports: int) -> int:
    """Store a first lot of reports with codes, decisions and audit draws, and double it in the database; how many."""
    first_lot(desk, person)
    number = LOT
    while number < reports:
        double(number)
        number *= 2
    return number


def first_lot(desk: int, person: int) -> None:
    from django.db import transaction

    from cop.vault.coding.models import AuditDraw, Coding, Decision
    from cop.vault.coding.ordering import place
    from cop.vault.reports.models import Report

    random.seed(6)
    began = datetime.now(UTC) - timedelta(days=365)
    with transaction.atomic():
        times = [began + timedelta(days=360 * n / LOT) for n in range(LOT)]
        made = Report.objects.bulk_create([report(desk, at) for at in times], batch_size=500)
        codings, draws, decisions = [], [], []
        for one, at in zip(made, times, strict=True):
            code, state = random.choice(CODES), random.choice(STATES)
            urgency, bits = random.choice((1, 2, 2, 3, 3, 3, None)), round(random.uniform(0, 4), 4)
            codings.append(Coding(
                report=one, organisation_id=desk, received=at, proposed=code, code=code, section=code[0],
                probability=0.5, class_set=[code, "C02"], route="auto" if state == "machine" else "review",
                urgency=urgency, language=random.choice(("en", "ar", "fr")), scheme="1.0", model="coder-1.0",
                information=bits, place=place(urgency, bits), state=state, draw_rate=0.05,
            ))  # fmt: skip
            if state == "settled":
                decisions += [decision(one.pk, desk, person, code, v, at) for v in (2, 3)]
            elif random.random() < 0.02 and state in ("machine", "queued"):
                draws.append(AuditDraw(report=one, organisation_id=desk, probability=0.05, drawn=at))
        Coding.objects.bulk_create(codings, batch_size=500)
        stored = Decision.objects.bulk_create(decisions, batch_size=500)
        draws += [
            AuditDraw(report_id=a.report_id, organisation_id=desk, probability=0.05, drawn=a.at, state="agreed",
                      first=a, second=b)
            for a, b in zip(stored[::2], stored[1::2], strict=True)
        ]  # fmt: skip
        AuditDraw.objects.bulk_create(draws, batch_size=500)


def double(reports: int) -> None:
    """Every row once more, under numbers that follow: the same mix of states, a little elsewhere in the queue."""
    from django.db import connection, transaction

    from cop.vault.coding.models import AuditDraw, Coding, Decision
    from cop.vault.reports.models import Report

    decisions = Decision.objects.count()
    shifts = {
        Report: {"id": reports},
        Coding: {"report_id": reports, "place": -random.randrange(1, 5000)},
        Decision: {"id": decisions, "report_id": reports},
        AuditDraw: {"report_id": reports, "first_id": decisions, "second_id": decisions},
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for model, shift in shifts.items():
            names = [f.column for f in model._meta.concrete_fields]
            values = ", ".join(f'"{n}" + {shift[n]}' if n in shift else f'"{n}"' for n in names)
            columns = ", ".join(f'"{n}"' for n in names)
            table = model._meta.db_table
            cursor.execute(f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}"')


def settle() -> None:
    """What a database does by itself in time: sequences after the last number, statistics of its tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("reports_report", "coding_decision"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("ANALYZE")


def report(desk: int, at: datetime) -> object:
    from cop.vault.reports.models import Report

    return Report(
        organisation_id=desk, origin="desk", received=at, date=at.date(), platform="social", age_band="13-15",
        sex="girl", channel="hotline", reporter="parent", sealed=b"x" * 300, step=100,
    )  # fmt: skip


def decision(number: int, desk: int, person: int, code: str, version: int, at: datetime) -> object:
    from cop.vault.coding.models import Decision

    return Decision(
        report_id=number, organisation_id=desk, by_id=person, at=at, version=version, kind="accept", code=code,
        scheme="1.0", blind=True, seconds=60,
    )  # fmt: skip


def write(folder: Path, desk: int, seconds: float) -> None:
    """One writer: reports with code and event, one transaction each, as fast as they go; how many it says."""
    start(folder)
    from django.db import transaction

    from cop.classification.coder import Coded
    from cop.vault.coding.operations import record_codes
    from cop.vault.registers.operations import record_event

    coded = Coded("C01", "C", 0.6, ("C01", "C02"), "review", 2, "en", "1.0", "coder-1.0")
    number, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        with transaction.atomic():
            one = report(desk, datetime.now(UTC))
            one.save(force_insert=True)  # type: ignore[attr-defined]
            record_codes(reports=[one.pk], codes=[coded], organisation=desk)  # type: ignore[attr-defined]
            record_event(kind="report.accepted", subject=f"report/{one.pk}", details={})  # type: ignore[attr-defined]
        number += 1
    print(number)


def read(person: int, seconds: float) -> None:
    """Ask for the pages in turn; p95 of each, and the plans of what they ask the database."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(get_user_model().objects.get(pk=person))
    deep = far_down(client)
    pages = ["queue/", f"queue/{deep}", "team/", "progress/", "audit/", "disagreements/", "rulings/"]
    asked: dict[str, list[str]] = {}
    for page in pages:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(f"/desk/{page}").status_code == 200, page
        asked[page] = [q["sql"] for q in found.captured_queries if "coding_" in q["sql"] or "reports_" in q["sql"]]
    times: dict[str, list[float]] = {page: [] for page in pages}
    spent: dict[str, list[float]] = {page: [] for page in pages}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for page in ("queue/", pages[1], "queue/", pages[1], *pages[2:]):
            began, busy = time.perf_counter(), time.process_time()
            assert client.get(f"/desk/{page}").status_code == 200
            times[page].append(1000 * (time.perf_counter() - began))
            spent[page].append(1000 * (time.process_time() - busy))
    for page, taken in times.items():
        p95 = quantiles(taken, n=20, method="inclusive")[18]
        verdict = "" if page not in pages[:2] else f" (limit {LIMIT_MS}: {'met' if p95 < LIMIT_MS else 'MISSED'})"
        name = re.sub(r"\?.*", " far down", page)
        busy = median(spent[page])
        times_of = f"median {median(taken):6.1f} ms  p95 {p95:6.1f} ms  CPU {busy:5.1f} ms"
        print(f"{name:<18} n {len(taken):>5}  {times_of}{verdict}")
    plans(asked)


def far_down(client: object) -> str:
    """The address of a page in the middle of the queue."""
    from cop.vault.coding.models import Coding

    place, received, number = (
        Coding.objects.filter(state="queued").order_by("report").values_list("place", "received", "report")[1000]
    )
    micros = int(received.replace(microsecond=0).timestamp()) * 1_000_000 + received.microsecond
    return f"?after={place}.{micros}.{number}"


def plans(asked: dict[str, list[str]]) -> None:
    """The plan of each query on codes or reports, once."""
    from django.db import connection

    seen: set[str] = set()
    word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        for page, queries in asked.items():
            for sql in queries:
                shape = re.sub(r"\d+|'[^']*'", "?", sql)
                if shape in seen or not sql.startswith("SELECT"):
                    continue
                seen.add(shape)
                cursor.execute(f"{word} {sql}")
                print(f"\n{re.sub(r'[?].*', '', page)}: {re.sub(r'SELECT .* FROM', 'SELECT … FROM', sql)[:230]}")
                for row in cursor.fetchall():
                    print(f"    {row[-1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--postgres", default="")
    parser.add_argument("--writer", nargs=2, metavar=("FOLDER", "DESK"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.writer:
        write(Path(given.writer[0]), int(given.writer[1]), given.seconds)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = given.postgres or "vault.sqlite3"
        (folder / "observatory.toml").write_text(DESCRIPTION.format(database=database), encoding="utf-8")
        start(folder)
        from django.db import connection

        desk, person = people()
        began = time.monotonic()
        reports = fill(desk, person, given.reports)
        settle()
        print(f"{connection.vendor}: {reports:,} reports stored in {time.monotonic() - began:.0f} s", flush=True)
        command = [sys.executable, __file__, "--seconds", str(given.seconds + 5), "--writer", name, str(desk)]
        environment = {**os.environ, "COP_OBSERVATORY": name}
        writers = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(given.writers)]
        time.sleep(5)
        read(person, given.seconds)
        written = sum(int(w.communicate()[0]) for w in writers)
        print(f"\nmeanwhile {written:,} reports were written, {written / (given.seconds + 5):.0f} a second")
        connection.close()


if __name__ == "__main__":
    main()
