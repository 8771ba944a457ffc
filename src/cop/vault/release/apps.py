"""The app under its short label."""

from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.release"
    label = "release"
