"""Empty databases for tests, and what to do where a thing that tests need is absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

REQUIRE_ALL = os.environ.get("COP_REQUIRE_ALL") == "1"


def absent(what: str) -> None:
    """Skip with one line, or fail where nothing may be skipped."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} is absent, and COP_REQUIRE_ALL=1 allows no skip")
    pytest.skip(f"{what} is absent")


@contextmanager
def postgres_database(template: str = "") -> Iterator[str]:
    """The address of a PostgreSQL database of its own, empty or a copy of another, dropped at the end."""
    server = os.environ.get("COP_TEST_POSTGRES")
    if not server:
        absent("PostgreSQL (COP_TEST_POSTGRES, the address of a server where databases may be made)")
        return
    import psycopg
    from psycopg import sql

    name = f"cop_test_{uuid4().hex[:12]}"
    # sorted as people sort, not by character: what is published must not follow the database's order
    made = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
    if template:
        made = "CREATE DATABASE {} TEMPLATE {}"
    names = [sql.Identifier(name)] + ([sql.Identifier(urlsplit(template).path[1:])] if template else [])
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(made).format(*names))
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
