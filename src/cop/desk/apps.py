"""The app under its short label."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.desk"
    label = "desk"
