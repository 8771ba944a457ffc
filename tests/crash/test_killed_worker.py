"""The worker killed at each step: every record is processed once in effect, whoever takes it up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Make = Callable[..., Path]
Inside = Callable[..., Any]
RECORDS = 30


def fill(_: Any, records: int) -> list[int]:
    """Reports of one organisation, all with the same text, so that each has all earlier ones as likely duplicates."""
    from datetime import UTC, date, datetime

    from cop.classification.coder import Coded
    from cop.vault.coding.operations import record_codes
    from cop.vault.members.operations import add_organisation
    from cop.vault.members.rules import PROGRAM, program
    from cop.vault.reports.models import Report

    alpha = add_organisation(actor=program(PROGRAM), slug="alpha", name="Alpha", kind="hotline", area="XAL")
    numbers = []
    for _n in range(records):
        report = Report.objects.create(
            organisation_id=alpha, origin="form", received=datetime(2026, 1, 5, tzinfo=UTC), date=date(2026, 1, 5),
            platform="social", age_band="13-15", sex="girl", channel="hotline", reporter="child", sealed=b"x",
            text_match="same",
        )  # fmt: skip
        said = Coded("B01", "B", 0.9, ("B01",), "review", 1, "en", "1.0", "m")
        record_codes(reports=[report.pk], codes=[said], organisation=alpha)
        numbers.append(report.pk)
    return numbers


def die_everywhere(_: Any) -> Any:
    """Workers that kill themselves at the third record of their life: before a step's effect, after it, or once it is
    committed; each in a process of its own, each taking up what the dead before it have left."""
    import os
    import signal
    from datetime import timedelta

    from django.db import connections
    from django.utils import timezone

    from cop.vault.cases.retention import default_rules
    from cop.vault.cases.steps import Step, steps
    from cop.vault.cases.worker import Worker
    from cop.vault.members.rules import program
    from cop.vault.reports.leases import backlog
    from cop.vault.reports.models import Report

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def work(step: int, moment: str) -> None:
        begun: list[int] = []

        def deadly(number: int, inner: Any) -> Any:
            def effect(report: int) -> None:
                if report not in begun:
                    begun.append(report)
                mine = len(begun) == 3
                if mine and ((number == step and moment == "before") or (number == step + 1 and moment == "committed")):
                    die()
                inner(report)
                if mine and number == step and moment == "after":
                    die()

            return effect

        course = steps(default_rules(), actor=program("work"))
        Worker([Step(s.name, deadly(n, s.effect)) for n, s in enumerate(course)]).run(once=True)

    said = []
    for step, moment in [(n, m) for n in range(3) for m in ("before", "after", "committed")][:-1]:
        connections.close_all()
        child = os.fork()
        if child == 0:
            work(step, moment)
            os._exit(0)  # it lived
        _, status = os.waitpid(child, 0)
        found = backlog()
        Report.objects.exclude(leased_until=None).update(leased_until=timezone.now() - timedelta(seconds=1))
        ended = backlog().expired  # with those that the dead before it had left and it did not come to
        said.append(
            [os.waitstatus_to_exitcode(status), found.leased > 0, found.leased + found.expired == ended, found.total]
        )
    return said


def outcome(_: Any) -> Any:
    """What the steps have left, for each record."""
    from cop.kernel.ledger import check
    from cop.vault.cases.models import Match
    from cop.vault.coding.models import AuditDraw, Coding
    from cop.vault.registers.queries import events
    from cop.vault.reports.models import Report
    from cop.vault.reports.schemas import DONE

    rows = Report.objects.order_by("id")
    drawn = sorted(AuditDraw.objects.values_list("report", flat=True))
    told = [report for e in events() if e.kind == "coding.drawn" for report in e.details["reports"]]
    return {
        "matches": [Match.objects.filter(report=r.pk).count() for r in rows],
        "drawn": all(c.draw_rate is not None for c in Coding.objects.all()),
        "draws_told": sorted(told) == drawn,
        "expires": [str(r.expires) for r in rows],
        "done": [r.step == DONE and r.leased_by == "" and r.leased_until is None for r in rows],
        "ledger": bool(check(events())),
    }


def test_killed_at_each_step_every_record_is_processed_once_in_effect(
    observatory: Make, inside: Inside, cop: Callable[..., Any], database: str
) -> None:
    folder = observatory(database=database)
    inside(folder, fill, RECORDS)
    deaths = inside(folder, die_everywhere)
    status = cop("work", folder, "--status", "--json").json
    done = cop("work", folder, "--once", "--json").json
    found = inside(folder, outcome)

    assert [d[:3] for d in deaths] == [[-9, True, True]] * 8
    left = [d[3] for d in deaths]
    assert left == sorted(left, reverse=True)
    assert (status["backlog"], status["leased"], status["leases_expired"] > 0) == (left[-1], 0, True)
    assert done == {"done": left[-1], "put_off": 0, "taken_over": 0}
    assert found["matches"] == [min(n, 20) for n in range(RECORDS)]
    assert set(found["expires"]) == {"2029-01-04"}
    assert (all(found["done"]), found["drawn"], found["draws_told"], found["ledger"]) == (True, True, True, True)


def test_workers_side_by_side_take_each_record_once_and_stop_when_told(
    observatory: Make, inside: Inside, database: str
) -> None:
    def side_by_side(_: Any) -> Any:
        """Four workers at once that note every effect they have; one is told to stop at its third record."""
        import os
        import signal
        import tempfile
        from collections import Counter
        from pathlib import Path

        from django.db import connections

        from cop.vault.cases.retention import default_rules
        from cop.vault.cases.steps import Step, steps
        from cop.vault.cases.worker import Worker
        from cop.vault.members.rules import program
        from cop.vault.reports.leases import backlog

        notes = Path(tempfile.mkdtemp())

        def work(number: int) -> None:
            done: list[str] = []

            def noted(name: str, inner: Any) -> Any:
                def effect(report: int) -> None:
                    if number == 0 and len(done) == 7:  # in the middle of the third record
                        os.kill(os.getpid(), signal.SIGTERM)
                    inner(report)
                    done.append(f"{name} {report}")

                return effect

            course = steps(default_rules(), actor=program("work"))
            worker = Worker([Step(s.name, noted(s.name, s.effect)) for s in course])
            signal.signal(signal.SIGTERM, lambda *_: worker.stop.set())
            worker.run(once=True)
            (notes / str(number)).write_text("\n".join([f"= {worker.done} {worker.lost}", *done]))

        children = []
        for number in range(4):
            connections.close_all()
            child = os.fork()
            if child == 0:
                work(number)
                os._exit(0)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        texts = [(notes / str(number)).read_text().splitlines() for number in range(4)]
        effects = Counter(line for text in texts for line in text[1:])
        return [
            codes,
            texts[0][0],
            len(effects),
            max(effects.values()),
            [t[0].split()[2] for t in texts],
            backlog().total,
        ]

    folder = observatory(database=database)
    inside(folder, fill, RECORDS)
    codes, stopped, effects, most, lost, left = inside(folder, side_by_side)

    assert codes == [0, 0, 0, 0]
    assert stopped == "= 3 0"  # the record in hand was ended, the others given back
    assert (effects, most, lost, left) == (3 * RECORDS, 1, ["0"] * 4, 0)
