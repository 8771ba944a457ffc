"""The app under its short label."""

from django.apps import AppConfig


class CodingConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.coding"
    label = "coding"
