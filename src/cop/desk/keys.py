"""Keys: one's own, and the office's: who holds it, who is given it, who loses it, when it is to be made anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _later
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe
from nacl.public import PrivateKey

from cop.desk.middleware import STATUS, DeskRequest, View
from cop.desk.unlocking import forget, needs_key, private_key_of
from cop.kernel.errors import Conflict, CopError, NotAllowed, NotFound, Refused, TooMuch, Unavailable
from cop.vault.members import keys
from cop.vault.members.keys.rules import may_keep_keys, may_open
from cop.vault.members.rules import DESK_ROLES

AT_ONCE = 500
"""Envelopes that one press of the button seals anew."""

WORDS = (
    _later("the passphrase is too short"),
    _later("the passphrase is too long"),
    _later("the passphrase repeats itself"),
    _later("the passphrase is easily guessed"),
    _later("this is your password"),
    _later("the two passphrases differ"),
    _later("you have a key"),
    _later("say first that you are sure"),
    _later("there is no escrow yet"),
    _later("this person has no key yet"),
    _later("this person holds the key already"),
    _later("this person is the last holder of the key"),
    _later("you are the last holder of an organisation's key"),
    _later("the organisation has a key"),
    _later("the organisation's key was not granted to you"),
    _later("the key in use was not granted to you"),
    _later("not every version of the key was granted to you"),
    _later("the key was rotated only just now"),
)
"""What may go wrong here, in the words of the vault, for translation."""

WARNINGS = {
    "no key": _("This organisation has no key yet. No report can be taken in for it."),
    "no holder": _("Nobody holds the key. What is sealed can only be opened with the printed shares."),
    "one holder": _("One person alone holds the key. Grant it to a second one."),
    "not escrowed": _("The printed shares do not cover this key. A holder must add the key to the escrow."),
    "rotation due": _("Somebody who may not read reports any more has known this key. Rotate it."),
    "re-sealing due": _("Older reports are still sealed to an earlier key. Seal them anew."),
}


# --- one's own key


@require_safe
def mine(request: DeskRequest) -> HttpResponse:
    """My key, and the organisations whose narratives I read."""
    return _mine(request)


@require_POST
@sensitive_post_parameters("passphrase", "again")
@sensitive_variables("passphrase")
def new(request: DeskRequest) -> HttpResponse:
    """Make my key."""
    passphrase = request.POST.get("passphrase", "")
    return _own(
        request,
        "new",
        lambda: keys.create_key(actor=request.actor, passphrase=_twice(request, passphrase)),
        gettext("Your key is made. Keep the passphrase: nobody can restore it."),
    )


@require_POST
@sensitive_post_parameters("old", "passphrase", "again")
@sensitive_variables("passphrase")
def passphrase(request: DeskRequest) -> HttpResponse:
    """Change the passphrase of my key."""
    chosen = request.POST.get("passphrase", "")
    return _own(
        request,
        "change",
        lambda: keys.change_passphrase(
            actor=request.actor, old=request.POST.get("old", ""), new=_twice(request, chosen)
        ),
        gettext("The passphrase is changed."),
    )


@require_POST
def retire(request: DeskRequest) -> HttpResponse:
    """Put my key out of use."""

    def work() -> None:
        if request.POST.get("sure") != "yes":
            raise Refused("say first that you are sure", expected="the box ticked")
        keys.retire_key(actor=request.actor)
        forget(request)

    return _own(request, "retire", work, gettext("Your key is out of use."))


def _own(request: DeskRequest, form: str, work: Callable[[], object], done: str) -> HttpResponse:
    try:
        work()
    except (Refused, Conflict, NotAllowed, TooMuch, Unavailable) as error:
        return _mine(request, form, error)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("keys"))


def _mine(request: DeskRequest, form: str = "", error: CopError | None = None) -> HttpResponse:
    actor = request.actor
    facts = {
        "key": keys.key_state(actor),
        "unlocked": private_key_of(request) is not None,
        "offices": [keys.office(actor, n) for n in sorted(actor.organisations(*DESK_ROLES))],
        "least": keys.LEAST,
        "form": form,
        "problem": gettext(error.problem) if error else "",
    }
    return render(request, "desk/keys.html", facts, status=STATUS.get(type(error), 200) if error else 200)


def _twice(request: DeskRequest, chosen: str) -> str:
    if request.POST.get("again", "") != chosen:
        raise Refused("the two passphrases differ", expected="the same twice")
    return chosen


# --- an office's key


def _ours(view: View) -> View:
    """A view for those who read reports in the organisation; to everybody else there is none."""

    @wraps(view)
    def inside(request: DeskRequest, organisation: int, **more: int) -> HttpResponse:
        if not may_open(request.actor, organisation):
            raise NotFound("there is no such organisation", expected="one whose reports you read")
        return view(request, organisation, **more)

    return inside


@require_safe
@_ours
def office(request: DeskRequest, organisation: int) -> HttpResponse:
    """Who holds the key of an organisation, and what is to be done about it."""
    actor = request.actor
    state = keys.office(actor, organisation)
    facts = {
        "office": state,
        "warnings": [WARNINGS[word] for word in state.warnings],
        "keeps": may_keep_keys(actor, state.organisation),
        "holds": any(h.person == actor.id for h in state.holders),
        "key": keys.key_state(actor),
        "escrow": keys.escrow_in_use(),
    }
    return render(request, "desk/keys_office.html", facts)


@require_POST
@_ours
def create(request: DeskRequest, organisation: int) -> HttpResponse:
    """Make an organisation's first key."""
    return _office(
        request,
        organisation,
        lambda: keys.create_office(actor=request.actor, organisation=organisation),
        gettext("The organisation has a key, and you hold it. Grant it to a second person."),
    )


