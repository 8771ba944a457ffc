"""The app under its short label."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.members"
    label = "members"
