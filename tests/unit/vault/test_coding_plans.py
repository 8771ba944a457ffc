"""No page of the desk looks at every record: each question that it asks is answered from an index."""

from __future__ import annotations

import re

import pytest

from records import Given, add_records
from vaults import Vault

TABLES = ("coding_coding", "coding_decision", "coding_auditdraw", "coding_day", "coding_part", "reports_report")


def plans(vault: Vault) -> dict[str, list[str]]:
    """The plan of every question that pages and operations of the coding rooms ask, by the question."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from cop.vault.coding import operations, queries
    from cop.vault.coding.schemas import Choice
    from cop.vault.members.rules import program

    given = [Given(urgency=u, probability=p) for u in (1, 2, 3, None) for p in (0.3, 0.5, 0.7, 0.9)] * 4
    made = add_records(vault, given)
    operations.draw_audit(actor=program("work"), seed=b"s", reports=made[::2], rate=1.0)
    desk, actor, other = vault.organisations["alpha"], vault.actor("reviewer@alpha"), vault.actor("analyst@alpha")
    for number in made[:8]:
        operations.decide(actor=other, report=number, version=1, choice=Choice("code", "C01"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")  # of so few rows it would read all, index or not
    with CaptureQueriesContext(connection) as asked:
        first = queries.queue_of(actor=actor, organisation=desk, size=5)
        queries.queue_of(actor=actor, organisation=desk, after=first.after)
        queries.waiting_of(actor=actor, organisation=desk)
        queries.backlog_of(actor=actor, organisation=desk)
        queries.own_progress(actor=actor)
        queries.team_of(actor=actor, organisation=desk)
        queries.sample_of(actor=actor, organisation=desk)
        queries.agreement_of(actor=actor, organisation=desk)
        queries.disputes(actor=actor, organisation=desk)
        queries.record_of(actor=actor, report=made[-1])
        queries.codes_of(actor=actor, reports=made[:3])
        queries.desks_of(actor=vault.actor("auditor@office"))
        taken = operations.take_next(actor=actor, organisation=desk)
        operations.take_next(actor=actor, organisation=desk, audit=True)
        assert taken is not None
        operations.decide(actor=actor, report=taken.report, version=1, choice=Choice("code", "C02"))
        operations.draw_audit(actor=program("work"), seed=b"s", reports=made[1:4], rate=1.0)
    word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    found: dict[str, list[str]] = {}
    for query in asked.captured_queries:
        if query["sql"].startswith(("SELECT", "UPDATE")) and any(table in query["sql"] for table in TABLES):
            with connection.cursor() as cursor:
                cursor.execute(f"{word} {query['sql']}")
                found[query["sql"]] = [str(row[-1]) for row in cursor.fetchall()]
    return found


def test_every_question_of_the_desk_is_answered_from_an_index(vault: Vault) -> None:
    found = plans(vault)
    assert len(found) > 25
    every = "|".join(TABLES)
    whole = re.compile(rf"SCAN ({every})(?! USING)|Seq Scan on ({every})")
    assert {sql: plan for sql, plan in found.items() if any(whole.search(line) for line in plan)} == {}


def test_the_queue_is_read_in_its_order_without_sorting(vault: Vault) -> None:
    queue = re.compile("ORDER BY [^,]+, [^,]+, [^,]+ LIMIT")
    ordered = {sql: plan for sql, plan in plans(vault).items() if queue.search(sql) and '"place"' in sql}
    assert len(ordered) >= 3
    for sql, plan in ordered.items():
        said = "\n".join(plan)
        assert "coding_queue" in said, sql
        assert "TEMP B-TREE" not in said and "Sort" not in said, said


def test_a_question_without_its_index_is_found_out(sqlite_vault: Vault) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX coding_queue")
        cursor.execute("DROP INDEX coding_age")
    with pytest.raises(AssertionError):
        test_every_question_of_the_desk_is_answered_from_an_index(sqlite_vault)
