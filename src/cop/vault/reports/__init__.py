"""Threat reports: text sealed, metadata readable. No imagery, no readable address."""
