"""Columns and constraints of threat reports and of what is exchanged with those who made them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cop.vault.reports.schemas import (
    AGE_BANDS,
    CHANNELS,
    COUNT_UNITS,
    DONE,
    KINDS,
    ORIGINS,
    PLATFORMS,
    REPORTERS,
    SEXES,
    STATUSES,
)


class Report(models.Model):
    """One report. Narrative and address are in `sealed` only (null: the vault has no recipient, so they are not kept).

    Each coded field tells *not recorded* from *unknown*. Those that files have are columns, because counts are made of
    them; a report that came through a door has all its variables in `variables` and the same columns projected from
    them (`cop.vault.reports.variables`).
    """

    register = models.ForeignKey("registers.Register", on_delete=models.PROTECT, null=True)
    row = models.BigIntegerField(null=True)
    organisation = models.ForeignKey(  # null: a file that belongs to nobody's desk
        "members.Organisation", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    origin = models.CharField(max_length=4, default="file")
    received = models.DateTimeField(null=True)  # null: a file's rows were received by somebody else
    status = models.CharField(max_length=9, default="received")
    ref = models.CharField(max_length=100, blank=True)  # the sender's own number
    date = models.DateField()  # the day the body that holds the record received it, as far as a file says
    area = models.CharField(max_length=3, blank=True)  # empty: not recorded
    platform = models.CharField(max_length=20)
    age_band = models.CharField(max_length=12)
    sex = models.CharField(max_length=12)
    channel = models.CharField(max_length=16)
    reporter = models.CharField(max_length=16)
    count_unit = models.CharField(max_length=7, default="REPORT")
    variables = models.JSONField(default=dict)  # by catalogue/threats/variables.yaml; absent: not recorded
    language = models.CharField(max_length=2, blank=True)  # of the page on which it was written; empty: no page
    sealed = models.BinaryField(null=True)
    redacted = models.JSONField(default=dict)  # kind of identifier -> how many the narrative holds

    receipt = models.CharField(max_length=64, null=True, unique=True)  # what the receipt becomes, never the receipt
    reply_key = models.BinaryField(max_length=32, null=True)  # opens with the receipt alone
    news = models.BooleanField(default=False)  # the reporter added something that nobody of the office has read
    idempotency = models.CharField(max_length=64, null=True)
    fingerprint = models.CharField(max_length=64, blank=True)  # of all that was submitted under that key
    address_match = models.CharField(max_length=32, blank=True)  # keyed hashes, to find duplicates
    text_match = models.CharField(max_length=32, blank=True)

    step = models.SmallIntegerField(default=0)  # the last step of the worker that is done; DONE: all are
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=64, blank=True)
    expires = models.DateField(null=True)
    held = models.BooleanField(default=False)

    class Meta:
        """A row is a report once, a receipt and an idempotency key as well; coded fields hold codes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "row"], name="report_once"),
            models.UniqueConstraint(fields=["organisation", "idempotency"], name="report_idempotency"),
            models.CheckConstraint(
                condition=Q(origin="file", register__isnull=False, row__isnull=False)
                | Q(organisation__isnull=False, received__isnull=False, register=None, row=None) & ~Q(origin="file"),
                name="report_came_from",
            ),
            models.CheckConstraint(  # nothing that came through a door is ever without its envelope, but by leaving
                condition=Q(origin="file") | Q(sealed__isnull=False) | Q(status="withdrawn"),
                name="report_sealed",
            ),
            models.CheckConstraint(condition=Q(origin__in=ORIGINS), name="report_origin"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="report_status"),
            models.CheckConstraint(condition=Q(count_unit__in=COUNT_UNITS), name="report_count_unit"),
            models.CheckConstraint(condition=Q(step__gte=0, step__lte=DONE), name="report_step"),
            models.CheckConstraint(condition=Q(platform__in=PLATFORMS), name="report_platform"),
            models.CheckConstraint(condition=Q(age_band__in=AGE_BANDS), name="report_age_band"),
            models.CheckConstraint(condition=Q(sex__in=SEXES), name="report_sex"),
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="report_channel"),
            models.CheckConstraint(condition=Q(reporter__in=REPORTERS), name="report_reporter"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "id"], name="report_of"),
            models.Index(fields=["organisation", "status", "id"], name="report_of_status"),
            models.Index(fields=["organisation", "id"], condition=Q(news=True), name="report_news"),
            models.Index(fields=["step", "id"], condition=Q(step__lt=DONE), name="report_work"),
            models.Index(fields=["expires"], condition=Q(held=False, expires__isnull=False), name="report_expires"),
            models.Index(fields=["organisation", "text_match"], condition=~Q(text_match=""), name="report_same_text"),
            models.Index(
                fields=["organisation", "address_match"], condition=~Q(address_match=""), name="report_same_address"
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Exchange(models.Model):
    """What an analyst asks the reporter, or what the reporter answers or adds: sealed like narratives.

    A question is sealed a second time to the key that the reporter's receipt opens, so that who holds it can read it.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="exchanges")
    kind = models.CharField(max_length=8)
    at = models.DateTimeField()
    by = models.ForeignKey("members.Person", on_delete=models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField()
    for_reporter = models.BinaryField(null=True)

    class Meta:
        """A person of the office asks; who holds the receipt answers."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="exchange_kind"),
            models.CheckConstraint(
                condition=Q(kind="question", by__isnull=False, for_reporter__isnull=False)
                | ~Q(kind="question") & Q(by=None, for_reporter=None),
                name="exchange_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of report {self.report_id}"
