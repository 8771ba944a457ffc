"""Acts of people of the desk, who speaks for a provider, and the texts that the vault keeps: on each kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from cop.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from vaults import Vault
from watching import ENDS, STAYS, join, terms, watch

FIRST, SECOND = date(2025, 1, 1), date(2025, 3, 1)
TODAY = datetime.now(UTC).date()


def test_people_settle_a_cell_and_the_ledger_knows_them_by_their_numbers(vault: Vault) -> None:
    from cop.vault.providers import operations as do
    from cop.vault.providers.course import Cell
    from cop.vault.providers.grounds import quoted
    from cop.vault.providers.queries import provider_history, texts_of
    from cop.vault.registers.queries import events

    watch("pebble", {FIRST: terms(STAYS)})
    join(vault, "one@office", "reviewer", "office")
    join(vault, "two@office", "analyst", "office")
    cell = Cell("pebble", "LIC-2")
    given = {"cell": cell, "quotes": [quoted(texts_of("pebble").newest()[0], STAYS)], "on": TODAY, "reason": "r"}
    do.decide(actor=vault.actor("one@office"), finding="not_met", seen=0, **given)  # type: ignore[arg-type]
    do.withdraw(actor=vault.actor("one@office"), cell=cell, reason="w", on=TODAY, seen=1)
    do.decide(actor=vault.actor("one@office"), finding="partly", seen=2, **given)  # type: ignore[arg-type]
    do.name_speaker(actor=vault.actor("secretariat@office"), provider="pebble", slug="carrier")
    speaker = vault.actor("focal_point@carrier")
    after = do.declare(actor=speaker, cell=cell, finding="met", text="Ours.", on=TODAY, seen=3)
    with pytest.raises(NotAllowed, match="a reviewer"):
        do.decide(actor=vault.actor("reviewer@alpha"), finding="met", seen=4, **given)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        do.decide(actor=vault.actor("two@office"), finding="met", seen=3, **given)  # type: ignore[arg-type]

    told = [(e.kind, e.details.get("by")) for e in events() if e.kind.startswith("provider.")]
    one, office, carrier = (vault.people[w] for w in ("one@office", "secretariat@office", "focal_point@carrier"))
    assert told == [
        ("provider.decide", one), ("provider.withdraw", one), ("provider.decide", one), ("provider.speaker", office),
        ("provider.declare", carrier),
    ]  # fmt: skip
    assert [(a.by, a.person) for a in after.acts[2:]] == [("One", one), ("Carrier", carrier)]
    assert [h["event"] for h in provider_history()] == ["decided", "declare"]


def test_the_vault_keeps_each_text_once_with_every_character_at_its_place(vault: Vault) -> None:
    from cop.vault.providers.models import Text
    from cop.vault.providers.operations import forget_provider
    from cop.vault.providers.queries import texts_of

    first, second = terms(STAYS), terms("A \U0001f30a wave.", ENDS)
    watch("pebble", {FIRST: first, date(2025, 2, 1): second, SECOND: first})
    watch("kelp", {FIRST: first})

    held = texts_of("pebble").held
    assert [h.content.text for h in held] == [first, second, first]
    assert [h.proposed["LIC-2"] for h in held] == ["not_met", "met", "not_met"]
    assert held[0].content.markdown and held[0].readable
    assert Text.objects.count() == 2
    forget_provider(slug="pebble")
    assert [t.text for t in Text.objects.all()] == [first]


def test_what_no_database_holds_stands_as_one_other_character(vault: Vault) -> None:
    from cop.terms.documents import from_bytes
    from cop.vault.providers.operations import VersionFacts, record_provider
    from cop.vault.providers.queries import texts_of
    from cop.vault.registers.operations import FileFacts

    content = replace(from_bytes(terms(ENDS).encode(), name="p__tos__2025-01-01.pdf.md"), text="A\x00B ends.")
    facts = VersionFacts(
        file=FileFacts("provider", "p", "p.pdf", content.sha256, 9, "k"), document="p/tos", kind="tos", title="T",
        language="en", version=FIRST, content=content, change="first", silent=False, grade=None, long_sentences=None,
        minutes=None, findings=[],
    )  # fmt: skip
    record_provider(slug="p", name="P", family="", homepage="", key="k", versions=[facts], standings=[])

    assert texts_of("p").held[0].content.text == "A\ufffdB ends."


def test_who_speaks_is_a_sector_member_that_the_secretariat_names(vault: Vault) -> None:
    from cop.vault.providers.operations import name_speaker, remove_speaker
    from cop.vault.providers.queries import speakers, spoken_for

    watch("pebble", {FIRST: terms(STAYS)})
    office, speaker = vault.actor("secretariat@office"), vault.actor("delegate@carrier")
    for actor, provider, slug, error in (
        (vault.actor("administrator@office"), "pebble", "carrier", NotAllowed),
        (speaker, "pebble", "carrier", NotAllowed),
        (office, "other", "carrier", NotFound),
        (office, "pebble", "xal", Refused),
        (office, "pebble", "nobody", NotFound),
    ):
        with pytest.raises(error):
            name_speaker(actor=actor, provider=provider, slug=slug)

    name_speaker(actor=office, provider="pebble", slug="carrier")
    assert ([s.slug for s in speakers("pebble")], spoken_for(speaker)) == (["carrier"], ["pebble"])
    assert spoken_for(vault.actor("delegate@xal")) == []
    remove_speaker(actor=office, provider="pebble", slug="carrier")
    with pytest.raises(NotFound, match="does not speak"):
        remove_speaker(actor=office, provider="pebble", slug="carrier")


def test_an_older_vault_keeps_its_acts_and_lets_none_be_changed_after_the_migration(vault: Vault) -> None:
    from django.core.management import call_command
    from django.db import DatabaseError, connection, transaction

    from cop.vault.providers.models import Act, Provider

    call_command("migrate", "providers", "0003", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO providers_provider (slug, name, family, homepage, key, young_users_source) "
                       "VALUES ('p', 'P', '', '', 'k', '')")  # fmt: skip
        cursor.execute(
            'INSERT INTO providers_act (provider, criterion, region, ages, number, kind, "by", "on", text, finding,'
            " basis, quotes, filed, source) VALUES ('p', 'LIC-2', '', '', 1, 'answer', 'P', '2025-01-01', 'Ours.', '',"
            " '[]', '[]', '', 'desk')"
        )
    call_command("migrate", "providers", verbosity=0)

    assert list(Act.objects.values_list("text", "person")) == [("Ours.", None)]
    assert not Provider.objects.exists()
    for change in (lambda: Act.objects.update(text="Theirs."), lambda: Act.objects.all().delete()):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()
