"""The words of the coding rooms: for states, decisions, reasons, rules, and what may go wrong."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _later

STATES = {
    "machine": _("Closed by software"),
    "queued": _("Waiting"),
    "reviewed": _("Decided"),
    "escalated": _("With a reviewer"),
    "adjudicating": _("Two people disagree"),
    "settled": _("Settled"),
    "cannot_code": _("Cannot be coded"),
}
KINDS = {
    "accept": _("Accepted"),
    "change": _("Changed"),
    "split": _("Split into several events"),
    "duplicate": _("Marked as duplicate"),
    "refer": _("Coded, to be referred"),
    "escalate": _("Passed to a reviewer"),
    "cannot": _("Cannot be coded"),
    "adjudicate": _("Disagreement settled"),
}
REASONS = {
    "notes": _("The notes of the class say so"),
    "ruling": _("A ruling says so"),
    "facts": _("The software missed a fact"),
    "language": _("The software misread the language"),
    "several": _("There are several events"),
    "source": _("The source says so"),
    "other": _("Another reason"),
}
RULES = {
    "same_text": _("The same text"),
    "same_address": _("The same address"),
    "same_event": _("The same event, told again"),
    "same_sender": _("The same number of the sender"),
}
URGENCIES = {"1": _("At once"), "2": _("Soon"), "3": _("In turn"), "none": _("No urgency")}
DRAWS = {
    "first": _("Waiting for the first person"),
    "second": _("Waiting for the second person"),
    "agreed": _("Both agree"),
    "disputed": _("They disagree"),
    "adjudicated": _("Settled by a reviewer"),
}
GROUPS = {
    "event": _("The event"),
    "child": _("The child"),
    "alleged_perpetrator": _("Who did it"),
    "means": _("Means"),
}

PROBLEMS = (
    _later("somebody else has this record open"),
    _later("the record changed since you opened it; nothing of yours was stored"),
    _later("two people disagree on this record"),
    _later("nobody disagrees on this record"),
    _later("you coded this record first"),
    _later("you coded this record yourself"),
    _later("a duplicate needs the record it repeats and a rule"),
    _later("too many secondary classes"),
    _later("a ruling decides between classes"),
    _later("the question quotes the report"),
    _later("the answer quotes the report"),
    _later("the question is empty or too long"),
    _later("the answer is empty or too long"),
)
"""What may go wrong here, in the words of the vault, for translation."""
