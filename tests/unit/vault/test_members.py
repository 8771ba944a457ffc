"""Organisations, people, posts, invitations and tokens: who may do what, what is kept, what the ledger tells."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused
from vaults import PASSWORD, Vault


def events(vault: Vault, after: int) -> list[tuple[str, str, dict[str, Any]]]:
    """What was recorded since the ledger had so many entries."""
    from cop.vault.registers.queries import events

    return [(e.kind, e.subject, dict(e.details)) for e in events() if e.seq > after]


def length() -> int:
    from cop.vault.registers.queries import events

    return sum(1 for _ in events())


def said(error: type[CopError], call: Any, **given: Any) -> str:
    with pytest.raises(error) as raised:
        call(**given)
    return str(raised.value)


def test_everybody_of_the_cast_holds_the_posts_of_their_name_and_no_other(vault: Vault) -> None:
    alpha = vault.organisations["alpha"]

    assert vault.actor("analyst@alpha").organisations() == {alpha}
    assert vault.actor("analyst@alpha").holds(alpha, "analyst")
    assert not vault.actor("analyst@alpha").anywhere("reviewer", "administrator")


# --- organisations


def test_an_administrator_adds_renames_and_closes_an_organisation_and_the_ledger_tells_by_number(vault: Vault) -> None:
    from cop.vault.members import operations, queries

    actor, before = vault.actor("administrator@office"), length()
    number = operations.add_organisation(actor=actor, slug="gamma", name="Gamma  Line", kind="helpline", area="XGA")
    operations.rename_organisation(actor=actor, organisation=number, name="Gamma")
    operations.close_organisation(actor=actor, organisation=number)

    [found] = [o for o in queries.organisations(actor) if o.slug == "gamma"]
    assert (found.name, found.kind, found.area, found.active) == ("Gamma", "helpline", "XGA", False)
    by = {"by": actor.id}
    assert events(vault, before) == [
        ("organisation.added", f"organisation/{number}", {**by, "slug": "gamma", "kind": "helpline", "area": "XGA"}),
        ("organisation.renamed", f"organisation/{number}", by),
        ("organisation.closed", f"organisation/{number}", by),
    ]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"slug": "Alpha!"}, Refused, 'field slug: "Alpha!" is no short name'),
        ({"slug": ""}, Refused, "is no short name"),
        ({"slug": "a" * 64}, Refused, "is no short name"),
        ({"slug": "alpha"}, Conflict, "there is an organisation alpha"),
        ({"kind": "police"}, Refused, "is no kind of organisation"),
        ({"kind": "observatory"}, Conflict, "there is an observatory already"),
        ({"area": "Alpha"}, Refused, "is no country"),
        ({"name": "a\u202eb"}, Refused, "is no name"),
        ({"name": " "}, Refused, "is no name"),
    ],
)
def test_what_is_no_organisation_is_refused(
    sqlite_vault: Vault, given: dict[str, str], error: type[CopError], words: str
) -> None:
    from cop.vault.members.operations import add_organisation

    whole = {"slug": "gamma", "name": "Gamma", "kind": "hotline", "area": "", **given}

    assert words in said(error, add_organisation, actor=sqlite_vault.actor("administrator@office"), **whole)


def test_posts_and_tokens_of_a_closed_organisation_give_no_right(vault: Vault) -> None:
    from cop.vault.members import operations, queries

    alpha = vault.organisations["alpha"]
    token = operations.issue_token(actor=vault.actor("focal_point@alpha"), organisation=alpha, name="intake")
    operations.close_organisation(actor=vault.actor("administrator@office"), organisation=alpha)

    assert vault.actor("analyst@alpha").posts == frozenset()
    assert queries.organisation_of_token(token) is None
    office = vault.organisations["office"]
    close = operations.close_organisation
    assert "cannot be closed" in said(Conflict, close, actor=vault.actor("administrator@office"), organisation=office)


@pytest.mark.parametrize("who", ["focal_point@alpha", "secretariat@office", "auditor@office", "analyst@alpha"])
def test_nobody_else_adds_renames_or_closes_one(sqlite_vault: Vault, who: str) -> None:
    from cop.vault.members import operations

    actor, alpha = sqlite_vault.actor(who), sqlite_vault.organisations["alpha"]
    said(NotAllowed, operations.add_organisation, actor=actor, slug="g", name="G", kind="hotline")
    said(NotAllowed, operations.rename_organisation, actor=actor, organisation=alpha, name="G")
    said(NotAllowed, operations.close_organisation, actor=actor, organisation=alpha)


# --- invitations


def invite(vault: Vault, who: str = "focal_point@alpha", tenant: str = "alpha", **given: Any) -> str:
    from cop.vault.members.operations import invite

    whole = {"email": "New@Alpha.example", "name": "New One", "role": "analyst", **given}
    return invite(actor=vault.actor(who), organisation=vault.organisations[tenant], **whole)


def test_an_invitation_lets_one_person_in_once_and_neither_vault_nor_ledger_holds_its_link(vault: Vault) -> None:
    from django.contrib.auth import get_user_model
    from django.db import connection

    from cop.vault.members import operations, queries

    before = length()
    token = invite(vault)
    offered = queries.invitation_of(token)
    person = operations.accept_invitation(token=token, password=PASSWORD, language="ar")

    made = get_user_model().objects.get(pk=person)
    assert (offered.email, offered.role, offered.organisation) == ("new@alpha.example", "analyst", "Alpha")
    assert (made.email, made.name, made.language, made.is_active) == ("new@alpha.example", "New One", "ar", True)
    assert made.check_password(PASSWORD) and PASSWORD not in made.password
    assert queries.actor_of(made).holds(vault.organisations["alpha"], "analyst")
    said(NotFound, operations.accept_invitation, token=token, password=PASSWORD)
    said(NotFound, queries.invitation_of, token=token)
    told = events(vault, before)
    assert [kind for kind, *_ in told] == ["invitation.made", "invitation.accepted"]
    assert "alpha.example" not in str(told) and "New One" not in str(told) and token not in str(told)
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM members_invitation")
        assert token not in [row[0] for row in cursor.fetchall()]


def test_an_invitation_is_void_after_seven_days_when_another_is_made_and_when_it_is_withdrawn(vault: Vault) -> None:
    from django.apps import apps
    from django.utils import timezone

    from cop.vault.members import operations, queries

    first = invite(vault)
    second = invite(vault)
    said(NotFound, queries.invitation_of, token=first)
    actor, alpha = vault.actor("focal_point@alpha"), vault.organisations["alpha"]
    [kept] = queries.invitations(actor, alpha)
    assert timedelta(days=6, hours=23) < kept.expires - timezone.now() < timedelta(days=7)
    apps.get_model("members", "Invitation").objects.filter(pk=kept.id).update(expires=timezone.now())
    said(NotFound, operations.accept_invitation, token=second, password=PASSWORD)
    third = invite(vault)
    operations.withdraw_invitation(actor=actor, invitation=queries.invitations(actor, alpha)[0].id)
    said(NotFound, operations.accept_invitation, token=third, password=PASSWORD)
    assert queries.invitations(actor, alpha) == []


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "at least 12 characters"),
        ("new@alpha.example", "too similar to the email"),
        ("", "too short"),
        ("123456789012", "entirely numeric"),
    ],
)
def test_a_weak_password_is_refused_and_the_invitation_stays(sqlite_vault: Vault, password: str, words: str) -> None:
    from cop.vault.members import operations, queries

    token = invite(sqlite_vault)

    assert words in said(Refused, operations.accept_invitation, token=token, password=password)
    assert queries.invitation_of(token).open


def test_who_has_an_account_takes_a_further_post_signed_in_and_nobody_else_takes_it(vault: Vault) -> None:
    from cop.vault.members import operations

    token = invite(vault, "administrator@office", "beta", email="analyst@alpha.example", role="analyst")
    accept = operations.accept_invitation
    said(NotAllowed, accept, token=token, password=PASSWORD)
    said(NotAllowed, accept, token=token, actor=vault.actor("analyst@beta"))
    accept(token=token, actor=vault.actor("analyst@alpha"))

    held = vault.actor("analyst@alpha").organisations("analyst")
    assert held == {vault.organisations["alpha"], vault.organisations["beta"]}


@pytest.mark.parametrize(
    ("who", "tenant", "role", "error", "words"),
    [
        ("focal_point@alpha", "beta", "analyst", NotFound, "no such organisation"),
        ("focal_point@alpha", "office", "administrator", NotFound, "no such organisation"),
        ("focal_point@alpha", "alpha", "administrator", Refused, "is no role in a hotline"),
        ("focal_point@xal", "xal", "analyst", Refused, "is no role in a member_state"),
        ("analyst@alpha", "alpha", "analyst", NotAllowed, "may not manage people"),
        ("analyst@beta", "alpha", "analyst", NotFound, "no such organisation"),
        ("secretariat@office", "office", "chair", NotAllowed, "may not manage people"),
        ("secretariat@office", "alpha", "analyst", NotFound, "no such organisation"),
    ],
)
def test_whom_one_may_not_invite(
    sqlite_vault: Vault, who: str, tenant: str, role: str, error: type[CopError], words: str
) -> None:
    assert words in said(error, invite, vault=sqlite_vault, who=who, tenant=tenant, role=role)


def test_a_focal_point_of_the_observatory_itself_does_not_make_administrators(sqlite_vault: Vault) -> None:
    from cop.vault.members import operations

    office = sqlite_vault.organisations["office"]
    administrator, person = sqlite_vault.actor("administrator@office"), sqlite_vault.people["secretariat@office"]
    operations.add_post(actor=administrator, person=person, organisation=office, role="focal_point")

    words = said(
        NotAllowed, invite, vault=sqlite_vault, who="secretariat@office", tenant="office", role="administrator"
    )
    assert "may not invite a person as administrator" in words


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@c.example", "a@c.example\nBcc: d@e.example"])
def test_what_is_no_address_is_refused(sqlite_vault: Vault, email: str) -> None:
    assert "is no e-mail address" in said(Refused, invite, vault=sqlite_vault, email=email)


# --- posts


def test_a_post_is_given_and_taken_and_acts_from_the_next_question_on(vault: Vault) -> None:
    from cop.vault.members import operations

    alpha, before = vault.organisations["alpha"], length()
    given = {"actor": vault.actor("focal_point@alpha"), "person": vault.people["analyst@alpha"]}
    operations.add_post(**given, organisation=alpha, role="reviewer")
    assert vault.actor("analyst@alpha").holds(alpha, "reviewer")
    said(Conflict, operations.add_post, **given, organisation=alpha, role="reviewer")
    operations.remove_post(**given, organisation=alpha, role="reviewer")
    assert not vault.actor("analyst@alpha").holds(alpha, "reviewer")
    said(NotFound, operations.remove_post, **given, organisation=alpha, role="reviewer")

    details = {"by": given["actor"].id, "organisation": alpha, "role": "reviewer"}
    subject = f"person/{given['person']}"
    assert events(vault, before) == [("post.added", subject, details), ("post.removed", subject, details)]


def test_nobody_gives_a_post_to_oneself_nor_to_a_person_of_another_organisation(sqlite_vault: Vault) -> None:
    from cop.vault.members.operations import add_post

    alpha, people = sqlite_vault.organisations["alpha"], sqlite_vault.people
    given = {"actor": sqlite_vault.actor("focal_point@alpha"), "organisation": alpha, "role": "analyst"}

    assert "to oneself" in said(NotAllowed, add_post, **given, person=people["focal_point@alpha"])
    said(NotFound, add_post, **given, person=people["analyst@beta"])
    said(NotFound, add_post, **given, person=0)


@pytest.mark.parametrize("who", ["administrator@office", "auditor@office"])
@pytest.mark.parametrize("role", ["analyst", "reviewer", "key_custodian"])
def test_who_manages_people_or_audits_never_reads_reports(sqlite_vault: Vault, who: str, role: str) -> None:
    from cop.vault.members.operations import accept_invitation

    token = invite(sqlite_vault, "administrator@office", email=f"{who}.example", role=role)

    words = said(Refused, accept_invitation, token=token, actor=sqlite_vault.actor(who))
    assert "does not go with those the person holds" in words


def test_a_person_who_is_let_in_no_more_has_no_right_no_password_and_no_session(vault: Vault) -> None:
    from cop.vault.members import operations

    client = vault.client("analyst@alpha")
    assert client.get("/desk/").status_code == 200
    operations.deactivate(actor=vault.actor("administrator@office"), person=vault.people["analyst@alpha"])

    assert vault.actor("analyst@alpha").posts == frozenset()
    assert client.get("/desk/").headers["Location"].startswith("/desk/account/login/")
    said(
        NotAllowed,
        operations.deactivate,
        actor=vault.actor("focal_point@alpha"),
        person=vault.people["analyst2@alpha"],
    )
    administrator = vault.actor("administrator@office")
    assert "oneself" in said(NotAllowed, operations.deactivate, actor=administrator, person=administrator.id)


# --- tokens


def test_a_token_names_its_organisation_until_it_is_revoked_and_the_vault_holds_only_its_hash(vault: Vault) -> None:
    from django.apps import apps

    from cop.vault.members import operations, queries

    actor, alpha = vault.actor("focal_point@alpha"), vault.organisations["alpha"]
    token = operations.issue_token(actor=actor, organisation=alpha, name="intake")
    partner = queries.organisation_of_token(token)
    assert partner and (partner.organisation, partner.slug, partner.name) == (alpha, "alpha", "Alpha")
    assert queries.organisation_of_token(token + "x") is None
    assert queries.organisation_of_token("") is None
    operations.note_use(token=partner.token)

    [kept] = queries.tokens(actor, alpha)
    assert (kept.name, kept.used is not None, kept.revoked) == ("intake", True, None)
    row = apps.get_model("members", "Token").objects.values().get(pk=kept.id)
    assert token not in str(row)
    operations.revoke_token(actor=actor, token=kept.id)
    assert queries.organisation_of_token(token) is None
    said(NotFound, operations.revoke_token, actor=actor, token=kept.id)


def test_a_token_of_another_organisation_is_not_there(sqlite_vault: Vault) -> None:
    from cop.vault.members import operations, queries

    actor, alpha = sqlite_vault.actor("focal_point@alpha"), sqlite_vault.organisations["alpha"]
    operations.issue_token(actor=actor, organisation=alpha, name="intake")
    [kept] = queries.tokens(actor, alpha)
    beta = sqlite_vault.actor("focal_point@beta")

    said(NotFound, operations.revoke_token, actor=beta, token=kept.id)
    said(NotFound, queries.tokens, actor=beta, number=alpha)
    said(NotFound, operations.issue_token, actor=beta, organisation=alpha, name="x")
    said(NotAllowed, operations.issue_token, actor=sqlite_vault.actor("analyst@alpha"), organisation=alpha, name="x")


# --- throttle


def test_a_door_lets_so_many_in_within_a_span_and_the_span_outlives_the_process(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection
    from django.utils import timezone

    from cop.vault.members import throttle

    assert [throttle.allow("report:a", limit=3, seconds=60) for _ in range(5)] == [True, True, True, False, False]
    connection.close()  # nothing is remembered outside the vault
    assert not throttle.allow("report:a", limit=3, seconds=60)
    assert throttle.allow("report:b", limit=3, seconds=60)

    later = timezone.now() + timedelta(seconds=61)
    monkeypatch.setattr("cop.vault.members.throttle.timezone.now", lambda: later)
    assert throttle.forget() == 2
    assert throttle.allow("report:a", limit=3, seconds=60)


def test_two_who_knock_at_once_are_both_counted(vault: Vault) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from cop.vault.members import throttle

    def knock(_: int) -> bool:
        try:
            return throttle.allow("report:a", limit=20, seconds=60)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(knock, range(48)))

    assert sum(found) == 20


def test_the_row_of_an_address_tells_nothing_of_it_and_is_another_one_tomorrow(sqlite_vault: Vault) -> None:
    from django.apps import apps
    from django.utils import timezone

    from cop.vault.members import throttle

    throttle.allow("report:203.0.113.7", limit=3, seconds=60)
    today = timezone.now()
    rows = list(apps.get_model("members", "Throttle").objects.values())

    assert "203.0.113.7" not in str(rows)
    assert rows[0]["key"] == throttle.named("report:203.0.113.7", today)
    assert throttle.named("report:203.0.113.7", today + timedelta(days=1)) != rows[0]["key"]
    assert throttle.named("report:203.0.113.8", today) != rows[0]["key"]
