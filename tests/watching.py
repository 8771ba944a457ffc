"""Watched providers for tests: versions of documents read as `cop build` reads them, in the vault of the test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from cop.terms.changes import history
from cop.terms.documents import from_bytes
from cop.terms.findings import check
from cop.terms.provider import Version, judge

PAD = "# Terms of Service\n\n" + "You agree to these terms of service when you use the service. " * 30
ENDS = "This licence ends when you delete the content or close your account."
STAYS = "This licence is perpetual and irrevocable."


def terms(*sentences: str) -> str:
    """A text of terms that says these sentences, each a paragraph, among others that say nothing."""
    return "\n\n".join([PAD, *sentences]) + "\n"


def watch(slug: str, versions: Mapping[date, str], *, name: str = "") -> None:
    """Record a provider with these versions of its terms of service, in the place of what was known of it.

    Needs a vault: import it in a process that Django is set up in.
    """
    from cop.vault.providers.grounds import Held, Texts
    from cop.vault.providers.operations import (
        FindingFacts,
        StandingFacts,
        VersionFacts,
        look_again,
        record_provider,
    )
    from cop.vault.registers.operations import FileFacts

    document = f"{slug}/tos"
    days = sorted(versions)
    texts = [from_bytes(versions[day].encode(), name=f"{slug}__tos__{day}.md") for day in days]
    found = [check(text) for text in texts]
    facts = [
        VersionFacts(
            file=FileFacts("provider", slug, f"{slug}__tos__{day}.md", text.sha256, len(text.text), text.sha256),
            document=document, kind="tos", title="Terms of Service", language=text.language, version=day,
            content=text, change=change.change_class, silent=bool(change.silent), grade=None, long_sentences=None,
            minutes=None,
            findings=[
                FindingFacts(f.criterion, f.finding, f.confidence, [e.as_json() for e in f.evidence], f.why)
                for f in rows
            ],
        )
        for day, text, change, rows in zip(days, texts, history(texts), found, strict=True)
    ]  # fmt: skip
    standings = [
        StandingFacts(f.criterion, f.finding, document, f.confidence)
        for f in judge(slug, [Version(slug, "tos", d, t) for d, t in zip(days, texts, strict=True)])
    ]
    key = sha256("".join(versions[d] for d in days).encode()).hexdigest()
    record_provider(
        slug=slug, name=name or slug.title(), family="", homepage="", key=key, versions=facts, standings=standings
    )
    look_again(
        provider=slug,
        texts=Texts(
            Held(document, day, text, {f.criterion: f.finding for f in rows})
            for day, text, rows in zip(days, texts, found, strict=True)
        ),
    )


def join(vault: object, who: str, role: str, organisation: str) -> int:
    """Let somebody new into an organisation of the cast; the number. `who` is then known to the vault."""
    from django.contrib.auth import get_user_model

    from cop.vault.members.operations import accept_invitation, invite
    from cop.vault.members.rules import PROGRAM, program
    from vaults import PASSWORD, TOTP_SECRET

    token = invite(
        actor=program(PROGRAM), organisation=vault.organisations[organisation], email=f"{who}.example",  # type: ignore[attr-defined]
        name=who.partition("@")[0].title(), role=role,  # type: ignore[arg-type]
    )  # fmt: skip
    number = accept_invitation(token=token, password=PASSWORD)
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(get_user_model().objects.get(pk=number), TOTP_SECRET)
    vault.people[who] = number  # type: ignore[attr-defined]
    return number