@require_POST
@_ours
@needs_key
def grant(request: DeskRequest, organisation: int, person: int) -> HttpResponse:
    """Give the key to a colleague."""
    return _office(
        request,
        organisation,
        lambda: keys.grant(actor=request.actor, organisation=organisation, person=person, private=_private(request)),
        gettext("The key is granted."),
    )


@require_POST
@_ours
def revoke(request: DeskRequest, organisation: int, person: int) -> HttpResponse:
    """Take the key from a colleague."""
    return _office(
        request,
        organisation,
        lambda: keys.revoke(actor=request.actor, organisation=organisation, person=person),
        gettext("The key is taken back. Rotate it now: the person may have kept a copy."),
    )


@require_POST
@_ours
@needs_key
def rotate(request: DeskRequest, organisation: int) -> HttpResponse:
    """Make a new version of the key."""
    return _office(
        request,
        organisation,
        lambda: keys.rotate_office(actor=request.actor, organisation=organisation, private=_private(request)),
        gettext("The key is rotated. Seal the older reports anew: in a minute you can begin."),
    )


@require_POST
@_ours
@needs_key
def reseal(request: DeskRequest, organisation: int) -> HttpResponse:
    """Seal some of what was sealed to older versions to the one in use."""

    def work() -> str:
        did = keys.reseal_all(actor=request.actor, organisation=organisation, private=_private(request), limit=AT_ONCE)
        if did.unopened:
            said = ngettext(
                "%(n)s envelope is sealed to no key of this organisation and stays as it is.",
                "%(n)s envelopes are sealed to no key of this organisation and stay as they are.",
                did.unopened,
            )
            messages.warning(request, said % {"n": did.unopened})
        if did.finished:
            return gettext("Everything is sealed to the key in use.")
        said = ngettext("%(n)s envelope is sealed anew.", "%(n)s envelopes are sealed anew.", did.done)
        return said % {"n": did.done}

    return _office(request, organisation, work)


@require_POST
@_ours
@needs_key
def to_escrow(request: DeskRequest, organisation: int) -> HttpResponse:
    """Let the printed shares cover the key."""
    return _office(
        request,
        organisation,
        lambda: keys.grant_escrow(actor=request.actor, organisation=organisation, private=_private(request)),
        gettext("The printed shares cover the key."),
    )


def _office(request: DeskRequest, organisation: int, work: Callable[[], object], done: str = "") -> HttpResponse:
    """Do it and go back to the office's page; what somebody can mend is said there."""
    try:
        said = work()
    except (Refused, Conflict, Unavailable) as error:
        messages.error(request, f"{capfirst(gettext(error.problem))}.")
    else:
        messages.success(request, done or str(said))
    return HttpResponseRedirect(reverse("office_key", args=[organisation]))


def _private(request: DeskRequest) -> PrivateKey:
    private = private_key_of(request)
    if private is None:
        raise NotAllowed("the key is locked", expected="the passphrase first")
    return private
