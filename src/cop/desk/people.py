"""The people of an organisation: who is in it, who is invited, which programs call in its name; one's own account."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.desk.middleware import DeskRequest, open_to_all
from cop.desk.words import KINDS, ROLES
from cop.kernel.errors import CopError, Refused
from cop.vault.members import operations, queries, rules


class Organisation(forms.Form):
    """A new organisation."""

    slug = forms.SlugField(
        label=gettext_lazy("Short name"), max_length=63, help_text=gettext_lazy("Small letters, digits and hyphens.")
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=list(KINDS.items()))
    area = forms.CharField(
        label=gettext_lazy("Country"),
        max_length=3,
        required=False,
        help_text=gettext_lazy("The three letters of ISO 3166-1. Empty where it is of no one country."),
    )


class Invitation(forms.Form):
    """Whom to invite, to what."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, *args: object, roles: list[rules.Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["role"].choices = [(role, ROLES[role]) for role in roles]  # type: ignore[attr-defined]


class Password(forms.Form):
    """A password, twice."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters. A few words in a row are easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The same password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("password") != self.cleaned_data.get("again"):
            self.add_error("again", _("The two passwords are not the same."))


# --- one's own account, and the way in


@require_safe
def account(request: DeskRequest) -> HttpResponse:
    """What a person may change about signing in."""
    return render(request, "desk/people/account.html")


@open_to_all
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: DeskRequest, token: str) -> HttpResponse:
    """Take the post that a link offers: with a new password, or as the person who is signed in."""
    offered = queries.invitation_of(token)
    known = queries.has_account(offered.email)
    form = Password(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (known or form.is_valid()):
        password = "" if known else form.cleaned_data["password"]
        try:
            person = operations.accept_invitation(
                token=token, password=password, language=request.LANGUAGE_CODE, actor=request.actor
            )
        except Refused as error:
            form.add_error(None if known else "password", error.problem)
        else:
            messages.success(request, _("Welcome. The post is yours."))
            return redirect("home") if known else _let_in(request, person)
    facts = {"offered": offered, "role": ROLES[offered.role], "known": known, "form": form}
    refused = request.method == "POST"
    return render(request, "desk/people/invitation.html", facts, status=422 if refused else 200)


def _let_in(request: DeskRequest, person: int) -> HttpResponse:
    """Sign a new person in, who goes on to the second factor without giving the new password again."""
    user = get_user_model().objects.get(pk=person)
    response: HttpResponse = perform_login(request, user, redirect_url=reverse("mfa_index"))
    record_authentication(request, user, method="password", reauthenticated=True)
    return response


# --- people of organisations


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: DeskRequest) -> HttpResponse:
    """The organisations whose people the person manages; an administrator adds one."""
    found = queries.organisations(request.actor)
    administers = rules.may_manage_organisations(request.actor)
    allowed = administers or (bool(found) and request.method != "POST")
    rules.allow(allowed, request.actor, "manage people", expected="an administrator, or a focal point")
    form = Organisation(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            number = operations.add_organisation(actor=request.actor, **form.cleaned_data)
        except CopError as error:
            _show(form, error)
        else:
            return redirect("people_of", organisation=number)
    facts = {
        "organisations": [(o, KINDS[o.kind]) for o in found],
        "form": form if administers else None,
    }
    return render(request, "desk/people/list.html", facts, status=422 if form.is_bound else 200)


@require_safe
def people_of(request: DeskRequest, organisation: int) -> HttpResponse:
    """Everybody in an organisation, open invitations, tokens."""
    return _page(request, organisation)


@require_POST
def invite(request: DeskRequest, organisation: int) -> HttpResponse:
    """Make the link that lets a person in, and show it this once."""
    form = Invitation(request.POST, roles=_roles(request, organisation))
    if not form.is_valid():
        return _page(request, organisation, form=form)
    try:
        token = operations.invite(actor=request.actor, organisation=organisation, **form.cleaned_data)
    except Refused as error:
        _show(form, error)
        return _page(request, organisation, form=form)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    facts = {"link": link, "days": operations.INVITATION_DAYS, "name": form.cleaned_data["name"]}
    return render(request, "desk/people/link.html", {**facts, "organisation": organisation})


@require_POST
def withdraw(request: DeskRequest, organisation: int, invitation: int) -> HttpResponse:
    """Make an invitation void."""
    operations.withdraw_invitation(actor=request.actor, invitation=invitation)
    return _back(request, organisation, _("The invitation is void."))


@require_POST
def give_post(request: DeskRequest, organisation: int, person: int) -> HttpResponse:
    """Give somebody of the organisation one more role in it."""
    role = request.POST.get("role", "")
    operations.add_post(actor=request.actor, person=person, organisation=organisation, role=role)  # type: ignore[arg-type]
    return _back(request, organisation, _("The role is given."))


@require_POST
def take_post(request: DeskRequest, organisation: int, person: int) -> HttpResponse:
    """Take a role away."""
    role = request.POST.get("role", "")
    operations.remove_post(actor=request.actor, person=person, organisation=organisation, role=role)  # type: ignore[arg-type]
    return _back(request, organisation, _("The role is taken away."))


@require_POST
def deactivate(request: DeskRequest, organisation: int, person: int) -> HttpResponse:
    """Let a person in no more."""
    operations.deactivate(actor=request.actor, person=person)
    return _back(request, organisation, _("The person is let in no more."))


@require_POST
def issue_token(request: DeskRequest, organisation: int) -> HttpResponse:
    """Make a token of the organisation's programs, and show it this once."""
    token = operations.issue_token(actor=request.actor, organisation=organisation, name=request.POST.get("name", ""))
    return render(request, "desk/people/token.html", {"token": token, "organisation": organisation})


