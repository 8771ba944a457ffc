"""The app under its short label."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.providers"
    label = "providers"
