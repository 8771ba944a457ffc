"""The app under its short label."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.cases"
    label = "cases"
