"""Columns and constraints of codes, what people decided on them, the audit sample, rulings and the analysts' days."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from cop.vault.coding.schemas import DRAW_STATES, KINDS, REASONS, RULES, STATES


class Coding(models.Model):
    """The code a report counts under, what the coder had said of it, and where the record stands on the desk.

    `place` orders the queue: urgency first, then expected information (`cop.vault.coding.ordering`).
    """

    report = models.OneToOneField("reports.Report", on_delete=models.PROTECT, primary_key=True)
    organisation = models.ForeignKey(
        "members.Organisation", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    received = models.DateTimeField(default=timezone.now)
    # what the coder said
    proposed = models.CharField(max_length=4)
    probability = models.FloatField()
    class_set = models.JSONField()  # list of codes
    route = models.CharField(max_length=6)
    language = models.CharField(max_length=3)
    model = models.CharField(max_length=40)
    information = models.FloatField(default=0)  # bits that a review is expected to bring
    # what the record counts as: the coder's until a person decides
    code = models.CharField(max_length=4)
    section = models.CharField(max_length=1)
    secondary = models.JSONField(default=list)  # list of codes
    variables = models.JSONField(
        default=dict
    )  # what people recorded at the desk: absent = not recorded, "_U" = unknown
    duplicate_of = models.ForeignKey(
        "reports.Report", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    scheme = models.CharField(max_length=20)
    urgency = models.SmallIntegerField(null=True)
    # the desk
    state = models.CharField(max_length=12)
    place = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    holder = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    held_since = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    draw_rate = models.FloatField(null=True)  # null: no lot was drawn yet for the audit sample

    class Meta:
        """Codes, shares and states are what they are called; the desk's pages have an index each."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(probability__gte=0, probability__lte=1), name="coding_probability"
            ),
            models.CheckConstraint(condition=models.Q(code__startswith=models.F("section")), name="coding_section"),
            models.CheckConstraint(condition=models.Q(route__in=["auto", "review"]), name="coding_route"),
            models.CheckConstraint(
                condition=models.Q(urgency__isnull=True) | models.Q(urgency__gte=1, urgency__lte=3),
                name="coding_urgency",
            ),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="coding_state"),
            models.CheckConstraint(condition=models.Q(information__gte=0), name="coding_information"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="coding_version"),
            models.CheckConstraint(
                condition=models.Q(draw_rate=None) | models.Q(draw_rate__gte=0, draw_rate__lte=1),
                name="coding_draw_rate",
            ),
            models.CheckConstraint(
                condition=models.Q(holder=None, held_since=None, held_until=None)
                | models.Q(holder__isnull=False, held_since__isnull=False, held_until__gt=models.F("held_since")),
                name="coding_hold",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "place", "received", "report"], name="coding_queue"),
            models.Index(fields=["organisation", "state", "received"], name="coding_age"),
            models.Index(fields=["holder"], condition=models.Q(holder__isnull=False), name="coding_holder"),
            models.Index(
                fields=["duplicate_of"], condition=models.Q(duplicate_of__isnull=False), name="coding_duplicate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.code}"


class Part(models.Model):
    """One event of a report that tells of several; the first is the one the report counts under."""

    coding = models.ForeignKey(Coding, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=4)

    class Meta:
        """In order, numbered from one."""

        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["coding", "number"], name="part_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="part_number"),
        ]

    def __str__(self) -> str:
        return f"{self.coding_id}/{self.number}: {self.code}"


class Decision(models.Model):
    """What a person decided on a record. Rows are added, never changed: a trigger of the database sees to it.

    A reason is one of a list and may cite a ruling: free words would sooner or later hold a child's story.
    """

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+", db_index=False)
    organisation = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField()  # of the record, after it
    kind = models.CharField(max_length=10)
    code = models.CharField(max_length=4)
    secondary = models.JSONField(default=list)
    parts = models.JSONField(default=list)  # codes of the events of a split
    variables = models.JSONField(default=dict)  # name -> [before, after]; null = not recorded
    reason = models.CharField(max_length=12, blank=True)
    ruling = models.PositiveIntegerField(null=True)  # the number of the one cited
    duplicate_of = models.BigIntegerField(null=True)  # the report's number, also when that one is gone
    rule = models.CharField(max_length=16, blank=True)
    scheme = models.CharField(max_length=20)
    blind = models.BooleanField()
    seconds = models.PositiveIntegerField()

    class Meta:
        """One decision makes a version."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "version"], name="decision_version"),
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="decision_kind"),
            models.CheckConstraint(condition=models.Q(reason__in=["", *REASONS]), name="decision_reason"),
            models.CheckConstraint(
                condition=models.Q(kind="duplicate", duplicate_of__isnull=False, rule__in=RULES)
                | (~models.Q(kind="duplicate") & models.Q(duplicate_of=None, rule="")),
                name="decision_duplicate",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "at"], name="decision_team"),
            models.Index(fields=["by", "at"], name="decision_own"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} v{self.version}: {self.kind} {self.code}"


class AuditDraw(models.Model):
    """A record of the audit sample: drawn with a known probability, coded by two people who see no other code."""

    report = models.OneToOneField("reports.Report", on_delete=models.PROTECT, primary_key=True, related_name="+")
    organisation = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    probability = models.FloatField()
    drawn = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=12, default="first")
    first = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    second = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    settled = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """A chance is above 0; who judged, by state."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(probability__gt=0, probability__lte=1), name="draw_probability"),
            models.CheckConstraint(condition=models.Q(state__in=DRAW_STATES), name="draw_state"),
            models.CheckConstraint(
                condition=models.Q(state="first", first=None, second=None, settled=None)
                | models.Q(state="second", first__isnull=False, second=None, settled=None)
                | models.Q(state__in=["agreed", "disputed"], first__isnull=False, second__isnull=False, settled=None)
                | models.Q(state="adjudicated", first__isnull=False, second__isnull=False, settled__isnull=False),
                name="draw_judges",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "state", "drawn", "report"], name="draw_waiting")]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.state}"


class DeskRuling(models.Model):
    """A ruling made at the desk; its number goes on from the catalogue's register and is never used twice."""

    number = models.PositiveIntegerField(primary_key=True)
    organisation = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    date = models.DateField()
    language = models.CharField(max_length=2)
    question = models.CharField(max_length=400)
    answer = models.CharField(max_length=600)
    codes = models.JSONField()  # the classes in doubt
    principal = models.CharField(max_length=4)  # the one that takes the case

    class Meta:
        """In order of number."""

        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(number__gte=1), name="ruling_number")]

    def __str__(self) -> str:
        return f"R{self.number:03}"


class Day(models.Model):
    """What a person opened on a day (UTC), and when the last break was: for the cap and the reminder."""

    person = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    date = models.DateField()
    opened = models.PositiveIntegerField(default=0)
    since_break = models.PositiveIntegerField(default=0)
    rested = models.DateTimeField()  # the last break's end; the first opening of the day

    class Meta:
        """One row a person and day."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "date"], name="day_once"),
            models.CheckConstraint(condition=models.Q(opened__gte=models.F("since_break")), name="day_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.date}: {self.opened}"
