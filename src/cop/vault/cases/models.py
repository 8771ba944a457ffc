"""Columns and constraints of cases, referrals, holds, and of the counts that outlive reports."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cop.vault.cases.course import CHANNELS, KINDS, SEEN, STATUSES


class Case(models.Model):
    """What became of one report: where it stands; how it came there is in its changes. `version` counts the changes."""

    report = models.OneToOneField("reports.Report", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    outcome = models.CharField(max_length=24, blank=True)  # a code of the variable `outcome`; empty until it is closed
    opened = models.DateTimeField()
    changed = models.DateTimeField()
    closed = models.DateTimeField(null=True)

    class Meta:
        """A status is one of the course's; closed, outcome and time of closing come together."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="case_status"),
            models.CheckConstraint(
                condition=models.Q(status="closed", closed__isnull=False) & ~models.Q(outcome="")
                | ~models.Q(status="closed") & models.Q(closed=None, outcome=""),
                name="case_closed",
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="case_version"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "status", "-id"], name="case_by_status"),
            models.Index(fields=["organisation", "-id"], name="case_by_number"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class Change(models.Model):
    """One entry of a case's history: from where to where, who, when and why, the reason a code. Never changed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()
    before = models.CharField(max_length=10, blank=True)  # empty: the first
    after = models.CharField(max_length=10)
    reason = models.CharField(max_length=31, blank=True)  # empty: the first
    by = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True, related_name="+")
    program = models.CharField(max_length=20, blank=True)  # where no person did it
    at = models.DateTimeField()

    class Meta:
        """Numbered from one; by a person or a program; the first alone comes from nowhere."""

        ordering: ClassVar = ["case", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "number"], name="change_once"),
            models.CheckConstraint(
                condition=models.Q(after__in=STATUSES) & (models.Q(before="") | models.Q(before__in=STATUSES)),
                name="change_statuses",
            ),
            models.CheckConstraint(
                condition=models.Q(number=1, before="", reason="")
                | models.Q(number__gte=2) & ~models.Q(before="") & ~models.Q(reason=""),
                name="change_first",
            ),
            models.CheckConstraint(
                condition=models.Q(by=None) & ~models.Q(program="") | models.Q(by__isnull=False, program=""),
                name="change_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number}: {self.after}"


class Body(models.Model):
    """A body that an organisation refers to, with the public key it vouches for.

    `recipient` is the line that `cop keys new` prints (empty: nothing can be sealed to it); `evidence` is the day on
    which the key was compared with the body, over another channel than the one it came by.
    """

    organisation = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    area = models.CharField(max_length=3, blank=True)  # ISO 3166-1 alpha-3; empty: of no one country
    recipient = models.CharField(max_length=300, blank=True)
    evidence = models.DateField(null=True)
    active = models.BooleanField(default=True)

    class Meta:
        """A name once in an organisation; a key has its evidence."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "name"], name="body_once"),
            models.CheckConstraint(
                condition=models.Q(recipient="", evidence=None)
                | ~models.Q(recipient="") & models.Q(evidence__isnull=False),
                name="body_evidence",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BodyKind(models.Model):
    """A kind that a body is of; some are hotline and helpline at once."""

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="kinds")
    kind = models.CharField(max_length=9)

    class Meta:
        """A referral of the classification, once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["body", "kind"], name="body_kind_once"),
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="body_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.body_id}: {self.kind}"


class Referral(models.Model):
    """A case passed to a body: by which channel, when, when it is due an answer, and what came of it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="referrals")
    organisation = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="referrals")
    kind = models.CharField(max_length=9)  # as which of its kinds
    channel = models.CharField(max_length=11)
    reference = models.CharField(max_length=100, blank=True)  # the body's own number
    sent = models.DateTimeField()
    due = models.DateTimeField()
    acknowledged = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, blank=True)  # a code of the variable `outcome`
    settled = models.DateTimeField(null=True)  # when the outcome was recorded
    by = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Codes are codes; nothing is acknowledged before it is sent; an outcome has its time."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="referral_kind"),
            models.CheckConstraint(condition=models.Q(channel__in=CHANNELS), name="referral_channel"),
            models.CheckConstraint(condition=models.Q(due__gt=models.F("sent")), name="referral_due"),
            models.CheckConstraint(
                condition=models.Q(acknowledged=None) | models.Q(acknowledged__gte=models.F("sent")),
                name="referral_acknowledged",
            ),
            models.CheckConstraint(
                condition=models.Q(settled=None, outcome="") | models.Q(settled__isnull=False) & ~models.Q(outcome=""),
                name="referral_settled",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "due", "id"], condition=models.Q(acknowledged=None), name="referral_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"referral {self.pk}"


class Observation(models.Model):
    """Somebody looked at what was given notice of: still up, gone, or could not tell. Never changed."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="observations")
    at = models.DateTimeField()
    seen = models.CharField(max_length=7)
    by = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        """One thing is seen at a time."""

        ordering: ClassVar = ["referral", "at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(seen__in=SEEN), name="observation_seen"),
            models.UniqueConstraint(fields=["referral", "at"], name="observation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.seen}"


class Hold(models.Model):
    """A report that must not expire: on what ground, whose, until when, and how that ended."""

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=31)
    reference = models.CharField(max_length=100)  # the number of the order or request
    by = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateField()  # the last day
    lifted = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True, related_name="+")
    lift = models.CharField(max_length=31, blank=True)

    class Meta:
        """Lifted by somebody for a reason, or not at all."""

        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(lifted=None, lifted_by=None, lift="")
                | models.Q(lifted__isnull=False, lifted_by__isnull=False) & ~models.Q(lift=""),
                name="hold_lifted",
            ),
            models.CheckConstraint(condition=~models.Q(ground="") & ~models.Q(reference=""), name="hold_ground"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["report", "until"], condition=models.Q(lifted=None), name="hold_standing")
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class AccessCopy(models.Model):
    """Everything held on a report, put together for its reporter and sealed to the receipt; goes with the report."""

    report = models.OneToOneField("reports.Report", on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("members.Person", on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"copy of report {self.report_id}"


class Match(models.Model):
    """An earlier report of the same organisation that has the same address, text or both, by keyed hashes."""

    report = models.ForeignKey("reports.Report", on_delete=models.CASCADE, related_name="+")
    earlier = models.ForeignKey("reports.Report", on_delete=models.CASCADE, related_name="+")
    by = models.CharField(max_length=7)

    class Meta:
        """A pair once, the earlier report second."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "earlier"], name="match_once"),
            models.CheckConstraint(condition=models.Q(by__in=("address", "text", "both")), name="match_by"),
            models.CheckConstraint(condition=models.Q(earlier__lt=models.F("report")), name="match_earlier"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} like {self.earlier_id}"


class Count(models.Model):
    """How many reports that were erased had these coded facts: enough for the statistics, nothing of any one."""

    source = models.CharField(max_length=63)
    month = models.DateField()  # its first day
    code = models.CharField(max_length=4)
    area = models.CharField(max_length=3, blank=True)
    platform = models.CharField(max_length=20)
    age_band = models.CharField(max_length=12)
    sex = models.CharField(max_length=12)
    language = models.CharField(max_length=3)
    route = models.CharField(max_length=6)
    number = models.PositiveIntegerField()

    class Meta:
        """Each combination once; a month begins on the first."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "month", "code", "area", "platform", "age_band", "sex", "language", "route"],
                name="count_once",
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="count_month"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="count_number"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.code}: {self.number}"
