"""The app under its short label."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.library"
    label = "library"
