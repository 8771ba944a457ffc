"""The ledger's head as a row that whoever appends locks, filled from the ledger that stands; indexes to browse by."""

from django.db import migrations, models

GENESIS = "0" * 64


def fill(apps, schema_editor):
    last = apps.get_model("registers", "Event").objects.order_by("-seq").first()
    seq, head = (last.seq, last.hash) if last else (0, GENESIS)
    apps.get_model("registers", "LedgerHead").objects.create(id=1, seq=seq, hash=head)


class Migration(migrations.Migration):

    dependencies = [("registers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LedgerHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
                ("hash", models.CharField(max_length=64)),
                ("verified", models.BigIntegerField(null=True)),
                ("verified_at", models.DateTimeField(null=True)),
                ("broken", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="ledger_head_one")],
            },
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["kind", "seq"], name="event_kind"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["subject", "seq"], name="event_subject"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
