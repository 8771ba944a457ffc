"""The answers that the report form offers, and what it says when something will not do, to people who may be afraid."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import pycountry
from babel import Locale
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.kernel.errors import CopError
from cop.kernel.languages import pick
from cop.vault.reports.variables import UNKNOWN, catalogue

Choices = list[tuple[str, str | Promise]]

_PLATFORMS: Final = {
    "MESSAGING_E2EE": _("Messages, in an app that says it is end-to-end encrypted"),
    "MESSAGING_OPEN": _("Messages, in another app"),
    "WEBSITE": _("Another website"),
    "EMAIL_SMS_VOICE": _("E-mail, text message or telephone call"),
    "AI_SERVICE": _("A chatbot or another AI service"),
    "ED_TECH": _("A learning app or school platform"),
    "DEVICE": _("A toy, watch or other device"),
}
_REPORTERS: Final = {
    "CHILD": _("I am the child or young person"),
    "PEER": _("I am a friend, or another young person"),
    "PARENT": _("I am a parent, or I look after the child"),
    "PROFESSIONAL": _("I work with children: teacher, doctor, social worker"),
    "PUBLIC": _("I am somebody else"),
}
NOT_SAID: Final = ("", _("I would rather not say"))
_NOT_KNOWN: Final = (UNKNOWN, _("I do not know"))

_FAULTS: Final[Mapping[str, Mapping[str, str | Promise]]] = {
    "narrative": {
        "is empty": _("Please write what happened. A few words are enough."),
        "has": _("This is too long for one report. Please make it shorter: at most 20,000 letters and signs."),
        "holds characters": _("There are signs in it that we cannot read. Please type that part again."),
        "begins": _("Please begin with a word, not with a sign such as = or @."),
        "holds encoded": _("Pictures and files cannot be sent here. Please tell us in words what they show."),
    },
    "address": {"": _("This does not look like an address. It begins with https:// - or leave it empty.")},
    "when": {"": _("This is not a day that has been. Please choose another one, or say that you do not know.")},
    "text": {
        "is empty": _("Please write something first."),
        "has": _("This is too long. Please make it shorter: at most 5,000 letters and signs."),
        "holds characters": _("There are signs in it that we cannot read. Please type that part again."),
        "begins": _("Please begin with a word, not with a sign such as = or @."),
        "holds encoded": _("Pictures and files cannot be sent here. Please tell us in words what they show."),
    },
    "receipt": {
        "this is": _("A receipt has 16 digits. Please look again."),
        "one of": _("One of the digits is wrong. Please look again, digit by digit."),
    },
}
_CHOOSE: Final = _("Please choose one of the answers.")


def fault_of(error: CopError) -> tuple[str, str | Promise]:
    """The field of the form that must be mended, and what to say; never what was written in it."""
    field = (error.where.field if error.where else None) or ""
    field = _FIELDS.get(field.removeprefix("variables."), field)
    for beginning, words in sorted(_FAULTS.get(field, {}).items(), key=lambda f: -len(f[0])):
        if error.problem.startswith(beginning):
            return field, words
    return field, _CHOOSE


_FIELDS: Final = {
    "event_date": "when",
    "platform_type": "where",
    "age_band": "age",
    "country_of_child": "country",
    "reporter": "who",
    "at_risk": "danger",
}


def choices(language: str) -> dict[str, Choices]:
    """The answers of every question that has some, in that language."""
    return {
        "where": _items("platform_type", language, _PLATFORMS),
        "age": [(i, n) for i, n in _items("age_band", language, {}) if i not in {"Y0T12", "Y13T17"}],
        "sex": _items("sex", language, {}),
        "who": [*((item, words) for item, words in _REPORTERS.items()), NOT_SAID],
        "country": [NOT_SAID, _NOT_KNOWN, *countries(language)],
        "danger": [("YES", _("Yes")), ("NO", _("No")), (UNKNOWN, _("I do not know")), NOT_SAID],
    }


def _items(variable: str, language: str, ours: Mapping[str, str | Promise]) -> Choices:
    named = [(i.id, ours.get(i.id) or _begun(pick(i.name, language))) for i in catalogue().variable(variable).items]
    return [NOT_SAID, _NOT_KNOWN, *named]


def _begun(name: str) -> str:
    return name[:1].upper() + name[1:]


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """The observatory's own areas first, then every country by its name in that language."""
    names = Locale.parse(language).territories
    known = [(str(c.alpha_3), str(names.get(c.alpha_2, c.name))) for c in pycountry.countries]
    own = settings.OBSERVATORY.areas.items() if settings.OBSERVATORY else ()
    return (*own, *sorted(known, key=lambda c: c[1]))
