"""Columns and constraints of threat reports."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cop.vault.reports.schemas import AGE_BANDS, CHANNELS, PLATFORMS, REPORTERS, SEXES


class Report(models.Model):
    """One report. Narrative and address are in `sealed` only (null: the vault has no recipient, so they are not kept).

    Each coded field tells *not recorded* from *unknown*.
    """

    register = models.ForeignKey("registers.Register", on_delete=models.PROTECT)
    row = models.BigIntegerField()
    ref = models.CharField(max_length=100, blank=True)  # the sender's own number
    date = models.DateField()
    area = models.CharField(max_length=3, blank=True)  # empty: not recorded
    platform = models.CharField(max_length=20)
    age_band = models.CharField(max_length=12)
    sex = models.CharField(max_length=12)
    channel = models.CharField(max_length=16)
    reporter = models.CharField(max_length=16)
    sealed = models.BinaryField(null=True)

    class Meta:
        """A row is a report once; coded fields hold codes."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "row"], name="report_once"),
            models.CheckConstraint(condition=models.Q(platform__in=PLATFORMS), name="report_platform"),
            models.CheckConstraint(condition=models.Q(age_band__in=AGE_BANDS), name="report_age_band"),
            models.CheckConstraint(condition=models.Q(sex__in=SEXES), name="report_sex"),
            models.CheckConstraint(condition=models.Q(channel__in=CHANNELS), name="report_channel"),
            models.CheckConstraint(condition=models.Q(reporter__in=REPORTERS), name="report_reporter"),
        ]

    def __str__(self) -> str:
        return f"report {self.register_id}/{self.row}"
