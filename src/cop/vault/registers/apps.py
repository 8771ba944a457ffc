"""The app under its short label."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.registers"
    label = "registers"
