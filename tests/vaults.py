"""A vault for a test, in this process, with organisations and people in posts: what every test of the desk begins with.

Ask for the fixture `vault` (a copy of the filled vault, of each test's own, on SQLite and, where COP_TEST_POSTGRES
names a server, on PostgreSQL) or `sqlite_vault` (SQLite alone). The vault is filled once per test process, so a copy
costs milliseconds; what a test writes is really committed and gone with the test. Call operations and queries
directly: Django is started and its connection is that vault.

    def test_a_page(sqlite_vault: Vault) -> None:
        page = sqlite_vault.client("analyst@alpha").get("/desk/queue/")
        assert page.status_code == 200
        actor = sqlite_vault.actor("reviewer@alpha")             # for operations: actor=actor
        number = sqlite_vault.organisations["beta"]              # another tenant's number

People are named ROLE@ORGANISATION:

- `alpha`, `beta` (hotlines): delegate, focal_point, analyst, analyst2, reviewer, key_custodian
- `xal` (a Member State, area XAL) and `carrier` (a Sector Member): delegate, focal_point
- `office` (the observatory): secretariat, chair, auditor, administrator

`client(who)` is Django's test client signed in as that person with a second factor that is set up and was given;
`client()` is nobody; `client(who, second_factor=False)` has given a password alone and has no second factor yet.
Everybody's password is `PASSWORD`, everybody's TOTP secret `TOTP_SECRET` (`totp_code()` is the code of now).
The observatory's folder is `folder`; reports of the public form go to `alpha` (`[desk] reports_to`). Nobody has a key
yet: tests of sealed narratives make the keys they need.

Programs and the server run in processes of their own: see the fixtures `observatory`, `cop` and `inside`.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from databases import postgres_database

if TYPE_CHECKING:
    from django.test import Client

    from cop.vault.members.rules import Actor

PASSWORD = "harbour lantern quay 7"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HOTLINE = ("delegate", "focal_point", "analyst", "analyst2", "reviewer", "key_custodian")
STATE = ("delegate", "focal_point")
CAST = {
    "office": ("observatory", "", ("secretariat", "chair", "auditor", "administrator")),
    "alpha": ("hotline", "XAL", HOTLINE),
    "beta": ("hotline", "XBE", HOTLINE),
    "xal": ("member_state", "XAL", STATE),
    "carrier": ("sector_member", "", STATE),
}
DESCRIPTION = """[observatory]
id = "small"
title = "Small"
organisation = "Nobody"
group = "T-CP"
synthetic = true
[release]
date = 2026-01-15
period = "2024-01/2025-12"
[areas]
XAL = "Alpha"
XBE = "Beta"
[desk]
reports_to = "alpha"
hosts = ["testserver", "localhost", "127.0.0.1"]
"""


@dataclass(frozen=True, slots=True)
class Vault:
    """The vault that Django is connected to, and who is in it."""

    folder: Path
    kind: str
    organisations: dict[str, int]
    people: dict[str, int] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        """The person as operations want one, with the posts held now."""
        from django.contrib.auth import get_user_model

        from cop.vault.members.queries import actor_of

        return actor_of(get_user_model().objects.get(pk=self.people[who]))

    def client(self, who: str = "", *, second_factor: bool = True, **given: Any) -> Client:
        """Django's test client signed in as that person, or as nobody."""
        from allauth.mfa.models import Authenticator
        from django.contrib.auth import get_user_model
        from django.test import Client

        client = Client(**given)
        if not who:
            return client
        person = get_user_model().objects.get(pk=self.people[who])
        client.force_login(person)
        if not second_factor:
            Authenticator.objects.filter(user=person).delete()
        return client


def totp_code(secret: str = TOTP_SECRET) -> str:
    """The code that an authenticator app shows now."""
    import time

    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@contextmanager
