"""The app under its short label."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registered in `cop.config.settings`."""

    name = "cop.vault.reports"
    label = "reports"

    def ready(self) -> None:
        from cop.vault.members.keys import envelopes_in
        from cop.vault.reports.queries import ExchangeEnvelopes, ReportEnvelopes

        envelopes_in(ReportEnvelopes())
        envelopes_in(ExchangeEnvelopes())
