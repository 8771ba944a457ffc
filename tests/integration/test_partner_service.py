"""The service of partner organisations against its own description: every phase of Schemathesis, no failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from socketserver import ThreadingMixIn
from typing import Any
from urllib.request import urlopen
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from doors import seal_to, token_of
from vaults import Vault, vault_of

SAID_IN_WORDS = ["2xx", "401", "403", "404", "409", "422"]
"""Some rules cannot be said by a JSON Schema: that a day exists and has been, that a text is no formula and no file."""


@schemathesis.serializer("application/x-ndjson")
def ndjson(context: Any, value: Any) -> bytes:
    """Anything at all as one line."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory, vault_templates: Callable[[str], str]) -> Iterator[Vault]:
    with vault_of("sqlite", vault_templates, tmp_path_factory.mktemp("service")) as found:
        seal_to(found, "alpha")
        yield found


class Quiet(WSGIRequestHandler):
    """Says nothing of what it answers."""

    def log_message(self, *_: object) -> None:
        pass


class Threads(ThreadingMixIn, WSGIServer):
    """As many answers at once as are asked for."""

    daemon_threads = True


@pytest.fixture
def address(vault: Vault) -> Iterator[str]:
    """Where the service answers: a socket, because the stateful phase wants one."""
    from django.core.wsgi import get_wsgi_application

    with Threads(("127.0.0.1", 0), Quiet) as server:
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = f"http://127.0.0.1:{server.server_port}/api/v1/openapi.json"
        with urlopen(found, timeout=120) as answer:  # the first one waits until everything is loaded
            assert answer.status == 200
        yield found
        server.shutdown()


def test_every_phase_finds_nothing(vault: Vault, address: str) -> None:
    config = SchemathesisConfig.from_dict(
        {
            "seed": 6,
            "request-timeout": 60.0,
            "headers": {"Authorization": f"Bearer {token_of(vault, 'alpha')}"},
            "generation": {"max-examples": 10},
            "checks": {"positive_data_acceptance": {"expected-statuses": SAID_IN_WORDS}},
        }
    )
    schema = schemathesis.openapi.from_url(address, config=config)
    failures: set[str] = set()
    phases: dict[str, Any] = {}
    tried = 0
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.PhaseFinished):
            phases[event.phase.name.name] = event.status.name
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures.add(str(event.value if isinstance(event, events.NonFatalError) else event.exception))
        if isinstance(event, events.ScenarioFinished):
            tried += len(event.recorder.cases)
            for checks in event.recorder.checks.values():
                failures |= {f"{c.name}: {c.failure_info.failure}" for c in checks if c.failure_info is not None}

    assert not failures, "\n".join(sorted(failures))
    assert tried > 200
    assert {name: phases[name] for name in ("COVERAGE", "FUZZING")} == {"COVERAGE": "SUCCESS", "FUZZING": "SUCCESS"}
