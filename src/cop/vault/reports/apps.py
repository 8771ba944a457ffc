"""The app under its short label."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.reports"
    label = "reports"
