"""Columns and constraints of meetings, documents and outcomes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Meeting(models.Model):
    """A meeting of the group, with the facts of its report that have no table of their own yet."""

    register = models.ForeignKey("registers.Register", on_delete=models.PROTECT)
    group = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    place = models.CharField(max_length=200)
    start = models.CharField(max_length=16)
    end = models.CharField(max_length=16)
    facts = models.JSONField()

    class Meta:
        """A group's meetings are numbered once."""

        ordering: ClassVar = ["group", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "number"], name="meeting_once")]

    def __str__(self) -> str:
        return f"{self.group}/{self.number}"


class Document(models.Model):
    """A numbered document of a meeting (`cop.kernel.numbering`)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE)
    number = models.CharField(max_length=40, unique=True)
    serial = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=300)
    subject = models.CharField(max_length=300, blank=True)
    presenter = models.CharField(max_length=200, blank=True)

    class Meta:
        """In order of number."""

        ordering: ClassVar = ["meeting", "serial", "number"]

    def __str__(self) -> str:
        return self.number


class Outcome(models.Model):
    """A decision, recommendation or proposal, by the paragraph of the report that holds it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE)
    order = models.PositiveIntegerField()
    ref = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    text = models.TextField()

    class Meta:
        """In order of the report."""

        ordering: ClassVar = ["meeting", "order"]

    def __str__(self) -> str:
        return f"{self.meeting} {self.ref}"
