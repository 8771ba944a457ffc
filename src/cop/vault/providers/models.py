"""Columns and constraints of providers, versions of their documents, findings, and what people did on them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cop.vault.providers.course import KINDS

WITH_FINDING = ("decide", "adjudicate", "declare")
FINDINGS = ("met", "partly", "not_met", "not_addressed", "contradictory", "not_reviewed")


class Provider(models.Model):
    """A service whose promises are watched. `key` names the content its rows were made from."""

    slug = models.CharField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    family = models.CharField(max_length=200, blank=True)
    homepage = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=64)
    young_users = models.PositiveBigIntegerField(null=True)
    young_users_source = models.CharField(max_length=300, blank=True)

    class Meta:
        """In order of its short name; a number of young users names its source."""

        ordering: ClassVar = ["slug"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(young_users__isnull=True) | ~models.Q(young_users_source=""),
                name="provider_young_users_source",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class Speaker(models.Model):
    """An organisation whose delegates and focal points speak for a provider; it stays where a provider is read anew."""

    provider = models.CharField(max_length=63)  # the short name
    organisation = models.ForeignKey("members.Organisation", on_delete=models.PROTECT, related_name="+")

    class Meta:
        """An organisation is named once for a provider."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "organisation"], name="speaker_once")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.organisation_id}"


class Text(models.Model):
    """A text as it was read, under its own SHA-256; versions that say the same share one."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.sha256


class Filed(models.Model):
    """A text that a provider filed: `sha256` is of the file; at the desk that is the text itself."""

    provider = models.CharField(max_length=63)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A provider files a text once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "sha256"], name="filed_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.sha256}"


class Version(models.Model):
    """One dated version of one document."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE)
    document = models.CharField(max_length=200)  # provider/kind[/region]
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=3)
    version = models.DateField()
    sha256 = models.CharField(max_length=64)  # of the raw file
    text = models.ForeignKey(Text, on_delete=models.PROTECT, related_name="+")
    text_language = models.CharField(max_length=3)  # that it is written in; `language` is what was declared of it
    format = models.CharField(max_length=10)
    page = models.CharField(max_length=20)  # terms, or what stands in their place
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
    """What the text of a version says to a criterion: proposed by the machine; people decide in acts."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE)
    criterion = models.CharField(max_length=10)
    finding = models.CharField(max_length=15)
    confidence = models.FloatField()
    evidence = models.JSONField()
    why = models.TextField(blank=True)
    region = models.CharField(max_length=80, blank=True)  # "" where the text says the same to all
    ages = models.CharField(max_length=40, blank=True)

    class Meta:
        """One finding a criterion, region, age band and version."""

        ordering: ClassVar = ["version", "criterion", "region", "ages"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "criterion", "region", "ages"], name="finding_once"),
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


class Act(models.Model):
    """One thing that was done on a provider and criterion.

    Acts outlive what the machine proposes, and the database lets none be changed or removed (migration 0003).

    `number` counts the acts on the cell: who writes the next one must have seen all before it.
    """

    provider = models.CharField(max_length=63)  # the short name: acts stay where a provider is read anew
    criterion = models.CharField(max_length=10)
    region = models.CharField(max_length=80, blank=True)
    ages = models.CharField(max_length=40, blank=True)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10)
    by = models.CharField(max_length=200)
    person = models.PositiveBigIntegerField(null=True)  # the number of who signed in; no key: acts stay
    on = models.DateField()
    text = models.TextField()
    finding = models.CharField(max_length=15, blank=True)
    basis = models.JSONField()
    quotes = models.JSONField()
    filed = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=400)  # desk, text or file
    row = models.PositiveIntegerField(null=True)  # of that file

    class Meta:
        """Acts of a cell in order, each number once; only what decides or declares carries a finding."""

        ordering: ClassVar = ["provider", "criterion", "region", "ages", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "criterion", "region", "ages", "number"], name="act_once"),
            models.UniqueConstraint(fields=["provider", "source", "row"], name="act_row_once"),
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="act_kind"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="act_number"),
            models.CheckConstraint(
                condition=models.Q(kind__in=WITH_FINDING, finding__in=FINDINGS)
                | (~models.Q(kind__in=WITH_FINDING) & models.Q(finding="")),
                name="act_finding",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}/{self.criterion} {self.number}: {self.kind}"