def template_of(folder: Path) -> Iterator[Callable[[str], str]]:
    """Give the address of the filled vault on a kind of database, which is made when first asked for."""
    made: dict[str, str] = {}
    with ExitStack() as stack:

        def template(kind: str) -> str:
            if kind not in made:
                _start(folder)
                address = "template.sqlite3" if kind == "sqlite" else stack.enter_context(postgres_database())
                connect(address, folder)
                _fill()
                connect("", folder)
                made[kind] = address
            return made[kind]

        yield template


@contextmanager
def vault_of(kind: str, template: Callable[[str], str], folder: Path) -> Iterator[Vault]:
    """A copy of the filled vault, to which Django is connected until the end."""
    source = template(kind)
    with ExitStack() as stack:
        if kind == "sqlite":
            origin = Path(os.environ["COP_TEST_VAULTS"]) / source
            address = str(shutil.copy(origin, folder / "vault.sqlite3"))
        else:
            address = stack.enter_context(postgres_database(source))
        connect(address, folder)
        try:
            yield _who(folder, kind)
        finally:
            connect("", folder)


@contextmanager
def served(vault: Vault) -> Iterator[str]:
    """The desk of this vault on a port of this machine, answered to a browser in threads of this process; its address."""
    from socketserver import ThreadingMixIn
    from threading import Thread
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.core.wsgi import get_wsgi_application

    class Threaded(ThreadingMixIn, WSGIServer):
        daemon_threads = False  # all requests have ended before the vault goes

    class Silent(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    del vault
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Threaded, Silent)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def connect(address: str, folder: Path) -> None:
    """Make Django's one connection that of another vault; of none where there is no address."""
    from django.db import connections

    from cop.config.settings import database

    connections["default"].close()
    description = database(address, folder) if address else {"ENGINE": "django.db.backends.dummy"}
    if address and "OPTIONS" in description:  # what a crash leaves is asked of real processes, not here
        options = description["OPTIONS"]
        options = {**options, "init_command": options["init_command"].replace("synchronous=FULL", "synchronous=OFF")}
        description = {**description, "OPTIONS": options}
    connections.settings = connections.configure_settings({"default": {**description, "CONN_MAX_AGE": 0}})
    del connections["default"]


def _start(folder: Path) -> None:
    """Django, once per process, for an observatory in this folder."""
    import django
    from django.conf import settings
    from nacl.pwhash import argon2id

    if settings.configured:
        return
    (folder / "observatory.toml").write_text(DESCRIPTION, encoding="utf-8")
    sys.modules.pop("cop.config.settings", None)  # a test of the module itself read it without an observatory
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # a browser that another test opened keeps its event loop here
    os.environ["COP_TEST_VAULTS"] = str(folder)
    os.environ["COP_OBSERVATORY"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "cop.config.settings"
    try:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a test's password is no secret
        argon2id.MEMLIMIT_MODERATE, argon2id.OPSLIMIT_MODERATE = argon2id.MEMLIMIT_MIN, argon2id.OPSLIMIT_MIN
        django.setup()
    finally:
        del os.environ["COP_OBSERVATORY"], os.environ["DJANGO_SETTINGS_MODULE"]


def _fill() -> None:
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from cop.vault.members.operations import accept_invitation, add_organisation, invite
    from cop.vault.members.rules import PROGRAM, program

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call_command("migrate", verbosity=0, interactive=False)
    actor = program(PROGRAM)
    for slug, (kind, area, roles) in CAST.items():
        number = add_organisation(actor=actor, slug=slug, name=slug.title(), kind=kind, area=area)
        for role in roles:
            name = f"{role.replace('_', ' ').title()} of {slug.title()}"
            token = invite(
                actor=actor,
                organisation=number,
                email=f"{role}@{slug}.example",
                name=name,
                role=role.rstrip("2"),
            )
            person = accept_invitation(token=token, password=PASSWORD)
            TOTP.activate(get_user_model().objects.get(pk=person), TOTP_SECRET)


def _who(folder: Path, kind: str) -> Vault:
    from django.contrib.auth import get_user_model

    from cop.vault.members.queries import organisation

    people = {p.email.removesuffix(".example"): p.pk for p in get_user_model().objects.all()}
    return Vault(folder, kind, {slug: organisation(slug).pk for slug in CAST}, people)
