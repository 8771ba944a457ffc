"""What was read of providers goes: their versions are to hold their texts, and the next build reads them anew.

Acts stay: they are what people did.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations


def forwards(apps: Any, _: Any) -> None:  # noqa: ANN401 - Django's
    """Remove providers with their versions, findings and standings."""
    apps.get_model("providers", "Provider").objects.all().delete()


class Migration(migrations.Migration):
    """Before the columns of texts come."""

    dependencies: ClassVar = [("providers", "0003_acts_stay")]
    operations: ClassVar = [migrations.RunPython(forwards, migrations.RunPython.noop)]
