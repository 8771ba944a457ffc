"""Windows of a browser on a test's vault, answered by `cop serve` in processes of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page

from served import Server
from vaults import DESCRIPTION, Vault

SignIn = Callable[..., Page]


@contextmanager
def program_of(vault: Vault) -> Iterator[str]:
    """The address, ending with a slash, of a served desk over that vault (on SQLite)."""
    from django.conf import settings

    described = DESCRIPTION + '[vault]\ndatabase = "vault.sqlite3"\n'
    (vault.folder / "observatory.toml").write_text(described, encoding="utf-8")
    secret = {"COP_SECRET_KEY": settings.SECRET_KEY}
    with Server(vault.folder, options=("--workers", "1"), more=secret) as server:
        yield f"http://127.0.0.1:{server.port}/"


@contextmanager
def signed_in(browser: Browser, desk: str, vault: Vault) -> Iterator[SignIn]:
    """A function that opens a page on the desk for somebody who has signed in."""
    opened: list[BrowserContext] = []

    def page(who: str, *, width: int = 1400, script: bool = True, language: str = "en") -> Page:
        from cop.vault.members.operations import set_language

        set_language(actor=vault.actor(who), language=language)
        session = vault.client(who).cookies["sessionid"].value
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
        context.add_cookies([{"name": "sessionid", "value": session, "url": desk}])
        opened.append(context)
        return context.new_page()

    try:
        yield page
    finally:
        for context in opened:
            context.close()
