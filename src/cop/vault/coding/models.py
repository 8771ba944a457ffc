"""Columns and constraints of codes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Coding(models.Model):
    """The code a report has, who gave it (model and version), and how sure that is."""

    report = models.OneToOneField("reports.Report", on_delete=models.PROTECT, primary_key=True)
    code = models.CharField(max_length=4)
    section = models.CharField(max_length=1)
    probability = models.FloatField()
    class_set = models.JSONField()  # list of codes
    route = models.CharField(max_length=6)
    urgency = models.SmallIntegerField(null=True)
    language = models.CharField(max_length=3)
    scheme = models.CharField(max_length=20)
    model = models.CharField(max_length=40)

    class Meta:
        """A probability is one, a section is the code's first letter, a route is one of two."""

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
        ]
        indexes: ClassVar = [models.Index(fields=["route", "urgency"], name="coding_queue")]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.code}"
