"""The addresses of sign-in and of one's account: of allauth's, those that a desk without self-registration needs.

Nobody signs up, no link by mail resets a password, no browser is trusted to leave the second factor out: a person
who lost everything is invited anew.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as key
from allauth.usersessions import views as sessions
from django.forms import Form
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_http_methods

from cop.desk import people
from cop.desk.middleware import View, before_second_factor, open_to_all

_plain = require_http_methods(["GET", "HEAD", "POST"])  # views of allauth take a PUT for a POST


def _open(view: View) -> View:
    return open_to_all(_plain(view))


def _before(view: View) -> View:
    return before_second_factor(_plain(view))


class RemoveKey(key.RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """The last second factor is not given up: allauth asks that of apps alone."""

    def form_valid(self, form: Form) -> HttpResponse:
        factors = get_adapter()
        if not factors.can_delete_authenticator(self.get_object()):
            form.add_error(None, factors.validation_error("cannot_delete_authenticator"))
            refused: HttpResponse = self.form_invalid(form)
            return refused
        removed: HttpResponse = super().form_valid(form)
        return removed


urlpatterns: list[URLPattern | URLResolver] = [
    path("", before_second_factor(people.account), name="account"),
    path("login/", _open(account.login), name="account_login"),
    path("logout/", _open(account.logout), name="account_logout"),
    path("inactive/", _open(account.account_inactive), name="account_inactive"),
    path("password/", _before(account.password_change), name="account_change_password"),
    path("confirm/", _before(account.reauthenticate), name="account_reauthenticate"),
    path("sessions/", _before(sessions.list_usersessions), name="usersessions_list"),
    path("factor/", _before(factor.index), name="mfa_index"),
    path("factor/authenticate/", _open(factor.authenticate), name="mfa_authenticate"),
    path("factor/confirm/", _plain(factor.reauthenticate), name="mfa_reauthenticate"),
    path("factor/app/", _before(app.activate_totp), name="mfa_activate_totp"),
    path("factor/app/remove/", _plain(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("factor/recovery/", _plain(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("factor/recovery/new/", _plain(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("factor/keys/", _plain(key.list_webauthn), name="mfa_list_webauthn"),
    path("factor/keys/add/", _before(key.add_webauthn), name="mfa_add_webauthn"),
    path("factor/keys/confirm/", _plain(key.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("factor/keys/<int:pk>/remove/", _plain(RemoveKey.as_view()), name="mfa_remove_webauthn"),
    path("factor/keys/<int:pk>/name/", _plain(key.edit_webauthn), name="mfa_edit_webauthn"),
]
