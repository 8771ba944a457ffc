"""Columns and constraints of the registers and the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Register(models.Model):
    """A file taken in: what it is, its hash, how many of its rows were accepted and refused.

    `key` names the content of the file together with how it was read (its description, the coder, the code), so that
    the same key means the same rows.
    """

    kind = models.CharField(max_length=20)  # reports, survey, series, provider, meeting
    source = models.CharField(max_length=63)  # the id in observatory.toml
    name = models.CharField(max_length=400)  # path relative to the observatory
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    rows = models.BigIntegerField()
    rejected = models.BigIntegerField(default=0)
    key = models.CharField(max_length=64)
    accepted = models.BooleanField()  # false: the file was refused and only its rejects are kept

    class Meta:
        """One register per file of a source; what is refused cannot exceed what there was."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "source", "name"], name="register_once"),
            models.CheckConstraint(
                condition=models.Q(rejected__gte=0, rows__gte=models.F("rejected")), name="register_counts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.source}/{self.name}"


class Reject(models.Model):
    """A refused row: where, what is wrong, what was expected; the row itself only sealed, or not at all."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE)
    row = models.BigIntegerField()
    field = models.CharField(max_length=100, blank=True)
    problem = models.CharField(max_length=300)
    expected = models.CharField(max_length=300, blank=True)
    sealed = models.BinaryField(null=True)

    class Meta:
        """In order of row."""

        ordering: ClassVar = ["register", "row"]

    def __str__(self) -> str:
        return f"{self.register} row {self.row}"


class Event(models.Model):
    """One entry of the ledger (`cop.kernel.ledger`)."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=32)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=500)
    details = models.JSONField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        """Numbered from one without gaps (`cop.kernel.ledger.check`)."""

        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(seq__gte=1), name="event_seq_positive")]
        indexes: ClassVar = [
            models.Index(fields=["kind", "seq"], name="event_kind"),
            models.Index(fields=["subject", "seq"], name="event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class LedgerHead(models.Model):
    """Where the ledger stands: one row, which whoever appends locks; and what the last verification found."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)
    verified = models.BigIntegerField(null=True)  # the last entry of the ledger when it was last verified
    verified_at = models.DateTimeField(null=True)
    broken = models.CharField(max_length=300, blank=True)  # what was found; empty: it was whole

    class Meta:
        """One row."""

        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="ledger_head_one")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"