@require_POST
def revoke_token(request: DeskRequest, organisation: int, token: int) -> HttpResponse:
    """Make a token void."""
    operations.revoke_token(actor=request.actor, token=token)
    return _back(request, organisation, _("The token is void."))


@require_POST
def rename(request: DeskRequest, organisation: int) -> HttpResponse:
    """Give the organisation another name."""
    name = request.POST.get("name", "")
    operations.rename_organisation(actor=request.actor, organisation=organisation, name=name)
    return _back(request, organisation, _("The organisation is renamed."))


@require_POST
def close(request: DeskRequest, organisation: int) -> HttpResponse:
    """Close the organisation."""
    operations.close_organisation(actor=request.actor, organisation=organisation)
    return _back(request, organisation, _("The organisation is closed."))


def _page(request: DeskRequest, number: int, *, form: Invitation | None = None) -> HttpResponse:
    found = queries.managed(request.actor, number)
    roles = _roles(request, number)
    facts = {
        "organisation": found,
        "kind": KINDS[found.kind],
        "people": [
            (p, [(r, ROLES[r], r in roles) for r in p.roles], _more(p, roles)) for p in _people(request, number)
        ],
        "invitations": [(i, ROLES[i.role]) for i in queries.invitations(request.actor, number)],
        "tokens": queries.tokens(request.actor, number),
        "form": form or Invitation(roles=roles),
        "administers": rules.may_manage_organisations(request.actor),
    }
    return render(request, "desk/people/organisation.html", facts, status=422 if form else 200)


def _people(request: DeskRequest, number: int) -> list[queries.PersonFacts]:
    return queries.people(request.actor, number)


def _more(person: queries.PersonFacts, roles: list[rules.Role]) -> list[tuple[str, object]]:
    """The roles that the person may be given besides."""
    return [(role, ROLES[role]) for role in roles if role not in person.roles] if person.active else []


def _roles(request: DeskRequest, number: int) -> list[rules.Role]:
    """The roles that the person may give there, in the order of the group's list."""
    kind = queries.managed(request.actor, number).kind
    return [r for r in rules.ROLES if r in rules.ROLES_IN[kind] and rules.may_give(request.actor, number, r)]


def _back(request: DeskRequest, number: int, done: str) -> HttpResponseRedirect:
    messages.success(request, done)
    return HttpResponseRedirect(reverse("people_of", args=[number]))


def _show(form: forms.Form, error: CopError) -> None:
    """An operation's refusal beside the field it names."""
    field = error.where.field if error.where else None
    form.add_error(field if field in form.fields else None, error.problem)
