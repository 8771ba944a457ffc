"""Columns and constraints of providers, versions of their documents and findings."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

FINDINGS = ("met", "partly", "not_met", "not_addressed", "contradictory", "not_reviewed")


class Provider(models.Model):
    """A service whose promises are watched. `key` names the content its rows were made from."""

    slug = models.CharField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    family = models.CharField(max_length=200, blank=True)
    homepage = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=64)

    class Meta:
        """In order of its short name."""

        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.slug


class Version(models.Model):
    """One dated version of one document."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE)
    document = models.CharField(max_length=200)  # provider/kind[/region]
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=3)
    version = models.DateField()
    sha256 = models.CharField(max_length=64)
    words = models.PositiveIntegerField()
    visible_date = models.DateField(null=True)
    change = models.CharField(max_length=30)
    silent = models.BooleanField()
    grade = models.FloatField(null=True)
    long_sentences = models.FloatField(null=True)
    minutes = models.FloatField(null=True)
    warnings = models.JSONField()

    class Meta:
        """A document has one version a date."""

        ordering: ClassVar = ["document", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "language", "version"], name="version_once"),
            models.CheckConstraint(
                condition=models.Q(long_sentences__isnull=True)
                | models.Q(long_sentences__gte=0, long_sentences__lte=1),
                name="version_long_sentences",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.version}"


class Finding(models.Model):
    """What the text of a version says to a criterion: proposed by the machine until people decide."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    criterion = models.CharField(max_length=10)
    finding = models.CharField(max_length=15)
    confidence = models.FloatField()
    evidence = models.JSONField()
    why = models.TextField(blank=True)
    decided = models.BooleanField(default=False)

    class Meta:
        """One finding a criterion and version; a met or not met one shows its evidence."""

        ordering: ClassVar = ["version", "criterion"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "criterion"], name="finding_once"),
            models.CheckConstraint(condition=models.Q(finding__in=FINDINGS), name="finding_word"),
            models.CheckConstraint(condition=models.Q(confidence__gte=0, confidence__lte=1), name="finding_confidence"),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.criterion}: {self.finding}"


class Standing(models.Model):
    """Where a provider stands on a criterion over its newest documents."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE)
    criterion = models.CharField(max_length=10)
    finding = models.CharField(max_length=15)
    document = models.CharField(max_length=200, blank=True)  # the one that decides; empty where none does
    confidence = models.FloatField()

    class Meta:
        """One standing a criterion."""

        ordering: ClassVar = ["provider", "criterion"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "criterion"], name="standing_once"),
            models.CheckConstraint(condition=models.Q(finding__in=FINDINGS), name="standing_word"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.criterion}: {self.finding}"
