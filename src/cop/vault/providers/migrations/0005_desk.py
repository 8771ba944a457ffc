"""Texts, what was filed, who speaks for a provider, and acts of people who signed in; a review may be withdrawn."""

from __future__ import annotations

from importlib import import_module
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

KINDS = ("decide", "withdraw", "adjudicate", "stale", "answer", "new_text", "contest", "declare")
_STAY = import_module("cop.vault.providers.migrations.0003_acts_stay")


def _column(name: str, length: int) -> migrations.AddField:
    field = models.CharField(max_length=length, default="")
    return migrations.AddField(model_name="version", name=name, field=field, preserve_default=False)


class Migration(migrations.Migration):
    """Once no version is left that holds no text."""

    dependencies: ClassVar = [("members", "0001_initial"), ("providers", "0004_read_anew")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Text",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("text", models.TextField()),
            ],
        ),
        migrations.AddField(
            model_name="version",
            name="text",
            field=models.ForeignKey(
                default="", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="providers.text"
            ),
            preserve_default=False,
        ),
        _column("text_language", 3),
        _column("format", 10),
        _column("page", 20),
        migrations.CreateModel(
            name="Filed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=63)),
                ("sha256", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="providers.text"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("provider", "sha256"), name="filed_once")],
            },
        ),
        migrations.CreateModel(
            name="Speaker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=63)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("provider", "organisation"), name="speaker_once")],
            },
        ),
        # SQLite makes the table of acts anew for a column or constraint, and its triggers go with the old one
        migrations.RunPython(_STAY.backwards, _STAY.forwards),
        migrations.AddField(model_name="act", name="person", field=models.PositiveBigIntegerField(null=True)),
        migrations.RemoveConstraint(model_name="act", name="act_kind"),
        migrations.AddConstraint(
            model_name="act", constraint=models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="act_kind")
        ),
        migrations.RunPython(_STAY.forwards, _STAY.backwards),
    ]
